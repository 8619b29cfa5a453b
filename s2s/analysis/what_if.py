"""What if it had written another word here: edits of an output, and the search going on from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.locale import _
from s2s.models.contract import Decoder
from s2s.search.beam import search
from s2s.search.prefixes import Prefixes
from s2s.text.opening import Opening, as_opening
from s2s.trace import Trace

MOST = 30  # edits in one path
TOKENS = 60  # in one edit


@dataclass(frozen=True)
class Edit:
    """At ``position`` of the last output write ``tokens`` instead, and let the search go on."""

    position: int
    tokens: tuple[int, ...]


def as_text(edits: Sequence[Edit]) -> str:
    """A path of edits as it stands in a URL: ``3-512~7-88-90``."""
    return "~".join("-".join(map(str, (e.position, *e.tokens))) for e in edits)


def from_text(text: str) -> tuple[Edit, ...]:
    """The path that ``as_text`` wrote. Raises S2SError if this is not one."""
    edits = []
    for part in text.split("~") if text else []:
        numbers = part.split("-")
        if len(numbers) < 2 or not all(n.isascii() and n.isdigit() and len(n) < 8 for n in numbers):
            raise S2SError(_("The path of edits in this link cannot be read, so it is left out."))
        position, *tokens = map(int, numbers)
        edits.append(Edit(position, tuple(tokens)))
    if len(edits) > MOST:
        raise S2SError(_("A path has at most {most} edits.").format(most=MOST))
    if any(len(e.tokens) > TOKENS for e in edits):
        raise S2SError(_("One edit has at most {most} tokens.").format(most=TOKENS))
    return tuple(edits)


def retell(
    model: Decoder,
    source: Sequence[int],
    options: SearchOptions,
    edits: Sequence[Edit],
    *,
    prefix: Opening | Sequence[int] = (),
) -> list[Trace]:
    """The first output's trace and one more after each edit; each edit changes the output before.

    The search is forced through what stands before the edit and through the edit's own tokens, and
    is free from there. Raises S2SError if an edit does not fit the output that it changes.
    """
    shared = Prefixes(model, source)
    vocabulary, longest = model.vocabulary, model.limits.target

    def run(forced: Opening | Sequence[int]) -> Trace:
        begun = len(as_opening(forced).ids)
        if begun > longest:
            said = _(
                "An edit may stand behind at most {longest} tokens, the longest output that this "
                "model was made for; this one's are {begun}."
            )
            raise S2SError(said.format(longest=longest, begun=begun))
        return search(shared, shared.source, options, prefix=[forced] if forced else None)[0]

    traces = [run(prefix)]
    for edit in edits:
        before = traces[-1].best.tokens
        if not 0 <= edit.position < len(before):
            raise S2SError(_("An edit stands behind the end of the output that it changes."))
        if not edit.tokens or not all(
            t < vocabulary.size and t not in vocabulary.never for t in edit.tokens
        ):
            raise S2SError(_("An edit holds a token that no output can contain."))
        if vocabulary.eos in edit.tokens[:-1]:
            raise S2SError(_("Nothing can follow the end of the sentence."))
        forced = *before[: edit.position], *edit.tokens
        traces.append(run(Opening(forced, begun=as_opening(prefix).begun)))
    return traces
