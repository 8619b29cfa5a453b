"""How tasks read their sources: turns, kinds, control tokens, and what is cut."""

from __future__ import annotations

import json
import unicodedata

import pytest

from s2s.config import DataConfig, RerankOptions, SearchOptions
from s2s.data.batches import encode_pairs
from s2s.data.reading import Report, read_pairs
from s2s.errors import S2SError
from s2s.evaluate import evaluate
from s2s.export.json import as_json
from s2s.pipeline import MAX_CHARACTERS, Pipeline
from s2s.search.reranking import language_scores, rank
from s2s.tasks import TASKS
from s2s.tasks.dialogue import SPEAKERS, TURNS
from s2s.tasks.summarization import KINDS
from s2s.text.source import Source
from s2s.text.vocabulary import EOS

CHAT, SUMMARY = TASKS["dialogue"], TASKS["summarization"]
HOSTILE = [
    "",
    " \t \t ",
    "\x00",
    "<you> <me> <s>",
    "🙂" * 50,
    "مرحبا بك",
    "<b>x</b>",
    "a\tb\r\n\tc",
]


@pytest.fixture(scope="module")
def chat(tiny_chat):
    return Pipeline(tiny_chat)


@pytest.fixture(scope="module")
def summarizer(tiny_summarizer):
    return Pipeline(tiny_summarizer)


# ---------------------------------------------------------------------------------------- dialogue
def test_turns_stand_behind_their_speakers(chat):
    t = chat.tokenizer
    you, me = (t.control(name) for name in SPEAKERS)
    ids, cut = CHAT.encode(Source(("the cat", "the dog", "the house")), t, 40)
    wanted = [you, *t.encode("the cat"), me, *t.encode("the dog"), you, *t.encode("the house"), EOS]
    assert (ids, cut) == (wanted, 0)


def test_of_a_long_conversation_the_last_turns_are_read(chat):
    t = chat.tokenizer
    turns = [f"dog {n}" for n in range(200)]
    ids, cut = CHAT.encode(Source(tuple(turns)), t, 1000)
    assert ids == CHAT.encode(Source(tuple(turns[-TURNS:])), t, 1000)[0]
    assert cut == sum(len(t.encode(turn)) for turn in turns[:-TURNS])


@pytest.mark.parametrize("limit", [3, 7, 12, 20])
def test_a_limit_cuts_at_the_beginning_and_counts_what_it_cut(chat, limit):
    t = chat.tokenizer
    source = Source(("the old cat sees", "a small dog", "near my green house"))
    ids, cut = CHAT.encode(source, t, limit)
    words = [i for i in ids if i not in (EOS, *t.controls)]
    everything = [i for turn in source.parts for i in t.encode(turn)]
    assert len(ids) <= limit
    assert words == everything[len(everything) - len(words) :]
    assert cut == len(everything) - len(words)


def test_control_tokens_written_by_a_visitor_are_text(chat, summarizer):
    for pipeline in (chat, summarizer):
        t = pipeline.tokenizer
        assert t.controls
        ids = t.encode(" ".join(t.pieces(t.controls)))
        assert not set(ids) & set(t.controls)


def test_no_output_contains_a_control_token(chat):
    options = SearchOptions(method="sample", beam=16, temperature=5.0)
    trace = chat("the cat", options).sentences[0].trace
    for h in trace.hypotheses:
        assert not set(h.tokens) & set(chat.tokenizer.controls)


def test_an_empty_conversation_has_no_reply(chat):
    assert chat("").sentences == ()
    assert chat(Source(("", "", ""))).text == ""


def test_a_last_turn_that_is_too_long_is_told(chat):
    assert "last turn" in chat("cat " * 200).warnings[0]
    warnings = chat(Source(("the cat",) * 200)).warnings
    assert not any("last turn" in warning for warning in warnings)


# ----------------------------------------------------------------------------------- summarization
def test_the_kind_is_a_control_token(summarizer):
    t = summarizer.tokenizer
    for kind in KINDS:
        ids, _ = SUMMARY.encode(SUMMARY.read(Source(("the cat",), kind)), t, 40)
        assert ids == [t.control(f"<{kind}>"), *t.encode("the cat"), EOS]


