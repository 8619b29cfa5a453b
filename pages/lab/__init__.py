"""The panels of the Beam lab: layout only, one panel a file."""
