"""Losses for Keras 3: one implementation each, on TensorFlow, JAX and PyTorch alike."""

from kerasloss import layers as layers
from kerasloss import models as models
from kerasloss.catalogue import get as get
from kerasloss.catalogue import list_losses as list_losses
from kerasloss.core.loss import Loss as Loss
from kerasloss.core.targets import label_smoothing as label_smoothing
from kerasloss.diagnose import diagnose as diagnose
from kerasloss.losses.adversarial import MinimaxGAN as MinimaxGAN
from kerasloss.losses.adversarial import NonSaturatingGAN as NonSaturatingGAN
from kerasloss.losses.binary import BinaryCrossentropy as BinaryCrossentropy
from kerasloss.losses.binary import Exponential as Exponential
from kerasloss.losses.binary import Hinge as Hinge
from kerasloss.losses.binary import ModifiedHuber as ModifiedHuber
from kerasloss.losses.binary import MultiLabelMargin as MultiLabelMargin
from kerasloss.losses.binary import MultiLabelSoftMargin as MultiLabelSoftMargin
from kerasloss.losses.binary import Perceptron as Perceptron
from kerasloss.losses.binary import SoftMargin as SoftMargin
from kerasloss.losses.binary import SquaredHinge as SquaredHinge
from kerasloss.losses.binary import ZeroBoundedLogSumExp as ZeroBoundedLogSumExp
from kerasloss.losses.boundary import ActiveContour as ActiveContour
from kerasloss.losses.boundary import Boundary as Boundary
from kerasloss.losses.boundary import HausdorffErosion as HausdorffErosion
from kerasloss.losses.boundary import SoftClDice as SoftClDice
from kerasloss.losses.classification import Brier as Brier
from kerasloss.losses.classification import CategoricalCrossentropy as CategoricalCrossentropy
from kerasloss.losses.classification import CategoricalHinge as CategoricalHinge
from kerasloss.losses.classification import MultiMargin as MultiMargin
from kerasloss.losses.classification import NegativeLogLikelihood as NegativeLogLikelihood
from kerasloss.losses.classification import Poly1Crossentropy as Poly1Crossentropy
from kerasloss.losses.classification import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from kerasloss.losses.combine import FromFunction as FromFunction
from kerasloss.losses.combine import Masked as Masked
from kerasloss.losses.combine import Symmetric as Symmetric
from kerasloss.losses.combine import WeightedSum as WeightedSum
from kerasloss.losses.correlation import ConcordanceCorrelation as ConcordanceCorrelation
from kerasloss.losses.correlation import CosineSimilarity as CosineSimilarity
from kerasloss.losses.correlation import PearsonCorrelation as PearsonCorrelation
from kerasloss.losses.counts import NegativeBinomialNLL as NegativeBinomialNLL
from kerasloss.losses.counts import ZeroInflatedNegativeBinomialNLL as ZeroInflatedNegativeBinomialNLL
from kerasloss.losses.counts import ZeroInflatedPoissonNLL as ZeroInflatedPoissonNLL
from kerasloss.losses.deviance import GammaDeviance as GammaDeviance
from kerasloss.losses.deviance import Poisson as Poisson
from kerasloss.losses.deviance import Tweedie as Tweedie
from kerasloss.losses.distillation import AttentionTransfer as AttentionTransfer
from kerasloss.losses.distillation import DecoupledDistillation as DecoupledDistillation
from kerasloss.losses.distillation import FeatureDistillation as FeatureDistillation
from kerasloss.losses.distillation import LogitsDistillation as LogitsDistillation
from kerasloss.losses.distillation import RelationalDistillation as RelationalDistillation
from kerasloss.losses.divergence import GeneralizedKLDivergence as GeneralizedKLDivergence
from kerasloss.losses.divergence import HellingerDistance as HellingerDistance
from kerasloss.losses.divergence import JensenShannonDivergence as JensenShannonDivergence
from kerasloss.losses.divergence import KLDivergence as KLDivergence
from kerasloss.losses.divergence import RenyiDivergence as RenyiDivergence
from kerasloss.losses.divergence import TotalVariationDistance as TotalVariationDistance
from kerasloss.losses.divergence import WassersteinDistance as WassersteinDistance
from kerasloss.losses.focal import Asymmetric as Asymmetric
from kerasloss.losses.focal import AsymmetricSingleLabel as AsymmetricSingleLabel
from kerasloss.losses.focal import BinaryFocalCrossentropy as BinaryFocalCrossentropy
from kerasloss.losses.focal import CategoricalFocalCrossentropy as CategoricalFocalCrossentropy
from kerasloss.losses.focal import ClassBalancedCrossentropy as ClassBalancedCrossentropy
from kerasloss.losses.focal import SparseCategoricalFocalCrossentropy as SparseCategoricalFocalCrossentropy
from kerasloss.losses.imbalance import LDAM as LDAM
from kerasloss.losses.imbalance import AUCMargin as AUCMargin
from kerasloss.losses.imbalance import BalancedSoftmaxCrossentropy as BalancedSoftmaxCrossentropy
from kerasloss.losses.imbalance import LogitAdjustedCrossentropy as LogitAdjustedCrossentropy
from kerasloss.losses.imbalance import OnlineHardExample as OnlineHardExample
from kerasloss.losses.imbalance import SoftF1 as SoftF1
from kerasloss.losses.language import CausalLMCrossentropy as CausalLMCrossentropy
from kerasloss.losses.language import LinearCrossentropy as LinearCrossentropy
from kerasloss.losses.latent import GaussianKLDivergence as GaussianKLDivergence
from kerasloss.losses.likelihood import BetaNLL as BetaNLL
from kerasloss.losses.likelihood import EvidentialRegression as EvidentialRegression
from kerasloss.losses.likelihood import GaussianMixtureNLL as GaussianMixtureNLL
from kerasloss.losses.likelihood import GaussianNLL as GaussianNLL
from kerasloss.losses.likelihood import LaplaceNLL as LaplaceNLL
from kerasloss.losses.likelihood import LogNormalNLL as LogNormalNLL
from kerasloss.losses.likelihood import StudentTNLL as StudentTNLL
from kerasloss.losses.likelihood import VonMisesNLL as VonMisesNLL
from kerasloss.losses.lovasz import LovaszHinge as LovaszHinge
from kerasloss.losses.lovasz import LovaszSoftmax as LovaszSoftmax
from kerasloss.losses.mixing import Combo as Combo
from kerasloss.losses.mixing import DiceCrossentropy as DiceCrossentropy
from kerasloss.losses.mixing import DiceFocal as DiceFocal
from kerasloss.losses.mixing import UnifiedFocal as UnifiedFocal
from kerasloss.losses.multiscale import DeepSupervision as DeepSupervision
from kerasloss.losses.multiscale import MultiScale as MultiScale
from kerasloss.losses.noise import ActivePassive as ActivePassive
from kerasloss.losses.noise import BiTemperedLogistic as BiTemperedLogistic
from kerasloss.losses.noise import BootstrapCrossentropy as BootstrapCrossentropy
from kerasloss.losses.noise import CategoricalGeneralizedCrossEntropy as CategoricalGeneralizedCrossEntropy
from kerasloss.losses.noise import JensenShannonCrossentropy as JensenShannonCrossentropy
from kerasloss.losses.noise import SymmetricCrossentropy as SymmetricCrossentropy
from kerasloss.losses.noise import TaylorCrossentropy as TaylorCrossentropy
from kerasloss.losses.ordinal import Coral as Coral
from kerasloss.losses.ordinal import Corn as Corn
from kerasloss.losses.ordinal import CumulativeLink as CumulativeLink
from kerasloss.losses.ordinal import EarthMoversDistance as EarthMoversDistance
from kerasloss.losses.ordinal import OrdinalLog as OrdinalLog
from kerasloss.losses.ordinal import SoftOrdinal as SoftOrdinal
from kerasloss.losses.ordinal import WeightedKappa as WeightedKappa
from kerasloss.losses.overlap import Dice as Dice
from kerasloss.losses.overlap import FocalTversky as FocalTversky
from kerasloss.losses.overlap import GeneralizedDice as GeneralizedDice
from kerasloss.losses.overlap import Jaccard as Jaccard
from kerasloss.losses.overlap import LogCoshDice as LogCoshDice
from kerasloss.losses.overlap import MatthewsCorrelation as MatthewsCorrelation
from kerasloss.losses.overlap import SensitivitySpecificity as SensitivitySpecificity
from kerasloss.losses.overlap import Tversky as Tversky
from kerasloss.losses.pairs import SDML as SDML
from kerasloss.losses.pairs import Contrastive as Contrastive
from kerasloss.losses.pairs import CosineEmbedding as CosineEmbedding
from kerasloss.losses.pairs import HingeEmbedding as HingeEmbedding
from kerasloss.losses.pairs import MarginRanking as MarginRanking
from kerasloss.losses.perceptual import Perceptual as Perceptual
from kerasloss.losses.perceptual import Style as Style
from kerasloss.losses.policy import GRPO as GRPO
from kerasloss.losses.policy import PPOClip as PPOClip
from kerasloss.losses.preference import CPO as CPO
from kerasloss.losses.preference import DPO as DPO
from kerasloss.losses.preference import KTO as KTO
from kerasloss.losses.preference import ORPO as ORPO
from kerasloss.losses.preference import BradleyTerry as BradleyTerry
from kerasloss.losses.preference import SimPO as SimPO
from kerasloss.losses.quantile import Expectile as Expectile
from kerasloss.losses.quantile import Quantile as Quantile
from kerasloss.losses.quantile import QuantileHuber as QuantileHuber
from kerasloss.losses.regression import EpsilonInsensitive as EpsilonInsensitive
from kerasloss.losses.regression import Huber as Huber
from kerasloss.losses.regression import LogCosh as LogCosh
from kerasloss.losses.regression import MeanAbsoluteError as MeanAbsoluteError
from kerasloss.losses.regression import MeanSquaredError as MeanSquaredError
from kerasloss.losses.regression import RootMeanSquaredError as RootMeanSquaredError
from kerasloss.losses.regression import SmoothL1 as SmoothL1
from kerasloss.losses.relative import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from kerasloss.losses.relative import MeanAbsoluteScaledError as MeanAbsoluteScaledError
from kerasloss.losses.relative import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from kerasloss.losses.relative import ScaleInvariantLogarithmic as ScaleInvariantLogarithmic
from kerasloss.losses.relative import (
    SymmetricMeanAbsolutePercentageError as SymmetricMeanAbsolutePercentageError,
)
from kerasloss.losses.robust import AdaptiveWing as AdaptiveWing
from kerasloss.losses.robust import Barron as Barron
from kerasloss.losses.robust import Cauchy as Cauchy
from kerasloss.losses.robust import Charbonnier as Charbonnier
from kerasloss.losses.robust import GemanMcClure as GemanMcClure
from kerasloss.losses.robust import PseudoHuber as PseudoHuber
from kerasloss.losses.robust import ReverseHuber as ReverseHuber
from kerasloss.losses.robust import TukeyBiweight as TukeyBiweight
from kerasloss.losses.robust import Welsch as Welsch
from kerasloss.losses.robust import Wing as Wing
from kerasloss.losses.scores import EnergyScore as EnergyScore
from kerasloss.losses.scores import EnsembleCRPS as EnsembleCRPS
from kerasloss.losses.scores import GaussianCRPS as GaussianCRPS
from kerasloss.losses.scores import IntervalScore as IntervalScore
from kerasloss.losses.sequence import CTC as CTC
from kerasloss.losses.sparse import Entmax15 as Entmax15
from kerasloss.losses.sparse import Sparsemax as Sparsemax
from kerasloss.losses.transport import CorrelationAlignment as CorrelationAlignment
from kerasloss.losses.transport import MaximumMeanDiscrepancy as MaximumMeanDiscrepancy
from kerasloss.losses.transport import SinkhornDivergence as SinkhornDivergence
from kerasloss.losses.transport import SlicedWasserstein as SlicedWasserstein
from kerasloss.losses.triplets import Circle as Circle
from kerasloss.losses.triplets import TripletMargin as TripletMargin
from kerasloss.losses.weak_labels import ForwardCorrection as ForwardCorrection
from kerasloss.losses.weak_labels import PositiveUnlabeled as PositiveUnlabeled
from kerasloss.plot import plot as plot

