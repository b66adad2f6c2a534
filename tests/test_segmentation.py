"""Losses of masks: axes, labels, weights inside the sums, empty masks, identities and peers."""

import inspect

import keras
import numpy as np
import pytest
import scipy.ndimage
import sklearn.metrics
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient

OVERLAP = [
    K.Dice,
    K.Tversky,
    K.Jaccard,
    K.FocalTversky,
    K.LogCoshDice,
    K.MatthewsCorrelation,
    K.SensitivitySpecificity,
]
MIXING = [K.GeneralizedDice, K.LovaszSoftmax, K.DiceCrossentropy, K.DiceFocal, K.Combo, K.UnifiedFocal]
PER_SAMPLE = [K.HausdorffErosion, K.ActiveContour]
ALL = [*OVERLAP, *MIXING, K.SoftClDice, *PER_SAMPLE]
SUMS = [*OVERLAP, *MIXING]  # losses that don't look at neighbours
WEIGHTS = [0.5, 1.0, 3.0]
POINTS = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])


def each_of(losses):
    """One test per loss; on JAX, which compiles each shape anew, of every third: their base is the same."""
    losses = losses[::3] if BACKEND == "jax" else losses
    return pytest.mark.parametrize("loss", losses, ids=lambda loss: loss.__name__)


def accepts(loss, name):
    return name in inspect.signature(loss.__init__).parameters


def images(rng, n=3, classes=3):
    """Class ids of 4 x 5 positions and probabilities."""
    ids = rng.integers(0, classes, size=(n, 4, 5))
    return ids, rng.dirichlet(np.ones(classes), size=ids.shape).astype("float32")


def one_hot(ids, classes=3):
    return (ids[..., None] == np.arange(classes)).astype("float32")


# Axes and labels -------------------------------------------------------------------------------------


@each_of(ALL)
def test_ids_one_hot_and_any_class_axis(loss, rng):
    ids, p = images(rng)
    options = [{}, {"from_logits": True}]
    if accepts(loss, "axis"):
        options += [{"axis": axis} for axis in ((1, 2, 3), (1, 2), 1, (0, -2))]
    if accepts(loss, "class_weight"):
        options += [{"class_weight": WEIGHTS}, {"axis": (1, 2), "class_weight": WEIGHTS}]
    for arguments in options:
        expected = array(loss(reduction=None, **arguments)(ids, p))
        for labels in (ids[..., None], ids.astype("float32"), one_hot(ids), one_hot(ids).astype("int64")):
            assert_close(array(loss(reduction=None, **arguments)(labels, p)), expected)
        # Channels first: the axes behind the first move by one, the class axis is 1.
        moved = {"class_axis": 1, **arguments}
        if "axis" in arguments:
            places = {0: 0, 1: 2, 2: 3, 3: 1}
            moved["axis"] = tuple(places[a % 4] for a in np.atleast_1d(arguments["axis"]))
            kept = [a for a in range(4) if a not in np.atleast_1d(arguments["axis"]) % 4]
            kept = [a for a in kept if a != 3 or loss not in MIXING]
            expected = expected.transpose(np.argsort([places[a] for a in kept]))
        first = np.moveaxis(p, -1, 1)
        for labels in (ids, ids[:, None], ids[..., None], np.moveaxis(one_hot(ids), -1, 1)):
            assert_close(array(loss(reduction=None, **moved)(labels, first)), expected)


def test_shapes_of_the_values(rng):
    ids, p = images(rng)
    for axis, shape in {
        None: (),
        (0, 1, 2, 3): (),
        (1, 2, 3): (3,),
        (0, 1, 2): (3,),
        (1, 2): (3, 3),
        2: (3, 4, 3),
    }.items():
        assert array(K.Dice(axis=axis, reduction=None)(ids, p)).shape == shape
        assert array(K.Dice(axis=axis)(ids, p)).shape == ()
    for axis, shape in {None: (), (1, 2): (3,), (1, 2, 3): (3,), (0, 1): (5,), -1: (3, 4, 5)}.items():
        for loss in MIXING:
            assert array(loss(axis=axis, reduction=None)(ids, p)).shape == shape, loss


