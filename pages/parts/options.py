"""Search settings: every field of SearchOptions, explained in one line; ranges are the options' own."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from pages.parts import state
from pages.parts.cache import changed
from pages.parts.text import warn
from pages.parts.words import METHODS, NORMS, STOPS, all_of
from s2s.config import Config, RerankOptions, SearchOptions, bounds
from s2s.errors import S2SError
from s2s.locale import _

# What a slider covers at first, within the option's own range; a model's own value may lie beyond.
HANDY = {
    "beam": (1, 16),
    "alpha": (0.0, 2.0),
    "temperature": (0.1, 2.0),
    "top_k": (0, 1000),
    "top_p": (0.05, 1.0),
    "seed": (0, 10**9 - 1),
    "groups": (1, 16),
    "diversity": (0.0, 3.0),
    "block_ngram": (0, 6),
    "repetition_penalty": (1.0, 2.0),
    "coverage": (0.0, 1.0),
}


class Settings(NamedTuple):
    """How to search, and how to rank what was found."""

    search: SearchOptions
    ranking: RerankOptions


class Panel:
    """The settings of one task, with the model's own values as defaults."""

    def __init__(self, own: Settings, task: str, model: str) -> None:
        self.own, self.task, self.model = own, task, model
        self.chosen = state.kept().options.setdefault(task, {})
        self.values: dict[str, Any] = {}

    def _of(self, name: str) -> tuple[Any, Any]:
        """Default of the model, and what stands now."""
        default = getattr(self.own.ranking if name == "mutual" else self.own.search, name)
        return default, self.chosen.get(name, default)

    def _range(self, name: str) -> tuple[Any, Any]:
        """What the widget covers: the option's own range, or the handy part of it."""
        own = bounds(RerankOptions if name == "mutual" else SearchOptions, name)
        low, high = HANDY.get(name, (own.lo, own.hi))
        return max(low, own.lo), min(high, own.hi)

    def slider(self, name: str, label: str, step: float, help_: str) -> None:
        """A number by a slider."""
        default, now = self._of(name)
        low, high = self._range(name)
        kind = type(default)
        self.values[name] = st.slider(
            label,
            min(low, kind(default), kind(now)),
            max(high, kind(default), kind(now)),
            kind(now),
            kind(step),
            help=help_,
            **state.option(self.task, self.model, name, default),
        )

    def number(self, name: str, label: str, help_: str) -> None:
        """A number by typing."""
        default, now = self._of(name)
        low, high = self._range(name)
        value = st.number_input(
            label,
            min(low, default, now),
            max(high, default, now),
            now,
            help=help_,
            **state.option(self.task, self.model, name, default),
        )
        self.values[name] = now if value is None else value

    def choice(self, name: str, label: str, names: dict[str, str], help_: str) -> str:
        """One of a few."""
        default, now = self._of(name)
        self.values[name] = st.segmented_control(
            label,
            list(names),
            default=now,
            required=True,
            format_func=all_of(names).get,
            help=help_,
            **state.option(self.task, self.model, name, default),
        )
        return self.values[name]


def search_options(config: Config, model: str) -> Settings:
    """Draw the settings of a checkpoint and return what they say."""
    task = config.task
    p = Panel(Settings(config.search, config.rerank), task, model)
    sampled = p.chosen.get("method", config.search.method) == "sample"
    p.slider(
        "beam",
        _("Samples") if sampled else _("Beam size"),
        1,
        _("How many unfinished sentences are kept side by side. 1 is greedy search."),
    )
    fold = st.expander(_("Search settings"), key=f"settings-{task}", on_change="rerun")
    if fold.open:
        with fold:
            _all(p, mutual=config.data.augment.no_source > 0)
    elif p.chosen:
        p.values |= p.chosen
    if not config.data.augment.no_source:
        p.values.pop("mutual", None)
    if others := set(p.chosen) - {"beam"}:
        n = len(others)
        st.caption(_("{n} of them changed").format(n=n))
    return _checked(p)


