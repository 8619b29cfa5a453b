"""How to train."""

from __future__ import annotations

from typing import Annotated, Literal

from s2s.options import MAX_SEED, Span, option, options


@options
class TrainConfig:
    """How to train."""

    init: Annotated[
        str, option("Checkpoint whose weights and tokenizer a run starts from; empty: fresh.")
    ] = ""
    steps: Annotated[int, option("Updates of the weights.", ge=1, le=100_000_000)] = 10_000
    minutes: Annotated[
        float,
        option(
            "End after this much time even if steps are left, the schedule following the clock; "
            "0: never.",
            ge=0,
            le=100_000,
            unit="minutes",
        ),
    ] = 0.0
    batch_tokens: Annotated[
        int,
        option(
            "Padded tokens a batch on the longer side, of all processes together.",
            ge=1,
            le=100_000_000,
            unit="tokens",
            tune=Span(256, 16_384, log=True),
        ),
    ] = 4096
    lr: Annotated[
        float, option("Highest learning rate.", ge=0, le=100, tune=Span(1e-4, 3e-2, log=True))
    ] = 1e-3
    warmup: Annotated[
        int, option("Steps in which the learning rate rises.", ge=0, le=10_000_000, unit="steps")
    ] = 500
    final_lr: Annotated[float, option("Share of lr that it falls to, on a cosine.", ge=0, le=1)] = (
        0.02
    )
    weight_decay: Annotated[float, option("Decoupled weight decay of AdamW.", ge=0, le=10)] = 0.0
    beta2: Annotated[float, option("Adam's memory of squared gradients.", ge=0, le=0.999999)] = 0.98
    clip: Annotated[
        float,
        option(
            "Largest gradient norm (Pascanu et al. 2013).",
            ge=1e-6,
            le=1e6,
            tune=Span(0.1, 10, log=True),
        ),
    ] = 1.0
    word_dropout: Annotated[
        float,
        option("Share of input tokens hidden behind <unk>.", ge=0, le=0.99, tune=Span(0, 0.3)),
    ] = 0.0
    smoothing: Annotated[
        float, option("Label smoothing (Szegedy et al. 2016).", ge=0, le=0.99, tune=Span(0, 0.3))
    ] = 0.1
    average: Annotated[
        float,
        option(
            "Decay of the running average of weights that is validated and saved; 0: the last.",
            ge=0,
            le=0.999999,
        ),
    ] = 0.998
    scheduled_sampling: Annotated[
        float,
        option(
            "Final share of decoder inputs that the model predicted itself.",
            ge=0,
            le=1,
            tune=Span(0, 0.5),
        ),
    ] = 0.0
    risk: Annotated[
        float,
        option("Share of the loss that is the expected error of the beam.", ge=0, le=1),
    ] = 0.0
    eval_every: Annotated[
        int, option("Steps between validations.", ge=1, le=100_000_000, unit="steps")
    ] = 1000
    eval_sentences: Annotated[int, option("Sources in a validation.", ge=1, le=10_000_000)] = 500
    save_every: Annotated[
        int,
        option(
            "Steps between states that --resume goes on from.", ge=1, le=100_000_000, unit="steps"
        ),
    ] = 500
    log_every: Annotated[
        int, option("Steps between lines of progress.", ge=1, le=100_000_000, unit="steps")
    ] = 50
    patience: Annotated[
        int,
        option("Validations without a better one that end a run; 0: none do.", ge=0, le=1_000_000),
    ] = 0
    seed: Annotated[int, option("What chance begins from.", ge=0, le=MAX_SEED)] = 1
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], option("Where a run computes; auto: the fastest.")
    ] = "auto"
    precision: Annotated[
        Literal["auto", "bf16", "fp32"], option("auto: bf16 where the device is fast at it.")
    ] = "auto"
    threads: Annotated[int, option("CPU threads; 0: all.", ge=0, le=1024)] = 0