@each_of([*ALL, K.LovaszHinge])
def test_bad_shapes_and_axes_are_refused(loss, rng):
    ids, p = images(rng)
    if accepts(loss, "axis"):
        for axis in (4, (1, -3), (0, 4)):
            with pytest.raises(ValueError, match=rf"{loss.__name__}.*`axis`.*Received"):
                loss(axis=axis)(p if loss is K.LovaszHinge else ids, p)
    if loss is K.LovaszHinge:
        return
    for axis in (0, 4, -4):
        with pytest.raises(ValueError, match=rf"{loss.__name__}.*`class_axis`.*Received"):
            loss(class_axis=axis)(ids, p)
    with pytest.raises(ValueError, match=rf"{loss.__name__}.*y_true.*Received"):
        loss(multilabel=True)(ids, p[..., :2])
    if accepts(loss, "class_weight"):
        with pytest.raises(ValueError, match=rf"{loss.__name__}.*`class_weight`.*Received"):
            loss(class_weight=[1.0, 1.0])(ids, p)


def test_space_that_does_not_fit_is_refused(rng):
    y, p = np.ones((2, 4, 2)), np.ones((2, 4, 2), "float32")
    for loss in (K.SoftClDice(), K.HausdorffErosion()):
        with pytest.raises(ValueError, match="spatial"):
            loss(y, p)
    with pytest.raises(ValueError, match="ActiveContour.*at least 2 positions"):
        K.ActiveContour()(y[:, :1], p[:, :1])
    with pytest.raises(ValueError, match="Boundary.*distance map"):
        K.Boundary()(np.ones((2, 4), int), p)
    with pytest.raises(ValueError, match="UnifiedFocal.*`multilabel=True`"):
        K.UnifiedFocal(multilabel=True)(y, p)
    with pytest.raises(ValueError, match="DiceFocal.*alpha"):
        K.DiceFocal(alpha=1.5)(y[..., :1], p[..., :1])
    with pytest.raises(ValueError, match="DiceFocal.*alpha"):
        K.DiceFocal(alpha=[0.5] * 3)(y, p)


def test_mask_without_a_class_axis(rng):
    y, p = rng.integers(0, 2, size=(3, 4, 5)), rng.uniform(size=(3, 4, 5)).astype("float32")
    logits = np.log(p / (1 - p))
    expected = array(K.Dice()(y[..., None], p[..., None]))
    assert_close(array(K.Dice()(y, p[..., None])), expected)
    assert_close(array(K.Dice()(y, p)), expected)
    assert_close(array(K.Dice(multilabel=True, from_logits=True)(y, logits)), expected)
    weight = rng.uniform(size=y.shape).astype("float32")
    expected = array(K.Dice()(y, p[..., None], sample_weight=weight))
    assert_close(array(K.Dice(multilabel=True)(y, p, sample_weight=weight)), expected)
    assert_close(array(K.Dice()(y[0, 0], p[0, 0])), array(K.Dice()(y[:1, :1], p[:1, :1])))


@each_of(ALL)
def test_wrong_labels_give_nan(loss, rng):
    ids, p = images(rng)
    per_sample = {"axis": (1, 2, 3)} if accepts(loss, "axis") else {}
    good = array(loss(reduction=None, **per_sample)(ids, p))
    for wrong in (-1, 3, 255, 0.5, np.nan):
        labels = ids.astype("float32" if isinstance(wrong, float) else "int64")
        labels[1, 2, 3] = wrong
        expected = np.where(np.arange(3) == 1, np.nan, good)
        assert_close(array(loss(reduction=None, **per_sample)(labels, p)), expected, message=str(wrong))
    mask, q = (ids == 1)[..., None].astype("int64"), p[..., :1]
    good = array(loss(reduction=None, **per_sample)(mask, q))
    mask[1, 2, 3] = 255
    expected = np.where(np.arange(3) == 1, np.nan, good)
    assert_close(array(loss(reduction=None, **per_sample)(mask, q)), expected)
    value = array(loss(reduction=None, **per_sample)(mask.astype("float32"), q))
    assert np.isfinite(value[1]) == getattr(loss, "labels_are_numbers", False)


