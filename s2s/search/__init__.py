"""Decoding: one engine, its candidates, its log and its score."""
