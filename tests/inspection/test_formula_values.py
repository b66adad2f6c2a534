"""The formula of a docstring, computed from the tree that the page is typeset from, is the loss."""

import numpy as np
import pytest
import scipy.special

import kerasloss
from tests.backend import array
from tests.inspection.formulas import Formula, arguments

# One function for each kind of input: it draws labels and predictions, and says what the variables are.


def numbers(loss, rng):
    y_true, y_pred = rng.normal(size=(2, 4, 3))
    return y_true, y_pred, {"y_true": y_true, "y_pred": y_pred, "e": y_pred - y_true}


def positive_numbers(loss, rng):
    y_true, y_pred = rng.uniform(0.2, 3, size=(2, 4, 3))
    return (
        y_true,
        y_pred,
        {"y_true": y_true, "y_pred": y_pred, "e": y_pred - y_true, "y": y_true, "m": y_pred},
    )


def moments(loss, rng):
    y_true, y_pred, names = numbers(loss, rng)
    for end, x in (("true", y_true), ("pred", y_pred)):
        names |= {
            f"{name}_{end}": f(x, axis=-1, keepdims=True) for name, f in (("mean", np.mean), ("std", np.std))
        }
        names[f"var_{end}"] = names[f"std_{end}"] ** 2
    product = (y_true - names["mean_true"]) * (y_pred - names["mean_pred"])
    return y_true, y_pred, names | {"cov": product.mean(-1, keepdims=True)}


def valid_positions(loss, rng):
    y_true, y_pred, names = positive_numbers(loss, rng)
    return y_true, y_pred, names | {"n": y_true.shape[-1]}


def batch_maximum(loss, rng):
    y_true, y_pred, names = numbers(loss, rng)
    return y_true, y_pred, names | {"c": loss.threshold * np.abs(names["e"]).max()}


def landmarks(loss, rng):
    """A and C of AdaptiveWing, which its docstring defines in words."""
    y_true, y_pred = rng.uniform(size=(4, 3)), rng.normal(size=(4, 3))
    q, ratio = loss.alpha - y_true, loss.theta / loss.epsilon
    slope = loss.omega * q * ratio ** (q - 1) / (1 + ratio**q) / loss.epsilon
    constant = loss.theta * slope - loss.omega * np.log(1 + ratio**q)
    return y_true, y_pred, {"y_true": y_true, "e": y_pred - y_true, "A": slope, "C": constant}


def quantiles(loss, rng):
    y_true, y_pred = rng.normal(size=(2, 4, 3))
    u = y_true - y_pred
    level = getattr(loss, "quantile", None) or loss.expectile
    return (
        y_true,
        y_pred,
        {"y_true": y_true, "y_pred": y_pred, "q": level, "w": np.where(u >= 0, level, 1 - level)},
    )


def parameters(names, raw=()):
    """Numbers against parameters: those in `raw` as they come, of the others the logarithm."""

    def draw(loss, rng):
        y_true, y_pred = rng.uniform(1, 4, size=(4, 3)).round(), rng.normal(size=(4, 3, len(names)))
        found = {n: y_pred[..., i] if n in raw else np.exp(y_pred[..., i]) for i, n in enumerate(names)}
        return y_true, y_pred, {"y": y_true, **found}

    return draw


def lifetimes(loss, rng):
    """Times with an event each."""
    t, y_pred = rng.uniform(0.5, 3, size=(4, 1)), rng.normal(size=(4, 2))
    return np.hstack([t, np.ones((4, 1))]), y_pred, {"t": t, "m": y_pred[:, :1], "s": np.exp(y_pred[:, 1:])}


def yes_no(loss, rng):
    y, x = rng.integers(0, 2, size=(4, 3)).astype(float), rng.normal(size=(4, 3))
    logits = getattr(loss, "from_logits", True)
    p = scipy.special.expit(x)
    return y, x if logits else p, {"y": y, "p": p, "x": x, "s": x}


def unweighted(loss, rng):
    y, x, names = yes_no(loss, rng)
    return y, x, names | {"w": 1.0}


def scores(loss, rng):
    y, x = rng.integers(0, 2, size=(4, 3)), rng.normal(size=(4, 3))
    return y, x, {"label": 2 * y - 1, "score": x}


def classes(loss, rng, ids=False):
    x, ids_ = rng.normal(size=(4, 3)), rng.integers(0, 3, size=4)
    one_hot, p = np.eye(3)[ids_], scipy.special.softmax(x, axis=-1)
    a = getattr(loss, "label_smoothing", 0)
    weight = getattr(loss, "class_weight", None)
    names = {"one_hot": one_hot, "y": one_hot * (1 - a) + a / 3, "p": p, "x": x, "s": x, "C": 3}
    names |= {"w": np.ones(3) if weight is None else np.asarray(weight), "k": np.arange(3)}
    return ids_ if ids else one_hot, x if getattr(loss, "from_logits", True) else p, names


