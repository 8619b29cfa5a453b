"""One Transformer in several engines: speed beside its peers, on equal weights, and whether they agree.

    python -m benchmarks.peers [-c CHECKPOINT] [--rounds N] [--engines NAME ...]

One thread. Without a checkpoint: 3+3 layers, d 256, 8,000 pieces, random weights. Forced: every sentence gets
20 steps. Free: each ends where it likes. Time is the process' own, and rounds are interleaved, so that a slow
spell of the machine hits all alike; the figures to trust are the ratios. Engines that are not installed are left out, and it says so.
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
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from s2s.config import SearchOptions
from s2s.data.batches import pad
from s2s.models import build, ready
from s2s.models.blocks import positions
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
        found = search(decoder, pad(sources, vocabulary.pad), options, record=record)
        return [[t for t in trace.best.tokens if t != vocabulary.eos] for trace in found]

    return run


def ctranslate2(model: Transformer, precision: str) -> Engine:
    import ctranslate2

    folder = tempfile.mkdtemp()
    write_ctranslate2(model, folder)
    translator = ctranslate2.Translator(
        folder, compute_type=precision, inter_threads=1, intra_threads=1
    )

    def run(sources: Ids, beam: int, forced: bool) -> Ids:
        least, most = (STEPS, STEPS) if forced else (1, LONGEST)
        found = translator.translate_batch(
            [[f"t{i}" for i in source] for source in sources],
            beam_size=beam,
            min_decoding_length=least,
            max_decoding_length=most,
            return_end_token=True,  # else it takes one step more, for the end
            suppress_sequences=[[f"t{i}"] for i in model.vocabulary.never],
        )
        end = f"t{model.vocabulary.eos}"
        return [[int(t[1:]) for t in r.hypotheses[0] if t != end] for r in found]

    return run


def write_ctranslate2(model: Transformer, folder: str) -> None:
    """The model in CTranslate2's format; tokens are called t0, t1, …"""
    from ctranslate2.specs import TransformerSpec, common_spec

    c, v = model.config, model.vocabulary
    spec = TransformerSpec.from_config(
        (c.encoder_layers, c.decoder_layers),
        c.heads,
        pre_norm=True,
        activation=common_spec.Activation.RELU,
    )

    def linear(to, *layers) -> None:
        to.weight = torch.cat([layer.weight for layer in layers]).detach().numpy()
        to.bias = torch.cat([layer.bias for layer in layers]).detach().numpy()

    def norm(to, layer) -> None:
        to.gamma, to.beta = layer.weight.detach().numpy(), layer.bias.detach().numpy()

    words = model.embedding.weight.detach().numpy()
    places = positions(0, 512, c.size, torch.device("cpu")).numpy().astype(np.float32)
    sides = (
        (spec.encoder, model.encoder, model.norm_encoder),
        (spec.decoder, model.decoder, model.norm_decoder),
    )
    for side, layers, last in sides:
        embeddings = side.embeddings
        (embeddings[0] if isinstance(embeddings, list) else embeddings).weight = words
        side.scale_embeddings = True
        side.position_encodings.encodings = places
        norm(side.layer_norm, last)
        for to, layer in zip(side.layer, layers, strict=True):
            a = layer.self_attention
            norm(to.self_attention.layer_norm, layer.norm_self)
            linear(to.self_attention.linear[0], a.q, a.k, a.v)
            linear(to.self_attention.linear[1], a.out)
            if hasattr(layer, "cross_attention"):
                a = layer.cross_attention
                norm(to.attention.layer_norm, layer.norm_cross)
                linear(to.attention.linear[0], a.q)
                linear(to.attention.linear[1], a.k, a.v)
                linear(to.attention.linear[2], a.out)
            norm(to.ffn.layer_norm, layer.norm_ff)
            linear(to.ffn.linear_0, layer.feed_forward.inner)
            linear(to.ffn.linear_1, layer.feed_forward.outer)
    spec.decoder.projection.weight = words
    names = [f"t{i}" for i in range(v.size)]
    spec.register_source_vocabulary(names)
    spec.register_target_vocabulary(names)
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.config.bos_token = spec.config.decoder_start_token = names[v.bos]
    spec.config.eos_token, spec.config.unk_token = names[v.eos], names[v.unk]
    spec.validate()
    spec.optimize()
    spec.save(folder)


