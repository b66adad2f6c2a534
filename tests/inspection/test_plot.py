"""The numbers of curves, of scenes and of batches, and what is drawn of them."""

import sys

import keras
import numpy as np
import pytest

import kerasloss as K
from kerasloss.inspection.plot import curve, curves, picture, shares
from kerasloss.inspection.plotting import scenes
from tests.backend import assert_close

ERRORS = [-2.0, -0.5, 0.0, 0.5, 2.0]


@pytest.fixture
def pyplot():
    """Matplotlib without a window; what it draws is thrown away."""
    matplotlib = pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    matplotlib.use("Agg")
    import matplotlib.pyplot

    yield matplotlib.pyplot
    matplotlib.pyplot.close("all")


def right_of(ax):
    """The axis of the gradients."""
    (right,) = (other for other in ax.figure.axes if other is not ax)
    return right


def labels_of(ax):
    return [line.get_label() for line in ax.get_lines()]


@pytest.mark.parametrize(
    ("loss", "y_true", "values", "slopes"),
    [
        (K.MeanAbsoluteError(), 0, np.abs(ERRORS), np.sign(ERRORS)),
        (K.MeanSquaredError(scale=0.5), 0, np.square(ERRORS) / 2, ERRORS),
        (K.Huber(), 0, [1.5, 0.125, 0, 0.125, 1.5], [-1, -0.5, 0, 0.5, 1]),
        (K.SmoothL1(reduction="sum"), 0, [1.5, 0.125, 0, 0.125, 1.5], [-1, -0.5, 0, 0.5, 1]),
        (
            K.SoftMargin(),
            1,
            [2.1269280, 0.9740770, 0.6931472, 0.4740770, 0.1269280],
            -1 / (1 + np.exp(ERRORS)),
        ),
        (K.Hinge(), 1, [3, 1.5, 1, 0.5, 0], [-1, -1, -1, -1, 0]),
        (
            K.BinaryCrossentropy(from_logits=True),
            0,
            np.log1p(np.exp(ERRORS)),
            1 / (1 + np.exp(np.negative(ERRORS))),
        ),
        ("mse", 1, np.square(np.subtract(ERRORS, 1)), 2 * np.subtract(ERRORS, 1)),
    ],
    ids=str,
)
def test_curves(loss, y_true, values, slopes):
    ours = curve(loss, y_true, ERRORS)
    assert_close(ours[0], values)
    assert_close(ours[1], slopes, gradient=True)
    assert all(isinstance(x, np.ndarray) for x in ours)


def test_curve_leaves_the_loss_as_it_was():
    loss = K.Huber()
    curve(loss, 0, ERRORS)
    assert loss.reduction == "sum_over_batch_size"


def test_curves_of_other_losses_are_refused():
    with pytest.raises(ValueError, match=r"curve: .*Received: y_pred.shape=\(1, 2\)"):
        curve(K.Huber(), 0, [[1.0, 2.0]])
    for loss in (K.Dice(), K.SoftF1(), K.RootMeanSquaredError(axis=None)):
        with pytest.raises(ValueError, match="one value per sample"):
            curve(loss, 1, [0.1, 0.2])
    with pytest.raises(ValueError, match="SparseCategoricalCrossentropy"):
        curve(K.SparseCategoricalCrossentropy(), 1, [0.1, 0.2])


# Scenes --------------------------------------------------------------------------------------------


def only(loss, **options):
    """The one curve of a loss."""
    (found,) = curves(loss, **options)[1]
    return found


