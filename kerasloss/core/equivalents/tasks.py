"""Distillation, neural operators, adaptation, rare classes, evidence; pytorch-toolbelt, U-Nets."""

from kerasloss.core.equivalents.detection import SWAPPED
from kerasloss.core.equivalents.row import Rows
from kerasloss.core.equivalents.segmentation import BATCH

_PAIR = "Of one pair of layers, channels first."
_FLAT = 'Of flattened features, with `p=1` and `reduction="mean"`.'

TORCHDISTILL: Rows = [
    (
        "KDLoss",
        "LogitsDistillation",
        {},
        "`alpha` is `hard_weight`, and its `beta` 1 - `alpha` unless given. With `alpha=0` or without labels "
        "this divided by `temperature ** 2`.",
    ),
    (
        "SKDInstanceLoss",
        "LogitsDistillation",
        {"temperature": 4.0},
        'With `mode="paper"`: this divided by `temperature ** 2`.',
    ),
    ("ATLoss", "AttentionTransfer", {}, f'{_PAIR} With `mode="code"`.'),
    (
        "RKDLoss",
        "RelationalDistillation",
        {},
        '`dist_factor` and `angle_factor`, which have no defaults, are the weights; with `reduction="mean"`.',
    ),
    ("FTLoss", "FeatureDistillation", {"loss": "mae", "normalize": True}, _FLAT),
    ("KTALoss", "FeatureDistillation", {"loss": "mae", "normalize": True}, _FLAT),
    (
        "DISTLoss",
        "WeightedSum",
        {
            "losses": [
                {"class_name": "PearsonCorrelation", "config": {}},
                {"class_name": "PearsonCorrelation", "config": {"axis": 0}},
            ]
        },
        "Of probabilities, the softmax of its logits divided by `tau`; it multiplies by `tau ** 2`. `beta` "
        "and `gamma` are the weights.",
    ),
    (
        "VIDLoss",
        "GaussianNLL",
        {"link": "variance"},
        f"{_PAIR} Mean and variance stacked on a last axis, the variance above `epsilon`.",
    ),
    (
        "PADL2Loss",
        "GaussianNLL",
        {"link": "log_variance"},
        "Twice this, of flattened features and `eps=0`, added to the variance. Mean and log-variance are "
        "stacked on a last axis.",
    ),
]

_FIELDS = "Channels first."

NEURALOP: Rows = [
    (
        "LpLoss",
        "RelativeLp",
        {"axis": 1, "reduction": "sum"},
        f"{_FIELDS} `d` axes of space are `axis`, of which `d=1` has one. `measure` changes nothing.",
    ),
    (
        "H1Loss",
        "SobolevH1",
        {"reduction": "sum"},
        f"{_FIELDS} `periodic_in_x` and the others are `periodic`; `d` is read from the shape.",
    ),
    ("MSELoss", "MeanSquaredError", {"reduction": "sum"}, "Of flattened fields."),
]

_EMPTY = "A class without labels counts 0 there."
_MULTILABEL = '`mode="multilabel"`: `multilabel=True`.'
_ALL_POSITIONS = "Its mean divides by the ignored positions too."
_ALPHA = "`alpha` needs `apply_class_balancing=True` here."
_SMOOTHING = (
    "Its `smoothing` s is `label_smoothing=s * C / (C - 1)`, and its 5 iterations stop a little earlier."
)

TOOLBELT: Rows = [
    ("DiceLoss", "Dice", {"axis": BATCH, "from_logits": True}, f"{_MULTILABEL} {_EMPTY}"),
    ("JaccardLoss", "Jaccard", {"axis": BATCH, "from_logits": True}, f"{_MULTILABEL} {_EMPTY}"),
    ("BinaryLovaszLoss", "LovaszHinge", {}, "`per_image=True`: `axis=(1, 2, 3)`."),
    ("LovaszLoss", "LovaszSoftmax", {}, "Of probabilities. `per_image=True`: `axis=(1, 2, 3)`."),
    ("BinaryFocalLoss", "BinaryFocalCrossentropy", {"from_logits": True}, f"{_ALPHA} {_ALL_POSITIONS}"),
    (
        "focal_loss_with_logits",
        "BinaryFocalCrossentropy",
        {"from_logits": True, "apply_class_balancing": True},
        f"`alpha=None`: without `apply_class_balancing`. {_ALL_POSITIONS}",
    ),
    ("QualityFocalLoss", "QualityFocal", {"from_logits": True}, ""),
    (
        "SoftBCEWithLogitsLoss",
        "BinaryCrossentropy",
        {"from_logits": True, "ignore_class": -100},
        f"`smooth_factor` is half of `label_smoothing`. {_ALL_POSITIONS}",
    ),
    (
        "SoftCrossEntropyLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": -100},
        f"`smooth_factor` is `label_smoothing`. {_ALL_POSITIONS}",
    ),
    ("SoftF1Loss", "SoftF1", {}, "Of probabilities, the softmax of its logits."),
    ("BinarySoftF1Loss", "SoftF1", {"average": "micro", "from_logits": True}, ""),
    ("BiTemperedLogisticLoss", "BiTemperedLogistic", {}, f"`t1` and `t2` have no defaults. {_SMOOTHING}"),
    (
        "BinaryBiTemperedLogisticLoss",
        "BiTemperedLogistic",
        {},
        f"Of the logits `[-x, x]` and the labels `[1 - y, y]` of its x and y. {_SMOOTHING}",
    ),
    ("WingLoss", "Wing", {"width": 5.0, "curvature": 0.5}, ""),
    ("LogCoshLoss", "LogCosh", {}, ""),
]

