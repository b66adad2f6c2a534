"""Distributions and sets of points against each other: divergences and optimal transport."""
