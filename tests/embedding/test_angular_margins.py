"""Losses of the angle to the center of the class."""

import math

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.common.cosines import hard_cosines

C = 5
IDS = np.array([0, 1, 2, 3, 4, 1, 2])
ONE_HOT = np.eye(C, dtype="float32")[IDS]


def drawn(rng, *shape):
    return rng.uniform(-0.95, 0.95, size=(len(IDS), *shape)).astype("float32")


def slope(loss, y_true, y_pred):
    return value_and_gradient(lambda p: loss(y_true, p), np.asarray(y_pred, "float32"))[1]


SAME = [
    (K.CombinedMargin(1.0, 0.7, 0.0, scale=4.0), K.ArcFace(0.7, scale=4.0)),
    (K.CombinedMargin(1.0, 0.0, 0.4, scale=4.0), K.CosFace(0.4, scale=4.0)),
    *((K.CombinedMargin(m, 0.0, 0.0, scale=4.0), K.SphereFace(m, scale=4.0)) for m in (1, 2, 3, 4)),
    (K.ArcFace(0.0, scale=4.0), K.NormalizedSoftmax(0.25)),
    (K.SphereFace(1, scale=4.0), K.NormalizedSoftmax(0.25)),
    (K.SoftTriple(scale=4.0, margin=0.4), K.CosFace(0.4, scale=4.0)),
    (K.ProxyNCA(scale=2.0), K.NormalizedSoftmax(0.25)),
    (K.AdaFace(0.4, h=0.0, scale=4.0), K.CosFace(0.4, scale=4.0)),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=map(repr, SAME))
def test_identities(one, other, rng):
    c = drawn(rng, C)
    y_pred = np.concatenate([c, 9 * drawn(rng, 1) + 10], axis=1) if isinstance(one, K.AdaFace) else c
    assert_close(array(one(IDS, y_pred)), array(other(IDS, c)))
    assert_close(slope(one, IDS, y_pred)[:, :C], slope(other, IDS, c), gradient=True)


@pytest.mark.parametrize(("one", "other"), SAME[:6], ids=map(repr, SAME[:6]))
def test_identities_hold_at_the_ends_too(one, other):
    y, c = hard_cosines()
    c = np.clip(c, -1, 1)
    assert_close(array(one(y, c)), array(other(y, c)))


LOSSES = [K.ArcFace(), K.ArcFace(easy_margin=True), K.CombinedMargin(), K.CombinedMargin(3.0, 0.5, 0.0)]


@pytest.mark.parametrize("loss", [*LOSSES, K.CosFace(), K.SphereFace(scale=64.0)], ids=repr)
@pytest.mark.parametrize("end", [-1.0, 1.0, -1.0000001, 1.0000001])
def test_the_gradient_is_finite_at_the_ends(loss, end):
    gradient = slope(loss, [0], [[end, 0.2, -0.4]])
    assert np.all(np.isfinite(gradient)) and np.any(gradient)


def psi(loss, c):
    """What replaces the cosine of the true class: beside a cosine of 0 the loss is `log(1 + exp(-psi))`."""
    values = array(loss(np.zeros(len(c), int), np.stack([c, np.zeros_like(c)], axis=-1)))
    return -np.log(np.expm1(values.astype("float64")))


@pytest.mark.parametrize(
    ("loss", "continuous"),
    [
        (lambda **o: K.ArcFace(scale=1.0, **o), False),
        (lambda **o: K.CosFace(scale=1.0, **o), True),
        (lambda **o: K.SphereFace(scale=1.0, **o), True),
        (lambda **o: K.CombinedMargin(2.5, 0.4, 0.1, scale=1.0, **o), True),
    ],
)
def test_the_target_decreases_with_the_angle(loss, continuous):
    theta = np.linspace(0, math.pi, 401)
    target = psi(loss(reduction=None), np.cos(theta))
    steps = np.diff(target)
    assert np.all(steps < 1e-4)
    assert np.all(steps > -0.06) == continuous  # ArcFace jumps where theta + margin = pi
    assert np.all(target <= np.cos(theta) + 1e-5)


