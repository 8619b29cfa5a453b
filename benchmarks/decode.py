"""How fast the decoder is, and what recording costs: medians and ratios of interleaved rounds.

    python benchmarks/decode.py [-c CHECKPOINT] [--threads N] [--rounds N] [--peer]

(a) one 12-word sentence, beam 5, batch 1, trace and attention on; (b) 512 sentences at batch 32.
``--peer`` also times Hugging Face's generate beside our Transformer: equal sizes, random weights, 20
forced steps, beam 5 (needs ``pip install transformers``, which the project itself does not).
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from s2s.config import SearchOptions
from s2s.models import build
from s2s.pipeline import Pipeline
from s2s.search.beam import search
from s2s.text.vocabulary import Vocabulary

SENTENCE = "The old man who lives next door plays the piano every evening."
WHO = [
    "my brother",
    "the teacher",
    "our neighbour",
    "a young woman",
    "the old man",
    "his best friend",
]
DOES = ["bought", "wanted to see", "forgot", "is looking for", "has never had", "talked about"]
WHAT = [
    "a red car",
    "the last train",
    "two tickets",
    "a good book",
    "the blue umbrella",
    "his keys",
]
WHEN = [
    "yesterday",
    "last week",
    "after the meeting",
    "this morning",
    "when it was raining",
    "in Paris",
]
WHY = ["", "because he was late", "and went home", "but nobody knew why", "with a smile"]


def sentences(n: int) -> list[str]:
    """Plain sentences of 6 to 16 words, all different."""
    rng = random.Random(0)
    found: dict[str, None] = {}
    while len(found) < n:
        words = " ".join(rng.choice(part) for part in (WHO, DOES, WHAT, WHEN, WHY)).strip()
        found[words[0].upper() + words[1:] + "."] = None
    return list(found)


def race(entries: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each entry; every round runs all of them, in another order."""
    times: dict[str, list[float]] = {name: [] for name in entries}
    for run in entries.values():
        run()
    for n in range(rounds):
        for name in random.Random(n).sample(list(entries), len(entries)):
            begin = time.perf_counter()
            entries[name]()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(t) for name, t in times.items()}


def show(title: str, medians: dict[str, float], base: str, units: int = 1) -> None:
    print(title)
    for name, seconds in medians.items():
        rate = f"{seconds * 1000:8.1f} ms" if units == 1 else f"{units / seconds:8.1f} sentences/s"
        print(f"  {name:34} {rate}   x {seconds / medians[base]:.2f} of {base!r}")


def ours(pipeline: Pipeline, rounds: int) -> None:
    beam, greedy = SearchOptions(beam=5), SearchOptions(beam=1)
    medians = race(
        {
            "recording off": lambda: pipeline(SENTENCE, beam, record=False),
            "recording on": lambda: pipeline(SENTENCE, beam, record=True),
            "greedy, recording on": lambda: pipeline(SENTENCE, greedy, record=True),
        },
        rounds * 5,
    )
    show("One 12-word sentence, beam 5, batch 1", medians, "recording off")
    many = sentences(512)
    medians = race(
        {
            "recording off": lambda: pipeline.batch(many, beam, record=False),
            "recording on": lambda: pipeline.batch(many, beam, record=True),
            "greedy, recording off": lambda: pipeline.batch(many, greedy, record=False),
        },
        rounds,
    )
    show("512 sentences, beam 5, batch 32", medians, "recording off", 512)


def peer(rounds: int) -> None:
    """Our Transformer beside Hugging Face's M2M100 of the same size."""
    try:
        from transformers import M2M100Config, M2M100ForConditionalGeneration
    except ImportError:
        print("transformers is not installed: no peer to time")
        return
    steps, vocabulary, size = 20, 8000, 256
    theirs = M2M100ForConditionalGeneration(
        M2M100Config(
            vocab_size=vocabulary,
            d_model=size,
            encoder_layers=3,
            decoder_layers=3,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=1024,
            decoder_ffn_dim=1024,
            max_position_embeddings=128,
        )
    ).eval()
    mine = build("transformer", Vocabulary(vocabulary), {"size": size}).eval()
    src = torch.randint(4, vocabulary, (32, 14))
    src[:, -1] = 3
    options = SearchOptions(beam=5, min_length=steps, max_length=steps)
    settings = {"num_beams": 5, "min_new_tokens": steps, "max_new_tokens": steps}

    def hugging_face() -> object:
        with torch.inference_mode():
            return theirs.generate(input_ids=src, do_sample=False, **settings)

    medians = race(
        {
            "Hugging Face generate": hugging_face,
            "s2s, recording off": lambda: search(mine, src, options, record=False),
            "s2s, recording on": lambda: search(mine, src, options),
        },
        rounds,
    )
    title = "Transformer 3+3 layers, d 256: 32 sentences, beam 5, 20 forced steps"
    show(title, medians, "Hugging Face generate", 32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-c", "--checkpoint", default="translate-en-fr-bahdanau")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"torch {torch.__version__}, {arguments.threads} threads, {arguments.checkpoint}")
    ours(Pipeline(arguments.checkpoint), arguments.rounds)
    if arguments.peer:
        peer(arguments.rounds)


if __name__ == "__main__":
    main()
