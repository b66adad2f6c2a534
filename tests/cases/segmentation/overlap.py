"""Cases of `kerasloss/losses/segmentation/overlap.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.common.region import (
    MASK,
    SQUARED,
    counts,
    floor,
    is_nothing,
    of_dice,
    of_tversky,
    region,
    rows,
)


def of_jaccard(y, p, w, smooth=0.0, squared_pred=False):
    tp, fp, fn, _ = counts(y, p, w)
    union = tp + fp + fn
    if squared_pred:
        union = sum(w * (a * a + b * b - a * b) for a, b, w in zip(y, p, w, strict=True))
    if is_nothing(tp + fp + fn) and smooth == 0:
        return mpmath.mpf(0)
    return 1 - (tp + smooth) / (union + floor(smooth))


def of_focal_tversky(y, p, w, alpha=0.3, beta=0.7, gamma=0.75, smooth=0.0):
    return of_tversky(y, p, w, alpha, beta, smooth) ** m.exact(gamma)


def of_log_cosh_dice(y, p, w, **arguments):
    return mpmath.log(mpmath.cosh(of_dice(y, p, w, **arguments)))


def of_matthews(y, p, w, smooth=0.0):
    """The correlation of two random variables, from their covariance, if nothing is added."""
    tp, fp, fn, tn = (x + m.exact(smooth) for x in counts(y, p, w))
    if any(is_nothing(size) for size in (tp + fp, tp + fn, tn + fp, tn + fn)):
        return mpmath.mpf(0 if is_nothing(fp + fn) else 1)
    n = tp + fp + fn + tn
    a, b = (tp + fn) / n, (tp + fp) / n
    return 1 - (tp / n - a * b) / mpmath.sqrt(a * (1 - a) * b * (1 - b))


def of_sensitivity_specificity(y, p, w, sensitivity_weight=0.05):
    r, terms = m.exact(sensitivity_weight), []
    for label in (1, 0):
        share = sum(v * abs(1 - label - a) for a, v in zip(y, w, strict=True))
        error = sum(v * abs(1 - label - a) * (a - b) ** 2 for a, b, v in zip(y, p, w, strict=True))
        terms.append(error / share if share else 0)
    return r * terms[0] + (1 - r) * terms[1]


def of_generalized_dice(
    y, p, w, x, weighting="square", smooth=0.0, class_weight=None, pooled=None, yes_no=None, from_logits=None
):
    volumes = np.sum(w * y, axis=0)
    exponent = {"square": 2, "simple": 1, "uniform": 0}[weighting]
    present = [mpmath.mpf(1) / v**exponent for v in volumes if v]
    weights = [mpmath.mpf(1) / v**exponent if v else max(present, default=1) for v in volumes]
    weights = np.array(weights, object) * (1 if class_weight is None else m.exact(class_weight))
    smooth = m.exact(smooth)
    size = np.sum(weights * np.sum(w * (y + p), axis=0)) + smooth
    return 1 - (2 * np.sum(weights * np.sum(w * y * p, axis=0)) + smooth) / size if size else mpmath.mpf(0)


FLUX = np.array([[1, 0.5, 0.3, 2.4]]), np.array([[0, 1.4, 0.5, 1.2]])
EMPTY = np.zeros((1, 4), int), np.zeros((1, 4))

CASES = [
    *rows(
        K.Dice,
        region(of_dice),
        variants=SQUARED,
        known=[
            ({}, *MASK, 0.333333351852),
            (
                {"squared_pred": True, "smooth": 1},
                np.array([[1.0, 2, 3]]),
                np.array([[1.1, 2.1, 3.1]]),
                0.00099239166391,
            ),
            ({}, *EMPTY, 0.0),
            ({}, EMPTY[0], MASK[1], 1.0),
        ],
        bad=[{"squared_pred": 1}],
    ),
    *rows(
        K.Tversky,
        region(of_tversky),
        variants=[{"alpha": 0.3}, {"beta": 0.7}],
        known=[
            ({"alpha": 0.3, "beta": 0.7}, *MASK, 0.361702161612),
            ({"alpha": 0.7, "beta": 0.3, "smooth": 1}, *FLUX, -0.0677200902935),
            ({}, *EMPTY, 0.0),
        ],
        bad=[{"alpha": -1.0}, {"beta": -1.0}],
    ),
    *rows(
        K.Jaccard,
        region(of_jaccard),
        variants=SQUARED,
        known=[({}, *MASK, 0.500000020833), ({}, *EMPTY, 0.0)],
        bad=[{"squared_pred": 1}],
    ),
    *rows(
        K.FocalTversky,
        region(of_focal_tversky),
        variants=[{"alpha": 0.6}, {"beta": 0.4}, {"gamma": 2.0}],
        known=[({}, *MASK, 0.466405140272)],
        bad=[{"alpha": -1.0}, {"beta": -1.0}, {"gamma": 0.0}],
    ),
    *rows(
        K.LogCoshDice,
        region(of_log_cosh_dice),
        variants=SQUARED,
        known=[({}, *MASK, 0.0545562455794)],
        bad=[{"squared_pred": 1}],
    ),
    *rows(
        K.GeneralizedDice,
        region(of_generalized_dice, mixes=True),
        variants=[{"weighting": "simple", "smooth": 0.7}, {"weighting": "uniform"}],
        known=[
            (
                arguments,
                np.array([[0, 0, 0, 1]]),
                np.array([[[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]]]),
                value,
            )
            for arguments, value in (({}, 0.367647058824), ({"weighting": "uniform"}, 0.25))
        ],
        bad=[{"weighting": "cube"}],
    ),
    *rows(
        K.MatthewsCorrelation,
        region(of_matthews),
        known=[
            ({}, *MASK, 0.591751709536),
            ({"multilabel": True}, *EMPTY, 0.0),
            ({"multilabel": True}, 1 - EMPTY[0], 1 - EMPTY[1], 0.0),
            ({"multilabel": True}, EMPTY[0], MASK[1], 1.0),
        ],
    ),
    *rows(
        K.SensitivitySpecificity,
        region(of_sensitivity_specificity),
        variants=[{"sensitivity_weight": 0.5}],
        known=[({}, *MASK, 0.0575)],
        bad=[{"sensitivity_weight": 1.5}],
    ),
]
