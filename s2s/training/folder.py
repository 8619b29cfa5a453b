"""The folder that a checkpoint grows in: one run at a time, and no traceback where it cannot be written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from s2s.config import TrainConfig
from s2s.errors import S2SError
from s2s.training.state import Saved, read_state

try:
    import fcntl
except ImportError:  # not a POSIX system: nothing is locked
    fcntl = None  # type: ignore[assignment]

STATE, HISTORY = "state.safetensors", "history.jsonl"


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """The folder, made if need be, for one run alone. Raises S2SError if another is at work in it."""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out, os.O_RDONLY)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise S2SError(
                    f"Another run is at work in {out}; wait for it, or choose another --out."
                ) from None
            except OSError:  # a file system without locks
                pass
        yield
    finally:
        os.close(lock)  # and with it the lock, which also ends with the process


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Whatever keeps a file from being written becomes one sentence."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or error
        raise S2SError(f"{path} cannot be written ({why}).") from None


def what_is_left(out: Path, c: TrainConfig, resume: bool) -> Saved | None:
    """The state to go on from; None: begin anew, and nothing of an earlier run is used.

    Raises S2SError if there is a run and it must not be touched, or none to resume.
    """
    if resume:
        saved = read_state(out / STATE)
        if ended := saved.ended(c):
            raise S2SError(
                f"The run in {out} is finished ({ended}); --resume goes on with it if --set gives it "
                "more train.steps, train.minutes or train.patience."
            )
        return saved
    if (out / STATE).exists():
        ended = read_state(out / STATE).ended(c)
        state = f"a finished run ({ended})" if ended else "an unfinished run"
        advice = "choose another --out" if ended else "add --resume, or choose another --out"
        raise S2SError(f"{out} holds {state}; {advice}.")
    return None


def begin_history(out: Path, step: int, name: str = HISTORY) -> None:
    """Only lines up to ``step`` stay: what a run did after its last state, it will do again."""
    path, kept = out / name, list[bytes]()
    with writing(path):
        if not path.exists():
            return
        if step:
            kept = [line for line in path.read_bytes().splitlines(True) if _step_of(line) <= step]
        temporary = path.with_name(path.name + ".new")
        temporary.write_bytes(b"".join(kept))
        temporary.replace(path)


def _step_of(line: bytes) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")  # half a line


def add_history(out: Path, progress: dict[str, object]) -> None:
    """One more line."""
    with writing(out / HISTORY), open(out / HISTORY, "a", encoding="utf-8") as history:
        history.write(json.dumps(progress, ensure_ascii=False) + "\n")
