"""Losses made of losses: sums, missing targets, symmetry, several scales, hard examples."""
