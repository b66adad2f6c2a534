"""What a JAX user would write: optax where it has the loss, else one line of jax.numpy.

Probabilities are divided by their sum and clipped where the loss defines it so, as Keras's do: without it the
function would be another one, which a probability of 0 makes infinite.
"""

import jax
import jax.numpy as jnp
import optax


def _pick(p, ids):
    return jnp.take_along_axis(p, ids[:, None], axis=-1)


def _clipped(p):
    return jnp.clip(p, 1e-7, 1 - 1e-7)


def _normalized(p):
    return _clipped(p / jnp.sum(p, axis=-1, keepdims=True))


def _bce(y, p):
    p = _clipped(p)
    return -jnp.mean(y * jnp.log(p) + (1 - y) * jnp.log1p(-p))


def _focal(y, x):
    return jnp.mean(optax.sigmoid_focal_loss(x, y, gamma=2.0))


def _focal_of_probabilities(y, p):
    p = _clipped(p)
    bce = -(y * jnp.log(p) + (1 - y) * jnp.log1p(-p))
    return jnp.mean((1 - (y * p + (1 - y) * (1 - p))) ** 2 * bce)


def _categorical_focal(y, x):
    log_p = jax.nn.log_softmax(x)
    return -0.25 * jnp.mean(jnp.sum(y * (1 - jnp.exp(log_p)) ** 2 * log_p, axis=-1))


def _categorical_focal_of_probabilities(y, p):
    p = _normalized(p)
    return -0.25 * jnp.mean(jnp.sum(y * (1 - p) ** 2 * jnp.log(p), axis=-1))


def _kl(p, q):
    p, q = jnp.clip(p, 1e-7, 1), jnp.clip(q, 1e-7, 1)
    return jnp.mean(jnp.sum(p * (jnp.log(p) - jnp.log(q)), axis=-1))


def _quantile(y, x):
    e = y - x
    return jnp.mean(jnp.maximum(0.9 * e, -0.1 * e))


def _dice(y, p):
    return 1 - 2 * jnp.sum(y * p) / (jnp.sum(y) + jnp.sum(p) + 1e-7)


def _ctc(y, x):
    paddings = jnp.zeros(x.shape[:2]), jnp.zeros(y.shape)
    return jnp.mean(optax.ctc_loss(x, paddings[0], y, paddings[1]))


natives = {
    "mse": lambda y, x: jnp.mean(optax.squared_error(x, y)),
    "mae": lambda y, x: jnp.mean(jnp.abs(x - y)),
    "huber": lambda y, x: jnp.mean(optax.huber_loss(x, y)),
    "logcosh": lambda y, x: jnp.mean(optax.log_cosh(x, y)),
    "cosine": lambda y, x: -jnp.mean(optax.cosine_similarity(x, y)),
    "bce-logits": lambda y, x: jnp.mean(optax.sigmoid_binary_cross_entropy(x, y)),
    "bce-probs": _bce,
    "ce-logits": lambda y, x: jnp.mean(optax.softmax_cross_entropy(x, y)),
    "ce-probs": lambda y, p: -jnp.mean(jnp.sum(y * jnp.log(_normalized(p)), axis=-1)),
    "sparse-logits": lambda y, x: jnp.mean(optax.softmax_cross_entropy_with_integer_labels(x, y)),
    "sparse-probs": lambda y, p: (
        -jnp.mean(jnp.log(_clipped(_pick(p, y) / jnp.sum(p, axis=-1, keepdims=True))))
    ),
    "focal-bin-logits": _focal,
    "focal-bin-probs": _focal_of_probabilities,
    "focal-cat-logits": _categorical_focal,
    "focal-cat-probs": _categorical_focal_of_probabilities,
    "kl-probs": _kl,
    "kl-logits": lambda p, x: jnp.mean(optax.kl_divergence(jax.nn.log_softmax(x), p)),
    "poisson": lambda y, x: jnp.mean(x - y * jnp.log(x + 1e-7)),
    "quantile": _quantile,
    "dice": _dice,
    "ctc": _ctc,
}
