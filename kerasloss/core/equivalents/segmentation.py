"""Segmentation Models of PyTorch and Keras, MONAI, kornia: channels are last here, so `axis` is (1, 2)."""

from kerasloss.core.equivalents.row import Rows

BATCH, SPACE, PIXELS = (0, 1, 2), (1, 2), (1, 2, 3)


def _part(name: str, **arguments: object) -> dict[str, object]:
    """A loss of a sum, as its configuration."""
    return {"class_name": name, "config": arguments}


_MULTILABEL = '`mode="multilabel"`: `multilabel=True`'

SMP: Rows = [
    (
        "DiceLoss",
        "Dice",
        {"axis": BATCH, "from_logits": True},
        f"{_MULTILABEL}. `smooth` is twice theirs; a class without labels counts 0 there.",
    ),
    (
        "JaccardLoss",
        "Jaccard",
        {"axis": BATCH, "from_logits": True},
        f"{_MULTILABEL}. A class without labels counts 0 there.",
    ),
    (
        "TverskyLoss",
        "Tversky",
        {"axis": BATCH, "from_logits": True},
        f"{_MULTILABEL}. With `gamma`: `FocalTversky` of one class. A class without labels counts 0 there.",
    ),
    (
        "FocalLoss",
        "BinaryFocalCrossentropy",
        {"from_logits": True},
        '`alpha` needs `apply_class_balancing=True` here. `mode="multiclass"` is this of the one-hot labels.',
    ),
    ('LovaszLoss(mode="binary")', "LovaszHinge", {}, "`per_image=True`: `axis=(1, 2, 3)`."),
    ('LovaszLoss(mode="multilabel")', "LovaszHinge", {}, "`per_image=True`: `axis=(1, 2, 3)`."),
    (
        'LovaszLoss(mode="multiclass")',
        "LovaszSoftmax",
        {"from_logits": True},
        "`per_image=True`: `axis=(1, 2, 3)`.",
    ),
    (
        "SoftBCEWithLogitsLoss",
        "BinaryCrossentropy",
        {"from_logits": True, "ignore_class": -100},
        "`smooth_factor` is half of `label_smoothing`. Its mean divides by the ignored positions too.",
    ),
    (
        "SoftCrossEntropyLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": -100},
        "`smooth_factor` is `label_smoothing`; its default, None, fails in 0.6: give 0.0. Its mean divides "
        "by the ignored positions too.",
    ),
    ("MCCLoss", "MatthewsCorrelation", {"smooth": 1e-5}, "`eps` is `smooth`. On probabilities."),
]

_PER_IMAGE = (
    "`per_image=True` is `axis=(1, 2)`. With `class_weights` w, here `class_weight`, it adds `1 - mean(w)`."
)
_OF_BATCH = {"axis": BATCH, "smooth": 1e-5}

SM: Rows = [
    ("DiceLoss", "Dice", _OF_BATCH, f"{_PER_IMAGE} With a `beta`: `Tversky`."),
    ("JaccardLoss", "Jaccard", _OF_BATCH, _PER_IMAGE),
    ("BinaryCELoss", "BinaryCrossentropy", {}, ""),
    (
        "CategoricalCELoss",
        "CategoricalCrossentropy",
        {},
        "Its mean is over the C classes too: 1 / C of this. `class_weights` are `class_weight`.",
    ),
    ("BinaryFocalLoss", "BinaryFocalCrossentropy", {"apply_class_balancing": True}, ""),
    (
        "CategoricalFocalLoss",
        "CategoricalFocalCrossentropy",
        {},
        "Its mean is over the C classes too: 1 / C of this.",
    ),
    *(
        (f"{first}_{second}_loss", "WeightedSum", {"losses": [part, _part(region, **_OF_BATCH)]}, "")
        for first, part in (
            ("bce", _part("BinaryCrossentropy")),
            ("binary_focal", _part("BinaryFocalCrossentropy", apply_class_balancing=True)),
        )
        for second, region in (("dice", "Dice"), ("jaccard", "Jaccard"))
    ),
]

