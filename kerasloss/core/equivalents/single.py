"""Libraries of one loss: InfoNCE."""

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
