"""Images against images."""

from dataclasses import KW_ONLY
from typing import Any, Literal

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Loss, Tensor

ENTRIES = [1, 2, 3]
"""The axes of one image, channels last."""


class ImageLoss(Loss):
    """A loss of images: `call` takes two of `(batch, height, width, channels)` to `(batch,)`."""

    kind = "image"
    whole_samples = True

    _: KW_ONLY
    data_format: Literal["channels_last", "channels_first"] | None = None

    def least_side(self) -> int:
        """The smallest height and width that an image may have."""
        return 1

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        images = self.channels_last(y_pred)
        if not self.needs_y_true:
            return no_labels(y_pred), images
        self.check_range(y_true)
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        return self.channels_last(y_true), images

    def check_range(self, images: Tensor) -> None:
        """Refuses integers where the largest value is 1: those of an image go up to 255, or more."""
        dtype = keras.backend.standardize_dtype(images.dtype)
        if "int" in dtype and getattr(self, "max_val", 255) <= 1:
            checks.fail(
                self,
                "images of integers need their range: pass `max_val=255`, or divide both images by it",
                f"max_val={self.max_val}, y_true.dtype={dtype}",
            )

    def channels_last(self, images: Tensor) -> Tensor:
        """The images with their channels on the last axis, of a size that the loss can take."""
        shape = tuple(images.shape)
        first = (self.data_format or keras.config.image_data_format()) == "channels_first"
        if len(shape) != 4:
            axes = "(batch, channels, height, width)" if first else "(batch, height, width, channels)"
            checks.fail(self, f"`y_pred` must be images {axes}", f"y_pred.shape={shape}")
        least = self.least_side()
        sides = shape[2:] if first else shape[1:3]
        if any(side is not None and 0 < side < least for side in sides):
            checks.fail(self, f"images must have at least {least} pixels a side", f"y_pred.shape={shape}")
        return ops.transpose(images, (0, 2, 3, 1)) if first else images
