"""The panels of the Attention lab: layout only, one panel a file."""
