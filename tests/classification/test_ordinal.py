"""Ordered classes: identities, wide and narrow classes, wrong labels, and other libraries."""

import keras
import mpmath
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.classification.ordinal import LINKS, THREE, thresholds


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_probabilities_of_narrow_wide_and_far_classes(link):
    """Against the distribution function with 200 digits: log P to 1e-6, and its slopes."""
    centers = np.array([-30.0, -6.0, -1.0, 0.0, 0.4, 3.0])
    widths = np.array([1e-4, 1e-2, 0.2, 0.45, 0.55, 1.0, 8.0, 60.0])
    middle, width = (x.ravel() for x in np.meshgrid(centers, widths))
    eta = np.stack([middle - width / 2, middle + width / 2], axis=1).astype("float32")
    loss = K.CumulativeLink(link, reduction=None)
    with mpmath.workdps(200):
        function = LINKS[link]
        exact = [(mpmath.mpf(float(a)), mpmath.mpf(float(b))) for a, b in eta]
        expected = [float(-mpmath.log(function(b) - function(a))) for a, b in exact]
    assert_close(array(loss(np.ones(len(eta), int), eta)), expected)
    _, gradient = value_and_gradient(
        lambda p: K.CumulativeLink(link, reduction="sum")(np.ones(len(eta), int), p), eta
    )
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_thresholds_out_of_order_are_finite(link):
    eta = np.array([[1.0, 1.0], [2.0, -1.0]], "float32")
    value, gradient = value_and_gradient(lambda p: K.CumulativeLink(link)(np.array([1, 1]), p), eta)
    assert np.isfinite(value) and value > 10 and np.all(np.isfinite(gradient))


def test_probabilities_of_all_classes_sum_to_one(rng):
    _, eta = thresholds(rng, 1)
    for link in ("logit", "probit", "cloglog"):
        loss = K.CumulativeLink(link, reduction=None)
        assert_close(np.exp(-array(loss(np.arange(4), np.repeat(eta, 4, axis=0)))).sum(), 1.0)


def test_scores_come_in_every_shape():
    loss = K.CumulativeLink(cutpoints=[-1.0, 0.5], reduction=None)
    y, score = np.array([0, 1, 2]), np.array([0.3, -0.4, 2.0])
    expected = array(loss(y, score))
    for labels in (y, y[:, None]):
        for s in (score, score[:, None]):
            assert_close(array(loss(labels, s)), expected)
    assert_close(array(loss(y[None], score[None])), expected[None])
    assert_close(array(loss(y[None, :, None], score[None, :, None])), expected[None])
    eta = np.array([-1.0, 0.5]) - score[:, None]
    assert_close(array(K.CumulativeLink(reduction=None)(y, eta)), expected)


def test_two_classes_are_a_yes_no_question(rng):
    y, logits = np.array([0, 1, 1, 0]), rng.normal(size=(4, 1)).astype("float32")
    expected = array(K.BinaryCrossentropy(from_logits=True)(y[:, None], logits))
    assert_close(array(K.Coral()(y, logits)), expected)
    assert_close(array(K.Coral()(y[:, None].astype("float32"), logits)), expected)
    assert_close(array(K.Corn()(y, logits)), expected)
    assert_close(array(K.CumulativeLink()(1 - y, logits)), expected)


def test_classes_out_of_range_are_nan(rng):
    for loss in (K.Coral(reduction=None), K.Corn(reduction=None), K.CumulativeLink(reduction=None)):
        y, x = thresholds(rng, 4)
        expected = array(loss(y, x))
        for wrong in (4, -1, -100, 255, np.nan):
            labels = y.astype("float32" if isinstance(wrong, float) else "int64")
            labels[2] = wrong
            nan = expected.copy()
            nan[2] = np.nan
            assert_close(array(loss(labels, x)), nan)
    levels = np.array([[1.0, 0.5], [1.2, 0.0]])
    assert np.isnan(array(K.Coral(reduction=None)(levels, np.zeros((2, 2))))).tolist() == [False, True]


def test_wrong_shapes_are_refused(rng):
    y, x = thresholds(rng, 4)
    for loss in (K.Coral(), K.Corn(), K.CumulativeLink()):
        for labels in (y[:3], y[None], np.zeros((4, 2))):
            with pytest.raises(ValueError, match=rf"{type(loss).__name__}: `y_true`.*Received"):
                loss(labels, x)
    with pytest.raises(ValueError, match=r"Coral: `importance_weights` must be 3 numbers"):
        K.Coral([1.0, 2.0])(y, x)


def test_probabilities_outside_their_range_are_nan():
    y = np.array([0, 1])
    for p in ([[1.2, -0.2], [0.5, 0.5]], [[0.5, 0.6], [1.5, 0.5]]):
        assert np.isnan(array(K.WeightedKappa()(y, np.array(p))))


def test_kappa_of_sklearn(rng):
    metrics = pytest.importorskip("sklearn.metrics")
    y, guess = rng.integers(0, 4, (2, 50))
    for weightage in ("quadratic", "linear"):
        ours = array(K.WeightedKappa(weightage, log=False)(y, np.eye(4)[guess]))
        assert_close(1 - ours, metrics.cohen_kappa_score(y, guess, weights=weightage))


