"""The search as a tree: every hypothesis kept at each step, grown from the trace alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from s2s.trace import Block, Fate, Hypothesis, Steps, Trace

ROOT = 0
LOST = (Fate.PRUNED, Fate.BLOCKED)


@dataclass(frozen=True)
class Node:
    """One candidate: a token behind everything that was written before it."""

    id: int
    parent: int
    """Id of the node before; -1 for the root."""
    depth: int
    """Tokens up to here, this one included; the root has 0."""
    token: int
    logprob: float
    """The model's log-probability of the token, nats: the score on the edge."""
    total: float
    """Running total, repetition penalty included: what the beam prunes by."""
    score: float
    """The total normalised for length."""
    fate: Fate
    gap: float
    """Pruned: by how much the total missed the cut; else 0."""
    block: Block
    ranks: tuple[int, ...]
    """Places in ``Trace.hypotheses`` of the outputs that run through here."""
    ends: int
    """Place of the output that ends here; -1: none does."""


@dataclass(frozen=True)
class Tree:
    """Nodes in the order of the steps; a node's id is its place."""

    nodes: tuple[Node, ...]
    rows: tuple[dict[int, int], ...]
    """By step: row of the search → the node it stands on before the step."""

    def children(self, node: int) -> list[Node]:
        """The continuations of a node that are in the tree."""
        return [n for n in self.nodes if n.parent == node]

    def path(self, node: int) -> list[Node]:
        """Nodes from the first token to ``node``, the root left out."""
        found = []
        while node > ROOT:
            found.append(self.nodes[node])
            node = self.nodes[node].parent
        return found[::-1]

    def tokens(self, node: int) -> tuple[int, ...]:
        """Ids from the first token to ``node``."""
        return tuple(n.token for n in self.path(node))


def grow(trace: Trace, pruned: int = 0) -> Tree:
    """The tree of a recorded trace: what was kept or finished, and with ``pruned`` also the best
    so many of each row's pruned or blocked candidates.

    Rows that wrote the same tokens (samples may) share their nodes. Raises ValueError if the trace
    was made without recording.
    """
    steps = trace.recorded
    nodes = [Node(ROOT, -1, 0, -1, 0.0, 0.0, 0.0, Fate.KEPT, 0.0, Block.NONE, (), -1)]
    seen: dict[tuple[int, int], int] = {}
    here = dict.fromkeys(np.flatnonzero(steps.before[0] > -np.inf).tolist(), ROOT)
    rows: list[dict[int, int]] = []
    for t in range(len(steps.fate)):
        rows.append(here)
        following: dict[int, int] = {}
        for row, parent in here.items():
            for place in _shown(steps, t, row, pruned):
                key = (parent, int(steps.token[t, row, place]))
                node = _node(seen.setdefault(key, len(nodes)), parent, steps, t, row, place)
                if node.id == len(nodes):
                    nodes.append(node)
                elif nodes[node.id].fate in LOST and node.fate not in LOST:
                    nodes[node.id] = node  # lost in one group of a diverse beam, kept in another
                slot = int(steps.slot[t, row, place])
                if slot >= 0 and t + 1 < len(steps.fate) and steps.before[t + 1, slot] > -np.inf:
                    following[slot] = seen[key]
        here = following
    return Tree(tuple(_ranked(nodes, seen, trace.hypotheses)), tuple(rows))


def _shown(s: Steps, t: int, row: int, pruned: int) -> Iterator[int]:
    """Places of a row's candidates that belong into the tree."""
    fate = s.fate[t, row]
    yield from np.flatnonzero((fate == Fate.KEPT) | (fate == Fate.FINISHED)).tolist()
    lost = np.flatnonzero(np.isin(fate, LOST))
    best = np.argsort(-s.logprob[t, row, lost], kind="stable")
    yield from lost[best[:pruned]].tolist()


def _node(number: int, parent: int, s: Steps, t: int, row: int, place: int) -> Node:
    at = (t, row, place)
    return Node(
        number,
        parent,
        t + 1,
        int(s.token[at]),
        float(s.logprob[at]),
        float(s.total[at]),
        float(s.score[at]),
        Fate(int(s.fate[at])),
        float(s.gap[at]),
        Block(int(s.block[at])),
        (),
        -1,
    )


def _ranked(
    nodes: list[Node], seen: dict[tuple[int, int], int], hypotheses: tuple[Hypothesis, ...]
) -> list[Node]:
    """Mark the nodes that the outputs run through, as far as they can be followed."""
    through: dict[int, list[int]] = {}
    last: dict[int, int] = {}
    for rank, h in enumerate(hypotheses):
        node = ROOT
        for token in h.tokens:
            node = seen.get((node, token), -1)
            if node < 0:
                break
            through.setdefault(node, []).append(rank)
        else:
            last.setdefault(node, rank)
    return [
        n
        if n.id not in through
        else replace(n, ranks=tuple(through[n.id]), ends=last.get(n.id, -1))
        for n in nodes
    ]


@dataclass(frozen=True)
class Line:
    """An unbroken run of nodes, drawn straight down: it leaves its parent's line at ``nodes[0]``."""

    nodes: tuple[int, ...]
    lane: int
    """Column in the picture; the chosen output has 0."""


def lines(tree: Tree) -> list[Line]:
    """Cut the tree into lines and pack them side by side, so that no two overlap.

    A node goes on in the child that leads to the best output, else in the one that lives longest;
    every other child begins a line of its own. A line stands in the first lane that is free
    over its steps, so the width is about the number of hypotheses alive at once, however many died.
    """
    children: dict[int, list[int]] = {n.id: [] for n in tree.nodes}
    deepest = [n.depth for n in tree.nodes]
    for n in reversed(tree.nodes[1:]):
        children[n.parent].insert(0, n.id)
        deepest[n.parent] = max(deepest[n.parent], deepest[n.id])

    def order(n: int) -> tuple:
        node = tree.nodes[n]
        return (node.fate in LOST, min(node.ranks, default=999), -deepest[n], -node.total, n)

    taken: list[list[tuple[int, int]]] = []  # by lane: (first, last) depth
    found, waiting = [], [ROOT]
    while waiting:
        run = [waiting.pop(0)]
        while children[run[-1]]:
            best, *others = sorted(children[run[-1]], key=order)
            waiting += others
            run.append(best)
        waiting.sort(key=order)
        first, end = tree.nodes[run[0]].depth, tree.nodes[run[-1]]
        last = end.depth + (end.ends >= 0)  # room for the place of an output under it
        lane = next(
            (i for i, spans in enumerate(taken) if all(last < a or b < first for a, b in spans)),
            len(taken),
        )
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
        found.append(Line(tuple(run), lane))
    return found
