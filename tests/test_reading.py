"""Rows of files: what is read, what is left out, what is refused."""

from __future__ import annotations

import gzip
import json
import random

import pytest

from s2s.data.reading import Report, read_pairs
from s2s.errors import S2SError
from s2s.tasks import TASKS
from tests.conftest import sourced

TASK = TASKS["translation"]


def write(path, text):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as out:
        out.write(text)
    return path


def pairs_of(path, src="src", tgt="tgt", report=None):
    return list(read_pairs(path, src, tgt, TASK, "", report))


# ----------------------------------------------------------------------------------------- reading
@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz"])
def test_reads_tsv_by_column_name(tmp_path, name):
    path = write(tmp_path / name, 'en\tnote\tfr\nHi "you\t1\tSalut\nGo\t\tVa !\r\n')
    assert pairs_of(path, "en", "fr") == sourced([('Hi "you', "Salut"), ("Go", "Va !")])


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_reads_jsonl(tmp_path, name):
    rows = [{"src": "a", "tgt": "b"}, {"src": "c", "tgt": "d", "more": 1}]
    path = write(tmp_path / name, "\n".join(map(json.dumps, rows)) + "\n\n")
    assert pairs_of(path) == sourced([("a", "b"), ("c", "d")])


DEEP, LONG = "[" * 100_000 + "]" * 100_000, "5" * 5000


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.tsv", "", "empty"),
        ("a.tsv", "src\ttgt\na\n", "line 2"),
        ("a.tsv", "x\ty\na\tb\n", "no columns"),
        ("a.tsv", "src\ttgt\tsrc\na\tb\tc\n", "two columns 'src'"),
        ("a.tsv", "note\tsrc\ttgt\tnote\na\tb\tc\td\n", "two columns 'note'"),
        ("a.tsv", "\ufeffsrc\ttgt\ttgt\na\tb\tc\n", "two columns 'tgt'"),
        ("a.jsonl", '{"src": "a", "tgt": "b", "src": "c"}\n', "two values 'src'"),
        ("a.jsonl", '{"src": "a", "tgt": "b", "tgt": "b"}\n', "two values 'tgt'"),
        ("a.jsonl", '{"src": ', "line 1"),
        ("a.jsonl", "[1]\n", "not a JSON object"),
        ("a.jsonl", "null\n", "not a JSON object"),
        ("a.jsonl", "5\n", "not a JSON object"),
        ("a.jsonl", '"src"\n', "not a JSON object"),
        ("a.jsonl", DEEP + "\n", "line 1"),
        ("a.jsonl", '{"src": ' + DEEP + "}\n", "line 1"),
        ("a.jsonl", '{"src": ' + LONG + "}\n", "line 1"),
        ("a.jsonl", LONG + "\n", "line 1"),
        ("a.jsonl", '{"a": "b"}\n', "no columns"),
        ("a.csv", "src,tgt\n", "neither"),
        ("a.gz", "src\ttgt\n", "neither"),
    ],
)
def test_bad_files_get_one_sentence(tmp_path, name, content, says):
    path = write(tmp_path / name, content)
    with pytest.raises(S2SError, match=says):
        pairs_of(path)