def test_labels_of_the_lovasz_hinge():
    s = np.array([[1.5, -0.5, -0.2, 0.3]])
    for wrong in (2, 0.5, -2, np.nan):
        assert np.isnan(array(K.LovaszHinge()(np.array([[1, 0, 1, wrong]]), s)))
    loss = K.LovaszHinge(ignore_class=255)
    assert_close(
        array(loss(np.array([[1, 0, 255, 1]]), s)), array(loss(np.array([[1, 0, 1]]), s[:, [0, 1, 3]]))
    )


# Weights and ignored positions -----------------------------------------------------------------------


@each_of(SUMS)
def test_weights_of_positions_are_inside_the_sums(loss, rng):
    """Weight 2 is a position twice, weight 0 none, whatever it holds."""
    ids, p = images(rng, n=2)
    ids, p = ids.reshape(2, 20), p.reshape(2, 20, 3)
    copies = np.array([2, 0, 1] * 6 + [1, 0], "float32")
    index = np.repeat(np.arange(20), copies.astype(int))
    spoiled = p.copy()
    spoiled[:, copies == 0] = np.nan
    weight = np.broadcast_to(copies, (2, 20))
    for axis in (None, (1, 2), 1, (0, 1)):
        measure = loss(axis=axis, reduction=None)
        expected = array(measure(ids[:, index], p[:, index]))
        value, gradient = value_and_gradient(
            lambda q, f=measure: ops.sum(f(ids, q, sample_weight=weight)), spoiled
        )
        assert_close(array(measure(ids, spoiled, sample_weight=weight)), expected)
        assert np.all(np.isfinite(gradient)) and not np.any(gradient[:, copies == 0])
        assert_close(array(measure(ids, masked(p, weight > 0), sample_weight=weight)), expected)
    last = loss(class_axis=1, axis=2, reduction=None)
    value = array(last(ids, np.moveaxis(p, -1, 1), sample_weight=weight))
    assert_close(value, array(loss(axis=1, reduction=None)(ids, p, sample_weight=weight)))


def test_weights_of_hinge_are_copies(rng):
    y, s = rng.integers(0, 2, size=(2, 6)), rng.normal(size=(2, 6)).astype("float32")
    copies = np.array([2, 0, 1, 3, 1, 0])
    index = np.repeat(np.arange(6), copies)
    for axis in (None, 1):
        loss = K.LovaszHinge(axis=axis, reduction=None)
        value = loss(y, s, sample_weight=np.broadcast_to(copies, (2, 6)))
        assert_close(array(value), array(loss(y[:, index], s[:, index])))


@each_of([*SUMS, K.SoftClDice])
def test_weights_of_samples_and_values(loss, rng):
    """Per sample they weigh the values that keep the batch; per value they always do."""
    ids, p = images(rng)
    w = np.array([2.0, 0.0, 0.5], "float32")
    smooth = {"smooth": 0.0} if accepts(loss, "smooth") else {}
    values = array(loss(axis=(1, 2), reduction=None)(ids, p))
    spread = w.reshape(-1, *[1] * (values.ndim - 1))
    spoiled = p.copy()
    spoiled[1] = np.nan
    for weight in (w, w[:, None], w[:, None, None], w[:, None, None, None]):
        result = loss(axis=(1, 2), reduction=None)(ids, spoiled, sample_weight=weight)
        assert_close(array(result), spread * values)
        result = loss(**smooth)(ids, spoiled, sample_weight=weight)
        assert_close(array(result), array(loss(**smooth)(ids[[0, 0, 0, 0, 2]], p[[0, 0, 0, 0, 2]])))
    if values.ndim == 2:
        weight = np.arange(9, dtype="float32").reshape(3, 3)
        result = loss(axis=(1, 2), reduction="mean_with_sample_weight")(ids, p, sample_weight=weight)
        assert_close(array(result), np.sum(weight * values) / 36)
    for wrong in (np.ones(4), np.ones((3, 4, 6)), np.ones((3, 5)), np.ones((3, 4, 5, 3))):
        for axis in (None, (1, 2, 3)):
            with pytest.raises(ValueError, match=f"{loss.__name__}.*sample_weight.*Received"):
                loss(axis=axis)(ids, p, sample_weight=wrong)


