"""Short names find their loss, and a name that is none comes with what may be meant."""

import re

import pytest

import kerasloss
from kerasloss.core.aliases import ALIASES, MEANINGS, SYNONYMS, key, suggestions

NAMES = [info.name for info in kerasloss.list_losses()]


def received(name):
    """What `get` suggests."""
    with pytest.raises(ValueError, match="no loss of this name") as error:
        kerasloss.get(name)
    return re.findall(r"'(\w+)'", str(error.value).partition("Received")[0])


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("kl", "KLDivergence"),
        ("l1_loss", "MeanAbsoluteError"),
        ("NLLLoss", "NegativeLogLikelihood"),
        ("pinball", "Quantile"),
        ("cosine", "CosineSimilarity"),
        ("smooth l1", "SmoothL1"),
        ("log-cosh", "LogCosh"),
        ("BCELoss", "BinaryCrossentropy"),
        ("binary_focal_loss", "BinaryFocalCrossentropy"),
        ("RNNTLoss", "Transducer"),
        ("crf", "LinearChainCRF"),
        ("DETR", "SetPrediction"),
        ("SimCLR", "NTXent"),
    ],
)
def test_common_names_find_their_loss(alias, name):
    assert type(kerasloss.get(alias)).__name__ == name


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("focal", "BinaryFocalCrossentropy"),
        ("cross_entropy", "SparseCategoricalCrossentropy"),
        ("CrossEntropyLoss", "SparseCategoricalCrossentropy"),
        ("ce", "SparseCategoricalCrossentropy"),
        ("softmax", "SparseCategoricalCrossentropy"),
        ("crosentropy", "SparseCategoricalCrossentropy"),
        ("BCEWithLogitsLoss", "BinaryCrossentropy"),
        ("triplet", "TripletMargin"),
        ("crps", "GaussianCRPS"),
        ("mle", "GaussianNLL"),
        ("divergence", "KLDivergence"),
        ("jensen", "JensenShannonDivergence"),
        ("squared_error", "MeanSquaredError"),
        ("error_squared_root", "RootMeanSquaredError"),
        ("hubr", "Huber"),
        ("tverski", "Tversky"),
        ("binarycrossentropi", "BinaryCrossentropy"),
        ("wasserstein", "WassersteinDistance"),
        ("lambda_rank", "PairwiseLogistic"),
        ("ranking", "PairwiseLogistic"),
        ("NDCGLoss", "ApproxNDCG"),
        ("recommendation", "BayesianPersonalizedRanking"),
        ("two_tower", "InBatchSoftmax"),
        ("survival", "CoxPH"),
        ("hungarian", "SetPrediction"),
        ("ohem", "OnlineHardExample"),
    ],
)
def test_what_is_suggested_first(name, first):
    found = received(name)
    assert found[0] == first and len(found) <= 5


def test_suggestions_have_an_order():
    """What the word stands for, what contains it, what is spelt like it; and never nothing."""
    names = ["Dice", "DiceFocal", "GeneralizedDice", "Contrastive", "Jaccard", "BinaryFocalCrossentropy"]
    assert suggestions("focal", names)[:2] == ["BinaryFocalCrossentropy", "DiceFocal"]
    assert suggestions("dic", names)[:3] == ["Dice", "DiceFocal", "GeneralizedDice"]
    assert suggestions("jaccardindex", names)[0] == "Jaccard"
    assert suggestions("kl", names) and "KLDivergence" not in suggestions("kl", names)
    for nothing in ("", "loss", "_", "qqqq", "損失"):
        assert len(suggestions(nothing, names)) == 3


def test_the_tables_are_sound():
    keys = {key(name) for name in NAMES}
    words = [*ALIASES, *MEANINGS]
    assert len(words) == len(set(words))
    for word in words:
        assert word == key(word), f"{word} is never looked up"
        assert word not in keys, f"{word} is a loss itself"
    for name in ALIASES.values():
        assert name in NAMES and type(kerasloss.get(name)).__name__ == name
    for names in MEANINGS.values():
        assert names and set(names) <= set(NAMES)


def test_every_synonym_is_said_by_a_loss():
    for word, others in SYNONYMS.items():
        for other in others.split():
            assert kerasloss.list_losses(query=other), f"{other}, for {word}"