def hugging_face(model: Transformer) -> Engine:
    """M2M100 is the pre-norm Transformer there; its sinusoids are replaced by ours."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    c, v = model.config, model.vocabulary
    sizes = {"vocab_size": v.size, "d_model": c.size, "max_position_embeddings": 512}
    for side, layers in (("encoder", c.encoder_layers), ("decoder", c.decoder_layers)):
        sizes |= {f"{side}_layers": layers, f"{side}_attention_heads": c.heads}
        sizes[f"{side}_ffn_dim"] = c.feed_forward
    ids = {"bos_token_id": v.bos, "pad_token_id": v.pad, "eos_token_id": v.eos}
    theirs = M2M100ForConditionalGeneration(
        M2M100Config(**sizes, **ids, decoder_start_token_id=v.bos, scale_embedding=True)
    ).eval()
    parts = {
        "self_attention.": "self_attn.",
        "cross_attention.": "encoder_attn.",
        "norm_self": "self_attn_layer_norm",
        "norm_cross": "encoder_attn_layer_norm",
        "norm_ff": "final_layer_norm",
        "feed_forward.inner": "fc1",
        "feed_forward.outer": "fc2",
        ".q.": ".q_proj.",
        ".k.": ".k_proj.",
        ".v.": ".v_proj.",
        ".out.": ".out_proj.",
    }
    weights = {"model.shared.weight": model.embedding.weight}
    for name, weight in model.state_dict().items():
        side, _, rest = name.partition(".")
        if side.startswith("norm_"):
            weights[f"model.{side[5:]}.layer_norm.{rest}"] = weight
        elif side in ("encoder", "decoder"):
            for a, b in parts.items():
                rest = rest.replace(a, b)
            weights[f"model.{side}.layers.{rest}"] = weight
    found = theirs.load_state_dict(weights, strict=False)
    assert not found.unexpected_keys, found.unexpected_keys
    theirs.tie_weights()
    for part in (theirs.model.encoder, theirs.model.decoder):
        table = part.embed_positions
        rows = positions(0, table.weights.shape[0] - 2, c.size, torch.device("cpu"))
        table.weights = torch.cat(
            [rows.new_zeros(table.weights.shape[0] - len(rows), c.size), rows]
        )
        table.offset = 2
        shift = torch.arange(len(rows)) + 2
        table.forward = _places(table.weights, shift, v.pad)
    theirs.generation_config.suppress_tokens = [t for t in v.never if t != v.pad]

    def run(sources: Ids, beam: int, forced: bool) -> Ids:
        x = pad(sources, v.pad)
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


def _places(weights, shift, blank):
    """Positions counted from 0, padding or not, as ours are."""

    def forward(input_ids=None, inputs_embeds=None, past_key_values_length=0):
        b, n = (inputs_embeds if input_ids is None else input_ids).shape[:2]
        at = shift[past_key_values_length : past_key_values_length + n]
        return weights[at].expand(b, -1, -1)

    return forward


# -------------------------------------------------------------------------------------------- races
def engines(model: Transformer, wanted: Sequence[str]) -> dict[str, Engine]:
    makers: dict[str, Callable[[], Engine]] = {
        "CTranslate2 int8": lambda: ctranslate2(model, "int8"),
        "CTranslate2 fp32": lambda: ctranslate2(model, "float32"),
        "Hugging Face": lambda: hugging_face(model),
        "s2s int8": lambda: ours(model, "int8", False),
        "s2s int8, recorded": lambda: ours(model, "int8", True),
        "s2s fp32": lambda: ours(model, "fp32", False),
        "s2s fp32, recorded": lambda: ours(model, "fp32", True),
    }
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
    found: dict[str, Engine], sources: Ids, size: int, beam: int, forced: bool, rounds: int
) -> None:
    batches = [sources[i : i + size] for i in range(0, len(sources), size)]
    times: dict[str, list[float]] = {name: [] for name in found}
    outputs: dict[str, Ids] = {}
    for n in range(rounds + 1):
        for name in random.Random(n).sample(list(found), len(found)):
            begin = time.process_time()
            outputs[name] = [out for batch in batches for out in found[name](batch, beam, forced)]
            if n:  # the first round warms up
                times[name].append(time.process_time() - begin)
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
    arguments = parser.parse_args()
    torch.set_num_threads(1)
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
    found = engines(model, arguments.engines)
    for mode in arguments.modes:
        for size in arguments.batches:
            for beam in arguments.beams:
                some = sources if size > 1 else sources[: max(8, n // 6)]
                race(found, some, size, beam, mode == "forced", arguments.rounds)


if __name__ == "__main__":
    main()