@each_of([K.Dice, K.DiceCrossentropy, K.SensitivitySpecificity])
def test_weights_of_the_entries_of_yes_no_problems(loss, rng):
    y, p = rng.integers(0, 2, size=(2, 3, 2)), rng.uniform(0.1, 0.9, size=(2, 3, 2)).astype("float32")
    weight = rng.integers(0, 2, size=y.shape)
    weight[0, 0] = 1
    ignored = np.where(weight == 1, y, 255)
    for axis in (None, 1):
        expected = array(loss(multilabel=True, axis=axis, ignore_class=255, reduction=None)(ignored, p))
        measure = loss(multilabel=True, axis=axis, reduction=None)
        assert_close(array(measure(y, p, sample_weight=weight)), expected)


@each_of([K.Boundary, *PER_SAMPLE])
def test_one_value_per_sample_takes_weights_per_sample_alone(loss, rng):
    ids, p = images(rng)
    y = one_hot(ids) if loss is K.Boundary else ids
    w = np.array([2.0, 0.0, 0.5])
    values = array(loss(reduction=None)(y, p))
    assert values.shape == (3,)
    assert_close(array(loss(reduction=None)(y, p, sample_weight=w[:, None])), w * values)
    for wrong in (np.ones((3, 4, 5)), np.ones((3, 4)), np.ones(4)):
        with pytest.raises(ValueError, match=f"{loss.__name__}.*sample_weight.*Received"):
            loss()(y, p, sample_weight=wrong)


@each_of(SUMS)
def test_ignored_positions_are_absent(loss, rng):
    ids, p = images(rng, n=2)
    ids, p = ids.reshape(2, 20), p.reshape(2, 20, 3)
    keep = np.arange(20) % 3 != 0
    ignored, spoiled = np.where(keep, ids, 255), np.where(keep[:, None], p, np.nan)
    for axis in (None, (1, 2), 1, (0, 1)):
        expected = array(loss(axis=axis, reduction=None)(ids[:, keep], p[:, keep]))
        measure = loss(axis=axis, ignore_class=[255, -100], reduction=None)
        assert_close(array(measure(ignored, spoiled)), expected)
        ones = one_hot(np.where(keep, ids, 1))  # class 1 ignored, as ids and as one-hot
        measure = loss(axis=axis, ignore_class=1, reduction=None)
        assert_close(array(measure(ones, p)), array(measure(np.where(keep, ids, 1), p)))


@each_of([*ALL, K.LovaszHinge])
def test_a_sample_with_nothing_left_does_not_count(loss, rng):
    if loss is K.ActiveContour:
        pytest.skip("no class can be ignored")
    y, p = (
        np.asarray(x, "float32") for x in (rng.integers(0, 2, (3, 4, 5, 1)), rng.uniform(size=(3, 4, 5, 1)))
    )
    per_sample = {"axis": (1, 2, 3)} if accepts(loss, "axis") else {}
    expected = array(loss(**per_sample)(y[1:], p[1:]))
    y[0] = 255
    assert_close(array(loss(ignore_class=255, **per_sample)(y, p)), expected)
    if per_sample:
        mask = np.arange(3)[:, None, None] * np.ones((4, 5)) > 0
        y[0] = 1
        assert_close(array(loss(**per_sample)(y, masked(p, mask))), expected)


