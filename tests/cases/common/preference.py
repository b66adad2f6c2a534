"""Extremes and the gain of log-probabilities."""

import mpmath
import numpy as np

NUMBERS = np.array([0, 1, -1, 1e4, -1e4, 1e-40, -1e-20, -1e-7, 0.5], "float32")


def hard_pairs():
    return np.stack(np.meshgrid(NUMBERS, NUMBERS), -1).reshape(-1, 2)


def gain(ratio, advantage, clip, clip_high):
    high = 1 + (clip if clip_high is None else clip_high)
    return min(ratio * advantage, sorted([mpmath.mpf(1) - clip, ratio, high])[1] * advantage)
