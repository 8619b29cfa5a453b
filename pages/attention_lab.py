"""Attention lab: where a model looked, whether that was used, and what happens if it looks elsewhere."""

import streamlit as st

from pages.attention.panels import LONG, PANELS
from pages.lab.context import Lab
from pages.lab.source import box, field_of, source_of
from pages.parts import state
from pages.parts.answer import choose_sentence, run, say_if_elsewhere_other
from pages.parts.begin import end
from pages.parts.frame import framed, stop
from pages.parts.lab_models import lab_sidebar
from pages.parts.text import tell, warn
from pages.parts.words import HONEST, all_of
from s2s.figures.text import one_line
from s2s.locale import _, plural, translated
from s2s.text.remarks import shown

framed()
LIMIT = 10_000  # characters read on this page
k = state.kept()
card, model, options = lab_sidebar()
box(model.task, _("Look"), ":material/visibility:")
text = getattr(k, field_of(model.task))
if not text.strip():
    st.markdown(
        _("See every head of a model, which of them aligns words, and what it would say blind.")
    )
    stop()
if len(text) > LIMIT:
    cut = _("{n:,} characters: the first {most:,} are read here, the rest is not.")
    warn(cut.format(n=len(text), most=LIMIT))
source = source_of(model.task, LIMIT)
result = run(card, source, options, k.prefix, _("Decoding …"), exact=True)
if not result.sentences:
    tell(_("There is nothing in this text to look at."))
    stop()
for warning in result.warnings:
    warn(shown(warning))
number = choose_sentence(result)
lab = Lab(card.name, model, source, number, result.sentences[number], k.prefix)
del result  # the parts below outlive this run: they are to hold one sentence, not all
best = lab.sentence.best
numbers = plural(
    "log-probability {total:.3f} · {n} token",
    "log-probability {total:.3f} · {n} tokens",
    len(best.tokens),
).format(total=best.total, n=len(best.tokens))
st.html(one_line(lab.sentence.outputs[0] or _("(the empty sentence)"), numbers))
say_if_elsewhere_other(card, source, options, k.prefix, number, lab.sentence)
st.segmented_control(
    _("Look into"),
    list(PANELS),
    default=k.look,
    required=True,
    format_func=all_of({code: name for code, (name, _panel) in PANELS.items()}).get,
    label_visibility="collapsed",
    **state.widget("look"),
)


def show(code: str) -> None:
    """One panel; what it changes stands in the address."""
    if k.leave:  # a click in a panel asked for another one
        k.leave = False
        st.rerun()
    PANELS[code][1](lab)
    st.caption(translated(HONEST))
    end("attention_lab")


# A click inside a fragment does not interrupt a run of the page: long work must be stopped from outside one
(show if k.look in LONG else st.fragment(show))(k.look)
