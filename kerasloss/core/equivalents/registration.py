"""MiDaS and VoxelMorph: depth, and images moved onto each other."""

from kerasloss.core.equivalents.row import Rows

MIDAS: Rows = [
    (
        "ScaleAndShiftInvariantLoss",
        "ScaleShiftInvariant",
        {},
        "The mask is `min_depth`, or labels that are NaN. Where masks differ it weighs images by their "
        "numbers of pixels, those of each scale, unless it is `image-based`: so does `sample_weight` with "
        "`scales=1`.",
    ),
    (
        "TrimmedProcrustesLoss",
        "ScaleShiftInvariant",
        {"alignment": "median", "trim": 0.2},
        "For one image: it leaves out the largest of the whole batch, and takes medians over zeros where the "
        "mask is 0.",
    ),
]

VOXELMORPH: Rows = [
    (
        "NCC",
        "LocalNormalizedCrossCorrelation",
        {},
        "`win` is `kernel_size`. Of one channel: several share a window there. On TensorFlow, windows that "
        "correlate negatively count 0; on PyTorch, 1e-5 is added to the product of both variances.",
    ),
]
