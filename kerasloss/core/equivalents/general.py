"""Keras, TensorFlow, TensorFlow Addons, PyTorch, optax, Flux, Gluon and Neurenix."""

from kerasloss.core.equivalents.row import Rows

FLOAT32_EPSILON = 1.1920929e-07

KERAS: Rows = [
    ("Tversky", "Tversky", {}, "`alpha` and `beta` are exchanged in Keras's code, up to 3.15."),
    (
        "metrics.RootMeanSquaredError",
        "RootMeanSquaredError",
        {"axis": None},
        "The metric is of all batches, the loss of one.",
    ),
    ("metrics.PearsonCorrelation", "PearsonCorrelation", {}, "1 - its value."),
    ("metrics.ConcordanceCorrelation", "ConcordanceCorrelation", {}, "1 - its value."),
]

_VALUES = "Returns one value for each sample; their mean here."
_ELEMENTS = "Returns one value for each element; their mean here."
_WEIGHTED = "Its mean is over the weights that are not 0."

TF: Rows = [
    ("nn.softmax_cross_entropy_with_logits", "CategoricalCrossentropy", {"from_logits": True}, _VALUES),
    (
        "nn.sparse_softmax_cross_entropy_with_logits",
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        _VALUES,
    ),
    ("nn.sigmoid_cross_entropy_with_logits", "BinaryCrossentropy", {"from_logits": True}, _ELEMENTS),
    (
        "nn.weighted_cross_entropy_with_logits",
        "BinaryCrossentropy",
        {"from_logits": True},
        f"`pos_weight`, which has no default there, is `pos_weight`. {_ELEMENTS}",
    ),
    (
        "nn.log_poisson_loss",
        "Poisson",
        {"link": "log"},
        f'`compute_full_loss=True` is `full="stirling"`. {_ELEMENTS}',
    ),
    (
        "nn.l2_loss",
        "MeanSquaredError",
        {"scale": 0.5, "reduction": "sum"},
        "Of the error `y_pred - y_true`. It sums all elements: give both inputs a trailing axis of 1.",
    ),
    (
        "nn.ctc_loss",
        "CTC",
        {"layout": "TNC"},
        'Lengths: `input_length="y_true"`, or a Keras mask; labels padded with -1. `logits_time_major=False` '
        'is `layout="NTC"`. In `tf.compat.v1` the last class is blank: `blank_index=-1`. ' + _VALUES,
    ),
    ("compat.v1.losses.absolute_difference", "MeanAbsoluteError", {}, _WEIGHTED),
    ("compat.v1.losses.mean_squared_error", "MeanSquaredError", {}, _WEIGHTED),
    (
        "compat.v1.losses.mean_pairwise_squared_error",
        "PairwiseMeanSquaredError",
        {"normalization": "pairs", "reduction": "sum"},
        "With `weights` of shape (batch, 1); its default, a single 1, counts the pairs of the batch as those "
        "of one sample. Targets below 0 are padding here.",
    ),
    ("compat.v1.losses.huber_loss", "Huber", {"delta": 1.0}, _WEIGHTED),
    ("compat.v1.losses.hinge_loss", "Hinge", {}, f"Of labels 0 and 1. {_WEIGHTED}"),
    (
        "compat.v1.losses.log_loss",
        "BinaryCrossentropy",
        {},
        f"Adds its `epsilon` to the probabilities, here they are cut at it. {_WEIGHTED}",
    ),
    (
        "compat.v1.losses.cosine_distance",
        "CosineSimilarity",
        {},
        f"1 + this, of vectors of norm 1. {_WEIGHTED}",
    ),
    (
        "compat.v1.losses.sigmoid_cross_entropy",
        "BinaryCrossentropy",
        {"from_logits": True},
        _WEIGHTED,
    ),
    (
        "compat.v1.losses.softmax_cross_entropy",
        "CategoricalCrossentropy",
        {"from_logits": True},
        _WEIGHTED,
    ),
    (
        "compat.v1.losses.sparse_softmax_cross_entropy",
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        _WEIGHTED,
    ),
]