@each_of([*ALL, K.LovaszHinge])
def test_nothing_there_and_nothing_predicted(loss, rng):
    """An empty mask with an empty prediction has value 0 and gradient 0, and so has everything ignored."""
    p = np.full((2, 4, 5, 1), -1.0 if loss is K.LovaszHinge else 0.0, "float32")
    smooth = {"smooth": 0.0} if accepts(loss, "smooth") else {}
    options = [{}] + [{"axis": (1, 2)}] * accepts(loss, "axis")
    for arguments in options:
        measure = loss(**arguments, **smooth)
        value, gradient = value_and_gradient(lambda q, f=measure: f(np.zeros(p.shape), q), p)
        if loss is K.ActiveContour:
            assert_close(value, 1e-4)  # the root of its epsilon
            continue
        # A cross-entropy has its clip; a background can still be wrong.
        assert_close(value, 0.0)
        assert np.all(np.isfinite(gradient))
        if loss in (
            K.Dice,
            K.Tversky,
            K.Jaccard,
            K.FocalTversky,
            K.LogCoshDice,
            K.GeneralizedDice,
            K.SoftClDice,
        ):
            assert not np.any(gradient)
        measure = loss(ignore_class=255, **arguments, **smooth)
        value, gradient = value_and_gradient(lambda q, f=measure: f(np.full(p.shape, 255), q), 0 * p + 0.5)
        assert value == 0 and not np.any(gradient)


def test_empty_mask_with_a_prediction():
    y, p = np.zeros((1, 4), int), np.array([[0.8, 0.3, 0.0, 0.1]], "float32")
    for loss in (K.Dice, K.Tversky, K.Jaccard, K.FocalTversky, K.GeneralizedDice):
        assert_close(array(loss(multilabel=True)(y, p)), 1.0)


def test_class_weight_of_values(rng):
    ids, p = images(rng)
    values = array(K.Dice(axis=(1, 2), reduction=None)(ids, p))
    weighted = K.Dice(axis=(1, 2), class_weight=WEIGHTS, reduction="mean_with_sample_weight")
    assert_close(array(weighted(ids, p)), np.mean(values @ WEIGHTS / np.sum(WEIGHTS)))
    weight = np.array([1.0, 2.0, 0.0])
    expected = np.sum(weight[:, None] * values * WEIGHTS) / (3 * np.sum(WEIGHTS))
    assert_close(array(weighted(ids, p, sample_weight=weight)), expected)
    foreground = K.Dice(axis=(0, 1, 2), class_weight=[0, 1, 1], reduction="mean_with_sample_weight")
    classes = array(K.Dice(axis=(0, 1, 2), reduction=None)(ids, p))
    assert_close(array(foreground(ids, p)), np.mean(classes[1:]))


def test_in_a_sum_and_with_missing_labels(rng):
    ids, p = images(rng)
    both = 0.5 * K.Dice() + 2.0 * K.SparseCategoricalCrossentropy()
    expected = 0.5 * array(K.Dice()(ids, p)) + 2 * array(K.SparseCategoricalCrossentropy()(ids, p))
    assert_close(array(both(ids, p)), expected)
    missing = np.where(rng.uniform(size=ids.shape) < 0.3, -9, ids)
    for axis in (None, (1, 2, 3)):
        expected = array(K.Dice(axis=axis, ignore_class=-9)(missing, p))
        assert_close(array(K.Masked(K.Dice(axis=axis), missing_value=-9)(missing, p)), expected)
        first = K.Masked(K.Dice(class_axis=1, axis=axis), missing_value=-9)
        assert_close(array(first(missing, np.moveaxis(p, -1, 1))), expected)
        dense = np.where(missing[..., None] == -9, -9, one_hot(missing))
        assert_close(array(first(np.moveaxis(dense, -1, 1), np.moveaxis(p, -1, 1))), expected)


