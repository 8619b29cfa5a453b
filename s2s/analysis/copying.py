"""What a copying model took from its source, token by token.

T target pieces · S source pieces · W words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2s.analysis.attention import Span
from s2s.trace import Hypothesis


def sources(hypothesis: Hypothesis, src: Sequence[int]) -> np.ndarray:
    """(T,S) probability that token t was copied from position s, given that it was written.

    Of p(w) = p_gen P_vocab(w) + (1 - p_gen) sum_{i: src_i = w} alpha_i (See et al. 2017, eq. 9), each
    position's own summand over p(w). A row sums to the share of p(w) that came by copying.
    """
    gate = hypothesis.extras.get("generate")
    if gate is None or hypothesis.attention is None:
        raise ValueError("This hypothesis is not a copying model's, or was not recorded.")
    same = np.array(hypothesis.tokens)[:, None] == np.array(src)[None]  # (T,S)
    mass = (1 - gate)[:, None] * hypothesis.alpha() * same
    return np.minimum(mass / np.exp(hypothesis.logprobs)[:, None], 1.0)


def copied_words(
    hypothesis: Hypothesis, src: Sequence[int], tgt_words: Sequence[Span], src_words: Sequence[Span]
) -> tuple[np.ndarray, np.ndarray]:
    """Share of each output word that was copied, (W_tgt,), and of each source word the most that
    any of its pieces gave to one output token, (W_src,); both 0 to 1."""
    links = sources(hypothesis, src)
    out = np.array([links[a:b].sum(1).mean() for _, a, b in tgt_words])
    taken = np.array([links[:, a:b].max() for _, a, b in src_words])
    return np.minimum(out, 1.0), taken