def class_scores(loss, rng):
    """p is an argument and no probability."""
    y_true, y_pred, names = classes(loss, rng)
    return y_true, y_pred, names | {"p": loss.p}


def class_ids(loss, rng):
    return classes(loss, rng, ids=True)


def log_probabilities(loss, rng):
    y_true, _, names = classes(loss, rng)
    return y_true, np.log(names["p"]), names | {"y_pred": np.log(names["p"])}


def counted_classes(loss, rng):
    y_true, y_pred, names = classes(loss, rng)
    return y_true, y_pred, names | {"n": np.asarray(loss.samples_per_class, float)}


def known_prior(loss, rng):
    y_true, y_pred, names = classes(loss, rng)
    return y_true, y_pred, names | {"prior": np.asarray(loss.class_prior)}


def smoothed_scores(loss, rng):
    """The smoothed labels are called s, and the hard ones y."""
    y_true, y_pred, names = classes(loss, rng)
    return y_true, y_pred, names | {"s": names["y"], "y": names["one_hot"]}


def active_passive(loss, rng):
    y_true, y_pred, names = classes(loss, rng)
    return y_true, y_pred, names | {"passive": 1 - (names["y"] * names["p"]).sum(-1, keepdims=True)}


def ordered(loss, rng):
    ids, y_pred, names = class_ids(loss, rng)
    return ids, y_pred, names | {"y": ids[:, None]}


def thresholds(loss, rng):
    ids, z = rng.integers(0, 4, size=4), rng.normal(size=(4, 3))
    return ids, z, {"y": ids[:, None], "z": z, "k": np.arange(3), "w": 1.0}


def masks(loss, rng):
    """The sums go over the positions, which stand last here."""
    y, x = rng.integers(0, 2, size=(2, 5, 3)).astype(float), rng.normal(size=(2, 5, 3))
    y[:, :2] = [[0], [1]]  # of both
    p = scipy.special.expit(x)
    turned = {name: np.swapaxes(value, 1, 2) for name, value in (("y", y), ("p", p))}
    return y, p, turned | {"w": 1.0}


def overlap(loss, rng):
    """What a docstring leaves to that of Dice, Tversky, or to dots."""
    y_true, y_pred, names = masks(loss, rng)
    y, p = names["y"], names["p"]
    found = {
        "I": y * p,
        "A": y,
        "B": p,
        "FP": (1 - y) * p,
        "FN": y * (1 - p),
        "TP": y * p,
        "TN": (1 - y) * (1 - p),
    }
    counts = isinstance(loss, kerasloss.MatthewsCorrelation)
    more = loss.smooth if counts else 0
    sums = {name: value.sum(-1, keepdims=True) + more for name, value in found.items()}
    return y_true, y_pred, names | sums | {"e": max(loss.smooth, 1e-7)}


def distributions(loss, rng):
    p, q = rng.dirichlet(np.ones(3), size=(2, 4))
    return p, q, {"p": p, "q": q}


def outputs(loss, rng):
    y_true, y_pred = rng.normal(size=(2, 4, 3))
    return y_true, y_pred, {"y_true": y_true, "y_pred": y_pred}


def answers(loss, rng):
    y_true, y_pred = -rng.uniform(0.5, 3, size=(2, 4, 2))
    names = {"chosen": y_pred[:, :1], "rejected": y_pred[:, 1:]}
    return y_true, y_pred, names | {"reference_chosen": y_true[:, :1], "b": y_pred[:, 1:] - y_true[:, 1:]}


def compared(loss, rng):
    y, x = rng.integers(0, 2, size=4), rng.normal(size=(4, 2))
    y = y if isinstance(loss, kerasloss.BradleyTerry) else 2 * y - 1
    return y, x, {"y": y[:, None], "s0": x[:, :1], "s1": x[:, 1:]}