# Identities ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [None, (1, 2, 3), (1, 2)])
def test_identities(axis, rng):
    ids, p = images(rng)
    x = np.log(p)
    same = {"axis": axis, "reduction": None}
    logits = {"from_logits": True, **same}
    cosh = np.log(np.cosh(array(K.Dice(**same)(ids, p))))
    mixed = array(K.DiceCrossentropy(0.3, 0.7, class_weight=WEIGHTS, **logits)(ids, x))
    for one, other in [
        (K.Tversky(0.5, 0.5, smooth=1.0, **same), K.Dice(smooth=2.0, **same)),
        (K.Tversky(1, 1, smooth=1.0, **same), K.Jaccard(smooth=1.0, **same)),
        (K.FocalTversky(0.2, 0.9, gamma=1, **same), K.Tversky(0.2, 0.9, **same)),
        (K.DiceFocal(gamma=0, **same), K.DiceCrossentropy(**same)),
        (K.Tversky(from_logits=True, **same), K.Dice(**same)),
    ]:
        arguments = x if one.from_logits else p
        assert_close(array(one(ids, arguments)), array(other(ids, p)), message=repr(one))
    assert_close(array(K.LogCoshDice(**same)(ids, p)), cosh)
    assert_close(array(K.DiceFocal(gamma=0, **logits)(ids, x)), array(K.DiceCrossentropy(**logits)(ids, x)))
    alone = {"class_weight": WEIGHTS, **logits}
    both = 0.3 * array(K.DiceCrossentropy(1, 0, **alone)(ids, x)) + 0.7 * array(
        K.DiceCrossentropy(0, 1, **alone)(ids, x)
    )
    assert_close(mixed, both)
    if axis is None:
        crossentropy = K.SparseCategoricalCrossentropy(
            from_logits=True, class_weight=WEIGHTS, reduction="mean_with_sample_weight"
        )
        assert_close(array(K.DiceCrossentropy(0, 1, **alone)(ids, x)), array(crossentropy(ids, x)))
        every = K.Combo(alpha=1.0)
        assert_close(array(every(ids, p)), array(K.BinaryCrossentropy()(one_hot(ids), p)) / 2)
        assert_close(array(K.Combo(alpha=0.0)(ids, p)), array(K.Dice()(ids, p)))
        assert_close(array(K.GeneralizedDice("uniform")(ids, p)), array(K.Dice()(ids, p)))
    if axis == (1, 2):
        values = array(K.FocalTversky(0.4, 0.6, gamma=0.5, **same)(ids, p))
        unified = K.UnifiedFocal(weight=0, asymmetric=False, **same)
        assert_close(array(unified(ids, p)), values.mean(-1))


def test_soft_labels(rng):
    _, p = images(rng)
    y = rng.dirichlet(np.ones(3), size=p.shape[:-1]).astype("float32")
    x = np.log(p)
    for arguments in ({}, {"from_logits": True}):
        y_pred = x if arguments else p
        expected = array(K.CategoricalCrossentropy(**arguments)(y, y_pred))
        assert_close(array(K.DiceCrossentropy(0, 1, **arguments)(y, y_pred)), expected)
    exact = p.astype("float64")
    expected = 1 - 2 * np.sum(y * exact) / (np.sum(y) + np.sum(exact))
    assert_close(array(K.Dice()(y, p)), expected)
    assert_close(array(K.Dice(squared_pred=True)(p, p)), 0.0)
    misses, alarms = np.sum(y * (1 - exact)), np.sum((1 - y) * exact)
    expected = 1 - 1 / (1 + (0.2 * alarms + 0.7 * misses) / np.sum(y * exact))
    assert_close(array(K.Tversky(0.2, 0.7)(y, p)), expected)


