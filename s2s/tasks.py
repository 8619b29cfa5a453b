"""The kinds of work: how a row becomes a pair, how a source is read, which metric steers.

A new task is one entry in ``TASKS``.

A source is one string in which tabs separate parts: translation has one part, a summary's source is
its kind and its text, and a conversation has one part a turn. Cleaning never leaves a tab within a part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from s2s.tokenizer import EOS, Tokenizer, clean

KINDS = {
    "any": "Whatever suits the text",
    "headline": "News headline",
    "compression": "One shorter sentence",
    "dialogue": "What a chat was about",
    "software": "What a program is",
    "subject": "E-mail subject",
}
TURNS = 5  # of a conversation, the most that a model reads
SPEAKERS = ("<you>", "<me>")  # who said a turn, as the answering model sees it


@dataclass(frozen=True)
class Task:
    """How one kind of work reads rows and is judged."""

    name: str
    fields: tuple[str, str]
    """Default column names of source and target."""
    metric: str
    """What early stopping and reports go by, a key of a report; see ``s2s.evaluate``."""
    pair: Callable[[dict, str, str, str], tuple[str, str | list[str]]]
    """(row, source column, target column, kind) → (source, target or several), raw."""
    read: Callable[[str], str]
    """Anything → a clean source, empty if there is nothing in it."""
    texts: Callable[[str], list[str]]
    """A clean source → its natural language, part by part."""
    encode: Callable[[str, Tokenizer, int], tuple[list[int], int]]
    """(clean source, tokenizer, limit) → ids ending with EOS, and the number of tokens cut off."""
    examples: tuple[str, ...]
    controls: tuple[str, ...] = ()
    """Control tokens of the vocabulary."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Kinds of target that a control token asks for, and what people call them."""
    split_sentences: bool = False
    """Whether a long input is decoded sentence by sentence; else it is cut at the limit."""
    keeps: str = "first"
    """Which end of a source that is too long is read: ``first`` or ``last``."""


# ------------------------------------------------------------------------------------ translation
def _columns(row: dict, src: str, tgt: str, kind: str) -> tuple[str, str]:
    return str(row[src]), str(row[tgt])


def _whole(source: str, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    ids = tokenizer.encode(source)
    return [*ids[: limit - 1], EOS], max(0, len(ids) - (limit - 1))


# ---------------------------------------------------------------------------------- summarization
def _summary(row: dict, src: str, tgt: str, kind: str) -> tuple[str, str | list[str]]:
    text = str(row[src])
    has_kind = text.partition("\t")[0] in KINDS and "\t" in text
    several = row.get("summaries") if tgt not in row else None  # several references of one text
    target = [str(t) for t in several] if several else str(row[tgt])
    return (f"{kind}\t{text}" if kind and not has_kind else text), target


def read_document(text: str) -> str:
    """``kind<TAB>text``; a text without a known kind is of kind ``any``."""
    kind, tab, body = text.partition("\t")
    if not tab or kind not in KINDS:
        kind, body = "any", text
    body = clean(body)
    return f"{kind}\t{body}" if body else ""


def leave_open(source: str) -> str:
    """The same source with its kind left to the model."""
    return f"any\t{source.partition(chr(9))[2]}"


def _body(source: str) -> list[str]:
    return [source.partition("\t")[2]] if source else []


def _with_kind(source: str, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    """The control token of the kind, then the text (as Johnson et al. 2017 choose a language)."""
    kind, _, body = source.partition("\t")
    ids, cut = _whole(body, tokenizer, limit - 1)
    return [tokenizer.control(f"<{kind}>"), *ids], cut


# --------------------------------------------------------------------------------------- dialogue
def _reply(row: dict, src: str, tgt: str, kind: str) -> tuple[str, str]:
    turns = row[src]
    if not isinstance(turns, str):
        turns = "\t".join(clean(str(turn)) for turn in turns)
    return turns, str(row[tgt])


def read_turns(text: str) -> str:
    """Turns separated by tabs, oldest first; empty ones are left out."""
    return "\t".join(turn for turn in map(clean, text.split("\t")) if turn)


def _turns(source: str) -> list[str]:
    return source.split("\t") if source else []


def _with_speakers(source: str, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    """The last turns, each behind its speaker's token; what does not fit is cut at the beginning."""
    out: list[int] = []
    cut, room = 0, limit - 1
    for back, turn in enumerate(reversed(_turns(source))):
        ids = tokenizer.encode(turn)
        if back >= TURNS or room < 2 or cut:
            cut += len(ids)
            continue
        fits = ids[-(room - 1) :]
        out = [tokenizer.control(SPEAKERS[back % 2]), *fits, *out]
        cut += len(ids) - len(fits)
        room -= len(fits) + 1
    return [*out, EOS], cut


TASKS: dict[str, Task] = {
    "translation": Task(
        name="translation",
        fields=("src", "tgt"),
        metric="bleu",
        pair=_columns,
        read=clean,
        texts=lambda source: [source] if source else [],
        encode=_whole,
        split_sentences=True,
        examples=(
            "Where is the nearest train station?",
            "I would like a table for two tonight.",
            "She told me that she had never been to Paris.",
            "If I had known that you were ill, I would have come to see you.",
            "The old man who lives next door plays the piano every evening.",
            "Select the cells that you want to copy, and then click OK.",
        ),
    ),
    "dialogue": Task(
        name="dialogue",
        fields=("context", "response"),
        metric="inverse_perplexity",
        pair=_reply,
        read=read_turns,
        texts=_turns,
        encode=_with_speakers,
        controls=SPEAKERS,
        keeps="last",
        examples=(
            "Hi! How was your weekend?",
            "I am thinking of learning to play the guitar.",
            "Could you recommend a good restaurant near here?",
            "I have a terrible headache today.",
        ),
    ),
    "summarization": Task(
        name="summarization",
        fields=("text", "summary"),
        metric="rouge",
        pair=_summary,
        read=read_document,
        texts=_body,
        encode=_with_kind,
        controls=tuple(f"<{kind}>" for kind in KINDS),
        kinds=KINDS,
        examples=(
            "dialogue\tLena: Are you coming to the picnic on Sunday? Marc: I'd love to, but I have "
            "to work until three. Lena: No problem, we stay until the evening. Can you bring "
            "something to drink? Marc: Sure, I'll bring lemonade and some glasses. Lena: Perfect, "
            "see you at the lake!",
            "headline\tThe city council said on Tuesday that it will close the old harbour bridge "
            "for two months this summer to repair damage caused by the winter storms, and that "
            "buses will run every ten minutes to the new bridge instead.",
            "compression\tThe museum, which was founded by a retired sea captain more than a "
            "hundred years ago, will reopen its doors to visitors on Saturday after a renovation "
            "that lasted almost three years.",
            "software\tThis program watches a folder for new photographs and copies them to "
            "another computer over an encrypted connection. It can also shrink the pictures, "
            "remove their location data and send a short report by e-mail every night.",
            "subject\tHi all, the meeting about next year's budget has to move from Thursday to "
            "Friday at ten, because the large room is taken. Please send me your numbers by "
            "Wednesday evening so that I can prepare the slides. Thanks, Paula",
        ),
    ),
}
