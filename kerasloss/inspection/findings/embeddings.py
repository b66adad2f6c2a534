"""Embeddings of a batch: their norms, their spread, and the temperature by which they are compared."""

from collections.abc import Iterator

import numpy as np
from keras import ops

from kerasloss.core.kinds.in_batch import InBatchLoss
from kerasloss.core.kinds.label_embedding import EmbeddingLoss
from kerasloss.inspection.findings.batch import ENOUGH, SUM_TOLERANCE, Batch, Finding
from kerasloss.inspection.gradients import as_numpy

ALIKE = 0.999
"""The mean cosine of two embeddings from which on they are called alike."""
ROWS = 1024
"""How many embeddings are compared."""
CERTAIN, UNIFORM = 20.0, 0.1
"""Differences of logits that a softmax makes 0 or 1, and that it does not tell apart."""


def unit_vectors(batch: Batch) -> Iterator[Finding]:
    """Embeddings whose norm is not 1, where the loss takes their inner products for cosines."""
    takes_products = getattr(batch.loss, "distance", None) == "similarity" and not batch.loss.normalize
    if batch.kind != "label-embedding" or not takes_products:
        return
    norms = np.linalg.norm(batch.y_pred.astype("float64"), axis=-1)
    wrong = batch.seen.all(axis=-1) & (np.abs(norms - 1) > SUM_TOLERANCE)
    if wrong.any():
        low, high = norms[wrong].min(), norms[wrong].max()
        seen = f"{batch.name} expects embeddings of norm 1; `y_pred` has {low:.4g} to {high:.4g}."
        advice = "End the model with `keras.layers.UnitNormalization()`, or set `normalize=True`."
        yield Finding("predictions", seen, advice, fix=batch.with_arguments(normalize=True))


def alike(batch: Batch) -> Iterator[Finding]:
    """Embeddings that have collapsed, or lie in one direction, where the loss compares directions."""
    x = _present(batch)
    if len(x) < ENOUGH or x.shape[-1] < 2:
        return
    x = x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-30)
    cosine = np.square(x.reshape(-1, x.shape[-1]).mean(axis=0)).sum()
    if cosine > ALIKE and _compares_directions(batch):
        seen = f"The embeddings of the batch are alike: the mean cosine of two of them is {cosine:.5f}."
        advice = (
            "They have collapsed, or share a large offset; `BatchNormalization` behind them takes it off."
        )
        yield Finding("predictions", seen, advice, fix=_centered(batch))


def temperature(batch: Batch) -> Iterator[Finding]:
    """A temperature at which the softmax over the batch is 0 or 1, or the same for all."""
    logits = _logits(batch)
    if logits is None or min(logits.shape) < ENOUGH:
        return
    logits = np.sort(logits, axis=1)
    low, second, high = (np.median(logits[:, i]) for i in (0, -2, -1))
    given = batch.loss.temperature
    if high - second > CERTAIN:
        what, wanted = "0 or 1: each row learns from one candidate alone", given * (high - second) / 5
    elif high - low < UNIFORM:
        what, wanted = "nearly the same for all candidates", given * (high - low) / 10
    else:
        return
    wanted = float(f"{wanted:.1g}")
    if wanted > 0:
        seen = f"At `temperature={given:g}` most probabilities of {batch.name} are {what}."
        yield Finding("scale", seen, f"Try {wanted:g}.", fix=batch.with_arguments(temperature=wanted))


def _present(batch: Batch) -> np.ndarray:
    """The embeddings that no mask leaves out, `(N, D)` or `(N, views, D)`; none where there are no such."""
    takes = batch.kind == "label-embedding" or (batch.kind == "tuple-embedding" and batch.y_pred.ndim == 3)
    if not takes or batch.y_pred.ndim not in (2, 3):
        return np.zeros((0, 1))
    axes = tuple(range(1, batch.y_pred.ndim))
    x = batch.y_pred[batch.seen.all(axis=axes)][:ROWS].astype("float64")
    return x if np.isfinite(x).all() else x[:0]


def _compares_directions(batch: Batch) -> bool:
    """Whether the loss divides embeddings by their norms: then a common factor changes nothing."""
    options = {**batch.loss.get_config(), "reduction": None, "dtype": "float32"}
    loss = type(batch.loss).from_config(options)
    few = np.s_[: min(len(batch.y_pred), ENOUGH)]
    once, twice = (as_numpy(loss(batch.y_true[few], f * batch.y_pred[few])) for f in (1.0, 2.0))
    return bool(np.allclose(once, twice, rtol=1e-4, atol=1e-6))


def _centered(batch: Batch) -> str:
    """The line that puts a normalization of the batch behind the model, or centers the predictions."""
    if batch.model is None:
        return "y_pred = y_pred - y_pred.mean(axis=0)"
    return "model = keras.Sequential([model, keras.layers.BatchNormalization()])"


def _logits(batch: Batch) -> np.ndarray | None:
    """What the softmax of a loss with a temperature is taken of: a row for each embedding; None: no such."""
    loss, x = batch.loss, _present(batch)
    if not hasattr(loss, "temperature") or not len(x):
        return None
    x = ops.convert_to_tensor(x.astype("float32"))
    if isinstance(loss, InBatchLoss):
        x = loss.embed(x)
        return as_numpy(loss.logits(x[:, 0], x[:, 1]))
    if not isinstance(loss, EmbeddingLoss):
        return None
    x = loss.points(ops.reshape(x, (-1, x.shape[-1])), None)
    sign = 1 if loss.distance == "similarity" else -1
    z = sign * as_numpy(loss.matrix(x, x)) / loss.temperature
    return z[~np.eye(len(z), dtype=bool)].reshape(len(z), -1)


CHECKS = (unit_vectors, alike, temperature)
"""The checks of a batch alone."""
