"""Every loss has a picture, and it is legible."""

import numpy as np
import pytest

import kerasloss as K
from kerasloss.core.registry import KINDS, LOSSES
from kerasloss.inspection.plot import curves, picture
from kerasloss.inspection.plotting.examples import VARIATIONS, example
from kerasloss.inspection.plotting.scenes import OF_CLASS, OF_KIND
from tests.backend import BACKEND, assert_close

NOT_DRAWN: dict[str, str] = {}
"""Losses without a picture, and why: the text of the error."""
ROUGH = {"HausdorffErosion", "SoftClDice"}
"""Losses whose derivative jumps where a pixel leaves a mask."""
OTHER_GRADIENT = {
    "MaximumMeanDiscrepancy": "the bandwidth is the median distance, which gets no gradient",
    "CIoU": "the weight of the shape gets no gradient",
    "SetPrediction": "the value jumps where another prediction is assigned",
    "Matryoshka": "the value jumps where an embedding of one number changes its sign",
    "OnlineHardExample": "the value jumps where a sample is no longer among the hardest",
    **dict.fromkeys(
        ("BatchAllTriplet", "BatchAllContrastive", "MarginBased"),
        "the mean is over the terms above 0, and their number jumps",
    ),
    "SemiHardTriplet": "the value jumps where another negative is the next one",
    **dict.fromkeys(
        ("ArcFace", "SubCenterArcFace"), "the value jumps where the angle would be above 180 degrees"
    ),
    "VectorQuantization": "of the two parts only one has a gradient for the output",
    "MoELoadBalancing": "the value jumps where a token is sent to another expert",
    "SwAV": "the codes get no gradient",
    "PositiveUnlabeled": "the gradient is another one where the risk of the negatives is below 0",
}
"""Losses whose gradient is not that of their value, and why."""
ONE_OF_EACH_KIND = (
    *("Huber", "BinaryCrossentropy", "Hinge", "GaussianNLL", "Brier", "LinearCrossentropy", "KLDivergence"),
    *("Coral", "Dice", "Contrastive", "CosineEmbedding", "Circle", "SlicedWasserstein", "Perceptual", "CTC"),
    *("AttentionTransfer", "SimPO", "PPOClip", "Masked", "WeightedKappa", "SoftF1", "CausalLMCrossentropy"),
    *("RouterZ", "LogisticHazard", "SoftDTW", "PairwiseLogistic", "ScaleInvariantSDR", "GIoU"),
)


def assert_numbers_are_right(name, found):
    """They are finite, not constant, and the gradients add up to the differences of the values."""
    for curve in found:
        assert np.isfinite(curve.values).all() and np.isfinite(curve.gradients).all()
        span = np.ptp(curve.values)
        assert span > 0
        if name in OTHER_GRADIENT:
            continue
        steps = np.diff(curve.x) * (curve.gradients[1:] + curve.gradients[:-1]) / 2
        inner = np.abs(curve.gradients) < 30 * np.median(np.abs(curve.gradients)) + 1e-6
        smooth = inner[1:] & inner[:-1]
        error = np.cumsum(np.where(smooth, steps - np.diff(curve.values), 0))
        assert np.abs(error).max() < (0.5 if name in ROUGH else 0.05) * span


@pytest.mark.skipif(BACKEND != "torch", reason="drawn once; below, one loss of each kind on every backend")
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_drawn(name):
    matplotlib = pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    matplotlib.use("Agg")
    if name in NOT_DRAWN:
        with pytest.raises(ValueError, match=NOT_DRAWN[name]):
            picture(LOSSES[name])
        return
    ax = picture(LOSSES[name])
    (right,) = (other for other in ax.figure.axes if other is not ax)
    pairs = zip(ax.get_lines(), right.get_lines(), strict=True)
    found = [K.inspection.plot.Curve("", "", v.get_xdata(), v.get_ydata(), g.get_ydata()) for v, g in pairs]
    assert_numbers_are_right(name, found)
    assert_legible(ax, right)
    matplotlib.pyplot.close(ax.figure)


def assert_legible(ax, right):
    """All text is inside of 640 x 400 pixels; the legend is beside the lines."""
    figure = ax.figure
    figure.canvas.draw()
    assert tuple(figure.get_size_inches() * figure.dpi) == (640, 400)
    texts = [ax.title, ax.xaxis.label, ax.yaxis.label, right.yaxis.label]
    assert all(text.get_text() for text in texts)
    legend = ax.get_legend()
    assert (legend is not None) == (len(ax.get_lines()) > 1)
    if legend is not None:
        assert legend.get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0
        texts.append(legend)
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 640 and box.y1 <= 400, text
    for axes in (ax, right):  # the values that are not cut off fill the picture
        low, high = axes.get_ylim()
        shown = np.concatenate([line.get_ydata() for line in axes.get_lines()]).clip(low, high)
        assert np.ptp(shown) > 0.6 * (high - low) or np.ptp(shown) < 1e-6


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_one_of_each_kind(name):
    assert_numbers_are_right(name, curves(example(name))[1])


def test_every_kind_has_a_scene_or_no_loss():
    drawn = {cls.kind for cls in LOSSES.values()}
    assert drawn - set(OF_KIND) == set() and set(OF_KIND) - {None} <= set(KINDS)
    shown = {LOSSES[name].kind for name in ONE_OF_EACH_KIND}
    assert drawn == shown
    assert set(OF_CLASS) | set(VARIATIONS) <= set(LOSSES)


def test_the_examples_say_what_is_missing():
    assert example("Masked").loss.get_config() == K.Huber().get_config()
    assert example("mse").get_config() == K.MeanSquaredError().get_config()
    assert_close(example(K.PositiveUnlabeled).prior, 0.3)
