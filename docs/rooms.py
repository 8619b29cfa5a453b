"""Draw the rooms of ``s2s/`` and who imports whom, from the imports themselves: docs/rooms.svg.

``python docs/rooms.py``. Rooms stand on floors, each above all that it imports; an arrow that follows
from others is left out (transitive reduction), so every path of the drawing is real and no need hides.
Floors, order and curves after Sugiyama, Tagawa and Toda (1981).
"""

from __future__ import annotations

import ast
import random
import textwrap
from itertools import combinations, pairwise
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
DRAWING = ROOT / "docs" / "rooms.svg"
APP = "pages"  # app.py and pages/, the only room outside s2s/
WIDTH, NARROW, GAP = 196, 16, 22  # of a box, of an arrow that passes a floor, between the two
LINE, FLOOR, EDGE = 15, 54, 26  # heights: of a line of text, between floors; the margin

Graph = dict[str, set[str]]
Node = str | tuple[str, str, int]  # a room, or (from, to, floor) where an arrow passes a floor


def imports(path: Path) -> set[str]:
    """Rooms of s2s that a file imports from, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "s2s":
            names |= {f"s2s.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.split(".")[1] for name in names if name.startswith("s2s.")}


def rooms(root: Path = ROOT) -> dict[str, list[Path]]:
    """Room → its files. A room is a folder of s2s/ or a file on its top."""
    found: dict[str, list[Path]] = {}
    for path in sorted((root / "s2s").rglob("*.py")):
        name = path.relative_to(root / "s2s").parts[0].removesuffix(".py")
        if not name.startswith("__"):
            found.setdefault(name, []).append(path)
    return found | {APP: [root / "app.py", *sorted((root / "pages").rglob("*.py"))]}


def graph(files: dict[str, list[Path]]) -> Graph:
    """Room → rooms that it imports."""
    needs = {room: set().union(*map(imports, paths)) - {room} for room, paths in files.items()}
    return {room: needed & set(files) for room, needed in needs.items()}


def reduced(needs: Graph) -> Graph:
    """Without what follows: a → c goes if there is a → b and a way from b to c."""
    below: Graph = {}

    def reach(room: str) -> set[str]:
        if room not in below:
            below[room] = needs[room].union(*map(reach, needs[room]))
        return below[room]

    return {
        room: {low for low in lows if not any(low in reach(other) for other in lows - {low})}
        for room, lows in needs.items()
    }


def floors(needs: Graph) -> dict[str, int]:
    """Room → its floor: one above the highest that it imports, the ground is 0."""
    level: dict[str, int] = {}

    def floor(room: str) -> int:
        if room not in level:
            level[room] = 1 + max(map(floor, needs[room]), default=-1)
        return level[room]

    return {room: floor(room) for room in sorted(needs)}


def arrows(needs: Graph, level: dict[str, int]) -> list[list[Node]]:
    """Each arrow as the nodes that it goes through, one a floor, downwards."""
    return [
        [high, *((high, low, floor) for floor in range(level[high] - 1, level[low], -1)), low]
        for high in sorted(needs)
        for low in sorted(needs[high])
    ]


def width(node: Node) -> int:
    """Of a room's box, or of the place where an arrow passes."""
    return WIDTH if isinstance(node, str) else NARROW


