"""Layers that own the trainable weights of methods whose loss is a pure function."""

from kerasloss.layers.embedding import CenterDistance, Centering, CosineDense, PairwiseLogits
from kerasloss.layers.language import SequenceLogProbability
from kerasloss.layers.memory import KeyQueue
from kerasloss.layers.ordinal import OrdinalThresholds
from kerasloss.layers.quantization import VectorQuantizer
from kerasloss.layers.tagging import CRFTransitions
from kerasloss.layers.tasks import UncertaintyWeighting

__all__ = [
    "CRFTransitions",
    "CenterDistance",
    "Centering",
    "CosineDense",
    "KeyQueue",
    "OrdinalThresholds",
    "PairwiseLogits",
    "SequenceLogProbability",
    "UncertaintyWeighting",
    "VectorQuantizer",
]
