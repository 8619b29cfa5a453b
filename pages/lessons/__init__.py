"""The lessons of the Learn section: one file each, their texts beside them, one line each in ``catalogue``."""
