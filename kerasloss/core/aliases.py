"""Short and common names of losses, and which losses to suggest for an unknown name."""

import difflib
import re
from collections.abc import Iterable

ALIASES = {
    # Keras's own short names.
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
    # Errors.
    "berhu": "ReverseHuber",
    "ccc": "ConcordanceCorrelation",
    "cosine": "CosineSimilarity",
    "cosineproximity": "CosineSimilarity",
    "l1": "MeanAbsoluteError",
    "l2": "MeanSquaredError",
    "mase": "MeanAbsoluteScaledError",
    "pearson": "PearsonCorrelation",
    "pinball": "Quantile",
    "rmse": "RootMeanSquaredError",
    "silog": "ScaleInvariantLogarithmic",
    "smape": "SymmetricMeanAbsolutePercentageError",
    "tilted": "Quantile",
    "tukey": "TukeyBiweight",
    # Classes.
    "binaryfocal": "BinaryFocalCrossentropy",
    "categoricalfocal": "CategoricalFocalCrossentropy",
    "cce": "CategoricalCrossentropy",
    "scce": "SparseCategoricalCrossentropy",
    "asl": "Asymmetric",
    "bitempered": "BiTemperedLogistic",
    "emd": "EarthMoversDistance",
    "gce": "CategoricalGeneralizedCrossEntropy",
    "nll": "NegativeLogLikelihood",
    "poly1": "Poly1Crossentropy",
    "qwk": "WeightedKappa",
    # Distributions.
    "crpsensemble": "EnsembleCRPS",
    "crpsgaussian": "GaussianCRPS",
    "hellinger": "HellingerDistance",
    "jsd": "JensenShannonDivergence",
    "kl": "KLDivergence",
    "kldiv": "KLDivergence",
    "kullbackleibler": "KLDivergence",
    "kullbackleiblerdivergence": "KLDivergence",
    "mmd": "MaximumMeanDiscrepancy",
    "renyi": "RenyiDivergence",
    "sinkhorn": "SinkhornDivergence",
    "vonmises": "VonMisesNLL",
    "winkler": "IntervalScore",
    "zinb": "ZeroInflatedNegativeBinomialNLL",
    "zip": "ZeroInflatedPoissonNLL",
    # Times to an event.
    "aft": "ParametricAFT",
    "cox": "CoxPH",
    "deepsurv": "CoxPH",
    # Objects.
    "detr": "SetPrediction",
    # Sounds.
    "sisdr": "ScaleInvariantSDR",
    # Masks.
    "cldice": "SoftClDice",
    "jaccardindex": "Jaccard",
    "mcc": "MatthewsCorrelation",
    # Lists.
    "bpr": "BayesianPersonalizedRanking",
    "ranknet": "PairwiseLogistic",
    # Embeddings.
    "mnrl": "MultipleNegativesRanking",
    "simclr": "NTXent",
    "simsiam": "NegativeCosineSimilarity",
    "supcon": "SupervisedContrastive",
    # Generated data and images.
    "epe": "EndpointError",
    "lncc": "LocalNormalizedCrossCorrelation",
    "lsgan": "LeastSquaresGAN",
    "r1": "GradientPenalty",
    "ragan": "RelativisticAverageGAN",
    "rectifiedflow": "FlowMatching",
    "rpgan": "RelativisticPairingGAN",
    "sam": "SpectralAngle",
    "ssi": "ScaleShiftInvariant",
    "vq": "VectorQuantization",
    "vqvae": "VectorQuantization",
    "wgan": "WassersteinGAN",
    # Sequences.
    "crf": "LinearChainCRF",
    "dtw": "SoftDTW",
    "rnnt": "Transducer",
    # Domains and teachers.
    "deepcoral": "CorrelationAlignment",
    "dkd": "DecoupledDistillation",
    "rkd": "RelationalDistillation",
}
"""Short names, in lower case and without underscores, of exactly one loss."""

