"""A list judged row by row: what is said of a row is what is said of it elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from s2s.analysis.batch import ORDERS, as_jsonl, judge, least_attended, ordered, read, summary
from s2s.config import RerankOptions
from s2s.metrics import sentence_chrf
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS
from tests.conftest import save_tiny

TRANSLATION, DIALOGUE, SUMMARIES = (
    TASKS[name] for name in ("translation", "dialogue", "summarization")
)


def test_a_list_is_read_as_its_columns_say():
    text = "src\ttgt\nthe cat\tLE CHAT\n\n  \nthe dog\n漢字\t字\r\n"
    found = read(text, TRANSLATION.parse, True, 10)
    assert [(r.number, r.source.text, r.reference) for r in found.rows] == [
        (1, "the cat", "LE CHAT"),
        (2, "the dog", ""),
        (3, "漢字", "字"),
    ]
    assert not any(r.reference for r in read(text, TRANSLATION.parse, False, 10).rows)
    assert read("src\nx", TRANSLATION.parse, True, 10).rows[0].source.text == "x"


def test_what_is_beyond_the_most_is_counted():
    found = read("a\nb\nc\n\nd", TRANSLATION.parse, True, 2)
    assert (len(found.rows), found.left_out) == (2, 2)
    assert read("", TRANSLATION.parse, True, 2).rows == ()


@pytest.mark.parametrize(
    ("task", "line", "references", "parts", "kind", "reference"),
    [
        (DIALOGUE, "Hi!\tHello.\tHow are you?", True, ("Hi!", "Hello."), None, "How are you?"),
        (DIALOGUE, "Hi!\tHello.", False, ("Hi!", "Hello."), None, ""),
        (SUMMARIES, "headline\tA text.", True, ("A text.",), "headline", ""),
        (SUMMARIES, "headline\tA text.\tShort.", True, ("A text.",), "headline", "Short."),
        (SUMMARIES, "A text.\tShort.", True, ("A text.",), None, "Short."),
    ],
)
def test_columns_of_every_task(task, line, references, parts, kind, reference):
    [row] = read(line, task.parse, references, 5).rows
    assert (row.source.parts, row.source.kind, row.reference) == (parts, kind, reference)


@pytest.fixture(scope="module", params=["bahdanau", "sutskever", "transformer"])
def pipeline(request, tokenizer, tmp_path_factory):
    tiny = save_tiny(tmp_path_factory.mktemp("b"), "tiny", request.param, tokenizer)
    return Pipeline(tiny, precision="fp32")  # int8 depends on what is in the same batch


TEXT = "the old cat\tTHE CAT\nthe dog sees a house. all day!\n7 small cats\tCATS SMALL 7\n...\n" * 4


def test_a_row_says_what_the_pipeline_says(pipeline):
    options = replace(pipeline.config.search, beam=3, max_length=12)
    rows = read(TEXT, TRANSLATION.parse, True, 100).rows
    blocks = list(judge(pipeline, rows, options, RerankOptions()))
    assert max(map(len, blocks)) < len(rows)  # it comes back between blocks
    judged = [j for block in blocks for j in block]
    assert [j.number for j in judged] == list(range(1, len(rows) + 1))
    for row, j in zip(rows, judged, strict=True):
        found = pipeline(row.source, options)
        greedy = pipeline(row.source, replace(options, beam=1))
        assert j.output == found.text
        assert (j.greedy or j.output) == greedy.text
        assert j.score == pytest.approx(min(s.best.score for s in found.sentences), abs=1e-4)
        gaps = [
            a.best.score - b.best.score
            for a, b in zip(found.sentences, greedy.sentences, strict=True)
        ]
        assert j.gap == pytest.approx(max(gaps), abs=1e-4)
        assert j.warnings == found.warnings
        if row.reference:
            assert j.chrf == sentence_chrf(found.text, [row.reference])
        else:
            assert j.chrf is None
        looked = [least_attended(s) for s in found.sentences]
        if looked[0] is None:
            assert (j.received, j.word) == (None, "")
        else:
            assert j.received == pytest.approx(min(looked)[0], abs=1e-4)
            assert j.received >= 0
    s = summary(judged)
    assert (s.rows, s.references) == (len(rows), 8)
    assert s.warned == sum(bool(j.warnings) for j in judged)


def test_orders_put_the_row_that_wants_a_look_first(pipeline):
    rows = read(TEXT, TRANSLATION.parse, True, 6).rows
    judged = [j for block in judge(pipeline, rows, pipeline.config.search) for j in block]
    for by in ORDERS:
        found = ordered(judged, by)
        assert sorted(j.number for j in found) == [j.number for j in judged]
    scores = [j.score for j in ordered(judged, "score")]
    assert scores == sorted(scores)
    chrfs = [j.chrf for j in ordered(judged, "chrf")]
    assert None not in chrfs[:3]
    assert chrfs[3:] == [None] * 3
    assert [j.number for j in ordered(judged, "row")] == [1, 2, 3, 4, 5, 6]


def test_jsonl_holds_every_row(pipeline):
    rows = read(TEXT, TRANSLATION.parse, True, 5).rows
    judged = [j for block in judge(pipeline, rows, pipeline.config.search) for j in block]
    lines = as_jsonl(judged).splitlines()
    assert [json.loads(line)["output"] for line in lines] == [j.output for j in judged]
