"""Panel: a target of the user's own, and what the model thinks of it."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import force_through
from pages.parts.chart import chart, csv, downloads
from pages.parts.columns import draw
from pages.parts.picture import word
from pages.parts.text import fail, plain
from pages.parts.words import HONEST
from s2s.analysis.attention import merge_words
from s2s.errors import S2SError
from s2s.figures.chips import by_rank
from s2s.figures.heatmap import matrix
from s2s.locale import _, later, plural, translated
from s2s.search.forced import LIMIT, Forced

CLOSE = 1e-3  # nats


def forced_panel(lab: Lab) -> None:
    """Probability, rank and attention of every token that the user wrote."""
    st.markdown(
        _(
            "Write what *you* would say: the model is made to write exactly that, and for each token "
            "you see how probable it found it and what it would have written instead."
        )
    )
    k = state.kept()
    st.text_area(
        _("Your own output"),
        k.target,
        height=80,
        placeholder=_("Type your translation, reply or summary here, then press Ctrl+Enter"),
        **state.widget("target"),
    )
    st.button(_("Force the model through it"), type="primary")
    text = k.target
    if not text.strip():
        said = _("For comparison, the model wrote: {text}")
        st.caption(said.format(text=plain(lab.sentence.outputs[0])))
        return
    target = tuple(lab.pipeline.tokenizer.target(text))
    if len(target) == 1:
        st.info(_("There is nothing in this text that the model can write."))
        return
    try:
        found = force_through(lab.key, lab.name, target, lab.trace)
    except S2SError as error:
        said = _("{error} The first {n:,} tokens end with “{end}”.")
        fail(said.format(error=error, n=LIMIT - 1, end=_end(lab, target)))
        return
    most = st.slider(
        _("Mark tokens whose rank is over"),
        1,
        50,
        k.rank,
        help=_("Rank 1 is the token that the model itself would have written there."),
        **state.widget("rank"),
    )
    tokens = lab.tokens(target)
    st.html(
        by_rank(
            tokens,
            [t.rank for t in found.tokens],
            [math.exp(t.logprob) for t in found.tokens],
            most,
        )
    )
    _verdict(lab, found)
    table = _table(lab, found, tokens)
    _attention(lab, found, target, table)


def _table(lab: Lab, found: Forced, tokens: list[str]) -> pd.DataFrame:
    """A row a token, drawn."""
    table = pd.DataFrame(
        {
            later("token"): tokens,
            later("probability"): [math.exp(t.logprob) for t in found.tokens],
            later("log-probability"): [t.logprob for t in found.tokens],
            later("rank"): [t.rank for t in found.tokens],
            later("the model preferred"): lab.tokens([t.preferred for t in found.tokens]),
            later("its probability"): [math.exp(t.preferred_logprob) for t in found.tokens],
            later("lost there"): [t.preferred_logprob - t.logprob for t in found.tokens],
        }
    )
    formats = {
        "probability": "percent",
        "its probability": "percent",
        "log-probability": "%.3f",
        "lost there": "%.3f",
    }
    draw(table, _("Every token of your output"), formats)
    return table


def _end(lab: Lab, target: tuple[int, ...]) -> str:
    return lab.words(target[: LIMIT - 1])[-30:]


def _verdict(lab: Lab, found: Forced) -> None:
    """Whether the user found something better, or the model disagrees."""
    yours, best = found.hypothesis, lab.trace.best
    left, middle, right = st.columns(3)
    gap, score_gap = yours.total - best.total, yours.score - best.score
    against = _("{n:+.3f} against the model's")
    left.metric(_("Raw log-probability"), f"{yours.total:.3f}", against.format(n=gap))
    middle.metric(_("Score that ranks"), f"{yours.score:.3f}", against.format(n=score_gap))
    right.metric(
        _("Tokens"), len(yours.tokens), f"{len(yours.tokens) - len(best.tokens):+d}", "off"
    )
    firsts = sum(t.rank == 1 for t in found.tokens)
    n = len(found.tokens)
    words = plural(
        "{firsts} of {n} token is what the model would have written there.",
        "{firsts} of {n} tokens are what the model would have written there.",
        n,
    ).format(firsts=firsts, n=n)
    if yours.tokens == best.tokens:
        st.success(words + _(" It is the model's own output."), icon=":material/check:")
    elif score_gap > CLOSE:
        better = _(
            " **Your output scores higher than the search's best: a search error.** The model likes "
            "your sentence better; the search just never found it."
        )
        st.markdown(words + better)
    else:
        worst = max(found.tokens, key=lambda t: t.preferred_logprob - t.logprob)
        token, wanted = (plain(t) for t in lab.tokens([worst.token, worst.preferred]))
        disagrees = _(
            " The model disagrees most at **{token}** (rank {rank:,}): it wanted **{wanted}**. If yours "
            "is the better sentence, this is a **model error**: no search could have mended it."
        )
        st.markdown(words + disagrees.format(token=token, rank=worst.rank, wanted=wanted))


def _attention(lab: Lab, found: Forced, target: tuple[int, ...], table: pd.DataFrame) -> None:
    alpha = found.hypothesis.alpha()
    if alpha is None:
        st.info(
            _("This model has no attention, so there is no picture of where it looked."),
            icon=":material/visibility_off:",
        )
        return
    st.markdown(_("**Where it looked while it wrote your words**"))
    tgt = lab.pipeline.tokenizer.words(target)
    src = lab.sentence.src_words
    figure = matrix(
        merge_words(alpha, tgt, src), [word(w) for w, _, _ in src], [word(w) for w, _, _ in tgt]
    )
    key = f"forced-{lab.id}-{hash(target) & 0xFFFFFFFF:x}"
    chart(figure, key, "forced-attention", alt=_("Attention of the forced pair"))
    st.caption(translated(HONEST))
    alpha_table = pd.DataFrame(
        merge_words(alpha, tgt, src), columns=[f"{i + 1} {w}" for i, (w, _, _) in enumerate(src)]
    )
    alpha_table.insert(0, later("output"), [w for w, _, _ in tgt])
    downloads(
        figure,
        alpha_table,
        key,
        "forced-attention",
        lab.words(target),
        dict.fromkeys(alpha_table.columns[1:], "%.3f"),
    )
    title = _("Token table (CSV)")
    st.download_button(title, csv(table), "forced.csv", "text/csv", on_click="ignore")