def test_binary_unified_focal_has_a_background(rng):
    y, x = rng.integers(0, 2, size=(2, 6, 1)), rng.normal(size=(2, 6, 1)).astype("float32")
    two = np.concatenate([0 * x, x], axis=-1)
    for asymmetric in (True, False):
        loss = K.UnifiedFocal(asymmetric=asymmetric, from_logits=True, axis=1, reduction=None)
        expected = array(loss(y[..., 0], two))
        assert_close(array(loss(y, x)), expected)
        p = 1 / (1 + np.exp(-x))
        assert_close(array(K.UnifiedFocal(asymmetric=asymmetric, axis=1, reduction=None)(y, p)), expected)


def test_hard_masks_are_the_metrics(rng):
    y, p = rng.integers(0, 2, size=(2, 50, 1)), rng.integers(0, 2, size=(2, 50, 1)).astype("float32")
    flat = y.ravel(), p.ravel()
    assert_close(1 - array(K.Dice()(y, p)), sklearn.metrics.f1_score(*flat))
    assert_close(1 - array(K.Jaccard()(y, p)), sklearn.metrics.jaccard_score(*flat))
    assert_close(1 - array(K.MatthewsCorrelation()(y, p)), sklearn.metrics.matthews_corrcoef(*flat))
    assert_close(array(K.LovaszSoftmax()(y, p)), array(K.Jaccard()(y, p)))
    ids, guess = rng.integers(0, 3, size=(1, 60)), rng.integers(0, 3, size=(1, 60))
    iou = sklearn.metrics.jaccard_score(ids[0], guess[0], average="macro")
    assert_close(1 - array(K.LovaszSoftmax()(ids, one_hot(guess))), iou)


def test_lovasz_steps_are_exact_for_large_masks(rng):
    """A difference of two Jaccard losses would be off by 1e-2 in relative terms here."""
    n = 2**18
    y, p = rng.integers(0, 2, size=(1, n, 1)), rng.uniform(size=(1, n, 1)).astype("float32")
    value, gradient = value_and_gradient(lambda q: K.LovaszSoftmax()(y, q), p)
    errors = np.abs(y - p.astype("float64")).ravel()
    order = np.argsort(-errors, kind="stable")
    g = y.ravel()[order].astype("float64")
    jaccard = 1 - (g.sum() - np.cumsum(g)) / (g.sum() + np.cumsum(1 - g))
    steps = np.diff(jaccard, prepend=0.0)
    assert_close(value, np.sum(errors[order] * steps))
    expected = np.empty(n)
    expected[order] = steps
    np.testing.assert_allclose(np.abs(gradient.ravel()), expected, rtol=1e-4, atol=1e-12)


# Peers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [None, (1, 2, 3), (1, 2), -1])
def test_keras(axis, rng):
    ids, p = images(rng)
    y = one_hot(ids)
    theirs = keras.losses.Dice(axis=axis, reduction=None)(y, p)
    assert_close(array(K.Dice(axis=axis, reduction=None)(y, p)), array(theirs))
    ours = K.Tversky(alpha=0.2, beta=0.9, axis=axis, reduction=None)
    theirs = [
        array(keras.losses.Tversky(alpha=a, beta=b, axis=axis, reduction=None)(y, p))
        for a, b in ((0.9, 0.2), (0.2, 0.9))  # exchanged up to 3.15.1, then as documented
    ]
    assert any(np.allclose(array(ours(y, p)), x, atol=1e-6) for x in theirs)


def test_numbers_of_other_documentations():
    y, p = np.array([[1.0, 2, 3]]), np.array([[1.1, 2.1, 3.1]])
    flux = K.Dice(squared_pred=True, smooth=1.0)
    assert_close(array(flux(y, p)), 0.000992391663909964)
    assert_close(1 - array(flux(y, p)), 0.99900760833609)
    y, p = np.array([[1, 0.5, 0.3, 2.4]]), np.array([[0, 1.4, 0.5, 1.2]])
    for beta, code, documented in (
        (0.7, -0.06772009029, 0.02874743326),
        (0.8, -0.09490740741, 0.05020080321),
    ):
        # Flux's code has the two prices of its own documentation exchanged.
        assert_close(array(K.Tversky(alpha=beta, beta=1 - beta, smooth=1.0)(y, p)), code)
        assert_close(array(K.Tversky(alpha=1 - beta, beta=beta, smooth=1.0)(y, p)), documented)
    assert_close(array(K.Dice()(*POINTS)), 0.333333352)


