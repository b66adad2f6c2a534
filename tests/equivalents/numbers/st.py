import numpy as np

from tests.equivalents.number import EMBEDDINGS, MEMBERS, PAIRS, TRIPLETS, Number, P, Y, draws
from tests.equivalents.numbers.torch import tensor


def losses():
    from sentence_transformers.sentence_transformer import losses

    return losses


def loss(name, distance=None, **arguments):
    """On the embeddings `(N, D)` or `(N, k, D)`, which its model hands on."""

    def theirs(y_true, y_pred):
        import torch

        class Model(torch.nn.Module):
            def forward(self, features):
                return {"sentence_embedding": features}

        given = dict(arguments)
        if "similarity_fct" in given:
            given["similarity_fct"] = similarity(given["similarity_fct"])
        if distance:
            given["distance_metric"] = getattr(getattr(losses(), distance[0]), distance[1])
        columns = [y_pred] if y_pred.ndim == 2 else list(np.moveaxis(y_pred, 1, 0))
        return getattr(losses(), name)(Model(), **given)([tensor(x) for x in columns], tensor(y_true))

    return theirs


def similarity(name):
    import sentence_transformers.util

    return getattr(sentence_transformers.util, name)


def model(column):
    """Hands on a column of its inputs; a guide must share its tokenizer."""
    import torch
    import transformers

    class Tokenizer(transformers.PreTrainedTokenizerBase):
        def __init__(self):
            pass

        def get_vocab(self):
            return {}

    class Model(torch.nn.Module):
        tokenizer, max_seq_length = Tokenizer(), 1

        def __getitem__(self, _):
            return self

        def get_embedding_dimension(self):
            return None

        def forward(self, features):
            return {"sentence_embedding": features[column]}

    return Model()


def columns(x):
    return [tensor(column) for column in np.moveaxis(x, 1, 0)]


def guided(**arguments):
    def theirs(y_true, y_pred):
        features = [{"x": x, "guide": g} for x, g in zip(columns(y_pred), columns(y_true), strict=True)]
        return losses().GISTEmbedLoss(model("x"), model("guide"), **arguments)(features, None)

    return theirs


def cached(name, with_guide=False, **arguments):
    """Of embeddings that it has already."""

    def theirs(y_true, y_pred):
        models = [model("x"), model("guide")] if with_guide else [model("x")]
        inputs = [[[c] for c in columns(x)] for x in ((y_pred, y_true) if with_guide else (y_pred,))]
        return getattr(losses(), name)(*models, mini_batch_size=2, **arguments).calculate_loss(*inputs)

    return theirs


def matryoshka(name, dimensions, weights=None, **arguments):
    def theirs(y_true, y_pred):
        shared = model("x")
        inner = getattr(losses(), name)(shared, **arguments)
        features = [{"x": x} for x in columns(y_pred)]
        return losses().MatryoshkaLoss(shared, inner, dimensions, weights)(features, tensor(y_true))

    return theirs


def twice(name, **arguments):
    return lambda y_true, y_pred: 2 * loss(name, **arguments)(y_true, y_pred)


def of_batch(name, config=None, **arguments):
    """The number of a batch of labels and embeddings."""
    return Number(loss(name, **arguments), MEMBERS, EMBEDDINGS, config or {})


