"""A folder of the hub: what it says of itself, and its network. Weights in safetensors only, no code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from s2s.errors import S2SError
from s2s.models.contract import Limits
from s2s.models.huggingface.attention import NAME, attend, no_mask
from s2s.models.huggingface.families import FAMILIES, Family
from s2s.models.huggingface.model import HuggingFace, Rules
from s2s.models.huggingface.options import HuggingFaceConfig
from s2s.options import parse, shown
from s2s.text.huggingface import HuggingFaceTokenizer, load_tokenizer

CONFIG, GENERATION, WEIGHTS = "config.json", "generation_config.json", "model.safetensors"
INDEX = WEIGHTS + ".index.json"
MISSING = 'Models of Hugging Face need transformers: pip install "s2s[huggingface]".'
CONVERT = (
    "{} holds its weights as pickles (.bin), which can run any program and are not read. Where you "
    "trust them, convert them: AutoModelForSeq2SeqLM.from_pretrained(…).save_pretrained(…) of "
    "transformers writes model.safetensors."
)


class Folder:
    """One folder of the hub. Raises S2SError if it is none that can be opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = _read(path / CONFIG)
        kind = self.config.get("model_type")
        if not isinstance(kind, str) or kind not in FAMILIES:
            raise S2SError(
                f"{path} holds a model of type {shown(kind)}; what can be opened: "
                f"{', '.join(FAMILIES)}."
            )
        if not self.config.get("is_encoder_decoder", True) or "auto_map" in self.config:
            raise S2SError(f"{path} holds no plain encoder-decoder of transformers.")
        if self.config.get("share_encoder_decoder_embeddings", True) is not True:
            raise S2SError(f"{path} has two vocabularies, for source and target; one is wanted.")
        self.family: Family = FAMILIES[kind]
        self.weights = _weights(path)

    @cached_property
    def generation(self) -> dict[str, Any]:
        """How its own ``generate`` searches: the file of that name, or what older folders say."""
        path = self.path / GENERATION
        return _read(path) if path.is_file() else self.config

    def settings(self, key: str) -> dict[str, Any]:
        """The same with what the folder says of a task, as T5's do; ``key``: the task's name there."""
        named = self.config.get("task_specific_params")
        own = named.get(key) if isinstance(named, dict) else None
        return self.generation | (own if isinstance(own, dict) else {})

    def limits(self) -> Limits:
        """Longest source and target."""
        named = ("max_position_embeddings", "n_positions")
        longest = next((n for k in named if (n := whole(self.config.get(k)))), self.family.longest)
        return Limits(longest, longest)

    def digest(self, config: HuggingFaceConfig) -> str:
        """First 12 hex digits of the SHA-256 of all that decides an output."""
        found = hashlib.sha256(repr(config).encode())
        for path in files(self.path):
            with path.open("rb") as file:
                while part := file.read(1 << 20):
                    found.update(part)
        return found.hexdigest()[:12]


def is_folder(path: Path) -> bool:
    """Whether it looks like a folder of the hub."""
    try:
        return (path / CONFIG).is_file() and "model_type" in _read(path / CONFIG)
    except (S2SError, OSError):
        return False


def files(path: Path) -> list[Path]:
    """What decides an output: weights, tokenizer, configurations; by name."""
    kinds = (".safetensors", ".json", ".model", ".spm", ".txt")
    try:
        return sorted(p for p in path.iterdir() if p.suffix in kinds and p.is_file())
    except OSError as error:
        raise S2SError(f"{path} cannot be read ({error.strerror}).") from None


