"""Sequences of tokens that are not aligned with their frames."""
