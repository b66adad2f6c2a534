"""Draws, extremes and formulas of class ids or one-hot labels with scores of classes."""

import numpy as np

from tests import precise as m

C = 4


def one_hot(ids, count=C):
    return (np.asarray(ids)[..., None] == np.arange(count)).astype("float32")


def ids(rng, n):
    y = rng.integers(0, C, size=n)
    y[:C] = rng.permutation(C)[:n]
    return y


def logits(rng, n):
    return ids(rng, n), (2 * rng.normal(size=(n, C))).astype("float32")


def probabilities(rng, n):
    """Positive numbers whose sum is not quite 1."""
    y, x = logits(rng, n)
    p = np.exp(x)
    return y, (1.1 * p / p.sum(-1, keepdims=True)).astype("float32")


def soft(draw):
    """The same predictions with soft labels."""

    def of(rng, n):
        labels = np.array([rng.multinomial(64, p) for p in rng.dirichlet(np.ones(C), size=n)]) / 64
        labels[0] = one_hot(1)
        return labels.astype("float32"), draw(rng, n)[1]

    return of


def sequences(rng, n):
    """Class ids of 3 steps."""
    y, x = logits(rng, 3 * n)
    return y.reshape(n, 3), x.reshape(n, 3, C)


def hard_logits():
    rows = [
        [0, 0, 0, 0],
        [1e4, -1e4, 0, 0],
        [-1e4, 1e4, 1e4, 0],
        [1e4] * 4,
        [1e-40, 0, 0, 0],
        [50, -50, 20, 0],
    ]
    return np.array([0, 1, 2, 3, 0, 1]), np.array(rows, "float32")


def hard_scores():
    """Logits of -inf at classes that are not the true one."""
    y, x = hard_logits()
    x = np.concatenate([x, [[0, -np.inf, 1, -np.inf], [-np.inf, 3, -np.inf, -np.inf]]])
    return np.concatenate([y, [2, 1]]), x.astype("float32")


def hard_probabilities():
    rows = [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1e-40, 0, 0, 1], [0.25] * 4, [0, 1e-7, 1 - 1e-7, 0]]
    return np.array([0, 1, 2, 0, 0, 1]), np.array(rows, "float32")


def dense(y, p, axis=-1):
    """One-hot labels of class ids, soft labels as they are."""
    return one_hot(y, p.shape[axis]) if y.ndim < p.ndim else y


def normalized(p):
    return p / np.sum(p, axis=-1, keepdims=True)


def clipped_log(p):
    clip = m.exact(1e-7)
    return m.log(np.clip(p, clip, 1 - clip))


def crossentropy(
    y,
    p,
    from_logits=False,
    label_smoothing=0.0,
    class_weight=None,
    z_loss=0.0,
    epsilon=None,
    ignore_class=None,
):
    y = m.exact(dense(y, p))
    ignored = [] if ignore_class is None else np.atleast_1d(ignore_class)
    counted = np.all([y[..., k] != 1 for k in ignored if 0 <= k < C] or [np.ones(y.shape[:-1], bool)], axis=0)
    y = y * (1 - m.exact(label_smoothing)) + m.exact(label_smoothing) / C
    if from_logits:
        log_p = m.log(m.softmax(p))
    else:
        log_p = clipped_log(normalized(p)) if epsilon is None else m.log(p + m.exact(epsilon))
    weight = 1 if class_weight is None else m.exact(class_weight)
    value = -np.sum(weight * y * log_p, axis=-1)
    if z_loss:
        value = value + m.exact(z_loss) * m.log(np.sum(m.exp(p), axis=-1)) ** 2
    return np.where(counted, value, 0)


BAD_CLASS = [{"ignore_class": "none"}, {"axis": 0.5}]

COUNTS = [100, 7.5, 20, 1]
CLIP = m.exact(1e-7)


def sigmoid(x):
    return 1 / (1 + m.exp(-x))


BAD_COUNTS = [
    {"samples_per_class": [1, 0]},
    {"samples_per_class": [-1.0, 2]},
    {"samples_per_class": 3},
    *BAD_CLASS,
]


def over(values, y, ignore_class):
    """0 where the class is ignored."""
    return (
        values if ignore_class is None or y.dtype.kind not in "iu" else np.where(y == ignore_class, 0, values)
    )


def distribution(x, from_logits):
    if from_logits:
        return m.softmax(x)
    total = np.sum(x, axis=-1, keepdims=True)
    return x / np.where(total == 0, 1, total)


def forward(y, x, transition_matrix, from_logits=False, ignore_class=None):
    noisy = np.dot(distribution(x, from_logits), m.exact(np.asarray(transition_matrix)))
    log_q = m.log(np.clip(noisy, m.exact(1e-7), 1))
    return over(-np.sum(m.exact(dense(y, x)) * log_q, axis=-1), y, ignore_class)


BAD_FROM_LOGITS = [{"from_logits": 1}, *BAD_CLASS]
