"""The loss of torchcfm's examples."""

from tests.equivalents.numbers.diffusers import PLAIN

NUMBERS = {"ConditionalFlowMatcher": [PLAIN]}
