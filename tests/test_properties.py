"""Laws of everything that reads users' input, on inputs that nobody thought of."""

from __future__ import annotations

import gzip
import io
import json
import string
import sys
import unicodedata
from contextlib import redirect_stderr, redirect_stdout

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pages.parts import address, state
from pages.parts.text import MARKS, plain
from s2s import cli
from s2s.data.reading import Report, read_rows
from s2s.errors import S2SError
from s2s.text.cleaning import clean
from s2s.text.names import lost, names
from s2s.text.numbers import lacking
from s2s.text.sentences import split_text
from s2s.text.words import split_words

# Everything that a string can hold, halves of surrogate pairs too; what breaks things comes often.
BREAKERS = st.sampled_from(
    [
        *"\x00\t\n\r\u2028\u202e\u200d\ufeff\ud800▁<>&$*_`[](){}:;.!?\"'’0123456789",
        "</s>",
        "<unk>",
        "漢",
        "🙂",
    ]
)
TEXT = st.lists(
    st.one_of(BREAKERS, st.characters(), st.sampled_from(["the ", "old ", "Cat"])), max_size=40
).map("".join)
FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r"), max_size=20)
often = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
seldom = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


# ------------------------------------------------------------------------------------------- cleaning
@often
@given(TEXT)
def test_a_clean_text_is_one_line_and_stays_clean(text):
    found = clean(text)
    assert clean(found) == found
    assert found == found.strip()
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in found)
    assert "  " not in found


@often
@given(TEXT)
def test_cleaning_loses_no_letter(text):
    def letters(t: str) -> list[str]:
        return [c for c in unicodedata.normalize("NFC", t) if c.isalnum()]

    assert letters(clean(text)) == letters(text)


# ------------------------------------------------------------------------------------------- splitting
@often
@given(TEXT, st.sampled_from(["en", "fr", "zh", ""]))
def test_sentences_and_gaps_hold_the_whole_text(text, language):
    found = split_text(text, language)
    assert all(sentence == clean(sentence) != "" for sentence, _ in found)
    assert all(gap and not gap.strip() for _, gap in found)

    def seen(t: str) -> str:
        return "".join(clean(t).split())

    assert seen("".join(s for s, _ in found)) == seen(" ".join(text.splitlines()))


# ------------------------------------------------------------------------------------------- tokenizer
@often
@given(text=TEXT)
def test_the_tokenizer_reads_and_writes_any_text(tokenizer, text):
    cleaned = clean(text)
    ids = tokenizer.encode(cleaned)
    assert all(0 <= i < tokenizer.size for i in ids)
    assert not set(ids) & {
        tokenizer.vocabulary.pad,
        tokenizer.vocabulary.bos,
        tokenizer.vocabulary.eos,
    }

    # what its normalisation (NFKC) and its own mark of a space make equal is equal
    def same(t: str) -> str:
        return "".join(unicodedata.normalize("NFKC", t.replace("▁", " ")).split())

    assert same(tokenizer.decode(ids)) == same(cleaned)


@often
@given(text=TEXT)
def test_words_cover_every_piece_once(tokenizer, text):
    ids = [*tokenizer.encode(clean(text)), tokenizer.vocabulary.eos]
    spans = [(a, b) for _, a, b in tokenizer.words(ids)]
    assert [i for a, b in spans for i in range(a, b)] == list(range(len(ids)))
    assert all(word for word, _, _ in tokenizer.words(ids))
    assert len(tokenizer.pieces(ids)) == len(ids)


# --------------------------------------------------------------------------------------------- remarks
@often
@given(TEXT, TEXT, st.sampled_from(["en", "fr", "zh", ""]))
def test_a_text_lacks_none_of_its_own_numbers_and_names(text, other, language):
    assert lacking(text, text, language) == []
    assert lost(text, text, lambda _: True) == []
    assert all(number in text for number in lacking(text, other, language))
    assert set(lost(text, other, lambda _: True)) <= set(names(text, lambda _: True))
    assert all(name in text for name in names(text, lambda _: True))
    assert all(word in text for word in split_words(text))


# -------------------------------------------------------------------------------------- text on screen
@often
@given(TEXT)
def test_text_on_screen_holds_no_live_mark(text):
    shown = plain(text)
    at = 0
    while at < len(shown):
        if shown[at] == "\\":
            assert shown[at + 1] in MARKS
            at += 2
        else:
            assert shown[at] not in MARKS
            assert shown[at] != "\n"
            at += 1