@pytest.mark.parametrize(
    ("loss", "x", "values", "gradients"),
    [
        (K.Huber(), [-3.0, 0.5, 2.0], [2.5, 0.125, 1.5], [-1, 0.5, 1]),
        (K.CategoricalCrossentropy(), [0.25, 0.5], -np.log([0.25, 0.5]), [-4, -2]),
        # Logits (x, 0, 0), of which class 0 is true.
        (K.SparseCategoricalCrossentropy(from_logits=True), [0.0, 1.0], np.log(1 + 2 * np.exp([0, -1.0])),
         [-2 / 3, -2 / (2 + np.e)]),
        # log_softmax: the logarithm of the probability x.
        (K.NegativeLogLikelihood(), [0.25], [np.log(4)], [-4]),
        # One half of 0 and 1 beside the target 0.3 and 0.7.
        (K.TotalVariationDistance(), [0.1, 0.5], [0.2, 0.2], [-1, 1]),
        # ln(1 + e) if the score is at a threshold 1 away; scale exp(0) = 1.
        (K.GaussianNLL(), [2.0], [2.0], [2.0]),
        (K.IntervalScore(alpha=0.5), [0.0, 3.0], [2, 2 + 4 * 2], [0, 4]),
        (K.MeanAbsoluteScaledError(seasonality=2), [3.0], [1.5], [0.5]),
        (K.TripletMargin(margin=1.5), [1.0, 2.0, 4.0], [1.5, 0.5, 0], [-1, -1, 0]),
        (K.CosineSimilarity(), [0.0, 90.0], [-1, 0], [0, np.pi / 180]),
        (K.BradleyTerry(), [0.0], [np.log(2)], [-0.5]),
        (K.LogitsDistillation(temperature=1.0), [1.0], [0], [0]),
        (K.AUCMargin(margin=1.0), [-1.0, 1.0], [9, 0], [-12, 0]),
        (K.CorrelationAlignment(), [1.0], [0], [0]),
        (K.Masked(K.MeanSquaredError()), [3.0], [9], [6]),
        (0.5 * K.MeanSquaredError() + K.MeanAbsoluteError(), [3.0], [7.5], [4]),
        (K.FromFunction(lambda y_true, y_pred: (y_pred - y_true)[:, 0] ** 3), [2.0], [8], [12]),
        (lambda y_true, y_pred: (y_pred - y_true)[:, 0] ** 3, [2.0], [8], [12]),
    ],
    ids=lambda value: type(value).__name__ if callable(value) else None,
)  # fmt: skip
def test_values_of_scenes(loss, x, values, gradients):
    found = only(loss, x=x)
    assert_close(found.x, x)
    assert_close(found.values, values)
    assert_close(found.gradients, gradients, gradient=True)


def test_labels_have_a_curve_each():
    axis, (there, absent) = curves(K.BinaryCrossentropy(), x=[0.25, 0.5])
    assert axis == "y_pred, a probability"
    assert (there.case, absent.case) == ("y_true = 1", "y_true = 0")
    assert_close(there.values, -np.log([0.25, 0.5]))
    assert_close(absent.values, -np.log([0.75, 0.5]))
    assert_close(absent.gradients, [4 / 3, 2], gradient=True)
    assert only(K.BinaryCrossentropy(), y_true=0).case == "y_true = 0"


def test_classes_have_a_curve_each_if_they_differ():
    found = curves(K.LogitAdjustedCrossentropy((8, 1, 1), from_logits=True), x=[0.0])[1]
    assert [c.case for c in found] == ["y_true = 0", "y_true = 1"]  # the third equals the second
    assert_close([c.values[0] for c in found], np.log([10 / 8, 10]))


def test_levels_have_a_curve_each():
    found = curves([K.Quantile([0.1, 0.5, 0.9])], x=[-1.0, 2.0])[1]
    assert [c.name for c in found] == ["quantile=0.1", "quantile=0.5", "quantile=0.9"]
    assert_close([c.values for c in found], [[0.1, 1.8], [0.5, 1.0], [0.9, 0.2]])
    assert_close([c.gradients for c in found], [[-0.1, 0.9], [-0.5, 0.5], [-0.9, 0.1]], gradient=True)
    assert len(curves(K.Expectile((0.2, 0.8)))[1]) == 2


def test_a_disc_shifted_by_half():
    """Dice of two discs, the predicted one with a soft border."""
    rows, columns = np.indices((16, 32)) + 0.5
    inside = np.hypot(rows - 8, columns - 8) < 5
    p = 1 / (1 + np.exp(2 * (np.hypot(rows - 8, columns - 13) - 5)))
    found = only(K.Dice(), x=[0.0, 0.5])
    assert_close(found.values[1], 1 - 2 * np.sum(inside * p) / (np.sum(inside) + np.sum(p)))
    # Of two discs the share 2/3 - sqrt(3) / (2 pi) is common at a shift by half the diameter.
    assert abs(found.values[1] - 1 + (2 / 3 - 3**0.5 / (2 * np.pi))) < 0.05
    channels_first = only(K.Dice(class_axis=1, class_weight=(0.0, 1.0)), x=[0.5])
    assert abs(channels_first.values[0] - found.values[1]) < 0.05