_METRICS = '`distance_metric="squared-L2"` is `distance="squared_euclidean"`, `"angular"` is `"cosine"`.'

TFA: Rows = [
    ("ContrastiveLoss", "Contrastive", {"margin": 1.0}, "Of distances; here also of embeddings `(N, 2, D)`."),
    ("LiftedStructLoss", "LiftedStructure", {}, ""),
    ("NpairsLoss", "NPairs", {}, "Takes the matrix of similarities `(N, N)`."),
    ("NpairsMultilabelLoss", "NPairs", {}, "Takes the matrix of similarities `(N, N)`, and labels `(N, C)`."),
    ("PinballLoss", "Quantile", {"quantile": 0.5}, "`tau` is `quantile`."),
    (
        "SigmoidFocalCrossEntropy",
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True},
        "Sums over the last axis: times its length. `reduction=None` there.",
    ),
    (
        "SequenceLoss",
        "TokenCrossentropy",
        {"from_logits": True},
        "Its weights are `sample_weight`. It divides by the number of those that are not 0: give such tokens "
        "an id of `ignore_class`.",
    ),
    (
        "crf_log_likelihood",
        "LinearChainCRF",
        {},
        "Times -1; `CRFTransitions(use_boundaries=False)` in front. Lengths: a Keras mask, or tags of -1.",
    ),
    (
        "sequence_loss",
        "TokenCrossentropy",
        {"from_logits": True},
        'Its weights are `sample_weight`, with `reduction="mean_with_sample_weight"`. Its '
        '`average_across_batch=False` with weights 0 and 1: `average="sequences", reduction=None`.',
    ),
    ("SparsemaxLoss", "Sparsemax", {}, "Takes one-hot labels only."),
    (
        "TripletHardLoss",
        "BatchHardTriplet",
        {},
        f"{_METRICS} Anchors that lack a positive or a negative count there, not here.",
    ),
    (
        "TripletHardLoss(soft=True)",
        "BatchHardTriplet",
        {"margin": 0.0, "soft": True},
        "It ignores its `margin`.",
    ),
    (
        "TripletSemiHardLoss",
        "SemiHardTriplet",
        {},
        f"{_METRICS} Of one class alone: 0 here.",
    ),
    (
        "WeightedKappaLoss",
        "WeightedKappa",
        {"weightage": "quadratic", "epsilon": 1e-6},
        "Takes one-hot labels only.",
    ),
]