def test_alpha_is_the_price_of_false_positives():
    y, p = np.array([[1, 1, 0, 0]]), np.array([[1.0, 0.0, 0.0, 0.0]])  # one miss, no false positive
    assert_close(array(K.Tversky(alpha=9.0, beta=0.0)(y, p)), 1e-7)
    assert_close(array(K.Tversky(alpha=0.0, beta=3.0)(y, p)), 0.75)


def test_boundary_with_maps_of_scipy(rng):
    """The map of a mask prefers the mask to what is smaller, larger or shifted."""
    mask = np.zeros((9, 9), bool)
    mask[3:6, 3:6] = True
    distance = scipy.ndimage.distance_transform_edt
    phi = (distance(~mask) - distance(mask))[None, :, :, None]
    loss = K.Boundary()
    best = float(array(loss(phi, mask[None, :, :, None].astype("float32"))))
    for other in (scipy.ndimage.binary_erosion(mask), scipy.ndimage.binary_dilation(mask), np.roll(mask, 2)):
        assert best < float(array(loss(phi, other[None, :, :, None].astype("float32"))))


def test_centre_lines_see_a_gap(rng):
    """A gap of one position costs a vessel little overlap and much connection."""
    y = np.zeros((1, 7, 11, 1), "float32")
    y[:, 2:5] = 1
    gap, thin = y.copy(), y.copy()
    gap[:, :, 5] = 0
    thin[:, 2] = 0
    for x in (gap, thin):
        assert float(array(K.SoftClDice()(y, x))) < 1
    assert float(array(K.SoftClDice()(y, gap))) > 0.04
    assert_close(array(K.SoftClDice()(y, y)), 0.0)


# Size, precision and training ------------------------------------------------------------------------


def test_sums_of_large_masks_in_half_precision():
    ones = np.ones((1, 300, 300, 1), "float16")
    for dtype in ("float16", "bfloat16"):
        for loss in (
            K.Dice,
            K.Jaccard,
            K.Tversky,
            K.MatthewsCorrelation,
            K.DiceCrossentropy,
            K.GeneralizedDice,
        ):
            value = loss(dtype=dtype)(ones, tensor(ones, dtype))
            assert_close(array(value), 0.0, "float16")


def test_counts_of_large_volumes_do_not_overflow():
    y = np.arange(2**20).reshape(1, -1, 1) % 2
    p = np.where(y == 1, 0.9, 0.2).astype("float32")
    weight = np.full(1, 1e9, "float32")
    assert_close(
        array(K.MatthewsCorrelation()(y, p, sample_weight=weight)), 1 - 0.7 / np.sqrt(0.55 * 0.45 * 4)
    )


@pytest.mark.parametrize(
    "loss",
    [
        K.Dice(from_logits=True),
        K.DiceCrossentropy(from_logits=True, axis=(1, 2)),
        K.SoftClDice(from_logits=True),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_fit_on_images_of_any_size(loss, rng, tmp_path):
    x = rng.normal(size=(12, 6, 7, 2)).astype("float32")
    y = np.argmax(x @ rng.normal(size=(2, 3)), axis=-1)
    model = keras.Sequential([keras.Input((None, None, 2)), keras.layers.Conv2D(3, 1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss=loss)
    weight = np.linspace(0.5, 1.5, 12)
    history = model.fit(x, y, sample_weight=weight, batch_size=5, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.loss.get_config() == loss.get_config()
    assert_close(loaded.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0))
