"""Whose turn it is: few places, in order; who leaves gives theirs back; work ends when its visitor did."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from pages.parts import turns
from pages.parts.turns import Places, Turn
from pages.parts.work import SEARCHES, hold
from s2s.analysis.exact import exact
from s2s.config import SearchOptions
from s2s.models.watched import Watched
from s2s.pipeline import Pipeline
from s2s.search.beam import search
from tests.conftest import make_model, make_src


class Gone(Exception):
    """The visitor left."""


def nothing(*_) -> None:
    pass


def spend(seconds: float) -> None:
    """Use that much processor time."""
    begin = time.thread_time()
    while time.thread_time() - begin < seconds:
        pass


def started(places: Places, done: list, name: str, release: threading.Event) -> threading.Thread:
    """A thread that wants a place; it stands in the queue when this returns."""
    asked = threading.Event()

    def run() -> None:
        places.enter(lambda _: asked.set())
        asked.set()
        done.append(name)
        release.wait(10)
        places.leave()

    thread = threading.Thread(target=run)
    thread.start()
    assert asked.wait(10)
    return thread


def test_places_are_given_in_the_order_of_asking():
    places, done, free = Places(1), [], [threading.Event() for _ in range(4)]
    threads = [started(places, done, str(i), event) for i, event in enumerate(free)]
    assert done == ["0"]
    for event, thread in zip(free, threads, strict=True):
        event.set()
        thread.join(10)
    assert done == list("0123")


def test_no_more_work_at_once_than_there_are_places():
    places, now, most, lock = Places(3), [0], [0], threading.Lock()

    def run() -> None:
        with Turn(nothing, nothing, (places, places)):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.01)
            with lock:
                now[0] -= 1

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (now[0], most[0]) == (0, 3)


def test_who_waits_is_told_how_many_come_first_and_may_leave():
    places, free, told = Places(1), threading.Event(), []
    threads = [started(places, [], str(i), free) for i in range(3)]

    def leave(ahead: int) -> None:
        told.append(ahead)
        raise Gone

    with pytest.raises(Gone):
        places.enter(leave)
    assert told == [3]
    free.set()
    for thread in threads:
        thread.join(10)
    places.enter(nothing)  # who left took no place along
    places.leave()


def test_work_that_fails_gives_its_place_back():
    places = Places(1)
    with pytest.raises(Gone), Turn(nothing, nothing, (places, places)):
        raise Gone
    places.enter(nothing)


def test_long_work_leaves_the_places_for_short_work(monkeypatch):
    monkeypatch.setattr(turns, "SHORT", 0.02)
    short, long = Places(1), Places(1)
    with Turn(nothing, nothing, (short, long)) as turn:
        turn.tick()
        assert not entered(short)  # it is still short work
        spend(0.03)
        turn.tick()
        assert entered(short)
        assert not entered(long)
    assert entered(short)
    assert entered(long)


def test_work_makes_room_for_what_has_not_begun(monkeypatch):
    monkeypatch.setattr(turns, "FIRST", 0.02)
    short, long, done, free = Places(1), Places(1), [], threading.Event()
    with Turn(nothing, nothing, (short, long)) as turn:
        spend(0.03)
        turn.tick()  # nobody waits: it goes on
        thread = started(short, done, "new", free)
        assert done == []
        free.set()
        turn.tick()  # comes back when the other is ready
        thread.join(10)
        assert done == ["new"]
        thread = started(short, done, "second", free)
        turn.tick()  # too soon again
        assert done == ["new"]
        monkeypatch.setattr(turns, "SHORT", 0.03)  # what it used before counts
        turn.tick()
        thread.join(10)
        assert done == ["new", "second"]
        assert not entered(long)
    assert entered(short)
    assert entered(long)


def test_who_comes_again_comes_after_the_new_ones():
    places, order = Places(1), []
    places.enter(nothing)
    asked = threading.Barrier(3)

    def run(name: str, again: bool) -> None:
        told = threading.Event()

        def waiting(_: int) -> None:
            if not told.is_set():
                told.set()
                asked.wait(10)

        places.enter(waiting, again)
        order.append(name)
        places.leave()

    threads = [threading.Thread(target=run, args=a) for a in (("old", True), ("new", False))]
    for thread in threads:
        thread.start()
    asked.wait(10)
    places.leave()
    for thread in threads:
        thread.join(10)
    assert order == ["new", "old"]
    assert not places.asked_for


def entered(places: Places) -> bool:
    """Whether there is a place to be had at once."""

    def no(_: int) -> None:
        raise Gone

    try:
        places.enter(no)
    except Gone:
        return False
    places.leave()
    return True


def test_who_leaves_while_waiting_for_long_work_holds_nothing(monkeypatch):
    monkeypatch.setattr(turns, "SHORT", 0.0)
    short, long = Places(1), Places(1)
    long.enter(nothing)

    def gone(_: int) -> None:
        raise Gone

    def work() -> None:
        with Turn(nothing, gone, (short, long)) as turn:
            spend(0.01)
            turn.tick()

    with pytest.raises(Gone):
        work()
    assert entered(short)
    assert not entered(long)
    long.leave()
    assert entered(long)


# ------------------------------------------------------------------------------------ watched decoders
def test_a_watched_decoder_is_the_decoder(model):
    src, options = make_src([5, 7]), SearchOptions(beam=3, max_length=6)
    ticks: list[int] = []
    plain = search(model, src, options)
    watched = search(Watched(model, lambda: ticks.append(1)), src, options)
    for a, b in zip(plain, watched, strict=True):
        assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
        assert [h.score for h in a.hypotheses] == [h.score for h in b.hypotheses]
    assert len(ticks) == 1 + max(len(t.steps.token) for t in plain)  # one to encode, one a step


@pytest.mark.parametrize("after", [1, 2, 5])
def test_work_ends_between_two_steps(tiny_checkpoint, after):
    left = [after]

    def tick() -> None:
        left[0] -= 1
        if not left[0]:
            raise Gone

    options = SearchOptions(beam=4, min_length=11, max_length=12)
    with pytest.raises(Gone):
        Pipeline(tiny_checkpoint).watched(tick)("the cat sees a dog\n" * 40, options)
    assert left == [0]  # nothing went through the model after that


# ------------------------------------------------------------------------------------- exact searches
def test_an_exact_search_finds_the_same_in_little_room():
    model, options = make_model("transformer"), SearchOptions(length_norm="none")
    source = make_src([6])[0].tolist()
    *_, wide = exact(model, source, options, max_length=4)
    held = []
    for narrow in exact(model, source, options, max_length=4, room=0):
        held.append(narrow.nodes)
    assert wide.done
    assert narrow.done
    assert narrow.best.tokens == wide.best.tokens
    assert narrow.best.score == pytest.approx(wide.best.score, abs=1e-5)
    assert {b - a for a, b in pairwise(held)} <= {0, 1}  # one prefix at a time


def test_the_oldest_of_too_many_exact_searches_is_given_up():
    first, *others = [hold(iter(range(3))) for _ in range(SEARCHES + 1)]
    assert list(first.steps) == []
    assert all(next(iter(o.steps)) == 0 for o in others)


def test_long_work_rests_while_there_is_short_work(monkeypatch):
    rests: list[float] = []
    monkeypatch.setattr(turns.time, "sleep", rests.append)
    short, long = Places(1), Places(1)
    with Turn(nothing, nothing, (short, long), long=True) as turn:
        turn.tick()
        assert not rests
        short.enter(nothing)
        spend(0.01)
        turn.tick()
        assert 0.01 < sum(rests) <= turns.BEAT
        short.leave()
        turn.tick()
    assert len(rests) == 1
