"""The kinds of work, by name. A new one is a file here and a line in ``TASKS``."""

from __future__ import annotations

from s2s.tasks.base import Task
from s2s.tasks.dialogue import DIALOGUE
from s2s.tasks.rewriting import REWRITING
from s2s.tasks.summarization import SUMMARIZATION
from s2s.tasks.translation import TRANSLATION

TASKS: dict[str, Task] = {
    "translation": TRANSLATION,
    "dialogue": DIALOGUE,
    "summarization": SUMMARIZATION,
    "rewriting": REWRITING,
}
