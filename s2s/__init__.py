"""s2s: a sequence-to-sequence core whose whole search can be seen."""

__version__ = "0.1.0"
