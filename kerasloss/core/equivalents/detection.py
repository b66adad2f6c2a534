"""KerasCV, torchvision, mmdetection, mmpose, DETR, PyTorch3D, HRNet, TensorFlow Addons: boxes, heads."""

from kerasloss.core.equivalents.row import Rows

PADDING = "Its `eps` is 0 here."

SWAPPED = "Its boxes are `yxyx`, whose values are those of `xyxy`."
TFA_BOXES: Rows = [
    ("GIoULoss", "GIoU", {}, SWAPPED),
    ('GIoULoss(mode="iou")', "IoU", {}, SWAPPED),
]

_BOXES = (
    "Of boxes `(N, 4)` in a `bounding_box_format`: of a batch of images it compares the boxes of different "
    "images."
)

KERAS_CV: Rows = [
    (
        "FocalLoss",
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True},
        "Sums over the last axis: times its length.",
    ),
    (
        "BinaryPenaltyReducedFocalCrossEntropy",
        "PenaltyReducedFocal",
        {},
        "For a map with one peak, as a sum over it.",
    ),
    ("GIoULoss", "GIoU", {}, _BOXES),
    (
        'IoULoss(mode="linear")',
        "IoU",
        {},
        f"The other modes take the mean IoU first, here the mean of the values. {_BOXES}",
    ),
    (
        "SimCLRLoss",
        "NTXent",
        {},
        "Twice this. Takes the views one by one, here stacked on axis 1; `temperature` has no default there.",
    ),
    (
        "SmoothL1Loss",
        "SmoothL1",
        {"beta": 1.0},
        "With another `l1_cutoff` it jumps there, and is no `SmoothL1`.",
    ),
]

TORCHVISION: Rows = [
    ("generalized_box_iou_loss", "GIoU", {}, PADDING),
    ("distance_box_iou_loss", "DIoU", {}, PADDING),
    ("complete_box_iou_loss", "CIoU", {}, PADDING),
    (
        "sigmoid_focal_loss",
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "from_logits": True},
        "Leaves values as they are; `alpha=-1` is `apply_class_balancing=False`.",
    ),
]

MMDET: Rows = [
    ("QualityFocalLoss", "QualityFocal", {"from_logits": True}, "A sum over classes: times their number."),
    ("VarifocalLoss", "Varifocal", {"from_logits": True}, "With `iou_weighted=True`, its default."),
    ("DistributionFocalLoss", "DistributionFocal", {"from_logits": True}, ""),
    ("GIoULoss", "GIoU", {}, PADDING),
    ("DIoULoss", "DIoU", {}, PADDING),
    ("EIoULoss", "EIoU", {}, PADDING),
    ("GaussianFocalLoss", "PenaltyReducedFocal", {}, "For a map with one peak, as a sum over it."),
]

MMPOSE: Rows = [
    ("AdaptiveWingLoss", "AdaptiveWing", {}, ""),
    (
        "KeypointMSELoss",
        "KeypointHeatmap",
        {},
        "`target_weights` of the key points are `sample_weight`.",
    ),
    (
        "FocalHeatmapLoss",
        "PenaltyReducedFocal",
        {},
        "Of probabilities. Divides by the peaks of the batch: this, where each sample has as many; without "
        "any, the sum of the samples.",
    ),
    (
        "WingLoss",
        "Wing",
        {},
        "A sum over key points and coordinates: times their number. `omega` and `epsilon` are `width` and "
        "`curvature`.",
    ),
    ("SmoothL1Loss", "SmoothL1", {"beta": 1.0}, ""),
    ("SoftWeightSmoothL1Loss", "SmoothL1", {"beta": 1.0}, ""),
    ("L1Loss", "MeanAbsoluteError", {}, ""),
    ("MSELoss", "MeanSquaredError", {}, ""),
    ("BCELoss", "BinaryCrossentropy", {"from_logits": True}, "`use_sigmoid=True` is `from_logits=False`."),
    (
        "JSDiscretLoss",
        "JensenShannonDivergence",
        {"axis": (-2, -1)},
        "Of maps `(N, K, height, width)`, as there. A sum over the key points: times K.",
    ),
    ("VariFocalLoss", "Varifocal", {"from_logits": True}, "Clips logits at -10 and 10."),
    (
        "InfoNCELoss",
        "InfoNCE",
        {"temperature": 1.0, "reduction": "sum"},
        "Of features with themselves, both query and key.",
    ),
]

DETR: Rows = [
    (
        "SetCriterion",
        "SetPrediction",
        {},
        "`loss_ce + 5 * loss_bbox + 2 * loss_giou`, with HungarianMatcher(1, 5, 2) and `eos_coef=0.1`.",
    ),
]

PYTORCH3D: Rows = [("chamfer_distance", "Chamfer", {}, "For clouds without padding and weights.")]

HRNET: Rows = [
    (
        "JointsMSELoss",
        "KeypointHeatmap",
        {},
        "Half of this, channels first. With `use_target_weight` visibilities 0 and 1 are `sample_weight`.",
    ),
]
