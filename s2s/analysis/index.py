"""Pairs that a model was trained on, and the states that they left, as a checkpoint keeps them.

``states.safetensors`` holds the states, projected and rounded; ``states.tsv.gz`` the texts. Both belong to
one file of weights, and together they have at most 8 MiB.

P pairs · N words of their outputs, without ends · D size of a state · d dimensions kept.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from s2s.analysis.states import Cloud, Plane
from s2s.checkpoint import Checkpoint
from s2s.errors import S2SError
from s2s.locale import _
from s2s.text.tokenizer import Tokenizer

STATES, TEXTS = "states.safetensors", "states.tsv.gz"
MOST = 8 * 2**20  # bytes of both files
UNPACKED = 64 * 2**20  # bytes of the texts
HEADER = "source\ttarget"


@dataclass(frozen=True)
class Found:
    """A word of a training pair whose state is near another one."""

    source: str
    target: str
    place: tuple[int, int]
    """Where the word stands in ``target``: first character, last + 1."""
    distance: float
    """1: as far as two states drawn by chance."""

    @property
    def word(self) -> str:
        return self.target[slice(*self.place)]


@dataclass(frozen=True)
class Index:
    """What was kept of some training pairs."""

    decoder: Cloud
    """(N,d) of every word of every output, in order: the state from which it was chosen."""
    encoder: Cloud | None
    """A plane for source words, and some of their states; None: the model keeps none."""
    counts: np.ndarray
    """(P,) words of each output."""
    pairs: Sequence[tuple[str, str]]
    """(P,) source and target texts."""
    credit: str = ""
    """Whose texts these are, and their licence."""

    def nearest(self, state: np.ndarray, tokenizer: Tokenizer, k: int) -> list[Found]:
        """The k pairs that hold the words with the states nearest to one (D,), nearest first."""
        ends = np.cumsum(self.counts)
        found: dict[int, Found] = {}
        for n, distance in self.decoder.nearest(state, 8 * k):
            p = int(np.searchsorted(ends, n, "right"))
            if p not in found and len(found) < k:
                source, target = self.pairs[p]
                word = n - int(ends[p] - self.counts[p])
                found[p] = Found(source, target, place_of(target, tokenizer, word), distance)
        return [*found.values()]


def place_of(text: str, tokenizer: Tokenizer, n: int) -> tuple[int, int]:
    """First character and last + 1 of the n-th word of a text; (0, 0): there is no such word."""
    at = 0
    for i, (word, *_span) in enumerate(tokenizer.words(tokenizer.encode(text))):
        first = text.find(word, at)
        if first < 0:  # a part of a character
            first, word = at, ""
        at = first + len(word)
        if i == n:
            return first, at
    return 0, 0


# ------------------------------------------------------------------------------------------- files
def write(folder: Path, index: Index, digest: str) -> int:
    """Both files into a checkpoint's folder; their bytes. Raises S2SError if these are too many."""
    arrays = _arrays("decoder", index.decoder) | {"counts": index.counts.astype(np.uint8)}
    if index.encoder is not None:
        arrays |= _arrays("encoder", index.encoder)
    about = {"weights": digest, "credit": index.credit}
    lines = "\n".join([HEADER, *("\t".join(map(_flat, pair)) for pair in index.pairs)]) + "\n"
    files = {
        STATES: save(arrays, about),
        TEXTS: gzip.compress(lines.encode(), 9, mtime=0),
    }
    size = sum(map(len, files.values()))
    if size > MOST:
        raise S2SError(
            f"An index has at most {MOST:,} bytes; this one would have {size:,}: take fewer pairs."
        )
    for name, data in files.items():
        temporary = folder / f"{name}.new"
        try:
            temporary.write_bytes(data)
            temporary.replace(folder / name)
        except OSError as error:
            raise S2SError(f"{folder / name} cannot be written ({error.strerror}).") from None
    return size


def read(checkpoint: Checkpoint) -> Index | None:
    """A checkpoint's index; None: it has none for these weights. Raises S2SError if it is broken."""
    states, texts = checkpoint.folder / STATES, checkpoint.folder / TEXTS
    if not (states.is_file() and texts.is_file()):
        return None
    try:
        if states.stat().st_size + texts.stat().st_size > MOST:
            raise ValueError(f"it has more than {MOST:,} bytes")
        with safe_open(states, "np") as file:
            about = file.metadata() or {}
            if about.get("weights") != checkpoint.digest:
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        index = Index(
            _cloud("decoder", arrays),
            _cloud("encoder", arrays) if "encoder.mean" in arrays else None,
            arrays["counts"].astype(np.int64),
            _texts(texts),
            about.get("credit", "")[:200],
        )
        if index.counts.shape != (len(index.pairs),) or not index.pairs:
            raise ValueError("texts and states do not belong together")
        if index.counts.sum() != len(index.decoder.codes):
            raise ValueError("words and states do not belong together")
    except (OSError, EOFError, zlib.error, SafetensorError, KeyError, ValueError) as error:
        raise S2SError(
            _("The index of {name} cannot be read ({error}).").format(
                name=checkpoint.folder.name, error=error
            )
        ) from None
    return index


def _arrays(name: str, cloud: Cloud) -> dict[str, np.ndarray]:
    """As they are written: row after row, since a file takes the bytes as they lie in memory."""
    parts = {
        "mean": cloud.plane.mean,
        "axes": cloud.plane.axes.astype(np.float16),
        "shares": cloud.plane.shares,
        "scale": cloud.scale,
        "codes": cloud.codes,
    }
    return {f"{name}.{part}": np.ascontiguousarray(array) for part, array in parts.items()}


def _cloud(name: str, arrays: dict[str, np.ndarray]) -> Cloud:
    """Of a file. Raises ValueError if its parts do not fit together."""
    parts = ("mean", "axes", "shares", "scale", "codes")
    mean, axes, shares, scale, codes = (arrays[f"{name}.{part}"] for part in parts)
    d = len(scale)
    fits = axes.shape == (d, *mean.shape) and shares.shape == scale.shape == (d,)
    if not (fits and d >= 1 and codes.ndim == 2 and codes.shape[1] == d and codes.dtype == np.int8):
        raise ValueError(f"the {name}'s states have the wrong shape")
    numbers = [a.astype(np.float32) for a in (mean, axes, shares, scale)]
    if not all(np.isfinite(a).all() for a in numbers):
        raise ValueError(f"the {name}'s states hold NaN or infinity")
    return Cloud(Plane(*numbers[:3]), numbers[3], codes)


def _texts(path: Path) -> list[tuple[str, str]]:
    with gzip.open(path) as file:
        data = file.read(UNPACKED + 1)
    if len(data) > UNPACKED:
        raise ValueError("its texts are too long")
    header, *lines = data.decode("utf-8").split("\n")[:-1]
    if header != HEADER or any(line.count("\t") != 1 for line in lines):
        raise ValueError("its texts are no table of source and target")
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines]


def _flat(text: str) -> str:
    """A text without what separates columns and rows."""
    return " ".join(text.split())