def arrange(level: dict[str, int], ways: list[list[Node]]) -> list[list[Node]]:
    """Floors from the ground up, each ordered so that few arrows cross and few go far."""
    house: list[list[Node]] = [[] for _ in range(max(level.values()) + 1)]
    for room, floor in level.items():
        house[floor].append(room)
    for node in (node for way in ways for node in way[1:-1]):
        house[node[2]].append(node)
    steps = [step for way in ways for step in pairwise(way)]
    gaps = [[s for s in steps if s[1] in nodes] for nodes in house[:-1]]

    def cost() -> float:
        at = {}
        for nodes in house:
            left = -sum(map(width, nodes)) / 2
            for node in nodes:
                at[node] = left + width(node) / 2
                left += width(node)
        crossings = sum(
            (at[a] - at[c]) * (at[b] - at[d]) < 0
            for gap in gaps
            for (a, b), (c, d) in combinations(gap, 2)
        )
        return 2 * crossings + sum(abs(at[a] - at[b]) for a, b in steps) / WIDTH

    best, kept = float("inf"), [list(nodes) for nodes in house]
    chance = random.Random(0)
    for _ in range(30):
        for nodes in house:
            chance.shuffle(nodes)
        now, better = cost(), True
        while better:
            better = False
            for nodes in house:
                for i, j in combinations(range(len(nodes)), 2):
                    nodes[i], nodes[j] = nodes[j], nodes[i]
                    if (new := cost()) < now - 1e-9:
                        now, better = new, True
                    else:
                        nodes[i], nodes[j] = nodes[j], nodes[i]
        if now < best - 1e-9:
            best, kept = now, [list(nodes) for nodes in house]
    return kept


def place(house: list[list[Node]], ways: list[list[Node]]) -> dict[Node, float]:
    """The middle of each node: near its neighbours, in order, none on another."""
    beside: dict[Node, list[Node]] = {node: [] for nodes in house for node in nodes}
    for way in ways:
        for a, b in pairwise(way):
            beside[a].append(b)
            beside[b].append(a)
    at = {node: 0.0 for nodes in house for node in nodes}
    for _ in range(60):
        for nodes in [*house, *reversed(house)]:
            offset, offsets = 0.0, []
            for left, right in pairwise([nodes[0], *nodes]):
                offset += (width(left) + width(right)) / 2 + GAP if offsets else 0
                offsets.append(offset)
            wish = [
                sum(at[other] for other in beside[node]) / max(1, len(beside[node])) - offset
                for node, offset in zip(nodes, offsets, strict=True)
            ]
            for node, x, offset in zip(nodes, increasing(wish), offsets, strict=True):
                at[node] = x + offset
    left = min(x - width(node) / 2 for node, x in at.items())
    return {node: round(x - left + EDGE, 1) for node, x in at.items()}


