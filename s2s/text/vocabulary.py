"""The ids that mean something by themselves, and what a search has to know of a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

PAD, UNK, BOS, EOS = 0, 1, 2, 3
SPECIAL_NAMES = {PAD: "<pad>", UNK: "<unk>", BOS: "<s>", EOS: "</s>"}


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of a model. The ids are those of our own tokenizers unless another model has others."""

    size: int
    pad: int = PAD
    bos: int = BOS
    """What a decoder reads before its first token."""
    eos: int = EOS
    unk: int = UNK
    never: tuple[int, ...] = (PAD, UNK, BOS)
    """Ids that no output contains."""
    digits: tuple[int, ...] = ()
    """Ids that write digits, and the white space that may stand before one."""
    joints: tuple[int, ...] = ()
    """Ids that join digits to a number, such as a comma."""
