"""Which data, and what is made of it."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from s2s.options import option, options, rule

Share = Annotated[float, option("A share; over 1: several times.", ge=0, le=100)]
Side = Annotated[str, option("A side.", pattern="^(src|tgt)$", form="src or tgt")]
File = Annotated[str, option("A file.", min_length=1)]


@options
class Augment:
    """Variants of training pairs, seen beside them; each a share of the pairs it can be made of."""

    casual: Annotated[
        float, option("Source as people type it: lower case, no marks.", ge=0, le=10)
    ] = 0.0
    capitals: Annotated[float, option("Both sides in capitals.", ge=0, le=10)] = 0.0
    typos: Annotated[float, option("Source with slips of the fingers.", ge=0, le=10)] = 0.0
    names: Annotated[
        float, option("Another name on both sides, so that names are copied.", ge=0, le=10)
    ] = 0.0
    numbers: Annotated[
        float, option("Another number on both sides, so that digits are copied.", ge=0, le=10)
    ] = 0.0
    calendar: Annotated[float, option("Another weekday or month on both sides.", ge=0, le=10)] = 0.0
    templates: Annotated[
        int,
        option("Sentences made of each template such as See you on {weekday}.", ge=0, le=100_000),
    ] = 20
    any_kind: Annotated[
        float, option("Pairs whose kind of output is left to the model.", ge=0, le=1)
    ] = 0.0
    subjects: Annotated[
        float,
        option("First turns of a conversation behind the turns of another one.", ge=0, le=10),
    ] = 0.0
    no_source: Annotated[
        float,
        option(
            "Pairs also seen without their source, to learn log p(target) for re-ranking.",
            ge=0,
            le=1,
        ),
    ] = 0.0


@options
class DataConfig:
    """Which files, which columns, what is kept."""

    train: Annotated[
        tuple[File, ...],
        option("Files below --data; .tsv or .jsonl, also .gz.", min_length=1),
    ] = ("train.tsv",)
    share: Annotated[
        tuple[Share, ...],
        option("Share of each training file that an epoch visits, drawn anew; empty: all."),
    ] = ()
    finish: Annotated[
        tuple[Share, ...],
        option("The same in the last part of a run, from finish_from on; empty: no such part."),
    ] = ()
    finish_from: Annotated[
        float, option("Share of the steps after which finish holds.", ge=0, le=1)
    ] = 0.85
    valid: Annotated[
        tuple[File, ...], option("Validation files; empty: split from the first training file.")
    ] = ()
    test: Annotated[
        tuple[File, ...], option("Test files; empty: split from the first training file.")
    ] = ()
    held_out: Annotated[
        tuple[File, ...], option("Files no text of which may occur in training: other tests.")
    ] = ()
    split: Annotated[
        float,
        option(
            "Share of distinct sources that is test; half as many are validation.", ge=0, le=0.5
        ),
    ] = 0.02
    columns: Annotated[
        dict[Side, str],
        option('Where columns have other names: {"src": "en", "tgt": "fr"}.'),
    ] = field(default_factory=dict)
    vocab: Annotated[
        int,
        option(
            "Size of the joint vocabulary, specials and 256 bytes included.",
            ge=264,
            le=1_000_000,
            unit="pieces",
        ),
    ] = 8000
    tokenizer: Annotated[
        str,
        option(
            "A SentencePiece model to encode with, so that models share their pieces; empty: learn one."
        ),
    ] = ""
    max_src: Annotated[
        int,
        option(
            "Longest source, the end included; a longer one is cut.",
            ge=2,
            le=100_000,
            unit="tokens",
        ),
    ] = 100
    max_tgt: Annotated[
        int,
        option(
            "Longest target, the end included; a longer one is dropped.",
            ge=2,
            le=100_000,
            unit="tokens",
        ),
    ] = 100
    max_ratio: Annotated[
        float,
        option("Pairs of over 10 tokens with sides further apart are dropped.", ge=1, le=1000),
    ] = 4.0
    kinds: Annotated[
        dict[str, str], option("File to the kind of target that its control token asks for.")
    ] = field(default_factory=dict)
    augment: Annotated[Augment, option("Variants of training pairs.")] = Augment()

    @rule
    def _shares(self) -> DataConfig:
        for name, shares in (("share", self.share), ("finish", self.finish)):
            if shares and len(shares) != len(self.train):
                raise ValueError(
                    f"{name} must name one share for each of the {len(self.train)} files of "
                    f"data.train, not {len(shares)}."
                )
        return self