def test_a_text_without_a_kind_may_hold_tabs():
    def read(line: str) -> Source:
        return SUMMARY.read(SUMMARY.parse(line))

    assert read("the cat\tsees") == Source(("the cat sees",), "any")
    assert read("headline\tthe\tcat") == Source(("the cat",), "headline")
    assert not read("headline\t ")


def test_several_references_of_a_row_are_several_pairs(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "the cat", "summaries": ["cat", "a cat"]}) + "\n")
    pairs = list(read_pairs(path, "text", "summary", SUMMARY, "headline"))
    assert pairs == [(Source(("the cat",), "headline"), target) for target in ("cat", "a cat")]


def test_what_was_not_read_is_told(summarizer):
    result = summarizer("the old cat sees a dog. " * 50)
    assert result.sentences[0].cut > 0
    assert "The text has" in result.warnings[0]


def test_a_long_source_is_kept_cut_for_training_and_counted(summarizer):
    report = Report()
    config = DataConfig(max_src=10, max_tgt=12)
    out = encode_pairs(
        [(Source(("the cat " * 30,), "any"), "cat")], summarizer.tokenizer, config, SUMMARY, report
    )
    assert len(out[0].src) == 10
    assert (report.kept, report.cut) == (1, 1)


@pytest.mark.parametrize("text", [*HOSTILE, "cat " * 40_000])
def test_hostile_input_is_only_text(chat, summarizer, text):
    for pipeline in (chat, summarizer):
        result = pipeline(pipeline.task.parse(text), SearchOptions(beam=2))
        assert isinstance(result.text, str)
        assert (len(text) <= MAX_CHARACTERS) or "characters" in result.warnings[0]
        json.dumps(as_json(result, attention=True))


# ------------------------------------------------------------------------------ mutual information
def test_mutual_information_takes_the_language_score_off(chat):
    options = SearchOptions(beam=4, alpha=0.0)
    plain = chat(Source(("the cat", "a dog")), options).sentences[0]
    ranked = chat(
        Source(("the cat", "a dog")), options, rerank=RerankOptions(mutual=0.5)
    ).sentences[0]
    assert [h.tokens for h in plain.hypotheses] == [h.tokens for h in ranked.trace.hypotheses]
    assert {h.tokens for h in plain.hypotheses} == {h.tokens for h in ranked.hypotheses}
    assert plain.alone is None
    for h, alone in zip(ranked.hypotheses, ranked.alone, strict=True):
        assert h.score == pytest.approx(h.total - 0.5 * alone, abs=1e-4)
    texts = [chat.tokenizer.decode(h.tokens) for h in ranked.hypotheses]
    assert list(ranked.outputs) == texts
    finished = [h.score for h in ranked.hypotheses if h.finished]
    assert finished == sorted(finished, reverse=True)


def test_the_language_score_is_the_models_own_under_an_empty_source(chat):
    outputs = [(5, 6, 7, EOS), (8, EOS)]
    model = chat.checkpoint.model
    together = language_scores(model, outputs)
    alone = [language_scores(model, [o])[0] for o in outputs]
    assert together == pytest.approx(alone, abs=1e-4)
    assert all(score < 0 for score in together)


def test_no_weight_changes_no_order(chat):
    trace = chat("the cat", SearchOptions(beam=4)).sentences[0].trace
    again = rank(trace, [-1.0] * len(trace.hypotheses), RerankOptions())
    assert [h.tokens for h in again.hypotheses] == [h.tokens for h in trace.hypotheses]
    assert [h.score for h in again.hypotheses] == pytest.approx([h.score for h in trace.hypotheses])


def test_a_model_that_never_saw_empty_sources_says_so(summarizer):
    with pytest.raises(S2SError, match="mutual information"):
        summarizer("the cat", rerank=RerankOptions(mutual=0.5))


