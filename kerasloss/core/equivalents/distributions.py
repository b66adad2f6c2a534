"""PyTorch, TensorFlow Probability, Pyro and statsmodels: likelihoods of distributions."""

from kerasloss.core.equivalents.row import Rows

_IDENTITY = {"link": "identity"}
_LOC_SCALE = "Minus its `log_prob(y_true)`, of `loc` and `scale`."
_MEAN_AND_LOGITS = (
    "Minus its `log_prob(y_true)`, of `total_count` t and `logits` log(m / t); m and t are outputs."
)
_LOGLIKE = "Minus its `loglike`, the sum over the samples."


def _both(kl_divergence: str) -> Rows:
    """What PyTorch and TensorFlow Probability call the same."""
    return [
        ("distributions.Normal", "GaussianNLL", {"link": "identity", "full": True}, _LOC_SCALE),
        ("distributions.Laplace", "LaplaceNLL", _IDENTITY, _LOC_SCALE),
        (
            "distributions.StudentT",
            "StudentTNLL",
            _IDENTITY,
            f"{_LOC_SCALE} `df` is the third output, or a number: `df`.",
        ),
        ("distributions.LogNormal", "LogNormalNLL", _IDENTITY, _LOC_SCALE),
        (
            "distributions.Poisson",
            "Poisson",
            {"full": True},
            "Minus its `log_prob(y_true)`.",
        ),
        ("distributions.VonMises", "VonMisesNLL", _IDENTITY, "Minus its `log_prob(y_true)`."),
        ("distributions.NegativeBinomial", "NegativeBinomialNLL", _IDENTITY, _MEAN_AND_LOGITS),
        (
            "distributions.MixtureSameFamily",
            "GaussianMixtureNLL",
            _IDENTITY,
            "Minus its `log_prob(y_true)`, of `Categorical(logits=...)` and `Normal`.",
        ),
        (
            kl_divergence,
            "GaussianKLDivergence",
            {},
            "Of two `Normal`, summed over d; the scale is `exp(log_variance / 2)`.",
        ),
    ]


TORCH_DISTRIBUTIONS: Rows = _both("distributions.kl.kl_divergence")

_INFLATED = "Minus its `log_prob(y_true)`. `inflated_loc_logits` is half the logit, the last output."

TFP: Rows = [
    *_both("distributions.kl_divergence"),
    ("distributions.ZeroInflatedNegativeBinomial", "ZeroInflatedNegativeBinomialNLL", _IDENTITY, _INFLATED),
    ("distributions.Inflated(Poisson)", "ZeroInflatedPoissonNLL", _IDENTITY, _INFLATED),
    ("distributions.Inflated(LogNormal)", "ZeroInflatedLogNormalNLL", _IDENTITY, _INFLATED),
]

PYRO: Rows = [
    (
        "distributions.ZeroInflatedPoisson",
        "ZeroInflatedPoissonNLL",
        _IDENTITY,
        "Minus its `log_prob(y_true)`. `gate_logits` is the second output.",
    ),
    (
        "distributions.ZeroInflatedNegativeBinomial",
        "ZeroInflatedNegativeBinomialNLL",
        _IDENTITY,
        f"{_MEAN_AND_LOGITS} `gate_logits` is the third.",
    ),
]

STATSMODELS_COUNTS: Rows = [
    (
        "NegativeBinomialP",
        "NegativeBinomialNLL",
        {"reduction": "sum"},
        f"{_LOGLIKE} The outputs are `exog @ params` and -log(alpha).",
    ),
    (
        "ZeroInflatedPoisson",
        "ZeroInflatedPoissonNLL",
        {"reduction": "sum"},
        f"{_LOGLIKE} The outputs are `exog @ params` and that of `exog_infl`.",
    ),
    (
        "ZeroInflatedNegativeBinomialP",
        "ZeroInflatedNegativeBinomialNLL",
        {"reduction": "sum"},
        f"{_LOGLIKE} The outputs are `exog @ params`, -log(alpha), and that of `exog_infl`.",
    ),
]
