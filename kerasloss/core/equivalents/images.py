"""piq, scikit-image, focal-frequency-loss, BasicSR: images are channels last here, the target is first."""

from kerasloss.core.equivalents.row import Rows

_ONE_MINUS = "1 - its value."
_MINUS = "Minus its value."

_NETWORK = "Its networks are those of torchvision; here of `keras.applications`, or of your own."

PIQ: Rows = [
    (
        "SSIMLoss",
        "SSIM",
        {},
        "Below 384 pixels a side: it shrinks larger images first. `kernel_size`, `kernel_sigma`, `k1`, `k2`, "
        "`data_range` are `filter_size`, `filter_sigma`, `k1`, `k2`, `max_val`.",
    ),
    (
        "MultiScaleSSIMLoss",
        "MultiScaleSSIM",
        {},
        "`scale_weights` is `power_factors`, divided by its sum. Pads odd sides in front.",
    ),
    ("GMSDLoss", "GMSD", {}, "`t` is `constant`."),
    ("HaarPSILoss", "HaarPSI", {}, "`c` is `constant`. Adds 2**-23 to both sums."),
    (
        "TVLoss",
        "TotalVariation",
        {},
        '`norm_type="l2_squared"`: `norm="squared"`; `"l2"`: the root of that.',
    ),
    ("psnr", "PSNR", {}, f"{_MINUS} Adds 1e-8 to the mean."),
    (
        "ContentLoss",
        "Perceptual",
        {},
        f"Sums over channels: `layer_weights` times the channels of each layer. {_NETWORK}",
    ),
    (
        "StyleLoss",
        "Style",
        {},
        '`layer_weights` times `(height * width) ** 2` of each layer, with `"mae"` times '
        f"`height * width / channels`. Its default is one layer, block3_conv3. {_NETWORK}",
    ),
]

SKIMAGE: Rows = [
    (
        "metrics.structural_similarity",
        "SSIM",
        {},
        f"{_ONE_MINUS} With `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`; `data_range` is "
        "`max_val`.",
    ),
    ("metrics.peak_signal_noise_ratio", "PSNR", {}, f"{_MINUS} `data_range` is `max_val`."),
]

FOCAL_FREQUENCY: Rows = [
    ("FocalFrequencyLoss", "FocalFrequency", {}, "Without its options, `alpha` aside."),
]

_TWICE = "Called for real and for generated scores; here their mean, over both in one batch."

BASICSR: Rows = [
    ("L1Loss", "MeanAbsoluteError", {}, ""),
    ("MSELoss", "MeanSquaredError", {}, ""),
    ("CharbonnierLoss", "Charbonnier", {"epsilon": 1e-6}, "`eps`, 1e-12, is `epsilon ** 2`."),
    (
        'WeightedTVLoss(reduction="sum")',
        "TotalVariation",
        {"reduction": "sum"},
        'Its `reduction="mean"` adds the means of both directions.',
    ),
    ('GANLoss("vanilla")', "NonSaturatingGAN", {}, _TWICE),
    ('GANLoss("wgan_softplus")', "NonSaturatingGAN", {}, _TWICE),
    (
        'GANLoss("lsgan")',
        "LeastSquaresGAN",
        {},
        f"Twice this. `real_label_val` and `fake_label_val` are `real_label` and `generated_label`. {_TWICE}",
    ),
    ('GANLoss("wgan")', "WassersteinGAN", {}, _TWICE),
    (
        'GANLoss("hinge")',
        "HingeGAN",
        {},
        f'Called with `is_disc=True`; without it `role="generator"`. {_TWICE}',
    ),
]

TF_IMAGE: Rows = [
    ("image.ssim", "SSIM", {}, f"{_ONE_MINUS} Takes `max_val` third."),
    ("image.ssim_multiscale", "MultiScaleSSIM", {}, f"{_ONE_MINUS} Takes `max_val` third."),
    ("image.psnr", "PSNR", {}, f"{_MINUS} Of equal images infinite."),
    ("image.total_variation", "TotalVariation", {}, "Of `y_pred`."),
]
