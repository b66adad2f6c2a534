import numpy as np

from tests.equivalents.number import (
    ALIKE,
    AMOUNTS,
    COUNTS,
    FRAMES,
    IDS,
    IGNORED,
    LABELS,
    LOGITS,
    PAIRS,
    POSITIVE,
    PROBABILITIES,
    RATES,
    SCORES,
    SIGNS,
    SOFT,
    TRIPLETS,
    WEIGHT,
    WORDS,
    Number,
    P,
    Y,
    sigmoid,
)
from tests.equivalents.numbers._distributions import numbers

TORCH_MEAN = {"class_weight": WEIGHT}


def tensor(x):
    import torch

    x = np.asarray(x)
    return torch.tensor(x if x.dtype.kind in "iu" else x.astype("float32"))


def log_prob(name, **parameters):
    """The logarithm of the density of a distribution."""
    import torch

    made = getattr(torch.distributions, name)(**{k: tensor(v) for k, v in parameters.items()})
    return lambda y_true: made.log_prob(tensor(y_true))


def mixture(*parameters):
    import torch

    logits, loc, scale = torch.chunk(tensor(np.stack(parameters, axis=-1)), 3, dim=-1)
    components = torch.distributions.Normal(loc, scale)
    of_entries = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(logits=logits), components
    )
    return lambda y_true: of_entries.log_prob(tensor(y_true))


def divergence(posterior, prior):
    import torch

    normals = [torch.distributions.Normal(*map(tensor, one)) for one in (posterior, prior)]
    return torch.distributions.kl.kl_divergence(*normals)


def module(name, floats=True, **arguments):
    """A loss of torch.nn, which takes the prediction first."""

    def theirs(y_true, y_pred):
        import torch

        given = {k: tensor(v) if isinstance(v, list) else v for k, v in arguments.items()}
        y_true = tensor(y_true).float() if floats else tensor(y_true)
        return getattr(torch.nn, name)(**given)(tensor(y_pred), y_true)

    return theirs


def function(name, **arguments):
    def theirs(y_true, y_pred):
        import torch

        return getattr(torch.nn.functional, name)(tensor(y_pred), tensor(y_true).float(), **arguments)

    return theirs


def of_pairs(name, **arguments):
    def theirs(y_true, y_pred):
        import torch

        return getattr(torch.nn, name)(**arguments)(*tensor(y_pred).unbind(1), tensor(y_true))

    return theirs


def of_triplets(name, **arguments):
    def theirs(_, y_pred):
        import torch

        return getattr(torch.nn, name)(**arguments)(*tensor(y_pred).unbind(1))

    return theirs


def gaussian(**arguments):
    def theirs(y_true, y_pred):
        import torch

        mean, variance = tensor(y_pred).unbind(-1)
        return torch.nn.GaussianNLLLoss(**arguments)(mean, tensor(y_true), variance)

    return theirs


def of_log_probabilities(name, **arguments):
    def theirs(y_true, y_pred):
        import torch

        y_pred = tensor(y_pred).log_softmax(-1)
        return getattr(torch.nn, name)(**arguments)(y_pred, tensor(y_true))

    return theirs


def multilabel_margin(y_true, y_pred):
    import torch

    ids = np.full(y_true.shape, -1)
    for row, labels in zip(ids, y_true, strict=True):
        row[: labels.sum()] = np.flatnonzero(labels)
    return torch.nn.MultiLabelMarginLoss()(tensor(y_pred), tensor(ids))


def ctc(y_true, y_pred):
    import torch

    x = tensor(y_pred).log_softmax(-1)
    lengths = torch.full((x.shape[1],), x.shape[0]), tensor((y_true >= 0).sum(axis=1))
    return torch.nn.CTCLoss()(x, tensor(np.maximum(y_true, 0)), *lengths)


def linear_cross_entropy(y_true, y_pred):
    import torch

    hidden, kernel = map(tensor, y_pred)
    loss = torch.nn.LinearCrossEntropyLoss(*kernel.shape, bias=False)
    loss.linear.weight.data = kernel.T
    return loss(hidden, tensor(y_true))


def distance(a, b):
    return (a - b).norm(dim=-1)


BCE = Number(module("BCELoss"), LABELS, np.round(sigmoid(SCORES), 4))
ZERO = np.array([[0.0, 1.0], [0.5, 2e-9], [1.0, 0.3]])  # the last but one shows a cut
CUT = Number(module("BCELoss"), np.array([[0, 1], [1, 1], [1, 0]]), ZERO)
MEAN_AND_VARIANCE = np.stack([P, POSITIVE * [0.0, 1.0, 1.0]], axis=-1)
BETTER = np.array([-1, 1, 1, -1, 1])