def test_the_jump_of_arcface():
    around = np.cos(math.pi - 0.5 + np.array([-1e-3, 1e-3]))
    before, after = psi(K.ArcFace(scale=1.0, reduction=None), around)
    assert_close(before, -1.0, scale=10)
    assert abs(after - (-math.cos(0.5) - 0.5 * math.sin(0.5))) < 1e-3


WIDE = [
    (K.SubCenterArcFace, (C, 3), {}),
    (K.SoftTriple, (C, 3), {}),
    (K.SphereFace, (C + 1,), {}),
    (K.AdaFace, (C + 1,), {}),
    (K.ArcFace, (C,), {}),
    (K.ProxyNCA, (C,), {"exclude_positive": True}),
]


OPTIONS = [
    {},
    {"class_weight": [0.5, 1.0, 2.0, 0.0, 3.0]},
    {"ignore_class": 2},
    {"ignore_class": [1, C]},
    {"label_smoothing": 0.1},
]


@pytest.mark.parametrize(
    ("loss", "shape", "arguments", "more"),
    [(*row, more) for row in WIDE for more in (OPTIONS[:-1] if row[0] is K.ProxyNCA else OPTIONS)],
)
@pytest.mark.parametrize("reduction", [None, "mean", "mean_with_sample_weight"])
def test_ids_equal_one_hot(loss, shape, arguments, more, reduction, rng):
    """Also where `y_pred` has more than a column for each class; an ignored id C is no column of it."""
    loss, y_pred = loss(**arguments, **more, reduction=reduction), drawn(rng, *shape)
    expected = array(loss(IDS, y_pred))
    assert np.any(expected)
    for labels in (ONE_HOT, ONE_HOT.astype("int32"), IDS[:, None]):
        assert_close(array(loss(labels, y_pred)), expected)
    weight = np.linspace(0, 1, len(IDS), dtype="float32")
    y_pred[0] = np.nan
    expected = array(loss(IDS, y_pred, sample_weight=weight)) if loss.scope == "sample" else None
    if expected is not None:
        assert np.all(np.isfinite(expected))
        assert_close(array(loss(ONE_HOT, y_pred, sample_weight=weight)), expected)


@pytest.mark.parametrize(("loss", "shape", "arguments"), [row for row in WIDE if row[0] is not K.AdaFace])
def test_positions_have_values_of_their_own(loss, shape, arguments, rng):
    loss, y_pred = loss(**arguments, reduction=None, ignore_class=2), drawn(rng, *shape)
    expected = array(loss(IDS, y_pred))
    ids, y_pred, expected = (np.stack([x, x[::-1]], axis=1) for x in (IDS, y_pred, expected))
    labels = np.eye(C, dtype="float32")[ids]
    for y_true in (ids, ids[..., None], labels):
        assert_close(array(loss(y_true, y_pred)), expected)
    weight = np.linspace(0, 1, expected.size, dtype="float32").reshape(expected.shape)
    y_pred[0, 0] = np.nan
    for y_true in (ids, labels):
        assert_close(array(loss(y_true, y_pred, sample_weight=weight)), weight * expected)


@pytest.mark.parametrize(("loss", "shape", "arguments"), WIDE)
def test_no_sample_has_no_value(loss, shape, arguments, rng):
    values = loss(**arguments, reduction=None)(IDS[:0], drawn(rng, *shape)[:0])
    assert tuple(values.shape) == (0,)


