"""Cases of `kerasloss/losses/survival/discrete_time.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.survival import discrete, hard_outputs


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def of_subjects(value):
    """A reference from the value of one subject: its interval, its event, its outputs."""

    def reference(y, p, **arguments):
        rows = [(int(end), int(event), *more) for end, event, *more in y]
        return np.array([value(*row, x, **arguments) for row, x in zip(rows, p, strict=True)], object)

    return reference


def logistic_hazard(end, event, x):
    """The probability of the answers that were seen, one after the other."""
    probability = mpmath.mpf(1)
    for k in range(end + 1):
        hazard = sigmoid(x[k])
        probability *= hazard if event and k == end else sigmoid(-x[k])
    return -mpmath.log(probability)


def pmf(end, event, x):
    powers = [mpmath.exp(v) for v in x] + [mpmath.mpf(1)]
    seen = powers[end] if event else sum(powers[end + 1 :])
    return -mpmath.log(seen / sum(powers))


def mtlr(end, event, x):
    return pmf(end, event, [sum(x[k:]) for k in range(len(x))])


def pc_hazard(end, event, fraction, x):
    """The hazard at the end times the survival until there, the integral of the hazard in the exponent."""
    rates = [mpmath.log1p(mpmath.exp(v)) for v in x]
    survival = mpmath.exp(-sum(rates[:end]) - fraction * rates[end])
    return -mpmath.log(survival * (rates[end] if event else 1))


def deep_hit(y, p, alpha=0.2, sigma=0.1):
    p = p.reshape(len(p), -1, p.shape[-1])
    powers = np.frompyfunc(mpmath.exp, 1, 1)(p)
    mass = powers / (1 + np.sum(powers, axis=(1, 2), keepdims=True))
    values = []
    for i, (end, code) in enumerate(y):
        end, code = int(end), int(code)
        until = [sum(m[code - 1, : end + 1]) for m in mass]
        seen = mass[i, code - 1, end] if code else 1 - np.sum(mass[i, :, : end + 1])
        compared = mpmath.mpf(0)
        for j, (other_end, other_code) in enumerate(y):
            if code and (end < other_end or (end == other_end and other_code == 0)):
                compared += mpmath.exp(-(until[i] - until[j]) / mpmath.mpf(sigma))
        values.append(-alpha * mpmath.log(seen) + (1 - mpmath.mpf(alpha)) * compared / len(y))
    return np.array(values, object)


def draw_fractions(rng, n):
    y_true, y_pred = discrete(4)(rng, n)
    return np.concatenate([y_true, rng.uniform(0.1, 0.9, (n, 1))], axis=-1).astype("float32"), y_pred


def hard_fractions():
    y_true, y_pred = hard_outputs(4)
    fraction = np.resize([0.0, 1.0, 1e-40, 0.5], len(y_true))
    return np.column_stack([y_true, fraction]).astype("float32"), y_pred


X = np.array([[0.2, -0.3, 0.5], [-1, 0.4, 0]])
ONE_OF_EACH = np.array([[1, 1], [2, 0]])
RISKS = np.array([[[0.2, -0.3, 0.5], [0, 0.1, 0.2]], [[-1, 0.4, 0], [0.3, 0, -0.2]]])
EACH = {"reduction": None}
ZEROS = np.zeros((2, 2))
FREE = {"any_width": True}

CASES = [
    Case(
        K.LogisticHazard,
        discrete(4),
        of_subjects(logistic_hazard),
        known=[(EACH, ONE_OF_EACH, X, [1.652494113850, 1.919424120478])],
        bad=[{"reduction": "median"}],
        extremes=lambda: hard_outputs(4),
        kinks=[({}, [[0, 1], [0, 0]], ZEROS, [[-0.5, 0], [0.5, 0]])],
        **FREE,
    ),
    Case(
        K.PMF,
        discrete(4),
        of_subjects(pmf),
        known=[(EACH, ONE_OF_EACH, X, [1.828432228649, 1.350590532563])],
        bad=[{"reduction": "median"}],
        extremes=lambda: hard_outputs(4),
        kinks=[({}, [[0, 1], [1, 0]], ZEROS, [[-2 / 3, 1 / 3], [1 / 3, 1 / 3]])],
        **FREE,
    ),
    Case(
        K.MTLR,
        discrete(4),
        of_subjects(mtlr),
        known=[(EACH, ONE_OF_EACH, X, [1.479327477385, 1.396402187920])],
        bad=[{"reduction": "median"}],
        extremes=lambda: hard_outputs(4),
        kinks=[({}, [[0, 1], [1, 0]], ZEROS, [[-2 / 3, -1 / 3], [1 / 3, 2 / 3]])],
        **FREE,
    ),
    Case(
        K.PCHazard,
        draw_fractions,
        of_subjects(pc_hazard),
        known=[(EACH, np.array([[1, 1, 0.5], [2, 0, 0.25]]), X, [1.665266053852, 1.399563735058])],
        bad=[{"reduction": "median"}],
        extremes=hard_fractions,
        kinks=[
            # log(softplus(x)) has slope 1 far below 0, and its own slope as it gets there.
            ({}, [[0, 1, 1.0]] * 3, [[-1e4], [-100.0], [-59.0]], [[-1], [-1], [-1]]),
            ({}, [[0, 1, 0.0], [0, 0, 0.0]], [[0.0], [0.0]], [[-0.5 / np.log(2)], [0]]),
        ],
        **FREE,
    ),
    Case(
        K.DeepHit,
        discrete(4),
        deep_hit,
        variants=[{"alpha": 0.0}, {"alpha": 1.0}, {"sigma": 0.5}],
        known=[
            (EACH, ONE_OF_EACH, X, [1.067835278994, 0.270118106513]),
            (EACH, np.array([[1, 2], [2, 0]]), RISKS, [1.192802692249, 0.389988791872]),
        ],
        bad=[{"alpha": -0.1}, {"alpha": 1.1}, {"sigma": 0.0}, {"sigma": float("nan")}],
        extremes=lambda: hard_outputs(4),
        kinks=[
            # At one interval a subject with an event is compared with censored ones alone.
            ({"alpha": 0.0}, [[0, 1], [0, 1]], ZEROS, ZEROS),
            (
                {"alpha": 0.0, "sigma": 1.0},
                [[0, 1], [0, 0]],
                ZEROS,
                [[-1 / 9, 1 / 18], [1 / 9, -1 / 18]],
            ),
        ],
        scope="anchor",
        **FREE,
    ),
    Case(
        K.DeepHit,
        discrete(2, 3),
        deep_hit,
        arguments={"alpha": 0.5},
        extremes=lambda: hard_outputs(2, 3),
        scope="anchor",
        **FREE,
    ),
]
