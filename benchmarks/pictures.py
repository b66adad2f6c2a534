"""Value and gradient of losses of images, boxes and critics, beside other libraries of PyTorch.

    KERAS_BACKEND=torch taskset -c 0 python -m benchmarks.pictures

Peers that are not installed are named and left out:
`pip install piq pytorch-msssim kornia monai torchmetrics torchvision focal-frequency-loss`. Each loss gets
images in the layout of its library, ours with channels last and theirs with channels first. Both of a row run
in turn, and must give the same value. The ratio is ours / theirs; the last columns are what is kept for the
backward pass, in sizes of `y_pred` (see `modes.kept`).
"""

import argparse
import importlib.util

import keras
import numpy as np
from keras import ops

import kerasloss as K
from benchmarks import modes


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="time spent on each row")
    parser.add_argument("--only", default="", help="rows whose name or library holds this")
    options = parser.parse_args()
    modes.keep_memory()
    print(f"{modes.BACKEND} {modes.FASTEST}: forward + backward, kerasloss / the library")
    print(f"{'':42}{'ms':>9}{'ratio':>8}{'kept':>8}{'theirs':>8}")
    missing = []
    for data, libraries in arrays(np.random.default_rng(0)):
        for library, rows in libraries.items():
            if importlib.util.find_spec(library) is None:
                missing.append(library)
                continue
            for name, ours, theirs in rows():
                if options.only in f"{name}, {library}":
                    compared(f"{name}, {library}", ours, theirs, data, options.seconds)
    if missing:
        print("not installed:", ", ".join(dict.fromkeys(missing)))


def arrays(rng):
    """What the losses get, and the libraries that have losses of it."""
    noise = rng.uniform(size=(2, 4, 256, 256, 3)) ** 2
    boxes = rng.uniform(size=(2, 100_000, 4))
    boxes[..., 2:] += boxes[..., :2] + 0.1
    scores = rng.normal(size=(4096, 256))
    return [
        ((noise[0], 0.7 * noise[0] + 0.3 * noise[1]), IMAGES),
        (boxes, BOXES),
        ((rng.uniform(size=scores.shape) < 0.1, scores), SCORES),
        ((np.ones(scores.shape), scores), CRITICS),
    ]


def compared(name, ours, theirs, data, seconds):
    """One line, if both give the same value; `theirs` takes the prediction first."""
    here = [ops.convert_to_tensor(x, "float32") for x in data]
    there = [x.permute(0, 3, 1, 2).contiguous() if x.ndim == 4 else x for x in here]
    pairs = (ours, here), (lambda y_true, y_pred: theirs(y_pred, y_true), there)
    np.testing.assert_allclose(*(float(f(*args)) for f, args in pairs), rtol=1e-4)
    runs = [_bound(modes.differentiated(f, modes.FASTEST), args) for f, args in pairs]
    times = [1e3 * min(spent) for spent in modes.rounds(runs, None, None, seconds)]
    kept = "".join(f"{modes.kept(f, *args, modes.FASTEST):8.1f}" for f, args in pairs)
    print(f"{name:42}{times[0]:9.1f}{times[0] / times[1]:8.2f}{kept}", flush=True)


def _bound(run, args):
    return lambda *_: run(*args)


def piq():
    import piq

    normalized = np.array(K.MultiScaleSSIM().power_factors) / 1.0001
    yield "SSIM", K.SSIM(), piq.SSIMLoss(downsample=False)
    yield "MultiScaleSSIM", K.MultiScaleSSIM(power_factors=normalized.tolist()), piq.MultiScaleSSIMLoss()
    yield "GMSD", K.GMSD(), piq.GMSDLoss()
    yield "HaarPSI", K.HaarPSI(), piq.HaarPSILoss()
    for ours, theirs in (("l1", "l1"), ("squared", "l2_squared")):
        yield f"TotalVariation {ours}", K.TotalVariation(ours), _of_one(piq.TVLoss(theirs))
    yield "PSNR", K.PSNR(), lambda pred, true: -piq.psnr(pred, true)


