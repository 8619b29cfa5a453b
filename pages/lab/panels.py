"""The panels of the Beam lab: code → name and layout, in three groups."""

from collections.abc import Callable

from pages.lab.autopsy import autopsy_panel
from pages.lab.checks import checks_panel
from pages.lab.context import Lab
from pages.lab.exact import exact_panel
from pages.lab.forced import forced_panel
from pages.lab.playback import playback_panel
from pages.lab.rerank import rerank_panel
from pages.lab.sweep import sweep_panel
from pages.lab.take_away import take_away_panel
from pages.lab.tree import tree_panel
from pages.lab.what_if import what_if_panel

PANELS: dict[str, tuple[str, Callable[[Lab], None]]] = {
    "tree": ("Tree", tree_panel),
    "steps": ("Step by step", playback_panel),
    "greedy": ("Greedy and beam", autopsy_panel),
    "widths": ("Width", sweep_panel),
    "rerank": ("Re-rank", rerank_panel),
    "whatif": ("What if", what_if_panel),
    "own": ("Your own", forced_panel),
    "exact": ("Exact search", exact_panel),
    "checks": ("Checks", checks_panel),
    "take": ("Take away", take_away_panel),
}
GROUPS = {
    "Watch": ("tree", "steps", "greedy"),
    "Change": ("widths", "rerank", "whatif", "own"),
    "Prove": ("exact", "checks", "take"),
}
