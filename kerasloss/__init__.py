"""Losses for Keras 3: one implementation each, on TensorFlow, JAX and PyTorch alike."""

from kerasloss.core.loss import Loss as Loss
from kerasloss.core.targets import label_smoothing as label_smoothing
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
from kerasloss.losses.combine import Masked as Masked
from kerasloss.losses.combine import WeightedSum as WeightedSum
from kerasloss.losses.correlation import ConcordanceCorrelation as ConcordanceCorrelation
from kerasloss.losses.correlation import CosineSimilarity as CosineSimilarity
from kerasloss.losses.correlation import PearsonCorrelation as PearsonCorrelation
from kerasloss.losses.lovasz import LovaszHinge as LovaszHinge
from kerasloss.losses.lovasz import LovaszSoftmax as LovaszSoftmax
from kerasloss.losses.mixing import Combo as Combo
from kerasloss.losses.mixing import DiceCrossentropy as DiceCrossentropy
from kerasloss.losses.mixing import DiceFocal as DiceFocal
from kerasloss.losses.mixing import UnifiedFocal as UnifiedFocal
from kerasloss.losses.overlap import Dice as Dice
from kerasloss.losses.overlap import FocalTversky as FocalTversky
from kerasloss.losses.overlap import GeneralizedDice as GeneralizedDice
from kerasloss.losses.overlap import Jaccard as Jaccard
from kerasloss.losses.overlap import LogCoshDice as LogCoshDice
from kerasloss.losses.overlap import MatthewsCorrelation as MatthewsCorrelation
from kerasloss.losses.overlap import SensitivitySpecificity as SensitivitySpecificity
from kerasloss.losses.overlap import Tversky as Tversky
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
from kerasloss.losses.sparse import Entmax15 as Entmax15
from kerasloss.losses.sparse import Sparsemax as Sparsemax

__version__ = "0.1.0"

__all__ = [
    "ActiveContour",
    "AdaptiveWing",
    "Barron",
    "BinaryCrossentropy",
    "Boundary",
    "Brier",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "Cauchy",
    "Charbonnier",
    "Combo",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "Dice",
    "DiceCrossentropy",
    "DiceFocal",
    "Entmax15",
    "EpsilonInsensitive",
    "Exponential",
    "FocalTversky",
    "GemanMcClure",
    "GeneralizedDice",
    "HausdorffErosion",
    "Hinge",
    "Huber",
    "Jaccard",
    "LogCosh",
    "LogCoshDice",
    "Loss",
    "LovaszHinge",
    "LovaszSoftmax",
    "Masked",
    "MatthewsCorrelation",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanAbsoluteScaledError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "ModifiedHuber",
    "MultiLabelMargin",
    "MultiLabelSoftMargin",
    "MultiMargin",
    "NegativeLogLikelihood",
    "PearsonCorrelation",
    "Perceptron",
    "Poly1Crossentropy",
    "PseudoHuber",
    "ReverseHuber",
    "RootMeanSquaredError",
    "ScaleInvariantLogarithmic",
    "SensitivitySpecificity",
    "SmoothL1",
    "SoftClDice",
    "SoftMargin",
    "SparseCategoricalCrossentropy",
    "Sparsemax",
    "SquaredHinge",
    "SymmetricMeanAbsolutePercentageError",
    "TukeyBiweight",
    "Tversky",
    "UnifiedFocal",
    "WeightedSum",
    "Welsch",
    "Wing",
    "ZeroBoundedLogSumExp",
    "label_smoothing",
]