MEANINGS = {
    "adversarial": ["NonSaturatingGAN", "HingeGAN", "LeastSquaresGAN", "WassersteinGAN", "MinimaxGAN"],
    "angles": ["VonMisesNLL", "SpectralAngle"],
    "asr": ["CTC", "Transducer"],
    "asymmetriccost": ["Quantile", "Expectile"],
    "asymmetricerror": ["Quantile", "Expectile"],
    "bcewithlogits": ["BinaryCrossentropy"],
    "ce": ["SparseCategoricalCrossentropy", "CategoricalCrossentropy", "BinaryCrossentropy"],
    "collaborativefiltering": ["BayesianPersonalizedRanking", "InBatchSoftmax", "CosineContrastive"],
    "crossentropy": ["SparseCategoricalCrossentropy", "CategoricalCrossentropy", "BinaryCrossentropy"],
    "crps": ["GaussianCRPS", "EnsembleCRPS"],
    "ctr": ["BinaryCrossentropy", "BayesianPersonalizedRanking"],
    "distillation": ["LogitsDistillation", "DecoupledDistillation", "FeatureDistillation"],
    "elbo": ["GaussianKLDivergence"],
    "fasterrcnn": ["SmoothL1", "SparseCategoricalCrossentropy"],
    "focal": [
        "BinaryFocalCrossentropy",
        "CategoricalFocalCrossentropy",
        "SparseCategoricalFocalCrossentropy",
    ],
    "forcausallm": ["CausalLMCrossentropy"],
    "gan": ["NonSaturatingGAN", "HingeGAN", "LeastSquaresGAN", "WassersteinGAN", "MinimaxGAN"],
    "gaussian": ["GaussianNLL", "GaussianCRPS"],
    "hardexamplemining": ["OnlineHardExample"],
    "hausdorffdt": ["HausdorffErosion", "Boundary"],
    "heteroscedastic": ["GaussianNLL", "BetaNLL", "GaussianCRPS"],
    "hungarian": ["SetPrediction"],
    "kd": ["LogitsDistillation", "DecoupledDistillation"],
    "labelsmoothing": ["SparseCategoricalCrossentropy", "CategoricalCrossentropy", "BinaryCrossentropy"],
    "lambdamart": ["PairwiseLogistic"],
    "lambdarank": ["PairwiseLogistic"],
    "learningtorank": ["PairwiseLogistic", "ListNet", "ApproxNDCG"],
    "likelihood": ["GaussianNLL", "NegativeLogLikelihood", "Poisson"],
    "logistic": ["BinaryCrossentropy", "SoftMargin"],
    "listwise": ["ListNet", "ListMLE", "ApproxNDCG"],
    "log": ["BinaryCrossentropy", "SparseCategoricalCrossentropy", "CategoricalCrossentropy"],
    "longtail": ["LogitAdjustedCrossentropy", "BalancedSoftmaxCrossentropy", "LDAM"],
    "lovasz": ["LovaszSoftmax", "LovaszHinge"],
    "lpips": ["Perceptual"],
    "ltr": ["PairwiseLogistic", "ListNet", "ApproxNDCG"],
    "margin": ["Hinge", "MarginRanking", "MultiMargin", "TripletMargin"],
    "maxmargin": ["Hinge", "CategoricalHinge", "MultiMargin"],
    "mdn": ["GaussianMixtureNLL"],
    "medicalvolumes": ["DiceCrossentropy", "GeneralizedDice", "Dice", "FocalTversky"],
    "mle": ["GaussianNLL", "NegativeLogLikelihood", "Poisson"],
    "multitask": ["WeightedSum"],
    "namedentityrecognition": ["LinearChainCRF", "TokenCrossentropy"],
    "nce": ["InfoNCE", "InBatchSoftmax"],
    "ndcg": ["ApproxNDCG", "NeuralNDCG", "PairwiseLogistic"],
    "ner": ["LinearChainCRF", "TokenCrossentropy"],
    "noisecontrastiveestimation": ["InfoNCE", "InBatchSoftmax"],
    "normal": ["GaussianNLL", "GaussianCRPS"],
    "ohem": ["OnlineHardExample"],
    "ordinal": ["Coral", "Corn", "CumulativeLink"],
    "overprediction": ["Quantile", "Expectile"],
    "physicsinformed": ["RelativeLp", "SobolevH1"],
    "pinn": ["RelativeLp", "SobolevH1"],
    "pit": ["PermutationInvariant"],
    "poissonnll": ["Poisson"],
    "qlearning": ["Huber", "QuantileHuber", "HistogramGaussian"],
    "ranking": ["PairwiseLogistic", "ListNet", "ApproxNDCG", "MarginRanking", "BradleyTerry"],
    "recommendation": ["BayesianPersonalizedRanking", "InBatchSoftmax", "CosineContrastive"],
    "recommender": ["BayesianPersonalizedRanking", "InBatchSoftmax", "CosineContrastive"],
    "recommendersystem": ["BayesianPersonalizedRanking", "InBatchSoftmax", "CosineContrastive"],
    "reinforcementlearning": ["PPOClip", "GRPO"],
    "reparameterization": ["GaussianKLDivergence"],
    "retinanet": ["BinaryFocalCrossentropy", "SmoothL1"],
    "retrieval": ["InBatchSoftmax", "PairwiseLogistic", "MultipleNegativesRanking"],
    "rl": ["PPOClip", "GRPO"],
    "sampledsoftmax": ["InBatchSoftmax"],
    "sigmoid": ["BinaryCrossentropy"],
    "sigmoidcrossentropy": ["BinaryCrossentropy"],
    "sigmoidfocalcrossentropy": ["BinaryFocalCrossentropy"],
    "softmax": ["SparseCategoricalCrossentropy", "CategoricalCrossentropy"],
    "softmaxcrossentropy": ["SparseCategoricalCrossentropy", "CategoricalCrossentropy"],
    "speechrecognition": ["CTC", "Transducer"],
    "ssd": ["SmoothL1", "SparseCategoricalCrossentropy"],
    "surface": ["Boundary", "HausdorffErosion"],
    "survival": ["CoxPH", "LogisticHazard", "ParametricAFT"],
    "survivalanalysis": ["CoxPH", "LogisticHazard", "ParametricAFT"],
    "svm": ["Hinge", "SquaredHinge", "CategoricalHinge"],
    "tagging": ["LinearChainCRF", "TokenCrossentropy"],
    "tderror": ["Huber", "QuantileHuber", "HistogramGaussian"],
    "timeseriesalignment": ["SoftDTW", "DILATE"],
    "triplet": ["TripletMargin"],
    "twotower": ["InBatchSoftmax"],
    "uncertaintyweighting": ["WeightedSum"],
    "wasserstein": ["WassersteinDistance", "SlicedWasserstein", "SinkhornDivergence"],
}
"""Names that may mean several losses, or one with other defaults, and what they may mean."""

