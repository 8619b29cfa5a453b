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
