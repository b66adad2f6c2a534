"""Losses of images as a fixed network sees them: content and style.

The network, the *extractor*, is frozen, called with `training=False`, and not tracked by the model that is
trained. Only the description of the extractor is saved with the loss, never its weights: a loaded loss finds
them where its configuration says, or reports what it needs.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import DType, Reduction
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import absolute, mean, norm
from kerasloss.core.registry import register


class _FeatureLoss(Loss):
    """A loss between the features of two images."""

    growth = "network"
    kind = "image"
    whole_samples = True
    activation = "any"

    vgg_layers: Sequence[str] = ()
    """The layers of a VGG network that are compared by default."""

    def __init__(
        self,
        extractor: str | keras.Model,
        layers: Sequence[str] | None,
        layer_weights: Sequence[float] | None,
        distance: str,
        weights: str | None,
        max_val: float,
        reduction: Reduction,
        name: str | None,
        dtype: DType,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.extractor = extractor
        self.layers = layers
        if layers is not None and (not isinstance(layers, (list, tuple)) or not layers):
            checks.fail(self, "`layers` must be a non-empty list of layer names", f"layers={layers!r}")
        self.layer_weights = layer_weights
        if layer_weights is not None:
            checks.sequence(self, "layer_weights", layer_weights)
        self.distance = checks.choice(self, "distance", distance, ("mse", "mae"))
        self.weights = weights
        self.max_val = checks.number(self, "max_val", max_val, above=0)
        self._features = None
        if isinstance(extractor, str):
            self._family()  # an unknown name fails here
            if layers is None and not extractor.startswith("VGG"):
                checks.fail(self, f"`layers` must be given for {extractor}", "layers=None")
        elif isinstance(extractor, keras.Model):
            if self._path() is not None:
                if not os.path.exists(weights):
                    checks.fail(
                        self,
                        "`weights` must be the file with the weights of the extractor, as its "
                        "`save_weights` wrote it; it does not exist here",
                        f"weights={weights!r}",
                    )
                extractor.load_weights(weights)
            self._features = self._outputs(extractor, layers)
        else:
            checks.fail(
                self,
                "`extractor` must be a keras.Model or the name of one of keras.applications",
                f"extractor={extractor!r}",
            )

    def get_config(self) -> dict[str, Any]:
        """Every argument of the constructor, ready for JSON.

        Raises:
            ValueError: If the extractor is a model with weights and `weights` does not say where they are.
        """
        if isinstance(self.extractor, keras.Model) and self.extractor.weights and self._path() is None:
            checks.fail(
                self,
                "an extractor's weights are not saved with a loss: write them with "
                "`extractor.save_weights(path)` and pass `weights=path`",
                f"weights={self.weights!r}",
            )
        return super().get_config()

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        if len(y_pred.shape) != 4:
            checks.fail(
                self,
                "`y_pred` must be images (batch, height, width, channels)",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        checks.filled(self, y_true, y_pred)
        checks.same_shape(self, *self._compared(y_true, y_pred))
        return y_true, y_pred

    def _compared(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """What must have the same shape."""
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        pairs = list(zip(self.features(y_true), self.features(y_pred), strict=True))
        weights = [1.0] * len(pairs) if self.layer_weights is None else self.layer_weights
        if len(weights) != len(pairs):
            checks.fail(
                self,
                f"`layer_weights` must be {len(pairs)} numbers, one for each layer",
                f"layer_weights={self.layer_weights!r}",
            )
        compared = [self.compare(ops.stop_gradient(true), pred) for true, pred in pairs]
        return sum(weight * value for weight, value in zip(weights, compared, strict=True))

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The distance between the features of one layer."""
        raise NotImplementedError(f"{type(self).__name__} must implement `compare`.")

    def features(self, images: Tensor) -> list[Tensor]:
        """The features of every layer that is compared."""
        if self._features is None:
            # In a thread of its own: within a compiled step, variables made or loaded here would become
            # part of the step, and the weights be lost.
            with ThreadPoolExecutor(1) as pool:
                self._features = pool.submit(self._build).result()
        if isinstance(self.extractor, str):
            images = self._family().preprocess_input(images * (255 / self.max_val))
        inputs = getattr(self._features, "inputs", None) or ()
        if len(inputs) == 1 and not checks.lengths_match(tuple(inputs[0].shape), tuple(images.shape)):
            checks.fail(
                self,
                f"images must have the shape that the extractor takes, {tuple(inputs[0].shape)}",
                f"shape {tuple(images.shape)}",
            )
        small = "the extractor can't take the images, which may be too small for what it pools"
        try:
            outputs = self._features(images, training=False)
        except RuntimeError as error:  # of PyTorch; the others pool what is too small to nothing
            if "allocate" in str(error):  # it had no memory left
                raise
            checks.fail(self, f"{small} ({error})", f"shape {tuple(images.shape)}")
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        if any(0 in output.shape[1:] for output in outputs):
            checks.fail(self, small, f"shape {tuple(images.shape)}")
        return [ops.cast(output, self.compute_dtype) for output in outputs]

    def _path(self) -> str | None:
        """Where the weights of an extractor that is a model are."""
        return None if self.weights == "imagenet" else self.weights

    def _family(self) -> Any:
        """The module of keras.applications that has the extractor and its `preprocess_input`."""
        modules = [m for m in vars(keras.applications).values() if hasattr(m, "preprocess_input")]
        for module in modules:
            if hasattr(module, self.extractor):
                return module
        checks.fail(
            self, "`extractor` must name a model of keras.applications", f"extractor={self.extractor!r}"
        )

    def _build(self) -> keras.Model:
        """The extractor of a name."""
        make = getattr(self._family(), self.extractor)
        try:
            model = make(include_top=False, weights=self.weights)
        except Exception as error:
            what = f"the weights of {self.extractor} could not be loaded ({error})"
            checks.fail(self, f"{what}; give `weights` the path of a file", f"weights={self.weights!r}")
        return self._outputs(model, self.layers or self.vgg_layers)

    def _outputs(self, model: keras.Model, layers: Sequence[str] | None) -> keras.Model:
        """The model that gives the features, frozen."""
        model.trainable = False
        if layers is None:
            return model
        known = [layer.name for layer in model.layers]
        for layer in layers:
            if layer not in known:
                checks.fail(self, f"`layers` must be among {known}", f"layers={layers!r}")
        inputs = model.inputs[0] if len(model.inputs) == 1 else model.inputs
        return keras.Model(inputs, [model.get_layer(layer).output for layer in layers])


