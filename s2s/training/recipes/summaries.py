"""Summaries of several kinds by one model that copies."""

from __future__ import annotations

from s2s.config import Augment, Config, DataConfig, SearchOptions, TrainConfig

# set → its kind, how often an epoch sees its pairs, and whether it has a test
_SETS = {
    "samsum": ("dialogue", 1.5, True),
    "dialogsum": ("dialogue", 1.5, False),
    "google_compression": ("compression", 1.0, True),
    "reuters21578_headlines": ("headline", 0.8, True),
    "debian_synopsis": ("software", 0.6, False),
    "aeslc": ("subject", 1.0, True),
    "inshorts_headlines": ("headline", 1.0, True),
    "canada_law_notes": ("headline", 0.4, False),
}


def _files(part: str) -> dict[str, str]:
    """File of each set → its kind."""
    return {
        f"{name}/{part}.jsonl.gz": kind
        for name, (kind, _, tested) in _SETS.items()
        if tested or part != "test"
    }


SUMMARIES = (
    Config(
        name="summarize-pointer",
        task="summarization",
        title="Summaries · GRU that can copy (pointer-generator)",
        src_language="en",
        tgt_language="en",
        architecture="rnn",
        model={
            "cell": "gru",
            "attention": "general",
            "query": "current",
            "copy": True,
            "embedding": 320,
            "hidden": 640,
            "dropout": 0.3,
        },
        data=DataConfig(
            train=tuple(_files("train")),
            share=tuple(share for _, share, _ in _SETS.values()),
            valid=tuple(_files("valid")),
            test=tuple(_files("test")),
            kinds=_files("train") | _files("valid") | _files("test"),
            vocab=10_000,
            max_src=400,
            max_tgt=100,
            augment=Augment(any_kind=0.3, names=0.3, numbers=0.4),
        ),
        train=TrainConfig(
            steps=3_070,
            batch_tokens=32_768,
            lr=2e-3,
            warmup=300,
            word_dropout=0.05,
            eval_every=1_500,
            save_every=1_500,
            eval_sentences=200,
        ),
        search=SearchOptions(beam=5, alpha=1.5, block_ngram=3),
    ),
)
