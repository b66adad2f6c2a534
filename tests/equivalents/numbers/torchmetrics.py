import numpy as np

from tests.equivalents.number import LIKE, PICTURES, Number, draws
from tests.equivalents.numbers.smp import channels_first

normal = draws(43)
Y, P, SOURCES, ESTIMATES = 1 + normal(3, 12), normal(3, 12) - 0.5, normal(3, 3, 8), normal(3, 3, 8)


def of(name, sign=-1):
    def theirs(y_true, y_pred):
        import torch
        from torchmetrics.functional import audio

        tensors = (torch.tensor(np.asarray(x, "float32")) for x in (y_pred, y_true))
        return sign * getattr(audio, name)(*tensors).mean()

    return theirs


def best(y_true, y_pred):
    import torch
    from torchmetrics.functional.audio import permutation_invariant_training

    def squares(p, y):
        return ((p - y) ** 2).mean(dim=-1)

    tensors = (torch.tensor(np.asarray(x, "float32")) for x in (y_pred, y_true))
    return permutation_invariant_training(*tensors, squares, eval_func="min")[0].mean()


def best_ratio(y_true, y_pred):
    import torch
    from torchmetrics.functional import audio

    tensors = (torch.tensor(np.asarray(x, "float32")) for x in (y_pred, y_true))
    ratio = audio.scale_invariant_signal_noise_ratio
    return -audio.permutation_invariant_training(*tensors, ratio, eval_func="max")[0].mean()


def spectral_angle(y_true, y_pred):
    from torchmetrics.functional.image import spectral_angle_mapper

    return spectral_angle_mapper(channels_first(y_pred), channels_first(y_true))


def regression(name):
    """The mean of its values of single outputs."""

    def theirs(y_true, y_pred):
        import torch
        from torchmetrics.functional import regression

        tensors = (torch.tensor(np.asarray(x, "float32")) for x in (y_pred, y_true))
        return getattr(regression, name)(*tensors).mean()

    return theirs


def one_minus(theirs):
    return lambda y_true, y_pred: 1 - theirs(y_true, y_pred)


_numbers = draws(103)
MEMBERS, TARGETS = _numbers(5, 4), _numbers(5)
LEVEL, SAME_LEVEL = (
    np.concatenate([x, np.round(-x.sum(axis=0, keepdims=True), 2)]) for x in _numbers(2, 4, 3)
)
"""Columns of mean 0."""

NUMBERS = {
    "functional.image.spectral_angle_mapper": [Number(spectral_angle, PICTURES, LIKE)],
    **{
        name: [Number(of(name), Y, P)]
        for name in (
            "scale_invariant_signal_distortion_ratio",
            "scale_invariant_signal_noise_ratio",
            "signal_noise_ratio",
        )
    },
    "pearson_corrcoef": [Number(one_minus(regression("pearson_corrcoef")), Y.T, P.T)],
    "concordance_corrcoef": [Number(one_minus(regression("concordance_corrcoef")), LEVEL, SAME_LEVEL)],
    "continuous_ranked_probability_score": [
        Number(regression("continuous_ranked_probability_score"), TARGETS, MEMBERS)
    ],
    "log_cosh_error": [Number(regression("log_cosh_error"), Y, P)],
    "permutation_invariant_training": [
        Number(best, SOURCES, ESTIMATES, {"loss": "MeanSquaredError"}),
        Number(best_ratio, SOURCES, ESTIMATES, {"loss": "ScaleInvariantSDR"}),
    ],
}
