"""Beam lab: the whole search of one sentence, panel by panel."""

import streamlit as st

from pages.lab.context import Lab
from pages.lab.glossary import glossary
from pages.lab.panels import GROUPS, PANELS
from pages.lab.source import box, field_of, source_of
from pages.parts import state
from pages.parts.answer import choose_sentence, run, say_if_elsewhere_other, show_warnings
from pages.parts.begin import end
from pages.parts.frame import framed, stop
from pages.parts.lab_models import lab_sidebar
from pages.parts.text import tell, warn
from pages.parts.words import TOO_LONG, all_of
from s2s.figures.text import one_line
from s2s.locale import _, plural, translated

LIMIT = 10_000  # characters read on this page
framed()
k = state.kept()
card, model, options = lab_sidebar()
box(model.task, _("Search"))
text = getattr(k, field_of(model.task))
if not text.strip():
    st.markdown(
        _("See every hypothesis of a search: which lived, which died, and what you can change.")
    )
    glossary()
    stop()
if len(text) > LIMIT:
    cut = _("{n:,} characters: the first {most:,} are read here, the rest is not.")
    warn(cut.format(n=len(text), most=LIMIT))
elif not state.short(text):
    st.caption(translated(TOO_LONG))
source = source_of(model.task, LIMIT)
result = run(card, source, options, k.prefix, _("Searching …"), exact=True)
if not result.sentences:
    tell(_("There is nothing in this text to search for."))
    stop()
show_warnings(result)
number = choose_sentence(result)
lab = Lab(card.name, model, source, number, result.sentences[number], k.prefix)
del result  # the parts below outlive this run: they are to hold one sentence, not all
best = lab.sentence.best
numbers = plural(
    "score {score:.3f} · log-probability {total:.3f} · {n} token",
    "score {score:.3f} · log-probability {total:.3f} · {n} tokens",
    len(best.tokens),
).format(score=best.score, total=best.total, n=len(best.tokens))
st.html(one_line(lab.sentence.outputs[0] or _("(the empty sentence)"), numbers))
say_if_elsewhere_other(card, source, options, k.prefix, number, lab.sentence)
if lab.sentence.best.tokens != lab.trace.best.tokens:
    st.caption(
        _(
            "This output was chosen among those of the search by mutual information, or because others had "
            "been said before; below, places and scores are the search's own."
        )
    )


def panel_switch() -> None:
    """Ten panels in three groups: watch, change, prove."""
    names = all_of({code: name for code, (name, _panel) in PANELS.items()})
    with st.container(horizontal=True, key="panels"):
        for group, codes in GROUPS.items():
            picked = state.widget("panel")
            picked["key"] += f"-{group}-{k.panel}"
            picked["args"] = ("panel", picked["key"], None)
            st.segmented_control(
                translated(group),
                codes,
                default=k.panel if k.panel in codes else None,
                format_func=names.get,
                width="content",
                **picked,
            )


panel_switch()


@st.fragment
def show(code: str) -> None:
    """One panel; what it changes stands in the address."""
    if k.leave:  # a click in a panel asked for another one
        k.leave = False
        st.rerun()
    PANELS[code][1](lab)
    end("beam_lab")


show(k.panel)
glossary()
