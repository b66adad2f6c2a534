"""The width of a layer's input."""

from typing import Any

import keras

from kerasloss.core import checks


def known_width(layer: keras.layers.Layer, input_shape: Any) -> int:
    """The length of the last axis, which must be known, and which the layer's `input_spec` then requires."""
    width, spec = input_shape[-1], layer.input_spec
    if width is None:
        checks.fail(layer, "the last axis of the input must be known", f"input_shape={input_shape}")
    layer.input_spec = keras.layers.InputSpec(ndim=spec.ndim, min_ndim=spec.min_ndim, axes={-1: width})
    return width
