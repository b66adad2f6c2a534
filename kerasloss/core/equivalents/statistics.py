"""Distributions of PyTorch, TensorFlow Probability and Pyro; SciPy and statsmodels."""

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

_ELEMENTS = "Of `delta` and an error; the mean here."
_SERIES = "Of one pair; the mean here."

SCIPY: Rows = [
    ("special.huber", "Huber", {}, _ELEMENTS),
    ("special.pseudo_huber", "PseudoHuber", {}, _ELEMENTS),
    ("special.kl_div", "GeneralizedKLDivergence", {"epsilon": 0.0}, "Of single entries; their sum here."),
    ("special.rel_entr", "KLDivergence", {"epsilon": 0.0}, "Of single entries; their sum here."),
    ("stats.pearsonr", "PearsonCorrelation", {}, f"1 - its value. {_SERIES}"),
    (
        "stats.wasserstein_distance",
        "WassersteinDistance",
        {},
        f"Its first two arguments are `positions`, the others the probabilities. {_SERIES}",
    ),
    ("spatial.distance.jensenshannon", "JensenShannonDivergence", {}, f"The square of its value. {_SERIES}"),
    (
        'optimize.least_squares(loss="cauchy")',
        "Cauchy",
        {},
        "The mean of its `cost` over the residuals; `f_scale` is `scale`.",
    ),
]

_RHO = "The mean of its `rho` of the residuals."

STATSMODELS: Rows = [
    ("PHReg", "CoxPH", {"reduction": "sum"}, "Minus its `loglike`."),
    ('PHReg(ties="efron")', "CoxPH", {"ties": "efron", "reduction": "sum"}, "Minus its `loglike`."),
    ("robust.norms.HuberT", "Huber", {"delta": 1.345}, _RHO),
    ("robust.norms.TukeyBiweight", "TukeyBiweight", {}, _RHO),
    (
        "robust.norms.MQuantileNorm(base_norm=LeastSquares())",
        "Expectile",
        {},
        f"{_RHO} This divided by 2; `q`, which has no default, is `expectile`.",
    ),
    (
        "robust.norms.MQuantileNorm(base_norm=HuberT())",
        "QuantileHuber",
        {"delta": 1.345},
        f"{_RHO} This times `delta`; `q`, which has no default, is `quantile`.",
    ),
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
