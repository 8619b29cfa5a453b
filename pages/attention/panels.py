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

PANELS: dict[str, tuple[str, Callable[[Lab], None]]] = {
    "heads": ("Heads", heads_panel),
    "align": ("Alignment", alignment_panel),
    "why": ("Was it used?", why_panel),
    "surgery": ("Surgery", surgery_panel),
    "networks": ("Networks", networks_panel),
    "coverage": ("Coverage", coverage_panel),
    "states": ("States", states_panel),
}
LONG = {"align", "why", "networks"}  # may work for seconds, and can be stopped