@register
class Perceptual(_FeatureLoss):
    """The content of images: the distance between their features in a fixed network.

    Formula: `sum(w[l] * mean((f[l](y_pred) - f[l](y_true)) ** 2))` over the layers l; for `"mae"` absolute
    values in place of the squares.

    Args:
        extractor: The name of a model of `keras.applications` ("VGG16", "ResNet50"), which gets images times
            `255 / max_val`, preprocessed as in its training; or a `keras.Model`, which gets images as they
            are. It is frozen.
        layers: Names of the layers that are compared; None: block3_conv3 of a VGG, or what a model returns.
        layer_weights: A number for each layer; None: all 1.
        distance: `"mse"` or `"mae"`, the mean over positions and channels.
        normalize_features: Whether the channels of each position are first divided by their Euclidean norm.
        weights: For a name: `"imagenet"` (downloaded at the first call), None (random, for tests), or a
            file. For a model: None keeps the weights it has; a file of `save_weights` is loaded, and must
            be given for the loss to be saved.
        max_val: The largest pixel value, a number > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`.

    Raises:
        ValueError: For an unknown extractor or layer, weights that can't be loaded, a number of
            `layer_weights` that differs from that of the layers, or images of different shapes.

    Use it for images that should look the same rather than match pixel by pixel (super-resolution, style
    transfer); beside a pixel loss, since the features don't determine colours. It costs two passes of the
    network.

    Example:

    >>> import kerasloss, keras, numpy as np
    >>> extractor = keras.Sequential([keras.Input((None, None, 1)), keras.layers.AveragePooling2D(2)])
    >>> y_pred = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    >>> float(kerasloss.Perceptual(extractor)(np.zeros((1, 2, 2, 1)), y_pred))
    6.25

    With weights of your own, `Perceptual("VGG16", weights="vgg16_notop.h5")`; of your own network,
    `Perceptual(network, layers=["conv3"], weights="network.weights.h5")`.

    Equivalents: Johnson's feature loss: default. piq `ContentLoss` sums over channels: `layer_weights` times
    the channels of each layer. LPIPS: an extractor that divides each position by its length and then weighs
    its channels, as in docs/guides/perceptual.md, which also has the licenses of pretrained networks.

    Reference: Johnson, Alahi & Fei-Fei, 2016, Perceptual Losses for Real-Time Style Transfer and
    Super-Resolution, ECCV (arXiv 1603.08155); Simonyan & Zisserman, 2015 (VGG; arXiv 1409.1556).
    """

    vgg_layers = ("block3_conv3",)

    def __init__(
        self,
        extractor: str | keras.Model = "VGG16",
        layers: Sequence[str] | None = None,
        layer_weights: Sequence[float] | None = None,
        distance: str = "mse",
        normalize_features: bool = False,
        weights: str | None = "imagenet",
        max_val: float = 1.0,
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = "perceptual",
        dtype: DType = None,
    ) -> None:
        super().__init__(extractor, layers, layer_weights, distance, weights, max_val, reduction, name, dtype)
        self.normalize_features = checks.boolean(self, "normalize_features", normalize_features)

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.normalize_features:
            y_true, y_pred = (x / (ops.expand_dims(norm(x, -1), -1) + 1e-10) for x in (y_true, y_pred))
        difference = y_pred - y_true
        distance = ops.square(difference) if self.distance == "mse" else absolute(difference)
        return mean(distance, axis=list(range(1, len(distance.shape))))


