"""Losses for Keras 3: one implementation each, on TensorFlow, JAX and PyTorch."""

from kerasloss import layers as layers
from kerasloss import models as models
from kerasloss.core.labels import label_smoothing as label_smoothing
from kerasloss.core.loss import Loss as Loss
from kerasloss.core.registry import get as get
from kerasloss.inspection.catalogue import list_losses as list_losses
from kerasloss.inspection.diagnose import diagnose as diagnose
from kerasloss.inspection.explain import explain as explain
from kerasloss.inspection.parts import parts as parts
from kerasloss.inspection.plot import plot as plot
from kerasloss.losses.audio.separation import PermutationInvariant as PermutationInvariant
from kerasloss.losses.audio.waveforms import MultiResolutionSTFT as MultiResolutionSTFT
from kerasloss.losses.audio.waveforms import ScaleInvariantSDR as ScaleInvariantSDR
from kerasloss.losses.classification.binary import BinaryCrossentropy as BinaryCrossentropy
from kerasloss.losses.classification.binary import MultiLabelMargin as MultiLabelMargin
from kerasloss.losses.classification.binary import MultiLabelSoftMargin as MultiLabelSoftMargin
from kerasloss.losses.classification.binary import ZeroBoundedLogSumExp as ZeroBoundedLogSumExp
from kerasloss.losses.classification.categorical import Brier as Brier
from kerasloss.losses.classification.categorical import CategoricalCrossentropy as CategoricalCrossentropy
from kerasloss.losses.classification.categorical import CategoricalHinge as CategoricalHinge
from kerasloss.losses.classification.categorical import MultiMargin as MultiMargin
from kerasloss.losses.classification.categorical import NegativeLogLikelihood as NegativeLogLikelihood
from kerasloss.losses.classification.categorical import Poly1Crossentropy as Poly1Crossentropy
from kerasloss.losses.classification.categorical import (
    SparseCategoricalCrossentropy as SparseCategoricalCrossentropy,
)
from kerasloss.losses.classification.focal import Asymmetric as Asymmetric
from kerasloss.losses.classification.focal import AsymmetricSingleLabel as AsymmetricSingleLabel
from kerasloss.losses.classification.focal import BinaryFocalCrossentropy as BinaryFocalCrossentropy
from kerasloss.losses.classification.focal import CategoricalFocalCrossentropy as CategoricalFocalCrossentropy
from kerasloss.losses.classification.focal import ClassBalancedCrossentropy as ClassBalancedCrossentropy
from kerasloss.losses.classification.focal import (
    SparseCategoricalFocalCrossentropy as SparseCategoricalFocalCrossentropy,
)
from kerasloss.losses.classification.imbalance import LDAM as LDAM
from kerasloss.losses.classification.imbalance import AUCMargin as AUCMargin
from kerasloss.losses.classification.imbalance import (
    BalancedSoftmaxCrossentropy as BalancedSoftmaxCrossentropy,
)
from kerasloss.losses.classification.imbalance import LogitAdjustedCrossentropy as LogitAdjustedCrossentropy
from kerasloss.losses.classification.imbalance import SoftF1 as SoftF1
from kerasloss.losses.classification.margin import Exponential as Exponential
from kerasloss.losses.classification.margin import Hinge as Hinge
from kerasloss.losses.classification.margin import ModifiedHuber as ModifiedHuber
from kerasloss.losses.classification.margin import Perceptron as Perceptron
from kerasloss.losses.classification.margin import SoftMargin as SoftMargin
from kerasloss.losses.classification.margin import SquaredHinge as SquaredHinge
from kerasloss.losses.classification.noise import ActivePassive as ActivePassive
from kerasloss.losses.classification.noise import BiTemperedLogistic as BiTemperedLogistic
from kerasloss.losses.classification.noise import BootstrapCrossentropy as BootstrapCrossentropy
from kerasloss.losses.classification.noise import (
    CategoricalGeneralizedCrossEntropy as CategoricalGeneralizedCrossEntropy,
)
from kerasloss.losses.classification.noise import JensenShannonCrossentropy as JensenShannonCrossentropy
from kerasloss.losses.classification.noise import SymmetricCrossentropy as SymmetricCrossentropy
from kerasloss.losses.classification.noise import TaylorCrossentropy as TaylorCrossentropy
from kerasloss.losses.classification.ordinal import Coral as Coral
from kerasloss.losses.classification.ordinal import Corn as Corn
from kerasloss.losses.classification.ordinal import CumulativeLink as CumulativeLink
from kerasloss.losses.classification.ordinal import EarthMoversDistance as EarthMoversDistance
from kerasloss.losses.classification.ordinal import OrdinalLog as OrdinalLog
from kerasloss.losses.classification.ordinal import SoftOrdinal as SoftOrdinal
from kerasloss.losses.classification.ordinal import WeightedKappa as WeightedKappa
from kerasloss.losses.classification.sparse import Entmax15 as Entmax15
from kerasloss.losses.classification.sparse import Sparsemax as Sparsemax
from kerasloss.losses.classification.weak_labels import ForwardCorrection as ForwardCorrection
from kerasloss.losses.classification.weak_labels import PositiveUnlabeled as PositiveUnlabeled
from kerasloss.losses.composition.combine import FromFunction as FromFunction
from kerasloss.losses.composition.combine import Masked as Masked
from kerasloss.losses.composition.combine import Symmetric as Symmetric
from kerasloss.losses.composition.combine import WeightedSum as WeightedSum
from kerasloss.losses.composition.hard_examples import OnlineHardExample as OnlineHardExample
from kerasloss.losses.composition.multiscale import DeepSupervision as DeepSupervision
from kerasloss.losses.composition.multiscale import Matryoshka as Matryoshka
from kerasloss.losses.composition.multiscale import MultiScale as MultiScale
from kerasloss.losses.detection.boxes import CIoU as CIoU
from kerasloss.losses.detection.boxes import DIoU as DIoU
from kerasloss.losses.detection.boxes import EIoU as EIoU
from kerasloss.losses.detection.boxes import GIoU as GIoU
from kerasloss.losses.detection.boxes import IoU as IoU
from kerasloss.losses.detection.boxes import SIoU as SIoU
from kerasloss.losses.detection.heads import DistributionFocal as DistributionFocal
from kerasloss.losses.detection.heads import QualityFocal as QualityFocal
from kerasloss.losses.detection.heads import Varifocal as Varifocal
from kerasloss.losses.detection.heat_maps import KeypointHeatmap as KeypointHeatmap
from kerasloss.losses.detection.heat_maps import PenaltyReducedFocal as PenaltyReducedFocal
from kerasloss.losses.detection.sets import Chamfer as Chamfer
from kerasloss.losses.detection.sets import SetPrediction as SetPrediction
from kerasloss.losses.distillation.features import AttentionTransfer as AttentionTransfer
from kerasloss.losses.distillation.features import FeatureDistillation as FeatureDistillation
from kerasloss.losses.distillation.features import RelationalDistillation as RelationalDistillation
from kerasloss.losses.distillation.responses import DecoupledDistillation as DecoupledDistillation
from kerasloss.losses.distillation.responses import LogitsDistillation as LogitsDistillation
from kerasloss.losses.divergence.divergences import GeneralizedKLDivergence as GeneralizedKLDivergence
from kerasloss.losses.divergence.divergences import HellingerDistance as HellingerDistance
from kerasloss.losses.divergence.divergences import JensenShannonDivergence as JensenShannonDivergence
from kerasloss.losses.divergence.divergences import KLDivergence as KLDivergence
from kerasloss.losses.divergence.divergences import RenyiDivergence as RenyiDivergence
from kerasloss.losses.divergence.divergences import TotalVariationDistance as TotalVariationDistance
from kerasloss.losses.divergence.divergences import WassersteinDistance as WassersteinDistance
from kerasloss.losses.divergence.transport import CorrelationAlignment as CorrelationAlignment
from kerasloss.losses.divergence.transport import MaximumMeanDiscrepancy as MaximumMeanDiscrepancy
from kerasloss.losses.divergence.transport import SinkhornDivergence as SinkhornDivergence
from kerasloss.losses.divergence.transport import SlicedWasserstein as SlicedWasserstein
from kerasloss.losses.embedding.all_pairs import BatchAllContrastive as BatchAllContrastive
from kerasloss.losses.embedding.all_pairs import Circle as Circle
from kerasloss.losses.embedding.all_pairs import GeneralizedLiftedStructure as GeneralizedLiftedStructure
from kerasloss.losses.embedding.all_pairs import LiftedStructure as LiftedStructure
from kerasloss.losses.embedding.all_pairs import MultiSimilarity as MultiSimilarity
from kerasloss.losses.embedding.angular_margins import AdaFace as AdaFace
from kerasloss.losses.embedding.angular_margins import ArcFace as ArcFace
from kerasloss.losses.embedding.angular_margins import CombinedMargin as CombinedMargin
from kerasloss.losses.embedding.angular_margins import CosFace as CosFace
from kerasloss.losses.embedding.angular_margins import SphereFace as SphereFace
from kerasloss.losses.embedding.angular_margins import SubCenterArcFace as SubCenterArcFace
from kerasloss.losses.embedding.contrastive import CLIP as CLIP
from kerasloss.losses.embedding.contrastive import DecoupledContrastive as DecoupledContrastive
from kerasloss.losses.embedding.contrastive import InfoNCE as InfoNCE
from kerasloss.losses.embedding.contrastive import NPairs as NPairs
from kerasloss.losses.embedding.contrastive import NTXent as NTXent
from kerasloss.losses.embedding.contrastive import SigLIP as SigLIP
from kerasloss.losses.embedding.contrastive import SpectralContrastive as SpectralContrastive
from kerasloss.losses.embedding.contrastive import SupervisedContrastive as SupervisedContrastive
from kerasloss.losses.embedding.neighbors import NCA as NCA
from kerasloss.losses.embedding.neighbors import FastAP as FastAP
from kerasloss.losses.embedding.neighbors import Prototypical as Prototypical
from kerasloss.losses.embedding.neighbors import RankNContrast as RankNContrast
from kerasloss.losses.embedding.neighbors import SmoothAP as SmoothAP
from kerasloss.losses.embedding.neighbors import SoftNearestNeighbor as SoftNearestNeighbor
from kerasloss.losses.embedding.pairs import SDML as SDML
from kerasloss.losses.embedding.pairs import Contrastive as Contrastive
from kerasloss.losses.embedding.pairs import CosineEmbedding as CosineEmbedding
from kerasloss.losses.embedding.pairs import HingeEmbedding as HingeEmbedding
from kerasloss.losses.embedding.pairs import MarginRanking as MarginRanking
from kerasloss.losses.embedding.proxies import Center as Center
from kerasloss.losses.embedding.proxies import NormalizedSoftmax as NormalizedSoftmax
from kerasloss.losses.embedding.proxies import ProxyAnchor as ProxyAnchor
from kerasloss.losses.embedding.proxies import ProxyNCA as ProxyNCA
from kerasloss.losses.embedding.proxies import SoftTriple as SoftTriple
from kerasloss.losses.embedding.regularization import AlignmentUniformity as AlignmentUniformity
from kerasloss.losses.embedding.regularization import BarlowTwins as BarlowTwins
from kerasloss.losses.embedding.regularization import KoLeo as KoLeo
from kerasloss.losses.embedding.regularization import LeJEPA as LeJEPA
from kerasloss.losses.embedding.regularization import SIGReg as SIGReg
from kerasloss.losses.embedding.regularization import VICReg as VICReg
from kerasloss.losses.embedding.self_distillation import BYOL as BYOL
from kerasloss.losses.embedding.self_distillation import DINO as DINO
from kerasloss.losses.embedding.self_distillation import GramAnchoring as GramAnchoring
from kerasloss.losses.embedding.self_distillation import NegativeCosineSimilarity as NegativeCosineSimilarity
from kerasloss.losses.embedding.self_distillation import SwAV as SwAV
from kerasloss.losses.embedding.sentences import AnglE as AnglE
from kerasloss.losses.embedding.sentences import CoSENT as CoSENT
from kerasloss.losses.embedding.sentences import GISTEmbed as GISTEmbed
from kerasloss.losses.embedding.sentences import MarginMSE as MarginMSE
from kerasloss.losses.embedding.sentences import MultipleNegativesRanking as MultipleNegativesRanking
from kerasloss.losses.embedding.triplets import Angular as Angular
from kerasloss.losses.embedding.triplets import BatchAllTriplet as BatchAllTriplet
from kerasloss.losses.embedding.triplets import BatchHardTriplet as BatchHardTriplet
from kerasloss.losses.embedding.triplets import MarginBased as MarginBased
from kerasloss.losses.embedding.triplets import Quadruplet as Quadruplet
from kerasloss.losses.embedding.triplets import SemiHardTriplet as SemiHardTriplet
from kerasloss.losses.embedding.triplets import TripletMargin as TripletMargin
from kerasloss.losses.generative.adversarial import GradientPenalty as GradientPenalty
from kerasloss.losses.generative.adversarial import HingeGAN as HingeGAN
from kerasloss.losses.generative.adversarial import LeastSquaresGAN as LeastSquaresGAN
from kerasloss.losses.generative.adversarial import MinimaxGAN as MinimaxGAN
from kerasloss.losses.generative.adversarial import NonSaturatingGAN as NonSaturatingGAN
from kerasloss.losses.generative.adversarial import WassersteinGAN as WassersteinGAN
from kerasloss.losses.generative.consistency import CycleConsistency as CycleConsistency
from kerasloss.losses.generative.consistency import FeatureMatching as FeatureMatching
from kerasloss.losses.generative.diffusion import Diffusion as Diffusion
from kerasloss.losses.generative.diffusion import FlowMatching as FlowMatching
from kerasloss.losses.generative.quantization import VectorQuantization as VectorQuantization
from kerasloss.losses.generative.relativistic import RelativisticAverageGAN as RelativisticAverageGAN
from kerasloss.losses.generative.relativistic import RelativisticPairingGAN as RelativisticPairingGAN
from kerasloss.losses.image.depth import ScaleShiftInvariant as ScaleShiftInvariant
from kerasloss.losses.image.features import Perceptual as Perceptual
from kerasloss.losses.image.features import Style as Style
from kerasloss.losses.image.gradients import GradientDifference as GradientDifference
from kerasloss.losses.image.gradients import LaplacianPyramid as LaplacianPyramid
from kerasloss.losses.image.gradients import TotalVariation as TotalVariation
from kerasloss.losses.image.hyperspectral import SpectralAngle as SpectralAngle
from kerasloss.losses.image.quality import GMSD as GMSD
from kerasloss.losses.image.quality import PSNR as PSNR
from kerasloss.losses.image.quality import HaarPSI as HaarPSI
from kerasloss.losses.image.registration import EndpointError as EndpointError
from kerasloss.losses.image.registration import (
    LocalNormalizedCrossCorrelation as LocalNormalizedCrossCorrelation,
)
from kerasloss.losses.image.spectra import FocalFrequency as FocalFrequency
from kerasloss.losses.image.spectra import Frequency as Frequency
from kerasloss.losses.image.structure import SSIM as SSIM
from kerasloss.losses.image.structure import MixedSSIML1 as MixedSSIML1
from kerasloss.losses.image.structure import MultiScaleSSIM as MultiScaleSSIM
from kerasloss.losses.language.experts import MoELoadBalancing as MoELoadBalancing
from kerasloss.losses.language.experts import RouterZ as RouterZ
from kerasloss.losses.language.heads import LinearCrossentropy as LinearCrossentropy
from kerasloss.losses.language.heads import LinearDistillation as LinearDistillation
from kerasloss.losses.language.modeling import CausalLMCrossentropy as CausalLMCrossentropy
from kerasloss.losses.language.policy import GRPO as GRPO
from kerasloss.losses.language.policy import PPOClip as PPOClip
from kerasloss.losses.language.preference import CPO as CPO
from kerasloss.losses.language.preference import DPO as DPO
from kerasloss.losses.language.preference import KTO as KTO
from kerasloss.losses.language.preference import ORPO as ORPO
from kerasloss.losses.language.preference import BradleyTerry as BradleyTerry
from kerasloss.losses.language.preference import SimPO as SimPO
from kerasloss.losses.probabilistic.counts import NegativeBinomialNLL as NegativeBinomialNLL
from kerasloss.losses.probabilistic.counts import (
    ZeroInflatedNegativeBinomialNLL as ZeroInflatedNegativeBinomialNLL,
)
from kerasloss.losses.probabilistic.counts import ZeroInflatedPoissonNLL as ZeroInflatedPoissonNLL
from kerasloss.losses.probabilistic.deviance import GammaDeviance as GammaDeviance
from kerasloss.losses.probabilistic.deviance import Poisson as Poisson
from kerasloss.losses.probabilistic.deviance import Tweedie as Tweedie
from kerasloss.losses.probabilistic.histogram import HistogramGaussian as HistogramGaussian
from kerasloss.losses.probabilistic.latent import GaussianKLDivergence as GaussianKLDivergence
from kerasloss.losses.probabilistic.likelihood import BetaNLL as BetaNLL
from kerasloss.losses.probabilistic.likelihood import EvidentialRegression as EvidentialRegression
from kerasloss.losses.probabilistic.likelihood import GaussianMixtureNLL as GaussianMixtureNLL
from kerasloss.losses.probabilistic.likelihood import GaussianNLL as GaussianNLL
from kerasloss.losses.probabilistic.likelihood import LaplaceNLL as LaplaceNLL
from kerasloss.losses.probabilistic.likelihood import LogNormalNLL as LogNormalNLL
from kerasloss.losses.probabilistic.likelihood import StudentTNLL as StudentTNLL
from kerasloss.losses.probabilistic.likelihood import VonMisesNLL as VonMisesNLL
from kerasloss.losses.probabilistic.likelihood import ZeroInflatedLogNormalNLL as ZeroInflatedLogNormalNLL
from kerasloss.losses.probabilistic.proper_scores import EnergyScore as EnergyScore
from kerasloss.losses.probabilistic.proper_scores import EnsembleCRPS as EnsembleCRPS
from kerasloss.losses.probabilistic.proper_scores import GaussianCRPS as GaussianCRPS
from kerasloss.losses.probabilistic.proper_scores import IntervalScore as IntervalScore
from kerasloss.losses.ranking.listwise import ApproxMRR as ApproxMRR
from kerasloss.losses.ranking.listwise import ApproxNDCG as ApproxNDCG
from kerasloss.losses.ranking.listwise import ListMLE as ListMLE
from kerasloss.losses.ranking.listwise import ListNet as ListNet
from kerasloss.losses.ranking.listwise import NeuralNDCG as NeuralNDCG
from kerasloss.losses.ranking.listwise import UniqueSoftmax as UniqueSoftmax
from kerasloss.losses.ranking.pairwise import PairwiseHinge as PairwiseHinge
from kerasloss.losses.ranking.pairwise import PairwiseLogistic as PairwiseLogistic
from kerasloss.losses.ranking.pairwise import PairwiseMeanSquaredError as PairwiseMeanSquaredError
from kerasloss.losses.ranking.pairwise import PairwiseSoftZeroOne as PairwiseSoftZeroOne
from kerasloss.losses.ranking.retrieval import (
    BayesianPersonalizedRanking as BayesianPersonalizedRanking,
)
from kerasloss.losses.ranking.retrieval import CosineContrastive as CosineContrastive
from kerasloss.losses.ranking.retrieval import InBatchSoftmax as InBatchSoftmax
from kerasloss.losses.regression.agreement import ConcordanceCorrelation as ConcordanceCorrelation
from kerasloss.losses.regression.agreement import CosineSimilarity as CosineSimilarity
from kerasloss.losses.regression.agreement import PearsonCorrelation as PearsonCorrelation
from kerasloss.losses.regression.errors import EpsilonInsensitive as EpsilonInsensitive
from kerasloss.losses.regression.errors import Huber as Huber
from kerasloss.losses.regression.errors import LogCosh as LogCosh
from kerasloss.losses.regression.errors import MeanAbsoluteError as MeanAbsoluteError
from kerasloss.losses.regression.errors import MeanSquaredError as MeanSquaredError
from kerasloss.losses.regression.errors import RootMeanSquaredError as RootMeanSquaredError
from kerasloss.losses.regression.errors import SmoothL1 as SmoothL1
from kerasloss.losses.regression.fields import RelativeLp as RelativeLp
from kerasloss.losses.regression.fields import SobolevH1 as SobolevH1
from kerasloss.losses.regression.quantile import Expectile as Expectile
from kerasloss.losses.regression.quantile import Quantile as Quantile
from kerasloss.losses.regression.quantile import QuantileHuber as QuantileHuber
from kerasloss.losses.regression.relative import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from kerasloss.losses.regression.relative import MeanAbsoluteScaledError as MeanAbsoluteScaledError
from kerasloss.losses.regression.relative import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from kerasloss.losses.regression.relative import ScaleInvariantLogarithmic as ScaleInvariantLogarithmic
from kerasloss.losses.regression.relative import (
    SymmetricMeanAbsolutePercentageError as SymmetricMeanAbsolutePercentageError,
)
from kerasloss.losses.regression.robust import AdaptiveWing as AdaptiveWing
from kerasloss.losses.regression.robust import Barron as Barron
from kerasloss.losses.regression.robust import Cauchy as Cauchy
from kerasloss.losses.regression.robust import Charbonnier as Charbonnier
from kerasloss.losses.regression.robust import GemanMcClure as GemanMcClure
from kerasloss.losses.regression.robust import PseudoHuber as PseudoHuber
from kerasloss.losses.regression.robust import ReverseHuber as ReverseHuber
from kerasloss.losses.regression.robust import TukeyBiweight as TukeyBiweight
from kerasloss.losses.regression.robust import Welsch as Welsch
from kerasloss.losses.regression.robust import Wing as Wing
from kerasloss.losses.segmentation.boundary import ActiveContour as ActiveContour
from kerasloss.losses.segmentation.boundary import Boundary as Boundary
from kerasloss.losses.segmentation.boundary import HausdorffErosion as HausdorffErosion
from kerasloss.losses.segmentation.boundary import SoftClDice as SoftClDice
from kerasloss.losses.segmentation.lovasz import LovaszHinge as LovaszHinge
from kerasloss.losses.segmentation.lovasz import LovaszSoftmax as LovaszSoftmax
from kerasloss.losses.segmentation.mixing import Combo as Combo
from kerasloss.losses.segmentation.mixing import DiceCrossentropy as DiceCrossentropy
from kerasloss.losses.segmentation.mixing import DiceFocal as DiceFocal
from kerasloss.losses.segmentation.mixing import UnifiedFocal as UnifiedFocal
from kerasloss.losses.segmentation.overlap import Dice as Dice
from kerasloss.losses.segmentation.overlap import FocalTversky as FocalTversky
from kerasloss.losses.segmentation.overlap import GeneralizedDice as GeneralizedDice
from kerasloss.losses.segmentation.overlap import Jaccard as Jaccard
from kerasloss.losses.segmentation.overlap import LogCoshDice as LogCoshDice
from kerasloss.losses.segmentation.overlap import MatthewsCorrelation as MatthewsCorrelation
from kerasloss.losses.segmentation.overlap import SensitivitySpecificity as SensitivitySpecificity
from kerasloss.losses.segmentation.overlap import Tversky as Tversky
from kerasloss.losses.sequence.alignment import CTC as CTC
from kerasloss.losses.sequence.alignment import Transducer as Transducer
from kerasloss.losses.sequence.tagging import LinearChainCRF as LinearChainCRF
from kerasloss.losses.sequence.tagging import TokenCrossentropy as TokenCrossentropy
from kerasloss.losses.sequence.warping import DILATE as DILATE
from kerasloss.losses.sequence.warping import SoftDTW as SoftDTW
from kerasloss.losses.survival.discrete_time import MTLR as MTLR
from kerasloss.losses.survival.discrete_time import PMF as PMF
from kerasloss.losses.survival.discrete_time import DeepHit as DeepHit
from kerasloss.losses.survival.discrete_time import LogisticHazard as LogisticHazard
from kerasloss.losses.survival.discrete_time import PCHazard as PCHazard
from kerasloss.losses.survival.parametric import ParametricAFT as ParametricAFT
from kerasloss.losses.survival.parametric import Tobit as Tobit
from kerasloss.losses.survival.proportional_hazards import CoxPH as CoxPH

