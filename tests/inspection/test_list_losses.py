"""The table of all losses: complete, and what it says is what the losses do."""

import inspect

import numpy as np
import pytest

import kerasloss
from kerasloss.core.aliases import MEANINGS, key
from kerasloss.core.registry import KINDS, register
from kerasloss.inspection.catalogue import expectation
from tests.backend import ALL_CASES, array
from tests.cases import CASES

TABLE = kerasloss.list_losses()
BY_NAME = {info.name: info for info in TABLE}
each = pytest.mark.parametrize("info", TABLE, ids=lambda info: info.name)
ACTIVATIONS = {"linear", "sigmoid", "softmax", "softmax or sigmoid", "log_softmax", "positive", "any"}


def test_every_loss_is_there_once():
    classes = [getattr(kerasloss, name) for name in kerasloss.__all__]
    classes = [x for x in classes if inspect.isclass(x) and issubclass(x, kerasloss.Loss)]
    assert sorted(BY_NAME) == sorted({x.__name__ for x in classes} - {"Loss"})
    assert len(TABLE) == len(BY_NAME)


@each
def test_a_record_is_complete(info):
    cls = getattr(kerasloss, info.name)
    assert cls.__module__ == f"kerasloss.losses.{info.domain}.{info.family}"
    assert info.activation in ACTIVATIONS
    assert info.summary == inspect.getdoc(cls).splitlines()[0]
    assert info.y_true and info.y_pred
    if info.y_true != info.y_pred:  # else one text is about both
        for text, other in ((info.y_true, "y_pred"), (info.y_pred, "y_true")):
            assert f"{other}`:" not in text or text.startswith("`y_"), text
    parameters = inspect.signature(cls).parameters
    assert set(info.options) == set(parameters) - {"reduction", "name", "dtype"}
    for name, default in info.options.items():
        assert parameters[name].default in (default, inspect.Parameter.empty)
        assert (default is ...) == (parameters[name].default is inspect.Parameter.empty)


@each
def test_the_activation_is_that_of_the_docstring(info):
    words = info.y_pred.split("(")[0]
    if any(word in words for word in ("logits", "scores")) and "log-prob" not in words:
        assert info.activation in ("linear", "any"), info.y_pred
    if "log-probabilities" in words and info.kind == "class":
        assert info.activation == "log_softmax"
    if "numbers >= 0" in info.y_pred or "depths" in info.y_pred:
        assert info.activation == "positive"
    if "from_logits" in info.options:
        assert info.activation in ("softmax", "sigmoid", "softmax or sigmoid", "positive")
        assert info.expected == f"{info.activation}, or logits"


ALIKE = {(case.kind, case.loss.activation): case for case in CASES}
SOME = CASES if ALL_CASES else list(ALIKE.values())


@pytest.mark.parametrize("case", SOME, ids=[f"{case}-{i}" for i, case in enumerate(SOME)])
def test_raw_outputs_are_right_where_the_table_says_linear(case, rng):
    """Any numbers give a finite value exactly where no activation has to keep them in a range."""
    y_true, y_pred = case.draw(rng, 4)
    loss = case.make()
    options = {name: getattr(loss, name) for name in BY_NAME[str(case)].options}
    kind, activation = expectation(type(loss), options)
    raw = array(loss(y_true, -np.abs(3 * rng.normal(size=y_pred.shape)).astype("float32") - 0.5))
    if isinstance(loss, kerasloss.ParametricAFT):
        assert np.isfinite(raw) or np.isposinf(raw)  # a time that a small scale makes impossible
    elif activation in ("linear", "any") and kind not in ("distribution", "wrapper"):
        assert np.isfinite(raw)
    elif activation in ("softmax", "sigmoid") and kind in ("class", "binary"):
        assert np.isnan(raw)


def test_a_kind_is_a_word_of_the_table():
    assert {info.kind for info in TABLE} <= set(KINDS)
    with pytest.raises(ValueError, match="Typo: `kind` must be one of 'element', .*kind='elements'"):
        type("Typo", (kerasloss.Loss,), {"kind": "elements"})
    with pytest.raises(ValueError, match="Silent: `kind` must be one of"):
        register(type("Silent", (kerasloss.Loss,), {}))


def test_all_ordinal_losses_are_ordinal():
    assert {i.name for i in kerasloss.list_losses(family="ordinal")} == {
        i.name for i in kerasloss.list_losses(kind="ordinal")
    }


