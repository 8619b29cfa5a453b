"""One Transformer in several engines: speed beside its peers, on equal weights, and whether they agree.

    python -m benchmarks.peers [-c CHECKPOINT] [--rounds N] [--engines NAME ...]

One thread, or a GPU (``--device cuda``, where CTranslate2 is left out). Without a checkpoint: 3+3 layers, d 256, 8,000 pieces, random weights. Forced: every sentence gets
20 steps. Free: each ends where it likes. Time is the process' own, and rounds are interleaved, so that a slow
spell of the machine hits all alike (on a GPU it is the clock's); the figures to trust are the ratios. Engines that are not installed are left out, and it says so.
JoeyNMT takes models that it trained itself, so it cannot run these weights and is no part of this.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from s2s.config import SearchOptions
from s2s.data.batches import pad
from s2s.models import build, ready
from s2s.models.transformer import Transformer
from s2s.pipeline import Pipeline
from s2s.search.beam import search
from s2s.text.vocabulary import Vocabulary

STEPS, LONGEST, BATCH = 20, 60, 32
Ids = list[list[int]]
Engine = Callable[[Ids, int, bool], Ids]
"""(sources, beam, forced) → the best output of each, without its end."""


# ----------------------------------------------------------------------------------------- engines
def ours(model: Transformer, precision: str, record: bool) -> Engine:
    decoder, _ = ready(model, precision)
    vocabulary = model.vocabulary

    def run(sources: Ids, beam: int, forced: bool) -> Ids:
        least, most = (STEPS, STEPS) if forced else (2, LONGEST)
        options = SearchOptions(beam=beam, min_length=least, max_length=most)
        source = pad(sources, vocabulary.pad).to(model.device)
        found = search(decoder, source, options, record=record)
        return [[t for t in trace.best.tokens if t != vocabulary.eos] for trace in found]

    return run


def ctranslate2(model: Transformer, precision: str) -> Engine:
    """The export that ``s2s export --to ctranslate2`` writes; tokens are called t0, t1, …"""
    import ctranslate2

    from s2s.export.ctranslate2 import specification

    folder = tempfile.mkdtemp()
    spec = specification(model, [f"t{i}" for i in range(model.vocabulary.size)])
    spec.validate()
    spec.optimize()
    spec.save(folder)
    translator = ctranslate2.Translator(
        folder, compute_type=precision, inter_threads=1, intra_threads=1
    )
    never = [[f"t{i}"] for i in model.vocabulary.never]

    def run(sources: Ids, beam: int, forced: bool) -> Ids:
        least, most = (STEPS, STEPS) if forced else (1, LONGEST)
        found = translator.translate_batch(
            [[f"t{i}" for i in source[:-1]] for source in sources],  # it adds the end itself
            beam_size=beam,
            min_decoding_length=least,
            max_decoding_length=most,
            return_end_token=True,  # else it takes one step more, for the end
            suppress_sequences=never,
        )
        end = f"t{model.vocabulary.eos}"
        return [[int(t[1:]) for t in r.hypotheses[0] if t != end] for r in found]

    return run


def hugging_face(model: Transformer, precision: str) -> Engine:
    """The export that ``s2s export --to huggingface`` writes."""
    from transformers import PegasusForConditionalGeneration

    from s2s.export.huggingface import configuration, renamed

    v = model.vocabulary
    theirs = PegasusForConditionalGeneration(configuration(model)).eval()
    theirs.load_state_dict(renamed(model), strict=False)
    theirs.tie_weights()
    theirs.to(model.device, torch.bfloat16 if precision == "bf16" else torch.float32)
    theirs.generation_config.suppress_tokens = [t for t in v.never if t != v.pad]

    def run(sources: Ids, beam: int, forced: bool) -> Ids:
        x = pad(sources, v.pad).to(model.device)
        lengths = {"max_new_tokens": STEPS if forced else LONGEST}
        lengths["min_new_tokens"] = STEPS if forced else 1
        with torch.inference_mode():
            y = theirs.generate(
                input_ids=x,
                attention_mask=(x != v.pad).long(),
                num_beams=beam,
                do_sample=False,
                early_stopping=True,
                **lengths,
            )
        outputs = [row[1:] for row in y.tolist()]
        return [[t for t in row if t not in (v.pad, v.eos)] for row in outputs]

    return run


# -------------------------------------------------------------------------------------------- races
def engines(model: Transformer, wanted: Sequence[str]) -> dict[str, Engine]:
    makers: dict[str, Callable[[], Engine]] = {}
    if model.device.type == "cpu":
        makers["CTranslate2 int8"] = lambda: ctranslate2(model, "int8")
        makers["CTranslate2 fp32"] = lambda: ctranslate2(model, "float32")
    kinds = ("int8", "fp32") if model.device.type == "cpu" else ("bf16", "fp32")
    for kind in kinds:
        if kind != "int8":  # generate has none
            makers[f"Hugging Face {kind}"] = partial(hugging_face, model, kind)
        makers[f"s2s {kind}"] = partial(ours, model, kind, False)
        makers[f"s2s {kind}, recorded"] = partial(ours, model, kind, True)
    found = {}
    for name, make in makers.items():
        if wanted and not any(w.lower() in name.lower() for w in wanted):
            continue
        try:
            found[name] = make()
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return found


def race(
    found: dict[str, Engine],
    sources: Ids,
    size: int,
    beam: int,
    forced: bool,
    rounds: int,
    clock: Callable[[], float],
) -> None:
    batches = [sources[i : i + size] for i in range(0, len(sources), size)]
    times: dict[str, list[float]] = {name: [] for name in found}
    outputs: dict[str, Ids] = {}
    for n in range(rounds + 1):
        for name in random.Random(n).sample(list(found), len(found)):
            begin = clock()
            outputs[name] = [out for batch in batches for out in found[name](batch, beam, forced)]
            if n:  # the first round warms up
                times[name].append(clock() - begin)
    first = next(iter(found))
    kind = f"{STEPS} forced steps" if forced else "free"
    print(
        f"\nbatch {size}, {'greedy' if beam == 1 else f'beam {beam}'}, {kind}, {len(sources)} sentences"
    )
    for name, own in times.items():
        ratios = [a / b for a, b in zip(times[first], own, strict=True)]
        same = sum(a == b for a, b in zip(outputs[name], outputs[first], strict=True))
        print(
            f"  {name:20} {len(sources) / statistics.median(own):7.1f} sentences/s   "
            f"x {statistics.median(ratios):.2f} of {first}   {same}/{len(sources)} outputs as there",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-c", "--checkpoint", help="a Transformer's; left out: random weights")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", nargs="*", default=[], help="parts of their names; all")
    parser.add_argument("--batches", nargs="*", type=int, default=[1, BATCH])
    parser.add_argument("--beams", nargs="*", type=int, default=[1, 5])
    parser.add_argument("--sentences", type=int, default=128)
    parser.add_argument("--modes", nargs="*", default=["forced", "free"])
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # every engine hands over lists, so a GPU's work is over when it returns
    clock = time.process_time if arguments.device == "cpu" else time.perf_counter
    torch.manual_seed(0)
    n = arguments.sentences
    if arguments.checkpoint:
        from benchmarks.decode import sentences

        pipeline = Pipeline(arguments.checkpoint, precision="fp32")
        model = pipeline.checkpoint.model
        sources = [
            [*pipeline.tokenizer.encode(text), model.vocabulary.eos] for text in sentences(n)
        ]
    else:
        model = build("transformer", Vocabulary(8000), {"size": 256}).eval()
        rng = random.Random(7)  # about 13 pieces, as in captions
        sources = [
            [
                *(rng.randrange(4, 8000) for _ in range(max(4, min(40, round(rng.gauss(13, 4)))))),
                model.vocabulary.eos,
            ]
            for _ in range(n)
        ]
    found = engines(model.to(arguments.device), arguments.engines)
    for mode in arguments.modes:
        for size in arguments.batches:
            for beam in arguments.beams:
                some = sources if size > 1 else sources[: max(8, n // 6)]
                race(found, some, size, beam, mode == "forced", arguments.rounds, clock)


if __name__ == "__main__":
    main()