def test_wrong_shapes_are_refused(rng):
    refused = [
        (K.SubCenterArcFace(), IDS, (C,), r"SubCenterArcFace: `y_pred` must hold .*K centers"),
        (K.SubCenterArcFace(), ONE_HOT, (C + 1, 3), "SubCenterArcFace"),
        (K.ArcFace(), IDS, (C, 3), "ArcFace"),
        (K.SphereFace(), ONE_HOT, (C,), r"SphereFace: `y_pred` must hold the norm"),
        (K.SphereFace(), ONE_HOT, (C + 2,), "SphereFace"),
        (K.SphereFace(scale=1.0), ONE_HOT, (C + 1,), "SphereFace"),
        (K.SphereFace(), IDS, (1,), r"SphereFace: `y_pred` must hold the norm"),
        (K.AdaFace(), ONE_HOT, (C,), r"AdaFace: `y_pred` must hold the norm"),
        (K.AdaFace(), IDS, (2, C + 1), r"AdaFace: `y_pred` must have rank 2"),
        (K.ArcFace(class_weight=[1.0, 2.0]), IDS, (C,), "class_weight"),
        (K.SubCenterArcFace(class_weight=[1.0, 2.0, 3.0]), IDS, (C, 3), "class_weight"),
        (K.SphereFace(class_weight=[1.0] * (C + 1)), IDS, (C + 1,), "class_weight"),
    ]
    for loss, y_true, shape, message in refused:
        with pytest.raises(ValueError, match=message):
            loss(y_true, drawn(rng, *shape))


def test_the_norm_scales_the_cosines_of_sphereface(rng):
    c, s = drawn(rng, C), 3.0
    norms = np.full((len(c), 1), s, "float32")
    expected = array(K.SphereFace(scale=s)(IDS, c))
    assert_close(array(K.SphereFace()(IDS, np.concatenate([c, norms], axis=1))), expected)


def test_soft_labels_put_the_margin_on_the_largest(rng):
    c, loss = drawn(rng, C), K.ArcFace(scale=4.0, label_smoothing=0.3)
    smooth = 0.7 * ONE_HOT + 0.3 / C
    assert_close(array(K.ArcFace(scale=4.0)(smooth, c)), array(loss(IDS, c)))


def test_a_row_of_zeros_has_no_label():
    assert_close(array(K.ArcFace()(np.zeros((1, 3), "float32"), np.array([[0.3, 0.1, 0.2]]))), 0.0)


@pytest.mark.parametrize(("loss", "shape", "arguments"), WIDE)
def test_diagnose_counts_the_classes_and_no_other_column(loss, shape, arguments, rng):
    loss, y_true = loss(**arguments), np.resize(IDS, 160)
    y_pred = rng.uniform(-0.9, 0.9, size=(160, *shape)).astype("float32")
    for labels in (y_true, np.eye(C)[y_true], np.eye(C)[y_true].astype(int)):
        assert not K.diagnose(loss, labels, y_pred)
    wrong = np.where(np.arange(160) == 7, C, y_true)
    assert f"ids go from 0 to {C - 1}" in str(K.diagnose(loss, wrong, y_pred)[0])


# AdaFace ---------------------------------------------------------------------------------------------


def faces(rng):
    norms = rng.uniform(1, 9, size=(len(IDS), 1)).astype("float32")
    return np.concatenate([drawn(rng, C), norms], axis=1)


def test_absent_faces_leave_the_statistics(rng):
    y_pred, keep = faces(rng), np.arange(len(IDS)) != 1
    expected = array(K.AdaFace(reduction=None)(IDS[keep], y_pred[keep]))
    y_pred[1] = np.nan
    ids = np.where(keep, IDS, -1)
    ignored = array(K.AdaFace(reduction=None, ignore_class=-1)(ids, y_pred))
    absent = array(K.AdaFace(reduction=None)(IDS, masked(y_pred, keep)))
    for found in (ignored, absent):
        assert found[1] == 0
        assert_close(found[keep], expected)


def test_a_face_of_weight_0_stays_in_the_statistics(rng):
    y_pred, loss = faces(rng), K.AdaFace(reduction=None)
    weight = np.float32(np.arange(len(IDS)) % 2)
    assert_close(array(loss(IDS, y_pred, sample_weight=weight)), weight * array(loss(IDS, y_pred)))


