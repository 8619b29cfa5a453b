"""Frozen dataclasses that describe a run; JSON round trip; ``--set a.b=c`` overrides."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from typing import Any

from s2s.errors import S2SError


@dataclass(frozen=True)
class SearchOptions:
    """How to search. Every entry of the app's options panel is one field."""

    method: str = "beam"
    """``beam`` (``beam=1`` is greedy) or ``sample``."""
    beam: int = 5
    """Hypotheses kept a source (beam), or samples drawn a source (sample)."""
    length_norm: str = "average"
    """``none``: raw sum; ``average``: sum / length^alpha; ``gnmt``: sum / ((5+length)/6)^alpha."""
    alpha: float = 1.0
    """Strength of the length normalisation; 0 switches it off."""
    coverage: float = 0.0
    """beta of the coverage penalty of Wu et al. 2016, eq. 14; 0 switches it off."""
    block_ngram: int = 0
    """No n-gram of this size occurs twice in an output; 0 switches it off."""
    repetition_penalty: float = 1.0
    """Log-probability of tokens already produced is multiplied by this (CTRL, Keskar 2019)."""
    groups: int = 1
    """Diverse beam search (Vijayakumar et al. 2016): groups that the beam is divided into."""
    diversity: float = 0.5
    """With several groups: what a token costs for each earlier group that chose it at this step."""
    min_length: int = 0
    """No end of sentence before this many tokens."""
    max_length: int = 0
    """At most this many tokens, the end included; 0: 2 x source length + 10, model's limit."""
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    """Sampling only. The same seed gives the same samples on the same machine."""

    def __post_init__(self) -> None:
        _require(self.method in ("beam", "sample"), "method", "'beam' or 'sample'", self.method)
        _require(1 <= self.beam <= 64, "beam", "between 1 and 64", self.beam)
        _require(
            self.length_norm in ("none", "average", "gnmt"),
            "length_norm",
            "'none', 'average' or 'gnmt'",
            self.length_norm,
        )
        _require(0 <= self.alpha <= 5, "alpha", "between 0 and 5", self.alpha)
        _require(0 <= self.coverage <= 5, "coverage", "between 0 and 5", self.coverage)
        _require(0 <= self.block_ngram <= 10, "block_ngram", "between 0 and 10", self.block_ngram)
        _require(
            1 <= self.repetition_penalty <= 10,
            "repetition_penalty",
            "between 1 and 10",
            self.repetition_penalty,
        )
        _require(1 <= self.groups <= 64, "groups", "between 1 and 64", self.groups)
        _require(0 <= self.diversity <= 10, "diversity", "between 0 and 10", self.diversity)
        _require(0 <= self.min_length <= 1000, "min_length", "between 0 and 1000", self.min_length)
        _require(0 <= self.max_length <= 1000, "max_length", "between 0 and 1000", self.max_length)
        _require(
            self.max_length == 0 or self.min_length <= self.max_length,
            "min_length",
            "at most max_length",
            self.min_length,
        )
        _require(0 < self.temperature <= 100, "temperature", "over 0, up to 100", self.temperature)
        _require(self.top_k >= 0, "top_k", "0 or more", self.top_k)
        _require(0 < self.top_p <= 1, "top_p", "over 0, up to 1", self.top_p)
        _require(0 <= self.seed < 2**63, "seed", "0 or more", self.seed)


@dataclass(frozen=True)
class RerankOptions:
    """Another order for the outputs that a search has found."""

    mutual: float = 0.0
    """Outputs are ranked by log p(out | source) - mutual * log p(out) (Li et al. 2016); 0: as the
    search ranks them."""

    def __post_init__(self) -> None:
        _require(0 <= self.mutual <= 1, "mutual", "between 0 and 1", self.mutual)


@dataclass(frozen=True)
class DataConfig:
    """Which files, which columns, what is kept."""

    train: tuple[str, ...] = ("train.tsv",)
    """Files below ``--data``; .tsv or .jsonl, also .gz."""
    share: tuple[float, ...] = ()
    """Share of each file's rows that one epoch visits, drawn anew every epoch; empty: all."""
    valid: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    """Held-out files. Empty: split from the first training file, by source sentence."""
    split: float = 0.02
    """Share of distinct sources that goes to test, and half as many to validation."""
    columns: dict[str, str] = field(default_factory=dict)
    """Task field -> column name, where they differ: {"src": "en", "tgt": "fr"}."""
    vocab: int = 8000
    """Joint vocabulary size, specials and 256 bytes included."""
    max_src: int = 100
    max_tgt: int = 100
    """Longest side in tokens, the end of sentence included. Training pairs beyond it are dropped,
    sources to decode are cut; both are counted and reported."""
    max_ratio: float = 4.0
    """Pairs of over 10 tokens whose sides differ by more than this factor are dropped."""
    kinds: dict[str, str] = field(default_factory=dict)
    """File -> kind of target that its control token asks for (see ``Task.kinds``)."""
    free: float = 0.0
    """Share of pairs whose kind is left to the model: their control token is that of ``any``."""
    blank: float = 0.0
    """Share of pairs also seen without their source, so that the model learns log p(target) too,
    which re-ranking by mutual information needs."""
    casual: float = 0.0
    """Share of pairs also seen with the source as people type it: lower case, no final mark."""
    names: float = 0.0
    """Share of pairs with a name on both sides also seen with another name, to learn to copy names."""


