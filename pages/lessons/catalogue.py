"""The lessons: code → layout. Their order is the addresses' (``pages.parts.address.LESSONS``)."""

from collections.abc import Callable

from pages.lessons.cells import cells
from pages.lessons.prose import Text

LESSONS: dict[str, Callable[[Text], None]] = {
    "cells": cells,
}