def test_the_norm_gets_no_gradient_and_one_face_is_of_mean_quality(rng):
    y_pred = faces(rng)
    gradient = slope(K.AdaFace(scale=4.0), IDS, y_pred)
    assert not np.any(gradient[:, -1]) and np.any(gradient[:, :-1])
    one = array(K.AdaFace(0.4, scale=4.0)(IDS[:1], y_pred[:1]))
    assert_close(one, array(K.CosFace(0.4, scale=4.0)(IDS[:1], y_pred[:1, :-1])))  # q = 0


def test_a_good_face_gets_the_additive_margin_and_a_bad_one_the_angular():
    """With q = 1 the angle becomes smaller and twice the margin is subtracted; with q = -1 it is ArcFace."""
    y_pred = np.array([[0.5, 0.1, 1.0], [0.5, 0.1, 9.0]], "float32")
    values = array(K.AdaFace(0.4, h=10.0, scale=1.0, reduction=None)([0, 0], y_pred))
    angle = math.acos(0.5)
    target = np.array([math.cos(angle + 0.4), math.cos(angle - 0.4) - 0.8])
    assert_close(values, np.log1p(np.exp(0.1 - target)))


def test_class_weights_of_adaface_divide_its_mean(rng):
    y_pred, weight = faces(rng), [0.5, 1.0, 2.0, 0.0, 3.0]
    values = array(K.AdaFace(class_weight=weight, reduction=None)(IDS, y_pred))
    mean = array(K.AdaFace(class_weight=weight, reduction="mean_with_sample_weight")(IDS, y_pred))
    assert_close(mean, values.sum() / np.asarray(weight)[IDS].sum())


def test_the_label_of_an_absent_face_may_be_anything(rng):
    y_pred, keep = faces(rng), np.arange(len(IDS)) != 1
    loss = K.AdaFace(class_weight=[0.5, 1.0, 2.0, 0.0, 3.0], reduction="mean_with_sample_weight")
    expected = array(loss(IDS[keep], y_pred[keep]))
    for labels, wrong in ((ONE_HOT, np.nan), (ONE_HOT, np.inf), (IDS, C)):
        labels = labels.copy()
        labels[1] = wrong
        assert_close(array(loss(labels, masked(y_pred, keep))), expected)


# In a model ------------------------------------------------------------------------------------------


def clouds(rng, count=240, classes=4, width=6):
    """Samples around a direction for each class, of any length."""
    y = rng.integers(0, classes, size=count)
    x = np.eye(width)[y] + 0.15 * rng.normal(size=(count, width))
    return (x * rng.uniform(0.5, 2, size=(count, 1))).astype("float32"), y


def policy(name):
    return keras.dtype_policies.get(name)


@pytest.mark.parametrize(
    ("loss", "options", "dtype"),
    [
        (K.ArcFace(margin=0.3, scale=16.0), {}, "float32"),
        (K.ArcFace(margin=0.3, scale=16.0), {}, "mixed_float16"),
        (K.SubCenterArcFace(margin=0.3, scale=16.0), {"centers_per_class": 3}, "float32"),
        (K.AdaFace(scale=16.0), {"return_norm": True}, "float32"),
    ],
)
def test_fit_save_and_load(loss, options, dtype, rng, tmp_path):
    keras.utils.set_random_seed(0)
    x, y = clouds(rng)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, dtype=policy(dtype)),
            K.layers.CosineDense(4, dtype=policy(dtype), **options),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), loss)
    history = model.fit(x, y, batch_size=40, epochs=12, verbose=0).history["loss"]
    assert history[-1] < 0.2 * history[0] and np.all(np.isfinite(history))
    outputs = model.predict(x, verbose=0)
    assert outputs.dtype == "float32"
    cosines = outputs[..., :4] if options.get("return_norm") else outputs
    cosines = cosines.max(axis=-1) if cosines.ndim == 3 else cosines
    assert np.mean(cosines.argmax(axis=-1) == y) > 0.95
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict(x, verbose=0), outputs)
    assert loaded.loss.get_config() == loss.get_config()
    assert_close(loaded.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0))
