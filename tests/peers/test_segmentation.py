"""The numbers of MONAI, kornia and balanced_loss, computed by the libraries where they are installed."""

import functools

import numpy as np
import pytest
import scipy.ndimage
import scipy.special

import kerasloss as K
from tests.backend import array, assert_close
from tests.peers import assert_same, installed, load

SPACE, BATCH, PIXELS = (2, 3), (0, 2, 3), (1, 2, 3)  # of (batch, class, height, width)
WEIGHT = [0.5, 1.5, 1.0]
FIRST = {"class_axis": 1}
LOGITS = {"from_logits": True, **FIRST}


@pytest.fixture
def images(rng):
    """Ids of 3 classes, of which 2 are foregrounds, their one-hot masks, independent masks, and logits."""
    ids = rng.integers(0, 3, size=(2, 1, 5, 6))
    one_hot = np.moveaxis(np.eye(3, dtype="float32")[ids[:, 0]], -1, 1)
    masks = rng.integers(0, 2, size=(2, 3, 5, 6)).astype("float32")
    return ids, one_hot, masks, (2 * rng.normal(size=(2, 3, 5, 6))).astype("float32")


def compare(ours, y_true, y_pred, theirs, target=None, factor=1.0):
    """Value and gradient by the prediction of `factor * ours` and of `theirs`, which takes torch tensors."""
    target = load("torch").tensor(y_true if target is None else target)
    message = f"{ours!r} {theirs!r}"
    assert_same(lambda p: factor * ours(y_true, p), lambda p: theirs(p, target), y_pred, message)


@installed("monai")
def test_monai_overlap(images):
    M = load("monai.losses")
    ids, _, masks, logits = images
    absent, ignored = np.where(ids == 2, 1, ids), np.where(ids == 1, 255, ids)
    tiny, half, halves = {"smooth": 1e-5}, {"smooth": 0.5}, {"smooth_nr": 0.5, "smooth_dr": 0.5}
    squares, batch, weight = {"squared_pred": True}, {"batch": True}, {"class_weight": WEIGHT}
    foregrounds = {"class_weight": [0, 1, 1], "reduction": "mean_with_sample_weight"}
    alphas, w = {"alpha": 0.3, "beta": 0.8}, {"weight": load("torch").tensor(WEIGHT)}
    sums, jaccard = {"reduction": "sum"}, {"jaccard": True}
    exact, lines = {"iter_": 2, "smooth": 1e-12}, {"iterations": 2}
    mixed = {"dice_weight": 2.0, "crossentropy_weight": 0.5}
    of_mixed = {"lambda_dice": 2.0, "lambda_ce": 0.5}
    focal = {"dice_weight": 2.0, "focal_weight": 0.5, "gamma": 1.5}
    of_focal = {"lambda_dice": 2.0, "lambda_focal": 0.5, "gamma": 1.5}
    exclusive = [
        (K.Dice, SPACE, ids, tiny, M.DiceLoss, {}),
        (K.Dice, BATCH, absent, half, M.DiceLoss, halves | batch),
        (K.Dice, SPACE, ids, tiny | weight, M.DiceLoss, w),
        (K.Dice, SPACE, ids, tiny | sums, M.DiceLoss, sums),
        (K.Dice, SPACE, ids, tiny | foregrounds, M.DiceLoss, {"include_background": False}),
        (K.Dice, SPACE, ignored, tiny | {"ignore_class": 255}, M.DiceLoss, {"ignore_index": 255}),
        (K.Jaccard, SPACE, ids, {"smooth": 0.25}, M.DiceLoss, halves | jaccard),
        (K.Tversky, SPACE, absent, half | alphas, M.TverskyLoss, halves | alphas),
        (K.MatthewsCorrelation, BATCH, ids, {}, M.MCCLoss, batch | {"smooth_dr": 0}),
        (K.SoftClDice, PIXELS, ids, lines, M.SoftclDiceLoss, exact),
        (K.DiceCrossentropy, SPACE, ids, tiny, M.DiceCELoss, {}),
        (K.DiceCrossentropy, BATCH, ids, tiny | weight | mixed, M.DiceCELoss, w | batch | of_mixed),
    ]
    for kind in ("square", "simple", "uniform"):
        ours, theirs = half | {"weighting": kind}, halves | {"w_type": kind}
        exclusive += [
            (K.GeneralizedDice, PIXELS, ids, ours, M.GeneralizedDiceLoss, theirs),
            (K.GeneralizedDice, None, absent, ours, M.GeneralizedDiceLoss, theirs | batch),
        ]
    for loss, axis, y, ours, theirs, arguments in exclusive:
        theirs = theirs(softmax=True, to_onehot_y=True, **arguments)
        compare(loss(axis=axis, **LOGITS, **ours), y, logits, theirs)
    theirs = M.SoftDiceclDiceLoss(alpha=0.3, softmax=True, to_onehot_y=True, **exact)
    parts = K.Dice(axis=SPACE, smooth=1, **LOGITS), K.SoftClDice(axis=PIXELS, **lines, **LOGITS)
    compare(0.7 * parts[0] + 0.3 * parts[1], ids, logits, theirs)

    yes_no = [
        (K.Dice, SPACE, half | squares, M.DiceLoss, halves | squares),
        (K.Jaccard, BATCH, {"smooth": 0.25} | squares, M.DiceLoss, halves | jaccard | squares | batch),
        (K.Tversky, BATCH, half | alphas, M.TverskyLoss, halves | alphas | batch),
        (K.MatthewsCorrelation, SPACE, {}, M.MCCLoss, {"smooth_dr": 0}),
        (K.DiceFocal, SPACE, tiny | {"alpha": 0.3}, M.DiceFocalLoss, {"alpha": 0.3}),
        (K.DiceFocal, BATCH, tiny | weight | focal, M.DiceFocalLoss, w | batch | of_focal),
    ]
    for loss, axis, ours, theirs, arguments in yes_no:
        ours = loss(axis=axis, multilabel=True, **LOGITS, **ours)
        compare(ours, masks, logits, theirs(sigmoid=True, **arguments))
    ours = K.GeneralizedDice(axis=PIXELS, multilabel=True, **tiny, **LOGITS)
    ours = ours + K.DiceFocal(0.0, 1.0, axis=SPACE, multilabel=True, **LOGITS)
    compare(ours, masks, logits, M.GeneralizedDiceFocalLoss(sigmoid=True))
    ours = K.Dice(axis=SPACE, **tiny, **foregrounds, **LOGITS)
    ours = ours + K.SparseCategoricalCrossentropy(from_logits=True, axis=1)
    theirs = M.DiceCELoss(include_background=False, softmax=True, to_onehot_y=True)
    compare(ours, ids, logits, theirs)
    ours = K.DiceCrossentropy(axis=SPACE, **tiny, **LOGITS)
    compare(ours, masks[:, :1], logits[:, :1], M.DiceCELoss(sigmoid=True))