def test_filters():
    robust = kerasloss.list_losses(family="robust")
    assert {info.family for info in robust} == {"robust"} and 5 < len(robust) < len(TABLE)
    assert [info.name for info in kerasloss.list_losses("robust", "element")] == [i.name for i in robust]
    segmentation = kerasloss.list_losses(domain="segmentation")
    assert {info.family for info in segmentation} == {"overlap", "boundary", "lovasz", "mixing"}
    for wrong in (
        {"domain": "masks"},
        {"family": "robbust"},
        {"kind": "classes"},
        {"family": "robust", "kind": "class"},
    ):
        with pytest.raises(
            ValueError, match=r"list_losses: `(domain|family|kind)` must be one of .*Received"
        ):
            kerasloss.list_losses(**wrong)


def test_it_prints_as_a_table():
    lines = str(TABLE).splitlines()
    assert len(lines) == len(TABLE) + 1 and repr(TABLE) == str(TABLE)
    (line,) = (line for line in lines if line.startswith("BinaryCrossentropy "))
    assert (
        line.split()
        == (
            "BinaryCrossentropy binary binary sigmoid, or logits Cross-entropy of independent yes/no labels."
        ).split()
    )
    assert 'positive, or link="log"' in next(line for line in lines if line.startswith("Poisson "))
    page = TABLE._repr_html_()
    assert page.count("<tr>") == len(lines) and "<td>Huber</td>" in page and '"log"' not in page


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (kerasloss.BinaryCrossentropy, "sigmoid"),
        (kerasloss.CategoricalCrossentropy, "softmax"),
        (kerasloss.LDAM, "linear"),
        (kerasloss.NegativeLogLikelihood, "log_softmax"),
        (kerasloss.MeanSquaredError, "linear"),
        (kerasloss.Poisson, "positive"),
        (kerasloss.GaussianNLL, "linear"),
        (kerasloss.NonSaturatingGAN, "linear"),
        (kerasloss.TripletMargin, "any"),
        (kerasloss.Dice, "softmax or sigmoid"),
        (kerasloss.LovaszHinge, "linear"),
    ],
    ids=lambda x: x if isinstance(x, str) else x.__name__,
)
def test_activations_by_hand(loss, expected):
    assert BY_NAME[loss.__name__].activation == expected


def test_arguments_change_the_activation():
    for cls, options, expected in (
        (kerasloss.Dice, {"from_logits": True}, "linear"),
        (kerasloss.Dice, {"from_logits": False, "multilabel": True}, "sigmoid"),
        (kerasloss.Poisson, {"link": "log"}, "linear"),
        (kerasloss.GaussianNLL, {"link": "identity"}, "any"),
        (kerasloss.ClassBalancedCrossentropy, {"from_logits": False, "base": "sigmoid"}, "sigmoid"),
    ):
        assert expectation(cls, options)[1] == expected


