"""Tokenizers of transformers behind our questions: pieces, words, ends, hostile text."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.text.marks import written
from tests.hub import FAMILIES, texts
from tests.opened import opened

BYTEWISE = ("bart", "blenderbot")


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture
def tokenizer(family):
    return opened(family)[1]


def test_ids_are_those_of_the_library(family, tokenizer):
    for text in texts()[:60]:
        theirs = tokenizer._inner(text)["input_ids"]
        ends = [] if family == "blenderbot" else tokenizer._back
        found = tokenizer.source(text, 1000)[0]
        assert found[: len(found) - len(tokenizer._back)] + ends == theirs


def test_texts_come_back(family, tokenizer):
    for text in texts()[::7]:
        ids = tokenizer.encode(text)
        theirs = tokenizer._inner.decode(ids, skip_special_tokens=True).strip()
        assert tokenizer.decode(ids) == theirs
        if family in BYTEWISE:
            assert tokenizer.decode(ids) == text


def test_words_cover_every_piece_and_spell_the_text(family, tokenizer):
    for text in texts()[::5]:
        ids = tokenizer.encode(text)
        spans = tokenizer.words(ids)
        assert [a for _, a, _ in spans] == [0, *(b for _, _, b in spans[:-1])]
        assert spans[-1][2] == len(ids)
        if tokenizer._unknown not in ids:
            spelled = "".join(w for w, _, _ in spans).replace("\u2581", "")
            assert spelled == "".join(tokenizer.decode(ids).split())


def test_words_are_words(tokenizer):
    found = [w for w, _, _ in tokenizer.words(tokenizer.encode("Good morning, all of you."))]
    # the last word may be one piece with its full stop, in a vocabulary as small as these
    assert [w for w in found if w != "\u2581"][:5] == ["Good", "morning", ",", "all", "of"]


@pytest.mark.parametrize("family", BYTEWISE)
def test_a_character_in_several_pieces_is_one_word(family):
    """Bytes of a Chinese character and of an accent are never parted."""
    tokenizer = opened(family)[1]
    found = [w for w, _, _ in tokenizer.words(tokenizer.encode("上海 l'été 🙂 naïve"))]
    assert found[:2] == ["上", "海"]
    assert "l'été" in found
    assert "naïve" in found
    assert "🙂" in found
    assert all("\ufffd" not in w for w in found)


def test_specials_that_somebody_wrote_are_text(tokenizer):
    marks = [tokenizer._pieces[i] for i in tokenizer._special]
    for mark in marks[:12]:
        ids = tokenizer.encode(f"Good {mark} morning")
        assert not set(ids) & (tokenizer._special - {tokenizer._unknown})
        source, _ = tokenizer.source(f"{mark}Good", 100)
        inner = source[len(tokenizer._front) : len(source) - len(tokenizer._back)]
        assert not set(inner) & (tokenizer._special - {tokenizer._unknown})


def test_a_source_is_cut_at_either_end(tokenizer):
    text = "Good morning, all of you! How are you today?"
    whole, cut = tokenizer.source(text, 1000)
    assert cut == 0
    front, back = len(tokenizer._front), len(tokenizer._back)
    for keeps in ("first", "last"):
        short, cut = tokenizer.source(text, len(whole) - 4, keeps)
        assert (len(short), cut) == (len(whole) - 4, 4)
        assert short[:front] == whole[:front]
        assert short[len(short) - back :] == whole[len(whole) - back :]
    begin = tokenizer.source(text, len(whole) - 4)[0]
    assert begin[front:-back] == whole[front : len(whole) - back - 4]


def test_a_beginning_may_stop_within_a_word(tokenizer):
    """Every output that agrees with the opening begins with its text."""
    opening = tokenizer.opening("Good mor")
    ids = tokenizer.target("Good morning")
    written_ = []
    for token in ids[:-1]:
        allowed = opening.allowed(written_)
        assert allowed is None or token in allowed
        written_.append(token)


def test_what_bytes_write():
    assert written("\u0120\u00e4\u00bd\u0142", True) == b"\xe2\x96\x81\xe4\xbd\xa0"
    assert written("<0xE4>", False) == b"\xe4"
    assert written("<0xE4>", True) != b"\xe4"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.sampled_from(FAMILIES))
def test_any_text_is_read(text, family):
    tokenizer = opened(family)[1]
    text = text.encode("utf-8", "replace").decode()
    ids = tokenizer.encode(text)
    spans = tokenizer.words(ids)
    assert [b for _, _, b in spans][-1:] == [len(ids)][: bool(ids)]
    assert len(tokenizer.pieces(ids)) == len(ids)
    tokenizer.decode(ids)
    tokenizer.opening(text)
    assert tokenizer.vocabulary.pad not in tokenizer.source(text, 100)[0]
