"""What is inside an answer: candidates, attention, one step, greedy beside beam.

One piece for every task page. Layout only: numbers come from traces, pictures from s2s.figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple, fields, replace

import pandas as pd
import streamlit as st

from pages.shared.cache import decode, pipeline
from pages.shared.wording import distinct, plain
from s2s.analysis.attention import merge_words, word_of
from s2s.analysis.autopsy import diverge
from s2s.config import RerankOptions, SearchOptions
from s2s.figures.bars import MOST, looked_at
from s2s.figures.bars import alternatives as alternatives_figure
from s2s.figures.heatmap import WINDOW, heatmap
from s2s.figures.heatmap import strip as source_strip
from s2s.figures.style import SPOKEN, piece, standalone
from s2s.figures.text import strip
from s2s.trace import Fate, Result, Sentence


def key_of(options: SearchOptions) -> tuple:
    """Options as what the result cache is keyed by."""
    return tuple(zip((f.name for f in fields(options)), astuple(options), strict=True))


def inspect(
    result: Result,
    name: str,
    options: SearchOptions,
    prefix: str = "",
    extra: Callable[[Sentence, int], None] | None = None,
) -> None:
    """Draw everything below an answer. ``extra``: a task's own panel of (sentence, candidate)."""
    sentence = _choose_sentence(result)
    st.subheader("Candidates", anchor=False)
    chosen = _candidates(sentence)
    if extra:
        extra(sentence, chosen)
    st.subheader("Attention", anchor=False)
    token_key = f"token-{hash((sentence.source, sentence.hypotheses[chosen].tokens))}"
    _attention(sentence, chosen, token_key)
    st.subheader("One step", anchor=False)
    _step(sentence, chosen, token_key, name)
    st.subheader("Greedy beside beam", anchor=False)
    own_prefix = prefix if sentence is result.sentences[0] else ""
    _greedy(sentence, name, options, own_prefix)
    _lab_link(sentence, name)


def _choose_sentence(result: Result) -> Sentence:
    if len(result.sentences) == 1:
        return result.sentences[0]
    n = st.selectbox(
        "Sentence to look into",
        range(len(result.sentences)),
        format_func=lambda i: f"{i + 1} · {result.sentences[i].source.text[:80]}",
        key="sentence",
        help="Each sentence was decoded by itself and has its own candidates.",
    )
    return result.sentences[n or 0]


def _lab_link(sentence: Sentence, name: str) -> None:
    """The way to the Beam lab, with this sentence, model and options."""
    model = pipeline(name)
    query = st.query_params.to_dict()
    for own in ("turn", "document", "chat_model", "sum_model", "sentence"):
        query.pop(own, None)
    source = sentence.source
    if source.kind:
        query["kind"] = source.kind
    st.page_link(
        "pages/beam_lab.py",
        label="See the whole search in the Beam lab",
        icon=":material/account_tree:",
        query_params=query | {"text": source.text, "model": model.config.title or name},
    )


def _candidates(sentence: Sentence) -> int:
    """The table of hypotheses; returns the index of the chosen one."""
    found, alone = sentence.hypotheses, sentence.alone
    minus = ""
    if alone:
        minus = ", minus a share of that of the reply **by itself**,"
    st.caption(
        "What the search ended with, best first. It ranks by the **score**, the raw "
        f"**log-probability**{minus} normalised for length. The bar compares their probabilities."
    )
    best = max(h.total for h in found)
    probability = [math.exp(h.total - best) for h in found]
    table = pd.DataFrame(
        {
            "text": sentence.outputs,
            "score": [h.score for h in found],
            "log-probability": [h.total for h in found],
            "by itself": alone or [None] * len(found),
            "tokens": [len(h.tokens) for h in found],
            "probability": [p / sum(probability) for p in probability],
            "ended": ["yes" if h.finished else "cut at the limit" for h in found],
        },
        index=pd.RangeIndex(1, len(found) + 1, name="#"),
    )
    key = f"candidate-{hash((sentence.source, tuple(h.tokens for h in found)))}"
    rows = f"{key}-rows"

    def from_table() -> None:
        picked = st.session_state[rows].selection.rows
        if picked:
            st.session_state[key] = picked[0]

    st.dataframe(
        table,
        key=rows,
        on_select=from_table,
        selection_mode="single-row",
        alt="Candidates with scores",
        column_config={
            "text": st.column_config.TextColumn("candidate", width="large"),
            "score": st.column_config.NumberColumn(format="%.3f", help="Normalised for length."),
            "log-probability": st.column_config.NumberColumn(format="%.3f", help="Raw sum, nats."),
            "by itself": st.column_config.NumberColumn(
                format="%.3f",
                help="Log-probability without the source. Ranking by mutual information takes a "
                "share of it off: what is probable after everything says little.",
            )
            if alone
            else None,
            "tokens": st.column_config.NumberColumn(help="Length with the end of sentence."),
            "probability": st.column_config.ProgressColumn(
                format="percent",
                min_value=0.0,
                max_value=1.0,
                help="This candidate's share of the probability of all candidates here.",
            ),
            "ended": None if all(h.finished for h in found) else st.column_config.TextColumn(),
        },
    )
    if len(found) == 1:
        return 0
    st.session_state.setdefault(key, 0)
    chosen = st.pills(
        "Candidate to look into",
        range(len(found)),
        required=True,
        format_func=lambda i: f"{i + 1}",
        key=key,
    )
    st.markdown(plain(sentence.outputs[chosen]))
    return chosen


