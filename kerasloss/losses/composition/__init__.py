"""Losses made of losses: sums, masks, symmetric, scales, hard examples."""