@dataclass(frozen=True)
class TrainConfig:
    """How to train."""

    init: str = ""
    """Checkpoint (name or folder) to start from: its weights and its tokenizer; empty: fresh."""
    steps: int = 10_000
    batch_tokens: int = 4096
    """Padded tokens a batch on the longer side (all processes together)."""
    lr: float = 1e-3
    warmup: int = 500
    final_lr: float = 0.02
    """The learning rate falls on a cosine to this share of ``lr``."""
    weight_decay: float = 0.0
    beta2: float = 0.98
    clip: float = 1.0
    """Largest gradient norm (Pascanu et al. 2013)."""
    word_dropout: float = 0.0
    """Share of input tokens, of both sides, hidden behind <unk> (Gal and Ghahramani 2016)."""
    smoothing: float = 0.1
    """Label smoothing (Szegedy et al. 2016)."""
    average: float = 0.998
    """Decay of the running average of the weights that is validated and saved; 0: the last."""
    scheduled_sampling: float = 0.0
    """Final share of decoder inputs that are the model's own predictions (Bengio et al. 2015)."""
    risk: float = 0.0
    """Share of the loss that is the expected error of the model's own beam (Shen et al. 2016)."""
    eval_every: int = 1000
    eval_sentences: int = 500
    save_every: int = 500
    log_every: int = 50
    patience: int = 0
    """Stop after this many validations without a better metric; 0: never."""
    seed: int = 1
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda`` or ``mps``."""
    precision: str = "auto"
    """``auto``: bf16 where the device has it; ``bf16`` or ``fp32``."""
    threads: int = 0
    """CPU threads; 0: all."""


@dataclass(frozen=True)
class Config:
    """One complete, named training configuration; stands in a checkpoint as config.json."""

    name: str
    task: str = "translation"
    architecture: str = "rnn"
    title: str = ""
    src_language: str = ""
    tgt_language: str = ""
    model: dict[str, Any] = field(default_factory=dict)
    """Options of the architecture's own config class."""
    data: DataConfig = field(default_factory=DataConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    search: SearchOptions = field(default_factory=SearchOptions)
    """Default search options of this checkpoint."""
    rerank: RerankOptions = field(default_factory=RerankOptions)
    """How its outputs are ranked after the search."""


def _require(ok: bool, name: str, wanted: str, got: Any) -> None:
    if not ok:
        raise S2SError(f"{name} must be {wanted}, not {got!r}.")


def to_dict(config: Any) -> dict[str, Any]:
    """Dataclass → plain JSON types."""
    return json.loads(json.dumps(dataclasses.asdict(config)))


def from_dict(cls: type, values: dict[str, Any], where: str = "") -> Any:
    """Plain JSON types → dataclass. Unknown names and wrong types raise S2SError."""
    if not isinstance(values, dict):
        raise S2SError(f"{where or cls.__name__} must be a set of named values, not {values!r}.")
    hints = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}
    out = {}
    for name, value in values.items():
        dotted = f"{where}.{name}" if where else name
        if name not in known:
            raise S2SError(f"Unknown option {dotted}; known: {', '.join(sorted(known))}.")
        out[name] = _coerce(hints[name], value, dotted)
    try:
        return cls(**out)
    except TypeError as error:  # a required name is missing
        raise S2SError(f"{where or cls.__name__}: {error}.") from None


def override(config: Any, assignments: list[str]) -> Any:
    """Apply ``a.b=c`` assignments. Values are JSON, or else plain strings."""
    values = to_dict(config)
    for assignment in assignments:
        path, sign, text = assignment.partition("=")
        if not sign:
            raise S2SError(f"--set wants key=value, not {assignment!r}.")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        *parents, last = path.strip().split(".")
        node = values
        for parent in parents:
            node = node.get(parent) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise S2SError(f"Unknown option {path}.")
        node[last] = value
    return from_dict(type(config), values)


def _coerce(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, types.UnionType):
        options = [h for h in typing.get_args(hint) if h is not type(None)]
        return None if value is None else _coerce(options[0], value, where)
    if dataclasses.is_dataclass(hint):
        return from_dict(hint, value, where)
    origin = typing.get_origin(hint)
    if origin is tuple:
        items = value if isinstance(value, (list, tuple)) else [value]
        inner = typing.get_args(hint)[0]
        return tuple(_coerce(inner, item, where) for item in items)
    if origin is dict:
        if not isinstance(value, dict):
            raise S2SError(f"{where} must be a set of named values, not {value!r}.")
        return dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is Any or (isinstance(value, hint) and (hint is bool or not isinstance(value, bool))):
        return value
    raise S2SError(f"{where} must be of type {hint.__name__}, not {value!r}.")