# Words of a task, and the losses of which one must be among the first three.
QUERIES = [
    ("imbalanced masks", ["FocalTversky", "Tversky", "UnifiedFocal", "GeneralizedDice", "Dice"]),
    (
        "noisy labels",
        [
            "CategoricalGeneralizedCrossEntropy",
            "SymmetricCrossentropy",
            "BiTemperedLogistic",
            "ActivePassive",
            "BootstrapCrossentropy",
        ],
    ),
    ("count data", ["Poisson", "NegativeBinomialNLL"]),
    ("counts with many zeros", ["ZeroInflatedPoissonNLL", "ZeroInflatedNegativeBinomialNLL"]),
    ("outliers", ["Huber", "Cauchy", "Barron", "LogCosh"]),
    ("face verification", ["ArcFace", "CosFace"]),
    ("quantile forecast", ["Quantile"]),
    ("prediction interval", ["IntervalScore", "Quantile"]),
    ("ordinal", ["Coral", "Corn", "CumulativeLink"]),
    ("ordered classes", ["Coral", "Corn", "CumulativeLink"]),
    ("speech recognition", ["CTC"]),
    ("handwriting", ["CTC"]),
    ("knowledge distillation", ["LogitsDistillation"]),
    ("preference", ["DPO", "BradleyTerry", "SimPO"]),
    ("rlhf", ["DPO", "PPOClip", "GRPO"]),
    ("mixture of experts", ["MoELoadBalancing", "RouterZ"]),
    ("survival analysis", ["CoxPH", "LogisticHazard", "PMF", "MTLR", "DeepHit", "PCHazard"]),
    ("censored times", ["LogisticHazard", "ParametricAFT", "CoxPH"]),
    ("competing risks", ["DeepHit"]),
    ("limit of detection", ["Tobit"]),
    ("source separation", ["PermutationInvariant", "ScaleInvariantSDR"]),
    ("speech enhancement", ["ScaleInvariantSDR"]),
    ("vocoder", ["MultiResolutionSTFT"]),
    ("reward model", ["BradleyTerry"]),
    ("multi-label imbalance", ["Asymmetric"]),
    ("multilabel classification", ["BinaryCrossentropy", "MultiLabelSoftMargin"]),
    ("iou", ["IoU"]),
    ("long tail", ["LogitAdjustedCrossentropy", "BalancedSoftmaxCrossentropy", "LDAM"]),
    (
        "rare classes",
        ["LogitAdjustedCrossentropy", "ClassBalancedCrossentropy", "BalancedSoftmaxCrossentropy"],
    ),
    ("large vocabulary", ["LinearCrossentropy"]),
    ("language model", ["CausalLMCrossentropy"]),
    ("insurance claims", ["Tweedie"]),
    ("rainfall", ["Tweedie"]),
    ("depth estimation", ["ScaleInvariantLogarithmic"]),
    ("thin vessels", ["SoftClDice"]),
    ("missing targets", ["Masked"]),
    ("variational autoencoder", ["GaussianKLDivergence"]),
    ("vae", ["GaussianKLDivergence"]),
    ("gan", ["NonSaturatingGAN", "MinimaxGAN"]),
    ("style transfer", ["Style"]),
    ("angles", ["VonMisesNLL"]),
    ("domain adaptation", ["CorrelationAlignment", "MaximumMeanDiscrepancy"]),
    ("siamese network", ["Contrastive"]),
    ("ensemble forecast", ["EnsembleCRPS"]),
    ("uncertainty", ["GaussianNLL", "BetaNLL", "EvidentialRegression"]),
    ("positive unlabeled", ["PositiveUnlabeled"]),
    ("optimal transport", ["SinkhornDivergence"]),
    ("landmarks", ["Wing", "AdaptiveWing"]),
    ("auc", ["AUCMargin"]),
    ("f1", ["SoftF1"]),
    ("deep supervision", ["DeepSupervision"]),
    ("semantic textual similarity", ["CoSENT", "AnglE"]),
    ("sentence embeddings", ["MultipleNegativesRanking", "CoSENT", "AnglE"]),
    ("hard negatives", ["MultipleNegativesRanking"]),
    ("cross-encoder", ["MarginMSE"]),
    ("short embeddings", ["Matryoshka"]),
    ("SmoothL1Loss", ["SmoothL1"]),
    ("hard examples", ["OnlineHardExample"]),
    ("svm", ["Hinge", "SquaredHinge", "CategoricalHinge"]),
    ("boundary of masks", ["Boundary"]),
    (
        "relative error",
        [
            "MeanAbsolutePercentageError",
            "MeanSquaredLogarithmicError",
            "SymmetricMeanAbsolutePercentageError",
        ],
    ),
    ("mixture density", ["GaussianMixtureNLL"]),
    ("small objects", ["FocalTversky", "GeneralizedDice", "Combo"]),
    ("image segmentation", ["Dice", "DiceCrossentropy", "DiceFocal"]),
    ("speaker recognition", ["ArcFace", "CosFace"]),
    ("class centers", ["Center", "NormalizedSoftmax"]),
    ("metric learning", ["Circle", "TripletMargin", "MultiSimilarity", "MarginBased", "Prototypical"]),
    ("self-supervised training", ["BYOL", "VICReg", "DINO"]),
    ("class imbalance", ["ClassBalancedCrossentropy", "LDAM", "LogitAdjustedCrossentropy"]),
    ("star rating", ["OrdinalLog", "SoftOrdinal", "WeightedKappa"]),
    ("calibrated probabilities", ["Brier"]),
    ("negative binomial", ["NegativeBinomialNLL"]),
    ("compress a network", ["LogitsDistillation"]),
    ("ranking", ["PairwiseLogistic", "ListNet", "ApproxNDCG"]),
    ("learning to rank", ["PairwiseLogistic", "ListNet", "ApproxNDCG"]),
    ("document ranking", ["PairwiseLogistic", "ListNet", "ApproxNDCG"]),
    ("ndcg", ["ApproxNDCG", "NeuralNDCG"]),
    ("lambdarank", ["PairwiseLogistic"]),
    ("listwise", ["ListNet", "ListMLE"]),
    ("recommendation", ["BayesianPersonalizedRanking", "InBatchSoftmax", "CosineContrastive"]),
    ("recommender systems", ["BayesianPersonalizedRanking", "InBatchSoftmax", "CosineContrastive"]),
    ("two towers", ["InBatchSoftmax"]),
    ("retrieval", ["InBatchSoftmax", "MultipleNegativesRanking"]),
    ("rnn transducer", ["Transducer"]),
    ("streaming asr", ["Transducer"]),
    ("named entity recognition", ["LinearChainCRF", "TokenCrossentropy"]),
    ("sequence tagging", ["LinearChainCRF", "TokenCrossentropy"]),
    ("time series alignment", ["SoftDTW", "DILATE"]),
    ("dynamic time warping", ["SoftDTW"]),
    ("churn", ["CoxPH", "LogisticHazard", "ParametricAFT"]),
    ("surface loss", ["Boundary"]),
    ("heteroscedastic regression", ["GaussianNLL", "BetaNLL"]),
    ("overprediction costs more", ["Quantile"]),
    ("asymmetric costs", ["Quantile"]),
    ("tilted loss", ["Quantile"]),
    ("calibration", ["Brier"]),
    ("multi-task uncertainty", ["WeightedSum"]),
    ("ctr prediction", ["BinaryCrossentropy"]),
    ("physics-informed network", ["RelativeLp", "SobolevH1"]),
    ("TD error", ["Huber"]),
    ("medical volumes", ["Dice", "DiceCrossentropy", "FocalTversky", "Tversky", "UnifiedFocal"]),
    ("sampled softmax", ["InBatchSoftmax"]),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES, ids=[query for query, _ in QUERIES])
