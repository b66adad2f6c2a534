"""Draws, extremes and formulas of targets with the parameters of a distribution."""

import itertools

import mpmath
import numpy as np

from tests import precise as m
from tests.cases.case import Case, Exempt

HARD = (0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, -1e-20, 1e-7, 0.5)
LOG_2 = np.log(2.0)
BAD = [{"link": "exp"}, {"epsilon": 0.0}, {"epsilon": -1.0}, {"epsilon": float("inf")}]
NO_VARIANCE = [{"link": "variance"}, *BAD]
BETWEEN = "a clipped parameter keeps the gradient at its bound, which no difference quotient shows"
CLIPPED = {"gradient": Exempt(BETWEEN, lambda epsilon=0.0, **_: epsilon > 0.1)}

lgamma = np.frompyfunc(mpmath.loggamma, 1, 1)
log1p = np.frompyfunc(mpmath.log1p, 1, 1)
PI = mpmath.pi


def positive(raw, link, epsilon):
    """The parameter of an output, as the losses document it."""
    p = {
        "log": m.exp,
        "softplus": lambda r: log1p(m.exp(r)),
        "identity": lambda r: r,
        "variance": lambda r: r,
        "log_variance": m.exp,
    }[link](raw)
    p = np.minimum(np.maximum(p, mpmath.mpf(epsilon)), mpmath.exp(40))
    return m.sqrt(p) if "variance" in link else p


def parameters(count, low=-1.5, high=1.5):
    """Draws real targets, locations and `count` outputs for positive parameters."""

    def draw(rng, n, d=3):
        y_true, location = 2 * rng.normal(size=(2, n, d))
        rest = rng.uniform(low, high, size=(n, d, count))
        return y_true.astype("float32"), np.concatenate([location[..., None], rest], -1).astype("float32")

    return draw


def hard(count, numbers=HARD, targets=HARD):
    """Every combination of a hard target and `count` hard outputs."""

    def extremes():
        table = np.array(list(itertools.product(targets, *[numbers] * count)), "float32")
        return table[:, :1], table[:, None, 1:]

    return extremes


def normal(y, location, s):
    return m.exp(-((y - location) ** 2) / (2 * s**2)) / (s * m.sqrt(2 * PI))


def one(*outputs):
    """One target 1 and its outputs."""
    return np.array([1.0]), np.array([outputs])


def at(y, outputs, gradient, **arguments):
    """The gradient at one target."""
    return (arguments, np.array([y], "float32"), np.array([outputs]), np.array([gradient]))


def rows(loss, reference, count, known, variants=(), kinks=(), links=("softplus", "log_variance"), **options):
    """A row with outputs of any sign, and one with outputs that are parameters themselves."""
    exempt = options.pop("exempt", CLIPPED)
    draw = options.pop("draw", parameters(count))
    draw_identity = options.pop("draw_identity", parameters(count, 0.2, 2.0))
    extremes = options.pop("extremes", hard(count + 1))
    bad = options.pop("bad", [])
    some_links = [{"link": link} for link in links]
    return [
        Case(
            loss,
            draw,
            reference,
            variants=[*some_links, {"epsilon": 1.5}, *variants],
            known=known,
            kinks=kinks,
            extremes=extremes,
            bad=[*bad, *(BAD if "log_variance" in links else NO_VARIANCE)],
            exempt=exempt,
        ),
        Case(
            loss,
            draw_identity,
            reference,
            arguments={"link": "identity"},
            variants=[{"link": "variance"}, {"epsilon": 1.0}]
            if "log_variance" in links
            else [{"epsilon": 1.0}],
            extremes=extremes,
            exempt=exempt,
        ),
    ]
