"""Two models, one sentence: both answers, both pictures on one scale, both scores."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.attention import common, draw, pick, switches
from pages.parts.cache import Card, changed, decode, forced_sentence, pipeline
from pages.parts.lines import mount
from pages.parts.models import about
from pages.parts.picture import answer_data, chosen_step, picture
from pages.parts.text import fail, plain
from s2s.errors import S2SError
from s2s.locale import _
from s2s.trace import Result, Sentence


def offer(found: list[Card], card: Card) -> Card | None:
    """In the sidebar: compare with another model of the same languages."""
    k = state.kept()
    others = [c for c in found if c.languages == card.languages and c.name != card.name]
    if not others:
        k.rival = ""
        return None
    names = [c.name for c in others]
    # the contrast that teaches most comes first: with attention, and without
    others.sort(key=lambda c: c.attends == card.attends)
    key = f"compare.{card.name}.{k.epoch}"

    def switch() -> None:
        k.rival = others[0].name if st.session_state[key] else ""

    with st.sidebar:
        st.toggle(_("Compare two models"), k.rival in names, key=key, on_change=switch)
        if k.rival not in names:
            k.rival = ""
            return None
        if len(others) > 1:
            titles = {c.name: plain(c.title.split(" · ", 1)[-1]) for c in others}
            st.selectbox(
                _("Compare with"),
                list(titles),
                list(titles).index(k.rival),
                format_func=titles.get,
                **state.widget("rival"),
            )
        st.toggle(
            _("Force both through the same words"),
            bool(k.same),
            help=_("The second model is made to write the first one's answer, so that rows match."),
            **state.widget("same"),
        )
    return next(c for c in others if c.name == k.rival)


def compare(sentence: Sentence, number: int, pair: tuple[Card, Card], prefix: str) -> None:
    """Both models side by side; on a phone below each other."""
    k = state.kept()
    try:
        other = _other(sentence, pair[1], prefix)
    except S2SError as error:
        fail(str(error))
        return
    switches(any(s.best.attention is not None for s in (sentence, other)))
    for column, card, s, place in zip(
        st.columns(2, gap="small"), pair, (sentence, other), ("-a", "-b"), strict=True
    ):
        with column:
            best = s.best
            st.markdown(f"**{plain(card.title.split(' · ', 1)[-1])}**")
            shared = common(s, 0, card.name, number, chosen_step(s, 0, k.step))
            score = _("score {score:.3f} · log-probability {total:.2f}").format(
                score=best.score, total=best.total
            )
            whole = Result(s.outputs[0], (s,))
            data = answer_data(whole, 0, shared | {"sentence": number}, card.languages[1], score)
            mount(data | {"sentence": 0}, f"answer{place}", _pick(number))
            draw(s, 0, card.name, picture(s, 0, k.unit), shared, k.view, place)
            st.caption(about(card))
    st.markdown(_verdict(sentence, other, pair))


def _pick(number: int):
    return lambda _sentence, step: pick(number, step)


def _other(sentence: Sentence, card: Card, prefix: str) -> Sentence:
    """The second model's own answer, or what it thinks of the first one's."""
    k = state.kept()
    model = pipeline(card.name)
    options = changed(model.config.search, **k.options.get("translation", {}))
    if k.same:
        return forced_sentence(card.name, sentence.source, sentence.outputs[0], options)
    found = decode(card.name, sentence.source, options, model.config.rerank, prefix).sentences
    if len(found) != 1:
        raise S2SError(_("The two models split this text differently."))
    return found[0]


def _verdict(a: Sentence, b: Sentence, pair: tuple[Card, Card]) -> str:
    """What the two make of it, in one sentence."""
    first, second = (plain(c.title.split(" · ", 1)[-1]) for c in pair)
    gap = a.best.total - b.best.total
    if state.kept().same:
        likes = first if gap > 0 else second
        said = _("Of the same words **{model}** is surer, by {gap:.2f} nats in all.")
        return said.format(model=likes, gap=abs(gap))
    if a.outputs[0] == b.outputs[0]:
        return _("Both models give the same answer.")
    return _(
        "The answers differ. Scores of two models are not on one scale: force both through the same "
        "words to compare what they think of them."
    )
