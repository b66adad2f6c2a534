"""Cases of `kerasloss/losses/sequence/tagging.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.backend import BACKEND
from tests.cases.case import Case, Exempt
from tests.cases.common.classes import crossentropy, hard_logits, hard_probabilities, probabilities, sequences

WORDS = np.array([[1, 2, -1]])
SCORES = np.array([[[1, 2, 0], [0, 0, 3], [1, 1, 1]]], "float32")
TAGS = np.array([[0, 1]])
PACKED = np.array([[[0.5, -0.5], [0, 1], [0.2, 0], [0, 0.3], [1, 0], [0, 2]]], "float32")


def probable_sequences(rng, n):
    y, p = probabilities(rng, 3 * n)
    return y.reshape(n, 3), p.reshape(n, 3, -1)


def of_steps(extremes):
    """Those rows in sequences of two."""

    def made():
        y, x = extremes()
        return y.reshape(-1, 2), x.reshape(len(y) // 2, 2, -1)

    return made


def tokens(y, p, average="tokens", ignore_class=None, class_weight=None, **arguments):
    """The cross-entropies of the tokens, one by one; their weights are those of the classes."""
    values = crossentropy(y, p, ignore_class=ignore_class, class_weight=class_weight, **arguments)
    if average == "tokens":
        return values
    result = []
    for row, labels in zip(values, y, strict=True):
        kept = [t for t, label in enumerate(labels) if label != ignore_class]
        weights = [1 if class_weight is None else m.exact(class_weight)[labels[t]] for t in kept]
        total = sum((row[t] for t in kept), mpmath.mpf(0))
        result.append(total / sum(weights) if average == "sequences" and kept else total)
    return np.array(result, object)


def tagged(rng, n):
    """Three positions of two tags, with none, one in the middle, and all but one of them ignored."""
    tags = np.array([[0, 1, 1], [1, -1, 0], [-1, 1, -1], [0, 0, 1], [1, 0, -1]])
    return tags[np.arange(n) % len(tags)], rng.normal(size=(n, 7, 2)).astype("float32")


def crf(y, packed, ignore_class=-1, normalize_by_length=False):
    """The sum over all chains of tags, one by one."""
    values = []
    for tags, rows in zip(y, packed, strict=True):
        classes = rows.shape[-1]
        transitions, start, end, emissions = (
            rows[:classes],
            rows[classes],
            rows[classes + 1],
            rows[classes + 2 :],
        )
        kept = [t for t, tag in enumerate(tags) if tag not in np.atleast_1d(ignore_class)]
        if not kept:
            values.append(mpmath.mpf(0))
            continue
        if any(tags[t] < 0 for t in kept):
            values.append(mpmath.nan)
            continue

        def power(chain, kept=kept, transitions=transitions, start=start, end=end, emissions=emissions):
            score = start[chain[0]] + end[chain[-1]]
            score += sum(emissions[t, tag] for t, tag in zip(kept, chain, strict=True))
            return mpmath.exp(score + sum(transitions[pair] for pair in itertools.pairwise(chain)))

        total = sum(map(power, itertools.product(range(classes), repeat=len(kept))))
        value = -mpmath.log(power([tags[t] for t in kept]) / total)
        values.append(value / (len(kept) if normalize_by_length else 1))
    return np.array(values, object)


def hard_tags():
    """Certain tags, right and wrong, and transitions that are forbidden, taken and not."""
    y = np.array([[0, 1], [0, 1], [0, 1], [1, 1], [0, -1]])
    emissions = np.array([[1e4, 0], [0, 1e4]])
    free, forbidden = np.zeros((4, 2)), np.array([[0, -1e4], [0, 0], [0, 0], [0, 0]])
    rows = [(free, emissions), (free, -emissions), (forbidden, 0 * emissions), (forbidden, 1e-40 * emissions),
            (1e4 + free, 1e4 + emissions)]  # fmt: skip
    return y, np.stack([np.concatenate(x) for x in rows]).astype("float32")


BAD_TOKENS = [
    {"from_logits": 1},
    {"average": "samples"},
    {"label_smoothing": 1.5},
    {"class_weight": 2.0},
    {"ignore_class": 0.5},
    {"axis": None},
]
WEIGHTED = [
    {"label_smoothing": 0.15},
    {"class_weight": [0.5, 1.0, 2.0, 3.0]},
    {"class_weight": [0.5, 1.0, 2.0, 3.0], "label_smoothing": 0.15},
    {"ignore_class": 2},
]
ONE_VALUE = {
    "class_ids_equal_one_hot_at_any_axis": Exempt("several axes of tokens are one sequence, of one value"),
    "class_weights_divide_the_mean_by_weight": Exempt("the weights are divided by within each sequence"),
}

CASES = [
    Case(
        K.TokenCrossentropy,
        sequences,
        tokens,
        arguments={"from_logits": True},
        variants=WEIGHTED,
        known=[
            ({"ignore_class": -1, "reduction": None}, WORDS, SCORES, [[0.407605964444, 0.094922956421, 0]]),
            ({"ignore_class": -1, "average": "sequences"}, WORDS, SCORES, 0.251264460433),
            ({"ignore_class": -1, "average": "sum"}, WORDS, SCORES, 0.502528920865),
        ],
        bad=BAD_TOKENS,
        extremes=of_steps(hard_logits),
    ),
    Case(K.TokenCrossentropy, probable_sequences, tokens, extremes=of_steps(hard_probabilities)),
    *(
        Case(
            K.TokenCrossentropy,
            sequences,
            tokens,
            arguments={"from_logits": True, "average": average},
            variants=[*WEIGHTED[2:], {"class_weight": [0.5, 1.0, 2.0, 3.0], "ignore_class": 0}],
            extremes=of_steps(hard_logits),
            exempt=ONE_VALUE,
        )
        for average in ("sequences", "sum")
    ),
    Case(
        K.LinearChainCRF,
        tagged,
        crf,
        variants=[{"normalize_by_length": True}, {"ignore_class": [-1, 0]}],
        known=[
            ({}, TAGS, PACKED, 0.982893746345),
            ({"normalize_by_length": True}, TAGS, PACKED, 0.982893746345 / 2),
        ],
        bad=[{"ignore_class": "O"}, {"normalize_by_length": 1}],
        extremes=hard_tags,
        kinks=[
            (
                {},
                [[0, -1]],
                np.zeros((1, 6, 2)),
                [[[0, 0], [0, 0], [-0.5, 0.5], [-0.5, 0.5], [-0.5, 0.5], [0, 0]]],
            )
        ],
        exempt={
            "forward_mode": Exempt(
                "a gradient given by a formula has none, on JAX", lambda **_: BACKEND == "jax"
            ),
            "ignored_labels_are_absent": Exempt("-1 of the other positions is then no tag"),
        },
    ),
]
