"""Text ↔ ids ↔ pieces ↔ words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from s2s.errors import S2SError
from s2s.text.cleaning import clean
from s2s.text.tokenizer import Tokenizer
from s2s.text.vocabulary import EOS, SPECIAL_NAMES, UNK

HOSTILE = [
    "the old cat sees 12 dogs.",
    "",
    " ",
    "漢字とかな、混じり。",
    "مرحبا بالعالم",
    "👨‍👩‍👧 \U0001f600",
    "<script>alert('x')</script> </s> <pad> <0x41>",
    "a\x00b",
    "e\u0301te\u0301",
    "ไม่มีช่องว่าง",
    "x" * 3000,
    "\u2581 mark",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_unknown_and_everything_comes_back(tokenizer, text):
    ids = tokenizer.encode(text)
    assert UNK not in ids
    assert not set(ids) & set(SPECIAL_NAMES)
    assert tokenizer.decode(ids) == clean(text).replace("\u2581", " ").strip() or "\u2581" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_words_cover_every_piece_in_order(tokenizer, text):
    ids = [*tokenizer.encode(text), EOS]
    spans = tokenizer.words(ids)
    assert spans[0][1] == 0
    assert spans[-1][2] == len(ids)
    for (_, _, end), (_, start, _) in pairwise(spans):
        assert end == start
    assert all(word for word, _, _ in spans)
    assert spans[-1][0] == "</s>"


def words(tokenizer, text):
    return [w for w, _, _ in tokenizer.words(tokenizer.encode(text))]


def test_words_are_what_people_call_words(tokenizer):
    assert words(tokenizer, "the green house, near me?") == [
        "the",
        "green",
        "house",
        ",",
        "near",
        "me",
        "?",
    ]
    assert words(tokenizer, "l'eau qu'il well-known") == ["l'eau", "qu'il", "well-known"]


def test_characters_of_unspaced_scripts_are_words(tokenizer):
    assert words(tokenizer, "漢字") == ["漢", "字"]


def test_decoding_skips_specials_and_impossible_ids(tokenizer):
    assert tokenizer.decode([0, 2, *tokenizer.encode("the cat"), 3, 10**6]) == "the cat"


def test_control_tokens_never_come_from_text():
    t = Tokenizer.train(["some text to learn from"] * 20, vocab=300, control=["<turn>"])
    turn = t.control("<turn>")
    assert turn not in t.encode("a <turn> b")
    with pytest.raises(S2SError, match="no control token"):
        t.control("<other>")


def test_broken_models_are_refused(tmp_path):
    with pytest.raises(S2SError, match="cannot be read"):
        Tokenizer(b"garbage")
    with pytest.raises(S2SError, match="cannot be read"):
        Tokenizer.load(tmp_path / "none.model")


def test_a_vocabulary_that_cannot_be_learned_is_an_error():
    with pytest.raises(S2SError, match="vocabulary"):
        Tokenizer.train([], vocab=300)


@pytest.mark.parametrize(
    "length", [1_500, 5_000, 40_000]
)  # 4,192 bytes are the library's own limit
def test_a_long_text_has_its_part_in_the_vocabulary(length):
    short = [f"the cat sees {n} dogs" for n in range(60)]
    tokenizer = Tokenizer.train([*short, "zyxwv " * (length // 6)], vocab=340)
    assert len(tokenizer.encode("zyxwv")) == 1
    assert len(Tokenizer.train(short, vocab=340).encode("zyxwv")) > 1
