"""Whose turn it is to compute: all visitors share one machine.

Every piece of work begins in one of the few places for short work. After a while it makes room for others
who have not had any time yet. What has used more processor time than the work behind any ordinary page needs
goes on in the one place for long work (long texts, wide beams, exact search, sweeps), so that one visitor's
many tabs take from the others no more than one piece of long work does. Places are given in the order in
which they were asked for, and asked for again by each new piece of work.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

FIRST = 0.1  # processor seconds after which work makes room for what has not begun: most answers need less
SHORT = 0.8  # processor seconds: more than any ordinary page needs, on a busy machine too
COURTESY = 2.0  # long work rests that many times as long as it ran, while there is short work
BEAT = 0.1  # seconds between two looks whether a visitor who waits is still there
Waiting = Callable[[int], None]
"""Told again and again how many come first; what it raises ends the waiting."""


class Places:
    """A few places, in the order of asking."""

    def __init__(self, places: int) -> None:
        self._free = self._all = places
        self._new: deque[object] = deque()
        self._again: deque[object] = deque()
        self._changed = threading.Condition()

    def enter(self, waiting: Waiting, again: bool = False) -> None:
        """Come back with a place. ``again``: after those who have not had one yet."""
        ticket = object()
        queue = self._again if again else self._new
        with self._changed:
            queue.append(ticket)
        try:
            while True:
                with self._changed:
                    ahead = queue.index(ticket) + len(self._new) * again
                    if ahead < self._free:
                        queue.remove(ticket)
                        self._free -= 1
                        self._changed.notify_all()  # there may be a place for the next one as well
                        return
                    self._changed.wait(BEAT)
                waiting(ahead + 1 - self._free)
        except BaseException:
            with self._changed:
                queue.remove(ticket)
                self._changed.notify_all()
            raise

    @property
    def asked_for(self) -> bool:
        """Whether anybody has one, or waits for one."""
        return self._free < self._all or self.wanted or bool(self._again)

    @property
    def wanted(self) -> bool:
        """Whether somebody waits who has not had one yet."""
        return bool(self._new)

    def leave(self) -> None:
        """Give a place back."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()


SHORT_WORK = Places(max(2, os.cpu_count() or 1))
LONG_WORK = Places(1)


class Turn:
    """One piece of work, from its first place to its last. ``tick`` is called while it is done."""

    def __init__(
        self,
        alive: Callable[[], None],
        waiting: Waiting,
        places: tuple[Places, Places] = (SHORT_WORK, LONG_WORK),
        long: bool = False,
    ) -> None:
        """``alive`` raises if the visitor stopped the work or is gone; ``long``: it is known to be long."""
        self._alive, self._waiting = alive, waiting
        self._short, self._long = places
        self._first = self._long if long else self._short
        self._place: Places | None = None
        self._used = 0.0  # processor seconds in places before this one

    def __enter__(self) -> Turn:
        self._take(self._first)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._place is not None:
            self._place.leave()

    def tick(self) -> None:
        """Between two steps of the work: may wait for a place, or raise."""
        self._alive()
        used = time.thread_time() - self._since
        if self._place is not self._short:
            if self._short.asked_for:
                time.sleep(min(COURTESY * used, BEAT))
            self._since = time.thread_time()
        elif self._used + used > SHORT:
            self._place.leave()
            self._take(self._long)
        elif used > FIRST and self._short.wanted:
            self._used += used
            self._place.leave()
            self._take(self._short, again=True)

    def _take(self, place: Places, again: bool = False) -> None:
        self._place = None  # while it waits it has none to give back

        def waiting(ahead: int) -> None:
            self._alive()
            if not again:
                self._waiting(ahead)

        place.enter(waiting, again)
        self._place, self._since = place, time.thread_time()
