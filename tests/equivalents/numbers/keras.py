import numpy as np

from tests.equivalents.number import BINARY, BINARY_LOGITS, LIKE, PICTURES, Number, P, Y, sigmoid

MASK = np.round(sigmoid(BINARY_LOGITS), 4)
EVEN, EVEN_LIKE = PICTURES[:, :, :12], LIKE[:, :, :12]


def tversky(**arguments):
    def theirs(y_true, y_pred):
        import keras

        return keras.losses.Tversky(**arguments)(y_true.astype("float32"), y_pred.astype("float32"))

    return theirs


def rmse(y_true, y_pred):
    import keras

    metric = keras.metrics.RootMeanSquaredError()
    metric.update_state(y_true, y_pred)
    return metric.result()


def window(size, sigma=1.5):
    weights = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma**2))
    weights = np.outer(weights, weights)
    return weights / weights.sum()


def similarities(a, b, size, c1=0.01**2, c2=0.03**2):
    """The two factors of every window of every channel, by the textbook."""

    def means(x):
        parts = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
        return np.einsum("nhwcij,ij->nhwc", parts, window(size))

    m, n = means(a), means(b)
    cov, squares = means(a * b) - m * n, means(a * a + b * b) - m * m - n * n
    return (2 * m * n + c1) / (m * m + n * n + c1), (2 * cov + c2) / (squares + c2)


def ssim(y_true, y_pred):
    return 1 - np.mean(np.multiply(*similarities(y_true, y_pred, 11)))


def ssim_multiscale(y_true, y_pred):
    luminance, structure = similarities(y_true, y_pred, 3)
    fine = structure.mean(axis=(1, 2))
    n, height, width, channels = y_true.shape
    a, b = (x.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4)) for x in (y_true, y_pred))
    coarse = np.multiply(*similarities(a, b, 3)).mean(axis=(1, 2))
    return 1 - np.mean(fine**0.3 * coarse**0.7)


def psnr(y_true, y_pred):
    return np.mean(10 * np.log10(np.mean((y_true - y_pred) ** 2, axis=(1, 2, 3))))


def total_variation(y_true, y_pred):
    return np.mean(sum(np.abs(np.diff(y_pred, axis=axis)).sum(axis=(1, 2, 3)) for axis in (1, 2)))


FORMULAS = ("tf.image.ssim", "tf.image.ssim_multiscale", "tf.image.psnr", "tf.image.total_variation")

NUMBERS = {
    "tf.image.ssim": [Number(ssim, PICTURES, LIKE)],
    "tf.image.ssim_multiscale": [
        Number(ssim_multiscale, EVEN, EVEN_LIKE, {"power_factors": [0.3, 0.7], "filter_size": 3})
    ],
    "tf.image.psnr": [Number(psnr, PICTURES, LIKE)],
    "tf.image.total_variation": [Number(total_variation, PICTURES, LIKE)],
    "Tversky": [
        Number(tversky(), BINARY, MASK),
        Number(tversky(alpha=0.3, beta=0.8), BINARY, MASK, {"alpha": 0.8, "beta": 0.3}),
    ],
    "metrics.RootMeanSquaredError": [Number(rmse, Y, P)],
}