def open_folder(
    folder: Folder, config: HuggingFaceConfig, device: str
) -> tuple[HuggingFace, HuggingFaceTokenizer]:
    """Its model and its tokenizer. Raises S2SError, also where transformers is not installed."""
    transformers = library()
    said = folder.generation
    named = config.first or whole(said.get("forced_bos_token_id")) is not None
    if folder.config["model_type"] == "m2m_100" and not named:
        raise S2SError(
            f"{folder.path} translates between many languages; say which: "
            f"python -m s2s add {folder.path} --src en --tgt fr."
        )
    pair = {"src_lang": config.source, "tgt_lang": config.first.strip("_")}
    languages = {name: code for name, code in pair.items() if code}
    inner = load_tokenizer(folder.path, **languages)
    network = _network(folder, transformers).eval().to(device)
    size, start = int(network.lm_head.weight.shape[0]), whole(said.get("decoder_start_token_id"))
    start = whole(folder.config.get("decoder_start_token_id")) if start is None else start
    if start is None:
        start = inner.bos_token_id
    ids = start, inner.pad_token_id, inner.eos_token_id
    if any(i is None or not 0 <= i < size for i in ids):
        raise S2SError(f"The tokenizer in {folder.path} does not fit its model.")
    first = first_token(folder, config, inner)
    never = [*_ids(said.get("suppress_tokens")), *_words(said.get("bad_words_ids"))]
    never = [i for i in never if i not in (first, inner.eos_token_id) and i < size]
    tokenizer = HuggingFaceTokenizer(inner, size, start, never, first)
    rules = Rules(first, tuple(_ids(said.get("begin_suppress_tokens"))), config.end_at)
    try:
        model = HuggingFace(network, tokenizer.vocabulary, config, folder.limits(), rules)
    except (ValueError, AttributeError) as error:
        raise S2SError(f"The layers in {folder.path} cannot be looked into ({error}).") from None
    if not all(bool(torch.isfinite(p).all()) for p in model.parameters()):
        raise S2SError(f"The weights in {folder.path} hold NaN or infinity.")
    return model.eval(), tokenizer


def first_token(folder: Folder, config: HuggingFaceConfig, inner: Any) -> int | None:
    """The id of the token that every output begins with: named, or what the folder says."""
    if not config.first:
        return whole(folder.generation.get("forced_bos_token_id"))
    found = inner.convert_tokens_to_ids(config.first)
    if found is None or found == inner.unk_token_id:
        raise S2SError(f"The tokenizer in {folder.path} has no token {shown(config.first)}.")
    return int(found)


def library() -> Any:
    """transformers, quiet and offline. Raises S2SError if it is not installed."""
    try:
        import transformers
    except ImportError:
        raise S2SError(MISSING) from None
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def _network(folder: Folder, transformers: Any) -> Any:
    make: Callable[..., Any] = getattr(transformers, folder.family.network).from_pretrained
    try:
        network = make(
            str(folder.path),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            attn_implementation="eager",
        )
    except Exception as error:  # its errors are of many kinds, and of many lines
        said = " ".join(str(error).split())[:200]
        raise S2SError(f"The model in {folder.path} cannot be read ({said}).") from None
    transformers.AttentionInterface.register(NAME, attend)
    transformers.AttentionMaskInterface.register(NAME, no_mask)
    network.set_attn_implementation(NAME)
    return network


def _weights(path: Path) -> list[Path]:
    """The files of the weights. Raises S2SError if there are none, or only pickles."""
    if (path / WEIGHTS).is_file():
        return [path / WEIGHTS]
    if (path / INDEX).is_file():
        return sorted(path.glob("*.safetensors"))
    if [*path.glob("*.bin"), *path.glob("*.pt"), *path.glob("*.ckpt")]:
        raise S2SError(CONVERT.format(path))
    raise S2SError(f"{path} holds no weights: there is no {WEIGHTS}.")


def _read(path: Path) -> dict[str, Any]:
    try:
        found = parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise S2SError(f"{path} cannot be read ({error}).") from None
    if not isinstance(found, dict):
        raise S2SError(f"{path} must be a set of options, not {shown(found)}.")
    return found


def whole(value: Any) -> int | None:
    """A whole number that is one; else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _ids(value: Any) -> list[int]:
    return [i for i in value if whole(i) is not None] if isinstance(value, list) else []


def _words(value: Any) -> list[int]:
    """Of sequences that are forbidden those of one token."""
    rows = value if isinstance(value, list) else []
    return [row[0] for row in rows if isinstance(row, list) and len(row) == 1 and _ids(row)]
