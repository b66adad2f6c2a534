"""What a TensorFlow user would write: tf.nn where it has the loss, else one line."""

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


def _bce(y, p):
    p = tf.clip_by_value(p, 1e-7, 1 - 1e-7)
    return -tf.reduce_mean(y * tf.math.log(p) + (1 - y) * tf.math.log1p(-p))


natives = {
    "mse": lambda y, x: tf.reduce_mean(tf.math.squared_difference(x, y)),
    "mae": lambda y, x: tf.reduce_mean(tf.abs(x - y)),
    "huber": _huber,
    "logcosh": _log_cosh,
    "cosine": _cosine,
    "bce-logits": lambda y, x: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, x)),
    "bce-probs": _bce,
    "ce-logits": lambda y, x: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, x)),
    "ce-probs": lambda y, p: -tf.reduce_mean(tf.reduce_sum(y * tf.math.log(p), axis=-1)),
    "sparse-logits": lambda y, x: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)),
    "sparse-probs": lambda y, p: -tf.reduce_mean(tf.math.log(tf.gather(p, y, axis=1, batch_dims=1))),
}