@installed("monai")
def test_monai_probabilities(images):
    M = load("monai.losses")
    _, _, masks, logits = images
    hard = np.concatenate([1 - masks[:, :1], masks[:, :1]], axis=1)
    p = scipy.special.softmax(logits[:, :2], axis=1)
    tversky = M.unified_focal_loss.AsymmetricFocalTverskyLoss(delta=0.7, gamma=0.4, reduction="none")
    theirs = functools.partial(of_background, lambda q, y: tversky(q, y)[:, 1].mean())
    compare(K.FocalTversky(0.3, 0.7, 0.6, axis=SPACE, **FIRST), hard[:, 1:], p[:, 1:], theirs)
    for w in (0.5, 0.2):
        focal = M.AsymmetricUnifiedFocalLoss(weight=w)
        ours = functools.partial(K.UnifiedFocal, w / 2 / (1 - w / 2), delta=0.7, axis=SPACE)
        theirs = functools.partial(of_softmax, focal)
        compare(ours(**LOGITS), hard, logits[:, :2], theirs, factor=1 - w / 2)
        compare(ours(**FIRST), hard[:, 1:], p[:, 1:], focal, factor=1 - w / 2)
    distance, maps = scipy.ndimage.distance_transform_edt, np.zeros_like(masks)
    for place in np.ndindex(2, 3):
        inside = masks[place] > 0
        maps[place] = np.where(inside, 1 - distance(inside), distance(~inside))
    compare(K.Boundary(multilabel=True, **LOGITS), maps, logits, M.BoundaryLoss(sigmoid=True), target=masks)


def of_background(loss, x, y):
    return loss(*(load("torch").cat([1 - z, z], dim=1) for z in (x, y)))


def of_softmax(loss, x, y):
    return loss(x.softmax(1), y)


@installed("monai")
def test_monai_focal(images):
    M = load("monai.losses")
    _, one_hot, masks, logits = images
    softmax = functools.partial(K.CategoricalFocalCrossentropy, from_logits=True, axis=1)
    sigmoid = functools.partial(K.BinaryFocalCrossentropy, from_logits=True)
    for ours, arguments in (
        (softmax(1.0, 1.5), {"gamma": 1.5}),
        (softmax([0.7, 0.3, 0.3]), {"alpha": 0.3}),
        (softmax(WEIGHT), {"alpha": WEIGHT}),
    ):
        compare(ours, one_hot, logits, M.FocalLoss(use_softmax=True, **arguments), factor=1 / 3)
    compare(sigmoid(gamma=1.5), masks, logits, M.FocalLoss(gamma=1.5))
    compare(sigmoid(True, 0.3), masks, logits, M.FocalLoss(alpha=0.3))


@installed("monai")
def test_monai_several_scales(rng):
    M, torch = load("monai.losses"), load("torch")
    error = torch.nn.MSELoss()
    y, p = rng.normal(size=(2, 2, 5, 6, 3)).astype("float32")
    outputs = [p, p[:, ::2, ::2], p[:, :2, :2]]
    for mode in ("exp", "two", "same", [0.7, 0.2, 0.5]):
        arguments = {"weight_mode": mode} if isinstance(mode, str) else {"weights": mode}
        tensors = [torch.tensor(x).movedim(-1, 1) for x in outputs]
        expected = M.DeepSupervisionLoss(error, **arguments)(tensors, torch.tensor(y).movedim(-1, 1))
        ours = K.DeepSupervision(K.MeanSquaredError(), mode)
        assert_close(array(ours(y, outputs)), expected.item(), message=mode)
    for scales in (None, [0, 1, 2], [3]):
        for kernel in ("gaussian", "cauchy"):
            theirs = functools.partial(of_channels_last, M.MultiScaleLoss(error, scales, kernel))
            compare(K.MultiScale(K.MeanSquaredError(), scales or (0,), kernel), y, p, theirs)


