"""What embeddings pass through before their loss."""

import math
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.links import clip_straight_through
from kerasloss.core.loss import Tensor, append_axes
from kerasloss.core.numerics import last_axis_product, norm, safe_divide, unit
from kerasloss.core.pairwise import products, squared_distances
from kerasloss.core.registry import register
from kerasloss.layers.base import PairLayer
from kerasloss.layers.width import known_width


@register
class Centering(keras.layers.Layer):
    """Subtracts a moving average of what it has seen: the centering of DINO.

    Formula: `x - c`, and then, in training, `c = momentum * c + (1 - momentum) * m` with the mean m over the
    batch, without gradient; c starts at 0.

    Args:
        momentum: How slowly the average moves, in [0, 1).
        kwargs: Those of `keras.layers.Layer`. In mixed precision the average and the output are float32.

    Shapes:
        Call it with `(batch, ..., D)`. Returns the same shape; the mean is over all axes but the last. A mask
        is passed on, and masked positions are left out of the mean.

    Raises:
        ValueError: If `momentum` is out of range, or D is not known.

    Use it at the end of a teacher whose outputs go to `DINO(center=None)`, called with `training=True` in
    training steps; the average moves then even if the teacher's weights are frozen. Without it
    `DINO(center="batch")` takes the mean of each batch.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer, x = kerasloss.layers.Centering(), np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> print(keras.ops.convert_to_numpy(layer(x, training=True))[0])
    [1. 2.]
    >>> print(keras.ops.convert_to_numpy(layer(x))[0].round(4))
    [0.8 1.7]

    Reference: Caron et al., 2021, Emerging Properties in Self-Supervised Vision Transformers, ICCV (arXiv
    2104.14294).
    """

    def __init__(self, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.momentum = checks.number(self, "momentum", momentum, least=0, below=1)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the center."""
        self.center = self.add_weight(
            shape=(known_width(self, input_shape),),
            initializer="zeros",
            trainable=False,
            autocast=False,
            name="center",
        )

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Tensor:
        center = ops.convert_to_tensor(self.center)
        inputs = ops.cast(inputs, center.dtype)
        output = inputs - center  # before the center moves, in place on some backends
        if training:
            x, there = ops.stop_gradient(inputs), ops.ones_like(inputs)
            if mask is not None:
                present = append_axes(ops.cast(mask, "bool"), len(x.shape))
                x, there = (ops.where(present, value, 0) for value in (x, there))
            axes = tuple(range(len(x.shape) - 1))
            count = ops.sum(there, axis=axes)
            average = safe_divide(ops.sum(x, axis=axes), count)
            moved = self.momentum * center + (1 - self.momentum) * average
            self.center.assign(ops.where(count > 0, moved, center))
        return output

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "momentum": self.momentum}


@register
class CosineDense(keras.layers.Layer):
    """The last layer of class centers: the cosines of an embedding with them.

    Formula: `x . w / (||x|| * ||w||)` with the center w, for each class.

    Args:
        units: The number of classes, an integer >= 1.
        centers_per_class: K, the number of centers of each class, an integer >= 1.
        return_norm: Whether the norm of the embedding is one more last column, as `SphereFace` and `AdaFace`
            want it; only with one center for each class.
        kernel_initializer, kernel_regularizer: Those of the centers, as in Keras's `Dense`.
        kwargs: Those of `keras.layers.Layer`. In mixed precision weights and output are float32.

    Shapes:
        Call it with embeddings `(batch, ..., D)`. Returns `(batch, ..., units)`, `(batch, ..., units, K)` for
        K > 1, or `(batch, ..., units + 1)` with `return_norm`. The weight `kernel` is `(D, units * K)`; its
        column `c * K + k` is the center k of class c. A mask is passed on.

    Raises:
        ValueError: If an argument is not allowed, or D is not known.

    Use it at the end of a model that is trained with `ArcFace`, `NormalizedSoftmax` or another loss of
    cosines, and take the embeddings before it afterwards; not as logits of a plain cross-entropy, which
    cosines are too small for. An embedding or a center of zeros has cosine 0, with gradient 0.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.CosineDense(2, kernel_initializer="identity")
    >>> print(keras.ops.convert_to_numpy(layer(np.array([[3.0, 4.0], [0.0, 0.0]]))).round(4))
    [[0.6 0.8]
     [0.  0. ]]
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), kerasloss.layers.CosineDense(3)])
    >>> model.compile("adam", loss=kerasloss.ArcFace(scale=16.0))

    Reference: Wang, Xiang, Cheng & Yuille, 2017, NormFace: L2 Hypersphere Embedding for Face Verification,
    ACM Multimedia (arXiv 1704.06369).
    """

    def __init__(
        self,
        units: int,
        centers_per_class: int = 1,
        return_norm: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.units = checks.integer(self, "units", units, least=1)
        self.centers_per_class = checks.integer(self, "centers_per_class", centers_per_class, least=1)
        self.return_norm = checks.boolean(self, "return_norm", return_norm)
        if return_norm and centers_per_class > 1:
            what = "`return_norm=True` needs `centers_per_class=1`"
            checks.fail(self, what, f"centers_per_class={centers_per_class}")
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the centers."""
        width = known_width(self, input_shape)
        self.kernel = self.add_weight(
            shape=(width, self.units * self.centers_per_class),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            autocast=False,
            name="kernel",
        )

    def call(self, inputs: Any) -> Tensor:
        kernel = ops.convert_to_tensor(self.kernel)
        inputs = ops.cast(inputs, kernel.dtype)
        centers = unit(kernel, 0)
        if self.centers_per_class > 1:
            centers = ops.reshape(centers, (-1, self.units, self.centers_per_class))
        cosines = last_axis_product(unit(inputs, -1), centers)
        cosines = clip_straight_through(cosines, -1.0, 1.0)
        if not self.return_norm:
            return cosines
        return ops.concatenate([cosines, ops.expand_dims(norm(inputs, -1), -1)], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "units": self.units,
            "centers_per_class": self.centers_per_class,
            "return_norm": self.return_norm,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }


