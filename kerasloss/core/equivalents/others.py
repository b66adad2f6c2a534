"""scikit-learn, timm, Liger Kernel, TRL, Transformers, and the libraries of embeddings."""

from kerasloss.core.equivalents.row import Rows

_SIGNS = "Of labels -1 and 1, as it has them inside."
_SGD = "Of one sample, without the penalty."
_RAW = "Of raw predictions, as the trees give them."

SKLEARN: Rows = [
    ("mean_squared_error", "MeanSquaredError", {}, ""),
    ("root_mean_squared_error", "RootMeanSquaredError", {"axis": 0}, "Of each column, then their mean."),
    ("mean_absolute_error", "MeanAbsoluteError", {}, ""),
    ("mean_absolute_percentage_error", "MeanAbsolutePercentageError", {}, "Gives the fraction, this / 100."),
    ("mean_squared_log_error", "MeanSquaredLogarithmicError", {}, ""),
    ("mean_pinball_loss", "Quantile", {"quantile": 0.5}, "`alpha` is `quantile`."),
    ("mean_poisson_deviance", "Tweedie", {"power": 1.0}, ""),
    ("mean_gamma_deviance", "GammaDeviance", {}, ""),
    ("mean_tweedie_deviance", "Tweedie", {"power": 0.0}, ""),
    ("log_loss", "SparseCategoricalCrossentropy", {}, "Clips at the epsilon of the dtype; here at 1e-7."),
    (
        "brier_score_loss",
        "Brier",
        {},
        "`scale_by_half=True`, which it takes for two classes, is half of this.",
    ),
    ("hinge_loss", "Hinge", {}, "Of more than two classes: `CategoricalHinge(exclude_true=True)`."),
    ('SGDClassifier(loss="hinge")', "Hinge", {}, f"{_SGD} {_SIGNS}"),
    ('SGDClassifier(loss="squared_hinge")', "SquaredHinge", {}, f"{_SGD} {_SIGNS}"),
    ('SGDClassifier(loss="perceptron")', "Perceptron", {}, f"{_SGD} {_SIGNS}"),
    ('SGDClassifier(loss="modified_huber")', "ModifiedHuber", {}, f"{_SGD} {_SIGNS}"),
    ('SGDClassifier(loss="log_loss")', "BinaryCrossentropy", {"from_logits": True}, _SGD),
    ('SGDRegressor(loss="squared_error")', "MeanSquaredError", {"scale": 0.5}, _SGD),
    ('SGDRegressor(loss="huber")', "Huber", {"delta": 0.1}, f"{_SGD} `epsilon` is `delta`."),
    ('SGDRegressor(loss="epsilon_insensitive")', "EpsilonInsensitive", {"epsilon": 0.1}, _SGD),
    (
        'SGDRegressor(loss="squared_epsilon_insensitive")',
        "EpsilonInsensitive",
        {"epsilon": 0.1, "squared": True},
        _SGD,
    ),
    ('GradientBoostingClassifier(loss="exponential")', "Exponential", {}, f"{_RAW} {_SIGNS}"),
    ('GradientBoostingClassifier(loss="log_loss")', "BinaryCrossentropy", {"from_logits": True}, _RAW),
    (
        'HistGradientBoostingClassifier(loss="log_loss")',
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        f"{_RAW} Of two classes: `BinaryCrossentropy(from_logits=True)`.",
    ),
    ('HistGradientBoostingRegressor(loss="squared_error")', "MeanSquaredError", {"scale": 0.5}, _RAW),
    ('HistGradientBoostingRegressor(loss="absolute_error")', "MeanAbsoluteError", {}, _RAW),
    ('HistGradientBoostingRegressor(loss="poisson")', "Poisson", {"link": "log"}, _RAW),
    (
        'HistGradientBoostingRegressor(loss="gamma")',
        "GammaDeviance",
        {"link": "log"},
        f"{_RAW} Half of this, plus `1 + log(y)`, which no prediction changes.",
    ),
    ('HistGradientBoostingRegressor(loss="quantile")', "Quantile", {}, _RAW),
]

_MARGINS = "`neg_margin` is `margin`."
_ABOVE = 'Its mean is over the values above 0; with `reducer=MeanReducer()`: `average="valid"`.'
_MINED = "With `TripletMarginLoss` of the same margin."
_CENTERS = "Its `W` is the kernel of `layers.CosineDense`, whose cosines are the input here."
_PROXIES = "Its `proxies` are the columns of the kernel of `layers.CosineDense`."

