"""Libraries of one task each: distillation, neural operators."""

from kerasloss.core.equivalents.row import Rows

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
