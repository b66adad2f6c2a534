"""Values and gradients of losses of boxes, images and waveforms beside those of other libraries."""

import functools

import numpy as np
import pytest

import kerasloss as K
from tests.equivalents.number import module_alone
from tests.equivalents.numbers._boxes import PRED, TRUE
from tests.peers import assert_same, installed, load


@installed("torchvision")
@pytest.mark.parametrize(
    ("ours", "module", "name"),
    [
        (K.GIoU(), "giou_loss", "generalized_box_iou_loss"),
        (K.DIoU(), "diou_loss", "distance_box_iou_loss"),
        (K.CIoU(), "ciou_loss", "complete_box_iou_loss"),
    ],
    ids=str,
)
def test_torchvision_boxes(ours, module, name):
    true, pred = (x.astype("float32") for x in (TRUE, PRED))
    theirs = getattr(module_alone(f"torchvision.ops.{module}"), name)
    target = load("torch").tensor(true)
    assert_same(lambda p: ours(true, p), lambda p: theirs(p, target, reduction="mean"), pred, name)


@installed("torchvision")
def test_torchvision_focal(rng):
    labels, logits = rng.integers(0, 2, (4, 3)).astype("float32"), rng.normal(size=(4, 3)).astype("float32")
    target, focal = (
        load("torch").tensor(labels),
        module_alone("torchvision.ops.focal_loss").sigmoid_focal_loss,
    )
    for alpha, gamma in ((0.25, 2.0), (0.7, 1.5)):
        ours = K.BinaryFocalCrossentropy(True, alpha, gamma, from_logits=True)
        theirs = functools.partial(focal, targets=target, alpha=alpha, gamma=gamma, reduction="mean")
        assert_same(lambda p, f=ours: f(labels, p), theirs, logits)


@installed("piq")
def test_piq(rng):
    true, pred = rng.uniform(size=(2, 1, 16, 18, 3)).astype("float32")
    target = load("torch").tensor(np.moveaxis(true, -1, 1).copy())
    rows = [
        (K.SSIM(filter_size=5), module_alone("piq.ssim").SSIMLoss(kernel_size=5)),
        (K.GMSD(), module_alone("piq.gmsd").GMSDLoss()),
    ]
    for ours, theirs in rows:
        assert_same(
            lambda p, f=ours: f(true, p),
            lambda p, f=theirs: f(p.permute(0, 3, 1, 2), target),
            pred,
            repr(ours),
        )


@installed("focal_frequency_loss")
def test_focal_frequency_loss(rng):
    true, pred = rng.uniform(size=(2, 1, 8, 9, 2)).astype("float32")
    target = load("torch").tensor(np.moveaxis(true, -1, 1).copy())
    theirs = load("focal_frequency_loss").FocalFrequencyLoss(1.0)
    assert_same(lambda p: K.FocalFrequency()(true, p), lambda p: theirs(p.permute(0, 3, 1, 2), target), pred)


@installed("auraloss")
def test_auraloss(rng):
    true, pred = rng.normal(size=(2, 1, 40)).astype("float32")
    target, losses = load("torch").tensor(true[:, None]), load("auraloss")
    here, there = ("fft_lengths", "hop_lengths", "window_lengths"), ("fft_sizes", "hop_sizes", "win_lengths")
    lengths = [8, 16], [3, 4], [6, 16]
    rows = [
        (K.ScaleInvariantSDR(), losses.time.SISDRLoss()),
        (K.ScaleInvariantSDR(scale_invariant=False), losses.time.SNRLoss()),
        (
            K.MultiResolutionSTFT(**dict(zip(here, lengths, strict=True))),
            losses.freq.MultiResolutionSTFTLoss(**dict(zip(there, lengths, strict=True))),
        ),
    ]
    for ours, theirs in rows:
        assert_same(lambda p, f=ours: f(true, p), lambda p, f=theirs: f(p[:, None], target), pred, repr(ours))


@installed("torchmetrics")
def test_torchmetrics_spectral_angle(rng):
    true, pred = rng.uniform(0.1, 1.0, size=(2, 1, 4, 5, 6)).astype("float32")
    torch, functions = load("torch"), load("torchmetrics.functional.image")
    target = torch.tensor(np.moveaxis(true, -1, 1).copy())
    assert_same(
        lambda p: K.SpectralAngle()(true, p),
        lambda p: functions.spectral_angle_mapper(p.permute(0, 3, 1, 2), target),
        pred,
    )