PML: Rows = [
    ("AngularLoss", "Angular", {}, "Of unit vectors: of others it leaves the negatives as they are."),
    ("ArcFaceLoss", "ArcFace", {"margin": 0.499164}, f"Its margin is in degrees, 28.6. {_CENTERS}"),
    (
        "BatchHardMiner",
        "BatchHardTriplet",
        {"margin": 0.05, "normalize": True, "average": "active"},
        f"With `TripletMarginLoss()`; its `smooth_loss` is `soft`. {_ABOVE}",
    ),
    (
        "CircleLoss",
        "Circle",
        {"gamma": 80.0, "margin": 0.4, "normalize": True, "stop_gradient": True},
        "`m` is `margin`.",
    ),
    (
        "ContrastiveLoss",
        "BatchAllContrastive",
        {"normalize": True},
        f"{_MARGINS} {_ABOVE} With `CosineSimilarity()` the margins are 1 minus these.",
    ),
    (
        "ContrastiveLoss(indices_tuple=pairs)",
        "Contrastive",
        {"margin": 1.0, "squared": False},
        f"Of given pairs of unit vectors (it normalizes them). {_MARGINS} It adds the means of "
        "the similar pairs and of the others, of their values above 0.",
    ),
    ("CosFaceLoss", "CosFace", {}, _CENTERS),
    ("FastAPLoss", "FastAP", {}, ""),
    (
        "GeneralizedLiftedStructureLoss",
        "GeneralizedLiftedStructure",
        {"normalize": True},
        f"{_MARGINS} Anchors that lack positives or negatives keep the other half there.",
    ),
    ("LiftedStructureLoss", "LiftedStructure", {"normalize": True}, _MARGINS),
    ("MarginLoss", "MarginBased", {}, "Without `learn_beta`."),
    ("MultiSimilarityLoss", "MultiSimilarity", {"mining": "all"}, ""),
    (
        "MultiSimilarityMiner",
        "MultiSimilarity",
        {},
        "With `MultiSimilarityLoss()`; `epsilon` is `mining_margin`.",
    ),
    ("NCALoss", "NCA", {"normalize": True}, "`softmax_scale` is 1 / `temperature`."),
    ("NTXentLoss", "NTXent", {"temperature": 0.07}, "Of labelled embeddings."),
    ("SupConLoss", "SupervisedContrastive", {}, "A batch of one class is 0 there, not here."),
    ("NormalizedSoftmaxLoss", "NormalizedSoftmax", {}, _CENTERS),
    ("ProxyAnchorLoss", "ProxyAnchor", {}, _PROXIES),
    ("ProxyNCALoss", "ProxyNCA", {}, f"`softmax_scale` is `scale`. {_PROXIES}"),
    (
        "SmoothAPLoss",
        "SmoothAP",
        {},
        "Of batches sorted by class, with as many samples of each as there are classes; of others it mixes "
        "the classes.",
    ),
    (
        "SoftTripleLoss",
        "SoftTriple",
        {},
        "`la` is `scale`. Its `fc` is the kernel of `layers.CosineDense(C, centers_per_class=10)`.",
    ),
    (
        "SphereFaceLoss",
        "SphereFace",
        {},
        "Its `W` is the kernel of `layers.CosineDense(C, return_norm=True)`; its `scale` is another factor.",
    ),
    (
        "SubCenterArcFaceLoss",
        "SubCenterArcFace",
        {"margin": 0.499164},
        "Its margin is in degrees, 28.6. Its `W` is the kernel of `layers.CosineDense(C, "
        "centers_per_class=3)`.",
    ),
    (
        "TripletMarginLoss",
        "BatchAllTriplet",
        {"margin": 0.05, "normalize": True},
        f"{_ABOVE} `swap` and `smooth_loss`: of given triplets only.",
    ),
    (
        "TripletMarginLoss(indices_tuple=triplets)",
        "TripletMargin",
        {"margin": 0.05},
        "Of given triplets of unit vectors (it normalizes them); `smooth_loss` is `soft`. Its mean is over "
        "the values above 0.",
    ),
    ("TripletMarginMiner", "BatchAllTriplet", {"margin": 0.2, "normalize": True}, _MINED),
    *(
        (
            f'TripletMarginMiner(type_of_triplets="{kind}")',
            "BatchAllTriplet",
            {"margin": 0.2, "mining": kind, "normalize": True},
            _MINED,
        )
        for kind in ("hard", "semihard")
    ),
    (
        "VICRegLoss",
        "VICReg",
        {},
        "Both views stacked on axis 1. `invariance_lambda`, `variance_mu`, `covariance_v` and `eps` are the "
        "three weights and `epsilon`.",
    ),
]

