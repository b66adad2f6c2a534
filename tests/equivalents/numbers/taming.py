"""The loss of taming-transformers' codebook, which diffusers has taken over."""

from tests.equivalents.numbers.diffusers import CODES

NUMBERS = {"VectorQuantizer2": CODES[True], "VectorQuantizer2(legacy=False)": CODES[False]}