__version__ = "0.1.0"

__all__ = [
    "AUCMargin",
    "ActiveContour",
    "ActivePassive",
    "AdaptiveWing",
    "Asymmetric",
    "AsymmetricSingleLabel",
    "AttentionTransfer",
    "BalancedSoftmaxCrossentropy",
    "Barron",
    "BetaNLL",
    "BiTemperedLogistic",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "BootstrapCrossentropy",
    "Boundary",
    "BradleyTerry",
    "Brier",
    "CPO",
    "CTC",
    "CategoricalCrossentropy",
    "CausalLMCrossentropy",
    "LinearCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Cauchy",
    "Charbonnier",
    "Circle",
    "ClassBalancedCrossentropy",
    "Combo",
    "ConcordanceCorrelation",
    "Contrastive",
    "Coral",
    "Corn",
    "CorrelationAlignment",
    "CosineEmbedding",
    "CosineSimilarity",
    "CumulativeLink",
    "DPO",
    "DecoupledDistillation",
    "DeepSupervision",
    "Dice",
    "DiceCrossentropy",
    "DiceFocal",
    "EarthMoversDistance",
    "EnergyScore",
    "EnsembleCRPS",
    "Entmax15",
    "EpsilonInsensitive",
    "EvidentialRegression",
    "Expectile",
    "Exponential",
    "FeatureDistillation",
    "FocalTversky",
    "ForwardCorrection",
    "FromFunction",
    "GRPO",
    "GammaDeviance",
    "GaussianCRPS",
    "GaussianKLDivergence",
    "GaussianMixtureNLL",
    "GaussianNLL",
    "GemanMcClure",
    "GeneralizedDice",
    "GeneralizedKLDivergence",
    "HausdorffErosion",
    "HellingerDistance",
    "Hinge",
    "HingeEmbedding",
    "Huber",
    "IntervalScore",
    "Jaccard",
    "JensenShannonCrossentropy",
    "JensenShannonDivergence",
    "KLDivergence",
    "KTO",
    "LDAM",
    "LaplaceNLL",
    "LogCosh",
    "LogCoshDice",
    "LogNormalNLL",
    "LogitAdjustedCrossentropy",
    "LogitsDistillation",
    "Loss",
    "LovaszHinge",
    "LovaszSoftmax",
    "MarginRanking",
    "Masked",
    "MatthewsCorrelation",
    "MaximumMeanDiscrepancy",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanAbsoluteScaledError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "MinimaxGAN",
    "ModifiedHuber",
    "MultiLabelMargin",
    "MultiLabelSoftMargin",
    "MultiMargin",
    "MultiScale",
    "NegativeBinomialNLL",
    "NegativeLogLikelihood",
    "NonSaturatingGAN",
    "ORPO",
    "OnlineHardExample",
    "OrdinalLog",
    "PPOClip",
    "PearsonCorrelation",
    "Perceptron",
    "Perceptual",
    "Poisson",
    "Poly1Crossentropy",
    "PositiveUnlabeled",
    "PseudoHuber",
    "Quantile",
    "QuantileHuber",
    "RelationalDistillation",
    "RenyiDivergence",
    "ReverseHuber",
    "RootMeanSquaredError",
    "SDML",
    "ScaleInvariantLogarithmic",
    "SensitivitySpecificity",
    "SimPO",
    "SinkhornDivergence",
    "SlicedWasserstein",
    "SmoothL1",
    "SoftClDice",
    "SoftF1",
    "SoftMargin",
    "SoftOrdinal",
    "SparseCategoricalCrossentropy",
    "SparseCategoricalFocalCrossentropy",
    "Sparsemax",
    "SquaredHinge",
    "StudentTNLL",
    "Style",
    "Symmetric",
    "SymmetricCrossentropy",
    "SymmetricMeanAbsolutePercentageError",
    "TaylorCrossentropy",
    "TotalVariationDistance",
    "TripletMargin",
    "TukeyBiweight",
    "Tversky",
    "Tweedie",
    "UnifiedFocal",
    "VonMisesNLL",
    "WassersteinDistance",
    "WeightedKappa",
    "WeightedSum",
    "Welsch",
    "Wing",
    "ZeroBoundedLogSumExp",
    "ZeroInflatedNegativeBinomialNLL",
    "ZeroInflatedPoissonNLL",
    "diagnose",
    "get",
    "label_smoothing",
    "layers",
    "list_losses",
    "plot",
]
