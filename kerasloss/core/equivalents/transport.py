"""geomloss and POT: distances of point clouds and histograms."""

from kerasloss.core.equivalents.row import Rows

_MASSES = "Masses are sample weights, the same for both clouds."

GEOMLOSS: Rows = [
    (
        "SamplesLoss",
        "SinkhornDivergence",
        {"epsilon": 0.005},
        "Half of this, with `epsilon=2 * blur**2`; `p=1`: this, with `epsilon=blur`, and distances are at "
        "least 1e-4 there. `debias` is `debiased`; without `reach`. Where points lie close it stops before "
        f"the plan has settled, later with a `scaling` near 1. {_MASSES}",
    ),
    (
        'SamplesLoss(loss="gaussian")',
        "MaximumMeanDiscrepancy",
        {"bandwidth": 0.05},
        f"Half of this; `blur` is `bandwidth`. {_MASSES}",
    ),
    (
        "solve_sample",
        "SinkhornDivergence",
        {"debiased": False},
        "Its `value`; `reg`, which is required there, is `epsilon`, and `debias` is `debiased`. It needs a "
        f"`max_iter` of thousands. {_MASSES}",
    ),
]

POT: Rows = [
    (
        "sliced_wasserstein_distance",
        "SlicedWasserstein",
        {},
        "With the same directions: `seed` draws others; `n_projections` is `projections`. Its clouds may "
        "differ in size and masses.",
    ),
    (
        "solve_sample",
        "SinkhornDivergence",
        {"debiased": False},
        'Its `value`; `reg`, which is required there, is `epsilon`; `metric="euclidean"` is `p=1`; `debias` '
        f"is `debiased`. {_MASSES}",
    ),
    (
        "wasserstein_1d",
        "SlicedWasserstein",
        {"p": 1},
        "Of points `(N, 1)`; with a `p`: the power p of this. Of histograms over the same values: "
        "`WassersteinDistance(positions)`.",
    ),
    (
        "emd2_1d",
        "SlicedWasserstein",
        {},
        'Of points `(N, 1)`: the square of this. `metric="euclidean"`: `p=1`.',
    ),
    (
        "emd2",
        "WassersteinDistance",
        {},
        "With the distances of the bins, those of `positions`, as `M`.",
    ),
]
