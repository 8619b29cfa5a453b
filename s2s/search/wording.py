"""What a search has found, in words."""

from __future__ import annotations

from s2s.search.reranking import Ranking
from s2s.tasks.base import Task
from s2s.text.tokenizer import Tokenizer
from s2s.text.unit import Unit
from s2s.trace import Sentence, Trace


def worded(
    unit: Unit, trace: Trace, tokenizer: Tokenizer, task: Task, ranking: Ranking | None = None
) -> Sentence:
    """A trace with the words of its source and its outputs, best first as the trace or ``ranking`` has them.

    Outputs that the task does not want after this source come behind the others.
    """
    t, case = tokenizer, str.upper if unit.capitals else str
    ranking = ranking or Ranking(trace.hypotheses, None)
    texts = [case(t.decode(h.tokens)) for h in ranking.hypotheses]
    order = sorted(range(len(texts)), key=lambda n: task.repeats(unit.source, texts[n]))
    found = [ranking.hypotheses[n] for n in order]
    return Sentence(
        source=unit.source,
        trace=trace,
        hypotheses=tuple(found),
        outputs=tuple(texts[n] for n in order),
        src_pieces=tuple(t.pieces(trace.source)),
        src_words=tuple(t.words(trace.source)),
        tgt_pieces=tuple(tuple(t.pieces(h.tokens)) for h in found),
        tgt_words=tuple(
            tuple((w if w[:1] == "<" else case(w), a, b) for w, a, b in t.words(h.tokens))
            for h in found
        ),
        cut=unit.cut,
        alone=None if ranking.alone is None else tuple(ranking.alone[n] for n in order),
    )
