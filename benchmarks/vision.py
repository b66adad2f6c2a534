"""Value and gradient of losses of images and of sets of objects, against what a user would write.

    KERAS_BACKEND=torch taskset -c 0 python -m benchmarks.vision

`SSIM` is compared with the formula of the paper on convolutions with the whole window, on TensorFlow with
`tf.image.ssim`; the ratio is ours / theirs. The last columns are what is kept, in images (see `modes.kept`).
`SetPrediction` stands beside SciPy's assignment alone, without the costs, the loss and its gradient.
"""

import time

import numpy as np
from keras import ops
from scipy.optimize import linear_sum_assignment

import kerasloss
from benchmarks import modes

SECONDS = 2.0
"""The time spent on each row, if ten calls don't take longer."""
WINDOW = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))


def main():
    """Prints both tables."""
    modes.keep_memory()
    rng = np.random.default_rng(0)
    print(f"{modes.BACKEND} {modes.FASTEST}: forward + backward")
    print(f"{'':34}{'ms':>9}{'ratio':>8}{'kept':>8}{'theirs':>8}")
    for shape in ((8, 64, 64, 3), (4, 256, 256, 3)):
        images = [ops.convert_to_tensor(x, "float32") for x in rng.uniform(size=(2, *shape))]
        name = f"SSIM {'x'.join(map(str, shape))}"
        compared(name, kerasloss.SSIM(), native_ssim, *images)
    for name in ("MultiScaleSSIM", "MixedSSIML1", "GMSD", "HaarPSI", "FocalFrequency", "LaplacianPyramid"):
        compared(f"{name} 4x256x256x3", getattr(kerasloss, name)(), None, *images)
    for name, objects, predictions, alike in (
        ("SetPrediction 8x20x100", 20, 100, False),
        ("SetPrediction 8x100x100", 100, 100, False),
        ("SetPrediction 8x100x300, all alike", 100, 300, True),
    ):
        assigned(name, objects, predictions, alike, rng)


def compared(name, ours, theirs, y_true, y_pred):
    """One line; with `theirs` if both give the same value."""
    functions = [ours] if theirs is None else [ours, theirs]
    if theirs is not None:
        np.testing.assert_allclose(*(float(f(y_true, y_pred)) for f in functions), rtol=1e-4)
    runs = [modes.differentiated(f, modes.FASTEST) for f in functions]
    times = [1e3 * min(spent) for spent in modes.rounds(runs, y_true, y_pred, SECONDS)]
    kept = [modes.kept(f, y_true, y_pred, modes.FASTEST) for f in functions]
    kept = "".join(f"{'-' if x is None else f'{x:.1f}':>8}" for x in kept)
    ratio = f"{times[0] / times[1]:8.2f}" if theirs is not None else f"{'-':>8}"
    print(f"{name:34}{times[0]:9.1f}{ratio}{kept}", flush=True)


def assigned(name, objects, predictions, alike, rng):
    """One line: the loss, and SciPy's assignment by the distances of the same boxes."""
    boxes = rng.uniform(0.3, 0.7, (8, objects, 4))
    if alike:  # every object is best served by the same predictions
        boxes = boxes[:, :1] + 1e-3 * boxes
    y_true = np.concatenate([rng.integers(0, 20, (8, objects, 1)), boxes], axis=-1)
    y_pred = np.concatenate(
        [rng.normal(size=(8, predictions, 21)), rng.uniform(0.3, 0.7, (8, predictions, 4))], axis=-1
    )
    costs = [np.abs(a[:, None, 1:] - b[None, :, -4:]).sum(-1) for a, b in zip(y_true, y_pred, strict=True)]
    start = time.perf_counter()
    for cost in costs:
        linear_sum_assignment(cost)
    scipy = 1e3 * (time.perf_counter() - start)
    y_true, y_pred = (ops.convert_to_tensor(x, "float32") for x in (y_true, y_pred))
    run = modes.differentiated(kerasloss.SetPrediction(), modes.FASTEST)
    ours = 1e3 * min(modes.rounds([run], y_true, y_pred, SECONDS)[0])
    print(f"{name:34}{ours:9.1f}   SciPy's assignment {scipy:8.1f} ms", flush=True)


def native_ssim(y_true, y_pred):
    """1 - SSIM, by convolutions of each channel with the window of 11 x 11."""
    if modes.BACKEND == "tensorflow":
        import tensorflow as tf

        return 1 - tf.reduce_mean(tf.image.ssim(y_true, y_pred, 1.0))
    window = np.outer(WINDOW, WINDOW) / WINDOW.sum() ** 2
    channels = y_pred.shape[-1]
    if modes.BACKEND == "torch":
        import torch

        kernel = torch.tensor(window, dtype=torch.float32).expand(channels, 1, 11, 11)
        y_true, y_pred = (x.permute(0, 3, 1, 2) for x in (y_true, y_pred))

        def blur(x):
            return torch.nn.functional.conv2d(x, kernel, groups=channels)
    else:
        import jax

        kernel = np.tile(window[:, :, None, None], (1, 1, 1, channels)).astype("float32")

        def blur(x):
            return jax.lax.conv_general_dilated(
                *(x, kernel, (1, 1), "VALID"),
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
                feature_group_count=channels,
            )

    a, b = blur(y_true), blur(y_pred)
    squares, product = blur(y_true**2 + y_pred**2), blur(y_true * y_pred)
    luminance = (2 * a * b + 1e-4) / (a**2 + b**2 + 1e-4)
    return 1 - (luminance * (2 * (product - a * b) + 9e-4) / (squares - a**2 - b**2 + 9e-4)).mean()


if __name__ == "__main__":
    main()
