"""A training that another program has started and looks after: it must not outlive it, nor be in its way."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

from s2s.errors import S2SError

NICENESS = 10
SECONDS = 240  # of computing
MEMORY = 4 * 2**30  # bytes of its own


def attend() -> None:
    """End this process when its standard input does, which is when the program that started it is gone.

    Besides it becomes nice, and it is given no more than ``SECONDS`` and ``MEMORY`` where the system can
    hold it to that. Raises S2SError if there is no standard input.
    """
    try:
        os.fstat(0)
    except OSError:
        raise S2SError(
            "--attended needs a standard input, the end of which it waits for."
        ) from None
    with suppress(OSError, AttributeError):  # not a POSIX system
        os.nice(NICENESS)
    _limit()
    threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    """Raw reads: a buffered one would hold a lock that the interpreter wants at its end."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    os._exit(0)


def _limit() -> None:
    if sys.platform == "win32":
        return
    import resource

    for kind, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_DATA, MEMORY)):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, hard))
