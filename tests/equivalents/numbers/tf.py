"""The functions of TensorFlow: `tf.nn`, `tf.compat.v1.losses`, `tf.image`."""

import numpy as np

from tests.equivalents.number import (
    AMOUNTS,
    COUNTS,
    FRAMES,
    IDS,
    LABELS,
    LIKE,
    LOGITS,
    ONE_HOT,
    PICTURES,
    POSITIVE,
    SCORES,
    SOFT,
    WORDS,
    Number,
    P,
    Y,
    sigmoid,
)

EVEN, EVEN_LIKE = PICTURES[:, :, :12], LIKE[:, :, :12]
FRAMES_FIRST = np.moveaxis(FRAMES, 1, 0)
ERRORS, NONE = P.reshape(-1, 1), np.zeros((P.size, 1))
PROBABILITIES = np.round(sigmoid(SCORES), 4)


def function(name):
    import tensorflow

    found = tensorflow
    for part in name.split("."):
        found = getattr(found, part)
    return found


def tensor(x):
    return function("constant")(x, "float32")


def mean(name, **arguments):
    """The mean of what a function of `tf.nn` returns, which takes the labels first."""

    def theirs(y_true, y_pred):
        labels = y_true if name.startswith("sparse") else y_true.astype("float32")
        return np.mean(function(f"nn.{name}")(labels, y_pred.astype("float32"), **arguments))

    return theirs


def former(name, **arguments):
    """The number of a function of `tf.compat.v1.losses`."""

    def theirs(y_true, y_pred):
        labels = y_true if name.startswith("sparse") else y_true.astype("float32")
        return function(f"compat.v1.losses.{name}")(labels, y_pred.astype("float32"), **arguments)

    return theirs


def of_images(name, **arguments):
    def theirs(y_true, y_pred):
        images = (x.astype("float32") for x in (y_true, y_pred))
        return np.mean(function(f"image.{name}")(*images, **arguments))

    return theirs


def negative(theirs):
    return lambda y_true, y_pred: -theirs(y_true, y_pred)


def rest(theirs):
    return lambda y_true, y_pred: 1 - theirs(y_true, y_pred)


def ctc(y_true, y_pred, **arguments):
    labels, frames = np.maximum(y_true, 0).astype("int32"), y_pred.astype("float32")
    lengths = np.sum(y_true >= 0, axis=1).astype("int32"), np.full(len(y_true), len(frames), "int32")
    return np.mean(function("nn.ctc_loss")(labels, frames, *lengths, **arguments))


def unit(x):
    return np.round(x / np.linalg.norm(x, axis=-1, keepdims=True), 5)


NUMBERS = {
    "nn.softmax_cross_entropy_with_logits": [
        Number(mean("softmax_cross_entropy_with_logits"), SOFT, LOGITS),
        Number(mean("softmax_cross_entropy_with_logits", axis=0), SOFT, LOGITS, {"axis": 0}),
    ],
    "nn.sparse_softmax_cross_entropy_with_logits": [
        Number(mean("sparse_softmax_cross_entropy_with_logits"), IDS, LOGITS)
    ],
    "nn.sigmoid_cross_entropy_with_logits": [
        Number(mean("sigmoid_cross_entropy_with_logits"), LABELS, SCORES)
    ],
    "nn.weighted_cross_entropy_with_logits": [
        Number(
            mean("weighted_cross_entropy_with_logits", pos_weight=np.float32(weight)),
            LABELS,
            SCORES,
            {"pos_weight": weight},
        )
        for weight in (3.0, [0.5, 1.0, 2.0, 3.0])
    ],
    "nn.log_poisson_loss": [
        Number(mean("log_poisson_loss"), COUNTS, P),
        Number(mean("log_poisson_loss", compute_full_loss=True), COUNTS, P, {"full": "stirling"}),
    ],
    "nn.l2_loss": [Number(lambda y, p: function("nn.l2_loss")(p - y), NONE, ERRORS)],
    "nn.ctc_loss": [
        Number(lambda y, p: ctc(y, p, blank_index=0), WORDS, FRAMES_FIRST),
        Number(
            lambda y, p: ctc(y, p, blank_index=-1), WORDS - (WORDS > 0), FRAMES_FIRST, {"blank_index": -1}
        ),
    ],
    "compat.v1.losses.absolute_difference": [Number(former("absolute_difference"), Y, P)],
    "compat.v1.losses.mean_squared_error": [Number(former("mean_squared_error"), Y, P)],
    "compat.v1.losses.mean_pairwise_squared_error": [
        Number(former("mean_pairwise_squared_error", weights=np.ones((4, 1))), AMOUNTS, POSITIVE)
    ],
    "compat.v1.losses.huber_loss": [
        Number(former("huber_loss"), Y, P),
        Number(former("huber_loss", delta=0.6), Y, P, {"delta": 0.6}),
    ],
    "compat.v1.losses.hinge_loss": [Number(former("hinge_loss"), LABELS, SCORES)],
    "compat.v1.losses.log_loss": [
        Number(former("log_loss"), LABELS, PROBABILITIES),
    ],
    "compat.v1.losses.cosine_distance": [
        Number(lambda y, p: former("cosine_distance", axis=-1)(y, p) - 1, unit(Y), unit(P))
    ],
    "compat.v1.losses.sigmoid_cross_entropy": [
        Number(former("sigmoid_cross_entropy"), LABELS, SCORES),
        Number(
            former("sigmoid_cross_entropy", label_smoothing=0.2), LABELS, SCORES, {"label_smoothing": 0.2}
        ),
    ],
    "compat.v1.losses.softmax_cross_entropy": [
        Number(former("softmax_cross_entropy"), ONE_HOT, LOGITS),
        Number(
            former("softmax_cross_entropy", label_smoothing=0.2), ONE_HOT, LOGITS, {"label_smoothing": 0.2}
        ),
    ],
    "compat.v1.losses.sparse_softmax_cross_entropy": [
        Number(former("sparse_softmax_cross_entropy"), IDS, LOGITS)
    ],
    "image.ssim": [Number(rest(of_images("ssim", max_val=1.0)), PICTURES, LIKE)],
    "image.ssim_multiscale": [
        Number(
            rest(of_images("ssim_multiscale", max_val=1.0, power_factors=[0.3, 0.7], filter_size=3)),
            EVEN,
            EVEN_LIKE,
            {"power_factors": [0.3, 0.7], "filter_size": 3},
        )
    ],
    "image.psnr": [Number(negative(of_images("psnr", max_val=1.0)), PICTURES, LIKE)],
    "image.total_variation": [
        Number(lambda y, p: np.mean(function("image.total_variation")(tensor(p))), PICTURES, LIKE)
    ],
}
