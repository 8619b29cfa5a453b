"""Text in, text out: sentences, batches, warnings, hostile input."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest
import torch

from s2s.config import SearchOptions
from s2s.evaluate import evaluate
from s2s.export.json import as_json
from s2s.pipeline import MAX_CHARACTERS, Pipeline
from tests.test_laws import log_probabilities

GREEDY = SearchOptions(beam=1)


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint):
    return Pipeline(tiny_checkpoint, precision="fp32")


def test_ten_sentences_are_ten_traces_and_one_answer(pipeline):
    text = " ".join(f"The cat sees dog number {i}." for i in range(10))
    result = pipeline(text)
    assert len(result.sentences) == 10
    assert result.text == " ".join(s.outputs[0] for s in result.sentences)
    assert [s.source.text for s in result.sentences] == [
        f"The cat sees dog number {i}." for i in range(10)
    ]
    assert all(s.trace.steps is not None for s in result.sentences)


def test_paragraphs_stay_paragraphs(pipeline):
    result = pipeline("The cat. The dog.\n\nThe house.")
    a, b, c = (s.outputs[0] for s in result.sentences)
    assert result.text == f"{a} {b}\n\n{c}"


def test_a_line_break_within_a_sentence_is_a_space(pipeline):
    text = "The old cat that lives in the green house\nsees a small dog."
    assert [s.source.text for s in pipeline(text).sentences] == [text.replace("\n", " ")]


def test_a_batch_gives_what_each_gives_alone(pipeline):
    texts = ["The cat. A dog!", "", "The green house near the dog.", "The cat."]
    together = pipeline.batch(texts, GREEDY)
    assert [r.text for r in together] == [pipeline(t, GREEDY).text for t in texts]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "\u200b", "\ufeff"])
def test_nothing_gives_nothing(pipeline, text):
    result = pipeline(text)
    assert result.text == ""
    assert result.sentences == ()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "漢字かな交じり文。次の文。",
        "مرحبا. كيف حالك؟",
        "👨‍👩‍👧 🎉",
        "a\x00b",
        "\ud800",
        "{}[]()*_`#$%",
        "....",
        "?",
        "\u202eabc",
    ],
)
def test_hostile_text_is_only_text(pipeline, text):
    result = pipeline(text, GREEDY)
    assert result.sentences
    json.dumps(as_json(result, attention=True))


def test_a_hundred_thousand_characters(pipeline):
    result = pipeline("The cat sees a dog. " * 5500, GREEDY, record=False)
    assert len(result.sentences) == MAX_CHARACTERS // 20
    assert any("only the first 100,000" in w for w in result.warnings)


def test_one_endless_word_is_cut_with_a_warning_that_says_where(pipeline):
    result = pipeline("x" * 5000 + "\u4e00" * 5000, GREEDY)
    assert result.sentences[0].cut > 0
    assert any("cut after" in w for w in result.warnings)


def test_an_unknown_script_is_told(pipeline):
    assert any("hardly" in w for w in pipeline("漢字", GREEDY).warnings)
    assert not any("hardly" in w for w in pipeline("the cat sees the dog", GREEDY).warnings)


def test_an_output_at_its_limit_is_reported(pipeline):
    result = pipeline("The cat.", SearchOptions(beam=2, max_length=2))
    length = 2
    assert not result.sentences[0].trace.best.finished
    assert any(f"limit of {length} tokens" in w for w in result.warnings)


def test_prefix_begins_the_output(pipeline):
    result = pipeline("The cat.", SearchOptions(beam=2), prefix="THE DOG")
    assert result.text.startswith("THE DOG")


def test_scoring_a_target_of_ones_own(pipeline):
    scored = pipeline.score("The cat.", "THE DOG")
    best = scored.trace.best
    assert scored.outputs[0] == "THE DOG"
    src = torch.tensor([scored.trace.source])
    expected = log_probabilities(pipeline.checkpoint.model, src, best.tokens)
    assert best.logprobs == pytest.approx(expected.numpy(), abs=1e-4)


@pytest.mark.parametrize("text", ["I am tired.", "My brother has a red car.", "We had no idea."])
def test_scoring_an_output_gives_the_searchs_score(text):
    pipeline = Pipeline("translate-en-fr-bahdanau", precision="fp32")
    options = replace(pipeline.config.search, repetition_penalty=1.5, coverage=0.2)
    sentence = pipeline(text, options).sentences[0]
    scored = pipeline.score(text, sentence.outputs[0], options)
    assert scored.best.tokens == sentence.best.tokens
    assert scored.best.penalty == pytest.approx(sentence.best.penalty, abs=1e-3)
    assert scored.best.score == pytest.approx(sentence.best.score, abs=1e-3)


def test_results_can_be_pickled(pipeline):
    result = pipeline("The cat sees the dog.")
    again = pickle.loads(pickle.dumps(result))
    assert again.text == result.text
    assert again.sentences[0].trace.best.tokens == result.sentences[0].trace.best.tokens


def test_json_holds_every_hypothesis(pipeline):
    result = pipeline("The cat.", SearchOptions(beam=3))
    out = json.loads(json.dumps(as_json(result, nbest=2, attention=True)))
    (sentence,) = out["sentences"]
    assert len(sentence["hypotheses"]) == 2
    h = sentence["hypotheses"][0]
    assert sum(h["token_logprobs"]) == pytest.approx(h["total"], abs=1e-3)
    assert len(h["attention"]) == len(h["pieces"])
    assert len(h["attention"][0]) == len(sentence["source"]["pieces"])


def test_evaluate_scores_against_all_references(pipeline, tmp_path):
    source = "The cat sees the dog."
    output = pipeline(source, GREEDY).text
    path = tmp_path / "test.tsv"
    path.write_text(
        f"en\tfr\n{source}\tsomething else entirely, here and now\n{source}\t{output}\n",
        encoding="utf-8",
    )
    report = evaluate(pipeline, path, "en", "fr", GREEDY)
    assert report["sentences"] == 1
    assert report["references"] == 2
    assert report["chrf"] == pytest.approx(100)
    assert report["chrf_single"] < 100
    assert "13a" in report["bleu_signature"]
    assert report["tokens_per_second"] > 0
    assert report["worst"][0]["source"] == source
