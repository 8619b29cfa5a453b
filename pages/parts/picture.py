"""Traces → the plain values that pictures of attention are drawn from."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pages.parts.cache import pipeline
from pages.parts.words import end, speaker
from s2s.analysis.attention import merge_words, word_of
from s2s.figures.style import SPACE_MARK, SPOKEN, piece
from s2s.locale import _
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS
from s2s.trace import Fate, Result, Sentence

CONSIDERED = 6  # tokens listed at a step
Span = tuple[str, int, int]


@dataclass(frozen=True)
class Picture:
    """Attention of one output, by words or by pieces."""

    src: list[str]
    tgt: list[str]
    spans: list[tuple[int, int]]
    """Steps of each output label: first, last + 1."""
    alpha: np.ndarray | None
    """(labels of tgt, labels of src)"""
    breaks: list[int]
    """Source labels with which a new turn begins."""


def picture(sentence: Sentence, n: int, unit: str = "words") -> Picture:
    """What is drawn of hypothesis ``n``."""
    alpha = sentence.hypotheses[n].alpha()
    turns = [i for i, p in enumerate(sentence.src_pieces) if p in SPOKEN][1:]
    if unit == "pieces":
        src, tgt = sentence.src_pieces, sentence.tgt_pieces[n]
        spans = [(t, t + 1) for t in range(len(tgt))]
        return Picture([piece(p) for p in src], [piece(p) for p in tgt], spans, alpha, turns)
    src_words, tgt_words = sentence.src_words, sentence.tgt_words[n]
    if alpha is not None:
        alpha = merge_words(alpha, tgt_words, src_words)
    return Picture(
        [word(w) for w, *_span in src_words],
        [word(w) for w, *_span in tgt_words],
        [(a, b) for _word, a, b in tgt_words],
        alpha,
        [word_of(i, src_words) for i in turns],
    )


def word(text: str) -> str:
    """A word as it is drawn: the end by name, kinds and speakers too."""
    if text in SPOKEN:
        return speaker(text)
    if any(text in task.controls for task in TASKS.values()):
        return _("kind: {kind}").format(kind=text[1:-1])
    return end(text)


def plain_piece(text: str) -> str:
    """A piece for people who did not ask for pieces: one that goes on a word begins with an ellipsis."""
    if text in ("<s>", "</s>") or text in SPOKEN:
        return word(text)
    if text.startswith(SPACE_MARK):
        return text[1:] or _("(space)")
    return text if not text[:1].isalnum() else "…" + text


def chosen_step(sentence: Sentence, n: int, wanted: int) -> int:
    """The step that is shown: the wanted one, or where the model was least sure."""
    h = sentence.hypotheses[n]
    return wanted if 0 <= wanted < len(h.tokens) else int(h.logprobs.argmin())


def lines_data(
    sentence: Sentence, n: int, p: Picture, config, common: dict, height: int = 360
) -> dict:
    """Of the part ``lines``."""
    return common | {
        "part": "lines",
        "src": p.src,
        "tgt": p.tgt,
        "spans": p.spans,
        "alpha": None if p.alpha is None else np.round(p.alpha.astype(float), 3).tolist(),
        "src_lang": config.src_language,
        "tgt_lang": config.tgt_language,
        "height": height,
    }


def answer_data(result: Result, shown: int, common: dict, lang: str, about: str) -> dict:
    """Of the part ``answer``: every sentence's words with their probabilities and first steps."""
    sentences, at = [], 0
    for s in result.sentences:
        output = s.outputs[0]
        found = result.text.find(output, at)
        before = result.text[at:found] if found >= 0 else " "
        at = max(at, found + len(output)) if found >= 0 else at
        sentences.append({"before": before, "words": in_text(output, s)})
    return common | {
        "part": "answer",
        "text": result.text,
        "sentences": sentences,
        "sentence": shown,
        "spans": [(a, b) for _word, a, b in result.sentences[shown].tgt_words[0]],
        "alpha": _alpha(result.sentences[shown]),
        "lang": lang,
        "about": about,
    }


def _alpha(sentence: Sentence) -> list | None:
    alpha = picture(sentence, 0).alpha
    return None if alpha is None else np.round(alpha.astype(float), 3).tolist()


def in_text(output: str, sentence: Sentence, n: int = 0) -> list[tuple[str, str, float, int]]:
    """(text before, word, probability, first step) for every word of an output, in order."""
    h, at, found = sentence.hypotheses[n], 0, []
    for text, a, b in sentence.tgt_words[n]:
        if text == "</s>":
            continue
        place = output.find(text, at)
        p = math.exp(float(h.logprobs[a:b].sum()))
        if place < 0:  # half a character, or a space alone
            found.append((" " if found else "", "", p, a))
            continue
        found.append((output[at:place], output[place : place + len(text)], p, a))
        at = place + len(text)
    return found


def step_data(sentence: Sentence, n: int, p: Picture, name: str, unit: str, common: dict) -> dict:
    """Of the part ``step``: every step at once, so that going from one to the next is immediate."""
    model = pipeline(name)
    show = piece if unit == "pieces" else plain_piece
    steps = [
        _step(sentence, n, t, p, model, show) for t in range(len(sentence.hypotheses[n].tokens))
    ]
    return common | {"part": "step", "steps": steps}


def _step(sentence: Sentence, n: int, t: int, p: Picture, model: Pipeline, show) -> dict:
    h = sentence.hypotheses[n]
    token = show(sentence.tgt_pieces[n][t])
    options = sentence.trace.alternatives(h, t, CONSIDERED)
    labels = [show(x) for x in model.tokenizer.pieces([a.token for a in options])]
    sampled = sentence.trace.options.method == "sample"
    listed = [
        (label, round(math.exp(a.logprob), 5), fate_of(a, h.tokens[t], sampled))
        for label, a in zip(labels, options, strict=True)
    ]
    return {
        "token": token,
        "say": _say(token, math.exp(float(h.logprobs[t])), listed),
        "alternatives": listed,
        "looked": _looked(p, t),
    }


def fate_of(alternative, token: int, sampled: bool) -> str:
    """What became of a token that was considered, as a key of the figures' colours."""
    if alternative.token == token:
        return "chosen"
    if sampled and alternative.fate == Fate.PRUNED:
        return "not drawn"
    return alternative.fate.name.lower()


def _say(token: str, sure: float, listed: Sequence[tuple[str, float, str]]) -> list[list]:
    """One sentence about a step: (text, whether it is emphasised)."""
    others = [x for x in listed if x[2] != "chosen"]
    label, chance, _fate = others[0] if others else ("", 0.0, "")
    if not others:
        said = _("The model gave {token} {sure}.")
    elif chance > sure:
        said = _("The model gave {token} {sure}; {other} was more probable, {chance}.")
    else:
        said = _("The model gave {token} {sure}; next came {other} with {chance}.")
    said = said.replace("{sure}", percent(sure)).replace("{chance}", percent(chance))
    names = {"{token}": token, "{other}": label}
    parts = re.split(r"({\w+})", said)
    return [[names[part], 1] if part in names else [part, 0] for part in parts if part]


def _looked(p: Picture, t: int, most: int = 3) -> list:
    if p.alpha is None:
        return []
    row = p.alpha[next(i for i, (a, b) in enumerate(p.spans) if a <= t < b)]
    return [(p.src[i], round(float(row[i]), 4)) for i in np.argsort(-row)[:most] if row[i] >= 0.05]


def percent(p: float) -> str:
    """A probability in three signs or so."""
    return _("under 0.1%") if p < 0.001 else f"{p:.1%}" if p < 0.1 else f"{p:.0%}"