COSINE = {"distance": ("BatchHardTripletLossDistanceFunction", "cosine_distance"), "margin": 0.5}
COSINE_HERE = {"distance": "cosine", "margin": 0.5}
BOTH_WAYS = {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction"}
GRADES = np.array([0.2, 0.9, 0.5, 0.9, 0.0])
normal = draws(27)
GUIDE, FOUR = normal(5, 4, 4), normal(5, 4, 3)
MARGINS, TEACHER = normal(5), normal(5, 3)
ALIKE = np.array([0, 1, 0, 1, 0])
FIRST = np.ones(5)

NUMBERS = {
    "AnglELoss": [
        Number(loss("AnglELoss"), GRADES, PAIRS),
        Number(loss("AnglELoss", scale=2.0), GRADES, PAIRS, {"scale": 2.0}),
    ],
    "BatchAllTripletLoss": [
        of_batch("BatchAllTripletLoss"),
        of_batch("BatchAllTripletLoss", {"margin": 0.5}, margin=0.5),
        of_batch("BatchAllTripletLoss", COSINE_HERE, **COSINE),
    ],
    "BatchHardSoftMarginTripletLoss": [of_batch("BatchHardSoftMarginTripletLoss")],
    "BatchHardTripletLoss": [
        of_batch("BatchHardTripletLoss"),
        of_batch("BatchHardTripletLoss", {"margin": 0.5}, margin=0.5),
        of_batch("BatchHardTripletLoss", COSINE_HERE, **COSINE),
    ],
    "BatchSemiHardTripletLoss": [
        of_batch("BatchSemiHardTripletLoss"),
        of_batch("BatchSemiHardTripletLoss", {"margin": 0.5}, margin=0.5),
        of_batch("BatchSemiHardTripletLoss", COSINE_HERE, **COSINE),
    ],
    "CachedGISTEmbedLoss": [
        Number(cached("CachedGISTEmbedLoss", with_guide=True), GUIDE[:, :3], TRIPLETS),
        Number(
            cached("CachedGISTEmbedLoss", with_guide=True, temperature=0.5), GUIDE, FOUR, {"temperature": 0.5}
        ),
    ],
    "CachedMultipleNegativesRankingLoss": [
        Number(cached("CachedMultipleNegativesRankingLoss"), FIRST, FOUR),
        Number(
            cached("CachedMultipleNegativesRankingLoss", scale=2.0, **BOTH_WAYS),
            FIRST,
            FOUR,
            {"scale": 2.0, "symmetric": True},
        ),
    ],
    "CachedMultipleNegativesSymmetricRankingLoss": [
        Number(cached("CachedMultipleNegativesSymmetricRankingLoss"), FIRST, PAIRS),
    ],
    "CoSENTLoss": [
        Number(loss("CoSENTLoss"), GRADES, PAIRS),
        Number(loss("CoSENTLoss", scale=2.0), GRADES, PAIRS, {"scale": 2.0}),
    ],
    "ContrastiveLoss": [
        Number(twice("ContrastiveLoss"), ALIKE, PAIRS),
        Number(twice("ContrastiveLoss", margin=1.2), ALIKE, PAIRS, {"margin": 1.2}),
    ],
    "GISTEmbedLoss": [
        Number(guided(), GUIDE[:, :3], TRIPLETS),
        Number(guided(temperature=0.5), GUIDE[:, :2], PAIRS, {"temperature": 0.5}),
        Number(
            guided(temperature=0.5, margin=0.2, margin_strategy="relative", contrast_anchors=False),
            GUIDE[:, :3],
            TRIPLETS,
            {"temperature": 0.5, "margin": 0.2, "margin_strategy": "relative", "contrast_anchors": False},
        ),
        Number(
            guided(temperature=0.5, margin=0.2, contrast_positives=False),
            GUIDE[:, :3],
            TRIPLETS,
            {"temperature": 0.5, "margin": 0.2, "contrast_positives": False},
        ),
    ],
    "MSELoss": [Number(loss("MSELoss"), Y, P)],
    "MarginMSELoss": [
        Number(loss("MarginMSELoss"), MARGINS, TRIPLETS),
        Number(loss("MarginMSELoss"), TEACHER, FOUR),
        Number(
            loss("MarginMSELoss", similarity_fct="pairwise_cos_sim"),
            TEACHER,
            FOUR,
            {"similarity": "cosine"},
        ),
    ],
    "MatryoshkaLoss": [
        Number(
            matryoshka("CoSENTLoss", [3, 2], [1.0, 0.5], scale=2.0),
            GRADES,
            PAIRS,
            {
                "loss": {"class_name": "CoSENT", "config": {"scale": 2.0}},
                "dimensions": [3, 2],
                "weights": [1.0, 0.5],
            },
        ),
        Number(
            matryoshka("MultipleNegativesRankingLoss", [1, 3]),
            FIRST,
            TRIPLETS,
            {"loss": "MultipleNegativesRanking", "dimensions": [1, 3]},
        ),
    ],
    "MultipleNegativesRankingLoss": [
        Number(loss("MultipleNegativesRankingLoss"), FIRST, PAIRS),
        Number(loss("MultipleNegativesRankingLoss"), FIRST, FOUR),
        Number(
            loss("MultipleNegativesRankingLoss", scale=0.5, similarity_fct="dot_score"),
            FIRST,
            TRIPLETS,
            {"scale": 0.5, "similarity": "dot"},
        ),
        Number(
            loss("MultipleNegativesRankingLoss", scale=2.0, **BOTH_WAYS),
            FIRST,
            TRIPLETS,
            {"scale": 2.0, "symmetric": True},
        ),
    ],
    "MultipleNegativesSymmetricRankingLoss": [
        Number(loss("MultipleNegativesSymmetricRankingLoss"), FIRST, PAIRS),
        Number(loss("MultipleNegativesSymmetricRankingLoss", scale=4.0), FIRST, PAIRS, {"temperature": 0.25}),
    ],
    "TripletLoss": [
        Number(loss("TripletLoss"), FIRST, TRIPLETS),
        Number(loss("TripletLoss", triplet_margin=0.5), FIRST, TRIPLETS, {"margin": 0.5}),
        Number(
            loss("TripletLoss", distance=("TripletDistanceMetric", "COSINE")),
            FIRST,
            TRIPLETS,
            {"distance": "cosine"},
        ),
    ],
}
