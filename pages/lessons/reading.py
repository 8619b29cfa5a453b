"""The sentence and the model of a lesson: the visitor's own, wherever they come from and go to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.parts import state
from pages.parts.answer import run
from pages.parts.begin import of_task
from pages.parts.cache import Card, config_of, pipeline, shelf
from pages.parts.frame import stop
from pages.parts.picture import plain_piece
from pages.parts.text import fail, plain, tell
from pages.parts.work import working
from s2s.config import Config
from s2s.errors import S2SError
from s2s.locale import _
from s2s.models import MODELS
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS
from s2s.text.source import Source
from s2s.trace import Sentence

LIMIT = 1_000  # characters read in a lesson
EXAMPLE = 2  # of the task's examples: the one that a first visit opens with


@dataclass(frozen=True)
class Reading:
    """One sentence as one model reads it."""

    card: Card
    pipeline: Pipeline
    sentence: Sentence

    @property
    def ids(self) -> tuple[int, ...]:
        """Of the source, the end included."""
        return self.sentence.trace.source

    @property
    def pieces(self) -> list[str]:
        """The source's pieces as they are drawn."""
        return [plain_piece(p) for p in self.sentence.src_pieces]

    @property
    def key(self) -> tuple:
        """What everything that is computed from a reading is kept by."""
        return self.pipeline.checkpoint.digest, self.ids

    def computed(self, what: Hashable, make: Callable[[Any], Any]) -> Any:
        """What a lesson computes of it: kept under ``what``, made when it is this visitor's turn, and only
        as long as they are there. ``make``: of the model, which looks between two steps whether they are."""
        return shelf().get(
            (what, *self.key), lambda: working(self.pipeline, lambda w: make(w.checkpoint.model))
        )


def sentence_box() -> None:
    """The visitor's sentence: the one of the other pages."""
    k = state.kept()
    examples = [example.text for example in TASKS["translation"].examples]
    if "text" not in k.seeds:
        k.seeds["text"] = examples[EXAMPLE]
        k.text = k.text or examples[EXAMPLE]
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(f"**{_('Your sentence')}**", width="content")
        with st.popover(_("Examples"), icon=":material/lightbulb:", type="tertiary"):
            for n, example in enumerate(examples):
                st.button(
                    plain(example),
                    key=f"example-{n}",
                    on_click=state.reseed,
                    kwargs={"text": example},
                    type="tertiary",
                )
    st.text_area(
        _("Your sentence"),
        k.text,
        height=68,
        placeholder=_("Type a sentence, then press Ctrl+Enter"),
        label_visibility="collapsed",
        **state.widget("text"),
    )


def models() -> list[Card]:
    """The translation models; the page ends with a sentence if there is none."""
    found, _problems = of_task("translation")
    if not found:
        fail(_("There is no translation model here. Train one: python -m s2s train RECIPE."))
        stop()
    return found


def read(fits: Callable[[Config], bool] = lambda config: True, why: str = "") -> Reading:
    """The first sentence of the visitor's text, decoded by the chosen model if it ``fits`` the lesson,
    else by one that does, and the page says so. May end the page with a sentence.

    ``why``: what the lesson needs, such as "a GRU".
    """
    k, found = state.kept(), models()
    chosen = next((c for c in found if c.name == k.model.get("translation")), found[0])
    fitting = [c for c in found if _fits(c, fits)]
    if not fitting:
        tell(_("This lesson needs {what}, and no model here has that.").format(what=why))
        stop()
    card = chosen if chosen in fitting else fitting[0]
    text = k.text[:LIMIT]
    if card != chosen:
        tell(
            _("This lesson needs {what}: it uses “{used}” instead of your “{yours}”.").format(
                what=why, used=card.title, yours=chosen.title
            )
        )
        if card.languages[0] != chosen.languages[0]:
            text = TASKS["translation"].examples[EXAMPLE].text
    try:
        model = pipeline(card.name)
    except S2SError as error:
        fail(str(error))
        stop()
    result = run(
        card, Source((text,)), (model.config.search, model.config.rerank), "", _("Reading …")
    )
    if not result.sentences:
        tell(_("Type a sentence first: every number of this lesson is made from it."))
        stop()
    if len(result.sentences) > 1:
        st.caption(_("Of your text the lessons read the first sentence."))
    return Reading(card, model, result.sentences[0])


def summary(text: str) -> Reading | None:
    """The text as a summarizer that can copy reads it; None: there is none here, or nothing to read."""
    found = [
        c for c in of_task("summarization")[0] if _fits(c, lambda x: bool(x.model.get("copy")))
    ]
    if not found:
        return None
    try:
        model = pipeline(found[0].name)
    except S2SError as error:
        fail(str(error))
        return None
    settings = (model.config.search, model.config.rerank)
    result = run(found[0], Source((text,)), settings, "", _("Reading …"))
    return Reading(found[0], model, result.sentences[0]) if result.sentences else None


def beside(card: Card, fits: Callable[[Config], bool]) -> Card | None:
    """Another model for the same languages that ``fits``; None: there is none."""
    return next((c for c in models() if c.languages == card.languages and _fits(c, fits)), None)


def _fits(card: Card, fits: Callable[[Config], bool]) -> bool:
    try:
        return fits(config_of(card.name))
    except S2SError:
        return False


def trained(config: Config) -> bool:
    """Whether a model is of a family that is trained here, so that a loss and its gradient can be had."""
    return config.architecture in MODELS


def attends(config: Config) -> bool:
    """Whether such a model has attention."""
    return trained(config) and config.model.get("attention") != "none"


def is_rnn(config: Config, **options: object) -> bool:
    """Whether a config is of the recurrent family and has these options; those left out have defaults."""
    usual = {"cell": "gru", "attention": "additive", "bidirectional": True}
    has = usual | dict(config.model)
    return config.architecture == "rnn" and all(has[k] == v for k, v in options.items())


def step_slider(names: Sequence[str], label: str, usual: int = -1) -> int:
    """Which position is looked at, by a slider over pieces; ``usual``: before anyone chose (-1: the last)."""
    k = state.kept()
    last = len(names) - 1
    at = min(k.place, last) if k.place >= 0 else usual % len(names)
    if last < 1:
        return 0
    st.select_slider(
        label,
        range(len(names)),
        at,
        format_func=lambda i: f"{i + 1} · {plain(names[i])}",
        **state.widget("place", of=tuple(names)),
    )
    return at


def output_slider(names: Sequence[str], label: str, usual: int) -> int:
    """The same over pieces of the output."""
    k = state.kept()
    at = min(k.wrote, len(names) - 1) if k.wrote >= 0 else usual
    if len(names) > 1:
        st.select_slider(
            label,
            range(len(names)),
            at,
            format_func=lambda i: f"{i + 1} · {plain(names[i])}",
            **state.widget("wrote", of=tuple(names)),
        )
    return at
