"""Every law on every row of the case table."""

import inspect
import json

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from tests import precise
from tests.backend import (
    BACKEND,
    array,
    assert_close,
    compiled,
    masked,
    tensor,
    value_and_gradient,
)
from tests.cases import CASES

COMMON = {"reduction", "name", "dtype"}
N = 4

# For what the base does: the other rows of a loss differ in its arguments and inputs alone.
ONE_EACH = list({(case.loss, case.scope): case for case in reversed(CASES)}.values())[::-1]
# JAX compiles each operation anew for each shape, 25 ms: there the other rows see values and gradients.
SOME = ONE_EACH if BACKEND == "jax" else CASES
each_case = pytest.mark.parametrize("case", SOME, ids=[f"{case}-{i}" for i, case in enumerate(SOME)])
each_loss = pytest.mark.parametrize("case", ONE_EACH, ids=[f"{case}-{i}" for i, case in enumerate(ONE_EACH)])


@pytest.fixture(autouse=True)
def exempt(request):
    """Skips the test, with its reason, if the case says that the law does not hold."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    case, item = parameters.get("case"), parameters.get("item")
    exemption = case and case.exempt.get(request.node.originalname.removeprefix("test_"))
    item = item if isinstance(item, dict) else {k: v for k, v in parameters.items() if k in ("by", "dtype")}
    if exemption and exemption.applies({**case.arguments, **item}):
        pytest.skip(exemption.reason)


def rows(items):
    """One test per case and item of it, so that a failure names its arguments."""
    return pytest.mark.parametrize(
        ("case", "item"),
        [pytest.param(c, x, id=f"{c}-{i}-{j}") for i, c in enumerate(CASES) for j, x in enumerate(items(c))],
    )


def own_arguments(case):
    """The constructor's arguments but those that all losses have."""
    return set(inspect.signature(case.loss.__init__).parameters) - COMMON - {"self"}


def reference(case, arguments, y_true, y_pred):
    arguments = {**case.arguments, **arguments}
    return case.reference(precise.exact(y_true), precise.exact(y_pred), **arguments)


def per_sample(case, rng, **changes):
    """The loss without reduction, inputs, and its values, which must have the batch first."""
    loss = case.make(reduction=None, **changes)
    y_true, y_pred = case.draw(rng, N)
    return loss, y_true, y_pred, array(loss(y_true, y_pred))


# Values and gradients ------------------------------------------------------------------------------


@rows(lambda case: [{}] if BACKEND == "jax" else [{}, *case.variants])  # there the gradient's law sees it
def test_value(case, item, rng):
    y_true, y_pred = case.draw(rng, N)
    expected = precise.floats(reference(case, item, y_true, y_pred))
    assert_close(array(case.make(reduction=None, **item)(y_true, y_pred)), expected)


@rows(lambda case: [{}, *case.variants])
def test_gradient(case, item, rng):
    y_true, y_pred = case.draw(rng, N)
    loss = case.make(reduction=None, **item)
    values = precise.floats(reference(case, item, y_true, y_pred))
    weight = np.linspace(0.5, 1.5, values.size).reshape(values.shape)  # so that no value can hide
    weight = weight.astype("float32")
    total, gradient = value_and_gradient(lambda p: ops.sum(tensor(weight) * loss(y_true, p)), y_pred)
    scale = 1 + np.sum(np.abs(values))
    assert_close(total / scale, np.sum(weight * values) / scale)
    expected = precise.gradient(
        lambda p: np.sum(precise.exact(weight) * reference(case, item, y_true, p)), y_pred
    )
    assert_close(gradient, expected, gradient=True)


@rows(lambda case: case.known)
def test_known_values(case, item):
    arguments, y_true, y_pred, expected = item
    assert_close(array(case.make(**arguments)(y_true, y_pred)), expected)


@rows(lambda case: case.kinks)
def test_gradient_at_kinks(case, item):
    arguments, y_true, y_pred, expected = item
    loss = case.make(**{"reduction": "sum", **arguments})
    _, gradient = value_and_gradient(lambda p: loss(y_true, p), np.asarray(y_pred, "float32"))
    assert_close(gradient, expected, gradient=True)


