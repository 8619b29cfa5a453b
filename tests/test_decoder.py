"""Search and analysis know a ``Decoder`` and no network: all of them run on tables written by hand."""

from __future__ import annotations

import pytest

from s2s.analysis.exact import exact
from s2s.analysis.invariants import check
from s2s.analysis.playback import play
from s2s.analysis.sweep import sweep
from s2s.analysis.tree import grow
from s2s.analysis.what_if import Edit, retell
from s2s.config import RerankOptions, SearchOptions
from s2s.search.beam import search
from s2s.search.forced import force
from s2s.search.prefixes import Prefixes
from s2s.search.reranking import rerank
from tests.conftest import make_src
from tests.table import random_table

SRC = make_src([6])
OPTIONS = SearchOptions(beam=4, max_length=7, coverage=0.2)


@pytest.fixture(params=[False, True], ids=["blind", "looking"])
def table(request):
    return random_table(seed=3, looks=request.param)


def test_every_check_holds(table):
    found = check(table, search(table, SRC, OPTIONS)[0])
    assert [c.law for c in found if not c.holds] == []


def test_it_can_be_replayed_forced_and_edited(table):
    trace = search(table, SRC, OPTIONS)[0]
    best = trace.best
    assert len(play(trace)) == len(trace.steps.fate)
    assert any(n.ends == 0 for n in grow(trace).nodes)
    assert force(table, trace.source, best.tokens, OPTIONS).hypothesis.score == pytest.approx(
        best.score, abs=1e-4
    )
    other = retell(table, trace.source, OPTIONS, [Edit(0, (9,))])[-1]
    assert other.best.tokens[0] == 9


def test_exact_search_is_at_least_as_good(table):
    trace = search(table, SRC, OPTIONS)[0]
    raw = SearchOptions(length_norm="none")
    *_, last = exact(table, trace.source, raw, max_length=3)
    assert last.done
    assert last.best.score >= max(
        (h.total for h in trace.hypotheses if len(h.tokens) <= 3), default=-1e9
    )
    assert len(sweep(table, trace.source, OPTIONS, (1, 2, 3)).widths) == 3


def test_a_decoder_that_remembers_says_the_same(table):
    source = SRC[0].tolist()
    plain, remembered = (search(d, SRC, OPTIONS)[0].best for d in (table, Prefixes(table, source)))
    assert plain.tokens == remembered.tokens
    assert plain.score == pytest.approx(remembered.score)


def test_ranking_by_mutual_information_needs_no_more(table):
    trace = search(table, SRC, OPTIONS)[0]
    (ranking,) = rerank(table, [trace], RerankOptions(mutual=1.0))
    # a table knows no source: nothing is left when what is probable anyhow is taken off
    for h in ranking.hypotheses:
        assert h.score == pytest.approx(h.coverage, abs=1e-4)
