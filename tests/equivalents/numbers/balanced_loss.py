import numpy as np

from tests.equivalents.number import IDS, LOGITS, Number, softmax
from tests.equivalents.numbers.torch import tensor

COUNTS = [50, 3, 10, 1000]
CLASSES = len(COUNTS)


def loss(kind, factor=1, of=tensor, **arguments):
    """Its number times a factor."""

    def theirs(y_true, y_pred):
        from balanced_loss import Loss

        made = Loss(kind, samples_per_class=COUNTS, class_balanced=True, **arguments)
        return factor * made(of(y_pred), tensor(y_true))

    return theirs


def logits(probabilities):
    """Logits whose softmax these probabilities are."""
    return tensor(np.log(probabilities))


def numbers(kind, y_pred=LOGITS, **options):
    """Of its beta and of another."""
    counts = {"samples_per_class": COUNTS}
    return [
        Number(loss(kind, **options), IDS, y_pred, counts),
        Number(loss(kind, beta=0.9, **options), IDS, y_pred, {**counts, "beta": 0.9}),
    ]


NUMBERS = {
    'Loss("cross_entropy")': numbers("cross_entropy"),
    'Loss("focal_loss")': [
        *numbers("focal_loss"),
        Number(loss("focal_loss", fl_gamma=0.5), IDS, LOGITS, {"samples_per_class": COUNTS, "gamma": 0.5}),
    ],
    'Loss("binary_cross_entropy")': numbers("binary_cross_entropy", factor=CLASSES),
    'Loss("softmax_binary_cross_entropy")': numbers(
        "softmax_binary_cross_entropy", softmax(LOGITS), factor=CLASSES, of=logits
    ),
}
