"""Memory and seconds of a corpus' first and second start, each in a process of its own.

python -m benchmarks.corpus [--pairs 1000000] [--data FOLDER --recipe NAME]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def invent(path: Path, pairs: int) -> None:
    """Sentences of 4 to 16 words, drawn by Zipf's law from 60,000 invented ones, and their answers."""
    rng = random.Random(0)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    weights = [1 / (n + 2) for n in range(len(letters))]
    words = ["".join(rng.choices(letters, weights, k=rng.randint(2, 9))) for _ in range(60_000)]
    frequencies = [1 / (n + 10) for n in range(len(words))]
    total, cumulative = 0.0, []
    for frequency in frequencies:
        total += frequency
        cumulative.append(total)
    with open(path, "w", encoding="utf-8") as out:
        out.write("src\ttgt\n")
        for _ in range(pairs):
            source = rng.choices(words, cum_weights=cumulative, k=rng.randint(4, 16))
            target = [word[::-1] for word in source]
            out.write(f"{' '.join(source).capitalize()}.\t{' '.join(target)}.\n")


def start(folder: Path, recipe: str) -> None:
    """What a run does before its first step, measured from the start of the process."""
    from itertools import islice

    from s2s.config import Augment, Config, DataConfig
    from s2s.data.batches import collate_rows, epoch
    from s2s.data.prepared import load_corpus
    from s2s.training.recipes import RECIPES

    own = DataConfig(split=0.002, augment=Augment(casual=0.1, typos=0.05))
    config = RECIPES[recipe] if recipe else Config(name="large", data=own)
    imported, imported_cpu = time.time() - STARTED, time.process_time()
    corpus = load_corpus(config, folder)
    shares = config.data.share or (1.0,) * len(corpus.groups)
    for rows in islice(epoch(corpus.ids, corpus.groups, shares, 4096, (1, 0)), 100):
        collate_rows(corpus.ids, rows, corpus.tokenizer.vocabulary)
    found = {
        "pairs": len(corpus.ids),
        "seconds": round(time.time() - STARTED, 1),
        "of them importing": round(imported, 1),
        "CPU seconds": round(time.process_time(), 1),
        "CPU seconds importing": round(imported_cpu, 1),
        "MB at the peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "MB of imports": IMPORTS // 1024,
    }
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--recipe", default="")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        start(given.data, given.recipe)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.data or Path(scratch)
        if given.data is None:
            invent(folder / "train.tsv", given.pairs)
            print(f"{(folder / 'train.tsv').stat().st_size / 1e6:.0f} MB of text")
        command = [sys.executable, __file__, "--child", "--data", str(folder)]
        for name in ("first", "second"):
            done = subprocess.run(
                [*command, "--recipe", given.recipe],
                env=os.environ | {"S2S_CACHE": f"{scratch}/cache"},
                stdout=subprocess.PIPE,
                check=True,
            )
            print(f"{name} start: {done.stdout.decode().strip()}")


if __name__ == "__main__":
    STARTED = time.time()
    IMPORTS = 0
    if "--child" in sys.argv:
        import s2s.data.prepared  # noqa: F401 - to see what imports alone take

        IMPORTS = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    main()
