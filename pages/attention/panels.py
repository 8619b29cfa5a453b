"""The panels of the Attention lab: code → name and layout."""

from collections.abc import Callable

from pages.attention.alignment import alignment_panel
from pages.attention.coverage import coverage_panel
from pages.attention.heads import heads_panel
from pages.attention.networks import networks_panel
from pages.attention.states import states_panel
from pages.attention.surgery import surgery_panel
from pages.attention.why import why_panel
from pages.lab.context import Lab
from s2s.locale import later

PANELS: dict[str, tuple[str, Callable[[Lab], None]]] = {
    "heads": (later("Heads"), heads_panel),
    "align": (later("Alignment"), alignment_panel),
    "why": (later("Was it used?"), why_panel),
    "surgery": (later("Surgery"), surgery_panel),
    "networks": (later("Networks"), networks_panel),
    "coverage": (later("Coverage"), coverage_panel),
    "states": (later("States"), states_panel),
}
LONG = {"align", "why", "networks"}  # may work for seconds, and can be stopped
