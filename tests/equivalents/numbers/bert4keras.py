"""bert4keras's formula, written out here: it needs Keras 2 or older."""

import numpy as np

from tests.equivalents.number import LABELS, SCORES, Number


def multilabel(y_true, y_pred):
    """The logarithms of sums of the exponentials of 0 and of the scores of each side."""
    negative = np.log1p(np.sum((1 - y_true) * np.exp(y_pred), axis=-1))
    positive = np.log1p(np.sum(y_true * np.exp(-y_pred), axis=-1))
    return np.mean(negative + positive)


NUMBERS = {
    "multilabel_categorical_crossentropy": [
        Number(multilabel, LABELS, SCORES),
        Number(multilabel, np.array([[0, 0, 0], [1, 1, 1], [0, 1, 0]]), SCORES[:, :3]),
    ]
}