SYNONYMS = {
    "asr": "speech",
    "autoencoder": "variational",
    "biometrics": "recognition",
    "bounds": "interval",
    "calibration": "calibrated",
    "churn": "survival censored",
    "collaborative": "clicks purchases users",
    "contaminated": "outliers noise",
    "continuous": "numbers",
    "detection": "dense",
    "face": "recognition",
    "finetuning": "language preference",
    "identification": "recognition",
    "image": "masks",
    "imbalance": "rare rarer small few long-tailed effective",
    "implicit": "clicks purchases",
    "llm": "language",
    "medical": "organs masks",
    "metric": "embeddings",
    "mislabeled": "noise",
    "multilabel": "independent",
    "nlp": "language",
    "object": "structures organs",
    "ocr": "handwriting",
    "organs": "small masks",
    "pixel": "masks",
    "rare": "imbalance rarer small few long-tailed",
    "rating": "ordinal ordered",
    "recommendation": "clicks purchases users",
    "retrieval": "embeddings",
    "rlhf": "preference policy",
    "search": "documents",
    "segmentation": "masks",
    "series": "forecasts",
    "similarity": "embeddings",
    "stars": "ordinal ordered",
    "survey": "ordinal ordered",
    "transcription": "speech",
    "tumor": "organs masks",
    "vae": "variational latent",
    "verification": "similar pairs recognition",
    "warping": "warped",
}
"""Words of tasks, and the words for them that docstrings have."""


def key(name: str) -> str:
    """A name in lower case, without separators and without the word "loss"."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("loss")


def suggestions(name: str, names: Iterable[str], most: int = 5) -> list[str]:
    """The losses that an unknown name may mean, the likeliest first.

    Args:
        name: The name asked for.
        names: The names of all losses.
        most: How many to return at most.

    Returns:
        The `names` that the word stands for (`ALIASES`, `MEANINGS`); then those that contain it, or all of
        its parts; then those with a similar spelling.
    """
    by_key = {key(one): one for one in names}
    word = key(name)
    parts = [key(part) for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]
    parts = [part for part in parts if part]
    contain = [k for k in by_key if parts and (word in k or all(part in k for part in parts))]
    contain.sort(key=lambda k: (not k.startswith(word), len(k)))
    near = difflib.get_close_matches(word, {**by_key, **ALIASES, **MEANINGS}, n=3)
    found = [*meant(word), *(by_key[k] for k in contain)]
    for k in near:
        found += [by_key[k]] if k in by_key else meant(k)
    found = [one for one in dict.fromkeys(found) if one in by_key.values()]
    return found[:most] or [by_key[k] for k in difflib.get_close_matches(word, by_key, n=3, cutoff=0.0)]


def meant(word: str) -> list[str]:
    """The losses that a short or common name stands for."""
    return [ALIASES[word]] if word in ALIASES else list(MEANINGS.get(word, []))
