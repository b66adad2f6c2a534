"""Finding common mistakes: `diagnose` looks at one batch and says what is wrong."""

import html
from typing import Any

import keras
import numpy as np

from kerasloss.core.loss import keras_mask
from kerasloss.core.registry import get
from kerasloss.inspection import gradients
from kerasloss.inspection.findings import embeddings, labels, lists, numbers, predictions, survival, training
from kerasloss.inspection.findings.batch import Batch, Finding, laid, leaves
from kerasloss.inspection.gradients import as_numpy

__all__ = ["Finding", "Findings", "diagnose"]


class Findings(list):
    """The findings of `diagnose`: a list of `Finding` that prints as a report, in a notebook too."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self

    def __repr__(self) -> str:
        if self.ok:
            return "Nothing found."
        lines = []
        for number, finding in enumerate(self, 1):
            lines.append(f"{number}. {finding}")
            if finding.fix:
                lines.append(f"   {finding.fix}")
        return "\n".join(lines)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        if self.ok:
            return "<p>Nothing found.</p>"
        rows = []
        for finding in self:
            fix = f"<pre>{html.escape(finding.fix)}</pre>" if finding.fix else ""
            what = " of ".join(filter(None, (finding.check, finding.output)))
            cells = (html.escape(what), html.escape(finding.seen), html.escape(finding.advice) + fix)
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        return f"<table><tr><th>what</th><th>seen</th><th>what to do</th></tr>{''.join(rows)}</table>"


def diagnose(
    loss: Any, y_true: Any, y_pred: Any = None, model: keras.Model | None = None, x: Any = None
) -> Findings:
    """Looks at a batch of labels and predictions, and says what is wrong with them for a loss.

    It finds mistakes: shapes that don't match; class ids out of range and other labels that the loss can't
    take, and where they are; logits where probabilities are expected, and the reverse; a last layer that
    doesn't match the loss; NaN and infinity; a loss that is NaN; a gradient that is 0 everywhere. And it
    finds what makes training slow or one-sided: a loss far above that of guessing, rare classes, outliers
    that have most of the loss, targets that are not scaled, a part of a sum of losses that drowns another;
    batches of embeddings without pairs, lists without an order, subjects without an event, embeddings that
    are all alike, a temperature at which a softmax tells nothing.

    Args:
        loss: The loss, or what `kerasloss.get` finds it by. For a model with several outputs a dict or list
            of them, as `compile` takes it (None: an output without a loss). Or a compiled model, followed by
            `x` and `y`, as `fit` takes them: `diagnose(model, x, y)`.
        y_true: The labels of a batch, as `fit` gets them; for several outputs a dict or list.
        y_pred: The predictions for it, likewise; None: `model(x)`.
        model: The model, to look at its last layer.
        x: The inputs of the batch, to see whether a loss with `shift=False` gets them as its labels.

    Returns:
        A list of `Finding`, which prints as a report and has `ok`: whether it is empty. Each finding has
        what was `seen`, the `advice`, and in `fix` a line of Python that follows it. Positions that a Keras
        mask of the predictions leaves out are not examined.

    Raises:
        ValueError: If there is no such loss or output, neither `y_pred` nor `model` and `x`, or if the model
            is not compiled.

    Use it on one batch before training, or when a loss does not change or is NaN; not in a training step: it
    runs eagerly. A finding is a strong hint, not a proof: all logits of a batch may lie in [0, 1].

    Example:

    >>> import kerasloss, numpy as np
    >>> labels, logits = np.array([0, 2]), np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 3.0]])
    >>> found = kerasloss.diagnose("sparse_categorical_crossentropy", labels, logits)
    >>> found[0].seen
    '`y_pred` goes from -1 to 3, but SparseCategoricalCrossentropy expects probabilities.'
    >>> found[0].fix
    'loss = kerasloss.SparseCategoricalCrossentropy(from_logits=True)'
    >>> kerasloss.diagnose(kerasloss.SparseCategoricalCrossentropy(from_logits=True), labels, logits).ok
    True
    """
    if isinstance(loss, keras.Model):
        if getattr(loss, "loss", None) is None:
            raise ValueError(f"diagnose: the model must be compiled with a loss. Received: {loss!r}")
        loss, y_true, model, x = loss.loss, y_pred, loss, y_true
        y_pred = None
    if y_pred is None:
        if model is None or x is None:
            raise ValueError("diagnose: give `y_pred`, or `model` and `x`. Received: y_pred=None")
        y_pred = model(x)
    if not _is_per_output(loss):
        index = 0 if len(getattr(model, "output_names", ())) == 1 else -1  # which one it is can't be told
        return Findings(_of_one(get(loss), y_true, y_pred, model, x, index)[0])
    found, slopes = Findings(), {}
    for output, index, part in _parts(loss, y_pred, model):
        if part is not None:
            one = get(part)
            y, p = _part("y_true", y_true, output, index), _part("y_pred", y_pred, output, index)
            of_output, slope = _of_one(one, y, p, model, x, index)
            # The lines are written for one loss: here they would replace that of all outputs.
            found += [finding._replace(output=output, fix=None) for finding in of_output]
            if not of_output and slope is not None:  # no mistake
                slopes[output] = slope
    found += training.balance_of_outputs(slopes)
    return found


def _of_one(
    loss: Any, y_true: Any, y_pred: Any, model: Any, x: Any, index: int
) -> tuple[list[Finding], np.ndarray | None]:
    """The findings of one loss, for the output of the model with this index; -1: none is known.

    And the gradient by the predictions; None if they are several tensors, or if there is none.
    """
    if isinstance(y_true, dict) or isinstance(y_pred, dict):
        raise ValueError(f"diagnose: for several outputs give a dict or list of losses. Received: {loss!r}")
    several = isinstance(y_pred, (list, tuple)) and hasattr(y_pred[0], "shape")  # outputs, the finest first
    if hasattr(model, "head_weights") and hasattr(loss, "of_logits") and not several:
        loss = loss.of_logits  # a `FusedHead`, whose calls give logits
    p = as_numpy(y_pred[0] if several else y_pred)
    if y_true is None and not getattr(loss, "needs_y_true", True):
        y_true = np.zeros(len(p))
    y = as_numpy(y_true)
    if y.dtype.kind not in "biuf":
        return [labels.text(y)], None
    mask = None if several else keras_mask(y_pred)
    seen_y, seen_p = laid(mask, y), laid(mask, p)
    inner, missing = leaves(loss)
    findings: list[Finding] = []
    if not missing:
        fix = "loss = kerasloss.Masked(loss)"
        counts = seen_y & ~numbers.padding(inner[0], y)
        findings += numbers.not_finite("y_true", y, counts, "Leave missing targets out with `Masked`.", fix)
    findings += numbers.not_finite("y_pred", p, seen_p, "Look at the inputs and the learning rate.")
    try:
        values = gradients.values(loss, y_true, y_pred)
    except Exception as error:  # those of other losses are the backend's
        return [*findings, _refusal(error)], None
    stands_for_missing = [value for value in missing if value is not None]
    y = np.where(np.isin(y, stands_for_missing), np.nan, y) if stands_for_missing else y
    last = predictions.last_activation(model, index)
    too_long: list[Finding] = []
    for leaf in inner:
        batch = Batch(leaf, y, p, seen_y, seen_p, last, leaf is loss, model)
        checks = (*predictions.CHECKS, *labels.CHECKS, *embeddings.CHECKS, *lists.CHECKS, *survival.CHECKS)
        for check in (*checks, predictions.last_layer, *training.BATCH_CHECKS):
            findings += check(batch)
        findings += predictions.half_precision(batch, y_pred)
        findings += labels.merged_ids(batch, y_true)
        findings += labels.inputs(batch, x)
        too_long += labels.too_long(batch, y_true, y_pred)
    findings += too_long + list(numbers.values(values))
    if several or too_long or not np.isfinite(values).all():
        return findings, None
    slope = gradients.gradient(loss, y_true, p, mask)
    if (values > 0).any():
        findings += numbers.gradient(slope)
        findings += training.balance(loss, y_true, p, mask)
        if not findings and len(inner) == 1:  # else they follow from a mistake, or are values of a sum
            for check in training.VALUE_CHECKS:
                findings += check(batch, values)
    return findings, slope


def _refusal(error: Exception) -> Finding:
    """What a loss says when it refuses a batch, titled by what it is about."""
    seen = f"The loss refuses the batch. {error}."
    if any(words in str(error) for words in ("shape", "size of tensor")):  # the second: PyTorch's
        return Finding("shapes", seen, "Mend the shapes.")
    return Finding("refusal", seen, "Mend the inputs, or the arguments of the loss.")


def _is_per_output(loss: Any) -> bool:
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