def test_a_loss_of_keras_has_the_scene_of_ours():
    axis, (theirs, ours) = curves([keras.losses.Hinge(), K.Hinge()], x=[-1.0, 2.0])
    assert axis == "y_pred, a score (logit)"
    assert_close(theirs.values, ours.values)


def test_the_number_of_classes_follows_from_the_arguments():
    found = curves(K.BalancedSoftmaxCrossentropy((1, 1, 1, 1), from_logits=True), x=[0.0])[1]
    assert_close(found[0].values, [np.log(4)])
    assert_close(only(K.WassersteinDistance(positions=(0, 1, 2, 3)), x=[0.3]).values, [0])


@pytest.mark.parametrize(
    ("loss", "low", "high"),
    [
        (K.Huber(), -4, 6),
        (K.BinaryCrossentropy(), 0.01, 0.99),
        (K.BinaryCrossentropy(from_logits=True), -4, 4),
        (K.Poisson(), 0.05, 5),
        (K.Poisson(link="log"), -4, 6),
        (K.TukeyBiweight(), -7, 9),
    ],
    ids=repr,
)
def test_the_range_fits_the_loss(loss, low, high):
    found = only(loss, y_true=1.0)
    assert_close(found.x[[0, -1]], [low, high])
    assert np.isfinite(found.values).all() and found.case == "y_true = 1"


def test_what_cannot_be_drawn(monkeypatch):
    monkeypatch.delitem(scenes.OF_KIND, "box")

    class Other(K.Loss):
        kind = "box"

        def call(self, y_true, y_pred):
            return y_pred[..., 0]

    with pytest.raises(ValueError, match=r"picture: .*'box' have no picture yet.*y_pred=.*Received: Other"):
        curves(Other())
    with pytest.raises(
        ValueError, match=r"plot: losses of one picture must have the same axis.*Received: Brier"
    ):
        curves([K.Huber(), K.Brier()])
    with pytest.raises(ValueError, match=r"curves: `x` must be a sequence of numbers"):
        curves(K.Huber(), x=[[1.0]])
    with pytest.raises(ValueError, match=r"refuses .* \(Symmetric: .*same shape.*\).*Received: Symmetric"):
        curves(K.Symmetric(K.SparseCategoricalCrossentropy()))


# Batches -------------------------------------------------------------------------------------------


def test_shares():
    found = shares("mse", np.zeros((4, 1)), np.array([[1.0], [0.0], [3.0], [2.0]], "float32"))
    assert_close(found.order, [2, 3, 0, 1])
    assert_close(found.values, [9, 4, 1, 0])
    assert_close(found.share, [9 / 14, 13 / 14, 1, 1])
    # Negative values: what is above the smallest one. All equal: even shares.
    assert_close(shares(K.CosineSimilarity(), np.eye(2), np.array([[1, 0], [0, -1.0]])).share, [1, 1])
    assert_close(shares("mse", np.zeros((2, 1)), np.zeros((2, 1))).share, [0.5, 1])
    # Several values of a sample: their mean.
    steps = shares(K.MeanAbsoluteError(), np.zeros((2, 2, 1)), np.array([[[1.0], [3]], [[4], [4]]]))
    assert_close(steps.values, [4, 2])


def test_shares_are_refused():
    y = np.ones((3, 4))
    with pytest.raises(ValueError, match=r"shares: Dice must have a value for each sample.*shape \(\)"):
        shares(K.Dice(), y, y)
    with pytest.raises(ValueError, match=r"shares: values must be finite.*samples \[1\]"):
        shares("mse", np.zeros((3, 1)), np.array([[0.0], [np.nan], [1.0]]))
    with pytest.raises(ValueError, match="plot: a batch of `y_true` needs the predictions `y_pred`"):
        K.plot(K.Huber(), y_true=y)


# Drawing -------------------------------------------------------------------------------------------