_DRAWN = "It draws new directions at every step; here with the same ones."

LIGHTLY: Rows = [
    ("BarlowTwinsLoss", "BarlowTwins", {}, "`lambda_param` is `redundancy_weight`."),
    (
        "VICRegLoss",
        "VICReg",
        {},
        "`lambda_param`, `mu_param`, `nu_param` and `eps` are the three weights and `epsilon`.",
    ),
    (
        "NegativeCosineSimilarity",
        "NegativeCosineSimilarity",
        {},
        "Detaches nothing itself. Twice this plus 2 is `BYOL`.",
    ),
    ("HypersphereLoss", "AlignmentUniformity", {"t": 1.0}, "`lam` is `uniformity_weight`."),
    ("NTXentLoss", "NTXent", {}, "Without a memory bank; with one: the cosines in `InfoNCE`."),
    ("DCLLoss", "DecoupledContrastive", {}, ""),
    ("DCLWLoss", "DecoupledContrastive", {"sigma": 0.5}, ""),
    ("KoLeoLoss", "KoLeo", {}, "Adds `eps` to each entry of the difference too. Its norm is of order `p`."),
    (
        "DINOLoss",
        "DINO",
        {"center": None},
        "In its first step; in later ones with the teacher's outputs from `kerasloss.layers.Centering`. "
        "`teacher_temp` and `student_temp` are the temperatures.",
    ),
    ("SwaVLoss", "SwAV", {}, "Without a queue. High resolution outputs are the first views, `code_views`."),
    ("SIGReg", "SIGReg", {}, f"`num_vectors` is `projections`. {_DRAWN}"),
    (
        "LeJEPALoss",
        "LeJEPA",
        {},
        "`lambda_param` is `sigreg_weight`, `sigreg_num_vectors` is `projections`. " + _DRAWN,
    ),
]

_UNIT = "Of unit vectors."
_LABELS = "`distance_metric` is `distance`."

OPEN_CLIP: Rows = [
    (
        "ClipLoss",
        "CLIP",
        {},
        f"Called with a `logit_scale` of 1 / 0.07, where its models begin: 1 / `temperature`. {_UNIT}",
    ),
    (
        "SigLipLoss",
        "SigLIP",
        {},
        "Called with a `logit_scale` of 10, 1 / `temperature`, and a `logit_bias` of -10, `bias`. " + _UNIT,
    ),
]

INSIGHTFACE: Rows = [
    ("ArcFace", "ArcFace", {}, "Returns the logits of the cross-entropy. `s` is `scale`."),
    ("CosFace", "CosFace", {"margin": 0.4}, "Returns the logits. `s` is `scale`, `m` is `margin`."),
    (
        "CombinedMarginLoss",
        "CombinedMargin",
        {},
        "Returns the logits. `s` is `scale`. Of `m2` and `m3` one must be 0 there, and `m1` 1.",
    ),
]

_GUIDE = "Holds the guide, whose embeddings are `y_true` here."
_SYMMETRIC = (
    '`similarity_fct` is `similarity`; `directions=("query_to_doc", "doc_to_query")` with '
    '`partition_mode="per_direction"` is `symmetric=True`.'
)
_IN_PARTS = "Computes the model in parts."