TORCH: Rows = [
    ("L1Loss", "MeanAbsoluteError", {}, ""),
    ("MSELoss", "MeanSquaredError", {}, ""),
    ("HuberLoss", "Huber", {"delta": 1.0}, ""),
    ("SmoothL1Loss", "SmoothL1", {"beta": 1.0}, ""),
    (
        "CrossEntropyLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": -100, "reduction": "mean_with_sample_weight"},
        "`weight` is `class_weight`; the class axis is 1 there (`axis=1`). Of soft targets its mean divides "
        "by their number: the default reduction.",
    ),
    (
        "NLLLoss",
        "NegativeLogLikelihood",
        {"ignore_class": -100, "reduction": "mean_with_sample_weight"},
        "`weight` is `class_weight`; the class axis is 1 there (`axis=1`).",
    ),
    (
        "LinearCrossEntropyLoss",
        "LinearCrossentropy",
        {"ignore_class": -100},
        "Holds the weight, the transpose of the kernel here, which `models.FusedHead` holds.",
    ),
    ("BCELoss", "BinaryCrossentropy", {"epsilon": 0.0}, "Cuts each logarithm at -100; here it is infinite."),
    ("binary_cross_entropy", "BinaryCrossentropy", {"epsilon": 0.0}, "As `BCELoss`."),
    ("BCEWithLogitsLoss", "BinaryCrossentropy", {"from_logits": True}, "`weight` is `sample_weight`."),
    ("binary_cross_entropy_with_logits", "BinaryCrossentropy", {"from_logits": True}, ""),
    (
        "KLDivLoss",
        "KLDivergence",
        {"from_logits": True},
        "On log-probabilities. Its mean is over the C classes too: 1 / C of this.",
    ),
    ('KLDivLoss(reduction="batchmean")', "KLDivergence", {"from_logits": True}, "On log-probabilities."),
    ("PoissonNLLLoss", "Poisson", {"link": "log"}, '`full=True` is `full="stirling"`.'),
    (
        "PoissonNLLLoss(log_input=False)",
        "Poisson",
        {"epsilon": 1e-8},
        '`full=True` is `full="stirling"`, `eps` is `epsilon`.',
    ),
    (
        "GaussianNLLLoss",
        "GaussianNLL",
        {"link": "variance", "epsilon": 1e-6},
        "Mean and variance stacked on a last axis; `eps` is `epsilon`.",
    ),
    ("HingeEmbeddingLoss", "HingeEmbedding", {"margin": 1.0}, ""),
    ("CosineEmbeddingLoss", "CosineEmbedding", {"margin": 0.0}, "Both inputs stacked on axis 1."),
    ("MarginRankingLoss", "MarginRanking", {"margin": 0.0}, "Both inputs stacked on axis 1."),
    ("MultiLabelMarginLoss", "MultiLabelMargin", {}, "Takes ids, ended by -1; here labels 0 and 1."),
    ("MultiLabelSoftMarginLoss", "MultiLabelSoftMargin", {}, "`weight` is `class_weight`."),
    ("MultiMarginLoss", "MultiMargin", {"p": 1, "margin": 1.0}, "`weight` is `class_weight`."),
    ("SoftMarginLoss", "SoftMargin", {}, ""),
    (
        "TripletMarginLoss",
        "TripletMargin",
        {"margin": 1.0},
        'The inputs stacked on axis 1; adds 1e-6 to their differences. `p=1` is `distance="manhattan"`.',
    ),
    (
        "TripletMarginWithDistanceLoss",
        "TripletMargin",
        {"margin": 1.0},
        "The inputs stacked on axis 1; `distance_function` is `distance`.",
    ),
    (
        "CTCLoss",
        "CTC",
        {"layout": "TNC", "normalize_by_length": True},
        '`blank` is `blank_index`. Lengths: `input_length="y_true"`, or a Keras mask; labels padded with -1. '
        "A sequence that no path produces is infinite there, without `zero_infinity`.",
    ),
]