def test_a_query_finds_the_loss_for_a_task(query, expected):
    first = [info.name for info in kerasloss.list_losses(query=query)[:3]]
    assert set(first) & set(expected), first


def test_what_a_word_is_known_to_mean_comes_first():
    """Before losses that have the word in their names: `MarginRanking` compares two scores, not lists."""
    for query in ("ranking", "Learning to rank", "retrieval", "survival", "two-towers"):
        meant = MEANINGS[key(query).removesuffix("s")]
        assert [info.name for info in kerasloss.list_losses(query=query)[: len(meant)]] == meant


def test_a_known_phrase_is_found_within_a_query():
    for query in ("learning to rank padding", "learning to rank", "padded lists, learning to rank"):
        found = kerasloss.list_losses(query=query)
        assert {info.name for info in found[:3]} == {"PairwiseLogistic", "ListNet", "ApproxNDCG"}, query
    for query, name in (
        ("detr", "SetPrediction"),
        ("ohem", "OnlineHardExample"),
        ("elbo", "GaussianKLDivergence"),
        ("simclr", "NTXent"),
    ):
        assert kerasloss.list_losses(query=query)[0].name == name


def test_names_come_first():
    """A loss is found by its own name, and by its names elsewhere."""
    for info in TABLE:
        assert kerasloss.list_losses(query=info.name)[0].name == info.name
    for name, loss in (
        ("HuberLoss", "Huber"),
        ("kullback leibler", "KLDivergence"),
        ("rmse", "RootMeanSquaredError"),
    ):
        assert kerasloss.list_losses(query=name)[0].name == loss
    assert "PseudoHuber" in [info.name for info in kerasloss.list_losses(query="kornia charbonnier")]


def test_a_query_and_the_filters():
    found = kerasloss.list_losses(domain="classification", query="imbalance")
    assert found and {info.domain for info in found} == {"classification"}
    assert len(found) < len(kerasloss.list_losses(query="imbalance"))
    assert kerasloss.list_losses(query="the") == kerasloss.list_losses(query="") == TABLE
    nothing = kerasloss.list_losses(query="qwertz")
    assert nothing == [] and str(nothing).startswith("No losses; ")
    for spelling in ("Noisy LABELS", "noisy, labels!", "labels noisy"):
        assert kerasloss.list_losses(query=spelling) == kerasloss.list_losses(query="noisy labels")
    with pytest.raises(ValueError, match=r"list_losses: `query` must be a string.*Received: query=3"):
        kerasloss.list_losses(query=3)