def _checked(p: Panel) -> Settings:
    """The settings, or, if they contradict each other, the model's own and a sentence."""
    search, ranking = p.own
    values = dict(p.values)
    mutual = values.pop("mutual", ranking.mutual)
    longest = values.get("max_length", search.max_length)
    if 0 < longest < values.get("min_length", search.min_length):
        warn(_("The minimum length is over the maximum; the maximum is used for both."))
        values["min_length"] = longest
    try:
        return Settings(changed(search, **values), RerankOptions(mutual=float(mutual)))
    except S2SError as error:
        warn(_("{error} The model's own settings are used.").format(error=error))
        return p.own


def _stop(p: Panel) -> None:
    p.choice(
        "stop",
        _("When to stop"),
        STOPS,
        _(
            "When as many outputs have ended as the beam is wide; the others are early_stopping "
            "True, False and never of Hugging Face, where outputs that the limit cuts compete by "
            "score."
        ),
    )


def _all(p: Panel, mutual: bool) -> None:
    """What stands under "Search settings"."""
    method = p.choice(
        "method",
        _("Search"),
        METHODS,
        _(
            "Beam keeps the best unfinished sentences at each step; sampling draws tokens by chance."
        ),
    )
    if method == "sample":
        _sampling(p)
    if mutual:
        p.slider(
            "mutual",
            _("Mutual information λ"),
            0.05,
            _(
                "Takes λ times the log-probability that an output has without the source off its score: "
                "against replies that fit everything. 0 switches it off."
            ),
        )
    p.choice(
        "length_norm",
        _("Length normalisation"),
        NORMS,
        _(
            "Every token lowers the total, so short outputs would win: divide by the length, by a "
            "softer power of it (GNMT), or not at all."
        ),
    )
    p.slider(
        "alpha", _("Length penalty α"), 0.1, _("0 ignores length; larger favours longer outputs.")
    )
    p.slider(
        "coverage",
        _("Coverage penalty β"),
        0.05,
        _("Lowers the score of outputs that left source words unattended; 0: off."),
    )
    if method == "beam":
        _stop(p)
        p.slider(
            "groups",
            _("Groups (diverse beam)"),
            1,
            _("Divides the beam into groups that avoid each other's words; 1 is plain beam."),
        )
        p.slider(
            "diversity",
            _("Diversity"),
            0.1,
            _("With several groups: what it costs to take a word that another group took."),
        )
    _constraints(p)
    if p.chosen:
        st.button(
            _("Back to the model's own"), icon=":material/undo:", on_click=_reset, args=(p.task,)
        )


def _sampling(p: Panel) -> None:
    """What chance is allowed."""
    p.slider("temperature", _("Temperature"), 0.1, _("Below 1 plays safe, above 1 takes risks."))
    p.number("top_k", _("Top-k"), _("Draw from the k most probable tokens only; 0: from all."))
    p.slider(
        "top_p",
        _("Top-p"),
        0.05,
        _("Draw from the smallest set of tokens that holds this much probability."),
    )
    p.number("seed", _("Seed"), _("The same seed draws the same samples."))


def _constraints(p: Panel) -> None:
    """What an output may not do."""
    p.slider(
        "block_ngram",
        _("Block repeated n-grams"),
        1,
        _("No run of this many tokens may occur twice; 0 switches it off."),
    )
    p.slider(
        "repetition_penalty",
        _("Repetition penalty"),
        0.05,
        _("Makes tokens that were used already less probable; 1 switches it off."),
    )
    p.number("min_length", _("Minimum length"), _("No end before this many tokens."))
    p.number(
        "max_length",
        _("Maximum length"),
        _("Cut after this many tokens; 0: twice the source plus ten."),
    )


def _reset(task: str) -> None:
    state.kept().options[task] = {}
    state.forget_picks()
    state.reseed()
