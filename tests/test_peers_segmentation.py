"""The numbers of MONAI, kornia and balanced_loss, computed by the libraries where they are installed."""

import functools
import warnings

import numpy as np
import pytest
import scipy.ndimage
import scipy.special

import kerasloss as K
from tests.backend import assert_close, value_and_gradient
from tests.test_peers import installed

SPACE, BATCH, PIXELS = {"axis": (2, 3)}, {"axis": (0, 2, 3)}, {"axis": (1, 2, 3)}
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


@functools.cache
def library(name):
    """A library, which may warn while it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return __import__(name, fromlist=["_"])


def compare(ours, y_true, y_pred, theirs, target=None, factor=1.0, message=None):
    """Value and gradient by the prediction of `factor * ours` and of `theirs`, a function of torch tensors."""
    import torch

    prediction = torch.tensor(y_pred, requires_grad=True)
    expected = theirs(prediction, torch.tensor(y_true if target is None else target))
    expected.backward()
    value, gradient = value_and_gradient(lambda p: factor * ours(y_true, p), y_pred)
    message = message or f"{ours!r} {theirs!r}"
    assert_close(value, expected.item(), message=message)
    assert_close(gradient, prediction.grad.numpy(), gradient=True, message=message)


@installed("monai")
def test_monai_overlap(images):
    import torch

    M = library("monai.losses")
    ids, one_hot, masks, logits = images
    ignored = np.where(ids == 1, 255, ids)
    smooth = {"smooth_nr": 0.5, "smooth_dr": 0.5}
    soft, yes_no = {"softmax": True, "to_onehot_y": True}, {"sigmoid": True}
    channels = {"multilabel": True, **LOGITS}
    w = torch.tensor(WEIGHT)
    one = [x[:, :1] for x in (masks, logits)]
    rows = [
        (K.Dice(smooth=1e-5, **SPACE, **LOGITS), ids, M.DiceLoss(**soft)),
        (K.Dice(smooth=0.5, **BATCH, **LOGITS), ids, M.DiceLoss(batch=True, **smooth, **soft)),
        (
            K.Dice(smooth=0.5, squared_pred=True, **SPACE, **channels),
            masks,
            M.DiceLoss(squared_pred=True, **smooth, **yes_no),
        ),
        (
            K.Dice(smooth=0.5, class_weight=WEIGHT, **SPACE, **LOGITS),
            ids,
            M.DiceLoss(weight=w, **smooth, **soft),
        ),
        (
            K.Dice(smooth=0.5, reduction="sum", **SPACE, **LOGITS),
            ids,
            M.DiceLoss(reduction="sum", **smooth, **soft),
        ),
        (
            K.Dice(
                smooth=0.5, class_weight=[0, 1, 1], reduction="mean_with_sample_weight", **SPACE, **LOGITS
            ),
            ids,
            M.DiceLoss(include_background=False, **smooth, **soft),
        ),
        (
            K.Dice(smooth=0.5, ignore_class=255, **SPACE, **LOGITS),
            ignored,
            M.DiceLoss(ignore_index=255, **smooth, **soft),
        ),
        (K.Jaccard(smooth=0.25, **SPACE, **LOGITS), ids, M.DiceLoss(jaccard=True, **smooth, **soft)),
        (
            K.Jaccard(smooth=0.25, squared_pred=True, **BATCH, **channels),
            masks,
            M.DiceLoss(jaccard=True, squared_pred=True, batch=True, **smooth, **yes_no),
        ),
        (
            K.Tversky(0.3, 0.8, smooth=0.5, **SPACE, **LOGITS),
            ids,
            M.TverskyLoss(alpha=0.3, beta=0.8, **smooth, **soft),
        ),
        (
            K.Tversky(0.3, 0.8, smooth=0.5, **BATCH, **channels),
            masks,
            M.TverskyLoss(alpha=0.3, beta=0.8, batch=True, **smooth, **yes_no),
        ),
        (K.MatthewsCorrelation(**SPACE, **channels), masks, M.MCCLoss(smooth_dr=0, **yes_no)),
        (K.MatthewsCorrelation(**BATCH, **LOGITS), ids, M.MCCLoss(smooth_dr=0, batch=True, **soft)),
        (K.SoftClDice(2, **PIXELS, **LOGITS), ids, M.SoftclDiceLoss(iter_=2, smooth=1e-12, **soft)),
        (
            0.7 * K.Dice(smooth=1, **SPACE, **LOGITS) + 0.3 * K.SoftClDice(2, **PIXELS, **LOGITS),
            ids,
            M.SoftDiceclDiceLoss(iter_=2, alpha=0.3, smooth=1e-12, **soft),
        ),
        (K.DiceCrossentropy(smooth=1e-5, **SPACE, **LOGITS), ids, M.DiceCELoss(**soft)),
        (
            K.DiceCrossentropy(2.0, 0.5, smooth=0.5, class_weight=WEIGHT, **BATCH, **LOGITS),
            ids,
            M.DiceCELoss(lambda_dice=2.0, lambda_ce=0.5, weight=w, batch=True, **smooth, **soft),
        ),
        (
            K.DiceFocal(smooth=0.5, alpha=0.3, **SPACE, **channels),
            masks,
            M.DiceFocalLoss(alpha=0.3, **smooth, **yes_no),
        ),
        (
            K.DiceFocal(2.0, 0.5, 1.5, class_weight=WEIGHT, smooth=0.5, **BATCH, **channels),
            masks,
            M.DiceFocalLoss(
                lambda_dice=2.0, lambda_focal=0.5, gamma=1.5, weight=w, batch=True, **smooth, **yes_no
            ),
        ),
    ]
    for kind in ("square", "simple", "uniform"):
        rows += [
            (
                K.GeneralizedDice(kind, smooth=0.5, **PIXELS, **LOGITS),
                ids,
                M.GeneralizedDiceLoss(w_type=kind, **smooth, **soft),
            ),
            (
                K.GeneralizedDice(kind, smooth=0.5, **LOGITS),
                np.where(ids == 2, 1, ids),
                M.GeneralizedDiceLoss(w_type=kind, batch=True, **smooth, **soft),
            ),
        ]
    for ours, y, theirs in rows:
        compare(ours, y, logits, theirs)
    compare(K.DiceCrossentropy(smooth=1e-5, **SPACE, **LOGITS), *one, M.DiceCELoss(sigmoid=True))
    compare(K.DiceFocal(smooth=1e-5, **SPACE, **LOGITS), *one, M.DiceFocalLoss(sigmoid=True))


@installed("monai")
def test_monai_probabilities(images):
    M = library("monai.losses")
    _, _, masks, logits = images
    hard = np.concatenate([1 - masks[:, :1], masks[:, :1]], axis=1)
    p = scipy.special.softmax(logits[:, :2], axis=1)
    theirs = M.unified_focal_loss.AsymmetricFocalTverskyLoss(delta=0.7, gamma=0.4, reduction="none")
    compare(
        K.FocalTversky(0.3, 0.7, 0.6, **SPACE, **FIRST),
        hard[:, 1:],
        p[:, 1:],
        lambda q, y: theirs(with_background(q), with_background(y))[:, 1].mean(),
    )
    for w in (0.5, 0.2):
        ours = K.UnifiedFocal(w / 2 / (1 - w / 2), delta=0.7, **SPACE, **FIRST)
        compare(ours, hard, p, M.AsymmetricUnifiedFocalLoss(weight=w), factor=1 - w / 2)
        compare(ours, hard[:, 1:], p[:, 1:], M.AsymmetricUnifiedFocalLoss(weight=w), factor=1 - w / 2)
    maps = np.zeros_like(masks)
    for place in np.ndindex(2, 3):
        inside = masks[place] > 0
        maps[place] = np.where(
            inside,
            1 - scipy.ndimage.distance_transform_edt(inside),
            scipy.ndimage.distance_transform_edt(~inside),
        )
    compare(K.Boundary(multilabel=True, **LOGITS), maps, logits, M.BoundaryLoss(sigmoid=True), target=masks)


def with_background(x):
    import torch

    return torch.cat([1 - x, x], dim=1)


@installed("monai")
def test_monai_focal(images):
    M = library("monai.losses")
    ids, one_hot, masks, logits = images
    for ours, arguments in (
        (K.CategoricalFocalCrossentropy(1.0, 1.5, True, axis=1), {"gamma": 1.5}),
        (K.CategoricalFocalCrossentropy([0.7, 0.3, 0.3], from_logits=True, axis=1), {"alpha": 0.3}),
        (K.CategoricalFocalCrossentropy(WEIGHT, from_logits=True, axis=1), {"alpha": WEIGHT}),
    ):
        compare(ours, one_hot, logits, M.FocalLoss(use_softmax=True, **arguments), factor=1 / 3)
    for ours, arguments in (
        (K.BinaryFocalCrossentropy(gamma=1.5, from_logits=True), {"gamma": 1.5}),
        (K.BinaryFocalCrossentropy(True, 0.3, from_logits=True), {"alpha": 0.3}),
    ):
        compare(ours, masks, logits, M.FocalLoss(**arguments))


@installed("monai")
def test_monai_multiscale(images, rng):
    import torch

    M = library("monai.losses")
    _, _, _, logits = images
    y = rng.normal(size=logits.shape).astype("float32")
    outputs = [np.moveaxis(x, 1, -1) for x in (logits, logits[..., ::2, ::2], logits[..., :2, :2])]
    for mode in ("exp", "two", "same", [0.7, 0.2, 0.5]):
        arguments = {"weight_mode": mode} if isinstance(mode, str) else {"weights": mode}
        tensors = [torch.tensor(np.moveaxis(x, -1, 1)) for x in outputs]
        expected = M.DeepSupervisionLoss(torch.nn.MSELoss(), **arguments)(tensors, torch.tensor(y))
        ours = K.DeepSupervision(K.MeanSquaredError(), mode)
        assert_close(float(ours(np.moveaxis(y, 1, -1), outputs)), expected.item(), message=mode)
    for scales in (None, [0, 1, 2], [3]):
        for kernel in ("gaussian", "cauchy"):
            theirs = M.MultiScaleLoss(torch.nn.MSELoss(), scales, kernel)
            compare(
                K.MultiScale(K.MeanSquaredError(), scales or (0,), kernel),
                np.moveaxis(y, 1, -1),
                outputs[0],
                lambda p, t, theirs=theirs: theirs(t.movedim(-1, 1), p.movedim(-1, 1)),
                message=f"{kernel} {scales}",
            )


@installed("monai")
def test_monai_aucm(rng):
    import torch

    M = library("monai.losses")
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
    import torch

    L = library("kornia.losses")
    ids, one_hot, masks, logits = images
    w = torch.tensor(WEIGHT)
    labels, ignored = ids[:, 0], np.where(ids == 1, -100, ids)[:, 0]
    p = scipy.special.softmax(logits, axis=1)
    three = np.where(ids == 2, 1, 0)
    rows = [
        (K.Dice(**PIXELS, **LOGITS), labels, logits, L.DiceLoss("micro")),
        (K.Dice(class_weight=WEIGHT, **PIXELS, **LOGITS), labels, logits, L.DiceLoss("micro", weight=w)),
        (K.Dice(ignore_class=-100, **PIXELS, **LOGITS), ignored, logits, L.DiceLoss("micro")),
        (K.Dice(**SPACE, **LOGITS), labels, logits, L.DiceLoss("macro")),
        (
            K.Dice(class_weight=WEIGHT, reduction="mean_with_sample_weight", **SPACE, **LOGITS),
            labels,
            logits,
            L.DiceLoss("macro", weight=w),
        ),
        (K.Tversky(0.3, 0.8, **SPACE, **LOGITS), labels, logits, L.TverskyLoss(0.3, 0.8)),
        (K.LovaszSoftmax("all", **PIXELS, **LOGITS), labels, logits, L.LovaszSoftmaxLoss()),
        (K.LovaszSoftmax("all", **PIXELS, **LOGITS), three[:, 0], logits, L.LovaszSoftmaxLoss()),
        (K.HausdorffErosion(1.5, 4, **FIRST), ids, p, L.HausdorffERLoss(1.5, 4)),
        (
            K.BinaryFocalCrossentropy(gamma=1.5, from_logits=True),
            masks,
            logits,
            L.BinaryFocalLossWithLogits(None, 1.5, "mean"),
        ),
        (
            K.BinaryFocalCrossentropy(True, 0.3, from_logits=True),
            masks,
            logits,
            L.BinaryFocalLossWithLogits(0.3, reduction="mean"),
        ),
    ]
    for ours, y, prediction, theirs in rows:
        compare(ours, y, prediction, theirs)
    compare(
        K.LovaszHinge(**PIXELS), masks[:, :1], logits[:, :1], lambda q, y: L.LovaszHingeLoss()(q, y[:, 0])
    )
    volume = np.stack([ids, ids[..., ::-1], three], axis=2), np.stack([p, p[..., ::-1], p], axis=2)
    compare(K.HausdorffErosion(2, 2, **FIRST), *volume, L.HausdorffERLoss3D(2, 2))
    for alpha, factors in ((None, 1.0), (0.3, [0.7, 0.3, 0.3])):
        ours = K.CategoricalFocalCrossentropy(factors, 1.5, True, axis=1)
        compare(ours, labels, logits, L.FocalLoss(alpha, 1.5, "mean"), factor=1 / 3)


@installed("balanced_loss")
def test_balanced_loss(rng):
    B = library("balanced_loss")
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