def of_channels_last(loss, x, y):
    return loss(y.movedim(-1, 1), x.movedim(-1, 1))


@installed("monai")
def test_monai_aucm(rng):
    M, torch = load("monai.losses"), load("torch")
    y = np.array([1, 0, 0, 1, 0, 0, 0, 1], "float32")[:, None]
    p = rng.uniform(size=y.shape).astype("float32")
    for version, share in (("v1", 3 / 8 * 5 / 8), ("v2", 1.0)):
        theirs = M.AUCMLoss(version=version, margin=0.8)
        a, b = p[y == 1].mean(), p[y == 0].mean()
        for name, optimum in (("a", a), ("b", b), ("alpha", 0.8 + b - a)):
            getattr(theirs, name).data = torch.tensor(float(optimum))
        compare(K.AUCMargin(0.8), y, p, theirs, factor=share)


@installed("kornia")
def test_kornia(images):
    L = load("kornia.losses")
    ids, _, masks, logits = images
    labels, ignored, absent = ids[:, 0], np.where(ids == 1, -100, ids)[:, 0], np.where(ids == 2, 1, 0)[:, 0]
    weight, w = {"class_weight": WEIGHT}, load("torch").tensor(WEIGHT)
    of_classes = {"reduction": "mean_with_sample_weight"} | weight
    rows = [
        (K.Dice(axis=PIXELS, **LOGITS), absent, L.DiceLoss("micro")),
        (K.Dice(axis=PIXELS, **weight, **LOGITS), labels, L.DiceLoss("micro", weight=w)),
        (K.Dice(axis=PIXELS, ignore_class=-100, **LOGITS), ignored, L.DiceLoss("micro")),
        (K.Dice(axis=SPACE, **LOGITS), labels, L.DiceLoss("macro")),
        (K.Dice(axis=SPACE, **of_classes, **LOGITS), labels, L.DiceLoss("macro", weight=w)),
        (K.Tversky(0.3, 0.8, axis=SPACE, **LOGITS), labels, L.TverskyLoss(0.3, 0.8)),
        (K.LovaszSoftmax("all", PIXELS, **LOGITS), labels, L.LovaszSoftmaxLoss()),
        (K.LovaszSoftmax("all", PIXELS, **LOGITS), absent, L.LovaszSoftmaxLoss()),
        (K.BinaryFocalCrossentropy(gamma=1.5, from_logits=True), masks, binary_focal(L, None, 1.5)),
        (K.BinaryFocalCrossentropy(True, 0.3, from_logits=True), masks, binary_focal(L, 0.3)),
    ]
    for ours, y, theirs in rows:
        compare(ours, y, logits, theirs)
    hinge = L.LovaszHingeLoss()
    compare(K.LovaszHinge(PIXELS), masks[:, :1], logits[:, :1], lambda q, y: hinge(q, y[:, 0]))
    p = scipy.special.softmax(logits, axis=1)
    compare(K.HausdorffErosion(1.5, 4, **FIRST), ids, p, L.HausdorffERLoss(1.5, 4))
    volume = np.stack([ids, ids[..., ::-1], 2 - ids], axis=2), np.stack([p, p[..., ::-1], p], axis=2)
    compare(K.HausdorffErosion(2, 2, **FIRST), *volume, L.HausdorffERLoss3D(2, 2))
    for alpha, factors in ((None, 1.0), (0.3, [0.7, 0.3, 0.3])):
        ours = K.CategoricalFocalCrossentropy(factors, 1.5, True, axis=1)
        compare(ours, labels, logits, L.FocalLoss(alpha, 1.5, "mean"), factor=1 / 3)


def binary_focal(kornia, alpha, gamma=2.0):
    return kornia.BinaryFocalLossWithLogits(alpha, gamma, "mean")


@installed("balanced_loss")
def test_balanced_loss(rng):
    B = load("balanced_loss")
    ids, logits = rng.integers(0, 4, size=7), rng.normal(size=(7, 4)).astype("float32")
    counts = [50, 3, 10, 1000]
    cases = (
        ("focal_loss", {"base": "sigmoid", "gamma": 1.5}, 1),
        ("cross_entropy", {}, 1),
        ("binary_cross_entropy", {"base": "sigmoid"}, 1 / 4),
    )
    for kind, arguments, factor in cases:
        theirs = B.Loss(kind, beta=0.99, fl_gamma=1.5, samples_per_class=counts, class_balanced=True)
        ours = K.ClassBalancedCrossentropy(counts, 0.99, from_logits=True, **arguments)
        compare(ours, ids, logits, theirs, factor=factor)
