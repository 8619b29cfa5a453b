"""Our pipeline around a CTranslate2 model: texts are read and joined as ever, only the search is theirs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from s2s import checkpoint
from s2s.config import RerankOptions, SearchOptions
from s2s.data.prepared import cache_folder
from s2s.errors import S2SError, without
from s2s.export.ctranslate2 import FACTS, export, never
from s2s.pipeline import BATCH, Pipeline
from s2s.search.beam import length_limit
from s2s.terminal import Asked
from s2s.text.unit import Unit
from s2s.trace import Hypothesis, Trace


class Exported(Pipeline):
    """A checkpoint whose sentences a CTranslate2 model decodes.

    Its results hold texts and tokens; scores are not a number, and there is no attention and no trace.
    """

    def __init__(self, name: str, folder: Path, asked: Asked, device: str = "cpu") -> None:
        """``folder``: an export of the same weights. Raises S2SError."""
        super().__init__(name, device, "fp32")
        try:
            import ctranslate2
        except ImportError:
            raise without("export") from None
        options, ranking = asked.on(self.config)
        check(options, ranking)
        self.nbest = asked.nbest
        _fits(folder, self.checkpoint)
        try:
            self.translator = ctranslate2.Translator(
                str(folder), device=device, inter_threads=1, intra_threads=torch.get_num_threads()
            )
        except (RuntimeError, ValueError) as error:
            raise S2SError(f"CTranslate2 cannot use {folder} ({error}).") from None
        self.ids = {p: i for i, p in enumerate(self.tokenizer.pieces(range(self.tokenizer.size)))}

    def _search(self, units: Sequence[Unit], options: SearchOptions, record: bool) -> list[Trace]:
        """A trace without steps for each unit; no sentence is decoded twice."""
        keys = list(dict.fromkeys(tuple(unit.ids) for unit in units))
        limits = [
            length_limit(len(key), options, self.checkpoint.model.limits.target) for key in keys
        ]
        # one call for all: whoever went beyond a limit of its own, which is rare, is asked again
        found = self._decode(keys, options, max(limits, default=1))
        for n, (key, limit) in enumerate(zip(keys, limits, strict=True)):
            if any(len(tokens) > limit for tokens in found[n]):
                [found[n]] = self._decode([key], options, limit)
        traces = {
            key: Trace(key, options, tuple(self._hypothesis(tokens) for tokens in outputs))
            for key, outputs in zip(keys, found, strict=True)
        }
        return [traces[tuple(unit.ids)] for unit in units]

    def _decode(
        self, keys: Sequence[tuple[int, ...]], options: SearchOptions, limit: int
    ) -> list[list[tuple[int, ...]]]:
        """The n best outputs of each source, as ids, with the end where there is one."""
        if not keys:
            return []
        found = self.translator.translate_batch(
            [self.tokenizer.pieces(key[:-1]) for key in keys],
            max_batch_size=BATCH,
            beam_size=options.beam,
            num_hypotheses=self.nbest,
            length_penalty=options.alpha if options.length_norm == "average" else 0.0,
            max_decoding_length=limit,
            suppress_sequences=never(self.tokenizer),
            return_end_token=True,
        )
        return [
            [tuple(self.ids[piece] for piece in output) for output in result.hypotheses]
            for result in found
        ]

    def _hypothesis(self, tokens: tuple[int, ...]) -> Hypothesis:
        unknown = float("nan")
        finished = tokens[-1:] == (self.tokenizer.vocabulary.eos,)
        none = np.empty(0)
        return Hypothesis(tokens, none, unknown, 0.0, 0.0, unknown, finished, (), None)


def check(options: SearchOptions, ranking: RerankOptions) -> None:
    """Whether CTranslate2 can search so. Raises S2SError."""
    plain = SearchOptions()
    wanted = {
        "method": options.method == "beam",
        "length_norm": options.length_norm != "gnmt",
        "coverage": options.coverage == 0,
        "block_ngram": options.block_ngram == 0,
        "repetition_penalty": options.repetition_penalty == plain.repetition_penalty,
        "groups": options.groups == 1,
        "min_length": options.min_length == 0,  # theirs shares out the end's probability
        "mutual": ranking.mutual == 0,
    }
    refused = [name for name, possible in wanted.items() if not possible]
    if refused:
        raise S2SError(
            f"CTranslate2 does not search as {' and '.join(refused)} would have it; "
            "--engine default does."
        )


def cached(name: str) -> Path:
    """An export of a checkpoint in the cache, made if it is not there. Raises S2SError."""
    found = checkpoint.load(name)
    parts = (found.digest.encode(), found.tokenizer.model, str(found.model.limits).encode())
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    folder = cache_folder().parent / "ctranslate2" / key
    if not (folder / FACTS).is_file():
        temporary = folder.with_name(f"{key}.{os.getpid()}")
        try:
            export(found, temporary)
            temporary.rename(folder)
        except OSError as error:
            if not (folder / FACTS).is_file():  # else another process was faster
                raise S2SError(f"The folder {folder} cannot be made ({error.strerror}).") from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _fits(folder: Path, own: checkpoint.Checkpoint) -> None:
    """Raises S2SError if the folder holds no export, or one of other weights."""
    try:
        digest = json.loads((folder / FACTS).read_text("utf-8"))["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        raise S2SError(
            f"{folder} is no export of ours: s2s export -c {own.folder.name} --to ctranslate2 --out "
            "FOLDER makes one."
        ) from None
    if digest != own.digest:
        raise S2SError(f"{folder} was exported from other weights than {own.folder.name} has.")