def increasing(wish: list[float]) -> list[float]:
    """The nearest sequence that never falls (isotonic regression: pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in wish:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    return [value for value, n in blocks for _ in range(n)]


STYLE = """
.card { fill: #ffffff } .band { fill: #f3f7f6 } .room { fill: #e3f3f0; stroke: #14978a }
.app { fill: #fdf0e4; stroke: #c2762f } .name { fill: #16211f; font-weight: 600; font-size: 15px }
.file { fill: #51605d; font-size: 11.5px } .arrow { fill: none; stroke: #8a9896; stroke-width: 1.3 }
.head { fill: #8a9896 } text { font-family: system-ui, sans-serif; text-anchor: middle }
@media (prefers-color-scheme: dark) {
.card { fill: #0f1716 } .band { fill: #151f1d } .room { fill: #14302c; stroke: #2ab0a1 }
.app { fill: #33251a; stroke: #d08a48 } .name { fill: #e6efed } .file { fill: #a9b8b5 }
.arrow { stroke: #7d8b89 } .head { fill: #7d8b89 } }
"""


def contents(room: str, paths: list[Path]) -> list[str]:
    """The files of a room, as lines of its box; folders below it as one name."""
    if room == APP:
        return ["app.py · one file a page"]
    if len(paths) == 1 and paths[0].name != "__init__.py":
        return []
    folder = ROOT / "s2s" / room
    names = [path.relative_to(folder).parts[0].removesuffix(".py") for path in paths]
    kept = sorted({name for name in names if name != "__init__"})
    return textwrap.wrap("\u00a0· ".join(n.replace("_", "\u00a0") for n in kept), 31)


class House:
    """The rooms with a place for each: what the drawing is made of."""

    def __init__(self, files: dict[str, list[Path]]) -> None:
        self.needs = graph(files)
        self.level = floors(self.needs)
        self.ways = arrows(reduced(self.needs), self.level)
        levels = arrange(self.level, self.ways)
        self.at = place(levels, self.ways)
        self.lines = {room: contents(room, paths) for room, paths in files.items()}
        self.height = {room: 34 + LINE * len(text) for room, text in self.lines.items()}
        self.tall = [max(self.height[n] for n in nodes if isinstance(n, str)) for nodes in levels]
        self.top, y = [0.0] * len(levels), float(EDGE)
        for floor in reversed(range(len(levels))):
            self.top[floor] = y
            y += self.tall[floor] + FLOOR
        self.wide = max(x + width(node) / 2 for node, x in self.at.items()) + EDGE
        self.high = y - FLOOR + EDGE

    def box_top(self, room: str) -> float:
        """Rooms stand in the middle of their floor."""
        floor = self.level[room]
        return self.top[floor] + (self.tall[floor] - self.height[room]) / 2

    def door(self, way: list[Node], end: int) -> float:
        """Where along a box an arrow begins (end 0) or ends (-1): beside the others, in their order."""
        near = 1 if end == 0 else -2
        mine = sorted((w for w in self.ways if w[end] == way[end]), key=lambda w: self.at[w[near]])
        return self.at[way[end]] + WIDTH * ((mine.index(way) + 1) / (len(mine) + 1) - 0.5)

    def curve(self, way: list[Node]) -> str:
        """An arrow: down, bent between floors, straight where it passes one."""
        first = str(way[0])
        x, y = self.door(way, 0), self.box_top(first) + self.height[first]
        path = f"M{x:.1f} {y:.1f}"
        for node in way[1:]:
            if isinstance(node, str):
                new, start = self.door(way, -1), self.box_top(node) - 2
            else:
                new, start = self.at[node], self.top[node[2]]
            bend = (start - y) / 2
            path += f" C{x:.1f} {y + bend:.1f} {new:.1f} {start - bend:.1f} {new:.1f} {start:.1f}"
            x, y = new, start
            if not isinstance(node, str):
                y += self.tall[node[2]]
                path += f" V{y:.1f}"
        return path

    def band(self, floor: int) -> str:
        y, tall = self.top[floor] - 12, self.tall[floor] + 24
        size = f'width="{self.wide - 20:.0f}" height="{tall}"'
        return f'<rect class="band" x="10" y="{y:.0f}" {size} rx="10"/>'

    def arrow(self, way: list[Node]) -> str:
        ends = f'data-from="{way[0]}" data-to="{way[-1]}"'
        return f'<path class="arrow" {ends} d="{self.curve(way)}" marker-end="url(#head)"/>'

    def box(self, room: str) -> str:
        x, y = self.at[room], self.box_top(room)
        kind = "app" if room == APP else "room"
        size = f'width="{WIDTH}" height="{self.height[room]}"'
        below = ", ".join(sorted(self.needs[room])) or "nothing"
        rows = "".join(
            f'\n<text class="file" x="{x:.1f}" y="{y + 22 + n * LINE:.1f}">{escape(text)}</text>'
            for n, text in enumerate(self.lines[room], 1)
        )
        return (
            f'<g data-room="{room}" data-floor="{self.level[room]}">\n'
            f"<title>{room} imports {below}</title>\n"
            f'<rect class="{kind}" x="{x - WIDTH / 2:.1f}" y="{y:.1f}" {size} rx="8"/>\n'
            f'<text class="name" x="{x:.1f}" y="{y + 22:.1f}">{escape(room)}</text>{rows}\n</g>'
        )


def draw(files: dict[str, list[Path]]) -> str:
    """The drawing, as SVG."""
    house = House(files)
    size = f"{house.wide:.0f} {house.high:.0f}"
    card = f'width="{house.wide:.0f}" height="{house.high:.0f}"'
    head = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">',
        "<title>The rooms of s2s and what they import</title>",
        f"<style>{STYLE}</style>",
        f'<marker id="head" {head}><path class="head" d="M0 0.5 L8 4 L0 7.5 z"/></marker>',
        f'<rect class="card" {card} rx="14"/>',
        *map(house.band, range(len(house.top))),
        *map(house.arrow, house.ways),
        *map(house.box, sorted(files)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    DRAWING.write_text(draw(rooms()), encoding="utf-8")
