"""SentencePiece: text ↔ ids ↔ pieces, and the word each piece belongs to.

Subword vocabulary by byte-pair encoding (Sennrich et al. 2016) with byte fallback: a character that
the vocabulary lacks is spelled in UTF-8 bytes, so no input is ever unknown.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import sentencepiece

from s2s.errors import S2SError
from s2s.locale import _
from s2s.text.cleaning import clean
from s2s.text.opening import Opening, Speller
from s2s.text.vocabulary import BOS, EOS, PAD, SPECIAL_NAMES, UNK, Vocabulary
from s2s.text.words import SPACE, begins_word

JOINTS = frozenset(",.:/-'")  # what joins the digits of a number, a date, a time
SIGNS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Sm", "So"))  # Unicode's letters and symbols
LONGEST = 1000  # characters; sentencepiece leaves out what has over 4192 bytes


class Tokenizer:
    """One joint vocabulary for source and target."""

    def __init__(self, model: bytes) -> None:
        """``model``: a serialised SentencePiece model. Raises S2SError if it is not one."""
        self.model = model
        if not model:
            raise S2SError("The tokenizer model is empty.")
        try:
            self._sp = sentencepiece.SentencePieceProcessor(model_proto=model)
        except Exception as error:
            raise S2SError(f"The tokenizer model cannot be read ({error}).") from None
        self.size: int = self._sp.get_piece_size()
        self._pieces = [self._sp.id_to_piece(i) for i in range(self.size)]
        self.controls: tuple[int, ...] = tuple(
            i for i in range(self.size) if self._sp.is_control(i) and i not in SPECIAL_NAMES
        )
        """Ids of control tokens such as ``<you>``, which no text yields and no output contains."""
        self._special = {*SPECIAL_NAMES, *self.controls}
        self.vocabulary = Vocabulary(
            self.size,
            never=(PAD, UNK, BOS, *self.controls),
            digits=self._which(lambda piece: piece == SPACE or piece.lstrip(SPACE).isdecimal()),
            joints=self._which(lambda piece: piece in JOINTS),
        )
        self._byte = {i: int(p[3:5], 16) for i, p in enumerate(self._pieces) if self._sp.is_byte(i)}

    @classmethod
    def train(
        cls, sentences: Iterable[str], vocab: int, control: Sequence[str] = (), threads: int = 2
    ) -> Tokenizer:
        """Learn a vocabulary of ``vocab`` pieces; ``control``: tokens that text never yields.

        Only how often each word occurs matters to byte-pair encoding, so words are counted here: a
        corpus need not fit into memory, and no sentence is too long.
        """
        counts: Counter[str] = Counter()
        for sentence in sentences:
            words = sentence.split()
            if len(sentence) > LONGEST:
                words = [w[i : i + LONGEST] for w in words for i in range(0, len(w), LONGEST)]
            counts.update(words)
        if not counts:
            raise S2SError("There is no text to learn a vocabulary from.")
        return cls(_learned(counts, vocab, control, threads))

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """Read ``tokenizer.model``. Raises S2SError if it is missing or broken."""
        try:
            return cls(Path(path).read_bytes())
        except OSError as error:
            raise S2SError(f"The tokenizer {path} cannot be read ({error.strerror}).") from None

    def encode(self, text: str) -> list[int]:
        """Text → ids, without BOS or EOS. Special tokens written in the text stay plain text."""
        return self._sp.encode(clean(text))

    def target(self, text: str) -> list[int]:
        """A whole output → ids, its ends included."""
        return [*self.encode(text), self.vocabulary.eos]

    def opening(self, text: str, most: int | None = None) -> Opening:
        """What an output that begins with ``text`` begins with.

        The last word may go on, so that it may be spelled in other pieces; white space behind it says
        that it is whole. Raises S2SError if it has more than ``most`` tokens.
        """
        ids = self.encode(text)
        if most is not None and len(ids) > most:
            said = _("The output is to begin with {n:,} tokens; this model writes at most {most}.")
            raise S2SError(said.format(n=len(ids), most=most))
        if not ids:
            return Opening()
        if text[-1].isspace():
            steps = self._speller.steps(SPACE.encode())
            ended = ((*steps[0], (self.vocabulary.eos, len(steps))), *steps[1:])
            return Opening(tuple(ids), ended, " ", len(ids))
        at = self.words(ids)[-1][1]
        rest = b"".join(map(self._writes, ids[at:]))
        shown = self.decode(ids[at:])
        return Opening(tuple(ids[:at]), self._speller.steps(rest), shown, len(ids))

    @cached_property
    def _speller(self) -> Speller:
        ids = [i for i in range(self.size) if i not in self._special]
        return Speller([(self._writes(i), i) for i in ids])

    def _writes(self, token: int) -> bytes:
        """What a token adds to a text, white space as a visible mark."""
        byte = self._byte.get(token)
        return self._pieces[token].encode() if byte is None else bytes([byte])

    def _which(self, wanted: Callable[[str], bool]) -> tuple[int, ...]:
        """Ids of the pieces that are so; specials are none."""
        return tuple(i for i, p in enumerate(self._pieces) if i not in self._special and wanted(p))

    def decode(self, ids: Sequence[int]) -> str:
        """Ids → text; specials are skipped."""
        return self._sp.decode([i for i in ids if i not in self._special and 0 <= i < self.size])

    def control(self, name: str) -> int:
        """Id of a control token such as ``<you>``. Raises S2SError if there is none."""
        token = self._sp.piece_to_id(name)
        if token == UNK:
            raise S2SError(f"The tokenizer has no control token {name}.")
        return token

    def learned(self) -> dict[str, int]:
        """Pieces made by joining two others → the place at which each was learned, from 0.

        What is not among them stood there from the start: characters, bytes, special tokens.
        """
        joins = {i: p for i, p in self.spellings().items() if len(p) > 1}
        return {piece: round(-self._sp.get_score(i)) for i, piece in joins.items()}

    def spellings(self) -> dict[int, str]:
        """Id → piece, of pieces that people can read: no special tokens, no single bytes."""
        hidden = {*self._special, *self._byte}
        return {i: p for i, p in enumerate(self._pieces) if i not in hidden}

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Ids → pieces as shown to people; specials by name, bytes as ``<0xE4>``."""
        return [SPECIAL_NAMES.get(i) or self._pieces[i] for i in ids]

    def merges(self) -> list[tuple[str, str]]:
        """Pairs of pieces that make a piece, the one that is merged first first."""
        usual = [i for i in range(self.size) if i not in self._special and i not in self._byte]
        known = {self._pieces[i] for i in usual}
        return [
            (piece[:at], piece[at:])
            for piece in (
                self._pieces[i] for i in sorted(usual, key=self._sp.get_score, reverse=True)
            )
            for at in range(1, len(piece))
            if piece[:at] in known and piece[at:] in known
        ]

    def spelled(self, ids: Sequence[int]) -> float:
        """Share of ids that are single bytes: characters the vocabulary does not have."""
        return sum(i in self._byte for i in ids) / max(1, len(ids))

    def unknown(self, text: str) -> list[str]:
        """Letters and signs of a text that the vocabulary does not have, in order; none that are a plain
        letter or digit with something added, such as á: other languages write them otherwise."""
        signs = [c for c in dict.fromkeys(clean(text)) if unicodedata.category(c) in SIGNS]
        other = [c for c in signs if not unicodedata.normalize("NFKD", c)[0].isascii()]
        return [c for c in other if not self._has(c)]

    def _has(self, char: str) -> bool:
        return char in self._characters

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset(p for p in self.spellings().values() if len(p) == 1)

    def words(self, ids: Sequence[int]) -> list[tuple[str, int, int]]:
        """Group pieces into words: (text, first, last + 1) covering every id in order.

        A word begins at SentencePiece's space mark, at a special token, at punctuation, and at each
        character of a script written without spaces; bytes of one character stay together.
        """
        spans: list[tuple[int, int]] = []
        previous = ""
        for n, i in enumerate(ids):
            byte = self._byte.get(i, -1)
            # a byte below 0x80 is a character; of the others, lead bytes from 0xE0 on begin wide
            # characters (CJK, emoji), which are words of their own
            piece = self._pieces[i] if byte < 0 else chr(byte) if byte < 0x80 else "x"
            special = i in self._special
            wide = byte >= 0xE0 and previous != SPACE
            if special or wide or begins_word(piece, previous):
                spans.append((n, n + 1))
            else:
                spans[-1] = (spans[-1][0], n + 1)
            previous = "" if special else piece
        out = []
        for first, last in spans:
            span = list(ids[first:last])
            named = self._pieces[span[0]] if span[0] in self.controls else ""
            text = SPECIAL_NAMES.get(span[0]) or named or self._sp.decode(span).strip()
            out.append((text or SPACE, first, last))
        return out


def _learned(counts: Counter[str], vocab: int, control: Sequence[str], threads: int) -> bytes:
    """A serialised model from words and how often each occurs.

    In a thread of its own: the calling one stays open to signals, which would otherwise wait.
    """
    writer, failed = io.BytesIO(), list[Exception]()

    def learn() -> None:
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=(f"{word}\t{n}" for word, n in counts.items()),
                input_format="tsv",
                model_writer=writer,
                vocab_size=vocab,
                model_type="bpe",
                character_coverage=1.0,
                byte_fallback=True,
                split_digits=True,
                normalization_rule_name="identity",
                pad_id=PAD,
                unk_id=UNK,
                bos_id=BOS,
                eos_id=EOS,
                control_symbols=list(control),
                hard_vocab_limit=False,
                num_threads=threads,
                minloglevel=2,
            )
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=learn, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    if failed:
        raise S2SError(
            f"No vocabulary of {vocab} pieces can be learned from this text ({failed[0]})."
        )
    return writer.getvalue()
