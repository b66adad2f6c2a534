"""How time and memory grow with the inputs: what a loss says of it, against the programs that JAX compiles.

They never run: XLA counts their operations and bytes.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest

import kerasloss as K
from kerasloss.core import blocks
from kerasloss.core.registry import GROWTHS
from tests.backend import BACKEND
from tests.laws.table import CASES, each, share

FIRST, MIDDLE, LAST = 1024, 8, 64
"""The lengths of axes at which what is constant has vanished."""

EXPONENTS = {
    # the axis that the word speaks of, and the powers of its length; of any other axis both are at most 1
    "linear": (0, 1, 1),
    "sort": (0, 1, 1),
    "matrix": (-1, 2, 1),
    "entry-pairs": (-1, 2, 2),
    "entry-pair-blocks": (-1, 2, 1),
    "pairs": (0, 2, 2),
    "pair-blocks": (0, 2, 1),
    "patches": (1, 2, 2),
    "triple-blocks": (0, 3, 2),
    "triples": (0, 3, 3),
    "alignment": (1, 2, 2),
    "set-pairs": (1, 2, 2),
}
ELSEWHERE = {
    "head": {"LinearCrossentropy", "LinearDistillation"},  # below
    "network": {"Perceptual", "Style"},  # nearly all of it is the network's, which is an argument
}
"""What is not measured with the others, by name."""

PACKED = {"LinearChainCRF"}
"""Losses of which one axis holds what another counts: below."""

SORTED_LABELS = {"Transducer"}
"""Losses that sort labels, a small part of what they are given."""

ONE_EACH = list({case.loss: case for case in reversed(CASES)}.values())[::-1]
MEASURED = [case for case in ONE_EACH if case.loss.growth in EXPONENTS and str(case) not in PACKED]


class Program(NamedTuple):
    """What XLA tells of value and gradient."""

    time: float
    memory: int
    sorts: bool


def program(loss, y_true, y_pred):
    if loss.growth.endswith("-blocks"):
        # XLA counts the operations of one block. And few samples are evaluated at once, in one block.
        programs = []
        for whole in (2**60, 0):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(blocks, "WHOLE", whole)
                programs.append(compiled_program(loss, y_true, y_pred))
        return programs[1]._replace(time=programs[0].time)
    return compiled_program(loss, y_true, y_pred)


def compiled_program(loss, y_true, y_pred):
    import jax

    gradient = jax.jit(jax.value_and_grad(lambda y, p: loss(y, p), argnums=1))
    options = {"xla_backend_optimization_level": 0}  # of the machine code; half the time
    compiled = gradient.lower(y_true, y_pred).compile(compiler_options=options)
    memory = compiled.memory_analysis()
    size = memory.argument_size_in_bytes + memory.output_size_in_bytes + memory.temp_size_in_bytes
    return Program(compiled.cost_analysis()["flops"], size, " sort(" in compiled.as_text())


def example(case):
    return [np.asarray(x) for x in case.draw(np.random.default_rng(0), 7)]


def inputs(case, lengths):
    """The shapes of a batch whose axes have these lengths; an axis of `y_true` follows that of `y_pred`."""
    import jax

    y_true, y_pred = example(case)
    shapes = [list(y_true.shape), list(y_pred.shape)]
    for axis, length in lengths.items():
        shapes[1][axis] = length
        if axis < y_true.ndim:
            rest = y_true.shape[axis] - y_pred.shape[axis]
            if rest in (0, 1):  # 1: the class is packed behind the logits
                shapes[0][axis] = length + rest
            elif EXPONENTS[case.loss.growth][0] == axis:  # the length of the other sequence
                shapes[0][axis] = length
    return [jax.ShapeDtypeStruct(s, x.dtype) for s, x in zip(shapes, (y_true, y_pred), strict=True)]


def made(case, lengths):
    """The loss for these lengths: with its own defaults if it can, else with an entry for each class."""
    try:
        return case.loss(reduction="sum")
    except (TypeError, ValueError):
        *axes, classes = example(case)[1].shape
        wanted = lengths.get(len(axes), classes)
        arguments = {name: _stretched(value, classes, wanted) for name, value in case.arguments.items()}
        return case.loss(**arguments, reduction="sum")


def _stretched(value, old, new):
    if np.shape(value) == (old,):
        return np.resize(value, new).tolist()
    return np.eye(new).tolist() if np.shape(value) == (old, old) else value


def free(case):
    """The lengths of the axes that the loss lets be long."""
    import jax

    shape, lengths = example(case)[1].shape, {}
    for axis, length in enumerate(shape):
        last = axis == len(shape) - 1
        if case.kind == "tuple-embedding" and 0 < axis and not last:
            continue  # another number of embeddings is another form of the loss
        long = FIRST if axis in (0, EXPONENTS[case.loss.growth][0]) else LAST if last else MIDDLE
        if length > 1:
            longer = {**lengths, axis: long}
            try:
                jax.eval_shape(made(case, longer), *inputs(case, longer))
            except ValueError:
                continue
            lengths = longer
    return lengths


@each(share(MEASURED, 6) if BACKEND == "jax" else [])
def test_time_and_memory(case):
    word, time, memory = EXPONENTS[case.loss.growth]
    lengths = free(case)
    word %= example(case)[1].ndim
    assert word in lengths, "the axis that the word speaks of has a fixed length"
    base = program(made(case, lengths), *inputs(case, lengths))
    for axis, length in lengths.items():
        longer = {**lengths, axis: 2 * length}
        twice = program(made(case, longer), *inputs(case, longer))
        grown = [max(1, round(math.log2(b / a))) for a, b in zip(base[:2], twice[:2], strict=True)]
        assert grown == ([time, memory] if axis == word else [1, 1]), f"axis {axis} of {lengths}"
    if case.loss.growth in ("linear", "sort") and str(case) not in SORTED_LABELS:
        assert base.sorts == (case.loss.growth == "sort")


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
@pytest.mark.parametrize("loss", [K.LinearCrossentropy, K.LinearDistillation])
def test_a_head_keeps_no_logits(loss):
    import jax

    def head(rows, width, tokens):
        hidden, kernel = (jax.ShapeDtypeStruct(s, "float32") for s in ((rows, width), (width, tokens)))
        ids = jax.ShapeDtypeStruct((rows,), "int32")
        models = (hidden, kernel) * loss.model_count
        return program(loss(chunk_size=128), ids, models)

    base = head(4096, 64, 8192)
    assert base.memory < 4 * 4096 * 8192 / 4  # a quarter of the logits
    assert head(8192, 64, 8192).memory < 1.25 * base.memory
    for lengths in ((4096, 128, 8192), (4096, 64, 16384)):  # XLA counts one step of the loop over rows
        assert round(math.log2(head(*lengths).time / base.time)) == 1, lengths


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
def test_a_chain_of_tags():
    import jax

    def chain(samples, steps, tags):
        y_true = jax.ShapeDtypeStruct((samples, steps), "int32")
        y_pred = jax.ShapeDtypeStruct((samples, tags + 2 + steps, tags), "float32")
        return program(K.LinearChainCRF(), y_true, y_pred)

    # XLA counts one step of a loop, which is the square of the number of tags.
    base = chain(64, 8, 64)
    for lengths, time in (((128, 8, 64), 1), ((64, 16, 64), 0), ((64, 8, 128), 2)):
        assert round(math.log2(chain(*lengths).time / base.time)) == time, lengths
    long = chain(64, 1024, 16)
    assert round(math.log2(chain(64, 2048, 16).memory / long.memory)) == 1
    assert round(math.log2(chain(64, 1024, 32).memory / long.memory)) == 1


def test_every_word_is_measured():
    assert {*EXPONENTS, *ELSEWHERE} == set(GROWTHS)
    for word, names in ELSEWHERE.items():
        assert {str(case) for case in ONE_EACH if case.loss.growth == word} == names
