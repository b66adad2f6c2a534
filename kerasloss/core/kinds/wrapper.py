"""A loss made of one other loss."""

from typing import Any

import keras

from kerasloss.core.loss import Loss, Tensor, widened


class Wrapper(Loss):
    """A loss made of one other, `loss`, of this library or of Keras, whose positions and labels it shares."""

    kind = "wrapper"

    @property
    def axis(self) -> Any:
        """The axis of the wrapped loss."""
        return getattr(self.loss, "axis", -1)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return (self.loss if isinstance(self.loss, Loss) else super()).entry_axes(y_pred)

    def label_axes(self, y_pred: Tensor) -> list[int]:
        return (self.loss if isinstance(self.loss, Loss) else super()).label_axes(y_pred)

    @property
    def inner(self) -> keras.losses.Loss:
        """The wrapped loss, in the dtype of this one or a wider one."""
        return widened(self.loss, self.compute_dtype)
