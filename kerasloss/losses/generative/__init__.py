"""Generators of data: adversarial training, diffusion and flows, discrete codes."""
