"""What a folder of the hub says of itself, in our own words: task, languages, search."""

from __future__ import annotations

import re
from typing import Any

from s2s.config import Config, DataConfig, SearchOptions, bounds
from s2s.errors import S2SError
from s2s.models.huggingface.folder import Folder, library, whole
from s2s.options import shown, to_dict
from s2s.tasks import TASKS
from s2s.tasks.base import Hub
from s2s.text.huggingface import load_tokenizer
from s2s.text.languages import NAMES, name_of

ARCHITECTURE = "huggingface"
PAIR = re.compile(r"(?:^|-)([a-z]{2,3})[-_](?:to[-_])?([a-z]{2,3})$")
THREE = {  # ISO 639-3, where NLLB's codes begin with more than the two letters
    **{"ar": "arb", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan"},
    **{"de": "deu", "el": "ell", "en": "eng", "eo": "epo", "es": "spa", "et": "est", "eu": "eus"},
    **{"fa": "pes", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "he": "heb", "hi": "hin"},
    **{"hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn"},
    **{"ka": "kat", "km": "khm", "ko": "kor", "lo": "lao", "lt": "lit", "lv": "lvs", "my": "mya"},
    **{"nb": "nob", "nl": "nld", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk"},
    **{"sl": "slv", "sq": "als", "sr": "srp", "sv": "swe", "sw": "swh", "ta": "tam", "te": "tel"},
    **{"th": "tha", "tr": "tur", "uk": "ukr", "ur": "urd", "vi": "vie", "zh": "zho"},
}
UNTAKEN = {  # settings of a generation config that no option of ours stands for → what they do nothing at
    "encoder_no_repeat_ngram_size": 0,
    "diversity_penalty": 0.0,
    "num_beam_groups": 1,
    "typical_p": 1.0,
    "encoder_repetition_penalty": 1.0,
    "renormalize_logits": False,
}


def config_of(
    folder: Folder,
    path: str,
    name: str = "",
    task: str = "",
    src: str = "",
    tgt: str = "",
    prefix: str | None = None,
) -> Config:
    """A checkpoint's configuration for a folder. ``path``: how it refers to the folder. Raises S2SError."""
    name = name or folder.path.resolve().name
    kind = folder.config["model_type"]
    task = task or next(known for known, t in TASKS.items() if kind in t.hub.families)
    hub = TASKS[task].hub
    guess = PAIR.search(name.lower()) or PAIR.search(folder.path.resolve().name.lower())
    if hub.two_languages and guess and not (src or tgt):
        src, tgt = guess.groups()
    languages = _iso(src), _iso(tgt or ("" if hub.two_languages else src))
    said = folder.settings(hub.key.format(*languages))
    model: dict[str, Any] = {"path": path}
    marks = _marks(folder, src, tgt) if (src or tgt) else {}
    model |= {k: v for k, v in marks.items() if k in ("source", "first") and v}
    own = (
        prefix
        if prefix is not None
        else marks.get("prefix") or _prefix(folder, said, hub, languages)
    )
    if own:
        model["prefix"] = own
    if whole(said.get("forced_eos_token_id")) is not None and (most := _most(said)):
        model["end_at"] = most
    limits = folder.limits()
    return Config(
        name=name,
        task=task,
        architecture=ARCHITECTURE,
        title=_title(name, hub, languages),
        src_language=languages[0],
        tgt_language=languages[1],
        model=model,
        data=DataConfig(max_src=limits.source, max_tgt=limits.target),
        search=search_of(said),
    )


def search_of(said: dict[str, Any]) -> SearchOptions:
    """A generation config → our options; what it does not say stays at our own defaults.

    A maximum there counts the start token, as ours does not; both minima mean the same.
    """
    found: dict[str, Any] = {"stop": _stop(said.get("early_stopping"))}
    found |= _number("beam", said.get("num_beams"))
    found |= _number("block_ngram", said.get("no_repeat_ngram_size"))
    found |= _number("repetition_penalty", said.get("repetition_penalty"))
    found |= _number("min_length", said.get("min_length"))
    found |= _number("max_length", _most(said))
    found |= _number("alpha", said.get("length_penalty", 1.0))
    if said.get("do_sample") is True:
        found["method"] = "sample"
        for key in ("temperature", "top_k", "top_p"):
            found |= _number(key, said.get(key))
    if 0 < found.get("max_length", 0) < found.get("min_length", 0):
        found["min_length"] = found["max_length"]
    return SearchOptions(**to_dict(SearchOptions()) | found)


def left_out(said: dict[str, Any]) -> list[str]:
    """Settings that change its outputs there and are not taken over."""
    found = [
        f"{name} = {said[name]}"
        for name, nothing in UNTAKEN.items()
        if said.get(name) not in (None, nothing)
    ]
    long_words = [w for w in said.get("bad_words_ids") or [] if isinstance(w, list) and len(w) > 1]
    return found + [f"{len(long_words)} forbidden sequences"] * bool(long_words)


def _number(name: str, value: Any) -> dict[str, Any]:
    """An option's value within its range; nothing if there is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return {}
    range_ = bounds(SearchOptions, name)
    kind = type(getattr(SearchOptions(), name))
    return {name: kind(min(max(value, range_.lo), range_.hi))}


def _most(said: dict[str, Any]) -> int:
    """Tokens of the longest output; 0: not said."""
    fresh, total = whole(said.get("max_new_tokens")), whole(said.get("max_length"))
    return fresh or max(0, (total or 1) - 1)


def _stop(early: Any) -> str:
    return "early" if early is True else "never" if early == "never" else "hopeful"


def _iso(code: str) -> str:
    """``eng_Latn`` and ``en_XX`` as configurations have them: ``en``."""
    base = re.split(r"[_-]", code)[0].lower()
    return next((two for two, three in THREE.items() if three == base), base)


def _marks(folder: Folder, src: str, tgt: str) -> dict[str, str]:
    """How the tokenizer names two languages. Raises S2SError if it must and cannot."""
    library()
    inner = load_tokenizer(folder.path)
    vocabulary = inner.get_vocab() | getattr(inner, "lang_token_to_id", {})
    kind = folder.config["model_type"]
    if kind == "marian":
        codes = (tgt, THREE.get(tgt, tgt))
        mark = next((f">>{c}<<" for c in codes if f">>{c}<<" in vocabulary), "")
        return {"prefix": f"{mark} "} if mark else {}
    if kind not in ("mbart", "m2m_100"):
        return {}
    source, first = _mark(src, vocabulary), _mark(tgt, vocabulary)
    for code, found in ((src, source), (tgt, first)):
        if code and not found:
            raise S2SError(f"The tokenizer in {folder.path} has no language {shown(code)}.")
    if first == inner.convert_ids_to_tokens(
        whole(folder.config.get("decoder_start_token_id")) or 0
    ):
        first = ""  # the decoder begins with it anyway
    return {"source": source.strip("_") if kind == "m2m_100" else source, "first": first}


def _mark(code: str, vocabulary: dict[str, int]) -> str:
    """The token of a language: ``fr``, ``fr_XX``, ``__fr__``, ``fra_Latn``."""
    if not code:
        return ""
    exact = next((t for t in (code, f"__{code}__") if t in vocabulary and "_" in t), "")
    heads = (f"{code}_", f"{THREE.get(code, code)}_")
    others = sorted(t for t in vocabulary if t.startswith(heads) and 5 <= len(t) <= 8)
    usual = [t for t in others if t.endswith(("_XX", "_Latn", "_Hans", "_CN"))]
    return exact or next(iter(usual + others), "")


def _prefix(folder: Folder, said: dict[str, Any], hub: Hub, languages: tuple[str, str]) -> str:
    """What T5 wants in front of a source."""
    if isinstance(said.get("prefix"), str):
        return str(said["prefix"])[:1000]
    known = folder.config["model_type"] == "t5" and (all(languages) or not hub.two_languages)
    return hub.prefix.format(*map(name_of, languages)) if known else ""


def _title(name: str, hub: Hub, languages: tuple[str, str]) -> str:
    if hub.two_languages and all(code in NAMES for code in languages):
        return f"{name_of(languages[0])} → {name_of(languages[1])} · {name}"[:200]
    return name[:200]
