"""Cases of `kerasloss/losses/regression/quantile.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import P, Y, huber, real, real_extremes, tied

LEVELS = [0.1, 0.5, 0.9]
Q = len(LEVELS)
TIES = np.array([[1.0, -2.0]])
THREE = np.array([[1.0]]), np.array([[0.0, 1.0, 3.0]])


def several(reference):
    """The mean of the values at each level, whatever form the targets have."""

    def values(y, p, **arguments):
        name = "expectile" if "expectile" in arguments else "quantile"
        levels = arguments.pop(name)
        if np.isscalar(levels):
            return reference(y, p, **{name: levels}, **arguments)
        targets = [y[..., i] if y.shape == p.shape else y for i in range(len(levels))]
        if p.ndim == y.ndim:  # no axis d
            targets = [t if t.ndim < p.ndim else t[..., 0] for t in targets]
            targets = [t[..., None] for t in targets]
            p = p[..., None, :]
        parts = [
            reference(t, p[..., i], **{name: q}, **arguments)
            for i, (t, q) in enumerate(zip(targets, levels, strict=True))
        ]
        return sum(parts) / len(parts)

    return values


def pinball(y, p, quantile=0.5):
    q = mpmath.mpf(quantile)
    return m.mean(np.where(y >= p, q * (y - p), (1 - q) * (p - y)))


def quantile_huber(y, p, quantile=0.5, delta=1.0):
    q, delta = mpmath.mpf(quantile), mpmath.mpf(delta)
    parts = huber(y[..., None], p[..., None], delta) / delta
    return m.mean(abs(q - (y < p)) * parts)


def expectile(y, p, expectile=0.5):
    t = mpmath.mpf(expectile)
    return m.mean(abs(t - (y < p)) * (y - p) ** 2)


def per_level(rng, n, d=2):
    """(batch, d) targets and (batch, d, Q) outputs."""
    y_true, y_pred = real(rng, n, d), real(rng, n, d * Q)
    return y_true[0], y_pred[1].reshape(n, d, Q)


def target_each(rng, n):
    return real(rng, n, Q)


def level_extremes():
    y_true, y_pred = real_extremes()
    return y_true, np.stack([y_pred, -y_pred, y_pred / 2], axis=-1)


def rows(loss, name, reference, known, variants=(), bad=(), exempt=()):
    """One level, several outputs for each target, and a target for each output."""
    many = {name: LEVELS}
    bad_levels = [0.0, 1.0, -0.5, "0.5", float("nan"), [], [0.1, 1.0], None]
    return [
        Case(
            loss,
            real,
            reference,
            variants=[{name: 0.9}, {name: 0.2}, *variants],
            known=known,
            bad=[*({name: level} for level in bad_levels), *bad],
            extremes=real_extremes,
            kinks=[tied([[0.0, 0.0]]), tied([[0.0, 0.0]], **{name: 0.9})],
        ),
        Case(
            loss,
            per_level,
            several(reference),
            arguments=many,
            obeys="distribution",
            variants=[{name: (0.3, 0.6, 0.7)}],
            extremes=level_extremes,
            kinks=[({}, TIES, np.stack([TIES] * Q, axis=-1), np.zeros((1, 2, Q)))],
        ),
        Case(
            loss,
            target_each,
            several(reference),
            arguments=many,
            obeys="distribution",
            extremes=lambda: (np.eye(Q, dtype="float32"), np.full((Q, Q), 1e4, "float32")),
        ),
    ]


CASES = [
    *rows(
        K.Quantile,
        "quantile",
        pinball,
        known=[({"quantile": 0.9}, Y, P, 0.6166666667), ({"quantile": LEVELS}, *THREE, 0.1)],
    ),
    *rows(
        K.QuantileHuber,
        "quantile",
        quantile_huber,
        known=[({"quantile": 0.9}, Y, P, 0.4541666667)],
        variants=[{"delta": 0.5}, {"delta": 3, "quantile": 0.9}],
        bad=[{"delta": 0.0}, {"delta": -1.0}, {"delta": float("inf")}],
    ),
    *rows(K.Expectile, "expectile", expectile, known=[({"expectile": 0.9}, Y, P, 1.2083333333)]),
]