ST: Rows = [
    ("AnglELoss", "AnglE", {}, ""),
    ("BatchAllTripletLoss", "BatchAllTriplet", {"margin": 5.0}, _LABELS),
    ("BatchHardSoftMarginTripletLoss", "BatchHardTriplet", {"margin": 0.0, "soft": True}, _LABELS),
    (
        "BatchHardTripletLoss",
        "BatchHardTriplet",
        {"margin": 5.0},
        f"{_LABELS} Anchors that lack a positive or a negative count there, not here.",
    ),
    ("BatchSemiHardTripletLoss", "SemiHardTriplet", {"margin": 5.0}, _LABELS),
    ("CachedGISTEmbedLoss", "GISTEmbed", {}, f"{_GUIDE} {_IN_PARTS}"),
    ("CachedMultipleNegativesRankingLoss", "MultipleNegativesRanking", {}, f"{_SYMMETRIC} {_IN_PARTS}"),
    (
        "CachedMultipleNegativesSymmetricRankingLoss",
        "CLIP",
        {"temperature": 0.05},
        f"`scale` is 1 / `temperature`. {_IN_PARTS}",
    ),
    ("CoSENTLoss", "CoSENT", {}, ""),
    ("ContrastiveLoss", "Contrastive", {"margin": 0.5, "distance": "cosine"}, "Half of this."),
    ("GISTEmbedLoss", "GISTEmbed", {}, f"{_GUIDE} It takes one negative at most."),
    ("MSELoss", "MeanSquaredError", {}, "Takes embeddings of a teacher as labels."),
    ("MarginMSELoss", "MarginMSE", {}, "`similarity_fct` is `similarity`."),
    (
        "MatryoshkaLoss",
        "Matryoshka",
        {},
        "`matryoshka_dims` is `dimensions`, `matryoshka_weights` is `weights`; it cuts labels that are "
        "embeddings: `truncate_target=True`.",
    ),
    ("MultipleNegativesRankingLoss", "MultipleNegativesRanking", {}, _SYMMETRIC),
    (
        "MultipleNegativesSymmetricRankingLoss",
        "CLIP",
        {"temperature": 0.05},
        "`scale` is 1 / `temperature`.",
    ),
    (
        "TripletLoss",
        "TripletMargin",
        {"margin": 5.0},
        "`triplet_margin` is `margin`, `distance_metric` is `distance`.",
    ),
]

TFS: Rows = [
    (
        "MultiSimilarityLoss",
        "MultiSimilarity",
        {"beta": 40.0},
        f"`epsilon` is `mining_margin`, `lmda` is `base`. {_UNIT}",
    ),
    ("SoftNearestNeighborLoss", "SoftNearestNeighbor", {"average": "anchor"}, ""),
    (
        'TripletLoss(negative_mining_strategy="hard")',
        "BatchHardTriplet",
        {"margin": 0.0, "soft": True, "distance": "cosine"},
        f"With a `margin`: `soft=False`. {_UNIT}",
    ),
]

_DENSE = "Of labels as wide as the logits."

TIMM: Rows = [
    (
        "AsymmetricLossMultiLabel",
        "Asymmetric",
        {"from_logits": True},
        'Its mean is over the batch alone: times the number of classes; its `reduction="mean"` is this. '
        "`disable_torch_grad_focal_loss` is `stop_gradient`.",
    ),
    (
        "AsymmetricLossSingleLabel",
        "AsymmetricSingleLabel",
        {"gamma_pos": 1.0, "from_logits": True},
        "`eps` is `label_smoothing`.",
    ),
    (
        "BinaryCrossEntropy",
        "BinaryCrossentropy",
        {"from_logits": True},
        f"{_DENSE} Its `smoothing` of 0.1 is for ids, whose one-hot labels it smooths over the classes: "
        "`label_smoothing(y, 0.1, axis=-1)` here. `smooth_dense=True` is `label_smoothing=0.1`.",
    ),
    (
        "LabelSmoothingCrossEntropy",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        "",
    ),
    ("SoftTargetCrossEntropy", "CategoricalCrossentropy", {"from_logits": True}, ""),
    ("PolyCrossEntropy", "Poly1Crossentropy", {"epsilon": 2.0, "from_logits": True}, ""),
    ("ZlprLoss", "ZeroBoundedLogSumExp", {}, ""),
]

_MEAN = "Its likelihood is a mean over the tokens of the batch; here of answers of one length."
_CISPO = "`epsilon_high` is the bound of the ratio itself, `1 + clip_high`."
_SAPO = "`sapo_temperature_pos` and `sapo_temperature_neg` are `temperature` and `negative_temperature`."

