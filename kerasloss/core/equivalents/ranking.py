"""Learning to rank and retrieval: keras-rs, TF-Ranking, allRank, RecBole, RecBox, TensorFlow Recommenders."""

from kerasloss.core.equivalents.row import Rows

_PADDED = (
    "It takes a `mask` beside the labels, here below 0, and divides by the length of the list with its "
    'padding: `normalization=None, reduction="sum"` is its `reduction="sum"`.'
)
_POINTS = "It leaves out labels below 0, which are padding."
_PER_LIST = "Its `compute_per_list`, of which the mean is taken here."

KERAS_RS: Rows = [
    ("PairwiseHingeLoss", "PairwiseHinge", {}, _PADDED),
    ("PairwiseLogisticLoss", "PairwiseLogistic", {}, _PADDED),
    ("PairwiseSoftZeroOneLoss", "PairwiseSoftZeroOne", {}, _PADDED),
    (
        "PairwiseMeanSquaredError",
        "PairwiseMeanSquaredError",
        {},
        "Its `temperature` does nothing. " + _PADDED,
    ),
    ("ListMLELoss", "ListMLE", {}, ""),
]

TFR: Rows = [
    ("PairwiseHingeLoss", "PairwiseHinge", {"normalization": "pairs"}, _PER_LIST),
    (
        "PairwiseLogisticLoss",
        "PairwiseLogistic",
        {"normalization": "pairs"},
        f"{_PER_LIST} LabelDiffLambdaWeight, DCGLambdaWeight and PrecisionLambdaWeight are `lambda_weight`: "
        '`"label_diff"`, `"lambdarank"` (`"ndcg_loss2"` with `smooth_fraction=0`), `"precision"`; DCG '
        "with gains 2 ** y - 1, discounts 1 / log1p(rank) and `normalized=True`.",
    ),
    ("PairwiseSoftZeroOneLoss", "PairwiseSoftZeroOne", {"normalization": "pairs"}, _PER_LIST),
    ("PairwiseMSELoss", "PairwiseMeanSquaredError", {"normalization": "pairs"}, _PER_LIST),
    (
        "SoftmaxLoss",
        "ListNet",
        {"label_transform": "normalize"},
        f"{_PER_LIST} Its own mean weighs lists by the sum of their labels.",
    ),
    ("UniqueSoftmaxLoss", "UniqueSoftmax", {}, ""),
    ("ListMLELoss", "ListMLE", {}, "Shuffles items of equal relevance."),
    ("ApproxNDCGLoss", "ApproxNDCG", {}, ""),
    ("ApproxMRRLoss", "ApproxMRR", {}, ""),
    ("NeuralSortNDCGLoss", "NeuralNDCG", {"sinkhorn_iterations": 0}, ""),
    ("SigmoidCrossEntropyLoss", "BinaryCrossentropy", {"from_logits": True}, _POINTS),
    ("MeanSquaredLoss", "MeanSquaredError", {}, _POINTS),
    (
        "OrdinalLoss",
        "Coral",
        {},
        f"Its `ordinal_size` is the number of grades without the first. {_POINTS}",
    ),
    ("PolyOneSoftmaxLoss", "Poly1Crossentropy", {"from_logits": True}, "Of one relevant item."),
]

_LAMBDA = {"normalization": None, "reduction": "sum"}
_SIGMA = (
    '`sigma` is 1 / `temperature`. Its default `reduction_log="binary"` divides by log(2). Its `k` differs.'
)

ALLRANK: Rows = [
    ("listNet", "ListNet", {}, ""),
    ("binary_listNet", "ListNet", {"label_transform": "normalize"}, ""),
    ("listMLE", "ListMLE", {}, "Shuffles items of equal relevance."),
    (
        "rankNet",
        "PairwiseLogistic",
        {"normalization": "pairs"},
        "Takes the mean over the pairs of all lists.",
    ),
    (
        "rankNet_weightByGTDiff",
        "PairwiseLogistic",
        {"lambda_weight": "label_diff", "normalization": None, "reduction": "sum"},
        "Takes the mean over the pairs of all lists: times their number.",
    ),
    ("approxNDCGLoss", "ApproxNDCG", {"temperature": 1.0}, "`alpha` is 1 / `temperature`."),
    (
        "neuralNDCG",
        "NeuralNDCG",
        {},
        "Stops where columns and rows sum to 1 but for 1e-6. Lists without a relevant item leave its mean. "
        "`k` is `topn`, `powered_relevancies` is `gain`.",
    ),
    ('lambdaLoss(reduction_log="natural")', "PairwiseLogistic", _LAMBDA, _SIGMA),
    *(
        (
            f'lambdaLoss(weighing_scheme="{scheme}", reduction_log="natural")',
            "PairwiseLogistic",
            {"lambda_weight": weight, **_LAMBDA},
            _SIGMA,
        )
        for scheme, weight in (
            ("lambdaRank_scheme", "lambdarank"),
            ("ndcgLoss2_scheme", "ndcg_loss2"),
            ("ndcgLoss2PP_scheme", "ndcg_loss2++"),
        )
    ),
]

RECBOLE: Rows = [
    (
        "BPRLoss",
        "BayesianPersonalizedRanking",
        {},
        "Takes the scores of chosen and of other items one by one; here columns, with labels 1 and 0.",
    ),
]

RECBOX: Rows = [
    (
        "CosineContrastiveLoss",
        "CosineContrastive",
        {},
        "With `negative_weight=1`; its default, None, is the number of others. Its chosen item is in the "
        "first column.",
    ),
]

TFRS: Rows = [
    (
        "Retrieval",
        "InBatchSoftmax",
        {"remove_accidental_hits": False, "reduction": "sum"},
        "Takes queries and candidates one by one; `candidate_ids` and "
        "`candidate_sampling_probability` are the columns of `y_true`.",
    ),
]
