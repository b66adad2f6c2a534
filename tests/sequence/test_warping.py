"""Warped series: padding, lengths, windows, softness, and what they cost in steps."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, compiled, masked, value_and_gradient
from tests.cases.sequence.warping import OTHER, STEPS

LOSSES = [
    K.SoftDTW(reduction=None),
    K.SoftDTW(0.5, divergence=True, window=1, reduction=None),
    K.DILATE(gamma=0.5, reduction=None),
]


@pytest.fixture
def pair(rng):
    return tuple(rng.normal(size=(2, 3, 5, 2)).astype("float32"))


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_padding(loss, pair):
    """NaN behind `y_true`, and masked frames of `y_pred`, which may be anything."""
    x, y = (z.copy() for z in pair)
    rows, columns = np.array([5, 2, 4]), np.array([3, 5, 1])
    expected = [
        array(loss(x[i : i + 1, :n], y[i : i + 1, :k]))[0]
        for i, (n, k) in enumerate(zip(rows, columns, strict=True))
    ]
    mask = np.arange(5) < columns[:, None]
    x[np.arange(5) >= rows[:, None]] = np.nan
    y[~mask] = np.inf
    assert_close(array(loss(x, masked(y, mask))), expected)
    holes = np.array([[True, False, True, True, False]] * 3)
    assert_close(array(loss(pair[0], masked(pair[1], holes))), array(loss(pair[0], pair[1][:, holes[0]])))
    _, gradient = value_and_gradient(lambda p: keras.ops.sum(loss(x, p)), pair[1])
    assert np.all(np.isfinite(gradient)) and np.all(np.any(gradient != 0, axis=-1))


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_series_without_a_frame_does_not_count(loss, pair):
    mean = type(loss).from_config({**loss.get_config(), "reduction": "mean"})
    x, y = (z.copy() for z in pair)
    x[1] = np.nan
    expected = array(mean(x[[0, 2]], y[[0, 2]]))
    value, gradient = value_and_gradient(lambda p: mean(x, p), y)
    assert_close(value, expected)
    assert not np.any(gradient[1]) and np.all(np.isfinite(gradient))
    mask = np.ones((3, 5), bool)
    mask[1] = False
    assert_close(array(mean(pair[0], masked(y, mask))), expected)
    x[0, 2, 1] = np.nan  # amid a series it is no padding
    assert np.isnan(array(loss(x, y))[0])


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_one_channel(loss, pair):
    x, y = (z[..., :1] for z in pair)
    expected = array(loss(x, y))
    for one, other in ((x[..., 0], y[..., 0]), (x, y[..., 0]), (x[..., 0], y)):
        assert_close(array(loss(one, other)), expected)


def test_it_is_plain_dynamic_time_warping_if_gamma_is_small(pair):
    expected = []
    for x, y in zip(*pair, strict=True):
        table = np.full((6, 6), np.inf)
        table[0, 0] = 0
        for i in range(5):
            for j in range(5):
                table[i + 1, j + 1] = np.sum((x[i] - y[j]) ** 2) + min(
                    table[i, j], table[i, j + 1], table[i + 1, j]
                )
        expected.append(table[5, 5])
    np.testing.assert_allclose(array(K.SoftDTW(1e-4, reduction=None)(*pair)), expected, rtol=1e-4)


def test_a_window_of_0_compares_frame_with_frame(pair):
    expected = np.sum((pair[0] - pair[1]) ** 2, axis=(1, 2))
    assert_close(array(K.SoftDTW(window=0, reduction=None)(*pair)), expected)
    wide = K.SoftDTW(window=4, reduction=None)
    assert_close(array(wide(*pair)), array(K.SoftDTW(reduction=None)(*pair)))
    longer = K.SoftDTW(window=0, reduction=None)  # which lets each frame wait for the other length
    free = K.SoftDTW(reduction=None)
    assert_close(array(longer(pair[0][:, :1], pair[1])), array(free(pair[0][:, :1], pair[1])))


def test_a_divergence_is_least_at_equality(pair):
    loss = K.SoftDTW(divergence=True, reduction=None)
    value, gradient = value_and_gradient(lambda p: keras.ops.sum(loss(pair[0], p)), pair[0])
    assert_close(value, 0)
    assert_close(gradient, 0 * gradient, gradient=True)
    assert np.all(array(loss(*pair)) > 0)
    assert_close(array(loss(*pair)), array(loss(*pair[::-1])))


@pytest.mark.parametrize("window", [0, 1, 2])
def test_a_divergence_in_a_window_is_not_negative(window, rng):
    """Of series of other lengths too, and that of padded ones is that of the short ones."""
    loss = K.SoftDTW(divergence=True, window=window, reduction=None)
    for n, m in ((1, 5), (4, 3), (2, 7), (8, 4)):
        for x, y in (
            (np.zeros((1, n, 1)), np.zeros((1, m, 1))),
            (rng.normal(size=s) for s in ((1, n), (1, m))),
        ):
            value = array(loss(x.astype("float32"), y.astype("float32")))
            assert value[0] > -1e-5
            assert_close(array(loss(y.astype("float32"), x.astype("float32"))), value)


def test_a_delay_costs_in_dilate_alone():
    time = np.arange(12)
    peak, late = (np.exp(-((time - t) ** 2))[None].astype("float32") for t in (4, 7))
    shape, delay = (lambda p, a=a: float(array(K.DILATE(alpha=a)(peak, p))) for a in (1.0, 0.0))
    assert abs(shape(late) - shape(peak)) < 0.05
    assert delay(late) > delay(peak) + 0.4


@pytest.mark.parametrize("loss", [K.SoftDTW(), K.DILATE(gamma=0.1)], ids=repr)
def test_long_series(loss, rng):
    """Against the recursion in float64, and the gradient against differences along a line."""
    x, y = np.cumsum(rng.normal(size=(2, 1, 60)), axis=2)

    def value(y):
        gamma, n = loss.gamma, 60
        distance, delay = (x[0][:, None] - y[0]) ** 2, (np.arange(n)[:, None] - np.arange(n)) ** 2
        total, mean = np.full((n + 1, n + 1), -np.inf), np.zeros((n + 1, n + 1))
        total[0, 0] = 0
        for i in range(n):
            for j in range(n):
                ways = [(i, j), (i, j + 1), (i + 1, j)]
                before = np.logaddexp.reduce([total[w] for w in ways])
                total[i + 1, j + 1] = before - distance[i, j] / gamma
                share = sum(np.exp(total[w] - before) * mean[w] for w in ways)
                mean[i + 1, j + 1] = delay[i, j] + share
        shape = -gamma * total[n, n]
        return shape if isinstance(loss, K.SoftDTW) else 0.5 * shape + 0.5 * mean[n, n] / n**2

    got, gradient = value_and_gradient(lambda p: loss(x.astype("float32"), p), y.astype("float32"))
    np.testing.assert_allclose(got, value(y), rtol=1e-5)
    direction = rng.normal(size=y.shape)
    slope = (value(y + 1e-6 * direction) - value(y - 1e-6 * direction)) / 2e-6
    # The formula of TensorFlow has the rounding of the whole sum in every probability.
    tolerance = 2e-2 if BACKEND == "tensorflow" else 2e-4
    np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=tolerance)


def test_wrong_shapes_are_refused(pair):
    wrong = [(pair[0][0], pair[1]), (pair[0][:2], pair[1]), (pair[0], pair[1][..., :1])]
    for y_true, y_pred in [*wrong, (pair[0], np.float32(1)), (np.float32(1), pair[1])]:
        with pytest.raises(ValueError, match="SoftDTW: .*series.*Received: y_true.shape"):
            K.SoftDTW()(y_true, y_pred)


def test_one_frame_each_is_a_squared_difference():
    x, y = STEPS[:, :1], OTHER[:, 1:2]
    for loss, expected in ((K.SoftDTW(), 4.0), (K.DILATE(), 2.0), (K.SoftDTW(divergence=True), 4.0)):
        value, gradient = compiled(lambda a, b, loss=loss: loss(a, b), x, y)
        assert_close(value, expected)
        assert_close(gradient, [[expected]], gradient=True)


def test_it_trains_a_forecast(rng):
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(32, 6)).astype("float32")
    y = np.cumsum(x, axis=1)[..., None]
    model = keras.Sequential([keras.layers.Dense(6), keras.layers.Reshape((6, 1))])
    model.compile(keras.optimizers.Adam(0.05), K.DILATE(gamma=0.1))
    values = model.fit(x, y, epochs=4, batch_size=16, verbose=0).history["loss"]
    assert values[-1] < values[0]