ROWS = {
    numbers: """MeanSquaredError(scale=0.5) MeanAbsoluteError() RootMeanSquaredError() Huber(delta=0.7)
        SmoothL1(beta=0.7) LogCosh() EpsilonInsensitive(epsilon=0.3) CosineSimilarity()
        Charbonnier(epsilon=0.1) PseudoHuber(delta=0.7) Barron(alpha=-1.0,scale=0.7)
        Cauchy(scale=0.7) GemanMcClure(scale=0.7) Welsch(scale=0.7)
        TukeyBiweight(scale=1.5) Wing(width=1.0,curvature=0.5)""",
    positive_numbers: """MeanAbsolutePercentageError() SymmetricMeanAbsolutePercentageError()
        MeanSquaredLogarithmicError() Poisson() GammaDeviance()""",
    moments: "ConcordanceCorrelation() PearsonCorrelation()",
    valid_positions: "ScaleInvariantLogarithmic(lambd=0.5)",
    batch_maximum: "ReverseHuber()",
    landmarks: "AdaptiveWing()",
    quantiles: "Quantile(0.2) QuantileHuber(0.2,delta=0.7) Expectile(0.2)",
    parameters("ms", raw="m"): "GaussianNLL() BetaNLL(beta=0.3) LogNormalNLL() GaussianCRPS() Tobit()",
    parameters("mb", raw="m"): "LaplaceNLL()",
    lifetimes: "ParametricAFT()",
    parameters("msv", raw="m"): "StudentTNLL()",
    parameters("mc", raw="m"): "VonMisesNLL()",
    parameters("mt"): "NegativeBinomialNLL()",
    parameters("lu", raw="lu"): "IntervalScore(0.2)",
    yes_no: """BinaryCrossentropy(from_logits=True,pos_weight=2.0) ZeroBoundedLogSumExp()
        BinaryFocalCrossentropy(apply_class_balancing=True,alpha=0.3) Asymmetric(clip=0.1)""",
    unweighted: "MultiLabelSoftMargin()",
    scores: """Hinge(margin=0.7) SquaredHinge() SoftMargin() Perceptron() ModifiedHuber() Exponential()""",
    classes: """CategoricalCrossentropy(from_logits=True,class_weight=[1,2,3],z_loss=0.1,label_smoothing=0.2)
        CategoricalHinge() Brier() Poly1Crossentropy(epsilon=2.0,label_smoothing=0.2)
        CategoricalFocalCrossentropy(alpha=[1,2,3],label_smoothing=0.2)
        CategoricalGeneralizedCrossEntropy(q=0.4) SymmetricCrossentropy(alpha=0.3,beta=0.7)
        BootstrapCrossentropy(beta=0.7) EarthMoversDistance()""",
    class_scores: "MultiMargin(p=2)",
    log_probabilities: "NegativeLogLikelihood(class_weight=[1,2,3])",
    class_ids: """SparseCategoricalCrossentropy(from_logits=True,class_weight=[1,2,3],z_loss=0.1)
        SparseCategoricalFocalCrossentropy(alpha=[1,2,3])""",
    known_prior: "LogitAdjustedCrossentropy([0.5,0.3,0.2])",
    counted_classes: "LDAM([3,2,1]) BalancedSoftmaxCrossentropy([3,2,1],label_smoothing=0.2)",
    smoothed_scores: "AsymmetricSingleLabel(label_smoothing=0.2)",
    active_passive: "ActivePassive(gamma=0.5)",
    ordered: "OrdinalLog(alpha=1.5)",
    thresholds: "Coral()",
    masks: """Dice(axis=1,smooth=0.5) Tversky(axis=1,smooth=0.5,alpha=0.3,beta=0.7) Jaccard(axis=1,smooth=0.5)
        SensitivitySpecificity(axis=1,sensitivity_weight=0.2)""",
    overlap: """FocalTversky(axis=1,gamma=0.7,smooth=0.5) LogCoshDice(axis=1,smooth=0.5)
        MatthewsCorrelation(axis=1,smooth=0.1)""",
    distributions: """KLDivergence() GeneralizedKLDivergence() JensenShannonDivergence(beta=0.3)
        TotalVariationDistance() RenyiDivergence(alpha=0.5) HellingerDistance()""",
    outputs: "FeatureDistillation()",
    answers: """DPO(label_smoothing=0.1) CPO(label_smoothing=0.1) SimPO() ORPO()""",
    compared: "BradleyTerry() MarginRanking(margin=0.5)",
}
EACH = [(draw, call) for draw, calls in ROWS.items() for call in calls.split()]


@pytest.mark.parametrize(("draw", "call"), EACH, ids=[call for _, call in EACH])
def test_the_formula_is_the_loss(draw, call, rng):
    loss = eval(call, vars(kerasloss))
    loss.reduction = None
    y_true, y_pred, names = draw(loss, rng)
    found = array(loss(y_true, y_pred))
    value = Formula(type(loss)).value({**arguments(loss), **names})
    np.testing.assert_allclose(np.broadcast_to(value, found.shape), found, rtol=2e-5, atol=2e-6)


def test_each_loss_has_one_row():
    assert len({call.partition("(")[0] for _, call in EACH}) == len(EACH) > 80
