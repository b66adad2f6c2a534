"""auraloss, asteroid and torchmetrics: audio; the spectra of images and the agreement of numbers."""

from kerasloss.core.equivalents.row import Rows

_MINUS = "Minus its value. Its epsilon is that of the dtype, 2**-23 in float32."
_EPSILON = "Adds its 1e-8 in other places, here to both powers and to both products in the scale."

AURALOSS: Rows = [
    ("SISDRLoss", "ScaleInvariantSDR", {}, f"`eps` is `epsilon`. {_EPSILON}"),
    ("SNRLoss", "ScaleInvariantSDR", {"scale_invariant": False}, f"`eps` is `epsilon`. {_EPSILON}"),
    (
        "MultiResolutionSTFTLoss",
        "MultiResolutionSTFT",
        {},
        "Of one signal: the norms of its convergence term run over the batch. `fft_sizes`, `hop_sizes`, "
        "`win_lengths`, `w_sc`, `w_log_mag`, `w_lin_mag`, `eps` are the arguments here in order, the last "
        "`epsilon`.",
    ),
    (
        "STFTLoss",
        "MultiResolutionSTFT",
        {"fft_lengths": [1024], "hop_lengths": [256], "window_lengths": [1024]},
        "Of one signal, as above.",
    ),
    ("LogCoshLoss", "LogCosh", {}, "With `a=1`; adds 1e-8 in the logarithm."),
]

ASTEROID: Rows = [
    ('SingleSrcNegSDR("sisdr")', "ScaleInvariantSDR", {}, f"`EPS` is `epsilon`. {_EPSILON}"),
    (
        'SingleSrcNegSDR("snr")',
        "ScaleInvariantSDR",
        {"scale_invariant": False},
        f"`EPS` is `epsilon`. {_EPSILON}",
    ),
    ('MultiSrcNegSDR("sisdr")', "ScaleInvariantSDR", {}, "Of `(batch, sources, time)`."),
    ("PITLossWrapper", "PermutationInvariant", {}, '`pit_from="pw_pt"`; it takes the estimate first.'),
]

TORCHMETRICS: Rows = [
    (
        "functional.image.spectral_angle_mapper",
        "SpectralAngle",
        {},
        "Channels first. Its arc cosine is accurate to only 1e-4 near 0.",
    ),
    (
        "scale_invariant_signal_distortion_ratio",
        "ScaleInvariantSDR",
        {"zero_mean": False},
        _MINUS,
    ),
    ("scale_invariant_signal_noise_ratio", "ScaleInvariantSDR", {}, _MINUS),
    (
        "signal_noise_ratio",
        "ScaleInvariantSDR",
        {"zero_mean": False, "scale_invariant": False},
        _MINUS,
    ),
    (
        "permutation_invariant_training",
        "PermutationInvariant",
        {},
        'With `eval_func="min"`; with `"max"` of a ratio minus its value.',
    ),
    ("pearson_corrcoef", "PearsonCorrelation", {"axis": 0}, "1 - its value, over the batch for each output."),
    (
        "concordance_corrcoef",
        "ConcordanceCorrelation",
        {"axis": 0},
        "1 - its value, whose variances divide by n - 1: the same where the means are equal.",
    ),
    (
        "continuous_ranked_probability_score",
        "EnsembleCRPS",
        {},
        "Of `(batch, members)` and `(batch,)`.",
    ),
    (
        "log_cosh_error",
        "LogCosh",
        {},
        "Its values for each output; their mean here. Overflows above errors of 88.",
    ),
]
