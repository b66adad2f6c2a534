"""What all losses of masks share: axes, labels, weights inside the sums, empty masks, identities."""

import inspect

import keras
import numpy as np
import pytest
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
