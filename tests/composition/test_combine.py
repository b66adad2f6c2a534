"""Weighted sums, masked losses, both directions."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, assert_compiles, compiled, masked, tensor, value_and_gradient

Y = np.array([[1.0, 2.0], [3.0, 4.0]])
P = np.array([[1.5, 2.0], [2.0, 6.0]])
HOLES = np.array([[1.0, np.nan], [3.0, 4.0]])


def test_weighted_sum():
    loss = K.WeightedSum([K.MeanSquaredError(), K.MeanAbsoluteError()], [0.7, 0.3])
    assert_close(array(loss(Y, P)), 1.18125)
    assert_close(
        array(loss.call(*loss.prepare(tensor(Y, "float32"), tensor(P, "float32")))),
        [0.7 * 0.125 + 0.3 * 0.25, 0.7 * 2.5 + 0.3 * 1.5],
    )


def test_it_equals_the_arithmetic_on_its_parts():
    a, b = K.Huber(), K.MeanSquaredError(reduction="sum")
    weight = np.array([0.5, 2.0])
    y_masked = masked(P, [True, False])
    for call in (lambda f: f(Y, P), lambda f: f(Y, P, weight), lambda f: f(Y, y_masked, weight)):
        x, y = array(call(a)), array(call(b))
        for loss, expected in [
            (a + b, x + y),
            (a - b, x - y),
            (2 * a, 2 * x),
            (a * np.float32(0.5), x / 2),
            (np.float64(3) * a, 3 * x),
            (a / 4, x / 4),
            (-a, -x),
            (sum([a, b, a]), 2 * x + y),
            (2 * (a + b) - a, x + 2 * y),
        ]:
            assert isinstance(loss, K.WeightedSum)
            assert_close(array(call(loss)), expected)


def test_keras_losses_may_stand_on_either_side():
    theirs = keras.losses.MeanSquaredError()
    for loss in (K.MeanAbsoluteError() + theirs, theirs + K.MeanAbsoluteError()):
        assert_close(array(loss(Y, P)), 1.3125 + 0.875)
    assert_close(array((theirs - K.MeanAbsoluteError())(Y, P)), 1.3125 - 0.875)


def test_sums_flatten_but_written_ones_stay_nested():
    a, b, c = K.Huber(), K.MeanSquaredError(), K.LogCosh()
    assert [type(x) for x in ((a + b) + c).losses] == [K.Huber, K.MeanSquaredError, K.LogCosh]
    assert (2 * (a + b)).weights == [2.0, 2.0]
    assert len((K.WeightedSum([a, b]) + c).losses) == 2


@pytest.mark.parametrize("factor", [np.ones(2), "2", None, True, 1j])
def test_factors_are_real_numbers(factor):
    with pytest.raises(TypeError):
        K.Huber() * factor
    with pytest.raises(TypeError):
        factor + K.Huber()


def test_parts_are_reported_by_name():
    loss = K.WeightedSum({"near": K.Huber(), "far": K.Huber(delta=9.0)}, {"far": 2.0, "near": 1.0})
    values = {name: array(value) for name, value in loss.parts(Y, P).items()}
    assert list(values) == ["near", "far"]
    assert_close(array(loss(Y, P)), values["near"] + 2 * values["far"])
    assert list((K.Huber() + K.Huber() + K.Huber()).parts(Y, P)) == [
        "huber_loss",
        "huber_loss_1",
        "huber_loss_2",
    ]


def test_weight_zero_adds_nothing_even_if_nan():
    loss = K.WeightedSum([K.MeanSquaredError(), K.NegativeLogLikelihood(axis=-1)], [1.0, 0.0])
    y_pred = np.array([[0.5, -np.inf]])
    nan = 0 * K.MeanSquaredError() + K.MeanAbsoluteError()
    value, gradient = value_and_gradient(lambda p: nan(Y, p), np.full_like(P, 1e30))
    assert np.isfinite(value) and np.all(np.isfinite(gradient))
    assert np.isnan(array(loss(np.array([[0.0, np.nan]]), y_pred)))  # the other part is NaN itself


def test_reduction_acts_on_unreduced_parts():
    a, b = K.MeanSquaredError(reduction=None), K.MeanAbsoluteError()
    values = np.array([0.125, 2.5]) + 0.875
    assert_close(array((a + b)(Y, P)), values)
    for reduction, expected in [("sum", values.sum()), ("mean", values.mean()), (None, values)]:
        assert_close(array(K.WeightedSum([a, b], reduction=reduction)(Y, P)), expected)
    entries = K.Masked(K.MeanSquaredError(reduction=None))
    with pytest.raises(ValueError, match="mean_squared_error.*masked"):
        (a + entries)(Y, P)


@pytest.mark.parametrize(
    ("losses", "weights"),
    [
        ([], None),
        ("mse", None),
        ([K.Huber()], [1.0, 2.0]),
        ([K.Huber()], [float("inf")]),
        ([K.Huber()], 0.5),
        ({"a": K.Huber()}, {"a": "1"}),
        ([K.Huber()], {"a": 1.0}),
        ({"a": K.Huber()}, [1.0]),
        ({"a": K.Huber()}, {"b": 1.0}),
    ],
)
def test_bad_sums_are_refused(losses, weights):
    with pytest.raises(ValueError, match="WeightedSum"):
        K.WeightedSum(losses, weights)


def test_weights_may_be_an_array():
    loss = K.WeightedSum([K.MeanSquaredError(), K.MeanAbsoluteError()], np.array([0.7, 0.3]))
    assert_close(array(loss(Y, P)), 0.7 * 1.3125 + 0.3 * 0.875)
    assert K.WeightedSum.from_config(loss.get_config()).get_config() == loss.get_config()


def test_parts_must_be_losses():
    with pytest.raises(ValueError, match=r"WeightedSum.*losses\[0\].*must name a loss"):
        K.WeightedSum([3])
    with pytest.raises(ValueError, match="Masked.*must be a loss of kerasloss"):
        K.Masked(keras.losses.MeanSquaredError())
    with pytest.raises(ValueError, match="Masked.*must be a loss of kerasloss"):
        K.Masked(K.Huber() + keras.losses.MeanSquaredError())
    for wrapper in (K.Masked, K.MultiScale, K.DeepSupervision):
        with pytest.raises(
            ValueError, match=f"{wrapper.__name__}.*must be a loss of kerasloss, and so must all"
        ):
            wrapper(K.WeightedSum([K.WeightedSum([keras.losses.MeanSquaredError()])]))
    with pytest.raises(ValueError, match="missing_value"):
        K.Masked(K.Huber(), missing_value="NA")


@pytest.mark.parametrize(
    "loss",
    [
        0.7 * K.MeanSquaredError() + 0.3 * K.Huber(delta=2.0, dtype="float16"),
        K.WeightedSum({"a": K.Huber(), "b": keras.losses.LogCosh()}, {"a": 1.0, "b": 2.0}, name="two"),
        K.Masked(K.Huber() - 2 * K.LogCosh(), missing_value=-1.0),
        K.Masked(K.MeanSquaredError(reduction="mean_with_sample_weight")),
    ],
)
def test_the_whole_tree_is_saved(loss):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert copy.get_config() == loss.get_config() and repr(copy) == repr(loss)
    assert_close(array(copy(Y, P)), array(loss(Y, P)))


def test_masked():
    loss = K.Masked(K.MeanSquaredError())
    assert_close(array(loss(HOLES, P)), 1.75)
    assert_close(array(loss(Y, P)), 1.3125)
    assert_close(array(K.Masked(K.MeanSquaredError(reduction=None))(HOLES, P)), [[0.25, 0], [1, 4]])
    assert_close(array(K.Masked(K.MeanSquaredError(reduction="sum"))(HOLES, P)), 5.25)
    assert_close(array(loss.call(HOLES, P)), [[0.25, 0], [1, 4]])
    value, gradient = value_and_gradient(lambda p: loss(HOLES, p), np.where(np.isnan(HOLES), np.nan, P))
    assert_close(value, 1.75)
    assert_close(gradient, [[1 / 3, 0], [-2 / 3, 4 / 3]])
    value, gradient = value_and_gradient(lambda p: loss(np.full_like(Y, np.nan), p), P)
    assert value == 0 and not np.any(gradient)
    assert_close(array(loss(HOLES[:, 1], P[:, 1:])), 4.0)


def test_masked_steps_of_several_quantiles():
    y_true, y_pred = np.array([[1.0, np.nan, 3.0], [0.0, 1.0, 6.0]]), np.zeros((2, 3, 2))
    loss = K.Quantile([0.25, 0.5])
    values = np.array([[0.375, 0.0, 1.125], [0.0, 0.375, 2.25]])  # 0.375 * y_true, 0 where it is missing
    assert_close(K.Masked(loss)(y_true, y_pred), values.sum() / 5)
    assert_close(K.Masked(loss).call(tensor(y_true), tensor(y_pred)), values)
    assert_close(K.Masked(loss + loss)(y_true, y_pred), 2 * values.sum() / 5)
    weight = np.array([[1.0, 1, 0], [2, 1, 1]])
    assert_close(K.Masked(loss)(y_true, y_pred, weight), (weight * values).sum() / 5)
    own = np.array([[1.0, np.nan], [3.0, 4.0]])  # a target for each level: a row counts as a whole
    assert_close(K.Masked(loss)(own, np.zeros((2, 2))), (0.25 * 3 + 0.5 * 4) / 2)


def test_masked_with_weights_and_masks():
    weight = np.array([2.0, 1.0])
    by_weight = K.Masked(K.MeanSquaredError(reduction="mean_with_sample_weight"))
    assert_close(array(by_weight(HOLES, P, sample_weight=weight)), (2 * 0.25 + 1 + 4) / 4)
    mean = K.Masked(K.MeanSquaredError())
    assert_close(array(mean(HOLES, P, sample_weight=weight)), (2 * 0.25 + 1 + 4) / 3)
    assert_close(array(mean(HOLES, masked(P, [True, False]))), 0.25)
    entries = np.array([[1.0, 1.0], [0.0, 2.0]])
    assert_close(array(mean(HOLES, P, sample_weight=entries)), (0.25 + 8) / 3)


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_missing_value(dtype):
    y_true = np.array([[1, -9999], [3, 4]], dtype)
    assert_close(array(K.Masked(K.MeanSquaredError(), missing_value=-9999)(y_true, P)), 1.75)


def test_masked_sum_of_losses():
    loss = K.Masked(0.7 * K.MeanSquaredError() + 0.3 * K.MeanAbsoluteError())
    assert_close(array(loss(HOLES, P)), 0.7 * 1.75 + 0.3 * 3.5 / 3)


def test_masked_binary_at_another_axis():
    y_true, logits = np.array([[[1.0, 0.0], [np.nan, 1.0]]]), np.array([[[0.5, 1.0], [3.0, -1.0]]])
    for axis in (-1, 1):
        loss = K.Masked(K.BinaryCrossentropy(from_logits=True, axis=axis))
        expected = np.log1p(np.exp([-0.5, 1.0, 1.0])).mean()
        assert_close(array(loss(y_true, logits)), expected)


def weighed_labels(axis):
    """Losses with a number for each of two labels: what a positive and a negative label costs."""
    w, a = np.array([3.0, 0.5]), np.array([0.2, 0.7])
    options = {"axis": axis, "reduction": None}
    yield K.BinaryCrossentropy(True, pos_weight=w.tolist(), **options), w, [1, 1], 0
    yield K.MultiLabelSoftMargin(class_weight=w.tolist(), **options), w, w, 0
    yield K.BinaryFocalCrossentropy(True, a.tolist(), from_logits=True, **options), a, 1 - a, 2


@pytest.mark.parametrize("axis", [-1, 2, 1, -2])
def test_masked_entries_where_labels_have_weights(axis, rng):
    y_true, x = rng.integers(0, 2, size=(2, 2, 2)).astype("float32"), rng.normal(size=(2, 2, 2))
    y_true[0, 1, 0] = y_true[1, 1, 1] = np.nan
    present = ~np.isnan(y_true)
    label = np.indices(y_true.shape)[axis]
    for loss, positive, negative, gamma in weighed_labels(axis):
        right = 1 / (1 + np.exp(np.where(y_true == 1, -x, x)))
        costs = -np.where(y_true == 1, np.take(positive, label), np.take(negative, label)) * np.log(right)
        values = np.where(present, costs * (1 - right) ** gamma, 0)
        assert_close(array(K.Masked(loss)(y_true, x)), values)
        mean = type(loss).from_config({**loss.get_config(), "reduction": "sum_over_batch_size"})
        assert_close(array(K.Masked(mean)(y_true, x)), values.sum() / 6)
        assert_close(array(K.Masked(K.WeightedSum({"a": mean, "b": 2 * mean}))(y_true, x)), values.sum() / 2)
        weight = np.array([1.0, 3.0])
        assert_close(array(K.Masked(mean)(y_true, x, weight)), (weight[:, None, None] * values).sum() / 6)
        with pytest.raises(ValueError, match=r"(pos_weight|class_weight|alpha).*3 classes on axis"):
            loss(np.zeros((3, 3, 3)), np.zeros((3, 3, 3)))


def test_masked_entries_of_a_mean_over_the_batch():
    y_true, y_pred = (
        np.array([[1, 3], [np.nan, 1], [3, 2], [4, np.nan]]),
        np.array([[2, 2], [3, 1], [4, 4], [7, 7]]),
    )
    columns = [([1, 3, 4], [2, 4, 7]), ([3, 1, 2], [2, 1, 4])]
    rmse = [np.sqrt(np.mean(np.subtract(y, p) ** 2.0)) for y, p in columns]
    by_column = {"axis": 0, "reduction": None}
    assert_close(array(K.Masked(K.RootMeanSquaredError(**by_column))(y_true, y_pred)), rmse)
    correlations = [1 - np.corrcoef(y, p)[0, 1] for y, p in columns]
    assert_close(array(K.Masked(K.PearsonCorrelation(**by_column))(y_true, y_pred)), correlations)
    of_all = np.sqrt((3 * rmse[0] ** 2 + 3 * rmse[1] ** 2) / 6)
    assert_close(array(K.Masked(K.RootMeanSquaredError(axis=None))(y_true, y_pred)), of_all)
    labels, p = np.array([[1, 0], [np.nan, 1], [1, np.nan]]), np.array([[0.2, 0.2], [0.3, 0.1], [0.4, 0.7]])
    binary = K.BinaryCrossentropy(pos_weight=[1.0, 2.0, 3.0], **by_column)
    expected = [-(np.log(0.2) + 3 * np.log(0.4)) / 2, -(np.log(0.8) + 2 * np.log(0.1)) / 2]
    assert_close(array(K.Masked(binary)(labels, p)), expected)


def test_masked_wrappers_leave_out_what_the_wrapped_loss_would():
    p, q = np.full((1, 2, 2), 0.5), np.array([[[0.1, 0.3], [0.9, 0.7]]])
    p[0, 0, 1] = np.nan
    both = 0.5 * (
        0.5 * np.log(0.5 / 0.1) + 0.5 * np.log(0.5 / 0.9) + 0.1 * np.log(0.1 / 0.5) + 0.9 * np.log(0.9 / 0.5)
    )
    assert_close(array(K.Masked(K.Symmetric(K.KLDivergence(axis=1, reduction=None)))(p, q)), [[both, 0.0]])
    assert_close(array(K.Masked(K.Symmetric(K.MeanSquaredError()))(HOLES, P)), 1.75)
    images = np.ones((2, 4, 1))
    images[0, 1] = np.nan
    for wrapper in (lambda loss: K.MultiScale(loss, scales=(0,)), K.DeepSupervision, K.Symmetric):
        loss = K.Masked(wrapper(K.RelativeLp(reduction=None)))
        directions = [0.5, 0.5 / 1.5] if wrapper is K.Symmetric else [0.5]
        assert_close(array(loss(images, 1.5 * np.ones((2, 4, 1)))), [0, np.mean(directions)])


def test_masked_rows():
    cosine = K.Masked(K.CosineSimilarity(reduction=None))
    assert_close(array(cosine(HOLES, P)), [0.0, -(3 * 2 + 4 * 6) / (5 * np.sqrt(40))])
    ids = np.array([0.0, np.nan, 1.0])
    logits = np.array([[2.0, 0.0], [9.0, 9.0], [0.0, 0.0]])
    for labels, missing in ((ids, None), (ids[:, None], None), (np.array([0, -1, 1]), -1)):
        loss = K.Masked(K.SparseCategoricalCrossentropy(from_logits=True), missing_value=missing)
        assert_close(array(loss(labels, logits)), (np.log1p(np.exp(-2)) + np.log(2)) / 2)
    depth = K.Masked(K.ScaleInvariantLogarithmic(reduction=None))
    maps = np.ones((2, 3, 2))
    maps[0, 0, 0] = np.nan
    assert_close(array(depth(maps, 2 * np.ones((2, 3, 2)))), [0.0, np.sqrt(0.5) * np.log(2)])


def test_compiled():
    y_true, y_pred = HOLES.astype("float32"), P.astype("float32")
    assert_compiles(0.5 * K.Masked(K.MeanSquaredError()) + K.Masked(K.Huber()), y_true, y_pred)


# Several directions and scales ---------------------------------------------------------------------


def test_symmetric_is_the_mean_of_both_directions():
    loss = K.Symmetric(K.MeanSquaredLogarithmicError() + K.MeanAbsolutePercentageError())
    for weight in (None, np.array([0.5, 2.0])):
        expected = (array(loss.loss(Y, P, weight)) + array(loss.loss(P, Y, weight))) / 2
        assert_close(array(loss(Y, P, weight)), expected)
        assert_close(array(loss(P, Y, weight)), expected)
    y_masked = masked(P, [True, False])
    assert_close(array(loss(Y, y_masked)), array(loss(Y[:1], P[:1])))
    assert_close(array(loss.call(*loss.prepare(tensor(Y, "float32"), tensor(P, "float32")))).shape, (2,))


def test_symmetric_reaches_the_prediction_through_both_terms():
    q = np.array([[0.5, 0.5]], "float32")
    _, gradient = value_and_gradient(lambda p: K.Symmetric(K.Quantile(0.9))(np.zeros((1, 2)), p), q)
    assert_close(gradient, [[0.25, 0.25]])  # half of (0.1 + 0.9) / 2


def test_symmetric_divergence():
    loss = K.Symmetric(K.KLDivergence(epsilon=0.0))
    assert_close(array(loss(np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]]))), 0.137326536084)
    for option in ({"from_logits": True}, {"log_target": True}):
        with pytest.raises(ValueError, match=rf"Symmetric.*`loss`.*{next(iter(option))}"):
            K.Symmetric(K.KLDivergence(**option))
        with pytest.raises(ValueError, match=rf"Symmetric.*`loss`.*{next(iter(option))}"):
            K.Symmetric(0.5 * K.Huber() + K.Masked(K.KLDivergence(**option)))
    with pytest.raises(ValueError, match=r"Symmetric.*link='identity'.*Poisson\(link='log'\)"):
        K.Symmetric(K.Poisson(link="log"))
    with pytest.raises(ValueError, match=r"Symmetric.*same shape"):
        loss(np.ones((2, 3)), np.ones((2, 4)))


@pytest.mark.parametrize(
    "loss",
    [
        lambda: K.Masked(K.MeanAbsoluteError(), missing_value=-1.0),
        lambda: K.Masked(K.MeanAbsoluteError()),
        lambda: K.Dice(ignore_class=255, multilabel=True),
        lambda: 2 * K.BinaryCrossentropy(ignore_class=0) + K.Huber(),
    ],
)
def test_symmetric_refuses_labels_that_are_left_out(loss):
    with pytest.raises(ValueError, match=r"Symmetric: .*Masked\(Symmetric\(loss\), missing_value\)"):
        K.Symmetric(loss())
    mended = K.Masked(K.Symmetric(K.MeanAbsolutePercentageError()), missing_value=-1.0)
    assert_close(array(mended(np.array([[2.0], [-1.0]]), np.array([[1.0], [3.0]]))), 75.0)


def test_masked_takes_one_tensor():
    outputs = [tensor(np.zeros((1, 4, 1)), "float32"), tensor(np.zeros((1, 2, 1)), "float32")]
    with pytest.raises(ValueError, match="Masked: `y_pred` must be a tensor or an array of numbers"):
        value_and_gradient(lambda p: K.Masked(K.DeepSupervision("mse"))(LINE, [p, outputs[1]]), LINE[:, :, :])


LINE = np.arange(4.0).reshape(1, 4, 1)


@pytest.mark.parametrize(
    "loss",
    [
        lambda: K.Symmetric(K.Huber(2.0), reduction="sum", name="s"),
        lambda: K.DeepSupervision(K.Huber(2.0), weights=(1.0, 0.5)),
        lambda: K.MultiScale(K.Huber(2.0), scales=(0, 3), kernel="cauchy", dtype="float16"),
        lambda: K.Matryoshka(K.Huber(2.0), (1,), weights=(0.5,), normalize=False, truncate_target=True),
    ],
)
def test_wrappers_round_trip(loss):
    loss = loss()
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(copy) is type(loss) and copy.get_config() == loss.get_config()
    assert_close(array(copy(LINE, LINE + 1)), array(loss(LINE, LINE + 1)))


def _hidden(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_pred - y_true), axis=-1)


class _Hidden(K.Loss):
    def call(self, y_true, y_pred):
        return _hidden(y_true, y_pred)


@pytest.mark.parametrize("loss", [K.FromFunction(_hidden), _Hidden()], ids=["function", "class"])
def test_a_private_name_is_a_scope_too(loss):
    assert loss.name == "hidden"
    value, _ = compiled(lambda y, p: loss(y, p), Y, P)
    assert_close(value, array(K.MeanAbsoluteError()(Y, P)))


@pytest.mark.parametrize(
    "loss",
    [
        K.OnlineHardExample(K.SparseCategoricalCrossentropy()),
        K.Masked(K.SparseCategoricalCrossentropy()),
        K.Huber() + K.SparseCategoricalCrossentropy(),
        K.Masked(K.OnlineHardExample(K.SparseCategoricalCrossentropy())),
    ],
    ids=repr,
)
def test_a_mistake_names_the_outer_loss_and_the_inner(loss):
    names = rf"^{type(loss).__name__}: (SparseCategoricalCrossentropy|Huber): `y_true`.*Received: "
    with pytest.raises(ValueError, match=names):
        loss(np.zeros((4, 2)), np.ones((4, 3)))
