"""coral-pytorch, dlordinal and spacecutter: ordered classes; entmax: sparse probabilities."""

from kerasloss.core.equivalents.row import Rows

_LEVELS = "Takes levels, which ids are turned into here."
_CORN = "Its mean is over the questions that are asked."
_PROBABILITIES = (
    "Takes the probabilities of `LogisticCumulativeLink`, clipped at 1e-15; here eta, or the score and its "
    "`cutpoints`. `class_weights` is a sample weight, that of the class."
)

CORAL_PYTORCH: Rows = [
    ("coral_loss", "Coral", {}, _LEVELS),
    ("CoralLoss", "Coral", {}, f"{_LEVELS} Its call takes `importance_weights`."),
    ("corn_loss", "Corn", {"reduction": "mean_with_sample_weight"}, _CORN),
    ("CornLoss", "Corn", {"reduction": "mean_with_sample_weight"}, _CORN),
]

_CLASS_WEIGHT = "`weight` is a sample weight, that of the class."
_EXPONENTIAL = (
    '`1 / tau` is `alpha`; `p=2` is `distance="squared"`; with an `eta`: that share of this, and the rest of '
    "`SparseCategoricalCrossentropy`."
)

DLORDINAL: Rows = [
    ("CORNLoss", "Corn", {"reduction": "mean_with_sample_weight"}, _CORN),
    ("EMDLoss", "EarthMoversDistance", {"from_logits": True}, ""),
    (
        "WKLoss",
        "WeightedKappa",
        {"log": False, "epsilon": 1e-10},
        "`penalization_type` is `weightage`, `use_logits` is `from_logits`, `use_logarithm` is `log`; "
        "without `weight`.",
    ),
    (
        "MCELoss",
        "Brier",
        {},
        'Its mean is over the K classes too: 1 / K of this; this with `reduction="sum"`. `use_logits` is '
        "`from_logits`; without `weight`.",
    ),
    (
        "MCEAndWKLoss",
        "WeightedSum",
        {
            "losses": [
                {"class_name": "WeightedKappa", "config": {"log": False}},
                {"class_name": "MeanSquaredError", "config": {}},
            ],
            "weights": [0.5, 0.5],
        },
        "Of one-hot labels and probabilities, without `weight`. `C` is the first weight, `1 - C` the second.",
    ),
    (
        "CDWCELoss",
        "OrdinalLog",
        {"alpha": 0.5, "from_logits": True},
        "Without `margin`. `weight`, divided by its sum, is a sample weight, that of the class. Adds 1e-8 to "
        "its sums of exponentials.",
    ),
    (
        "SORDLoss",
        "SoftOrdinal",
        {"from_logits": True},
        f"`alpha` is required there; without `prox`. {_CLASS_WEIGHT}",
    ),
    ("ExponentialLoss", "SoftOrdinal", {"from_logits": True}, f"Of `CrossEntropyLoss()`. {_EXPONENTIAL}"),
    ("ExponentialCrossEntropyLoss", "SoftOrdinal", {"from_logits": True}, _EXPONENTIAL),
    (
        "CustomTargetsLoss",
        "CategoricalCrossentropy",
        {"from_logits": True},
        "Of `CrossEntropyLoss()`. Its labels are the rows of `cls_probs`: `cls_probs[ids]` here.",
    ),
    (
        "CLM",
        "CumulativeLink",
        {},
        "The layer, before `-log` of the class. `link_function` is `link`; its thresholds are `cutpoints`, "
        "or those of `layers.OrdinalThresholds`.",
    ),
]

SPACECUTTER: Rows = [
    ("cumulative_link_loss", "CumulativeLink", {}, _PROBABILITIES),
    ("CumulativeLinkLoss", "CumulativeLink", {}, _PROBABILITIES),
]

_ALONE = "One value for each sample."
_IGNORE = "`ignore_index` is `ignore_class`; it ignores none below 0."
_BISECT = "`alpha=2` is `Sparsemax`; others are not here."

ENTMAX: Rows = [
    ("sparsemax_loss", "Sparsemax", {}, _ALONE),
    ("SparsemaxLoss", "Sparsemax", {}, _IGNORE),
    ("sparsemax_bisect_loss", "Sparsemax", {}, _ALONE),
    ("SparsemaxBisectLoss", "Sparsemax", {}, _IGNORE),
    ("entmax15_loss", "Entmax15", {}, _ALONE),
    ("Entmax15Loss", "Entmax15", {}, _IGNORE),
    ("entmax_bisect_loss", "Entmax15", {}, f"{_BISECT} {_ALONE}"),
    ("EntmaxBisectLoss", "Entmax15", {}, f"{_BISECT} {_IGNORE}"),
]