MONAI: Rows = [
    (
        "LocalNormalizedCrossCorrelationLoss",
        "LocalNormalizedCrossCorrelation",
        {"kernel_size": 3},
        'For `kernel_type="rectangular"`, its default. `smooth_dr` is `epsilon`.',
    ),
    (
        "PatchAdversarialLoss(no_activation_leastsq=True)",
        "LeastSquaresGAN",
        {},
        "Twice this. Without that argument, and for its other criteria, it bends the scores before.",
    ),
    (
        "BarlowTwinsLoss",
        "BarlowTwins",
        {"ddof": 1, "epsilon": 0.0},
        "Both views stacked on axis 1. `lambd` is `redundancy_weight`. Adds 1e-6 to the standard deviation.",
    ),
    (
        "DiceLoss",
        "Dice",
        {"axis": SPACE, "smooth": 1e-5},
        "`softmax` and `sigmoid`: `from_logits=True`, the latter with `multilabel=True`. `batch=True`: "
        "`axis=(0, 1, 2)`. `weight` is `class_weight`.",
    ),
    ("Dice", "Dice", {"axis": SPACE, "smooth": 1e-5}, "As `DiceLoss`."),
    (
        "DiceLoss(jaccard=True)",
        "Jaccard",
        {"axis": SPACE, "smooth": 5e-6},
        "`smooth` is half of theirs.",
    ),
    (
        "DiceCELoss",
        "DiceCrossentropy",
        {"axis": SPACE, "smooth": 1e-5, "from_logits": True},
        "With `softmax=True`. `lambda_dice` and `lambda_ce` are the two weights.",
    ),
    (
        "DiceFocalLoss",
        "DiceFocal",
        {"axis": SPACE, "smooth": 1e-5, "from_logits": True, "multilabel": True},
        "With `sigmoid=True`: its focal term is always that of sigmoids. `lambda_dice` and `lambda_focal` "
        "are the two weights.",
    ),
    (
        "TverskyLoss",
        "Tversky",
        {"alpha": 0.5, "beta": 0.5, "axis": SPACE, "smooth": 1e-5},
        "The activations, `batch` and `weight` as in `DiceLoss`.",
    ),
    (
        "GeneralizedDiceLoss",
        "GeneralizedDice",
        {"axis": PIXELS, "smooth": 1e-5},
        "`w_type` is `weighting`. `batch=True`: `axis=None`. The activations as in `DiceLoss`.",
    ),
    (
        "GeneralizedDiceFocalLoss",
        "WeightedSum",
        {
            "losses": [
                _part("GeneralizedDice", axis=PIXELS, smooth=1e-5, from_logits=True, multilabel=True),
                _part("BinaryFocalCrossentropy", from_logits=True),
            ]
        },
        "With `sigmoid=True`.",
    ),
    (
        "FocalLoss",
        "BinaryFocalCrossentropy",
        {"from_logits": True},
        "`alpha` needs `apply_class_balancing=True` here.",
    ),
    (
        "FocalLoss(use_softmax=True)",
        "CategoricalFocalCrossentropy",
        {"alpha": 1.0, "from_logits": True},
        "Its mean is over the C classes too: 1 / C of this. Its `alpha` a is `[1 - a, a, ..., a]`.",
    ),
    (
        "AsymmetricUnifiedFocalLoss",
        "WeightedSum",
        {
            "losses": [_part("UnifiedFocal", weight=1 / 3, delta=0.7, axis=SPACE)],
            "weights": [0.75],
        },
        "With a `weight` w: `(1 - w / 2)` times `UnifiedFocal(weight=(w / 2) / (1 - w / 2))`.",
    ),
    (
        "MCCLoss",
        "MatthewsCorrelation",
        {"axis": SPACE},
        "Adds 1e-5 under the root. The activations and `batch` as in `DiceLoss`.",
    ),
    (
        "SoftclDiceLoss",
        "SoftClDice",
        {"axis": PIXELS, "iterations": 3},
        "`iter_` is `iterations`; adds 1e-4 to the sum of precision and sensitivity.",
    ),
    (
        "SoftDiceclDiceLoss",
        "WeightedSum",
        {
            "losses": [
                _part("Dice", axis=SPACE, smooth=1.0),
                _part("SoftClDice", axis=PIXELS, iterations=3),
            ],
            "weights": [0.5, 0.5],
        },
        "With an `alpha` a: `weights=[1 - a, a]`.",
    ),
    (
        "BoundaryLoss",
        "Boundary",
        {},
        "Computes the maps from the masks: here `y_true` holds them. With a sigmoid: "
        "`from_logits=True, multilabel=True`.",
    ),
    ("DeepSupervisionLoss", "DeepSupervision", {}, "`weight_mode` is `weights`."),
    ("MultiScaleLoss", "MultiScale", {"scales": [0]}, "`scales=None` is `[0]`."),
    (
        "AUCMLoss",
        "AUCMargin",
        {"margin": 1.0},
        'Learns a, b and alpha, which are the means here. `version="v1"`: `q * (1 - q)` times this, with the '
        "share q of positives.",
    ),
    (
        "SSIMLoss",
        "SSIM",
        {},
        "Of two axes of space. `win_size`, `kernel_sigma`, `data_range` are `filter_size`, `filter_sigma`, "
        "`max_val`.",
    ),
    (
        "JukeboxLoss",
        "Frequency",
        {"p": 2},
        'Of one channel: its transform is over the channels too. `fft_norm="ortho"`.',
    ),
]

