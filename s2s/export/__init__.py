"""Searches to take away."""
