"""How an output begins and ends: prefixes within words, limits, empty outputs, numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s2s.analysis.exact import exact
from s2s.analysis.what_if import TOKENS, from_text
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.search.beam import length_limit, search
from s2s.text.opening import Opening, Speller
from s2s.text.vocabulary import BOS, EOS
from s2s.trace import Block
from tests.conftest import make_src
from tests.table import Table, random_table

A, B, C, D, E = 4, 5, 6, 7, 8
SOURCE = make_src([4], 9)


# ----------------------------------------------------------------------------------- what is empty
def ends_at_once(chance: float) -> Table:
    """Ends at once, or goes on for ever."""
    return Table({BOS: {EOS: chance, A: 1 - chance}, A: {A: 0.5, B: 0.5}, B: {A: 1.0}}, 9)


@pytest.mark.parametrize(("chance", "beam"), [(0.9, 2), (0.5, 4), (0.3, 16)])
def test_an_empty_output_never_beats_one_that_was_cut(chance, beam):
    trace = search(ends_at_once(chance), SOURCE, SearchOptions(beam=beam, max_length=8))[0]
    assert trace.best.tokens[0] == A
    assert trace.hypotheses[-1].empty or all(not h.empty for h in trace.hypotheses)


def test_an_empty_output_counts_by_its_score_where_nothing_was_cut():
    table = Table({BOS: {EOS: 0.8, A: 0.2}, A: {EOS: 1.0}}, 9)
    assert search(table, SOURCE, SearchOptions(beam=2, length_norm="none"))[0].best.empty


def test_a_cut_answer_says_so():
    pipeline = Pipeline("translate-en-fr-bahdanau")
    options = replace(pipeline.config.search, beam=16, max_length=8)
    result = pipeline("I think that you should go home now.", options)
    assert result.text
    assert result.sentences[0].best.finished or "limit of 8 tokens" in " ".join(result.warnings)


# ----------------------------------------------------------------------------------------- limits
@pytest.mark.parametrize("shortest", [19, 40, 60])
def test_an_automatic_limit_never_overrules_min_length(shortest):
    table = Table({BOS: {A: 1.0}, A: {A: 0.5, EOS: 0.5}}, 9)
    trace = search(table, SOURCE, SearchOptions(beam=2, min_length=shortest))[0]
    assert trace.best.finished
    assert len(trace.best.tokens) >= shortest
    assert length_limit(4, SearchOptions(), 100) == 18  # as ever without it


@pytest.mark.parametrize("begun", [1, 9, 18])
def test_limits_count_from_the_end_of_a_prefix(begun):
    table = Table({BOS: {A: 1.0}, A: {A: 1.0}, B: {B: 1.0}}, 9)
    options = SearchOptions(beam=1, max_length=5)
    trace = search(table, SOURCE, options, prefix=[(A,) * begun])[0]
    assert len(trace.best.tokens) == begun + 5
    soon = Table({BOS: {A: 1.0}, A: {EOS: 1.0}}, 9)
    longer = search(soon, SOURCE, SearchOptions(beam=1, min_length=4), prefix=[(A,) * begun])[0]
    assert len(longer.best.tokens) >= begun + 4


# --------------------------------------------------------------------------- beginnings within words
def spelled(*pieces: str, rest: str) -> Opening:
    """The rest of a word over a vocabulary of these pieces, numbered from A."""
    speller = Speller([(piece.encode(), A + n) for n, piece in enumerate(pieces)])
    return Opening((), speller.steps(rest.encode()), rest, 1)


@pytest.mark.parametrize(
    ("rest", "outputs"),
    [("pl", {(B,), (A, C), (A, D)}), ("pla", {(B,), (A, D)}), ("plag", {(B,), (A, D)})],
)
def test_only_pieces_that_agree_with_the_text_may_come(rest, outputs):
    """p, plage, l, lage, x."""
    opening = spelled("p", "plage", "l", "lage", "x", rest=rest)
    table = Table({t: {A: 1.0, B: 1.0, C: 1.0, D: 1.0, E: 9.0} for t in (BOS, A, B, C, D, E)}, 9)
    table.logp[:, EOS] = -1.0
    trace = search(table, SOURCE, SearchOptions(beam=8, max_length=3), prefix=[opening])[0]
    begun = {
        next(o for o in ((t[0],), t[:2]) if o in outputs)
        for t in (h.tokens for h in trace.hypotheses)
    }
    assert begun <= outputs
    assert begun
    assert (trace.recorded.block[0] == Block.PREFIX).any()


def test_an_exact_search_keeps_to_the_same_beginning():
    opening = spelled("p", "plage", "l", "lage", "x", rest="pl")
    table = random_table(9, seed=2)
    *_, last = exact(
        table, SOURCE[0].tolist(), SearchOptions(length_norm="none"), max_length=4, prefix=opening
    )
    assert last.done
    assert last.best.tokens[:1] == (B,) or last.best.tokens[:2] in ((A, C), (A, D))


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("Where is the nearest train station?", "Où se trouve la gare la pl"),
        ("Where is the nearest train station?", "Où est la ga"),
        ("I am tired.", "Je suis fati"),
        ("Yes.", "Oui, je pense que nous devrions tous aller à la gare pour voir nos amis et"),
    ],
)
def test_a_prefix_may_end_within_a_word(text, prefix):
    result = Pipeline("translate-en-fr-transformer")(text, prefix=prefix)
    assert result.text.startswith(prefix)
    assert len(result.text) > len(prefix)
    assert "plaig" not in result.text
    assert result.sentences[0].best.finished


@pytest.mark.parametrize("prefix", ["THE DO", "the old ca", "DOG ", "zz", "漢", "É", "a, b", " "])
def test_every_output_begins_with_what_was_typed(tiny_checkpoint, prefix):
    result = Pipeline(tiny_checkpoint)("The cat.", SearchOptions(beam=3), prefix=prefix)
    for output in result.sentences[0].outputs:
        assert output.startswith(prefix.strip())


def test_white_space_behind_a_prefix_ends_its_word(tokenizer):
    opening = tokenizer.opening("THE DOG ")
    assert opening.ids == tuple(tokenizer.encode("THE DOG"))
    free = tokenizer.decode([*opening.ids, *opening.allowed(opening.ids)[:1]])
    assert free.startswith("THE DOG")
    assert tokenizer.opening("THE DOG").rest == "DOG"


# ---------------------------------------------------------------------------------------- numbers
def counting(digits: tuple[int, ...], joints: tuple[int, ...] = ()) -> Table:
    """Writes A B A B …, ends seldom."""
    table = Table({BOS: {A: 1.0}, A: {B: 0.9, EOS: 0.1}, B: {A: 0.9, C: 0.1}, C: {EOS: 1.0}}, 9)
    table.vocabulary = replace(table.vocabulary, digits=digits, joints=joints)
    return table


@pytest.mark.parametrize("n", [1, 2, 3])
def test_numbers_may_repeat_and_words_may_not(n):
    options = SearchOptions(beam=1, block_ngram=n, max_length=9)
    assert search(counting((A,), (B,)), SOURCE, options)[0].best.tokens == (A, B) * 4 + (A,)
    words = search(counting(()), SOURCE, options)[0].best.tokens
    grams = [words[i : i + n] for i in range(len(words) - n + 1)]
    assert len(grams) == len(set(grams))


@pytest.mark.parametrize(
    "text", ["The population is 9,000,000.", "He paid 555 555 555.", "We counted 1,001,001 votes."]
)
@pytest.mark.parametrize("n", [2, 3])
def test_numbers_survive_the_ngram_block(text, n):
    pipeline = Pipeline("translate-en-fr-transformer")
    free, blocked = (
        pipeline(text, replace(pipeline.config.search, block_ngram=k)).text for k in (0, n)
    )
    assert blocked == free


# ------------------------------------------------------------------------------------------- links
@pytest.mark.parametrize("tokens", [TOKENS + 1, 500, 3000])
def test_a_link_asks_for_short_edits_only(tokens):
    with pytest.raises(S2SError, match=f"at most {TOKENS} tokens"):
        from_text("-".join(["0", *["500"] * tokens]))
    assert len(from_text("-".join(["0", *["500"] * TOKENS]))[0].tokens) == TOKENS


@pytest.mark.parametrize("text", ["the dog " * 200, "x" * 100_000, "犬" * 2_000])
def test_a_prefix_longer_than_any_output_is_refused(tiny_checkpoint, text):
    p = Pipeline(tiny_checkpoint)
    with pytest.raises(S2SError, match=r"is to begin with .* tokens; this model writes at most"):
        p("the cat sees a dog", prefix=text)
    most = p.checkpoint.model.limits.target
    words = " ".join(["dog"] * most)
    while len(p.tokenizer.encode(words)) > most:
        words = words[: words.rindex(" ")]
    assert p("the cat sees a dog", prefix=words).text.startswith(words)
