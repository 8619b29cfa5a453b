"""The panels of the Beam lab in the order in which they are offered."""

from pages.lab.autopsy import autopsy_panel
from pages.lab.checks import checks_panel
from pages.lab.exact import exact_panel
from pages.lab.forced import forced_panel
from pages.lab.playback import playback_panel
from pages.lab.rerank import rerank_panel
from pages.lab.sweep import sweep_panel
from pages.lab.take_away import take_away_panel
from pages.lab.tree import tree_panel
from pages.lab.what_if import what_if_panel

PANELS = {
    "Beam tree": tree_panel,
    "Step by step": playback_panel,
    "Greedy and beam": autopsy_panel,
    "Beam width": sweep_panel,
    "Re-rank": rerank_panel,
    "Your own output": forced_panel,
    "What if": what_if_panel,
    "Exact search": exact_panel,
    "Checks": checks_panel,
    "Take away": take_away_panel,
}
