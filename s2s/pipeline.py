"""Text → sentences → batch → search → text: the one door that app, command line and tests use."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from s2s import checkpoint
from s2s.config import SearchOptions
from s2s.data.batches import pad
from s2s.errors import S2SError
from s2s.search.beam import search
from s2s.search.forced import force
from s2s.search.reranking import language_scores, rerank
from s2s.tasks import TASKS
from s2s.text.sentences import split_text
from s2s.trace import Result, Sentence, Trace

MAX_CHARACTERS = 100_000
BATCH = 32  # sentences decoded together


@dataclass(frozen=True)
class _Unit:
    """One sentence on its way: where it came from and what is read of it."""

    text: str
    ids: list[int]
    cut: int


class Pipeline:
    """A checkpoint, ready to answer.

    >>> Pipeline("translate-en-fr-bahdanau")("Good morning.").text  # doctest: +SKIP
    'Bonjour.'
    """

    def __init__(self, name: str | Path, device: str = "cpu") -> None:
        """``name``: a checkpoint folder, or the name of a shipped one. Raises S2SError."""
        try:
            torch.empty(0, device=device)
        except (RuntimeError, AssertionError):
            raise S2SError(f"This machine has no device {device!r}.") from None
        self.checkpoint = checkpoint.load(name, device)
        self.config = self.checkpoint.config
        self.tokenizer = self.checkpoint.tokenizer
        self.task = TASKS[self.config.task]
        self.device = device

    def __call__(
        self,
        text: str,
        options: SearchOptions | None = None,
        record: bool = True,
        prefix: str = "",
    ) -> Result:
        """Answer one input of any length. ``prefix``: text that the first output begins with."""
        return self.batch([text], options, record, [prefix])[0]

    def batch(
        self,
        texts: Sequence[str],
        options: SearchOptions | None = None,
        record: bool = False,
        prefixes: Sequence[str] = (),
    ) -> list[Result]:
        """Answer many inputs; sentences of all of them share batches, sorted by length."""
        begin = time.perf_counter()
        options = options or self.config.search
        split = [self._units(text) for text in texts]
        units = [unit for paragraphs, _ in split for unit, _ in paragraphs]
        prefix_ids: list[list[int]] = [[] for _ in units]
        first = 0
        for n, (parts, _) in enumerate(split):
            if parts and n < len(prefixes) and prefixes[n]:
                prefix_ids[first] = self.tokenizer.encode(prefixes[n])
            first += len(parts)
        traces = self._search([u.ids for u in units], options, record, prefix_ids)
        if options.mutual:
            traces = self._by_mutual_information(traces, options.mutual)
        sentences = iter([self._sentence(u, t) for u, t in zip(units, traces, strict=True)])
        seconds = time.perf_counter() - begin
        results = []
        for parts, warnings in split:
            own = tuple(next(sentences) for _ in parts)
            joints = tuple(joint for _, joint in parts)
            pieces = [
                s for pair in zip(joints, (o.outputs[0] for o in own), strict=True) for s in pair
            ]
            warnings = warnings + [_cut_off(s) for s in own if not s.trace.best.finished]
            results.append(
                Result(
                    text="".join(pieces),
                    sentences=own,
                    warnings=tuple(warnings),
                    seconds=seconds,
                    tokens=sum(len(s.trace.best.tokens) for s in own),
                )
            )
        return results

    def score(self, source: str, target: str, options: SearchOptions | None = None) -> Sentence:
        """Force the model through a given target: the probability of each of its tokens."""
        source = self.task.read(source)
        ids, cut = self.task.encode(source, self.tokenizer, self.config.data.max_src)
        wanted = [*self.tokenizer.encode(target), self.tokenizer.vocabulary.eos]
        options = options or self.config.search
        found = force(self.checkpoint.model, ids, wanted, options).hypothesis
        trace = Trace(tuple(ids), options, (found,))
        return self._sentence(_Unit(source, ids, cut), trace)

    # ---------------------------------------------------------------------------------- internals
    def _units(self, text: str) -> tuple[list[tuple[_Unit, str]], list[str]]:
        """Units of a text, each with the white space before it, and warnings."""
        warnings = []
        if len(text) > MAX_CHARACTERS:
            first = self.task.keeps == "first"
            warnings.append(
                f"The input has {len(text):,} characters; only the {self.task.keeps} "
                f"{MAX_CHARACTERS:,} were read."
            )
            text = text[:MAX_CHARACTERS] if first else text[-MAX_CHARACTERS:]
        out: list[tuple[_Unit, str]] = []
        for source, joint in self._split(text):
            ids, cut = self.task.encode(source, self.tokenizer, self.config.data.max_src)
            if cut:
                warnings += self._cut(source, ids, cut)
            if self.tokenizer.spelled(ids) > 0.5:
                shown = self.task.texts(source)[-1][:40]
                warnings.append(
                    f"Most of “{shown}” is written in characters that the model has hardly "
                    "ever seen, so its output means little."
                )
            out.append((_Unit(source, ids, cut), joint if out else ""))
        return out, warnings

    def _cut(self, source: str, ids: list[int], cut: int) -> list[str]:
        """What was not read. Of a conversation the oldest turns are no news."""
        whole, read = len(ids) - 1 + cut, len(ids) - 1
        if self.task.keeps == "last":
            turn = len(self.tokenizer.encode(self.task.texts(source)[-1]))
            if turn < read:
                return []
            return [f"The last turn has {turn:,} tokens; the model read the end of it."]
        unit = "A sentence" if self.task.split_sentences else "The text"
        shown = self.tokenizer.decode(ids)[-40:]
        return [
            f"{unit} has {whole:,} tokens; the model reads {read}, so it was cut after “{shown}”."
        ]

    def _split(self, text: str) -> list[tuple[str, str]]:
        """(sentence, white space before it); paragraphs stay paragraphs."""
        if not self.task.split_sentences:
            source = self.task.read(text)
            return [(source, "")] if source else []
        return split_text(text)

    def _search(
        self,
        ids: list[list[int]],
        options: SearchOptions,
        record: bool,
        prefixes: list[list[int]],
    ) -> list[Trace]:
        """Traces in the order of ``ids``; batches of similar length, no sentence decoded twice."""
        keys = [(tuple(i), tuple(p)) for i, p in zip(ids, prefixes, strict=True)]
        first = {key: i for i, key in reversed(list(enumerate(keys)))}
        order = sorted(first.values(), key=lambda i: len(ids[i]))
        traces: dict[int, Trace] = {}
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            found = search(
                self.checkpoint.model,
                pad([ids[i] for i in part], self.tokenizer.vocabulary.pad).to(self.device),
                options,
                prefix=[prefixes[i] for i in part] if any(prefixes[i] for i in part) else None,
                record=record,
            )
            for i, trace in zip(part, found, strict=True):
                traces[i] = trace
        return [traces[first[key]] for key in keys]

    def _by_mutual_information(self, traces: list[Trace], weight: float) -> list[Trace]:
        if not self.config.data.blank:
            raise S2SError(
                f"{self.config.name} cannot rank by mutual information: it was trained without "
                "data.blank, so it does not know how probable an output is by itself."
            )
        outputs = [h.tokens for trace in traces for h in trace.hypotheses]
        scores = iter(language_scores(self.checkpoint.model, outputs))
        return [rerank(t, [next(scores) for _ in t.hypotheses], weight) for t in traces]

    def _sentence(self, unit: _Unit, trace: Trace) -> Sentence:
        t = self.tokenizer
        return Sentence(
            text=unit.text,
            trace=trace,
            outputs=tuple(t.decode(h.tokens) for h in trace.hypotheses),
            src_pieces=tuple(t.pieces(trace.source)),
            src_words=tuple(t.words(trace.source)),
            tgt_pieces=tuple(tuple(t.pieces(h.tokens)) for h in trace.hypotheses),
            tgt_words=tuple(tuple(t.words(h.tokens)) for h in trace.hypotheses),
            cut=unit.cut,
        )


def _cut_off(sentence: Sentence) -> str:
    return (
        f"The output of “{sentence.parts[-1][:40]}” reached the limit of "
        f"{len(sentence.trace.best.tokens)} tokens before its end."
    )