LIGER: Rows = [
    (
        "LigerCrossEntropyLoss",
        "CausalLMCrossentropy",
        {"ignore_class": -100},
        "`lse_square_scale` is `z_loss`, `softcap` is `logit_softcap`, `weight` is `class_weight`.",
    ),
    (
        "LigerFusedLinearCrossEntropyLoss",
        "LinearCrossentropy",
        {"ignore_class": -100},
        "Takes the weight, the transpose of the kernel here. `lse_square_scale` is `z_loss`.",
    ),
    ("LigerKLDIVLoss", "KLDivergence", {"from_logits": True}, "On log-probabilities."),
    (
        "LigerJSD",
        "JensenShannonDivergence",
        {"from_logits": True, "log_target": True},
        "On log-probabilities.",
    ),
    ("LigerTVDLoss", "TotalVariationDistance", {}, '`reduction="mean"` is 1 / C of this.'),
    (
        "LigerFusedLinearJSDLoss(beta=0)",
        "LogitsDistillation",
        {"temperature": 1.0, "hard_weight": 0.5},
        "Has no factor T ** 2: `hard_weight` w is its weights w and `(1 - w) * T ** 2`.",
    ),
    (
        "LigerFusedLinearJSDLoss",
        "LinearDistillation",
        {"beta": 0.5, "hard_weight": 0.5},
        "`weight_hard_loss` w with `weight_soft_loss` 1 - w is `hard_weight`. A smaller vocabulary of the "
        "student is padded there; here slice the teacher's kernel. Liger's `LigerFusedLinearJSD` is "
        "`hard_weight=0`.",
    ),
    ("LigerFusedLinearDPOLoss", "DPO", {"beta": 0.1}, "Takes hidden states; here log-probabilities."),
    ("LigerFusedLinearKTOLoss", "KTO", {"beta": 0.1}, "Without `kl`: no mismatched completions here."),
    ("LigerFusedLinearORPOLoss", "ORPO", {"beta": 0.1}, f"Average log-probabilities. {_MEAN}"),
    ("LigerFusedLinearCPOLoss", "CPO", {"beta": 0.1}, f"`alpha` divided by the number of tokens. {_MEAN}"),
    (
        "LigerFusedLinearSimPOLoss(compute_nll_loss=False)",
        "SimPO",
        {"beta": 0.1, "gamma": 0.5},
        "Average log-probabilities.",
    ),
    (
        'LigerFusedLinearGRPOLoss(loss_type="grpo")',
        "GRPO",
        {"beta": 0.04},
        "`epsilon_low` and `epsilon_high` are `clip` and `clip_high`.",
    ),
    (
        "LigerFusedLinearGRPOLoss",
        "GRPO",
        {"beta": 0.04, "average": "tokens"},
        '`loss_type="dapo"`, its default; `"bnpo"` too.',
    ),
    (
        'LigerFusedLinearGRPOLoss(loss_type="dr_grpo")',
        "GRPO",
        {"beta": 0.04, "average": "length"},
        "With a `max_completion_length` of T.",
    ),
    (
        'LigerFusedLinearGRPOLoss(loss_type="cispo", epsilon_high=5)',
        "GRPO",
        {"beta": 0.04, "average": "tokens", "loss_type": "cispo", "clip_high": 4.0},
        _CISPO,
    ),
    ('LigerFusedLinearGRPOLoss(loss_type="sapo")', "GRPO", {"beta": 0.04, "loss_type": "sapo"}, _SAPO),
]

_DPO_TYPES = ("hinge", "nca_pair", "robust", "bco_pair", "sppo_hard", "apo_zero", "apo_down")

TRL: Rows = [
    ("DPOTrainer", "DPO", {"beta": 0.1}, "`label_smoothing` is ignored there."),
    (
        'DPOTrainer(loss_type="exo_pair")',
        "DPO",
        {"beta": 0.1, "loss_type": "exo_pair", "label_smoothing": 0.1},
        "Needs a `label_smoothing`.",
    ),
    *(
        (f'DPOTrainer(loss_type="{kind}")', "DPO", {"beta": 0.1, "loss_type": kind}, "")
        for kind in _DPO_TYPES
    ),
    ("KTOTrainer", "KTO", {"beta": 0.1}, ""),
    ("CPOTrainer", "CPO", {"beta": 0.1, "alpha": 1.0}, f"`cpo_alpha` is `alpha`. {_MEAN}"),
    (
        'CPOTrainer(loss_type="simpo")',
        "SimPO",
        {"beta": 0.1, "gamma": 0.5},
        "With `cpo_alpha=0`. `simpo_gamma` is `gamma`.",
    ),
    ("ORPOTrainer", "ORPO", {"beta": 0.1}, f"Average log-probabilities. {_MEAN}"),
    ("RewardTrainer", "BradleyTerry", {}, "`center_rewards_coefficient` is `center`."),
    (
        "GRPOTrainer",
        "GRPO",
        {"beta": 0.0, "average": "tokens"},
        '`loss_type="dapo"`, its default, in one process; `"bnpo"` too.',
    ),
    ('GRPOTrainer(loss_type="grpo")', "GRPO", {"beta": 0.0}, ""),
    (
        'GRPOTrainer(loss_type="dr_grpo")',
        "GRPO",
        {"beta": 0.0, "average": "length"},
        "With a `max_completion_length` of T.",
    ),
    (
        'GRPOTrainer(loss_type="cispo", epsilon_high=5)',
        "GRPO",
        {"beta": 0.0, "average": "tokens", "loss_type": "cispo", "clip_high": 4.0},
        f"In one process. {_CISPO}",
    ),
    ('GRPOTrainer(loss_type="sapo")', "GRPO", {"beta": 0.0, "loss_type": "sapo"}, _SAPO),
    ("PPOTrainer", "PPOClip", {"clip": 0.2}, "The policy's part; `cliprange` is `clip`."),
    (
        "GKDTrainer",
        "LinearDistillation",
        {"beta": 0.5, "temperature": 0.9},
        "Takes logits: `JensenShannonDivergence` here.",
    ),
    (
        'SFTTrainer(loss_type="dft")',
        "CausalLMCrossentropy",
        {"shift": True, "dynamic": True},
        "The same option of `LinearCrossentropy`, of hidden states and shifted labels.",
    ),
]

