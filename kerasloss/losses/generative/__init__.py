"""Generators of data: adversarial training."""
