"""Panel: change where the model looks, and let it write again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.chart import chart, downloads
from pages.parts.looks import operated
from pages.parts.picture import word
from pages.parts.text import distinct, plain, warn
from pages.parts.words import all_of
from s2s.analysis.attention import merge_words
from s2s.analysis.autopsy import align
from s2s.analysis.surgery import Change, Hide, Off, Pin, as_text, from_text, heads_of
from s2s.errors import S2SError
from s2s.figures.bars import differences
from s2s.figures.chips import changes as changed_chips
from s2s.figures.heatmap import matrix
from s2s.locale import _, later, translated
from s2s.trace import Trace

KINDS = {
    "cross": later("output → source"),
    "encoder": later("source → source"),
    "decoder": later("output → output"),
}


def surgery_panel(lab: Lab) -> None:
    """The changes, each with its undo; the old answer and the new one."""
    st.markdown(
        _(
            "Hide a source word, pin attention on a word, switch off a head: the model **writes anew**, "
            "and you see what changes. Every change is undone by one click; the model itself is never "
            "touched."
        )
    )
    k = state.kept()
    made: tuple[Change, ...] = ()
    results = None
    try:
        made = from_text(k.cuts)
        if made:
            with st.spinner(_("Writing anew …"), show_time=True):
                results = operated(lab, k.cuts)
    except S2SError as error:
        warn(_("{error} The changes were taken back.").format(error=error))
        k.cuts, made = "", ()
    _operations(lab, made)
    _made(lab, made)
    if results is None:
        st.caption(_("Nothing is changed yet: this is the model as it is."))
        return
    _compare(lab, *results)


def _write(made: tuple[Change, ...]) -> None:
    state.kept().cuts = as_text(dict.fromkeys(made))


def _operations(lab: Lab, made: tuple[Change, ...]) -> None:
    """Three ways to change something."""
    sizes = heads_of(lab.pipeline.checkpoint.model)
    _hide(lab, made)
    if not sizes:
        st.caption(
            _("This model has no attention: there is nothing to pin and no head to switch off.")
        )
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _pin(lab, made)
    with right:
        _off(made, sizes)


def _hide(lab: Lab, made: tuple[Change, ...]) -> None:
    """Pills of source words; a chosen one is hidden."""
    words = lab.sentence.src_words[:-1]
    hidden = [n for n, (_, a, b) in enumerate(words) if Hide(a, b) in made]
    key = f"hide-{lab.id}-{hash(as_text(made)) & 0xFFFFFFFF:x}"

    def take() -> None:
        chosen = st.session_state[key]
        rest = tuple(c for c in made if not isinstance(c, Hide))
        _write((*rest, *(Hide(*words[n][1:]) for n in sorted(chosen))))

    st.pills(
        _("Hide source words"),
        range(len(words)),
        default=hidden,
        selection_mode="multi",
        key=key,
        on_change=take,
        format_func=distinct([plain(word(w)) for w, _, _ in words]).__getitem__,
    )


def _pin(lab: Lab, made: tuple[Change, ...]) -> None:
    """Which output word shall look at which source word, and how strongly."""
    src, tgt = lab.sentence.src_words, lab.sentence.tgt_words[0]
    names = [f"{n + 1} {word(w)}" for n, (w, _, _) in enumerate(tgt)]
    goals = [f"{n + 1} {word(w)}" for n, (w, _, _) in enumerate(src)]
    row = {"horizontal": True, "vertical_alignment": "bottom"}
    with st.container(**row):
        t = st.selectbox(
            _("While writing"),
            range(len(tgt)),
            format_func=names.__getitem__,
            key=f"pin-t-{lab.id}",
        )
        s = st.selectbox(
            _("look at"), range(len(src)), format_func=goals.__getitem__, key=f"pin-s-{lab.id}"
        )
        percent = st.slider(_("How much, %"), 0, 100, 100, 5, key=f"pin-much-{lab.id}")
    pin = Pin(*tgt[t][1:], *src[s][1:], percent)
    others = tuple(
        c for c in made if not (isinstance(c, Pin) and (c.start, c.stop) == (pin.start, pin.stop))
    )
    st.button(_("Pin"), icon=":material/push_pin:", on_click=_write, args=((*others, pin),))


def _off(made: tuple[Change, ...], sizes: dict[str, tuple[int, int]]) -> None:
    """One head by kind, layer and number."""
    kind = next(iter(sizes))
    layers, heads = sizes[kind]
    layer = head = 1
    if layers * heads > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = st.selectbox(
                _("Switch off in"), list(sizes), format_func=all_of(KINDS).get, key="off-kind"
            )
            layers, heads = sizes[kind]
            layer = st.number_input(_("Layer"), 1, layers, 1, key=f"off-layer-{kind}")
            head = st.number_input(_("Head"), 1, heads, 1, key=f"off-head-{kind}")
    else:
        st.caption(_("This model has one head."))
    off = Off(kind, layer - 1, head - 1)
    with st.container(horizontal=True):
        st.button(_("Switch off"), icon=":material/block:", on_click=_write, args=((*made, off),))
        if heads > 1:
            whole = tuple(Off(kind, layer - 1, n) for n in range(heads))
            st.button(_("The whole layer"), on_click=_write, args=((*made, *whole),))


def _made(lab: Lab, made: tuple[Change, ...]) -> None:
    """A button for each change that takes it back."""
    if not made:
        return
    with st.container(horizontal=True, key="made"):
        for n, change in enumerate(made):
            st.button(
                plain(_told(lab, change)),
                icon=":material/undo:",
                key=f"undo-{n}-{as_text([change])}",
                on_click=_write,
                args=(made[:n] + made[n + 1 :],),
            )
        if len(made) > 1:
            st.button(_("Undo all"), type="tertiary", on_click=_write, args=((),))


def _told(lab: Lab, change: Change) -> str:
    """A change in words."""
    if isinstance(change, Off):
        said = _("Off: {kind}, layer {layer}, head {head}")
        kind = translated(KINDS[change.kind])
        return said.format(kind=kind, layer=change.layer + 1, head=change.head + 1)
    s = lab.sentence
    goal = lab.words(s.trace.source[change.first : change.last]) or _("end")
    if isinstance(change, Hide):
        return _("Hidden: {word}").format(word=goal)
    step = lab.words(s.best.tokens[change.start : change.stop]) or _("end")
    said = _("Pinned: {step} → {goal}, {percent}%")
    return said.format(step=step, goal=goal, percent=change.percent)


def _compare(lab: Lab, found: Trace, before, after) -> None:
    """Old above new; what every old token lost or won; where the model looks now."""
    old, new = lab.sentence.best, found.best
    st.html(
        changed_chips(align(old.tokens, new.tokens), lab.tokens(old.tokens), lab.tokens(new.tokens))
    )
    same = old.tokens == new.tokens
    st.caption(
        _("The answer stays the same.")
        if same
        else _("Before above, now below: {text}").format(text=plain(lab.words(new.tokens)))
    )
    delta = after.hypothesis.logprobs - before.hypothesis.logprobs
    tokens = lab.tokens(old.tokens)
    worst = int(np.argmin(delta))
    left, middle, right = st.columns(3)
    nats = _("{n:+.2f} nats")
    left.metric(
        _("Log-probability of the old answer"),
        f"{after.hypothesis.total:.2f}",
        nats.format(n=delta.sum()),
    )
    hit = tokens[worst].strip("·") or _("(space)")
    middle.metric(_("Hit hardest"), hit, nats.format(n=delta[worst]))
    right.metric(_("Log-probability of the new answer"), f"{new.total:.2f}")
    figure = differences(tokens, delta)
    key = f"surgery-{lab.id}-{hash(state.kept().cuts) & 0xFFFFFFFF:x}"
    st.markdown(_("**What the changes do to each token of the old answer**"))
    chart(figure, key, "surgery", alt=_("Change of the log-probability of each token"))
    table = pd.DataFrame(
        {
            later("token"): tokens,
            "before": before.hypothesis.logprobs,
            later("now"): after.hypothesis.logprobs,
            later("change"): delta,
            later("rank now"): [t.rank for t in after.tokens],
            later("it would write"): lab.tokens([t.preferred for t in after.tokens]),
        }
    )
    number = st.column_config.NumberColumn
    formats = {"before": number(_("before the changes"), format="%.3f"), "now": "%.3f"}
    title = _("Before and after surgery")
    downloads(figure, table, key, "surgery", title, formats | {"change": "%.3f"})
    alpha = new.alpha()
    if alpha is None:
        return
    tgt, src = lab.pipeline.tokenizer.words(new.tokens), lab.sentence.src_words
    st.markdown(_("**Where it looks now**"))
    picture = matrix(
        merge_words(alpha, tgt, src), [word(w) for w, _, _ in src], [word(w) for w, _, _ in tgt]
    )
    chart(picture, f"{key}-now", "surgery-attention", alt=_("Attention of the new answer"))