# ------------------------------------------------------------------------------------- evaluation
def test_a_dialogue_report_counts_words_and_variety(chat, tmp_path):
    path = tmp_path / "test.jsonl"
    rows = [
        {"context": ["the cat", "a dog"], "response": "THE DOG"},
        {"context": ["the house"], "response": "THE DOG"},
        {"context": ["all day"], "response": "MY QUIXOTIC HOUSE"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = evaluate(chat, path, options=SearchOptions(beam=2))
    assert report["sentences"] == 3
    assert report["perplexity"] > report["perplexity_token"] > 1  # words are longer than tokens
    assert report["distinct_1_references"] == pytest.approx(5 / 7, abs=1e-3)
    assert report["frequent_references"] == 1.0


def test_a_summary_report_has_two_baselines(summarizer, tmp_path):
    path = tmp_path / "test.jsonl"
    rows = [{"text": "the old cat sees a dog. My house.", "summary": "the old cat sees a dog."}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = evaluate(summarizer, path, options=SearchOptions(beam=2), kind="headline")
    assert report["kind"] == "headline"
    assert report["baselines"]["first_sentence"]["rouge1"] == 100.0
    assert report["baselines"]["first_words"]["rouge1"] == 100.0
    assert report["reference_words"] == 6
    assert 0 <= report["rouge"] < 100


@pytest.fixture(scope="module")
def translator(tiny_checkpoint):
    return Pipeline(tiny_checkpoint)


@pytest.mark.parametrize(
    ("rows", "dropped"),
    [
        ([("the cat", "CAT"), ("a dog", "")], {"with an empty reference": 1}),
        ([("the cat", "CAT"), ("a dog", " \u200b ")], {"with an empty reference": 1}),
        ([("the cat", "CAT"), (" ", "DOG"), ("", "")], {"with an empty source": 2}),
        ([("the cat", "CAT"), ("a dog", None)], {"with a value that is no text": 1}),
        ([("the cat", "CAT"), ("a dog", ["x"]), (5, "y")], {"with a value that is no text": 2}),
        ([("the cat", "CAT")], {}),
    ],
)
def test_a_report_counts_what_was_not_evaluated(translator, tmp_path, rows, dropped):
    path = tmp_path / "test.jsonl"
    path.write_text("".join(json.dumps({"src": s, "tgt": t}) + "\n" for s, t in rows))
    report = evaluate(translator, path, options=SearchOptions(beam=1))
    assert report["dropped"] == dropped
    assert report["references"] == report["sentences"] == 1
    assert [w for w in report["warnings"] if "Not evaluated" in w] == [
        f"Not evaluated: {n} {why}." for why, n in dropped.items()
    ]


def test_a_test_of_nothing_is_refused_and_says_why(translator, tmp_path):
    path = tmp_path / "test.tsv"
    path.write_text("src\ttgt\na\t\n")
    with pytest.raises(S2SError, match="1 with an empty reference"):
        evaluate(translator, path)


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: text.replace("'", "\u2019"),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "\u00a0"),
    ],
)
def test_references_that_no_output_can_equal(translator, tmp_path, monkeypatch, dress):
    """Own outputs as references, in the dress that other people's files have."""
    wanted = {
        s: f"C'était l'été où {w} m'a dit d'aller là-bas." for s, w in (("a", "x"), ("b", "y"))
    }
    real = translator.batch

    def batch(sources, *given, **more):
        results = real(sources, *given, **more)
        return [_Said(r, wanted[s.text]) for s, r in zip(sources, results, strict=True)]

    monkeypatch.setattr(translator, "batch", batch)
    path = tmp_path / "test.jsonl"

    def report(change):
        rows = [{"src": s, "tgt": change(t)} for s, t in wanted.items()]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return evaluate(translator, path, options=SearchOptions(beam=1))

    plain = report(str)
    assert plain["bleu"] == 100
    assert "after_cleaning" not in plain
    assert not plain["warnings"]
    dressed = report(dress)
    assert dressed["after_cleaning"]["bleu"] == dressed["after_cleaning"]["chrf"] == 100
    assert "2 of 2 references" in dressed["warnings"][0]
    assert dressed["bleu"] <= 100


class _Said:
    """A result that says something else."""

    def __init__(self, result, text: str) -> None:
        self.text, self.tokens, self.sentences = text, result.tokens, result.sentences
