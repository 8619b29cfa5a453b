"""How time and memory grow with the source, the beam, the batch and the vocabulary.

    python -m benchmarks.growth [--rounds N] [--steps N]

A Transformer of 3+3 layers and d 256, and a GRU with additive attention, random weights, one thread, 20 forced
steps, the whole search recorded. One quantity grows at a time; the others stay at 14 source tokens, beam 5, one
sentence, 8,000 pieces. Time is the process' own. Memory is the most that one search adds, in a process of its
own. Prints a Markdown table for ``docs/growth.md``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

GROWING = {
    "source": (10, 25, 50, 100, 200, 400),
    "beam": (1, 2, 5, 10, 20, 40, 64),
    "batch": (1, 2, 4, 8, 16, 32, 64),
    "vocabulary": (8_000, 16_000, 32_000, 64_000),
}
USUAL = {"source": 14, "beam": 5, "batch": 1, "vocabulary": 8_000}
FAMILIES: dict[str, dict] = {"transformer": {"size": 256}, "rnn": {}}


def measure(family: str, at: dict[str, int], steps: int, rounds: int) -> dict[str, float]:
    """Milliseconds of a search (the best of some), and what it added to the process, in MB."""
    import torch

    from s2s.config import SearchOptions
    from s2s.models import build, ready
    from s2s.models.contract import Limits
    from s2s.search.beam import search
    from s2s.text.vocabulary import Vocabulary

    torch.set_num_threads(1)
    torch.manual_seed(0)
    vocabulary = Vocabulary(at["vocabulary"])
    limits = Limits(at["source"], max(100, steps))
    model = build(family, vocabulary, FAMILIES[family], limits).eval()
    decoder, _ = ready(model, "auto")
    src = torch.randint(4, vocabulary.size, (at["batch"], at["source"]))
    src[:, -1] = vocabulary.eos
    options = SearchOptions(beam=at["beam"], min_length=steps, max_length=steps)
    short = SearchOptions(beam=1, min_length=1, max_length=1)
    search(decoder, src[:1, -2:], short)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    for _ in range(rounds + 1):
        begin = time.process_time()
        traces = search(decoder, src, options)
        times.append(time.process_time() - begin)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    s = traces[0].recorded
    kept = sum(a.nbytes for a in (*vars(s).values(),) if hasattr(a, "nbytes"))
    return {
        "ms": min(times[1:]) * 1000,
        "MB": (after - before) / 1024,
        "trace": kept * at["batch"] / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=list(GROWING))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        family, at = json.loads(arguments.one)
        print(json.dumps(measure(family, at, arguments.steps, arguments.rounds)))
        return
    for name in arguments.only:
        print(
            f"\n| {name} | Transformer ms | a sentence | MB | GRU ms | a sentence | MB | trace MB |"
        )
        print("| ---: " * 8 + "|")
        for value in GROWING[name]:
            at, cells = USUAL | {name: value}, [f"{value:,}"]
            for family in FAMILIES:
                command = [sys.executable, "-m", "benchmarks.growth", "--one"]
                command += [json.dumps([family, at]), "--steps", str(arguments.steps)]
                command += ["--rounds", str(arguments.rounds)]
                found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
                cells += [f"{found['ms']:.0f}", f"{found['ms'] / at['batch']:.1f}"]
                cells += [f"{found['MB']:.0f}"]
                if family == "transformer":
                    trace = found["trace"]
            print("| " + " | ".join([*cells, f"{trace:.2f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
