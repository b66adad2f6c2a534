"""Reference values for other libraries: `python -m tests.vectors out.json` writes a file for all losses.

For each row of the case table it has the arguments, the inputs, the values and the gradient of their sum by
`y_pred`, to 20 digits, computed from the paper's formula with 50. `docs/reference_values.md` says how to
read it; SCHEMA, a JSON schema, is in the file too. Names of losses after the path write those alone.
"""

import json
import multiprocessing
import os
import sys

import mpmath
import numpy as np

import kerasloss
from tests import precise
from tests.cases import CASES
from tests.laws.table import draw, reference

DIGITS = 20

_ARRAY = {
    "type": "object",
    "properties": {
        "dtype": {"enum": ["float32", "float64", "int32", "int64", "bool"]},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "data": {
            "type": "array",
            "description": "the entries in C order",
            "items": {"type": ["number", "boolean"]},
        },
    },
    "required": ["dtype", "shape", "data"],
    "additionalProperties": False,
}
_EXACT = {
    "type": "object",
    "properties": {
        "shape": _ARRAY["properties"]["shape"],
        "data": {"type": "array", "description": f"{DIGITS} digits, in C order", "items": {"type": "string"}},
    },
    "required": ["shape", "data"],
    "additionalProperties": False,
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "version": {"type": "string"},
        "schema": {"type": "object"},
        "vectors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "loss": {"type": "string", "description": "the class in kerasloss"},
                    "kind": {"type": ["string", "null"], "description": "what y_true and y_pred hold"},
                    "config": {"type": "object", "description": "all arguments of the constructor"},
                    "y_true": _ARRAY,
                    "y_pred": _ARRAY,
                    "values": {**_EXACT, "description": "the values with reduction=None"},
                    "gradient": {
                        "anyOf": [_EXACT, {"type": "null"}],
                        "description": "of the sum of the values by y_pred; null: not given by the formula",
                    },
                },
                "required": ["id", "loss", "kind", "config", "y_true", "y_pred", "values", "gradient"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["version", "schema", "vectors"],
    "additionalProperties": False,
}


def _array(x):
    x = np.asarray(x)
    return {"dtype": x.dtype.name, "shape": list(x.shape), "data": x.ravel().tolist()}


def _exact(x):
    x = np.asarray(x, object)
    return {"shape": list(x.shape), "data": [mpmath.nstr(mpmath.mpf(v), DIGITS) for v in x.ravel()]}


def vectors(index):
    """The vectors of one row of the case table: its arguments, and each of its variants."""
    case = CASES[index]
    y_true, y_pred = draw(case, np.random.default_rng(0))
    found = []
    for number, arguments in enumerate([{}, *case.variants]):

        def total(p, arguments=arguments):
            return np.sum(reference(case, arguments, y_true, p))

        exempt = case.exempt.get("gradient")
        defined = exempt is None or not exempt.applies({**case.arguments, **arguments})
        found.append(
            {
                "id": f"{case}-{index}-{number}",
                "loss": str(case),
                "kind": case.loss.kind,
                "config": case.make(reduction=None, **arguments).get_config(),
                "y_true": _array(y_true),
                "y_pred": _array(y_pred),
                "values": _exact(reference(case, arguments, y_true, y_pred)),
                "gradient": _exact(precise.exact_gradient(total, y_pred)) if defined else None,
            }
        )
    return found


def collect(names=()):
    """The content of the file, as a dict."""
    indices = [i for i, case in enumerate(CASES) if not names or str(case) in names]
    unknown = set(names) - {str(case) for case in CASES}
    if unknown:
        raise ValueError(f"vectors: no row of the case table is of {', '.join(sorted(unknown))}")
    if len(names) == 1:
        found = map(vectors, indices)
    else:  # "spawn", since a process that has imported JAX can't be forked
        with multiprocessing.get_context("spawn").Pool() as pool:
            found = pool.map(vectors, indices, chunksize=1)
    return {
        "version": kerasloss.__version__,
        "schema": SCHEMA,
        "vectors": [vector for row in found for vector in row],
    }


def read(array):
    """An array of the file as a NumPy array."""
    return np.array(array["data"], array.get("dtype", "float64")).reshape(array["shape"])


def loss_of(vector):
    """The loss of a vector, an instance of this library."""
    return kerasloss.get({"class_name": vector["loss"], "config": vector["config"]})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path, *names = sys.argv[1:]
    content = collect(names)
    with open(path, "w") as file:
        json.dump(content, file)
    print(f"{path}: {len(content['vectors'])} vectors, {os.path.getsize(path) / 2**20:.1f} MiB")
