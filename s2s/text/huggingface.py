"""A tokenizer of transformers behind our own questions: ids, pieces, and the word of each piece."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from s2s.errors import S2SError
from s2s.text.marks import byte_level, readable, starts_character, written
from s2s.text.opening import Opening
from s2s.text.tokenizer import Tokenizer
from s2s.text.vocabulary import Vocabulary
from s2s.text.words import SPACE, begins_word

PROBE = "a"
FILES = ("tokenizer.json", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "source.spm")


class HuggingFaceTokenizer(Tokenizer):
    """What our own tokenizer answers, answered by another's. Texts of source and target may differ in
    pieces, so a source has a method of its own."""

    def __init__(
        self,
        inner: Any,
        size: int,
        start: int,
        never: Sequence[int] = (),
        first: int | None = None,
    ) -> None:
        """``size``: of the network's vocabulary; ``start``: what its decoder reads first; ``never``: what
        no output contains; ``first``: what every output begins with."""
        self.model, self.controls = b"", ()
        self._inner, self._lock = inner, threading.Lock()
        self.size = size
        languages = getattr(inner, "lang_token_to_id", {})  # M2M100 counts them behind its end
        known = min(size, max(len(inner), *(i + 1 for i in languages.values()), 0))
        pieces = inner.convert_ids_to_tokens(list(range(known)))
        self._pieces = [str(p) for p in pieces] + [f"<{i}>" for i in range(known, size)]
        bytewise = byte_level(self._pieces)
        self._special = {i for i in inner.all_special_ids if i < size} | {start}
        self._special |= {i for i in (*inner.added_tokens_decoder, *languages.values()) if i < size}
        self._special |= set(range(known, size))
        self._unknown = inner.unk_token_id
        self._marks = sorted({self._pieces[i] for i in self._special if i < known}, key=len)[::-1]
        self._raw = [
            b"" if i in self._special else written(piece, bytewise)
            for i, piece in enumerate(self._pieces)
        ]
        # single bytes of broken characters: what a text is spelled in that the vocabulary lacks
        self._byte = {i: raw[0] for i, raw in enumerate(self._raw) if _broken(raw)}
        self.vocabulary = Vocabulary(
            size,
            pad=inner.pad_token_id,
            bos=start,
            eos=inner.eos_token_id,
            unk=-1 if self._unknown is None else self._unknown,
            never=tuple(sorted({inner.pad_token_id, *never, *range(known, size)})),
        )
        self._front, self._back = self._ends(target=False)
        before, _ = self._ends(target=True)
        self._begin = before if first is None else [first]

    def encode(self, text: str) -> list[int]:
        """Text of an output → ids, without ends. Special tokens written in the text stay plain text."""
        return self._ids(text, target=True)

    def target(self, text: str) -> list[int]:
        return [*self._begin, *self.encode(text), self.vocabulary.eos]

    def source(self, text: str, limit: int, keeps: str = "first") -> tuple[list[int], int]:
        """Ids of a source with its ends, at most ``limit``, and how many tokens were cut off."""
        ids = self._ids(text, target=False)
        room = max(0, limit - len(self._front) - len(self._back))
        cut = max(0, len(ids) - room)
        kept = ids[:room] if keeps == "first" else ids[cut:]
        return [*self._front, *kept, *self._back], cut

    def opening(self, text: str, most: int | None = None) -> Opening:
        found = super().opening(text, most)
        if not found or not self._begin:
            return found
        more = len(self._begin)
        return Opening((*self._begin, *found.ids), found.spelling, found.rest, found.begun + more)

    def decode(self, ids: Sequence[int]) -> str:
        kept = [i for i in ids if 0 <= i < self.size and i not in self._special]
        if not kept:
            return ""
        with self._lock:
            text: str = self._inner.decode(
                kept, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text.strip()

    def control(self, name: str) -> int:
        raise S2SError(f"The tokenizer has no control token {name}.")

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Pieces as shown; white space is the mark of SentencePiece, broken characters their bytes."""
        return [self._shown(i) for i in ids]

    def spelled(self, ids: Sequence[int]) -> float:
        """Share of ids that are parts of a character, or unknown."""
        lost = sum(i in self._byte or i == self._unknown for i in ids)
        return lost / max(1, len(ids))

    def _has(self, char: str) -> bool:
        """Parts of a character may be learned as well as whole ones."""
        return char.isascii() or self._unknown not in self._ids(char, target=False)

    def words(self, ids: Sequence[int]) -> list[tuple[str, int, int]]:
        """As of our own pieces: a character that is spelled in several pieces is never parted."""
        spans: list[tuple[int, int]] = []
        previous, pending = "", b""
        for n, i in enumerate(ids):
            raw, special = self._raw[i], i in self._special
            goes_on = bool(pending) and not starts_character(raw) and not special
            pending = _unfinished(pending + raw if goes_on else raw)
            # of a broken character only its first byte is known: from 0xE0 on it is wide, a word
            wide = raw[:1] >= b"\xe0" and not readable(raw) and previous != SPACE
            text = readable(raw) or "x"
            if special or not spans or (not goes_on and (wide or begins_word(text, previous))):
                spans.append((n, n + 1))
            else:
                spans[-1] = (spans[-1][0], n + 1)
            previous = "" if special else text
        return [(self._text(ids[a:b]), a, b) for a, b in spans]

    # ---------------------------------------------------------------------------------- internals
    def _text(self, ids: Sequence[int]) -> str:
        if ids[0] in self._special:
            return self._shown(ids[0])
        raw = b"".join(self._raw[i] for i in ids)
        return raw.decode("utf-8", "replace").replace(SPACE, " ").strip() or SPACE

    def _shown(self, token: int) -> str:
        if token in self._special:
            return self._pieces[token]
        if token in self._byte or not readable(self._raw[token]):
            return "".join(f"<0x{byte:02X}>" for byte in self._raw[token])
        return self._raw[token].decode("utf-8", "replace")

    def _writes(self, token: int) -> bytes:
        return self._raw[token]

    def _ids(self, text: str, target: bool, ends: bool = False) -> list[int]:
        """``ends``: with what the tokenizer puts at either end."""
        if not ends:
            text = self._harmless(text)
        named = {"text_target": text} if target else {"text": text}
        with self._lock:  # some tokenizers switch between their two sides in place
            found = self._inner(**named, add_special_tokens=ends, split_special_tokens=not ends)
        ids = [int(i) for i in found["input_ids"]]
        return [i for i in ids if ends or i not in self._special or i == self._unknown]

    def _harmless(self, text: str) -> str:
        """Special tokens that somebody wrote are broken by a space, so that they are text."""
        for mark in self._marks if "<" in text or "[" in text or "_" in text else ():
            if mark in text and len(mark) > 1:
                text = text.replace(mark, f"{mark[0]} {mark[1:]}")
        return text

    def _ends(self, target: bool) -> tuple[list[int], list[int]]:
        """What stands before and behind every text."""
        plain, whole = self._ids(PROBE, target), self._ids(PROBE, target, ends=True)
        for at in range(len(whole) - len(plain) + 1):
            if whole[at : at + len(plain)] == plain:
                return whole[:at], whole[at + len(plain) :] or [self.vocabulary.eos]
        return [], [self.vocabulary.eos]


def _unfinished(raw: bytes) -> bytes:
    """The beginning of a character at the end of ``raw``, if it has one."""
    whole = len(raw.decode("utf-8", "ignore").encode())
    return raw[whole:] if whole < len(raw) else b""


def _broken(raw: bytes) -> bool:
    """Whether it is a part of a character and nothing else."""
    return bool(raw) and not readable(raw)


def load_tokenizer(folder: Path, **languages: str) -> Any:
    """The tokenizer of a folder. Raises S2SError if it cannot be read."""
    from transformers import AutoTokenizer

    if not any((folder / name).is_file() for name in FILES):
        raise S2SError(f"{folder} holds no tokenizer: there is none of {', '.join(FILES)}.")
    try:
        with warnings.catch_warnings():  # about what would make it a little better
            warnings.simplefilter("ignore")
            return AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False, **languages
            )
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise S2SError(f"The tokenizer in {folder} cannot be read ({said}).") from None