def pytorch_msssim():
    from pytorch_msssim import ms_ssim, ssim

    yield "SSIM", K.SSIM(), lambda pred, true: 1 - ssim(pred, true, 1.0)
    yield "MultiScaleSSIM", K.MultiScaleSSIM(), lambda pred, true: 1 - ms_ssim(pred, true, 1.0)


def kornia():
    from kornia.losses import MS_SSIMLoss, SSIMLoss, total_variation

    ssim, mixed = SSIMLoss(11, padding="valid"), MS_SSIMLoss()
    yield "SSIM", K.SSIM(), lambda pred, true: 2 * ssim(pred, true)
    yield "MixedSSIML1", K.MixedSSIML1(alpha=0.025), lambda pred, true: mixed(pred, true) / 200
    yield "TotalVariation l1", K.TotalVariation(), lambda pred, true: 3 * total_variation(pred).mean()


def monai():
    from monai.losses import LocalNormalizedCrossCorrelationLoss, SSIMLoss

    yield "SSIM", K.SSIM(), SSIMLoss(2)
    for size in (3, 9):
        theirs = LocalNormalizedCrossCorrelationLoss(2, size)
        yield f"LocalNormalizedCrossCorrelation {size}", K.LocalNormalizedCrossCorrelation(size), theirs


def torchmetrics():
    from torchmetrics.functional import image

    yield "TotalVariation l1", K.TotalVariation(), _of_one(lambda pred: image.total_variation(pred, "mean"))
    yield (
        "PSNR",
        K.PSNR(),
        lambda pred, true: -image.peak_signal_noise_ratio(pred, true, (0.0, 1.0), dim=(1, 2, 3)),
    )
    yield "SpectralAngle", K.SpectralAngle(), image.spectral_angle_mapper


def focal_frequency_loss():
    from focal_frequency_loss import FocalFrequencyLoss

    yield "FocalFrequency", K.FocalFrequency(), FocalFrequencyLoss(1.0)


def torchvision_boxes():
    from torchvision import ops as theirs

    rows = {
        K.GIoU: theirs.generalized_box_iou_loss,
        K.DIoU: theirs.distance_box_iou_loss,
        K.CIoU: theirs.complete_box_iou_loss,
    }
    for ours, function in rows.items():
        yield ours.__name__, ours(), lambda pred, true, f=function: f(pred, true, reduction="mean")


def keras_boxes():
    from keras.utils.bounding_boxes import compute_ciou

    yield "CIoU", K.CIoU(), lambda pred, true: 1 - compute_ciou(true, pred, "xyxy").mean()


def monai_boxes():
    from monai.losses import BoxGIoULoss

    yield "GIoU", K.GIoU(), BoxGIoULoss()


def torchvision_scores():
    from torchvision.ops import sigmoid_focal_loss

    ours = K.BinaryFocalCrossentropy(apply_class_balancing=True, from_logits=True)
    yield "BinaryFocalCrossentropy", ours, lambda pred, true: sigmoid_focal_loss(pred, true, reduction="mean")


def monai_critics():
    from monai.losses import PatchAdversarialLoss

    for ours, criterion, factor in (
        (K.NonSaturatingGAN(), "bce", 1.0),
        (K.LeastSquaresGAN(), "least_squares", 0.5),
    ):
        theirs = PatchAdversarialLoss(criterion=criterion, no_activation_leastsq=True)
        yield type(ours).__name__, ours, lambda pred, true, f=theirs, c=factor: c * f(pred, True, True)


def _of_one(function):
    """A function of the prediction alone."""
    return lambda pred, true: function(pred)


IMAGES = {
    "piq": piq,
    "pytorch_msssim": pytorch_msssim,
    "kornia": kornia,
    "monai": monai,
    "torchmetrics": torchmetrics,
    "focal_frequency_loss": focal_frequency_loss,
}
BOXES = {"torchvision": torchvision_boxes, "keras": keras_boxes, "monai": monai_boxes}
SCORES = {"torchvision": torchvision_scores}
CRITICS = {"monai": monai_critics}

if __name__ == "__main__":
    if keras.backend.backend() != "torch":
        raise SystemExit("These libraries are PyTorch's: set KERAS_BACKEND=torch.")
    main()
