"""Cases of `kerasloss/losses/survival/proportional_hazards.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.survival import ONE_AXIS


def draw_times(rng, n):
    """Whole times with ties: of events, of censored subjects, and of both."""
    times = 1.0 + rng.permutation(np.resize([0, 1, 2, 1], n))
    events = rng.permutation(np.resize([1, 1, 0, 1, 1, 0, 1], n))
    y_true = np.stack([times, events], axis=-1)
    return y_true.astype("float32"), rng.normal(size=(n, 1)).astype("float32")


def draw_one_axis(rng, n):
    y_true, y_pred = draw_times(rng, n)
    return y_true, y_pred[:, 0]


def draw_apart(rng, n):
    """Times without ties."""
    y_true, y_pred = draw_times(rng, n)
    y_true[:, 0] = rng.permutation(n) + rng.uniform(0.1, 0.9, n)
    return y_true, y_pred


def cox(y, p, ties="breslow"):
    """Risk set by risk set; those of Efron lose a part of each of the tied events in turn."""
    powers = [mpmath.exp(x) for x in p.reshape(-1)]
    values = []
    for i, (time, event) in enumerate(y):
        if not event:
            values.append(mpmath.mpf(0))
            continue
        risk = sum(powers[j] for j in range(len(y)) if y[j][0] >= time)
        tied = [powers[j] for j in range(len(y)) if y[j][0] == time and y[j][1]]
        if ties == "efron":
            left = [mpmath.log(risk - mpmath.mpf(k) / len(tied) * sum(tied)) for k in range(len(tied))]
            values.append(sum(left) / len(tied) - mpmath.log(powers[i]))
        else:
            values.append(mpmath.log(risk / powers[i]))
    return np.array(values, object)


def hard_risks():
    """Log-hazards that are far apart and equal, with ties, in every order."""
    h = np.array([0, 1e4, -1e4, 1e-40, 80, -80, 1e4, -1e4, 1e4, 0, 0, 0], "float32")
    times = np.concatenate([np.arange(6), np.zeros(6)])
    events = np.array([1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1])
    return np.stack([times, events], -1).astype("float32"), h[:, None]


def events(y, p, **_):
    return np.asarray(y)[:, 1] == 1


Y, H = np.array([[2.0, 1], [1, 0], [2, 1], [3, 0]]), np.array([0.5, 0, -0.5, 1])
EACH, EFRON = {"reduction": None}, {"ties": "efron"}
TWICE = [[1.0, 1], [1, 1]]

CASES = [
    Case(
        K.CoxPH,
        draw_times,
        cox,
        variants=[EFRON],
        known=[
            (EACH, Y, H, [1.104130605337, 0, 2.104130605337, 0]),
            (EACH | EFRON, Y, H, [0.975570138805, 0, 1.975570138805, 0]),
            # Of three at one time the censored one stays at risk, (log(3) + log(2)) / 2.
            (EACH | EFRON, [[1.0, 1], [1, 1], [1, 0]], np.zeros(3), [0.895879734614, 0.895879734614, 0]),
            ({}, Y, H[:, None], 1.604130605337),
            ({}, Y * [1, 0], H, 0),
            ({}, Y[:1], H[:1], 0),
        ],
        bad=[{"ties": "exact"}, {"ties": None}],
        extremes=hard_risks,
        kinks=[
            ({}, TWICE, [[0.0], [0.0]], [[0], [0]]),
            (EFRON, TWICE, [[0.0], [0.0]], [[0], [0]]),
            ({}, [[1.0, 1], [1, 0]], [[0.0], [0.0]], [[-0.5], [0.5]]),  # a tied censored subject is at risk
            ({}, [[2.0, 1], [1, 0]], [[0.0], [0.0]], [[0], [0]]),
            ({}, [[2.0, 0], [1, 0]], [[0.0], [1.0]], [[0], [0]]),
        ],
        scope="anchor",
        counts=events,
    ),
    Case(
        K.CoxPH,
        draw_one_axis,
        cox,
        arguments=EFRON,
        extremes=lambda: (hard_risks()[0], hard_risks()[1][:, 0]),
        scope="anchor",
        counts=events,
        exempt=ONE_AXIS,
    ),
    Case(K.CoxPH, draw_apart, cox, extremes=hard_risks, scope="anchor", counts=events),
]
