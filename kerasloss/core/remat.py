"""Functions whose backward pass computes them again."""

from collections.abc import Callable

import keras
from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import is_float


def remat(function: Callable) -> Callable:
    """`keras.remat` of a function from tensors to a sequence of tensors, not all of them floats.

    On TensorFlow `keras.remat` fails for integers that are returned ("None values not supported"), and in a
    loop for booleans that are given ("DataType bool not in list of allowed values"): here the former are
    returned as float64, exact to 2**53, and the latter are given around it.
    """
    if keras.backend.backend() != "tensorflow":
        return keras.remat(function)

    def wrapped(*tensors: Tensor) -> list[Tensor]:
        dtypes: list[str] = []
        floats = {i for i, x in enumerate(tensors) if is_float(x)}

        def of_floats(*given: Tensor) -> list[Tensor]:
            rest = iter(given)
            results = function(*(next(rest) if i in floats else x for i, x in enumerate(tensors)))
            dtypes[:] = [keras.backend.standardize_dtype(x.dtype) for x in results]
            return [x if is_float(x) else ops.cast(x, "float64") for x in results]

        results = keras.remat(of_floats)(*(tensors[i] for i in sorted(floats)))
        return [ops.cast(x, dtype) for x, dtype in zip(results, dtypes, strict=True)]

    return wrapped
