"""Finding common mistakes: `diagnose` looks at one batch and says what is wrong."""

from typing import Any

import keras
import numpy as np

from kerasloss.core.loss import keras_mask
from kerasloss.core.registry import get
from kerasloss.inspection import gradients
from kerasloss.inspection.findings import labels, numbers, predictions
from kerasloss.inspection.findings.batch import Batch, Finding, laid, leaves
from kerasloss.inspection.gradients import as_numpy

__all__ = ["Finding", "diagnose"]


def diagnose(
    loss: Any, y_true: Any, y_pred: Any = None, model: keras.Model | None = None, x: Any = None
) -> list[Finding]:
    """Looks at a batch of labels and predictions, and says what is wrong with them for a loss.

    It finds shapes that don't match; class ids out of range and other labels that the loss can't take, and
    where they are; logits where probabilities are expected, and the reverse; a last layer that doesn't match
    the loss; NaN and infinity; a loss that is NaN; a gradient that is 0 everywhere.

    Args:
        loss: The loss, or what `kerasloss.get` finds it by. For a model with several outputs a dict or list
            of them, as `compile` takes it (None: an output without a loss).
        y_true: The labels of a batch, as `fit` gets them; for several outputs a dict or list.
        y_pred: The predictions for it, likewise; None: `model(x)`.
        model: The model, to look at its last layer.
        x: The inputs of the batch, to see whether a loss with `shift=False` gets them as its labels.

    Returns:
        A list of `Finding`, each with what was seen and what to do; empty if nothing was found. Positions
        that a Keras mask of the predictions leaves out are not examined.

    Raises:
        ValueError: If there is no such loss or output, or neither `y_pred` nor `model` and `x`.

    Use it on one batch before training, or when a loss does not change or is NaN; not in a training step: it
    runs eagerly. A finding is a strong hint, not a proof: all logits of a batch may lie in [0, 1].

    Example:

    >>> import kerasloss, numpy as np
    >>> labels, logits = np.array([0, 3]), np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 3.0]])
    >>> for finding in kerasloss.diagnose("sparse_categorical_crossentropy", labels, logits):
    ...     print(finding.seen)
    `y_pred` goes from -1 to 3, but SparseCategoricalCrossentropy expects probabilities.
    `y_true` has 3 at (1,); ids go from 0 to 2.
    The loss is NaN at (0,), (1,).
    """
    if y_pred is None:
        if model is None or x is None:
            raise ValueError("diagnose: give `y_pred`, or `model` and `x`. Received: y_pred=None")
        y_pred = model(x)
    if not _of_outputs(loss):
        index = 0 if len(getattr(model, "output_names", ())) == 1 else -1  # which one it is can't be told
        return _of_one(get(loss), y_true, y_pred, model, x, index)
    found = []
    for output, index, part in _parts(loss, y_pred, model):
        if part is not None:
            labels, predictions = (
                _part(name, y, output, index) for name, y in (("y_true", y_true), ("y_pred", y_pred))
            )
            of_output = _of_one(get(part), labels, predictions, model, x, index)
            found += [finding._replace(output=output) for finding in of_output]
    return found


def _of_one(loss: Any, y_true: Any, y_pred: Any, model: Any, x: Any, index: int) -> list[Finding]:
    """The findings of one loss, for the output of the model with this index; -1: none is known."""
    if isinstance(y_true, dict) or isinstance(y_pred, dict):
        raise ValueError(f"diagnose: for several outputs give a dict or list of losses. Received: {loss!r}")
    several = isinstance(y_pred, (list, tuple)) and hasattr(y_pred[0], "shape")  # outputs, the finest first
    if hasattr(model, "head_weights") and hasattr(loss, "of_logits") and not several:
        loss = loss.of_logits  # a `FusedHead`, whose calls give logits
    y, p = as_numpy(y_true), as_numpy(y_pred[0] if several else y_pred)
    mask = None if several else keras_mask(y_pred)
    seen_y, seen_p = laid(mask, y), laid(mask, p)
    inner, missing = leaves(loss)
    findings: list[Finding] = []
    if not missing:
        findings += numbers.not_finite("y_true", y, seen_y, "Leave missing targets out with `Masked`.")
    findings += numbers.not_finite("y_pred", p, seen_p, "Look at the inputs and the learning rate.")
    try:
        values = gradients.values(loss, y_true, y_pred)
    except Exception as error:  # those of other losses are the backend's
        return [*findings, Finding("shapes", f"The loss refuses the batch. {error}.", "Mend the shapes.")]
    stands_for_missing = [value for value in missing if value is not None]
    y = np.where(np.isin(y, stands_for_missing), np.nan, y) if stands_for_missing else y
    last = predictions.last_activation(model, index)
    too_long: list[Finding] = []
    for leaf in inner:
        batch = Batch(leaf, y, p, seen_y, seen_p, last)
        for check in (*predictions.CHECKS, *labels.CHECKS, predictions.last_layer):
            findings += check(batch)
        findings += labels.inputs(batch, x)
        too_long += labels.too_long(batch, y_true, y_pred)
    findings += too_long + list(numbers.values(values))
    if not several and not too_long and np.isfinite(values).all() and (values > 0).any():
        findings += numbers.gradient(loss, y_true, p, mask)
    return findings


def _of_outputs(loss: Any) -> bool:
    """Whether these are losses of several outputs, and not the configuration of one."""
    return isinstance(loss, (list, tuple)) or (isinstance(loss, dict) and "class_name" not in loss)


def _parts(loss: Any, y_pred: Any, model: Any) -> list[tuple[str, int, Any]]:
    """Each output of a model: its name, its index and its loss."""
    names = list(getattr(model, "output_names", ()))
    if isinstance(y_pred, dict):
        names = _keys_of_outputs(model) or list(y_pred)
    names = names or list(map(str, range(len(y_pred))))
    if isinstance(loss, dict):
        return [(name, names.index(name) if name in names else -1, part) for name, part in loss.items()]
    return [(names[i] if i < len(names) else str(i), i, part) for i, part in enumerate(loss)]


def _keys_of_outputs(model: Any) -> list[str]:
    """The keys of a functional model's dict of outputs, in the order of `model.outputs`."""
    outputs = predictions.tensors(model, "output")
    if not isinstance(outputs, dict):
        return []
    return [key for made in model.outputs for key, output in outputs.items() if output is made]


def _part(name: str, y: Any, output: str, index: int) -> Any:
    """The entry of `y` for an output."""
    if isinstance(y, dict) and output in y:
        return y[output]
    if isinstance(y, (list, tuple)) and 0 <= index < len(y):
        return y[index]
    what = list(y) if isinstance(y, dict) else type(y).__name__
    raise ValueError(f"diagnose: `{name}` has nothing for output {output!r}. Received: {what}")