@each_case
def test_extremes_are_finite(case):
    y_true, y_pred = case.extremes()
    loss = case.make(reduction=None)
    # Divided before they are added: their sum may overflow.
    total, gradient = value_and_gradient(lambda p: ops.sum(loss(y_true, p) / y_pred.size), y_pred)
    assert np.isfinite(total), array(loss(y_true, y_pred))
    assert np.all(np.isfinite(gradient)), gradient


@pytest.mark.skipif(BACKEND == "jax", reason="there the values of the variants show it")
@each_loss
def test_every_argument_matters(case, rng):
    changed = set()
    for other in (row for row in CASES if row.loss is case.loss):
        y_true, y_pred = other.draw(rng, 8 * N)  # enough that no argument is idle by chance

        def results(y_true=y_true, y_pred=y_pred, other=other, **variant):
            loss = other.make(reduction=None, **variant)
            return array(loss(y_true, y_pred)), lambda: value_and_gradient(
                lambda p: ops.sum(loss(y_true, p)), y_pred
            )[1]

        base, base_gradient = results()
        for variant in other.variants:
            value, gradient = results(**variant)
            if value.shape != base.shape or not np.allclose(value, base, rtol=1e-4):
                changed |= set(variant)
            elif not np.allclose(gradient(), base_gradient(), rtol=1e-4, atol=1e-6):
                changed |= set(variant)
        if set(other.arguments) != set(case.arguments):
            changed |= set(other.arguments) | set(case.arguments)  # its own value law has seen them
    assert (
        own_arguments(case) - changed <= {"axis"}
        if case.kind == "class"
        else not own_arguments(case) - changed
    )


# Keras's contract ----------------------------------------------------------------------------------


def root_mean_square(values):
    return ops.sqrt(ops.mean(ops.square(values)))