_MMD = (
    "`bandwidth` b and `kernel_scales` k: `bandwidth=(b / (2 * k))**0.5`, for each k; without b it takes the "
    "median of the squared distances within the first sample."
)
_SOFTMAX = "Of probabilities, the softmax of its logits."

PYTORCH_ADAPT: Rows = [
    ("CORALLoss", "CorrelationAlignment", {}, ""),
    ('MMDLoss(mmd_type="quadratic")', "MaximumMeanDiscrepancy", {"unbiased": True}, _MMD),
    ("MMDBatchedLoss", "MaximumMeanDiscrepancy", {"unbiased": True}, f'With `mmd_type="quadratic"`. {_MMD}'),
    (
        "SlicedWasserstein",
        "SlicedWasserstein",
        {"projections": 128},
        "The square of this. It draws new directions at every step; here with the same ones.",
    ),
    ("MCDLoss", "MeanAbsoluteError", {}, _SOFTMAX),
    (
        "UniformDistributionLoss",
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 1.0},
        "Whatever the labels are.",
    ),
    ("NLLLoss", "SparseCategoricalCrossentropy", {}, "Of probabilities."),
]

_BALANCED = "With `class_balanced=True`."

BALANCED_LOSS: Rows = [
    (
        'Loss("cross_entropy")',
        "ClassBalancedCrossentropy",
        {"beta": 0.999, "from_logits": True},
        _BALANCED,
    ),
    (
        'Loss("focal_loss")',
        "ClassBalancedCrossentropy",
        {"beta": 0.999, "base": "sigmoid", "gamma": 2.0, "from_logits": True},
        f"{_BALANCED} `fl_gamma` is `gamma`.",
    ),
    (
        'Loss("binary_cross_entropy")',
        "ClassBalancedCrossentropy",
        {"beta": 0.999, "base": "sigmoid", "from_logits": True},
        f"{_BALANCED} This divided by the number of classes.",
    ),
    (
        'Loss("softmax_binary_cross_entropy")',
        "ClassBalancedCrossentropy",
        {"beta": 0.999, "base": "sigmoid"},
        f"{_BALANCED} This divided by the number of classes. {_SOFTMAX}",
    ),
]

_EACH_BOX = f"One value for each box. {SWAPPED}"

KERAS_UNET_COLLECTION: Rows = [
    ("dice", "Dice", {}, "`const` is added above alone, and not here."),
    ("tversky", "Tversky", {}, "`alpha` is `beta` and 1 - `alpha`; `const` is `smooth`."),
    (
        "focal_tversky",
        "FocalTversky",
        {"alpha": 0.5, "beta": 0.5},
        "`alpha` is `beta` and 1 - `alpha`, `gamma` is 1 / `gamma`; `const` is `smooth`.",
    ),
    ("iou_seg", "Jaccard", {}, ""),
    ("iou_box", "GIoU", {}, _EACH_BOX),
    ('iou_box(mode="iou")', "IoU", {}, _EACH_BOX),
    (
        "triplet_1d",
        "TripletMargin",
        {"margin": 5.0, "distance": "squared_euclidean"},
        "Its embeddings are side by side, of `N` numbers each.",
    ),
]

_STACKED = "Parameters stacked on a last axis."

EVIDENTIAL_DEEP_LEARNING: Rows = [
    (
        "EvidentialRegression",
        "EvidentialRegression",
        {"link": "identity"},
        f"{_STACKED} `coeff` is `coefficient`.",
    ),
    ("NIG_NLL", "EvidentialRegression", {"link": "identity", "coefficient": 0.0}, _STACKED),
    ("Gaussian_NLL", "GaussianNLL", {"link": "identity", "full": True}, _STACKED),
    ("Gaussian_NLL_logvar", "GaussianNLL", {"link": "log_variance", "full": True}, _STACKED),
    ("RMSE", "RootMeanSquaredError", {"axis": None}, ""),
    ("Sigmoid_CE", "BinaryCrossentropy", {"from_logits": True}, ""),
]
