"""Losses of other libraries, and what has their number here."""
