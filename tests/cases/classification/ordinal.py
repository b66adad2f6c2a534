"""Cases of `kerasloss/losses/classification/ordinal.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.classes import (
    clipped_log,
    hard_logits,
    hard_probabilities,
    logits,
    normalized,
    one_hot,
)
from tests.cases.common.classes import probabilities as drawn_probabilities
from tests.precise import softmax

THREE = np.array([[0.5, 0.3, 0.2]])
CUTS = [-1.0, 0.5]
CORAL = np.array([[2.1, 1.8, -2.1, -1.8], [1.9, -1.0, -1.5, -1.3], [1.9, 1.8, 1.7, 1.6]])
CORN = np.array([[0.5, -0.2, 0.1], [1.0, 0.3, -0.7], [0.2, 0.4, 1.5]])
KAPPA = (
    one_hot([2, 1, 0, 3]),
    np.array([[0.1, 0.2, 0.6, 0.1], [0.1, 0.5, 0.3, 0.1], [0.8, 0.05, 0.05, 0.1], [0.01, 0.09, 0.1, 0.8]]),
)


def thresholds(rng, n):
    """Four classes, three rising thresholds."""
    y, x = logits(rng, n)
    return y, np.sort(x[:, :3], axis=-1) + np.array([0, 0.1, 0.2], "float32")


def between_classes(rng, n):
    y, x = thresholds(rng, n)
    return (3 * rng.uniform(size=n)).astype("float32"), x


def levels(rng, n):
    _, x = thresholds(rng, n)
    return rng.uniform(size=x.shape).astype("float32"), x


def scores(rng, n):
    return np.arange(n) % 3, rng.normal(size=(n, 1)).astype("float32")


def threshold_extremes():
    numbers = [0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, 20.0]
    rows = np.array(np.meshgrid(numbers, numbers, [0.5])).reshape(3, -1).T
    return np.arange(len(rows)) % 4, rows.astype("float32")


def log_sigmoid(x):
    return -mpmath.log(1 + mpmath.exp(-x))


def coral(y, z, importance_weights=None, ignore_class=None):
    values = []
    for label, row in zip(y, z, strict=True):
        if ignore_class is not None and np.ndim(label) == 0 and label == ignore_class:
            values.append(mpmath.mpf(0))
            continue
        total = mpmath.mpf(0)
        for k, x in enumerate(row):
            level = label[k] if np.ndim(label) else min(max(label - k, 0), 1)
            weight = 1 if importance_weights is None else importance_weights[k]
            total -= weight * (level * log_sigmoid(x) + (1 - level) * log_sigmoid(-x))
        values.append(total)
    return np.array(values, object)


def corn(y, z, ignore_class=None):
    values = []
    for label, row in zip(y, z, strict=True):
        total = mpmath.mpf(0)
        for k, x in enumerate(row):
            if k < label:
                total -= log_sigmoid(x)
            elif k == label:
                total -= log_sigmoid(-x)
        values.append(total * (label != ignore_class))
    return np.array(values, object)


LINKS = {
    "logit": lambda x: 1 / (1 + mpmath.exp(-x)),
    "probit": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "cloglog": lambda x: -mpmath.expm1(-mpmath.exp(x)),
}


def cumulative(y, eta, link="logit", cutpoints=None, ignore_class=None):
    """From the distribution function itself, with digits enough for the difference."""
    values = []
    with mpmath.workdps(120):
        for label, row in zip(y, eta, strict=True):
            edges = list(row) if cutpoints is None else [mpmath.mpf(c) - row[0] for c in cutpoints]
            below = [mpmath.mpf(0), *map(LINKS[link], edges), mpmath.mpf(1)]
            p = below[label + 1] - below[label]
            # Thresholds out of order leave less than nothing between them: no value.
            value = -mpmath.log(p) if p >= 0 else mpmath.nan
            values.append(value if label != ignore_class else mpmath.mpf(0))
    return np.array(values, object)


def as_dense(y, p):
    return y if np.ndim(y) == np.ndim(p) else one_hot(y, p.shape[-1]).astype(int)


def predicted(p, from_logits):
    return softmax(p) if from_logits else normalized(p)


def kappa(y, p, weightage="quadratic", log=True, epsilon=1e-6, from_logits=False):
    """1 - kappa from the tables of observed and expected pairs."""
    y, p = as_dense(y, p), softmax(p) if from_logits else p
    count = p.shape[-1]
    observed = expected = mpmath.mpf(0)
    for c, j in np.ndindex(count, count):
        price = abs(c - j) ** (2 if weightage == "quadratic" else 1)
        observed += price * sum(y[:, c] * p[:, j])
        expected += price * sum(y[:, c]) * sum(p[:, j]) / len(p)
    value = observed / expected
    return np.array(mpmath.log(value + epsilon) if log else value, object)


def earth(y, p, order=2.0, root=False, normalize=False, from_logits=False, ignore_class=None):
    p, dense = predicted(p, from_logits), as_dense(y, p)
    values = []
    for a, b in zip(dense, p, strict=True):
        gaps = [abs(sum(b[: k + 1]) - sum(a[: k + 1])) for k in range(len(b))]
        value = sum(gap**order for gap in gaps) / (len(gaps) if normalize else 1)
        value = value ** (1 / mpmath.mpf(order)) if root else value
        ignored = ignore_class is not None and a[ignore_class] == 1
        values.append(mpmath.mpf(0) if ignored else value)
    return np.array(values, object)


def soft_ordinal(y, p, alpha=1.0, distance="absolute", from_logits=False, ignore_class=None):
    from tests.precise import log

    logs = log(softmax(p)) if from_logits else clipped_log(normalized(p))
    values = []
    for a, b in zip(as_dense(y, p), logs, strict=True):
        value = mpmath.mpf(0)
        for c, share in enumerate(a):
            power = 1 if distance == "absolute" else 2
            weights = [mpmath.exp(-mpmath.mpf(alpha) * abs(c - k) ** power) for k in range(len(a))]
            value -= share * sum(w * x for w, x in zip(weights, b, strict=True)) / sum(weights)
        ignored = ignore_class is not None and a[ignore_class] == 1
        values.append(mpmath.mpf(0) if ignored else value)
    return np.array(values, object)


def ordinal_log(y, p, alpha=1.5, from_logits=False, ignore_class=None):
    p, dense = predicted(p, from_logits), as_dense(y, p)
    values = []
    for a, b in zip(dense, p, strict=True):
        value = mpmath.mpf(0)
        for c, share in enumerate(a):
            for k, x in enumerate(b):
                rest = sum(b) - x
                rest = rest if from_logits else max(rest, mpmath.mpf(1e-7))
                if c != k:
                    value -= share * mpmath.mpf(abs(c - k)) ** alpha * mpmath.log(rest)
        ignored = ignore_class is not None and a[ignore_class] == 1
        values.append(mpmath.mpf(0) if ignored else value)
    return np.array(values, object)


def soft_labels(draw):
    def of(rng, n):
        labels = rng.dirichlet(np.ones(4), size=n)
        return np.round(labels * 64).astype("float32") / 64, draw(rng, n)[1]

    return of


def both(loss, reference, **rest):
    """Rows for probabilities with ids, logits with ids, and logits with soft labels."""
    extra = {"exempt": rest.pop("exempt", {}), "scope": rest.pop("scope", "sample")}
    variants = rest.pop("variants")
    return [
        Case(
            loss,
            drawn_probabilities,
            reference,
            variants=variants,
            extremes=hard_probabilities,
            **rest,
            **extra,
        ),
        Case(
            loss,
            logits,
            reference,
            arguments={"from_logits": True},
            variants=variants,
            extremes=hard_logits,
            **extra,
        ),
        Case(
            loss,
            soft_labels(logits),
            reference,
            arguments={"from_logits": True},
            variants=variants[:1],
            extremes=hard_logits,
            **extra,
        ),
    ]


FREE = {"shapes_that_only_broadcast_are_refused": Exempt("K - 1 follows from y_pred: see test_ordinal.py")}

CASES = [
    Case(
        K.Coral,
        thresholds,
        coral,
        variants=[{"importance_weights": [1.0, 0.5, 2.0]}, {"ignore_class": 1}],
        known=[({}, np.array([2, 1, 4]), CORAL, 0.692038528037)],
        bad=[{"importance_weights": [-1.0, 1.0, 1.0]}, {"ignore_class": 0.5}],
        extremes=threshold_extremes,
        exempt=FREE,
    ),
    Case(
        K.Coral,
        between_classes,
        coral,
        variants=[{"importance_weights": [1.0, 0.5, 2.0]}],
        extremes=threshold_extremes,
        exempt=FREE,
    ),
    Case(
        K.Coral,
        levels,
        coral,
        variants=[{"importance_weights": [1.0, 0.5, 2.0]}],
        known=[
            ({}, np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]]), CORAL, 0.692038528037),
        ],
        extremes=threshold_extremes,
        obeys="element",
        exempt={"ignored_labels_are_absent": Exempt("levels are no ids"), **FREE},
    ),
    Case(
        K.Corn,
        thresholds,
        corn,
        variants=[{"ignore_class": 1}],
        known=[({"reduction": "mean_with_sample_weight"}, np.array([0, 2, 3]), CORN, 0.508206766402)],
        bad=[{"ignore_class": "a"}],
        extremes=threshold_extremes,
        exempt=FREE,
    ),
    Case(
        K.CumulativeLink,
        thresholds,
        cumulative,
        variants=[{"link": "probit"}, {"link": "cloglog"}, {"ignore_class": 2}],
        bad=[
            {"link": "cauchit"},
            {"cutpoints": [1.0, 0.5]},
            {"cutpoints": [1.0, 1.0]},
            {"cutpoints": []},
            {"ignore_class": 1.5},
        ],
        extremes=threshold_extremes,
        exempt=FREE,
    ),
    Case(
        K.CumulativeLink,
        scores,
        cumulative,
        arguments={"cutpoints": CUTS},
        variants=[{"cutpoints": [-0.5, 2.0]}, {"link": "probit"}, {"link": "cloglog"}],
        known=[
            ({}, np.array([1]), np.array([[0.3]]), 1.09162978214),
            ({"link": "probit"}, np.array([1]), np.array([[0.3]]), 0.72885886985),
            ({"link": "cloglog"}, np.array([1]), np.array([[0.3]]), 0.76221241335),
        ],
        extremes=lambda: (np.arange(12) % 3, np.repeat([0.0, 1e4, -1e4, 30.0], 3)[:, None].astype("float32")),
        exempt=FREE,
    ),
    *both(
        K.WeightedKappa,
        kappa,
        scope="batch",
        variants=[{"weightage": "linear"}, {"log": False}, {"epsilon": 0.1}],
        known=[({}, *KAPPA, -1.16119258122)],
        bad=[{"weightage": "cubic"}, {"log": 1}, {"epsilon": 0.0}, {"from_logits": "yes"}],
    ),
    *both(
        K.EarthMoversDistance,
        earth,
        variants=[{"order": 1.0}, {"order": 1.5}, {"root": True}, {"normalize": True}, {"ignore_class": 1}],
        known=[
            ({}, np.array([0]), THREE, 0.29),
            ({"normalize": True, "root": True}, np.array([0]), THREE, 0.310912635103),
        ],
        bad=[{"order": 0.5}, {"root": 1}, {"normalize": None}, {"from_logits": 0}, {"ignore_class": "a"}],
        kinks=[
            ({"root": True}, [0], [[1.0, 0, 0]], [[0, 0, 0]]),
            ({"order": 1.0}, [0], [[1.0, 0, 0]], [[0, 0, 0]]),
        ],
    ),
    *both(
        K.SoftOrdinal,
        soft_ordinal,
        variants=[{"alpha": 3.0}, {"distance": "squared"}, {"ignore_class": 1}],
        known=[({}, np.array([0]), THREE, 0.900654934221)],
        bad=[{"alpha": 0.0}, {"distance": "cubic"}, {"from_logits": 0}, {"ignore_class": "a"}],
    ),
    *both(
        K.OrdinalLog,
        ordinal_log,
        variants=[{"alpha": 5.0}, {"ignore_class": 1}],
        known=[({}, np.array([0]), THREE, 0.987820217188)],
        bad=[{"alpha": 0.0}, {"from_logits": 0}, {"ignore_class": "a"}],
    ),
]
