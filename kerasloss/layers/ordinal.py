"""The last layer of ordered classes."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.registry import register
from kerasloss.layers.width import known_width


@register
class OrdinalThresholds(keras.layers.Layer):
    """The last layer for ordered classes: one score, and a threshold between every two neighbours.

    Formula: with `score = x . kernel`, the same for all thresholds, `cutpoint[k] - score` if `ordered`, the
    logit of P(y <= k); `score + bias[k]` if not, the logit of P(y > k). Cutpoints are kept in order as
    `cutpoint[k] = first + softplus(gap[0]) + ... + softplus(gap[k - 1])`; biases are free.

    Args:
        num_classes: K, the number of classes, an integer >= 2.
        ordered: True for `CumulativeLink`, which needs cutpoints in order; False for `Coral`, whose biases
            become ordered during training.
        kernel_initializer, kernel_regularizer: Those of the weights of the score, as in Keras's `Dense`.
        kwargs: Those of `keras.layers.Layer`. In mixed precision thresholds and output are float32.

    Shapes:
        Call it with features `(batch, ..., D)`. Returns `(batch, ..., K - 1)`. A mask is passed on.

    Raises:
        ValueError: If an argument is not allowed, or D is not known.

    Use it at the end of a model that is trained with `CumulativeLink` or `Coral`; not with `Corn`, whose
    thresholds may each use different features. Initially all classes are equally likely where the score is 0.
    The median class is the number of outputs below 0 if `ordered`, and above 0 if not.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.OrdinalThresholds(4, kernel_initializer="ones")
    >>> print(keras.ops.convert_to_numpy(layer(np.array([[0.5, 0.5], [-2.0, 0.0]]))).round(3))
    [[-2.099 -1.     0.099]
     [ 0.901  2.     3.099]]
    >>> model = keras.Sequential([keras.Input((2,)), kerasloss.layers.OrdinalThresholds(4)])
    >>> model.compile("adam", loss=kerasloss.CumulativeLink())

    Reference: McCullagh, 1980, Regression Models for Ordinal Data, JRSS B; Cao, Mirjalili & Raschka, 2020,
    Rank Consistent Ordinal Regression for Neural Networks, Pattern Recognition Letters (arXiv 1901.07884).
    """

    def __init__(
        self,
        num_classes: int,
        ordered: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = checks.integer(self, "num_classes", num_classes, least=2)
        self.ordered = checks.boolean(self, "ordered", ordered)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the weights of the score, and the thresholds."""
        width = known_width(self, input_shape)
        self.kernel = self.add_weight(
            shape=(width, 1),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        share = np.arange(1, self.num_classes) / self.num_classes
        equal = np.log(share) - np.log1p(-share)  # as many samples in each class
        if self.ordered:
            self.first = self._thresholds("first", equal[:1])
            self.gaps = self._thresholds("gaps", np.log(np.expm1(np.diff(equal))))
        else:
            self.bias = self._thresholds("bias", -equal)

    def _thresholds(self, name: str, start: np.ndarray) -> Any:
        def initializer(shape: Any, dtype: Any = None) -> Tensor:
            return ops.convert_to_tensor(start, dtype=dtype)

        return self.add_weight(shape=start.shape, initializer=initializer, name=name, autocast=False)

    @property
    def cutpoints(self) -> Tensor:
        """The K - 1 scores at which P(y <= k) = P(y > k)."""
        if not self.ordered:
            return -ops.convert_to_tensor(self.bias)
        first = ops.convert_to_tensor(self.first)
        gaps = ops.softplus(ops.convert_to_tensor(self.gaps))
        return ops.concatenate([first, first + ops.cumsum(gaps)])

    def call(self, inputs: Any) -> Tensor:
        cutpoints = self.cutpoints
        score = ops.cast(ops.matmul(inputs, self.kernel), cutpoints.dtype)
        return cutpoints - score if self.ordered else score - cutpoints

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "ordered": self.ordered,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
