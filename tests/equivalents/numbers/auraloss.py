import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(41)
Y, P = normal(3, 24), normal(3, 24)
SMALL = {"fft_lengths": [8, 16], "hop_lengths": [3, 4], "window_lengths": [6, 16]}
THEIRS = {"fft_sizes": [8, 16], "hop_sizes": [3, 4], "win_lengths": [6, 16]}
TIME = np.arange(1100)
LONG, OTHER = (np.round([np.sin(f * TIME + a) for a in range(3)], 2) for f in (0.3, 0.37))


def of(module, name, **arguments):
    """The mean over signals, each of which it is given alone."""

    def theirs(y_true, y_pred):
        import auraloss
        import torch

        loss = getattr(getattr(auraloss, module), name)(**arguments)
        pairs = zip(*(torch.tensor(np.asarray(x, "float32")) for x in (y_pred, y_true)), strict=True)
        return torch.stack([loss(p[None, None], y[None, None]) for p, y in pairs]).mean()

    return theirs


NUMBERS = {
    "SISDRLoss": [
        Number(of("time", "SISDRLoss"), Y, P),
        Number(of("time", "SISDRLoss", zero_mean=False), Y, P, {"zero_mean": False}),
    ],
    "SNRLoss": [Number(of("time", "SNRLoss"), Y, P)],
    "MultiResolutionSTFTLoss": [
        Number(of("freq", "MultiResolutionSTFTLoss"), LONG, OTHER),
        Number(of("freq", "MultiResolutionSTFTLoss", **THEIRS), Y, P, SMALL),
        Number(
            of("freq", "MultiResolutionSTFTLoss", **THEIRS, w_sc=0.5, w_log_mag=2.0, w_lin_mag=0.7, eps=0.01),
            Y,
            P,
            {
                **SMALL,
                "convergence_weight": 0.5,
                "log_magnitude_weight": 2.0,
                "magnitude_weight": 0.7,
                "epsilon": 0.01,
            },
        ),
        Number(
            of("freq", "MultiResolutionSTFTLoss", **THEIRS, window="hamming_window"),
            Y,
            P,
            {**SMALL, "window": "hamming"},
        ),
        Number(
            of("freq", "MultiResolutionSTFTLoss", **THEIRS, window="blackman_window"),
            Y,
            P,
            {**SMALL, "window": "blackman"},
        ),
    ],
    "STFTLoss": [Number(of("freq", "STFTLoss"), LONG[:, :700], OTHER[:, :700])],
    "LogCoshLoss": [Number(of("time", "LogCoshLoss"), Y, P)],
}