NUMBERS = {
    "L1Loss": [Number(module("L1Loss"), Y, P)],
    "MSELoss": [Number(module("MSELoss"), Y, P)],
    "HuberLoss": [
        Number(module("HuberLoss"), Y, P),
        Number(module("HuberLoss", delta=0.6), Y, P, {"delta": 0.6}),
    ],
    "SmoothL1Loss": [
        Number(module("SmoothL1Loss"), Y, P),
        Number(module("SmoothL1Loss", beta=0.6), Y, P, {"beta": 0.6}),
    ],
    "CrossEntropyLoss": [
        Number(module("CrossEntropyLoss", floats=False), IGNORED, LOGITS),
        Number(
            module("CrossEntropyLoss", floats=False, weight=WEIGHT, label_smoothing=0.1),
            IGNORED,
            LOGITS,
            {"class_weight": WEIGHT, "label_smoothing": 0.1},
        ),
        Number(
            module("CrossEntropyLoss", weight=WEIGHT),
            SOFT,
            LOGITS,
            {"class_weight": WEIGHT, "reduction": "sum_over_batch_size"},
        ),
    ],
    "NLLLoss": [
        Number(of_log_probabilities("NLLLoss"), IGNORED, np.round(np.log(PROBABILITIES), 3)),
        Number(module("NLLLoss", floats=False, weight=WEIGHT), IGNORED, LOGITS, {"class_weight": WEIGHT}),
    ],
    "LinearCrossEntropyLoss": [Number(linear_cross_entropy, IGNORED, (LOGITS, SOFT[:4]))],
    "BCELoss": [BCE, CUT],
    "binary_cross_entropy": [Number(function("binary_cross_entropy"), CUT.y_true, CUT.y_pred)],
    "BCEWithLogitsLoss": [
        Number(module("BCEWithLogitsLoss"), LABELS, SCORES),
        Number(module("BCEWithLogitsLoss", pos_weight=WEIGHT), LABELS, SCORES, {"pos_weight": WEIGHT}),
    ],
    "binary_cross_entropy_with_logits": [
        Number(function("binary_cross_entropy_with_logits"), LABELS, SCORES)
    ],
    "KLDivLoss": [
        Number(lambda y, p: 4 * of_log_probabilities("KLDivLoss", reduction="mean")(y, p), SOFT, LOGITS)
    ],
    'KLDivLoss(reduction="batchmean")': [
        Number(of_log_probabilities("KLDivLoss", reduction="batchmean"), SOFT, LOGITS)
    ],
    "PoissonNLLLoss": [
        Number(module("PoissonNLLLoss"), COUNTS, P),
        Number(module("PoissonNLLLoss", full=True), COUNTS, P, {"full": "stirling"}),
    ],
    "PoissonNLLLoss(log_input=False)": [Number(module("PoissonNLLLoss", log_input=False), COUNTS, RATES)],
    "GaussianNLLLoss": [
        Number(gaussian(), Y, np.stack([P, AMOUNTS], axis=-1)),
        Number(gaussian(full=True, eps=0.5), Y, MEAN_AND_VARIANCE, {"full": True, "epsilon": 0.5}),
    ],
    "HingeEmbeddingLoss": [Number(module("HingeEmbeddingLoss"), SIGNS, np.abs(SCORES))],
    "CosineEmbeddingLoss": [
        Number(of_pairs("CosineEmbeddingLoss"), ALIKE, PAIRS),
        Number(of_pairs("CosineEmbeddingLoss", margin=-0.3), ALIKE, PAIRS, {"margin": -0.3}),
    ],
    "MarginRankingLoss": [
        Number(of_pairs("MarginRankingLoss"), BETTER, PAIRS[..., 1]),
        Number(of_pairs("MarginRankingLoss", margin=0.5), BETTER, PAIRS[..., 1], {"margin": 0.5}),
    ],
    "MultiLabelMarginLoss": [Number(multilabel_margin, LABELS, SCORES)],
    "MultiLabelSoftMarginLoss": [
        Number(module("MultiLabelSoftMarginLoss"), LABELS, SCORES),
        Number(module("MultiLabelSoftMarginLoss", weight=WEIGHT), LABELS, SCORES, {"class_weight": WEIGHT}),
    ],
    "MultiMarginLoss": [
        Number(module("MultiMarginLoss", floats=False), IDS, LOGITS),
        Number(
            module("MultiMarginLoss", floats=False, p=2, margin=0.5, weight=WEIGHT),
            IDS,
            LOGITS,
            {"p": 2, "margin": 0.5, "class_weight": WEIGHT},
        ),
    ],
    "SoftMarginLoss": [Number(module("SoftMarginLoss"), SIGNS, SCORES)],
    "TripletMarginLoss": [
        Number(of_triplets("TripletMarginLoss"), ALIKE, TRIPLETS),
        Number(
            of_triplets("TripletMarginLoss", margin=0.7, p=1, swap=True),
            ALIKE,
            TRIPLETS,
            {"margin": 0.7, "distance": "manhattan", "swap": True},
        ),
    ],
    "TripletMarginWithDistanceLoss": [
        Number(of_triplets("TripletMarginWithDistanceLoss", distance_function=distance), ALIKE, TRIPLETS)
    ],
    "CTCLoss": [Number(ctc, WORDS, np.moveaxis(FRAMES, 0, 1))],
    **numbers(log_prob, mixture, divergence, "distributions.kl.kl_divergence"),
}