_COUNTED = "Given a `num_items_in_batch` it divides by that."
_IDS = {"from_logits": True, "ignore_class": -100}

TRANSFORMERS: Rows = [
    (
        "ForCausalLMLoss",
        "CausalLMCrossentropy",
        {"shift": True},
        f"`ignore_index` is `ignore_class`; of given `shift_labels` `shift=False`. {_COUNTED}",
    ),
    ("ForMaskedLMLoss", "CausalLMCrossentropy", {}, f"`ignore_index` is `ignore_class`. {_COUNTED}"),
    ("fixed_cross_entropy", "CausalLMCrossentropy", {}, f"`ignore_index` is `ignore_class`. {_COUNTED}"),
    ("ForTokenClassification", "CausalLMCrossentropy", {}, _COUNTED),
    (
        "LabelSmoother",
        "CausalLMCrossentropy",
        {"label_smoothing": 0.1},
        "The `label_smoothing_factor` of its `Trainer`. `epsilon` is `label_smoothing`, `shift_labels` is "
        f"`shift`. {_COUNTED}",
    ),
    (
        "ForSequenceClassificationLoss",
        "SparseCategoricalCrossentropy",
        _IDS,
        "Of class ids, also for images, videos and sounds.",
    ),
    (
        'ForSequenceClassificationLoss(problem_type="multi_label_classification")',
        "BinaryCrossentropy",
        {"from_logits": True},
        "",
    ),
    ('ForSequenceClassificationLoss(problem_type="regression")', "MeanSquaredError", {}, ""),
    (
        "ForQuestionAnsweringLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "axis": 1},
        "Takes the logits of start and end one by one, here stacked on axis 2, and the positions on axis 1. "
        "Positions behind the text, which it leaves out, are `ignore_class`.",
    ),
    (
        "ForSemanticSegmentationLoss",
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": 255},
        "The class axis is 1 there (`axis=1`); it enlarges the logits to the size of the labels first.",
    ),
    (
        "ForObjectDetectionLoss",
        "SetPrediction",
        {},
        "Without `auxiliary_loss`, with the coefficients of `DetrConfig`.",
    ),
    (
        "ForCTCLoss",
        "CTC",
        {"normalize_by_length": True},
        '`blank_token_id` is `blank_index`. Lengths: `input_length="y_true"`, or a Keras mask.',
    ),
    (
        "image_text_contrastive_loss",
        "CLIP",
        {},
        "Of CLIP, `clip_loss` in earlier versions, from similarities of unit vectors divided by 0.07, where "
        "its `logit_scale` begins.",
    ),
    (
        "load_balancing_loss_func",
        "MoELoadBalancing",
        {"top_k": 2},
        "Of Mixtral, Qwen-MoE, OLMoE and Jamba. Takes the layers as a tuple; here stacked on an axis, with "
        "`attention_mask` for each of them as `sample_weight`.",
    ),
    (
        "load_balancing_loss_func(router_probs, expert_indices)",
        "MoELoadBalancing",
        {"level": "sequence"},
        "Of Switch Transformers. Takes probabilities, and the expert of each token.",
    ),
    ("router_z_loss_func", "RouterZ", {}, "Of Switch Transformers."),
]

KERAS_HUB: Rows = [
    ("DepthAnythingLoss", "ScaleInvariantLogarithmic", {}, "Its gradient is NaN where a depth is not valid."),
    ("SigLIPLoss", "SigLIP", {}, "Of logits. It needs labels, 1 for partners and -1 elsewhere."),
]

BERT4KERAS: Rows = [("multilabel_categorical_crossentropy", "ZeroBoundedLogSumExp", {}, "")]