@each_loss
def test_reductions(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    expected = {
        "sum": values.sum(),
        "mean": values.mean(),
        "sum_over_batch_size": values.mean(),
        "none": values,
        root_mean_square: np.sqrt(np.mean(values**2)) if values.ndim else values,
    }
    for reduction, value in expected.items():
        assert_close(array(case.make(reduction=reduction)(y_true, y_pred)), value, message=str(reduction))
    own = loss.own_weight(*loss.prepare(y_true, y_pred))
    own = np.ones_like(values) if own is None else array(own)
    by_weight = case.make(reduction="mean_with_sample_weight")
    assert_close(array(by_weight(y_true, y_pred)), values.sum() / own.sum() if values.ndim else values)


@each_loss
def test_sample_weights(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    own = loss.own_weight(*loss.prepare(y_true, y_pred))
    own = np.ones_like(values) if own is None else array(own)
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*sample_weight"):
        case.make()(y_true, y_pred, sample_weight=np.ones((N + 1,)))
    if case.scope == "batch":
        copies = np.array([0, 0, 2, 3])
        expected = array(case.make()(y_true[copies], y_pred[copies]))
        weight = np.array([2.0, 0.0, 1.0, 1.0], "float32")
        for reduction in ("mean", "sum", "mean_with_sample_weight", None):
            result = case.make(reduction=reduction)(y_true, y_pred, sample_weight=weight)
            assert_close(array(result), expected, message=str(reduction))
        return
    samples = np.array([2.0, 0.0, 0.5, 1.0], "float32")
    positions = np.linspace(0, 2, values.size, dtype="float32").reshape(values.shape)
    for weight in (samples, samples[:, None], positions, np.float32(3.0)):
        if weight.ndim == values.ndim + 1:
            spread = weight[:, 0]
        else:
            spread = weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
        spread = np.broadcast_to(spread, values.shape)
        expected = {
            None: spread * values,
            "sum": (spread * values).sum(),
            "mean": (spread * values).mean(),
            "mean_with_sample_weight": (spread * values).sum() / (spread * own).sum(),
        }
        for reduction, value in expected.items():
            loss = case.make(reduction=reduction)
            result = array(loss(y_true, y_pred, sample_weight=weight))
            assert_close(result, value, message=f"{reduction} {weight.shape}")


@each_loss
def test_masked_positions_are_absent(case, rng):
    y_true, y_pred = case.draw(rng, N)
    mask = np.array([True, False, True, True])
    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        loss = case.make(reduction=reduction)
        expected = array(loss(y_true[mask], y_pred[mask]))
        assert_close(array(loss(y_true, masked(y_pred, mask))), expected, message=reduction)
    nothing = array(case.make()(y_true, masked(y_pred, np.zeros(N))))
    assert_close(nothing, 0.0)


@each_case
@pytest.mark.parametrize("by", ["weight", "mask"])
def test_excluded_positions_may_hold_anything(case, by, rng):
    if case.scope == "anchor" and by == "weight":
        pytest.skip("a row of weight 0 still serves the other anchors: its values must be finite")
    y_true, y_pred = case.draw(rng, N)
    clean = y_true, y_pred.copy()
    y_pred[1] = np.nan
    y_true = y_true.copy()
    y_true[1] = np.inf if y_true.dtype.kind == "f" else 99
    keep = np.array([1, 0, 1, 1], "float32")
    loss = case.make(reduction="sum")

    def total(p):
        return loss(y_true, p, sample_weight=keep) if by == "weight" else loss(y_true, carry(p))

    def carry(p):
        p = ops.copy(p) if BACKEND != "tensorflow" else ops.convert_to_tensor(p) + 0
        p._keras_mask = tensor(keep.astype(bool))
        return p

    if by == "mask" and BACKEND == "jax":
        value = array(loss(y_true, masked(y_pred, keep)))
        gradient = None  # a tracer carries no mask: jax.grad is tested through weights
    else:
        value, gradient = value_and_gradient(total, y_pred)
    if by == "weight":
        expected = array(loss(clean[0], clean[1], sample_weight=keep))
    else:
        expected = array(loss(clean[0][keep > 0], clean[1][keep > 0]))
    assert_close(value, expected)
    if gradient is not None:
        assert np.all(np.isfinite(gradient))
        assert not np.any(gradient[1])


@each_loss
def test_batch_order_does_not_matter(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    order = np.array([2, 0, 3, 1])
    assert_close(array(loss(y_true[order], y_pred[order])), values[order] if values.ndim else values)


@each_loss
def test_empty_batch(case, rng):
    y_true, y_pred = case.draw(rng, N)
    assert_close(array(case.make()(y_true[:0], y_pred[:0])), 0.0)


@each_loss
def test_one_sample(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if case.kind == "score" or case.scope != "sample" or getattr(loss, "relative", False):
        pytest.skip("a matter of the whole batch, by definition")
    assert_close(array(loss(y_true[:1], y_pred[:1])), values[:1])


# Shapes and labels ---------------------------------------------------------------------------------


@each_case
def test_shapes_that_only_broadcast_are_refused(case, rng):
    y_true, y_pred = case.draw(rng, N)
    wrong = [y_pred[:1], y_pred[None, None]]
    free = case.kind in ("series", "label-embedding", "sequence") or y_pred.shape[1:] == (1,)
    if not free and (case.kind != "class" or y_true.dtype.kind == "f"):
        wrong += [y_pred[:, :1], y_pred[:, :-1]]
    for other in wrong:
        with pytest.raises(ValueError, match=case.loss.__name__):
            case.make()(y_true, other)
    with pytest.raises(ValueError, match=case.loss.__name__):
        case.make()(y_true[..., None, None], y_pred)


@each_case
def test_one_column_is_aligned(case, rng):
    if case.kind not in ("element", "binary", "score") or not case.loss.elementwise:
        pytest.skip("a loss of whole rows")
    y_true, y_pred = (x[:, :1] for x in case.draw(rng, N))
    loss = case.make(reduction=None)
    expected = array(loss(y_true, y_pred))
    assert expected.shape == (N,)
    assert_close(array(loss(y_true[:, 0], y_pred)), expected)
    assert_close(array(loss(y_true, y_pred[:, 0])), expected)
    weight = np.array([1.0, 2.0, 0.0, 1.0])
    expected = array(loss(y_true, y_pred, sample_weight=weight))
    assert_close(array(loss(y_true[:, 0], y_pred[:, 0], sample_weight=weight)), expected)


@each_case
def test_integer_labels(case, rng):
    y_true, y_pred = case.draw(rng, N)
    if y_true.dtype.kind == "f":
        y_true = np.clip(np.round(np.abs(y_true)), 0, 1)
        if case.kind == "class":
            pytest.skip("soft labels")
    loss = case.make()
    expected = array(loss(y_true.astype("float32"), y_pred))
    dtypes = ["int8", "int32", "int64"] + (
        ["uint8", "bool"] if y_true.min() >= 0 and y_true.max() <= 1 else []
    )
    for dtype in dtypes:
        assert_close(array(loss(y_true.astype(dtype), y_pred)), expected, message=dtype)


@each_case
def test_class_ids_equal_one_hot_at_any_axis(case, rng):
    if case.kind != "class" or case.draw(rng, N)[0].dtype.kind == "f":
        pytest.skip("no class ids")
    variants = [{}, *case.variants]
    for variant in variants:
        loss = case.make(reduction=None, **variant)
        ids, y_pred = case.draw(rng, N)
        expected = array(loss(ids, y_pred))
        one_hot = (ids[..., None] == np.arange(y_pred.shape[-1])).astype("float32")
        assert_close(array(loss(ids[..., None], y_pred)), expected)
        assert_close(array(loss(one_hot, y_pred)), expected)
        assert_close(array(loss(one_hot.astype("int32"), y_pred)), expected)
        mean = case.make(**variant)
        assert_close(array(mean(one_hot, y_pred)), array(mean(ids, y_pred)))
        if "axis" not in own_arguments(case) or expected.ndim == 0:
            continue
        ids, y_pred, expected = (
            np.stack([x] * 3, axis=1) for x in (ids, y_pred, expected)
        )  # positions of two axes
        moved = case.make(reduction=None, axis=1, **variant)
        one_hot = (ids[..., None] == np.arange(y_pred.shape[-1])).astype("float32")
        y_pred, one_hot = (np.moveaxis(x, -1, 1) for x in (y_pred, one_hot))
        for labels in (ids, ids[:, None], ids[..., None], one_hot):
            assert_close(array(moved(labels, y_pred)), expected)
        weight = np.linspace(0, 2, expected.size, dtype="float32").reshape(expected.shape)
        y_pred = np.where(np.expand_dims(weight, 1) == 0, np.float32(np.nan), y_pred)
        assert_close(array(moved(ids, y_pred, sample_weight=weight)), weight * expected)


@each_case
def test_wrong_labels_give_nan(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if case.kind not in ("score", "binary", "class"):
        pytest.skip("every number is a target")
    if case.kind == "score":
        loss = case.make(reduction=None, label_format="binary")
        y_true = np.abs(y_true)
        values = array(loss(y_true, y_pred))
        wrong = [2.0, -1.0, np.nan, 255]
    elif case.kind == "binary":
        wrong = [255, -1, np.nan, 1.5]
    elif y_true.dtype.kind == "f":
        pytest.skip("soft labels")
    else:
        wrong = [-1, y_pred.shape[-1], -100, 255, np.nan, 0.5]
    for label in wrong:
        labels = y_true.astype("float32" if isinstance(label, float) or y_true.dtype.kind == "f" else "int64")
        labels.reshape(N, -1)[1, 0] = label
        values = values.copy()
        if values.ndim:
            values.reshape(N, -1)[1, 0] = np.nan
        else:
            values = np.float32(np.nan)
        assert_close(array(loss(labels, y_pred)), values, message=str(label))


@each_case
def test_wrong_probabilities_give_nan(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if case.kind not in ("binary", "class") or getattr(loss, "from_logits", True):
        pytest.skip("no probabilities")
    for wrong in (-0.25, 1.25) if case.kind == "binary" else (-0.25,):  # those of classes are normalised
        p = y_pred.copy()
        p.reshape(N, -1)[1, 0] = wrong
        expected = values.copy()
        if values.ndim:
            expected.reshape(N, -1)[1, 0] = np.nan
        else:
            expected = np.float32(np.nan)
        assert_close(array(loss(y_true, p)), expected, message=str(wrong))


@each_case
def test_ignored_labels_are_absent(case, rng):
    if "ignore_class" not in own_arguments(case) or case.draw(rng, N)[0].dtype.kind == "f":
        pytest.skip("no class can be ignored")
    y_true, y_pred = case.draw(rng, N)
    keep = np.array([0, 2, 3])
    expected = array(case.make()(y_true[keep], y_pred[keep]))
    for ignored, label in ((-100, -100), ([-1, 255], 255)):
        labels, scores = y_true.astype("int64"), y_pred.copy()
        labels[1], scores[1] = label, np.nan
        loss = case.make(ignore_class=ignored)
        value, gradient = value_and_gradient(lambda p, y=labels, f=loss: f(y, p), scores)
        assert_close(value, expected)
        assert np.all(np.isfinite(gradient)) and not np.any(gradient[1])
    labels[:] = label
    value, gradient = value_and_gradient(lambda p: loss(labels, p), scores)
    assert value == 0 and not np.any(gradient)


# Configuration -------------------------------------------------------------------------------------


@rows(lambda case: [{}] if BACKEND == "jax" else [{}, *case.variants])
def test_configuration_round_trip(case, item, rng):
    y_true, y_pred = case.draw(rng, N)
    loss = case.make(**item, name="other", dtype="float32", reduction="sum")
    config = loss.get_config()
    assert set(config) == own_arguments(case) | COMMON
    for name in own_arguments(case):
        if name in item:
            assert getattr(loss, name) == item[name] and type(getattr(loss, name)) is type(item[name])
    text = json.dumps(keras.saving.serialize_keras_object(loss))
    for copy in (
        case.loss.from_config(config),
        keras.saving.deserialize_keras_object(json.loads(text)),
        keras.losses.get(keras.losses.serialize(loss)),
    ):
        assert type(copy) is case.loss
        assert json.dumps(copy.get_config(), sort_keys=True) == json.dumps(config, sort_keys=True)
    assert_close(array(copy(y_true, y_pred)), array(loss(y_true, y_pred)))
    assert keras.saving.get_registered_name(getattr(kerasloss, str(case))) == f"kerasloss>{case}"
    assert repr(loss).startswith(case.loss.__name__)


@rows(lambda case: case.bad)
def test_bad_arguments_are_refused(case, item):
    name = next(iter(item))
    with pytest.raises(ValueError, match=rf"(?s){case.loss.__name__}.*{name}.*Received"):
        case.make(**item)


@each_loss
def test_bad_reduction_and_dtype_are_refused(case):
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*reduction"):
        case.make(reduction="avg")
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*dtype"):
        case.make(dtype="int32")


# Dtypes and compilation ----------------------------------------------------------------------------


@each_loss
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtypes(case, dtype, rng):
    if BACKEND == "jax" and dtype == "float64":
        pytest.skip("JAX has no float64 by default, and Keras's operations on it don't promote to it")
    # What arrives is rounded once, to the dtype; the arithmetic adds nothing to that.
    y_true, y_pred = case.draw(rng, N)
    y_pred = tensor(y_pred, dtype)
    if y_true.dtype.kind == "f":
        y_true = tensor(y_true, dtype)
    expected = precise.floats(reference(case, {}, array(tensor(y_true)), array(y_pred)))
    values = case.make(dtype=dtype, reduction=None)(y_true, y_pred)
    assert keras.backend.standardize_dtype(values.dtype) == dtype
    assert_close(array(values), expected, dtype)


DEVICE = "Keras's binary_crossentropy asks PyTorch for a device, which can't be traced"
ARRAY = "Keras can't make a tensor of a NumPy array while it is traced"
IN_PIECES = {
    "CTC": "how many labels PyTorch's own loss gets depends on the data",
    **dict.fromkeys(("Coral", "Corn", "MinimaxGAN", "NonSaturatingGAN"), DEVICE),
    **dict.fromkeys(("LinearCrossentropy", "SlicedWasserstein"), ARRAY),
}
"""Why some losses are compiled in several pieces on PyTorch."""


@pytest.mark.slow
@pytest.mark.skipif(BACKEND == "jax", reason="there every gradient of these laws is compiled")
@each_loss
def test_compiled_equals_eager(case, rng):
    y_true, y_pred = case.draw(rng, N)
    loss = case.make()
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    compiled_value, compiled_gradient = compiled(
        lambda y, p: loss(y, p), y_true, y_pred, whole=str(case) not in IN_PIECES
    )
    assert_close(compiled_value, value)
    assert_close(compiled_gradient, gradient, gradient=True)


# Completeness --------------------------------------------------------------------------------------


def test_every_loss_has_a_case():
    public = {getattr(kerasloss, name) for name in kerasloss.__all__}
    losses = {x for x in public if inspect.isclass(x) and issubclass(x, kerasloss.Loss)}
    combine = {"DeepSupervision", "FromFunction", "Masked", "MultiScale", "Symmetric", "WeightedSum"}
    special = {kerasloss.Loss, *(getattr(kerasloss, name) for name in combine)}  # have tests of their own
    assert {loss.__name__ for loss in losses - special} == {str(case) for case in CASES}
