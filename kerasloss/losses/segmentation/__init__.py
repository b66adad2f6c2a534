"""Masks: overlap, boundaries, Lovasz extensions and mixtures."""