@register
class Style(_FeatureLoss):
    """The style of images: which features of a fixed network occur together, wherever they are.

    Formula: `sum(w[l] * sum((G[l](y_pred) - G[l](y_true)) ** 2))` over the layers l, for `"mae"` with
    absolute values in place of the squares. The Gram matrix is `G = F' F / (channels * height * width)`, with
    the features F of each position.

    Args:
        extractor: The name of a model of `keras.applications` ("VGG16", "ResNet50"), which gets images times
            `255 / max_val`, preprocessed as in its training; or a `keras.Model`, which gets images as they
            are. It is frozen.
        layers: Names of the layers that are compared; None: block1_conv2, block2_conv2, block3_conv3 and
            block4_conv3 of a VGG, or what a model returns.
        layer_weights: A number for each layer; None: all 1.
        distance: `"mse"` or `"mae"`, summed over the Gram matrix.
        weights: For a name: `"imagenet"` (downloaded at the first call), None (random, for tests), or a
            file. For a model: None keeps the weights it has; a file of `save_weights` is loaded, and must
            be given for the loss to be saved.
        max_val: The largest pixel value, a number > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)`; their sizes may differ. Returns
        `(batch,)`.

    Raises:
        ValueError: For an unknown extractor or layer, weights that can't be loaded, a number of
            `layer_weights` that differs from that of the layers, or another number of images or channels.

    Use it beside `Perceptual` to give images the texture of another; alone it does not determine the content.

    Example:

    >>> import kerasloss, keras, numpy as np
    >>> extractor = keras.Sequential([keras.Input((None, None, 2)), keras.layers.AveragePooling2D(2)])
    >>> y_pred = np.repeat(np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1), 2, axis=-1)
    >>> float(kerasloss.Style(extractor)(np.zeros((1, 2, 2, 2)), y_pred))
    39.0625

    Equivalents: Johnson's style loss: default; Gatys': a quarter of it. piq `StyleLoss`: `layer_weights`
    times `(height * width) ** 2` of each layer, with `"mae"` times `height * width / channels`.

    Reference: Gatys, Ecker & Bethge, 2015, A Neural Algorithm of Artistic Style (arXiv 1508.06576);
    Johnson, Alahi & Fei-Fei, 2016, ECCV (arXiv 1603.08155).
    """

    vgg_layers = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")

    def __init__(
        self,
        extractor: str | keras.Model = "VGG16",
        layers: Sequence[str] | None = None,
        layer_weights: Sequence[float] | None = None,
        distance: str = "mse",
        weights: str | None = "imagenet",
        max_val: float = 1.0,
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = "style",
        dtype: DType = None,
    ) -> None:
        super().__init__(extractor, layers, layer_weights, distance, weights, max_val, reduction, name, dtype)

    def _compared(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        if len(y_true.shape) != 4:
            return y_true, y_pred
        return y_true[:, :1, :1], y_pred[:, :1, :1]

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        difference = _gram(y_pred) - _gram(y_true)
        distance = ops.square(difference) if self.distance == "mse" else absolute(difference)
        return ops.sum(distance, axis=(1, 2))


def _gram(features: Tensor) -> Tensor:
    """How strongly each pair of channels is active together, a mean over positions and channels."""
    products = ops.einsum("nhwc,nhwd->ncd", features, features)
    shape = ops.shape(features)
    return products / ops.cast(shape[1] * shape[2] * shape[3], features.dtype)
