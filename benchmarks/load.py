"""Many visitors at once, and hostile ones: ``python benchmarks/load.py [crowd] [answers] [attacks] [--crowds N …]``.

Starts a server of its own and talks to it as the app's page does (``benchmarks/visitor.py``): real sessions
over real websockets, each with sentences of its own; nothing is drawn, so a browser's own time is left out.

crowd     1, 20 and then 50 visitors (or as many as --crowds says) commit a new sentence at the same moment: median
          and 95th percentile until the answer is there and until the page is whole
answers   1,000 answers, ten visitors at a time, each closing the tab after ten: memory
attacks   a plain visitor's time while hostile ones work, against the same alone; how long work goes on after
          Stop and after the tab was closed; memory

Every answer is judged against the one that the same model gives to the same sentence alone, without an app: "right";
"foreign", which holds another's sentence or is another's answer; "wrong", which is nobody's; "missing", which never
came; "failed", a page with an exception. All but the right ones are printed, and there must be none.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.decode import sentences
from benchmarks.visitor import Visitor
from s2s.pipeline import Pipeline
from tests.server import serve

MODEL = "translate-en-fr-transformer"
PARTS = {"answers": 1000, "attacks": 40}  # sentences that each needs, crowds apart
ROUNDS = 3  # in which a crowd commits
SEEDS = itertools.count(10)
BOX = "Text to translate"
PAIRS = map("".join, itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=2))
HEAVY = {"beam": "16", "min_length": "100", "text": "\n".join(PAIRS), "model": MODEL}


def server() -> psutil.Process:
    """The server that this process started."""
    return psutil.Process().children()[0]


def used() -> str:
    """Its memory."""
    return f"{server().memory_info().rss / 2**20:,.0f} MiB"


def cpu() -> float:
    """Processor seconds that it has used."""
    times = server().cpu_times()
    return times.user + times.system


def say(*parts: object) -> None:
    print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.1f} |", *parts, flush=True)


class Known:
    """What every sentence's answer has to be, from the same model without an app."""

    def __init__(self, texts: list[str]) -> None:
        # One by one, as the app decodes them: in a batch the scale of 8-bit activations hangs on the others.
        p = Pipeline(MODEL)
        self.answers = {text: p(text).text for text in texts}
        self.counts: Counter[str] = Counter()

    def judge(self, own: str, visitor: Visitor) -> None:
        """Whether a visitor got their own answer and nobody else's sentence."""
        found = self.verdict(own, visitor)
        self.counts[found] += 1
        if found != "right":
            say(found.upper(), repr(own), repr(visitor.answer), "not", repr(self.answers[own]))
            say(visitor.failed)
        visitor.typed.add(own)

    def verdict(self, own: str, visitor: Visitor) -> str:
        """One word for what a visitor got."""
        if visitor.failed:
            return "failed"
        seen = "\n".join(visitor.texts)
        strangers = self.answers.keys() - visitor.typed - {own}
        if any(text in seen for text in strangers):
            return "foreign"
        if visitor.answered is None:
            return "missing"
        if visitor.answer == self.answers[own]:
            return "right"
        return "foreign" if visitor.answer in self.answers.values() else "wrong"


async def crowd(url: str, n: int, known: Known, texts: list[str]) -> None:
    """Everybody has the page open; everybody commits at once."""
    visitors = [await Visitor(url, model=MODEL, text=".").__aenter__() for _ in range(n)]
    opened = await asyncio.gather(*(v.open() for v in visitors))
    say(f"{n} visitors: page opened by all at once, slowest {max(opened):.1f} s")
    answered, whole, before = [], [], cpu()
    for _ in range(ROUNDS):
        own = [texts.pop() for _ in visitors]
        done = await asyncio.gather(*(v.type(BOX, t) for v, t in zip(visitors, own, strict=True)))
        for v, t in zip(visitors, own, strict=True):
            known.judge(t, v)
        answered += [v.answered or 999.0 for v in visitors]
        whole += done
    for name, times in (("answer", answered), ("whole page", whole)):
        say(f"{n} at once, {name}: median {statistics.median(times):.1f} s, p95 {p95(times):.1f} s")
    each = (cpu() - before) / n / ROUNDS
    say(f"{n} at once: {each:.2f} processor seconds a page, the other processes' not counted")
    for v in visitors:
        await v.leave()
    say(f"memory {used()}")


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


async def answers(url: str, n: int, known: Known, texts: list[str]) -> None:
    """Many answers by many sessions."""

    async def one() -> None:
        async with Visitor(url, model=MODEL, text=".") as v:
            await v.open()
            for _ in range(10):
                own = texts.pop()
                await v.type(BOX, own)
                known.judge(own, v)

    begin = time.monotonic()
    for done in range(0, n, 100):
        await asyncio.gather(*(one() for _ in range(10)))
        say(f"{done + 100} answers, memory {used()}")
    say(f"{n} answers in {time.monotonic() - begin:.0f} s")