__version__ = "0.1.0"

__all__ = [
    "AUCMargin",
    "ActiveContour",
    "ActivePassive",
    "AdaFace",
    "AdaptiveWing",
    "AlignmentUniformity",
    "ApproxMRR",
    "ApproxNDCG",
    "ArcFace",
    "Asymmetric",
    "AsymmetricSingleLabel",
    "AttentionTransfer",
    "BYOL",
    "BalancedSoftmaxCrossentropy",
    "BarlowTwins",
    "Barron",
    "BetaNLL",
    "BayesianPersonalizedRanking",
    "BiTemperedLogistic",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "BootstrapCrossentropy",
    "Boundary",
    "BradleyTerry",
    "Brier",
    "CLIP",
    "Center",
    "CombinedMargin",
    "CosFace",
    "HistogramGaussian",
    "NPairs",
    "NormalizedSoftmax",
    "ProxyAnchor",
    "ProxyNCA",
    "RelativeLp",
    "SobolevH1",
    "SoftTriple",
    "SpectralContrastive",
    "SphereFace",
    "SubCenterArcFace",
    "SupervisedContrastive",
    "InBatchSoftmax",
    "InfoNCE",
    "DecoupledContrastive",
    "NTXent",
    "AnglE",
    "CoSENT",
    "GISTEmbed",
    "MarginMSE",
    "MultipleNegativesRanking",
    "Matryoshka",
    "CPO",
    "CTC",
    "CIoU",
    "DIoU",
    "EIoU",
    "GIoU",
    "IoU",
    "SIoU",
    "DistributionFocal",
    "QualityFocal",
    "Varifocal",
    "KeypointHeatmap",
    "PenaltyReducedFocal",
    "Chamfer",
    "SetPrediction",
    "Transducer",
    "LinearChainCRF",
    "TokenCrossentropy",
    "DILATE",
    "SoftDTW",
    "CategoricalCrossentropy",
    "CausalLMCrossentropy",
    "DINO",
    "GramAnchoring",
    "KoLeo",
    "LeJEPA",
    "LinearCrossentropy",
    "LinearDistillation",
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
    "CosineContrastive",
    "CosineEmbedding",
    "CosineSimilarity",
    "CoxPH",
    "CumulativeLink",
    "DPO",
    "DecoupledDistillation",
    "DeepHit",
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
    "FocalFrequency",
    "FocalTversky",
    "ForwardCorrection",
    "Frequency",
    "FromFunction",
    "GMSD",
    "GRPO",
    "GammaDeviance",
    "GaussianCRPS",
    "GaussianKLDivergence",
    "GaussianMixtureNLL",
    "GaussianNLL",
    "GemanMcClure",
    "GeneralizedDice",
    "GeneralizedKLDivergence",
    "GradientDifference",
    "HaarPSI",
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
    "LaplacianPyramid",
    "ListMLE",
    "ListNet",
    "LogCosh",
    "LogCoshDice",
    "LogNormalNLL",
    "LogitAdjustedCrossentropy",
    "LogisticHazard",
    "LogitsDistillation",
    "Loss",
    "LovaszHinge",
    "LovaszSoftmax",
    "MTLR",
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
    "MixedSSIML1",
    "MoELoadBalancing",
    "ModifiedHuber",
    "MultiLabelMargin",
    "MultiLabelSoftMargin",
    "MultiMargin",
    "MultiResolutionSTFT",
    "MultiScale",
    "MultiScaleSSIM",
    "NegativeBinomialNLL",
    "NegativeCosineSimilarity",
    "NegativeLogLikelihood",
    "NeuralNDCG",
    "NonSaturatingGAN",
    "LeastSquaresGAN",
    "WassersteinGAN",
    "HingeGAN",
    "RelativisticAverageGAN",
    "RelativisticPairingGAN",
    "GradientPenalty",
    "CycleConsistency",
    "FeatureMatching",
    "Diffusion",
    "FlowMatching",
    "VectorQuantization",
    "ORPO",
    "OnlineHardExample",
    "OrdinalLog",
    "PCHazard",
    "PMF",
    "PPOClip",
    "PSNR",
    "ParametricAFT",
    "PairwiseHinge",
    "PairwiseLogistic",
    "PairwiseMeanSquaredError",
    "PairwiseSoftZeroOne",
    "PearsonCorrelation",
    "Perceptron",
    "Perceptual",
    "SpectralAngle",
    "EndpointError",
    "ScaleShiftInvariant",
    "LocalNormalizedCrossCorrelation",
    "PermutationInvariant",
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
    "RouterZ",
    "SDML",
    "SIGReg",
    "SSIM",
    "ScaleInvariantLogarithmic",
    "ScaleInvariantSDR",
    "SensitivitySpecificity",
    "SigLIP",
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
    "SwAV",
    "Symmetric",
    "SymmetricCrossentropy",
    "SymmetricMeanAbsolutePercentageError",
    "TaylorCrossentropy",
    "Tobit",
    "TotalVariation",
    "TotalVariationDistance",
    "TripletMargin",
    "TukeyBiweight",
    "Tversky",
    "Tweedie",
    "UnifiedFocal",
    "UniqueSoftmax",
    "VICReg",
    "VonMisesNLL",
    "WassersteinDistance",
    "WeightedKappa",
    "WeightedSum",
    "Welsch",
    "Wing",
    "ZeroBoundedLogSumExp",
    "ZeroInflatedLogNormalNLL",
    "ZeroInflatedNegativeBinomialNLL",
    "ZeroInflatedPoissonNLL",
    "diagnose",
    "explain",
    "get",
    "label_smoothing",
    "layers",
    "list_losses",
    "parts",
    "plot",
    "Angular",
    "BatchAllTriplet",
    "BatchHardTriplet",
    "MarginBased",
    "Quadruplet",
    "SemiHardTriplet",
    "BatchAllContrastive",
    "GeneralizedLiftedStructure",
    "LiftedStructure",
    "MultiSimilarity",
    "NCA",
    "FastAP",
    "Prototypical",
    "RankNContrast",
    "SmoothAP",
    "SoftNearestNeighbor",
]