def test_lines(pyplot):
    ax = K.plot([K.Huber(), K.MeanSquaredError(scale=0.5)], y_pred=ERRORS)
    assert labels_of(ax) == ["Huber()", "MeanSquaredError(scale=0.5)"]
    value, slope = ax.get_lines()[0], right_of(ax).get_lines()[0]
    assert_close(value.get_ydata(), [1.5, 0.125, 0, 0.125, 1.5])
    assert_close(slope.get_xdata(), ERRORS)
    assert_close(slope.get_ydata(), [-1, -0.5, 0, 0.5, 1])
    assert slope.get_linestyle() == "--" and slope.get_color() == value.get_color()
    assert ax.get_lines()[1].get_color() != value.get_color()
    assert ax.get_xlabel() == "y_pred, where y_true = 0"
    assert (ax.get_ylabel(), right_of(ax).get_ylabel()) == ("loss", "gradient (dashed)")
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert shown == labels_of(ax)


def test_axes_of_the_caller(pyplot):
    ax = pyplot.figure().subplots()
    assert K.plot({"small": K.Huber(0.5), "large": "huber"}, y_true=2, gradient=False, ax=ax) is ax
    assert labels_of(ax) == ["small", "large"] and ax.figure.axes == [ax]
    assert K.plot(K.Hinge(), y_true=1, ax=ax) is ax and K.plot(K.SoftMargin(), ax=ax) is ax
    assert len(ax.get_lines()) == 4 and len(right_of(ax).get_lines()) == 2  # one axis at the right
    assert picture("huber", ax=pyplot.figure().subplots()).get_title() == "Huber"


def test_what_explodes_is_cut_off(pyplot):
    ax = K.plot(K.GammaDeviance())
    values, slopes = ax.get_lines()[0].get_ydata(), right_of(ax).get_lines()[0].get_ydata()
    assert values.max() > 15 > 5 > ax.get_ylim()[1] > values[-1]
    assert slopes.min() < -300 < -30 < right_of(ax).get_ylim()[0]
    assert ax.get_ylabel() == f"loss\nup to {values.max():.3g}"
    assert right_of(ax).get_ylabel() == f"gradient (dashed)\ndown to {slopes.min():.3g}"
    ax = K.plot(K.MeanSquaredError())
    assert ax.get_ylim()[1] > 25 and ax.get_ylabel() == "loss"


def test_a_picture_shows_the_telling_argument(pyplot):
    assert labels_of(picture(K.Huber())) == ["delta=0.5", "delta=1.0", "delta=2.0"]
    ax = picture(K.Huber(3.0))  # not the default: this one alone
    assert labels_of(ax) == ["Huber(delta=3.0)"] == [ax.get_title()] and ax.get_legend() is None
    assert labels_of(picture(K.BinaryFocalCrossentropy)) == ["gamma=0.0", "gamma=2.0", "gamma=5.0"]
    assert labels_of(picture(K.Quantile([0.25, 0.75]))) == ["quantile=0.25", "quantile=0.75"]


def test_the_picture_of_a_batch(pyplot):
    y_true, y_pred = np.zeros((4, 1)), np.array([[1.0], [0.0], [3.0], [2.0]], "float32")
    ax = K.plot({"squares": "mse", "errors": "mae"}, y_true=y_true, y_pred=y_pred)
    squares, errors, even = ax.get_lines()
    assert labels_of(ax)[:2] == ["squares, most at 2, 3, 0, 1", "errors, most at 2, 3, 0, 1"]
    assert_close(squares.get_xdata(), [0, 25, 50, 75, 100])
    assert_close(squares.get_ydata(), np.array([0, 9, 13, 14, 14]) / 0.14)
    assert_close(errors.get_ydata(), np.array([0, 3, 5, 6, 6]) / 0.06)
    assert_close(even.get_ydata(), [0, 100])
    assert len(ax.texts) == 0
    ax = K.plot("mse", y_true=y_true, y_pred=y_pred)
    (text,) = ax.texts
    assert text.get_text().startswith("largest values\nsample 2: 9\nsample 3: 4\n")
    ax.figure.canvas.draw()
    lower_right = text.get_window_extent().transformed(ax.transData.inverted())
    assert lower_right.y1 < lower_right.x0  # below the diagonal, where there is no line


def test_the_name_is_the_function():
    import kerasloss.inspection.plot

    assert callable(kerasloss.plot) and callable(kerasloss.diagnose) and K.plot is kerasloss.plot


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install kerasloss\[plot\]"):
        K.plot(K.Huber())
