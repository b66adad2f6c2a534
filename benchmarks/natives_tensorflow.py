"""What a TensorFlow user would write: tf.nn where it has the loss, else one line.

Probabilities are divided by their sum and clipped where the loss defines it so, as Keras's do: without it the
function would be another one, which a probability of 0 makes infinite.
"""

import math

import tensorflow as tf


def _huber(y, x):
    e = tf.abs(x - y)
    return tf.reduce_mean(tf.where(e <= 1, 0.5 * tf.square(e), e - 0.5))


def _log_cosh(y, x):
    e = x - y
    return tf.reduce_mean(e + tf.math.softplus(-2 * e) - math.log(2))


def _cosine(y, x):
    y, x = tf.math.l2_normalize(y, axis=-1), tf.math.l2_normalize(x, axis=-1)
    return -tf.reduce_mean(tf.reduce_sum(y * x, axis=-1))


def _clipped(p):
    return tf.clip_by_value(p, 1e-7, 1 - 1e-7)


def _normalized(p):
    return _clipped(p / tf.reduce_sum(p, axis=-1, keepdims=True))


def _sparse_of_probabilities(y, p):
    p = tf.gather(p, y, axis=1, batch_dims=1) / tf.reduce_sum(p, axis=-1)
    return -tf.reduce_mean(tf.math.log(_clipped(p)))


def _bce(y, p):
    p = _clipped(p)
    return -tf.reduce_mean(y * tf.math.log(p) + (1 - y) * tf.math.log1p(-p))


def _focal(y, x):
    p_t = y * tf.sigmoid(x) + (1 - y) * tf.sigmoid(-x)
    return tf.reduce_mean((1 - p_t) ** 2 * tf.nn.sigmoid_cross_entropy_with_logits(y, x))


def _focal_of_probabilities(y, p):
    p = _clipped(p)
    bce = -(y * tf.math.log(p) + (1 - y) * tf.math.log1p(-p))
    return tf.reduce_mean((1 - (y * p + (1 - y) * (1 - p))) ** 2 * bce)


def _categorical_focal(y, x):
    log_p = tf.nn.log_softmax(x)
    return -0.25 * tf.reduce_mean(tf.reduce_sum(y * (1 - tf.exp(log_p)) ** 2 * log_p, axis=-1))


def _categorical_focal_of_probabilities(y, p):
    p = _normalized(p)
    return -0.25 * tf.reduce_mean(tf.reduce_sum(y * (1 - p) ** 2 * tf.math.log(p), axis=-1))


def _kl(p, q):
    p, q = tf.clip_by_value(p, 1e-7, 1), tf.clip_by_value(q, 1e-7, 1)
    return tf.reduce_mean(tf.reduce_sum(p * (tf.math.log(p) - tf.math.log(q)), axis=-1))


def _kl_of_logits(p, x):
    return tf.reduce_mean(tf.reduce_sum(tf.math.xlogy(p, p) - p * tf.nn.log_softmax(x), axis=-1))


def _quantile(y, x):
    e = y - x
    return tf.reduce_mean(tf.maximum(0.9 * e, -0.1 * e))


def _dice(y, p):
    return 1 - 2 * tf.reduce_sum(y * p) / (tf.reduce_sum(y) + tf.reduce_sum(p) + 1e-7)


def _ctc(y, x):
    frames, labels = (tf.fill((x.shape[0],), n) for n in (x.shape[1], y.shape[1]))
    return tf.reduce_mean(tf.nn.ctc_loss(y, x, labels, frames, logits_time_major=False, blank_index=0))


natives = {
    "mse": lambda y, x: tf.reduce_mean(tf.math.squared_difference(x, y)),
    "mae": lambda y, x: tf.reduce_mean(tf.abs(x - y)),
    "huber": _huber,
    "logcosh": _log_cosh,
    "cosine": _cosine,
    "bce-logits": lambda y, x: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, x)),
    "bce-probs": _bce,
    "ce-logits": lambda y, x: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, x)),
    "ce-probs": lambda y, p: -tf.reduce_mean(tf.reduce_sum(y * tf.math.log(_normalized(p)), axis=-1)),
    "sparse-logits": lambda y, x: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)),
    "sparse-probs": _sparse_of_probabilities,
    "focal-bin-logits": _focal,
    "focal-bin-probs": _focal_of_probabilities,
    "focal-cat-logits": _categorical_focal,
    "focal-cat-probs": _categorical_focal_of_probabilities,
    "kl-probs": _kl,
    "kl-logits": _kl_of_logits,
    "poisson": lambda y, x: tf.reduce_mean(x - y * tf.math.log(x + 1e-7)),
    "quantile": _quantile,
    "dice": _dice,
    "ctc": _ctc,
}
