"""Arguments for the pictures of losses: those that a loss requires, and the ones that show most."""

import inspect
from typing import Any

import keras

from kerasloss.core.registry import LOSSES, get

REQUIRED: dict[str, Any] = {
    "class_prior": (0.8, 0.15, 0.05),
    "samples_per_class": (1000, 100, 10),
    "transition_matrix": ((0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)),
    "prior": 0.3,
    "dimensions": (2, 1),
    "min_value": -2.5,
    "max_value": 2.5,
    "losses": ("mean_squared_error", "mean_absolute_error"),
}
"""Arguments that have no default, by their names."""
WRAPPED = {
    "Masked": "Huber",
    "Symmetric": "KLDivergence",
    "OnlineHardExample": "MeanSquaredError",
    "PermutationInvariant": "ScaleInvariantSDR",
    "DeepSupervision": "Dice",
    "MultiScale": "MeanSquaredError",
    "Matryoshka": "CosineEmbedding",
}
"""The losses that wrappers wrap."""

VARIATIONS: dict[str, tuple[str, tuple]] = {
    "Huber": ("delta", (0.5, 1.0, 2.0)),
    "SmoothL1": ("beta", (0.5, 1.0, 2.0)),
    "PseudoHuber": ("delta", (0.5, 1.0, 2.0)),
    "Charbonnier": ("epsilon", (0.001, 1.0)),
    "Barron": ("alpha", (-2.0, 0.0, 1.0, 2.0)),
    "Cauchy": ("scale", (0.5, 1.0, 2.0)),
    "GemanMcClure": ("scale", (0.5, 1.0, 2.0)),
    "Welsch": ("scale", (0.5, 1.0, 2.0)),
    "EpsilonInsensitive": ("epsilon", (0.1, 1.0)),
    "Quantile": ("quantile", (0.1, 0.5, 0.9)),
    "QuantileHuber": ("quantile", (0.1, 0.5, 0.9)),
    "Expectile": ("expectile", (0.1, 0.5, 0.9)),
    "Tweedie": ("power", (1.2, 1.5, 1.8)),
    "BinaryFocalCrossentropy": ("gamma", (0.0, 2.0, 5.0)),
    "CategoricalFocalCrossentropy": ("gamma", (0.0, 2.0, 5.0)),
    "SparseCategoricalFocalCrossentropy": ("gamma", (0.0, 2.0, 5.0)),
    "CategoricalGeneralizedCrossEntropy": ("q", (0.1, 0.5, 1.0)),
    "TaylorCrossentropy": ("order", (1, 2, 6)),
    "BiTemperedLogistic": ("t1", (0.2, 0.5, 0.8)),
    "Poly1Crossentropy": ("epsilon", (0.0, 1.0, 2.0)),
    "RenyiDivergence": ("alpha", (0.25, 0.5, 2.0)),
    "JensenShannonDivergence": ("beta", (0.1, 0.5, 0.9)),
    "Tversky": ("alpha", (0.1, 0.5, 0.9)),
    "FocalTversky": ("gamma", (0.5, 0.75, 1.0)),
    "TripletMargin": ("margin", (0.2, 1.0)),
    "ArcFace": ("margin", (0.0, 0.3, 0.5)),
    "CosFace": ("margin", (0.0, 0.2, 0.35)),
    "SphereFace": ("margin", (1, 2, 4)),
    "NormalizedSoftmax": ("temperature", (0.05, 0.1, 0.5)),
    "DPO": ("beta", (0.05, 0.1, 0.5)),
    "HingeGAN": ("margin", (0.5, 1.0)),
    "StudentTNLL": ("df", (1.0, 4.0)),
}
"""The argument of a loss that shows most in its picture, and the values that are drawn."""


def example(loss: Any) -> Any:
    """A loss of a class or name, with example arguments where it has no default.

    Args:
        loss: The class, or its name.

    Returns:
        An instance. Losses of images get a small extractor instead of one that would be downloaded.

    Raises:
        ValueError: If there is no such loss, or no example of an argument.

    Example:

    >>> from kerasloss.inspection.plotting.examples import example
    >>> example("LogitAdjustedCrossentropy")
    LogitAdjustedCrossentropy(class_prior=(0.8, 0.15, 0.05))
    """
    cls = LOSSES[loss] if loss in LOSSES else loss
    if not inspect.isclass(cls):
        return get(cls)
    arguments = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if name == "extractor":
            arguments[name] = keras.Sequential(
                [keras.Input((None, None, 3)), keras.layers.AveragePooling2D(2)]
            )
        elif name == "function":
            arguments[name] = three_halves
        elif parameter.default is parameter.empty:
            arguments[name] = get(WRAPPED.get(cls.__name__, "Huber")) if name == "loss" else REQUIRED[name]
    return cls(**arguments)


def three_halves(y_true: Any, y_pred: Any) -> Any:
    """A function that is no loss of this library: the mean of `|error| ** 1.5`."""
    return keras.ops.mean(keras.ops.abs(y_pred - y_true) ** 1.5, axis=-1)
