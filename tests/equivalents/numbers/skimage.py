import numpy as np

from tests.equivalents.number import LIKE, PICTURES, Number


def mean(name, **arguments):
    """The mean of its number of each image."""

    def theirs(y_true, y_pred):
        import skimage.metrics

        measure = getattr(skimage.metrics, name)
        return np.mean([measure(y, p, **arguments) for y, p in zip(y_true, y_pred, strict=True)])

    return theirs


def dissimilarity(**arguments):
    similarity = mean(
        "structural_similarity",
        gaussian_weights=True,
        use_sample_covariance=False,
        channel_axis=-1,
        **arguments,
    )
    return lambda y_true, y_pred: 1 - similarity(y_true, y_pred)


def psnr(y_true, y_pred):
    return -mean("peak_signal_noise_ratio", data_range=2.0)(y_true, y_pred)


NUMBERS = {
    "metrics.structural_similarity": [
        Number(dissimilarity(sigma=1.5, data_range=1.0), PICTURES, LIKE),
        Number(dissimilarity(sigma=1.5, data_range=2.0), PICTURES, LIKE, {"max_val": 2.0}),
    ],
    "metrics.peak_signal_noise_ratio": [Number(psnr, PICTURES, LIKE, {"max_val": 2.0})],
}