def _attention(sentence: Sentence, n: int, token_key: str) -> None:
    """The heatmap of one hypothesis, its table and downloads."""
    h = sentence.hypotheses[n]
    alpha = h.alpha()
    if alpha is None:
        st.info(
            "This model has no attention: it squeezes the whole source into one vector, so there "
            "is nothing to draw. Compare it with the Bahdanau model.",
            icon=":material/visibility_off:",
        )
        return
    layers, heads = h.attention.shape[1:3]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.caption(
        "Each row is one output token: the darker a cell, the more the model looked at that source "
        "word while it wrote. Click a row to open that step. "
        "Attention is where the model looked, not why it answered."
        + (f" Mean of {layers} layers x {heads} heads." if layers * heads > 1 else "")
    )
    unit = right.segmented_control(
        "Unit",
        ["words", "pieces"],
        default="words",
        required=True,
        key="unit",
        bind="query-params",
        label_visibility="collapsed",
        help="Pieces are the model's own tokens; · marks the space before a word.",
    )
    if unit == "words":
        src, tgt = sentence.src_words, sentence.tgt_words[n]
        alpha = merge_words(alpha, tgt, src)
        src_labels, tgt_labels = [w for w, _, _ in src], [w for w, _, _ in tgt]
        first_piece = [a for _, a, _ in tgt]
    else:
        src_labels = [piece(p) for p in sentence.src_pieces]
        tgt_labels = [piece(p) for p in sentence.tgt_pieces[n]]
        first_piece = list(range(len(tgt_labels)))
    turns = [i for i, p in enumerate(sentence.src_pieces) if p in SPOKEN]
    if unit == "words":
        turns = [word_of(i, sentence.src_words) for i in turns]
        src_labels = [piece(label) for label in src_labels]
    figure = heatmap(alpha, src_labels, tgt_labels, turns[1:])
    if len(src_labels) > 1.5 * WINDOW:
        st.caption(
            f"The source has {len(src_labels)} {unit}: the strip shows all of it, the map below the "
            f"{WINDOW} that received most. Drag the map sideways, or scroll on it, to see others."
        )
        st.plotly_chart(
            source_strip(alpha, src_labels),
            key=f"{token_key}-strip-{unit}",
            config={"displayModeBar": False},
            alt="Attention over the whole source",
        )
    chart = f"{token_key}-{unit}"

    def from_cell() -> None:
        points = st.session_state[chart].selection.points
        if points:
            st.session_state[token_key] = first_piece[int(points[0]["y"])]

    st.plotly_chart(
        figure,
        key=chart,
        on_select=from_cell,
        selection_mode="points",
        alt=f"Attention heatmap, {len(tgt_labels)} output by {len(src_labels)} source {unit}",
        config={
            "displaylogo": False,
            "scrollZoom": len(src_labels) > 1.5 * WINDOW,
            "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
            "toImageButtonOptions": {"format": "png", "scale": 3, "filename": "attention"},
        },
    )
    with st.expander("The same numbers as a table, and downloads"):
        table = pd.DataFrame(alpha, index=_numbered(tgt_labels), columns=_numbered(src_labels))
        st.dataframe(table.style.format("{:.3f}"), alt="Attention weights")
        one, two = st.columns(2)
        one.download_button(
            "Numbers (CSV)", table.to_csv(), "attention.csv", "text/csv", on_click="ignore"
        )
        two.download_button(
            "Picture (HTML)",
            lambda: standalone(figure, sentence.outputs[n]),
            "attention.html",
            "text/html",
            on_click="ignore",
        )


def _numbered(labels: list[str]) -> list[str]:
    """Labels made unique: a word may occur twice."""
    return [f"{i + 1} {label}" for i, label in enumerate(labels)]