KORNIA: Rows = [
    (
        "BinaryFocalLossWithLogits",
        "BinaryFocalCrossentropy",
        {"from_logits": True, "ignore_class": -100},
        "`alpha` needs `apply_class_balancing=True` here; None: this. Its mean is over ignored positions "
        "too.",
    ),
    (
        "FocalLoss",
        "CategoricalFocalCrossentropy",
        {"alpha": 1.0, "from_logits": True},
        "Its mean is over the C classes too: 1 / C of this; and over ignored positions, of id -100. Its "
        "`alpha` a is `[1 - a, a, ..., a]`; None: 1.",
    ),
    (
        "DiceLoss",
        "Dice",
        {"axis": PIXELS, "from_logits": True, "ignore_class": -100},
        '`average="macro"`: `axis=(1, 2)`, but for classes without labels, which it leaves out.',
    ),
    (
        "TverskyLoss",
        "Tversky",
        {"axis": SPACE, "from_logits": True, "ignore_class": -100},
        "But for classes without labels, which it leaves out.",
    ),
    ("LovaszHingeLoss", "LovaszHinge", {"axis": PIXELS}, ""),
    ("LovaszSoftmaxLoss", "LovaszSoftmax", {"classes": "all", "axis": PIXELS, "from_logits": True}, ""),
    ("HausdorffERLoss", "HausdorffErosion", {"alpha": 2.0, "erosions": 10}, "`k` is `erosions`."),
    ("HausdorffERLoss3D", "HausdorffErosion", {"alpha": 2.0, "erosions": 10}, "`k` is `erosions`."),
    ("CharbonnierLoss", "PseudoHuber", {"delta": 1.0}, "Not our `Charbonnier`."),
    ("CauchyLoss", "Cauchy", {"scale": 2**0.5}, ""),
    ("GemanMcclureLoss", "GemanMcClure", {"scale": 2.0}, ""),
    ("WelschLoss", "Welsch", {"scale": 2**0.5}, ""),
    ("kl_div_loss_2d", "KLDivergence", {"axis": (1, 2)}, "Of each channel's heatmap."),
    ("aepe", "EndpointError", {}, "In `kornia.metrics`."),
    ("js_div_loss_2d", "JensenShannonDivergence", {"axis": (1, 2)}, "Of each channel's heatmap."),
    (
        "SSIMLoss",
        "SSIM",
        {},
        'Half of this, with `padding="valid"`; its default reflects the border. `window_size` is '
        "`filter_size`.",
    ),
    (
        "MS_SSIMLoss",
        "MixedSSIML1",
        {"alpha": 0.025},
        "`compensation`, 200, times this. `data_range` is `max_val`.",
    ),
    ("PSNRLoss", "PSNR", {}, "Of the whole batch."),
    ("TotalVariation", "TotalVariation", {}, "One value for each channel."),
]
