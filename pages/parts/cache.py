"""Everything that is kept between reruns and shared by all sessions: models and results.

Results are keyed by the digest of the weights, so that a checkpoint which is trained again under the
running app answers anew, and they are bounded in bytes, not in number.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import streamlit as st

from pages.parts.catalogue import Card as Card
from pages.parts.catalogue import cards as cards
from pages.parts.catalogue import catalogue as catalogue
from pages.parts.catalogue import config_of as config_of
from pages.parts.catalogue import every_card as every_card
from pages.parts.catalogue import stamp as stamp
from pages.parts.shelf import Shelf
from pages.parts.toys import own_folders
from pages.parts.work import working
from s2s.analysis.invariants import Check, check
from s2s.analysis.playback import Frame, play
from s2s.analysis.rerank import pool
from s2s.analysis.sweep import Sweep, search_widths, sweep
from s2s.analysis.what_if import from_text, retell
from s2s.checkpoint import find
from s2s.config import RerankOptions, SearchOptions, from_dict, to_dict
from s2s.errors import S2SError
from s2s.locale import _
from s2s.pipeline import Pipeline
from s2s.search.forced import Forced, force
from s2s.text.source import Source
from s2s.trace import Hypothesis, Result, Sentence, Trace

MODELS = 4  # loaded at once
ATTEMPTS = 5  # to read files that change
WORK = 100_000  # sentences x beam x length of one request: some 15 s of a processor at most


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The one shelf of this server."""
    return Shelf()


# ------------------------------------------------------------------------------------------ models
_models: OrderedDict[tuple, Pipeline] = OrderedDict()
_loading = threading.Lock()


def pin() -> None:
    """At the beginning of a page: from here on a name means the weights that it has now."""
    st.session_state["pinned"] = {}


def pipeline(name: str, exact: bool = False) -> Pipeline:
    """A loaded model; shared by all sessions, never changed; loaded anew when its files change.

    On one page it stays the same, parts that are drawn anew included: a picture and what is said of it
    are of one model, whatever happens to the files meanwhile. ``exact``: it answers by the network
    itself, of which the labs prove things.
    """
    pinned = st.session_state.setdefault("pinned", {})
    if name not in pinned:
        pinned[name] = _loaded(name)
    return pinned[name].exact() if exact else pinned[name]


def _loaded(name: str) -> Pipeline:
    folder = own_folders().get(name) or find(name)
    found = _models.get(stamp(folder))
    if found is not None:
        return found
    with st.spinner(_("Loading the model …")), _loading:
        for _attempt in range(ATTEMPTS):
            key = stamp(folder)
            found = _models.get(key) or Pipeline(folder)
            if stamp(folder) == key:  # else its files changed while they were read
                break
        else:
            raise S2SError(
                _("The files of {name} keep changing while they are read; try again.").format(
                    name=name
                )
            )
        _models[key] = found
        while len(_models) > MODELS:
            _models.popitem(last=False)
    return found


def digest(name: str) -> str:
    """Which weights a checkpoint has now."""
    return pipeline(name).checkpoint.digest


# ----------------------------------------------------------------------------------------- results
def key_of(options: SearchOptions) -> tuple:
    """Options as what results are keyed by."""
    return tuple(to_dict(options).items())


def decode(
    name: str,
    source: Source,
    options: SearchOptions,
    ranking: RerankOptions,
    prefix: str = "",
    exact: bool = False,
) -> Result:
    """One answer with its full trace. Raises S2SError."""
    p = pipeline(name, exact)
    key = (
        "decode",
        p.precision,
        p.checkpoint.digest,
        source,
        key_of(options),
        ranking.mutual,
        prefix,
    )
    return shelf().get(
        key,
        lambda: working(
            p,
            lambda w: w(source, options, record=True, prefix=prefix, rerank=ranking, most=WORK),
        ),
    )


def forced_sentence(
    name: str, source: Source, target: str, options: SearchOptions, exact: bool = False
) -> Sentence:
    """The model made to write ``target``, as if it had found it. Raises S2SError."""
    p = pipeline(name, exact)
    key = ("score", p.precision, p.checkpoint.digest, source, target, key_of(options))
    return shelf().get(key, lambda: working(p, lambda w: w.score(source, target, options)))


def greedy_of(name: str, trace: Trace, exact: bool = False) -> Trace:
    """Greedy search over a trace's own source, never split anew, under its other options."""
    p = pipeline(name, exact)
    key = (
        "greedy",
        p.precision,
        p.checkpoint.digest,
        trace.source,
        trace.prefix,
        key_of(trace.options),
    )
    return shelf().get(
        key,
        lambda: working(
            p,
            lambda w: search_widths(
                w.decoder,
                trace.source,
                as_greedy(trace.options),
                (1,),
                prefix=trace.prefix,
                record=True,
            )[0][0],
        ),
    )


# ``key``: everything that decides a trace (Lab.key).
def film(key: tuple, trace: Trace) -> tuple[Frame, ...]:
    """Every step of a trace."""
    return shelf().get(("film", key), lambda: play(trace))


def outputs_of(key: tuple, trace: Trace) -> tuple[Hypothesis, ...]:
    """Every output that a search completed."""
    return shelf().get(("pool", key), lambda: pool(trace))


def widths(key: tuple, name: str, trace: Trace) -> Sweep:
    """Beam widths 1 to 16 for one source."""
    p = pipeline(name)
    return shelf().get(
        ("widths", key),
        lambda: working(
            p,
            lambda w: sweep(w.checkpoint.model, trace.source, trace.options, prefix=trace.prefix),
        ),
    )


def force_through(key: tuple, name: str, target: tuple[int, ...], trace: Trace) -> Forced:
    """The model forced through a target. Raises S2SError."""
    p = pipeline(name)
    return shelf().get(
        ("forced", key, target),
        lambda: working(
            p, lambda w: force(w.checkpoint.model, trace.source, target, trace.options)
        ),
    )


def edited(key: tuple, name: str, path: str, trace: Trace) -> list[Trace]:
    """The first output and what each edit of a path made of it. Raises S2SError."""
    p = pipeline(name)
    return shelf().get(
        ("edited", key, path),
        lambda: working(
            p,
            lambda w: retell(
                w.checkpoint.model,
                trace.source,
                trace.options,
                from_text(path),
                prefix=trace.prefix,
            ),
        ),
    )


def checks(key: tuple, name: str, trace: Trace) -> list[Check]:
    """Every law on one trace."""
    p = pipeline(name)
    return shelf().get(
        ("checks", key),
        lambda: working(p, lambda _: check(p.checkpoint.model, trace)),
    )


def as_greedy(options: SearchOptions) -> SearchOptions:
    """The same options with a beam of one."""
    return changed(options, method="beam", beam=1, groups=1)


def changed(options: SearchOptions, **values: Any) -> SearchOptions:
    """Options with other values. Raises S2SError if they may not be."""
    return from_dict(SearchOptions, to_dict(options) | values)
