"""What can be chosen by name, as codes: in the state, in addresses, in the order shown."""

PANELS = (
    *("tree", "steps", "greedy", "widths", "rerank", "whatif", "own", "exact", "checks", "take"),
)
LESSONS = (  # in their order
    *("seq2seq", "text", "embeddings", "cells", "encoder", "decoder"),
    *("attention", "training", "search", "measuring", "trouble", "beyond"),
)
ORDERS = ("row", "score", "chrf", "gap", "least", "warnings")
LOOKS = ("heads", "align", "why", "surgery", "networks", "coverage", "states")
LABS = ("beam_lab", "attention_lab")
PICTURE = ("view", "unit", "sentence", "candidate", "step")
IN = {  # page → what its address holds, besides the model and its options
    "": ("text", "prefix", "rival", "same", *PICTURE),
    "dialogue": ("inside", *PICTURE),
    "summarize": ("document", "kind", "shortest", "longest", *PICTURE),
    "beam_lab": (
        *(
            "text",
            "prefix",
            "document",
            "kind",
            "said",
            "line",
            "sentence",
            "panel",
            "pruned",
            "at",
        ),
        *("target", "rank", "reference", "edits", "goal", "budget", "norm"),
        *("alpha_now", "beta_now"),
    ),
    "learn": (
        *("text", "lesson", "place", "dim", "cell", "joins", "most", "year", "wrote", "measured"),
        *("spot", "reference", "layer", "head", "tau", "smooth", "share", "bound", "alpha_now"),
        *("gram", "candidate", "gain", "far", "keeping"),
    ),
    "batch": ("rows", "last", "order"),
    "attention_lab": (
        *("text", "prefix", "document", "kind", "said", "line", "sentence", "look", "which"),
        *("layer", "head", "view", "unit", "target", "gold", "links", "ending", "word", "cuts"),
    ),
    "train": ("toy", "lines", "steps", "rate", "sampled", "run", "probe"),
}