def _step(sentence: Sentence, n: int, token_key: str, name: str) -> None:
    """One output token: what else the model considered, and where it looked."""
    h = sentence.hypotheses[n]
    pieces = [piece(p) for p in sentence.tgt_pieces[n]]
    st.caption("Choose an output token. It opens at the token the model was least sure of.")
    st.session_state.setdefault(token_key, int(h.logprobs.argmin()))
    t = st.pills(
        "Output token",
        range(len(pieces)),
        required=True,
        key=token_key,
        format_func=distinct([plain(p) for p in pieces]).__getitem__,
        label_visibility="collapsed",
    )
    options = sentence.trace.alternatives(h, t, 8)
    labels = _labels([a.token for a in options], name)
    sampled = sentence.trace.options.method == "sample"
    fates = [
        "chosen"
        if a.token == h.tokens[t]
        else "not drawn"
        if sampled and a.fate == Fate.PRUNED
        else a.fate.name.lower()
        for a in options
    ]
    rank = next(i for i, a in enumerate(options) if a.token == h.tokens[t])
    sure = math.exp(h.logprobs[t])
    words = (
        f"Step {t + 1}: after what it had written, the model gave **{plain(pieces[t])}** {sure:.1%}"
    )
    if rank:
        words += f"; it liked **{plain(labels[0])}** better ({math.exp(options[0].logprob):.1%})."
    elif len(options) > 1:
        words += f"; next came **{plain(labels[1])}** with {math.exp(options[1].logprob):.1%}."
    st.markdown(words)
    left, right = st.columns(2)
    with left:
        st.markdown("**What else it considered**")
        st.plotly_chart(
            alternatives_figure(labels, [math.exp(a.logprob) for a in options], fates),
            key=f"alternatives-{token_key}-{t}",
            config={"displayModeBar": False},
            alt="Probabilities of the most probable tokens at this step",
        )
        st.caption(
            "chosen: in this candidate · not drawn: chance took another · blocked: forbidden by an "
            "option"
            if sampled
            else "chosen: in this candidate · kept: went on in the beam · finished: ended a sentence · "
            "pruned: fell out of the beam · blocked: forbidden by an option"
        )
    with right:
        st.markdown("**Where it looked**")
        if h.attention is None:
            st.info("No attention in this model.", icon=":material/visibility_off:")
            return
        weights = merge_words(h.alpha()[t : t + 1], [("", 0, 1)], sentence.src_words)[0]
        st.plotly_chart(
            looked_at([piece(w) for w, _, _ in sentence.src_words], weights),
            key=f"looked-{token_key}-{t}",
            config={"displayModeBar": False},
            alt="Attention over the source words at this step",
        )
        word = sentence.tgt_words[n][word_of(t, sentence.tgt_words[n])][0]
        most = piece(sentence.src_words[int(weights.argmax())][0])
        few = (
            f" Of {len(weights)} source words the {MOST} most looked at, with their places."
            if len(weights) > MOST
            else ""
        )
        st.caption(f"Writing **{plain(word)}**, it looked most at **{plain(most)}**.{few}")


def _labels(tokens: list[int], name: str) -> list[str]:
    return [piece(p) for p in pipeline(name).tokenizer.pieces(tokens)]


def _greedy(sentence: Sentence, name: str, options: SearchOptions, prefix: str) -> None:
    """Greedy and beam output of one sentence, the parting marked, scores of both."""
    if options.method == "beam" and options.beam == 1:
        st.info("Beam size 1 is greedy search. Choose a larger beam to compare.")
        return
    greedy_options = replace(options, method="beam", beam=1)
    other = decode(name, sentence.source, key_of(greedy_options), prefix, RerankOptions())
    if len(other.sentences) != 1:
        st.info("This sentence is split differently by itself, so it cannot be compared.")
        return
    g, b = other.sentences[0].trace.best, sentence.best
    who = "beam" if options.method == "beam" else "sample"
    st.caption(
        "Greedy takes the most probable token at every step. Beam search keeps several beginnings "
        "and may accept a worse token now for a better sentence later."
    )
    d = diverge(g, b)
    for title, found, s in (("Greedy", g, other.sentences[0]), (who.capitalize(), b, sentence)):
        st.markdown(
            f"**{title}** · log-probability {found.total:.3f} · score {found.score:.3f} · "
            f"{len(found.tokens)} tokens"
        )
        probabilities = [math.exp(v) for v in found.logprobs]
        st.html(strip([piece(p) for p in s.tgt_pieces[0]], probabilities, d.first, title.lower()))
    if d.first is None:
        st.success("Both found the same sentence.", icon=":material/check:")
        return
    st.markdown(_verdict(d, g, b, other.sentences[0], sentence, who))


def _verdict(d, g, b, greedy: Sentence, beam: Sentence, who: str) -> str:
    """What happened at the parting, in plain language."""

    def at(h, s: Sentence) -> str:
        if d.first >= len(h.tokens):
            return "nothing more"
        return f"**{plain(piece(s.tgt_pieces[0][d.first]))}** ({math.exp(h.logprobs[d.first]):.1%})"

    text = f"They part at token {d.first + 1}: greedy took {at(g, greedy)}, {who} {at(b, beam)}. "
    better = f"{who} ends {abs(d.logprob_gap):.3f} nats " + (
        "higher" if d.logprob_gap > 0 else "lower"
    )
    text += f"In raw log-probability {better}; "
    if d.score_gap >= 0:
        return text + f"by the score that ranks, {who} wins by {d.score_gap:.3f}."
    return text + f"by the score that ranks, **greedy wins** by {-d.score_gap:.3f}."
