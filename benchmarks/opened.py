"""A network of opus-mt's size, random, against its own ``generate``: ``python benchmarks/opened.py``.

Marian with 74 M parameters (d 512, 6 + 6 layers, ff 2048, 58,101 pieces) reads 12 words in 16 pieces
and writes 20 tokens, beam 5, every candidate and every weight recorded; ``generate`` records nothing.
One thread, interleaved, CPU time; the ratio is what counts on a busy machine. ``--save DIR`` keeps the
network as a folder of the hub, without a tokenizer.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch

from s2s.config import SearchOptions
from s2s.models.huggingface.attention import NAME, attend, no_mask
from s2s.models.huggingface.model import HuggingFace
from s2s.models.huggingface.options import HuggingFaceConfig
from s2s.search.beam import search
from s2s.text.vocabulary import Vocabulary

SIZE, PAD, EOS, LENGTH, BEAM, ROUNDS = 58_101, 58_100, 0, 20, 5, 15


def networks() -> tuple[Any, Any]:
    """The same weights twice: for us, and as the library runs it by default."""
    import transformers

    torch.manual_seed(0)
    config = transformers.MarianConfig(
        vocab_size=SIZE,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        max_position_embeddings=512,
        activation_function="swish",
        scale_embedding=True,
        pad_token_id=PAD,
        eos_token_id=EOS,
        decoder_start_token_id=PAD,
        forced_eos_token_id=None,
    )
    theirs = transformers.MarianMTModel(config).eval()
    ours = transformers.MarianMTModel(deepcopy(config)).eval()
    ours.load_state_dict(theirs.state_dict())
    transformers.AttentionInterface.register(NAME, attend)
    transformers.AttentionMaskInterface.register(NAME, no_mask)
    ours.set_attn_implementation(NAME)
    theirs.set_attn_implementation("sdpa")
    return ours, theirs


def seconds(run: Callable[[], Any]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def main() -> None:
    torch.set_num_threads(1)
    ours, theirs = networks()
    if "--save" in sys.argv:
        ours.save_pretrained(Path(sys.argv[sys.argv.index("--save") + 1]))
    vocabulary = Vocabulary(SIZE, PAD, PAD, EOS, 1, (PAD,))
    model = HuggingFace(ours, vocabulary, HuggingFaceConfig(path=".")).eval()
    source = torch.randint(4, PAD, (1, 16))
    source[0, -1] = EOS
    options = SearchOptions(beam=BEAM, max_length=LENGTH, stop="early")

    def generate() -> Any:
        return theirs.generate(
            source,
            attention_mask=torch.ones_like(source),
            num_beams=BEAM,
            max_length=LENGTH + 1,
            early_stopping=True,
            suppress_tokens=[PAD],
        )

    [trace] = search(model, source, options)
    with torch.inference_mode():
        assert list(trace.best.tokens) == generate()[0, 1:].tolist()
        runs = {
            "recorded": lambda: search(model, source, options),
            "not recorded": lambda: search(model, source, options, record=False),
            "generate": generate,
        }
        found: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, run in runs.items():
                found[name].append(seconds(run))
    millions = sum(p.numel() for p in ours.parameters()) / 1e6
    print(f"{millions:.1f} million parameters, beam {BEAM}, {LENGTH} tokens")
    base = statistics.median(found["generate"])
    for name, times in found.items():
        middle = statistics.median(times)
        print(
            f"{name:14} median {middle:.3f} s, best {min(times):.3f} s, {middle / base:.2f} × generate"
        )


if __name__ == "__main__":
    main()
