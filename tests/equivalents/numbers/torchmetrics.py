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
    "permutation_invariant_training": [
        Number(best, SOURCES, ESTIMATES, {"loss": "MeanSquaredError"}),
        Number(best_ratio, SOURCES, ESTIMATES, {"loss": "ScaleInvariantSDR"}),
    ],
}