def test_kappa_at_its_edges():
    y = np.array([0, 1, 2])
    value, gradient = value_and_gradient(lambda p: K.WeightedKappa()(y, p), np.eye(3, dtype="float32"))
    assert_close(value, np.log(1e-6), gradient=True)
    assert np.all(np.isfinite(gradient))
    assert_close(array(K.WeightedKappa(log=False)(0 * y, np.eye(3)[0 * y])), 0.0)
    spread = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]], "float32")
    value, gradient = value_and_gradient(lambda p: K.WeightedKappa(log=False)(0 * y, p), spread)
    assert_close(value, 1.0)
    assert_close(gradient, 0 * spread, gradient=True)


def test_kappa_of_a_single_position(rng):
    y_true, y_pred = np.eye(4)[1], rng.dirichlet(np.ones(4))
    loss = K.WeightedKappa()
    assert_close(array(loss(y_true, y_pred)), array(loss(y_true[None], y_pred[None])))
    with pytest.raises(ValueError, match="WeightedKappa: `sample_weight`"):
        loss(y_true, y_pred, sample_weight=np.ones(4))


def test_kappa_takes_weights_of_positions(rng):
    y, p = rng.integers(0, 3, (2, 4)), rng.dirichlet(np.ones(3), (2, 4))
    weight = np.array([[1, 2, 0, 1], [0, 1, 1, 1]])
    index = np.repeat(np.arange(8), weight.ravel())
    expected = array(K.WeightedKappa()(y.ravel()[index], p.reshape(8, 3)[index]))
    assert_close(array(K.WeightedKappa()(y, p, weight)), expected)


def test_earth_movers_distance_of_scipy(rng):
    stats = pytest.importorskip("scipy.stats")
    y, p = rng.dirichlet(np.ones(5), (2, 6))
    expected = [stats.wasserstein_distance(range(5), range(5), a, b) for a, b in zip(y, p, strict=True)]
    assert_close(array(K.EarthMoversDistance(1.0, reduction=None)(y, p)), expected)


def test_sharp_soft_labels_are_hard(rng):
    y, p = np.array([0, 2, 1]), rng.dirichlet(np.ones(3), 3)
    assert_close(array(K.SoftOrdinal(alpha=50.0)(y, p)), array(K.CategoricalCrossentropy()(y, p)))


def test_the_log_of_the_rest_keeps_its_digits():
    """Logits that leave 1e-20 to the other classes."""
    logits = np.array([[46.0, 0.0, -1.0]], "float32")
    p = [mpmath.exp(float(x)) for x in logits[0]]
    rest = [1 - x / sum(p) for x in p]
    expected = -(mpmath.log(rest[0]) + mpmath.log(rest[2]))
    assert_close(array(K.OrdinalLog(alpha=1.0, from_logits=True)(np.array([1]), logits)), float(expected))
    assert_close(array(K.OrdinalLog()(np.array([0]), THREE)), 0.987820217188)


@pytest.mark.parametrize(
    "loss", [K.Coral(), K.Corn(), K.CumulativeLink(), K.CumulativeLink(cutpoints=[-1.0, 0.5])]
)
def test_a_single_number_is_refused(loss):
    with pytest.raises(ValueError, match=f"{type(loss).__name__}: `axis` must name an axis of `y_pred`"):
        loss(np.float32(1), np.float32(1))


def test_an_ordinal_model_trains(rng):
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(64, 3)).astype("float32")
    y = np.digitize(x[:, 0], [-0.7, 0.0, 0.7])
    for loss in (K.Coral(), K.Corn(), K.CumulativeLink()):
        model = keras.Sequential([keras.layers.Dense(3)])
        model.compile(keras.optimizers.Adam(0.05), loss)
        values = model.fit(x, y, epochs=6, verbose=0).history["loss"]
        assert values[-1] < values[0]


def test_labels_of_one_threshold_are_ids(rng):
    y, logits = np.array([0, 1, -100, 1]), rng.normal(size=(4, 1)).astype("float32")
    loss = K.Coral(ignore_class=-100, reduction=None)
    expected = np.logaddexp(0, np.where(y == 1, -1, 1) * logits[:, 0]) * (y >= 0)
    for labels in (y, y[:, None], y[:, None].astype("float32")):
        assert_close(array(loss(labels, logits)), expected)


def test_scores_and_labels_of_other_shapes_are_refused():
    loss = K.CumulativeLink(cutpoints=[1.0, 2.0])
    message = r"CumulativeLink: `y_true` must hold .* each score .*y_true.shape=\(4,\), y_pred.shape=\(4, 3\)"
    with pytest.raises(ValueError, match=message):
        loss(np.arange(4), np.ones((4, 3)))


def test_a_class_beyond_float32_is_infinite():
    """The logarithm of its probability is -5e39."""
    eta = np.array([[1e20, 2e20], [0.0, 1.0]])
    values = array(K.CumulativeLink("probit", reduction=None)(np.ones(2, int), eta))
    assert values[0] == np.inf
    assert_close(values[1], 1.0748623268)  # -log(0.8413447461 - 0.5)