OPTAX: Rows = [
    ("squared_error", "MeanSquaredError", {}, ""),
    ("l2_loss", "MeanSquaredError", {"scale": 0.5}, ""),
    ("huber_loss", "Huber", {"delta": 1.0}, ""),
    ("log_cosh", "LogCosh", {}, ""),
    ("cosine_similarity", "CosineSimilarity", {}, "Its negative is this."),
    ("cosine_distance", "CosineSimilarity", {}, "1 + this."),
    (
        "sigmoid_binary_cross_entropy",
        "BinaryCrossentropy",
        {"from_logits": True},
        "",
    ),
    (
        "sigmoid_focal_loss",
        "BinaryFocalCrossentropy",
        {"from_logits": True},
        "`alpha` needs `apply_class_balancing=True` here.",
    ),
    ("softmax_cross_entropy", "CategoricalCrossentropy", {"from_logits": True}, ""),
    ("safe_softmax_cross_entropy", "CategoricalCrossentropy", {"from_logits": True}, ""),
    (
        "softmax_cross_entropy_with_integer_labels",
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        "",
    ),
    ("poly_loss_cross_entropy", "Poly1Crossentropy", {"epsilon": 2.0, "from_logits": True}, ""),
    ("hinge_loss", "Hinge", {}, ""),
    ("perceptron_loss", "Perceptron", {}, ""),
    ("sparsemax_loss", "Sparsemax", {}, "Of one score x: the scores `[0, x]` of two classes here."),
    ("multiclass_hinge_loss", "CategoricalHinge", {"exclude_true": True}, ""),
    ("multiclass_perceptron_loss", "CategoricalHinge", {"exclude_true": True, "margin": 0.0}, ""),
    ("multiclass_sparsemax_loss", "Sparsemax", {}, ""),
    ("kl_divergence", "KLDivergence", {"from_logits": True}, "On log-probabilities."),
    (
        "kl_divergence_with_log_targets",
        "KLDivergence",
        {"from_logits": True, "log_target": True},
        "On log-probabilities.",
    ),
    (
        "generalized_kl_divergence",
        "GeneralizedKLDivergence",
        {"from_logits": True},
        "On logarithms.",
    ),
    (
        "convex_kl_divergence",
        "GeneralizedKLDivergence",
        {"from_logits": True},
        "The former name of `generalized_kl_divergence`.",
    ),
    (
        "dice_loss",
        "Dice",
        {"axis": (1, 2), "smooth": 2.0, "from_logits": True},
        "`smooth` is twice theirs; `axis` is that of space, (1, 2, 3) for volumes. With `alpha` and `beta`: "
        "`Tversky`, the same `smooth`.",
    ),
    (
        "binary_dice_loss",
        "Dice",
        {"axis": (1, 2), "smooth": 2.0, "from_logits": True},
        "`smooth` is twice theirs; `axis` is that of space, (1, 2, 3) for volumes.",
    ),
    (
        "ctc_loss",
        "CTC",
        {},
        'Paddings: `input_length="y_true"`, or a Keras mask; labels padded with -1. `blank_id` is '
        "`blank_index`.",
    ),
    (
        "triplet_margin_loss",
        "TripletMargin",
        {"margin": 1.0},
        "The inputs stacked on axis 1; adds 1e-6 under the root.",
    ),
    (
        "ranking_softmax_loss",
        "ListNet",
        {"label_transform": None},
        "Lists without a relevant item leave its mean. `where` is a relevance below 0.",
    ),
]

FLUX: Rows = [
    ("mae", "MeanAbsoluteError", {}, ""),
    ("mse", "MeanSquaredError", {}, ""),
    (
        "msle",
        "MeanSquaredLogarithmicError",
        {"offset": FLOAT32_EPSILON, "epsilon": 0.0},
        "The epsilon of Float32; Keras's definition adds 1.",
    ),
    ("huber_loss", "Huber", {"delta": 1.0}, ""),
    ("crossentropy", "CategoricalCrossentropy", {"epsilon": FLOAT32_EPSILON}, "`dims` is `axis`."),
    ("logitcrossentropy", "CategoricalCrossentropy", {"from_logits": True}, "`dims` is `axis`."),
    ("binarycrossentropy", "BinaryCrossentropy", {"epsilon": FLOAT32_EPSILON}, ""),
    ("logitbinarycrossentropy", "BinaryCrossentropy", {"from_logits": True}, ""),
    (
        "kldivergence",
        "KLDivergence",
        {"epsilon": 0.0},
        "Adds its `eps` to the probabilities: finite where a predicted one is 0, infinite here.",
    ),
    ("poisson_loss", "Poisson", {"epsilon": 0.0}, ""),
    ("hinge_loss", "Hinge", {}, "Labels -1 and 1."),
    ("squared_hinge_loss", "SquaredHinge", {}, "Labels -1 and 1."),
    ("dice_coeff_loss", "Dice", {"squared_pred": True, "smooth": 1.0}, "Of the batch as a whole."),
    (
        "tversky_loss",
        "Tversky",
        {"alpha": 0.7, "beta": 0.3, "smooth": 1.0},
        "Of the batch as a whole. Its code has `beta` on false positives, our `alpha`; its documentation on "
        "false negatives: `alpha=0.3, beta=0.7`.",
    ),
    ("binary_focal_loss", "BinaryFocalCrossentropy", {"gamma": 2.0}, ""),
    ("focal_loss", "CategoricalFocalCrossentropy", {"alpha": 1.0, "gamma": 2.0}, "`dims` is `axis`."),
    (
        "siamese_contrastive_loss",
        "Contrastive",
        {"margin": 1.0, "similar_label": 0},
        "Of distances; label 1 is dissimilar.",
    ),
    ("ctc_loss", "CTC", {"blank_index": -1}, "Of one sequence: classes x time."),
]

