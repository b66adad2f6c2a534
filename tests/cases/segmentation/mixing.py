"""Cases of `kerasloss/losses/segmentation/mixing.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.region import MASK, SQUARED, hard_yes_no, of_dice, of_tversky, region, rows, yes_no


def chances(rng, n):
    """Probabilities of independent labels."""
    y, x = yes_no(rng, n)
    return y, (1 / (1 + np.exp(-x))).astype("float32")


def one_channel(rng, n):
    """Probabilities of one foreground; the labels have no class axis."""
    y, p = chances(rng, n)
    return y[..., 0], p[..., :1]


def log_pair(p, from_logits):
    """`log(p)` and `log(1 - p)`; probabilities clipped."""
    clip = mpmath.mpf(0 if from_logits else 1e-7)
    return m.log(np.clip(p, clip, 1 - clip)), m.log(np.clip(1 - p, clip, 1 - clip))


def dice_of_classes(y, p, w, class_weight, pooled, **arguments):
    weights = np.ones(p.shape[1], object) if class_weight is None else m.exact(class_weight)
    if pooled:
        return of_dice(y.ravel(), p.ravel(), (w * weights).ravel(), **arguments)
    values = [of_dice(y[:, c], p[:, c], w[:, c], **arguments) for c in range(p.shape[1])]
    return np.dot(weights, values) / np.sum(weights)


def focal_mean(y, p, w, x, class_weight, yes_no, from_logits, gamma, alpha):
    weights = np.ones(p.shape[1], object) if class_weight is None else m.exact(class_weight)
    if not yes_no and not from_logits:
        p = p / np.sum(p, axis=1, keepdims=True)
    log_p, log_not_p = log_pair(p, from_logits)
    ups, downs = m.exp(gamma * log_not_p), m.exp(gamma * log_p)
    if yes_no:
        a, b = (1, 1) if alpha is None else (m.exact(alpha), 1 - m.exact(alpha))
        terms = -(a * ups * y * log_p + b * downs * (1 - y) * log_not_p)
        return np.sum(w * weights * terms) / np.sum(w * weights)
    a = 1 if alpha is None else m.exact(alpha)
    total = -np.sum(w * weights * a * ups * y * log_p)
    return total / (np.sum(w * weights * y) if class_weight is not None else np.sum(w[:, 0]))


def of_dice_focal(
    y,
    p,
    w,
    x,
    pooled,
    class_weight,
    yes_no,
    from_logits,
    dice_weight=1.0,
    focal_weight=1.0,
    gamma=2.0,
    alpha=None,
    **arguments,
):
    overlap = dice_of_classes(y, p, w, class_weight, pooled, **arguments)
    focal = focal_mean(y, p, w, x, class_weight, yes_no, from_logits, m.exact(gamma), alpha)
    return m.exact(dice_weight) * overlap + m.exact(focal_weight) * focal


def of_dice_crossentropy(*parts, crossentropy_weight=1.0, **arguments):
    return of_dice_focal(*parts, focal_weight=crossentropy_weight, gamma=0.0, **arguments)


def of_combo(y, p, w, x, pooled, class_weight, yes_no, from_logits, alpha=0.5, beta=0.5, smooth=0.0):
    alpha, beta = m.exact(alpha), m.exact(beta)
    log_p, log_not_p = log_pair(p, from_logits)
    terms = -(beta * y * log_p + (1 - beta) * (1 - y) * log_not_p)
    overlap = dice_of_classes(y, p, w, None, pooled, smooth=smooth)
    return alpha * np.sum(w * terms) / np.sum(w) + (1 - alpha) * overlap


def of_unified_focal(
    y,
    p,
    w,
    x,
    pooled,
    class_weight,
    yes_no,
    from_logits,
    weight=0.5,
    delta=0.6,
    gamma=0.5,
    asymmetric=True,
):
    weight, delta, gamma = (m.exact(v) for v in (weight, delta, gamma))
    if p.shape[1] == 1:
        y, p = (np.concatenate([1 - v, v], axis=1) for v in (y, p))
        w = np.concatenate([w, w], axis=1)
    normal = p if from_logits else p / np.sum(p, axis=1, keepdims=True)
    log_p, log_not_p = log_pair(normal, from_logits)
    focal, values = 0, []
    for c in range(p.shape[1]):
        price, is_background = (1 - delta if c == 0 else delta), c == 0
        power = gamma if is_background or not asymmetric else mpmath.mpf(0)
        focal -= price * np.sum(w[:, c] * m.exp(power * log_not_p[:, c]) * y[:, c] * log_p[:, c])
        value = of_tversky(y[:, c], p[:, c], w[:, c], 1 - delta, delta)
        values.append(value if is_background and asymmetric else value ** (1 - gamma))
    return weight * focal / np.sum(w[:, 0]) + (1 - weight) * sum(values) / len(values)


CASES = [
    *rows(
        K.DiceCrossentropy,
        region(of_dice_crossentropy, mixes=True),
        variants=[*SQUARED, {"dice_weight": 0.3}, {"crossentropy_weight": 0.3}],
        known=[
            (
                {"from_logits": True},
                np.array([[0, 1]]),
                np.array([[[2, 0], [0.5, 1]]]),
                0.548874311812,
            )
        ],
        bad=[{"dice_weight": -1.0}, {"crossentropy_weight": -1.0}, {"squared_pred": 1}],
    ),
    *rows(
        K.DiceFocal,
        region(of_dice_focal, mixes=True),
        variants=[
            *SQUARED,
            {"dice_weight": 0.3},
            {"focal_weight": 0.3},
            {"gamma": 0.5},
            {"alpha": 0.3, "from_logits": True, "gamma": 0.0},
            {"alpha": [0.2, 0.3, 1.5]},
        ],
        yes_no_variants=[{"alpha": 0.3}],
        known=[
            (
                {"from_logits": True},
                np.array([[0, 1]]),
                np.array([[[2, 0], [0.5, 1]]]),
                0.283060340877,
            )
        ],
        bad=[{"dice_weight": -1.0}, {"focal_weight": -1.0}, {"gamma": -1.0}, {"alpha": [0.5, -0.5]}],
    ),
    *(
        Case(
            loss,
            chances,
            region(measure, mixes=True),
            arguments={"axis": 1, "multilabel": True},
            variants=variants,
            extremes=lambda: tuple(np.clip(x, 0, 1) for x in hard_yes_no()),
        )
        for loss, measure, variants in (
            (K.DiceCrossentropy, of_dice_crossentropy, [{"class_weight": [0.5, 2.0]}]),
            (K.DiceFocal, of_dice_focal, [{"alpha": [0.3, 0.8]}]),
        )
    ),
    *rows(
        K.Combo,
        region(of_combo, mixes=True),
        variants=[{"alpha": 0.2}, {"beta": 0.7}, {"from_logits": True}],
        known=[({"multilabel": True, "beta": 0.7}, *MASK, 0.28369350544)],
        bad=[{"alpha": 1.5}, {"beta": -0.5}],
    ),
    *rows(
        K.UnifiedFocal,
        region(of_unified_focal, mixes=True),
        variants=[{"weight": 0.2}, {"delta": 0.3}, {"gamma": 0.2}, {"asymmetric": False}],
        known=[
            (
                arguments,
                np.array([[[1], [0], [1]]]),
                np.array([[[0.8], [0.3], [0.4]]]),
                value,
            )
            for arguments, value in (({}, 0.375471609954), ({"asymmetric": False}, 0.399690676207))
        ],
        bad=[{"weight": 1.5}, {"delta": -0.5}, {"gamma": 1.0}, {"asymmetric": 1}],
    )[:2],
    Case(
        K.UnifiedFocal,
        one_channel,
        region(of_unified_focal, mixes=True),
        arguments={"axis": 1, "multilabel": True},
        variants=[{"from_logits": True}, {"ignore_class": 1}],
        extremes=lambda: tuple(np.clip(x[..., :1], 0, 1) for x in hard_yes_no()),
    ),
]
