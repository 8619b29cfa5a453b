"""A target of one's own, edits of an output, laws on screen, and what is taken away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch

from s2s.analysis.invariants import check
from s2s.analysis.what_if import Edit, as_text, from_text, retell
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.export.json import as_json, document, replay, schema
from s2s.export.python import as_python
from s2s.pipeline import Pipeline
from s2s.search.beam import search
from s2s.search.forced import LIMIT, force
from s2s.text.opening import Opening
from s2s.text.vocabulary import EOS
from tests.conftest import make_model, make_src

ROOT = Path(__file__).resolve().parent.parent
SRC = make_src([6])
BEAM = SearchOptions(beam=4, max_length=12)


# ------------------------------------------------------------------------------------------- forced
@pytest.mark.parametrize(
    "options",
    [
        BEAM,
        SearchOptions(length_norm="gnmt", alpha=0.6, coverage=0.3, max_length=12),
        SearchOptions(repetition_penalty=1.5, min_length=4, max_length=12),
    ],
)
def test_the_forced_score_is_the_search_score(model, options):
    for h in search(model, SRC, options)[0].hypotheses:
        if not h.finished:
            continue
        found = force(model, SRC[0].tolist(), h.tokens, options)
        assert found.hypothesis.total == pytest.approx(h.total, abs=1e-4)
        assert found.hypothesis.score == pytest.approx(h.score, abs=1e-4)
        assert [t.logprob for t in found.tokens] == pytest.approx(list(h.logprobs), abs=1e-4)
        if h.attention is not None:
            assert found.hypothesis.attention == pytest.approx(h.attention, abs=1e-4)


def test_ranks_and_preferences_are_the_models(model):
    target = (7, 5, 11, 5, EOS)
    found = force(model, SRC[0].tolist(), target, BEAM)
    with torch.no_grad():
        logp = model(SRC, torch.tensor([[2, *target[:-1]]]))[0]
    logp[:, :3] = -torch.inf
    for t, row in zip(found.tokens, logp, strict=True):
        order = row.argsort(descending=True).tolist()
        assert t.rank == order.index(t.token) + 1
        assert t.preferred == order[0]
        assert t.preferred_logprob == pytest.approx(float(row.max()), abs=1e-4)
        assert (t.rank == 1) == (t.token == t.preferred)
    again = force(model, SRC[0].tolist(), target, BEAM).hypothesis
    assert found.hypothesis.total == pytest.approx(again.total, abs=1e-4)


def test_a_greedy_output_has_rank_one_everywhere(model):
    best = search(model, SRC, SearchOptions(beam=1, max_length=10))[0].best
    found = force(model, SRC[0].tolist(), (*best.tokens[: len(best.tokens) - 1], EOS), BEAM)
    assert {t.rank for t in found.tokens[:-1]} <= {1}


def test_targets_that_cannot_be_forced_are_told():
    model, src = make_model("bahdanau"), SRC[0].tolist()
    with pytest.raises(S2SError, match="limit is 1,000"):
        force(model, src, [5] * LIMIT + [EOS], BEAM)
    with pytest.raises(S2SError, match="no target"):
        force(model, src, [], BEAM)


# ------------------------------------------------------------------------------------------ what if
def test_edits_hold_and_undo_restores(model):
    src = SRC[0].tolist()
    plain = search(model, SRC, BEAM)[0]
    edits: list[Edit] = []
    states = [plain]
    for position, token in ((0, 9), (2, 14), (1, 7)):
        position = min(position, len(states[-1].best.tokens) - 1)
        edits.append(Edit(position, (token,)))
        traces = retell(model, src, BEAM, edits)
        wanted = (*states[-1].best.tokens[:position], token)
        assert traces[-1].best.tokens[: position + 1] == wanted
        alone = search(model, SRC, BEAM, prefix=[Opening(wanted)])[0]  # limits count an edit
        assert [h.tokens for h in traces[-1].hypotheses] == [h.tokens for h in alone.hypotheses]
        for before, now in zip(states, traces[:-1], strict=True):  # the path behind stays as it was
            assert [h.tokens for h in before.hypotheses] == [h.tokens for h in now.hypotheses]
        states.append(traces[-1])
    for n in range(len(edits), -1, -1):  # undo, one by one
        undone = retell(model, src, BEAM, edits[:n])[-1]
        assert undone.best.tokens == states[n].best.tokens
        assert undone.best.score == pytest.approx(states[n].best.score, abs=1e-5)


def test_choosing_the_token_that_stands_there_changes_nothing(model):
    plain = search(model, SRC, SearchOptions(beam=1, max_length=10))[0].best
    edit = Edit(len(plain.tokens) // 2, (plain.tokens[len(plain.tokens) // 2],))
    again = retell(model, SRC[0].tolist(), SearchOptions(beam=1, max_length=10), [edit])[-1].best
    assert again.tokens == plain.tokens


def test_several_tokens_and_an_end_can_be_written():
    model, src = make_model("bahdanau"), SRC[0].tolist()
    found = retell(model, src, BEAM, [Edit(1, (7, 8, 9)), Edit(2, (EOS,))], prefix=(5,))
    assert found[0].best.tokens[0] == 5
    assert found[1].best.tokens[:4] == (5, 7, 8, 9)
    assert found[2].best.tokens == (5, 7, EOS)


def test_a_path_survives_the_url():
    path = (Edit(3, (512,)), Edit(0, (7, 88, 90)))
    assert from_text(as_text(path)) == path
    assert from_text(as_text(())) == ()


@pytest.mark.parametrize(
    "text",
    ["x", "3", "3-", "-3-4", "3-4~", "1-2-x", "٣-٤", "1-" + "9" * 30, "~".join(["1-5"] * 31)],
)
def test_nonsense_in_the_path_is_told(text):
    with pytest.raises(S2SError):
        from_text(text)


@pytest.mark.parametrize(
    "edit", [Edit(99, (5,)), Edit(0, (999,)), Edit(0, (0,)), Edit(0, (EOS, 5)), Edit(0, ())]
)
def test_edits_that_do_not_fit_are_told(edit):
    with pytest.raises(S2SError):
        retell(make_model("bahdanau"), SRC[0].tolist(), BEAM, [edit])


# --------------------------------------------------------------------------------------- invariants
@pytest.mark.parametrize(
    "options",
    [
        BEAM,
        SearchOptions(beam=1, max_length=9),
        SearchOptions(beam=3, coverage=0.3, block_ngram=2, repetition_penalty=1.3, max_length=9),
        SearchOptions(method="sample", beam=5, max_length=9, temperature=0.4),
        SearchOptions(beam=3, min_length=7, max_length=7),
        SearchOptions(beam=6, groups=3, diversity=0.8, max_length=9),
    ],
    ids=["beam", "greedy", "constraints", "sample", "cut", "diverse"],
)
def test_every_law_holds_on_a_real_trace(model, options):
    trace = search(model, SRC, options)[0]
    checks = check(model, trace)
    assert [c.law for c in checks if not c.holds] == []
    skipped = {c.law for c in checks if c.error is None}
    assert ("attention rows sum to 1" in skipped) == (trace.steps.attention is None)


def broken(trace, **steps):
    return replace(trace, steps=replace(trace.steps, **steps))


def test_a_broken_trace_is_found_out():
    model = make_model("bahdanau")
    trace = search(model, SRC, BEAM)[0]
    best = trace.best
    louder = replace(best, logprobs=best.logprobs + 0.1, total=best.total + 0.1 * len(best.tokens))
    others = trace.hypotheses[1:]
    cases = {
        "token log-probabilities add up to the total": replace(trace, hypotheses=(louder, *others)),
        "the score is the total, normalised": replace(
            trace, hypotheses=(replace(best, score=best.score + 0.5), *others)
        ),
        "attention rows sum to 1": broken(trace, attention=trace.steps.attention * 0.9),
        "the forced score equals the search score": replace(trace, hypotheses=(louder, *others)),
        "replaying the trace gives the same outputs": broken(
            trace, slot=np.where(trace.steps.slot >= 0, 3 - trace.steps.slot, -1)
        ),
        "nothing that was pruned beats what was kept": broken(
            trace, total=np.where(trace.steps.fate == 3, trace.steps.total + 50, trace.steps.total)
        ),
    }
    for law, wrong in cases.items():
        assert law in [c.law for c in check(model, wrong) if not c.holds]


def test_another_model_is_found_out():
    trace = search(make_model("bahdanau"), SRC, SearchOptions(beam=1, max_length=9, alpha=1.0))[0]
    failed = [c.law for c in check(make_model("bahdanau", seed=5), trace) if not c.holds]
    assert "the forced score equals the search score" in failed
    assert "a beam of 1 is greedy search" in failed


# ------------------------------------------------------------------------------------------- export
@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint):
    return Pipeline(tiny_checkpoint)


def made(pipeline, sentence):
    return document(
        sentence,
        checkpoint="tiny",
        digest=pipeline.checkpoint.digest,
        task="translation",
        architecture="rnn",
        version="0",
        pieces=pipeline.tokenizer.pieces,
    )


@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(beam=4),
        SearchOptions(beam=3, block_ngram=1, min_length=5, max_length=8),
        SearchOptions(method="sample", beam=3, top_k=5),
    ],
    ids=["beam", "constraints", "sample"],
)
def test_the_document_follows_its_schema_and_replays(pipeline, options):
    sentence = pipeline("The old cat sees <b>a dog</b>.", options).sentences[0]
    doc = json.loads(json.dumps(made(pipeline, sentence), allow_nan=False))
    described = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(doc, described)
    replayed = [tuple(tokens) for tokens, _ in replay(doc["sentences"][0])]
    totals = {tuple(tokens): total for tokens, total in replay(doc["sentences"][0])}
    for h in sentence.trace.hypotheses:
        assert h.tokens in replayed
        assert totals[h.tokens] == pytest.approx(h.total + h.penalty, abs=1e-4)
    assert doc["model"]["weights_sha256"] == pipeline.checkpoint.digest
    assert doc["options"]["beam"] == options.beam


def test_the_command_line_speaks_the_same_dialect(pipeline):
    result = pipeline("The old cat. A dog!", SearchOptions(beam=2))
    whole = made(pipeline, result.sentences[0])["sentences"][0]
    for attention in (False, True):
        answer = json.loads(json.dumps(as_json(result, attention=attention), allow_nan=False))
        jsonschema.validate(answer, json.loads(schema()))
        for name, value in answer["sentences"][0].items():
            if name != "hypotheses":
                assert value == whole[name]
                continue
            for given, full in zip(value, whole[name], strict=True):
                assert given.items() <= full.items()


def test_the_schema_is_strict(pipeline):
    doc = made(pipeline, pipeline("The cat.").sentences[0])
    described = json.loads(schema())
    del doc["model"]["weights_sha256"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(doc, described)


@pytest.mark.parametrize("text", ["The cat.", '""" \' \\ {x} \n the dog\u202e 猫', "#\r\n'''"])
def test_the_python_makes_the_very_result(pipeline, tiny_checkpoint, text, capsys):
    options = SearchOptions(beam=3, length_norm="gnmt", alpha=0.7, block_ngram=2)
    result = pipeline(text, options, prefix="THE")
    code = as_python(
        text,
        options,
        checkpoint=str(tiny_checkpoint),
        digest=pipeline.checkpoint.digest,
        prefix="THE",
        edits=[Edit(1, (40,))],
    )
    names: dict = {}
    exec(compile(code, "snippet", "exec"), names)
    assert names["result"].text == result.text
    again = names["sentence"].trace
    assert [h.score for h in again.hypotheses] == [
        h.score for h in result.sentences[0].trace.hypotheses
    ]
    assert names["traces"][1].best.tokens[1] == 40
    assert len(capsys.readouterr().out.splitlines()) >= 5


def test_the_python_stops_at_other_weights(tiny_checkpoint):
    code = as_python("x", SearchOptions(), checkpoint=str(tiny_checkpoint), digest="0" * 12)
    with pytest.raises(AssertionError, match="other weights"):
        exec(compile(code, "snippet", "exec"), {})
