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
from s2s.locale import later

PANELS: dict[str, tuple[str, Callable[[Lab], None]]] = {
    "tree": (later("Tree"), tree_panel),
    "steps": (later("Step by step"), playback_panel),
    "greedy": (later("Greedy and beam"), autopsy_panel),
    "widths": (later("Width"), sweep_panel),
    "rerank": (later("Re-rank"), rerank_panel),
    "whatif": (later("What if"), what_if_panel),
    "own": (later("Your own"), forced_panel),
    "exact": (later("Exact search"), exact_panel),
    "checks": (later("Checks"), checks_panel),
    "take": (later("Take away"), take_away_panel),
}
GROUPS = {
    later("Watch"): ("tree", "steps", "greedy"),
    later("Change"): ("widths", "rerank", "whatif", "own"),
    later("Prove"): ("exact", "checks", "take"),
}
