"""Times, or intervals of time, and events against risks."""

from typing import Any, NamedTuple

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import integers
from kerasloss.core.loss import Loss, Tensor


class SurvivalLoss(Loss):
    """A loss of subjects that are observed until an event, or until they are censored.

    A row of `y_true` holds what `columns` says. `call` gets it in a type that holds the times as they are:
    floats of float32 or wider, or signed integers of at least 32 bits.
    """

    kind = "survival"
    activation = "linear"
    whole_samples = True

    columns = "time, event"
    """What the columns of `y_true` hold, for messages."""

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        count = self.columns.count(",") + 1
        if not checks.lengths_match(true_shape, (*pred_shape[:1], count)):
            checks.fail(
                self,
                f"`y_true` must have shape (N, {count}), with the columns [{self.columns}], one row for each "
                "subject of `y_pred`",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return wide(y_true), self.outputs(y_pred)

    def outputs(self, y_pred: Tensor) -> Tensor:
        """The predictions of each subject, `(N, ...)`, in the form that `call` wants."""
        raise NotImplementedError(f"{type(self).__name__} must implement `outputs`.")

    def one_output(self, y_pred: Tensor) -> Tensor:
        """One number for each subject, `(N, 1)`, from `(N,)` or `(N, 1)`."""
        shape = tuple(y_pred.shape)
        if not (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)):
            checks.fail(self, "`y_pred` must have shape (N,) or (N, 1)", f"y_pred.shape={shape}")
        return ops.reshape(y_pred, (-1, 1))

    def predictions(self, y_pred: Any) -> Tensor:
        """What a function of predictions alone was given, as `call` wants it."""
        return self.outputs(checks.tensor(self, "y_pred", y_pred, self.compute_dtype))

    def times(self, times: Any, dtype: str | None = None) -> Tensor:
        """The times `(T,)` that a function was given, in that dtype; None: as they are."""
        times = checks.tensor(self, "times", times, dtype)
        if len(times.shape) != 1:
            checks.fail(self, "`times` must have shape (T,)", f"times.shape={tuple(times.shape)}")
        return times


def wide(x: Tensor) -> Tensor:
    """Floats of at least float32, and integers that are signed and have at least 32 bits."""
    dtype = keras.backend.standardize_dtype(x.dtype)
    if dtype in ("float16", "bfloat16"):
        return ops.cast(x, "float32")
    return x if keras.backend.is_float_dtype(dtype) else integers(x)


class Subjects(NamedTuple):
    """The rows of `y_true`, each a column `(N, 1)` or a vector `(N,)`."""

    interval: Tensor
    """The index of the interval, `(N, 1)`; 0 where it is out of range."""
    event: Tensor
    """The code of the event, `(N, 1)`."""
    valid: Tensor
    """Whether index and code are in range, `(N,)`."""


class DiscreteTimeLoss(SurvivalLoss):
    """A loss of times in K intervals, 0 ... K - 1, from K outputs for each subject.

    An index outside, or an event that is none of the codes, gives NaN.
    """

    columns = "interval, event"

    def outputs(self, y_pred: Tensor) -> Tensor:
        shape = tuple(y_pred.shape)
        if len(shape) != 2 or not shape[1]:
            checks.fail(
                self, "`y_pred` must have shape (N, K), with a known number K of intervals", f"{shape=}"
            )
        return y_pred

    def events(self, y_pred: Tensor) -> int:
        """The number of kinds of events, whose codes are 1, 2, ...; 0: censored."""
        return 1

    def subjects(self, y_true: Tensor, y_pred: Tensor) -> Subjects:
        """The interval and the event of every subject."""
        interval, event = integers(y_true[:, :1]), integers(y_true[:, 1:2])
        inside = ops.logical_and(interval >= 0, interval < y_pred.shape[-1])
        valid = ops.logical_and(inside, ops.logical_and(event >= 0, event <= self.events(y_pred)))
        return Subjects(ops.where(inside, interval, 0), event, ops.squeeze(valid, 1))

    def survival(self, y_pred: Tensor) -> Tensor:
        """The formula of `survival_function`, `(N, K)`, from what `outputs` returned."""
        raise NotImplementedError(f"{type(self).__name__} must implement `survival`.")

    def survival_function(self, y_pred: Any) -> Tensor:
        """The probability to survive each interval.

        Args:
            y_pred: Outputs of the model, as in the loss.

        Returns:
            `(N, K)`: in column k the probability that no event happens until the end of interval k.

        Raises:
            ValueError: For another shape.
        """
        return ops.cast(self.survival(self.predictions(y_pred)), self.dtype)


def indices(count: int, like: Tensor) -> Tensor:
    """0 ... count - 1, in the type of other indices."""
    return ops.arange(count, dtype=like.dtype)
