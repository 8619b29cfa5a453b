"""How much work one input may ask for."""

from __future__ import annotations

from collections.abc import Sequence

from s2s.config import SearchOptions
from s2s.search.beam import length_limit
from s2s.text.opening import Opening


def affordable(
    sentences: Sequence[tuple[tuple[int, ...], Opening]],
    options: SearchOptions,
    longest: int,
    most: int,
) -> int:
    """How many of the sentences (ids, what the output begins with) may be decoded, in their order.

    ``longest``: the decoder's own limit; ``most``: sentences x beam x length. Equal sentences count once,
    and the first is always affordable.
    """
    work, seen = 0, set()
    for n, key in enumerate(sentences):
        if key not in seen:
            seen.add(key)
            ids, prefix = key
            work += options.beam * length_limit(len(ids), options, longest, prefix.begun)
        if work > most and n:
            return n
    return len(sentences)
