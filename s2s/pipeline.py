"""Text → sentences → batch → search → text: the one door that app, command line and tests use."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch

from s2s import checkpoint
from s2s.config import RerankOptions, SearchOptions
from s2s.data.batches import pad
from s2s.errors import S2SError
from s2s.models import ready
from s2s.models.contract import Decoder, Seq2Seq
from s2s.models.watched import Watched
from s2s.search.beam import search
from s2s.search.budget import affordable
from s2s.search.forced import force
from s2s.search.reranking import Ranking, rerank
from s2s.search.wording import worded
from s2s.text import remarks
from s2s.text.capitals import ordinary, shouted
from s2s.text.opening import NOTHING
from s2s.text.remarks import Remark
from s2s.text.sentences import split_text
from s2s.text.source import Source, as_source
from s2s.text.unit import Unit
from s2s.trace import Result, Sentence, Trace

MAX_CHARACTERS = 100_000
WORK = 2_000_000  # sentences x beam x length of one input
RARE = 4  # pieces, at least, of a word that is to be copied, not translated
MOSTLY = 0.5  # share of tokens that are single bytes, above which a sentence is hardly read
BATCH, ROWS = 32, 160  # sentences, and hypotheses, decoded together: more are no faster


class Pipeline:
    """A checkpoint, ready to answer.

    >>> Pipeline("translate-en-fr-bahdanau")("Good morning.").text  # doctest: +SKIP
    'Bonjour.'
    """

    def __init__(self, name: str | Path, device: str = "cpu", precision: str = "auto") -> None:
        """``name``: a checkpoint folder, or the name of a shipped one; ``precision`` of the products that
        answers are decoded with: fp32, bf16, int8, or auto, what is fastest on the device and costs
        no quality. Raises S2SError.

        ``decoder`` searches; ``checkpoint.model`` is the network itself, in full precision, for whatever
        proves something about it.
        """
        try:
            usable = torch.empty(0, device=device).tolist() == []  # a meta device holds no values
        except (RuntimeError, AssertionError, NotImplementedError):
            usable = False
        if not usable:
            raise S2SError(f"This machine has no device {device!r}.")
        self.checkpoint = checkpoint.load(name, device)
        self.decoder: Decoder
        self.decoder, self.precision = ready(self.checkpoint.model, precision)
        self.config = self.checkpoint.config
        self.tokenizer = self.checkpoint.tokenizer
        self.task = self.checkpoint.task
        self.device = device
        self.tick: Callable[[], None] = lambda: None

    def exact(self) -> Pipeline:
        """The same pipeline, its answers decoded by the network itself, in full precision."""
        other = copy.copy(self)
        other.decoder, other.precision = self.checkpoint.model, "fp32"
        return other

    def __call__(
        self,
        source: Source | str,
        options: SearchOptions | None = None,
        record: bool = True,
        prefix: str = "",
        rerank: RerankOptions | None = None,
        most: int = WORK,
    ) -> Result:
        """Answer one input of any length; a string is a source of one part.

        ``options`` and ``rerank``: the checkpoint's own, if left out. ``prefix``: text that the first
        output begins with. ``most``: sentences x beam x length that one input may ask for; sentences
        behind that are not decoded, and a warning says so.
        """
        return self.batch([source], options, record, [prefix], rerank, most)[0]

    def batch(
        self,
        sources: Sequence[Source | str],
        options: SearchOptions | None = None,
        record: bool = False,
        prefixes: Sequence[str] = (),
        rerank: RerankOptions | None = None,
        most: int = WORK,
    ) -> list[Result]:
        """Answer many inputs; sentences of all of them share batches, sorted by length."""
        begin = time.perf_counter()
        prefixes = [*prefixes, *[""] * (len(sources) - len(prefixes))]
        split = [self._units(as_source(s), p) for s, p in zip(sources, prefixes, strict=True)]
        options = options or self.config.search
        for own, warnings in split:
            warnings += self._within(own, options, most)
        units = [unit for own, _ in split for unit in own]
        traces = self._search(units, options, record)
        sentences = iter(self._sentences(units, traces, rerank or self.config.rerank))
        seconds = time.perf_counter() - begin
        return [
            self._result(own, [next(sentences) for _ in own], warnings, seconds)
            for own, warnings in split
        ]

    def watched(self, tick: Callable[[], None]) -> Pipeline:
        """The same, but ``tick`` is called before each pass of the model and each sentence that is put
        together: what it raises ends the work."""
        own = copy.copy(self)
        own.tick = tick
        model = cast(Seq2Seq, Watched(self.checkpoint.model, tick))
        own.checkpoint = replace(self.checkpoint, model=model)
        own.decoder = Watched(self.decoder, tick)
        return own

    def score(
        self, source: Source | str, target: str, options: SearchOptions | None = None
    ) -> Sentence:
        """Force the model through a given target: the probability of each of its tokens."""
        source, _ = self._as_read(self.task.read(as_source(source)))
        ids, cut = self.task.encode(source, self.tokenizer, self.config.data.max_src)
        wanted = self.tokenizer.target(target)
        options = options or self.config.search
        found = force(self.decoder, ids, wanted, options).hypothesis
        trace = Trace(tuple(ids), options, (found,))
        return worded(Unit(source, "", ids, cut), trace, self.tokenizer, self.task)

    # ---------------------------------------------------------------------------------- internals
    def _units(self, source: Source, prefix: str) -> tuple[list[Unit], list[Remark]]:
        """Sentences of a source, and warnings. The first one's output begins with the prefix."""
        warnings: list[Remark] = []
        if source.characters > MAX_CHARACTERS:
            warnings.append(
                remarks.on_characters_read(source.characters, MAX_CHARACTERS, self.task.keeps)
            )
            source = source.shortened(MAX_CHARACTERS, self.task.keeps)
        forced = self.tokenizer.opening(prefix, self.checkpoint.model.limits.target)
        units: list[Unit] = []
        for sentence, gap in self._split(source):
            read, capitals = self._as_read(sentence)
            if read != sentence:
                warnings.append(remarks.on_capitals(sentence, read, capitals))
            ids, cut = self.task.encode(read, self.tokenizer, self.config.data.max_src)
            warnings += self._doubts(sentence, ids, cut)
            begun = NOTHING if units else forced
            units.append(Unit(sentence, gap if units else "", ids, cut, begun, capitals))
        return units, warnings

    def _within(self, units: list[Unit], options: SearchOptions, most: int) -> list[Remark]:
        """Take away the sentences behind the work that one input may ask for."""
        longest, whole = self.checkpoint.model.limits.target, len(units)
        read = affordable([(tuple(u.ids), u.prefix) for u in units], options, longest, most)
        del units[read:]
        return [remarks.on_budget(read, whole, most)] if read < whole else []

    def _as_read(self, source: Source) -> tuple[Source, bool]:
        """A source in ordinary case where the model never saw capitals, and whether all of it was."""
        if self.checkpoint.foreign or self.config.data.augment.capitals > 0:
            return source, False
        language = source.language or self.config.src_language
        loud = [shouted(part) for part in source.parts]
        small = source.map(lambda p: ordinary(p, language) if shouted(p) else p)
        return small, bool(loud) and all(loud)

    def _split(self, source: Source) -> list[tuple[Source, str]]:
        """(sentence, white space before it); paragraphs stay paragraphs."""
        if self.task.split_sentences:
            return [
                (replace(source, parts=(s,)), gap)
                for s, gap in split_text(source.text, self.config.src_language)
            ]
        source = self.task.read(source)
        return [(source, "")] if source else []

    def _doubts(self, source: Source, ids: list[int], cut: int) -> list[Remark]:
        """What was not read, and what the model can hardly read."""
        unread = self._not_read(source, ids, cut) if cut else None
        warnings = [unread] if unread else []
        if self.tokenizer.spelled(ids) > MOSTLY:
            warnings.append(remarks.on_characters(source.parts[-1]))
        return warnings

    def _not_read(self, source: Source, ids: list[int], cut: int) -> Remark | None:
        """Of a conversation the oldest turns are no news."""
        whole, read = len(ids) - 1 + cut, len(ids) - 1
        if self.task.keeps == "last":
            turn = len(self.tokenizer.encode(source.parts[-1]))
            return remarks.on_turn(turn) if turn >= read else None
        shown = self.tokenizer.decode(ids)[-40:]
        return remarks.on_cut(whole, read, shown, self.task.split_sentences)

    def _search(self, units: Sequence[Unit], options: SearchOptions, record: bool) -> list[Trace]:
        """A trace for each unit; batches of similar length, no sentence decoded twice."""
        keys = [(tuple(u.ids), u.prefix) for u in units]
        order = sorted(dict.fromkeys(keys), key=lambda key: len(key[0]))
        traces: dict[tuple, Trace] = {}
        size = min(BATCH, max(1, ROWS // options.beam))
        for start in range(0, len(order), size):
            part = order[start : start + size]
            source = pad([ids for ids, _ in part], self.tokenizer.vocabulary.pad).to(self.device)
            prefix = [p for _, p in part]
            found = search(self.decoder, source, options, prefix=prefix, record=record)
            traces |= zip(part, found, strict=True)
        return [traces[key] for key in keys]

    def _rankings(self, traces: list[Trace], options: RerankOptions) -> list[Ranking | None]:
        """The outputs ranked anew, if the options ask for it."""
        if not options.mutual:
            return [None] * len(traces)
        if not self.config.data.augment.no_source:
            raise S2SError(
                f"{self.config.name} cannot rank by mutual information: it was trained without "
                "data.augment.no_source, so it does not know how probable an output is by itself."
            )
        return [*rerank(self.decoder, traces, options)]

    def _sentences(
        self, units: Sequence[Unit], traces: Sequence[Trace], options: RerankOptions
    ) -> list[Sentence]:
        """What was found for each unit; what occurs again is put together once."""
        different = [*{id(trace): trace for trace in traces}.values()]
        rankings = dict(zip(map(id, different), self._rankings(different, options), strict=True))
        made: dict[tuple, Sentence] = {}
        for unit, trace in zip(units, traces, strict=True):
            key = unit.source, unit.capitals, id(trace)
            if key not in made:
                self.tick()
                made[key] = worded(unit, trace, self.tokenizer, self.task, rankings[id(trace)])
        return [made[u.source, u.capitals, id(t)] for u, t in zip(units, traces, strict=True)]

    def _result(
        self,
        units: Sequence[Unit],
        sentences: list[Sentence],
        warnings: list[Remark],
        seconds: float,
    ) -> Result:
        """One answer from its sentences, with the white space that stood between them."""
        parts = zip(units, sentences, strict=True)
        different = {id(s): s for s in sentences}.values()
        return Result(
            text="".join(unit.gap + s.outputs[0] for unit, s in parts),
            sentences=tuple(sentences),
            warnings=(*warnings, *(w for s in different for w in self._remarks(s))),
            seconds=seconds,
            tokens=sum(len(s.best.tokens) for s in sentences),
            precision=self.precision,
        )

    def _remarks(self, sentence: Sentence) -> list[Remark]:
        """What an output was cut at, and what of the source's numbers and names it lacks."""
        self.tick()
        source, output = sentence.source.parts[-1], sentence.outputs[0]
        best = sentence.best
        found = [] if best.finished else [remarks.on_limit(source, len(best.tokens))]
        if self.task.numbers and not sentence.cut:
            languages = self.config.src_language, self.config.tgt_language
            whole = self.task.numbers == "all"
            found += remarks.on_numbers(source, output, languages, whole)
            found += remarks.on_names(source, output, self._rare) if whole else []
            if whole and self.tokenizer.spelled(sentence.trace.source) <= MOSTLY:
                found += remarks.on_unseen(source, output, self.tokenizer.unknown(source))
        return found

    def _rare(self, word: str) -> bool:
        """Whether the model knows a word only in pieces, with and without its capital (Church is church)."""
        return min(len(self.tokenizer.encode(w)) for w in (word, word.lower())) >= RARE
