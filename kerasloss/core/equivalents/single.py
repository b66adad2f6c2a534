"""Libraries of one loss: InfoNCE, HL-Gauss, BYOL."""

from kerasloss.core.equivalents.row import Rows

_STACKED = "Query and key stacked on axis 1."

INFO_NCE: Rows = [
    (
        "InfoNCE",
        "InfoNCE",
        {},
        f"{_STACKED} With negatives for all queries: the cosines, that of the key first.",
    ),
    (
        'InfoNCE(negative_mode="paired")',
        "InfoNCE",
        {},
        "Query, key and the negatives of the query stacked on axis 1.",
    ),
]

_RANGE = (
    "`sigma` is 2 bins there if not given, here 3/4 of a bin. With `clamp_to_range=True`; without it targets "
    "outside of the range are farther out. Without a `transform` or `use_symlog`."
)

HL_GAUSS: Rows = [
    (
        "HLGaussLoss",
        "HistogramGaussian",
        {},
        f"{_RANGE} `min_max_value_on_bin_center=True`: half a bin less and half a bin more.",
    ),
    (
        "HLGaussLossFromSupport",
        "HistogramGaussian",
        {},
        f"{_RANGE} Of bins of equal width, whose ends are `min_value` and `max_value`.",
    ),
]

BYOL_PYTORCH: Rows = [
    (
        "BYOL",
        "BYOL",
        {},
        "Holds the networks; here both predictions and both projections of the target network, stacked on "
        "axis 1.",
    ),
    ("cosine_loss_fn", "BYOL", {}, "One value for each sample, of one prediction and one projection."),
]
