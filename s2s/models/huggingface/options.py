"""What a checkpoint says of another library's folder."""

from __future__ import annotations

from typing import Annotated

from s2s.options import option, options


@options
class HuggingFaceConfig:
    """Options of the ``huggingface`` family: a folder that stays as it is, and how it is asked."""

    path: Annotated[
        str, option("The folder, as seen from the checkpoint's own.", min_length=1, max_length=4096)
    ]
    prefix: Annotated[
        str, option("Text in front of every source, as T5 wants it.", max_length=1000)
    ] = ""
    source: Annotated[
        str, option("The tokenizer's own code of the source language.", max_length=100)
    ] = ""
    first: Annotated[
        str,
        option("The token that every output begins with, such as fra_Latn.", max_length=100),
    ] = ""
    end_at: Annotated[
        int,
        option("Every output that reaches this many tokens ends there; 0: off.", ge=0, le=100_000),
    ] = 0

    @property
    def attends(self) -> bool:
        """All of them do."""
        return True