# ------------------------------------------------------------------------------------------- attacks
async def plain(url: str, known: Known, texts: list[str], n: int = 6) -> list[float]:
    """A plain visitor's times until the answer is there."""
    found = []
    async with Visitor(url, model=MODEL, text=".") as v:
        await v.open()
        for _ in range(n):
            own = texts.pop()
            await v.type(BOX, own)
            known.judge(own, v)
            found.append(v.answered or 999.0)
            await asyncio.sleep(0.2)
    return found


async def busy(seconds: float = 1.0) -> float:
    """Processor seconds the server used in each second."""
    before = cpu()
    await asyncio.sleep(seconds)
    return (cpu() - before) / seconds


async def again(url: str, page: str, press: str | None, query: dict[str, str], n: int) -> None:
    """A hostile tab that asks for heavy work ``n`` times, each time another one."""
    for _ in range(n):
        own = query | {"seed": str(next(SEEDS))}  # so that no answer is known already
        async with Visitor(url, page, **own) as v:
            await v.open()
            if press:
                await v.press(press)
                await asyncio.sleep(20)


LONG = "The committee that was chosen last year has not yet said why it left the room."
EDITS = "~".join(["0-" + "-".join(["500"] * 50)] * 19)
ATTACKS: dict[str, tuple[str, str | None, dict[str, str]]] = {
    "D1 long text, wide beam": ("", None, HEAVY),
    "D2 exact search": (
        "beam_lab",
        "Search exactly",
        {"panel": "exact", "budget": "500k", "text": LONG, "goal": "same"},
    ),
    "D3 long edits": ("beam_lab", None, {"panel": "whatif", "text": "Hello.", "edits": EDITS}),
}


async def attack(url: str, name: str, known: Known, texts: list[str], tabs: int = 4) -> None:
    """Four hostile tabs, one plain visitor."""
    page, press, query = ATTACKS[name]
    alone = statistics.median(await plain(url, known, texts))
    hostile = [asyncio.create_task(again(url, page, press, dict(query), 50)) for _ in range(tabs)]
    await asyncio.sleep(3)
    found = await plain(url, known, texts)
    median, worst = statistics.median(found), max(found)
    say(
        f"{name}, {tabs} tabs: a plain answer {alone:.2f} s alone, {median:.2f} s beside it "
        f"(x {median / alone:.1f}; slowest {worst:.2f} s), memory {used()}"
    )
    for task in hostile:
        task.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)
    await asyncio.sleep(1)
    say(f"one second after its tabs were closed: {await busy():.2f} processors busy")
    await asyncio.sleep(2)


async def endings(url: str) -> None:
    """Stop, and a closed tab, in the middle of heavy work."""
    async with Visitor(url, **HEAVY, seed="1") as v:
        opening = asyncio.create_task(v.open())
        await asyncio.sleep(2)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        v.begin, before = time.monotonic(), cpu()
        seconds = await v.stop()
        say(f"Stop: the run ended after {seconds:.2f} s, {cpu() - before:.2f} of the processor's")
    async with Visitor(url, **HEAVY, seed="2") as v:
        opening = asyncio.create_task(v.open())
        await asyncio.sleep(2)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    await asyncio.sleep(1)
    say(f"one second after a tab was closed: {await busy():.2f} processors busy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="crowd, answers, attacks; by default all")
    parser.add_argument("--crowds", nargs="+", type=int, default=[1, 20, 50])
    a = parser.parse_args()
    wanted = set(a.parts) or {"crowd", *PARTS}
    crowds = a.crowds if "crowd" in wanted else []
    texts = sentences(ROUNDS * sum(crowds) + sum(PARTS.get(name, 0) for name in wanted) + 10)
    torch.set_num_threads(1)  # as the app's
    known = Known(texts)
    with serve() as url:
        asyncio.run(_all(url, wanted, crowds, known, texts))
    say(f"{known.counts.total()} answers judged: {dict(known.counts)}")
    sys.exit(known.counts.total() != known.counts["right"])


async def _all(
    url: str, wanted: set[str], crowds: list[int], known: Known, texts: list[str]
) -> None:
    await plain(url, known, texts, 3)
    say(f"warm, memory {used()}")
    for n in crowds:
        await crowd(url, n, known, texts)
    if "answers" in wanted:
        await answers(url, PARTS["answers"], known, texts)
    if "attacks" in wanted:
        await endings(url)
        for name in ATTACKS:
            await attack(url, name, known, texts)


if __name__ == "__main__":
    main()