@register
class CenterDistance(keras.layers.Layer):
    """The squared Euclidean distances of an embedding from the centers of the classes.

    Formula: `||x - w|| ** 2` with the center w, for each class.

    Args:
        units: The number of classes, an integer >= 1.
        center_initializer: That of the centers, as in Keras.
        kwargs: Those of `keras.layers.Layer`. In mixed precision weights and output are float32.

    Shapes:
        Call it with embeddings `(batch, ..., D)`. Returns `(batch, ..., units)`, numbers >= 0. The weight
        `centers` is `(units, D)`. A mask is passed on.

    Raises:
        ValueError: If an argument is not allowed, or D is not known.

    Use it as a second output of a classifier, trained with `Center`; not for embeddings whose norm is
    thousands of times their distance: no differences are made, so a squared distance is right to about 1e-7
    of the squared norms.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.CenterDistance(2)
    >>> print(keras.ops.convert_to_numpy(layer(np.array([[3.0, 4.0]]))))
    [[25. 25.]]

    Reference: Wen, Zhang, Li & Qiao, 2016, A Discriminative Feature Learning Approach for Deep Face
    Recognition, ECCV.
    """

    def __init__(self, units: int, center_initializer: Any = "zeros", **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.units = checks.integer(self, "units", units, least=1)
        self.center_initializer = keras.initializers.get(center_initializer)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the centers."""
        width = known_width(self, input_shape)
        self.centers = self.add_weight(
            shape=(self.units, width), initializer=self.center_initializer, autocast=False, name="centers"
        )

    def call(self, inputs: Any) -> Tensor:
        centers = ops.convert_to_tensor(self.centers)
        return squared_distances(ops.cast(inputs, centers.dtype), centers)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        initializer = keras.initializers.serialize(self.center_initializer)
        return {**super().get_config(), "units": self.units, "center_initializer": initializer}


@register
class PairwiseLogits(PairLayer):
    """The logits of all pairs of two embeddings of a batch, with a temperature that is learned.

    Formula: `z[i, j] = exp(t) * cos(x[i], y[j]) + b`; the factor `exp(t)` starts at `1 / temperature` and is
    at most `max_scale`. The bound is one of the value: the gradient of t is not 0 there.

    Args:
        temperature: What cosines are divided by at the start, a number > 0; if it is below `1 / max_scale`,
            that is taken.
        bias: The number that is added at the start, a finite number.
        learn_temperature, learn_bias: Whether they are trained.
        max_scale: The largest factor, a number > 0: without it a training can run away.
        kwargs: Those of `keras.layers.Layer`. In mixed precision weights and output are float32.

    Shapes:
        Call it with pairs of embeddings `(N, 2, D)`. Returns the logits `(N, N)`: row i is the first
        embedding of sample i, column j the second one of sample j. A mask is passed on.

    Raises:
        ValueError: If an argument is out of range, or the shape is wrong.

    Use it at the end of a model that is trained with `CLIP`, or with `SigLIP` (`temperature=0.1, bias=-10.0,
    learn_bias=True`); not in batches for whose N x N logits there is no room: give the embeddings to the
    loss, with a fixed temperature.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.PairwiseLogits(temperature=0.5)
    >>> pairs = np.array([[[1.0, 0.0], [0.0, 3.0]], [[0.0, 2.0], [0.6, 0.8]]])
    >>> print(keras.ops.convert_to_numpy(layer(pairs)).round(4))
    [[0.  1.2]
     [2.  1.6]]

    Reference: Radford et al., 2021, Learning Transferable Visual Models From Natural Language Supervision,
    ICML; Zhai, Mustafa, Kolesnikov & Beyer, 2023, Sigmoid Loss for Language Image Pre-Training, ICCV.
    """

    def __init__(
        self,
        temperature: float = 0.07,
        bias: float = 0.0,
        learn_temperature: bool = True,
        learn_bias: bool = False,
        max_scale: float = 100.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.temperature = checks.number(self, "temperature", temperature, above=0)
        self.bias = checks.number(self, "bias", bias)
        self.learn_temperature = checks.boolean(self, "learn_temperature", learn_temperature)
        self.learn_bias = checks.boolean(self, "learn_bias", learn_bias)
        self.max_scale = checks.number(self, "max_scale", max_scale, above=0)

    def build(self, input_shape: Any) -> None:
        """Makes the logarithm of the factor, and the bias."""
        if len(input_shape) != 3 or input_shape[1] != 2:
            checks.fail(self, "expected pairs of embeddings (N, 2, D)", f"input_shape={input_shape}")
        start = min(-math.log(self.temperature), math.log(self.max_scale))
        for name, value, learned in (
            ("log_scale", start, self.learn_temperature),
            ("offset", self.bias, self.learn_bias),
        ):
            initializer = keras.initializers.Constant(value)
            weight = self.add_weight(
                shape=(), initializer=initializer, trainable=learned, autocast=False, name=name
            )
            setattr(self, name, weight)

    def call(self, inputs: Any) -> Tensor:
        log_scale, offset = (ops.convert_to_tensor(x) for x in (self.log_scale, self.offset))
        x = unit(ops.cast(inputs, log_scale.dtype), -1)
        scale = ops.exp(clip_straight_through(log_scale, -math.inf, math.log(self.max_scale)))
        return scale * products(x[:, 0], x[:, 1]) + offset

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """All pairs of the batch."""
        return (input_shape[0], input_shape[0])

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("temperature", "bias", "learn_temperature", "learn_bias", "max_scale")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