# --------------------------------------------------------------------------------------------- address
@often
@given(
    st.sampled_from([*address.READERS, *address.OPTIONS]),
    TEXT | st.floats().map(str) | st.integers().map(str),
)
def test_a_value_of_an_address_is_taken_or_refused(name, text):
    """Taken values are within the ranges, so that they can be written back and taken again."""
    try:
        if name in address.OPTIONS:
            value = address._option_value(name, text)
        else:
            value = address.READERS[name](text)
    except (ValueError, S2SError):
        return
    again = f"{value:g}" if isinstance(value, float) else str(value)
    if not isinstance(value, float):
        read = address.READERS.get(name) or (lambda t: address._option_value(name, t))
        assert read(again) == value
    assert state.short(again) in (True, False)


# ----------------------------------------------------------------------------------------------- files
@seldom
@given(st.lists(st.tuples(FIELD, FIELD), max_size=8), st.booleans(), st.booleans())
def test_rows_come_back_as_they_were_written(tmp_path_factory, rows, packed, blank):
    rows = [(a, b) for a, b in rows if (a + b).strip()]
    body = "src\ttgt\n" + "".join(f"{a}\t{b}\n" + "\n" * blank for a, b in rows)
    path = tmp_path_factory.mktemp("rows") / ("x.tsv.gz" if packed else "x.tsv")
    raw = body.encode()
    path.write_bytes(gzip.compress(raw) if packed else raw)
    report = Report()
    found = [(r["src"], r["tgt"]) for r in read_rows(path, report)]
    assert found == rows
    assert report.dropped["blank lines"] == blank * len(rows)


@seldom
@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.none() | st.integers() | TEXT, max_size=4),
        max_size=6,
    )
)
def test_json_rows_come_back_as_they_were_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert list(read_rows(path)) == rows


@often
@given(
    st.sampled_from(["x.tsv", "x.jsonl", "x.tsv.gz", "x.jsonl.gz", "x.csv"]),
    st.binary(max_size=200),
    st.booleans(),
)
def test_any_bytes_are_rows_or_one_sentence(tmp_path_factory, name, raw, packed):
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(gzip.compress(raw) if packed and name.endswith("gz") else raw)
    try:
        rows = list(read_rows(path))
    except S2SError as error:
        rows, said = [], str(error)
    else:
        said = name
    assert name in said
    assert all(isinstance(row, dict) for row in rows)


# ---------------------------------------------------------------------------------------- command line
def run(arguments: list[str], stdin: bytes = b"") -> tuple[int, str, str]:
    """The command line, in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["s2s", *arguments], io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            cli.main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv, sys.stdin = before
    out.flush()
    return code, out.buffer.getvalue().decode(), err.getvalue()


@seldom
@given(
    lines=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=30),
        max_size=5,
    )
)
def test_one_line_out_for_each_line_in(tiny_checkpoint, lines):
    code, out, err = run(
        ["generate", "-c", str(tiny_checkpoint), "--beam", "1"],
        "".join(f"{line}\n" for line in lines).encode(),
    )
    assert code == 2 * any("\0" in line for line in lines), err  # which is said to be no text
    assert out.count("\n") == len(lines)


@seldom
@given(raw=st.binary(max_size=60))
def test_any_bytes_on_stdin_give_lines_or_exit_2(tiny_checkpoint, raw):
    code, _, err = run(["generate", "-c", str(tiny_checkpoint), "--beam", "1"], raw)
    assert code in (0, 2)
    assert "Traceback" not in err
    assert code == 0 or err.strip()


WORDS = st.text(
    string.ascii_letters + string.digits + "-_=.,[]{}\"'/ é", min_size=1, max_size=12
).filter(lambda w: "help" not in w)


@seldom
@given(
    command=st.sampled_from(
        ["generate", "evaluate", "train", "prepare", "align", "options", "nope", ""]
    ),
    rest=st.lists(
        WORDS | st.sampled_from(["--set", "--beam", "-c", "--data", "--json"]), max_size=4
    ),
)
def test_a_wrong_command_line_is_one_sentence_and_exit_2(
    tmp_path_factory, monkeypatch, command, rest
):
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))
    code, _, err = run([command, *rest])
    assert code in (0, 2)
    assert "Traceback" not in err
    if code == 2:
        assert len(err.strip().splitlines()) == 1


@seldom
@given(
    name=st.sampled_from(sorted(address.OPTIONS)),
    value=WORDS | st.floats().map(str) | st.integers().map(str),
)
def test_any_value_of_a_search_option_is_taken_or_refused(tiny_checkpoint, name, value):
    code, out, err = run(
        [
            "generate",
            "-c",
            str(tiny_checkpoint),
            "--set",
            f"{name}={value}",
            "--set",
            "max_length=3",
            "--json",
        ],
        b"the cat\n",
    )
    assert code in (0, 2), err
    assert "Traceback" not in err
    assert (out.count("\n") == 1) == (code == 0)
