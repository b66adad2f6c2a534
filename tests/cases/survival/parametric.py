"""Cases of `kerasloss/losses/survival/parametric.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.distribution import BETWEEN, NO_VARIANCE, at, hard, normal, parameters, positive
from tests.cases.common.survival import ONE_AXIS

PI = mpmath.pi


def times(count, low=-1.0, high=1.0):
    """Draws positive times, events, a location and perhaps an output for the scale."""

    def draw(rng, n):
        events = rng.permutation(np.resize([1, 0, 1], n))
        y_true = np.stack([np.exp(rng.normal(size=n)), events], axis=-1)
        y_pred = np.concatenate([rng.normal(size=(n, 1)), rng.uniform(low, high, (n, count - 1))], axis=-1)
        return y_true.astype("float32"), y_pred.astype("float32")

    return draw


def draw_one_axis(rng, n):
    y_true, y_pred = times(1)(rng, n)
    return y_true, y_pred[:, 0]


def log_survival(t, location, scale, distribution):
    """The survival function of the textbook, as a function of time, with a shape 1 / s."""
    shape, rate = 1 / scale, mpmath.exp(-location)
    if distribution == "lognormal":
        return mpmath.log(mpmath.erfc((mpmath.log(t) - location) / scale / mpmath.sqrt(2)) / 2)
    if distribution == "loglogistic":
        return -mpmath.log1p((rate * t) ** shape)
    return -((rate * t) ** shape)


def aft(y, p, distribution="weibull", scale=None, link="log", epsilon=1e-6):
    """The density as minus the slope of the survival function."""
    p = p.reshape(len(p), -1)
    values = []
    for (t, event), row in zip(y, p, strict=True):
        if distribution == "exponential":
            s = mpmath.mpf(1)
        else:
            s = mpmath.mpf(scale) if scale else positive(row[1:], link, epsilon)[0]
        if not event:
            values.append(-log_survival(t, row[0], s, distribution))
            continue

        def survival(x, row=row, s=s):
            return mpmath.exp(log_survival(x, row[0], s, distribution))

        with mpmath.workdps(110):  # the gradient is a difference of 25 digits, and of 18 of 80 in the second
            step = t * mpmath.mpf(10) ** -45
            slope = (survival(t + step) - survival(t - step)) / (2 * step)
            values.append(-mpmath.log(-slope))
    return np.array(values, object)


def hard_times(*outputs):
    """Short and long times, events and not, against outputs for which they are not impossible."""
    rows = [(t, event, *x) for t in (1e-3, 1.0, 1e3) for event in (0, 1) for x in outputs]
    table = np.array(rows, "float32")
    return table[:, :2], table[:, 2:]


def hard_one_axis():
    y_true, y_pred = hard_times((0.0,), (50.0,), (-50.0,))
    return y_true, y_pred[:, 0]


def tobit(y, p, lower=None, upper=None, link="log", epsilon=1e-6):
    s = positive(p[..., 1], link, epsilon)
    values = np.empty_like(y)
    for i in np.ndindex(*y.shape):
        location = p[..., 0][i]
        if lower is not None and y[i] <= lower:
            values[i] = -mpmath.log(mpmath.erfc((location - lower) / s[i] / mpmath.sqrt(2)) / 2)
        elif upper is not None and y[i] >= upper:
            values[i] = -mpmath.log(mpmath.erfc((upper - location) / s[i] / mpmath.sqrt(2)) / 2)
        else:
            values[i] = -mpmath.log(normal(y[i], location, s[i]))
    return m.mean(values)


def draw_cut(low, high):
    """Draws real numbers, of which about a third each is at the limits -1 and 1."""

    def draw(rng, n):
        y_true, y_pred = parameters(1, low, high)(rng, n)
        return np.clip(y_true, -1, 1), y_pred

    return draw


Y, P = np.array([[2.0, 1], [3, 0]]), np.array([[0.5, -0.2], [1, 0.1]])
CUT, CUT_P = np.array([[0.0], [1.5]]), np.array([[[0.5, 0.0]], [[1.0, -0.5]]])
EACH = {"reduction": None}
CLIPPED = {"gradient": Exempt(BETWEEN, lambda epsilon=0.0, **_: epsilon > 0.1)}
FAR = {"lower": 0.0, "link": "identity"}

CASES = [
    Case(
        K.ParametricAFT,
        times(2),
        aft,
        variants=[
            {"distribution": "lognormal"},
            {"distribution": "loglogistic"},
            {"link": "softplus"},
            {"epsilon": 1.5},
        ],
        known=[
            (EACH, Y, P, [1.523297672949, 1.093330004070]),
            (EACH | {"distribution": "lognormal"}, Y, P, [1.439912595550, 0.766900677064]),
            (EACH | {"distribution": "loglogistic"}, Y, P, [1.893322837804, 0.738756101398]),
            (EACH | {"distribution": "exponential"}, Y, P[:, 0], [1.713061319425, 1.103638323514]),
            (EACH | {"scale": 1.0}, Y, P[:, :1], [1.713061319425, 1.103638323514]),
        ],
        bad=[
            {"distribution": "normal"},
            {"scale": 0.0},
            {"scale": 2.0, "distribution": "exponential"},
            *NO_VARIANCE,
        ],
        extremes=lambda: hard_times((0.0, 0.0), (5.0, 1.0), (-5.0, 1.0), (5.0, 20.0), (0.0, -0.5)),
        kinks=[
            # At a scale below the bound the gradient is that at the bound.
            ({"epsilon": 1.0}, [[np.e, 0.0]], [[0.0, -3.0]], [[-np.e, -np.e]]),
            ({}, [[1.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]], [[0, 1], [-1, 0]]),
        ],
        exempt=CLIPPED,
    ),
    Case(
        K.ParametricAFT,
        times(2, 0.5, 2.0),
        aft,
        arguments={"distribution": "lognormal", "link": "identity"},
        variants=[{"epsilon": 1.0}],
        extremes=lambda: hard_times((0.0, 1.0), (1e4, 1.0), (-1e4, 1.0), (0.0, 1e-4), (0.0, -1.0)),
        exempt=CLIPPED,
    ),
    Case(
        K.ParametricAFT,
        times(1),
        aft,
        arguments={"distribution": "loglogistic", "scale": 0.7},
        variants=[{"scale": 2.0}, {"distribution": "weibull"}, {"distribution": "lognormal"}],
        extremes=lambda: hard_times((0.0,), (1e4,), (-1e4,), (1e-40,)),
    ),
    Case(
        K.ParametricAFT,
        draw_one_axis,
        aft,
        arguments={"distribution": "exponential"},
        extremes=hard_one_axis,
        exempt=ONE_AXIS,
    ),
    Case(
        K.Tobit,
        draw_cut(-1.5, 1.5),
        tobit,
        variants=[
            {"lower": -1.0},
            {"upper": 1.0},
            {"lower": -1.0, "upper": 1.0, "link": "softplus"},
            {"lower": -1.0, "epsilon": 1.5},
        ],
        known=[
            (EACH | {"lower": 0.0}, CUT, CUT_P, [1.175911761594, 0.758723761762]),
            ({"lower": 0.0}, np.zeros((1, 1)), [[[40.0, 0.0]]], 804.608442013754),
            ({"upper": 0.0}, np.zeros((1, 1)), [[[-40.0, 0.0]]], 804.608442013754),
            ({"upper": 0.0}, np.zeros(1), [[3.0, 0.0]], 0.001350809964749),
        ],
        bad=[{"lower": 1.0, "upper": 1.0}, {"lower": float("nan")}, {"upper": "1"}, *NO_VARIANCE],
        extremes=hard(2),
        kinks=[at(0.0, [0.0, 0.0], [-0.0, 1.0])],
        exempt=CLIPPED,
    ),
    Case(
        K.Tobit,
        draw_cut(0.2, 2.0),
        tobit,
        arguments={"lower": -1.0, "upper": 1.0, "link": "identity"},
        variants=[{"epsilon": 1.0}],
        extremes=hard(2),
        kinks=[
            # Beyond the limits a slope alone: that of log(Phi(-40)) is -40.025.
            at(-1.0, [39.0, 1.0], [40.0249687812, -1600.99875124], upper=None),
            at(1.0, [-39.0, 1.0], [-40.0249687812, -1600.99875124]),
        ],
        exempt=CLIPPED,
    ),
]
