"""Panel: everything to take along."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import film
from pages.parts.chart import csv
from s2s import __version__
from s2s.analysis.tree import grow, lines
from s2s.analysis.what_if import from_text
from s2s.errors import S2SError
from s2s.export.json import document, schema
from s2s.export.python import as_python
from s2s.figures.style import standalone
from s2s.figures.tree import beam_tree
from s2s.locale import _


def take_away_panel(lab: Lab) -> None:
    """The trace as JSON, its candidates as CSV, the tree as a picture, and Python for all of it."""
    st.markdown(
        _(
            "Take the whole search with you: every number on this page, which weights made it, and a "
            "script that makes it again."
        )
    )
    checkpoint = lab.pipeline.checkpoint
    _files(lab)
    said = _(
        "Weights {digest} of {name}; seed {seed}. Every figure on the other panels saves itself too: its "
        "toolbar's camera as PNG or SVG, the button under it as HTML, its numbers as CSV."
    )
    seed = lab.trace.options.seed
    st.caption(said.format(digest=checkpoint.digest, name=lab.name, seed=seed))
    st.markdown(_("**The same in Python**"))
    try:
        edits = from_text(state.kept().edits)
    except S2SError:
        edits = ()
    st.code(
        as_python(
            lab.source,
            lab.trace.options,
            checkpoint=lab.name,
            digest=checkpoint.digest,
            prefix=lab.text_prefix,
            sentence=lab.number,
            edits=edits,
        ),
        language="python",
        wrap_lines=True,
    )
    st.caption(
        _("Run it in the project's folder. It stops if the weights are not these.")
        + (_(" It walks your what-if path too.") if edits else "")
    )


def _files(lab: Lab) -> None:
    """A button a file."""
    with st.container(horizontal=True):
        st.download_button(
            _("Trace (JSON)"),
            lambda: _json(lab),
            "trace.json",
            "application/json",
            on_click="ignore",
            type="primary",
        )
        st.download_button(
            _("Schema of the JSON"),
            schema(),
            "trace.schema.json",
            "application/json",
            on_click="ignore",
        )
        st.download_button(
            _("All candidates (CSV)"),
            lambda: _candidates(lab),
            "candidates.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            _("Outputs (CSV)"),
            lambda: _outputs(lab),
            "outputs.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            _("Beam tree (HTML)"),
            lambda: _tree(lab),
            "beam-tree.html",
            "text/html",
            on_click="ignore",
        )


def _json(lab: Lab) -> str:
    config = lab.pipeline.config
    doc = document(
        lab.sentence,
        checkpoint=lab.name,
        digest=lab.pipeline.checkpoint.digest,
        task=config.task,
        architecture=config.architecture,
        version=__version__,
        pieces=lab.pipeline.tokenizer.pieces,
    )
    return json.dumps(doc, ensure_ascii=False, allow_nan=False)


def _candidates(lab: Lab) -> str:
    table = pd.DataFrame(
        {
            "step": frame.t + 1,
            "row": c.row,
            "text": lab.words(c.tokens),
            "token": c.tokens[-1],
            "piece": lab.tokens(c.tokens[-1:])[0],
            "logprob": c.logprob,
            "total": c.total,
            "score": c.score,
            "fate": c.fate.name.lower(),
            "gap": c.gap,
            "blocked by": c.block.name.lower(),
        }
        for frame in film(lab.key, lab.trace)
        for c in frame.candidates
    )
    return csv(table)


def _outputs(lab: Lab) -> str:
    found = lab.sentence.hypotheses
    table = pd.DataFrame(
        {
            "place": range(1, len(found) + 1),
            "output": lab.sentence.outputs,
            "logprob": [h.total for h in found],
            "score": [h.score for h in found],
            "tokens": [len(h.tokens) for h in found],
            "finished": [h.finished for h in found],
        }
    )
    return csv(table)


def _tree(lab: Lab) -> str:
    tree = grow(lab.trace)
    labels = ["", *lab.tokens([n.token for n in tree.nodes[1:]])]
    scores = [h.score for h in lab.trace.hypotheses]
    return standalone(beam_tree(tree, lines(tree), labels, scores), lab.sentence.outputs[0])