@pytest.mark.parametrize("how", ["flipped", "cut", "no gzip", "tail"])
@pytest.mark.parametrize("name", ["a.tsv.gz", "a.jsonl.gz"])
def test_broken_archives_get_one_sentence(tmp_path, name, how):
    rng = random.Random(3)
    rows = [("".join(rng.choices("abcdefgh ", k=40)), "b") for _ in range(500)]
    lines = [json.dumps(dict(zip(("src", "tgt"), r, strict=True))) for r in rows]
    if ".tsv" in name:
        lines = ["src\ttgt", *("\t".join(r) for r in rows)]
    whole = bytearray(gzip.compress("\n".join(lines).encode()))
    if how == "flipped":
        for at in (len(whole) // 3, len(whole) // 2, len(whole) - 40):
            whole[at] ^= 0b100
    broken = {"flipped": whole, "cut": whole[:-100], "no gzip": b"\x1f\x8b not gzip"}
    (tmp_path / name).write_bytes(bytes(broken.get(how, whole + b"rubbish")))
    with pytest.raises(S2SError, match=name):
        pairs_of(tmp_path / name)


@pytest.mark.parametrize(
    "content", [b"src\ttgt\n\xff\xfe\ta\n", "src\ttgt\na\tb\n".encode("utf-16")]
)
def test_what_is_not_utf8_is_refused(tmp_path, content):
    (tmp_path / "a.tsv").write_bytes(content)
    with pytest.raises(S2SError, match="cannot be read"):
        pairs_of(tmp_path / "a.tsv")


def test_missing_files_and_folders_are_refused(tmp_path):
    (tmp_path / "b.tsv").mkdir()
    for name, says in (("a.tsv", "no file"), ("b.tsv", "cannot be read")):
        with pytest.raises(S2SError, match=says):
            pairs_of(tmp_path / name)


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz", "a.jsonl", "a.jsonl.gz"])
def test_a_byte_order_mark_is_none_of_the_text(tmp_path, name):
    text = "src\ttgt\na\tb\n" if ".tsv" in name else '{"src": "a", "tgt": "b"}\n'
    assert pairs_of(write(tmp_path / name, "\ufeff" + text)) == sourced([("a", "b")])


@pytest.mark.parametrize(
    ("name", "text", "blank"),
    [
        ("a.tsv", "src\ttgt\na\tb\n\nc\td\n", 1),
        ("a.tsv", "\n\nsrc\ttgt\na\tb\n  \r\nc\td\n\n", 4),
        ("a.jsonl", '\n{"src": "a", "tgt": "b"}\n\n{"src": "c", "tgt": "d"}\n \n', 3),
    ],
)
def test_blank_lines_are_skipped_and_counted(tmp_path, name, text, blank):
    report = Report()
    found = pairs_of(write(tmp_path / name, text), report=report)
    assert found == sourced([("a", "b"), ("c", "d")])
    assert report.dropped == {"blank lines": blank}


@pytest.mark.parametrize(
    "row",
    [
        {"src": "a", "tgt": None},
        {"src": ["x", "y"], "tgt": "a"},
        {"src": "a", "tgt": 5},
        {"src": 5.0, "tgt": "a"},
        {"src": "a", "tgt": {"text": "b"}},
        {"src": True, "tgt": "a"},
    ],
)
def test_what_is_no_text_is_dropped_and_counted(tmp_path, row):
    path = write(tmp_path / "a.jsonl", json.dumps(row) + '\n{"src": "c", "tgt": "d"}\n')
    report = Report()
    assert pairs_of(path, report=report) == sourced([("c", "d")])
    assert report.dropped == {"with a value that is no text": 1}


@pytest.mark.parametrize(
    ("task", "row"),
    [
        ("dialogue", {"context": ["a", None], "response": "b"}),
        ("dialogue", {"context": 5, "response": "b"}),
        ("dialogue", {"context": ["a"], "response": ["b"]}),
        ("dialogue", {"turns": ["a", 5]}),
        ("dialogue", {"turns": {"you": "a", "me": "b"}}),
        ("summarization", {"text": ["a"], "summary": "b"}),
        ("summarization", {"text": "a", "summaries": ["b", 5]}),
        ("summarization", {"text": "a", "summaries": "bcd"}),
    ],
)
def test_every_task_drops_what_is_no_text(tmp_path, task, row):
    path = write(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    report, fields = Report(), TASKS[task].fields
    assert list(read_pairs(path, *fields, TASKS[task], "", report)) == []
    assert report.dropped == {"with a value that is no text": 1}


def test_a_conversation_is_a_pair_for_every_second_turn(tmp_path):
    rows = [{"turns": list("abcdefgh")}, {"turns": "i\tj"}, {"turns": ["k"]}, {"turns": []}]
    path = write(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    chat = TASKS["dialogue"]
    assert [(source.parts, reply) for source, reply in read_pairs(path, *chat.fields, chat)] == [
        (("a",), "b"),
        (("a", "b", "c"), "d"),
        (("a", "b", "c", "d", "e"), "f"),
        (("c", "d", "e", "f", "g"), "h"),  # a model reads five
        (("i",), "j"),
    ]