GLUON: Rows = [
    ("L2Loss", "MeanSquaredError", {"scale": 0.5}, ""),
    ("L1Loss", "MeanAbsoluteError", {}, ""),
    ("HuberLoss", "SmoothL1", {"beta": 1.0}, "`rho` is `beta`; not the `Huber` of others."),
    ("SigmoidBinaryCrossEntropyLoss", "BinaryCrossentropy", {"from_logits": True}, ""),
    ("SigmoidBCELoss", "BinaryCrossentropy", {"from_logits": True}, ""),
    (
        "SigmoidBinaryCrossEntropyLoss(from_sigmoid=True)",
        "BinaryCrossentropy",
        {"epsilon": 1e-12},
        "",
    ),
    (
        "SoftmaxCrossEntropyLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        "",
    ),
    ("SoftmaxCELoss", "SparseCategoricalCrossentropy", {"from_logits": True}, ""),
    (
        "SoftmaxCrossEntropyLoss(sparse_label=False)",
        "CategoricalCrossentropy",
        {"from_logits": True},
        "",
    ),
    ("SoftmaxCrossEntropyLoss(from_logits=True)", "NegativeLogLikelihood", {}, "Log-probabilities."),
    ("HingeLoss", "Hinge", {"margin": 1.0}, ""),
    ("SquaredHingeLoss", "SquaredHinge", {"margin": 1.0}, ""),
    ("LogisticLoss", "SoftMargin", {}, ""),
    (
        "KLDivLoss",
        "KLDivergence",
        {"from_logits": True},
        "On log-probabilities, which logits may be here. Before 1.9 its mean was over the C classes too: "
        "1 / C of this.",
    ),
    (
        "CTCLoss",
        "CTC",
        {"blank_index": -1},
        'Labels padded with -1. Lengths: `input_length="y_true"`, or a Keras mask.',
    ),
    ("TripletLoss", "TripletMargin", {"margin": 1.0, "distance": "squared_euclidean"}, "Stacked on axis 1."),
    (
        "PoissonNLLLoss",
        "Poisson",
        {"link": "log"},
        '`compute_full=True` is `full="stirling"`; it is NaN for targets of 0.',
    ),
    (
        "PoissonNLLLoss(from_logits=False)",
        "Poisson",
        {"epsilon": 1e-8},
        '`compute_full=True` is `full="stirling"`; it is NaN for targets of 0.',
    ),
    ("CosineEmbeddingLoss", "CosineEmbedding", {"margin": 0.0}, "Both inputs stacked on axis 1."),
    (
        "SDMLLoss",
        "SDML",
        {"label_smoothing": 0.3},
        "Both inputs stacked on axis 1; `smoothing_parameter` is `label_smoothing`.",
    ),
]

NEURENIX: Rows = [
    ("MSELoss", "MeanSquaredError", {}, ""),
    ("L1Loss", "MeanAbsoluteError", {}, ""),
    (
        "CrossEntropyLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": -100},
        "`weight` is `class_weight`. Whether its mean divides by the weights is not documented: if so, "
        '`reduction="mean_with_sample_weight"`.',
    ),
    ("BCELoss", "BinaryCrossentropy", {}, "`weight` is `sample_weight`."),
    ("BCEWithLogitsLoss", "BinaryCrossentropy", {"from_logits": True}, "`weight` is `sample_weight`."),
]
