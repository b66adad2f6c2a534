"""What the case table can't say of the losses of language models."""

import numpy as np
import pytest

import kerasloss
from tests.backend import array, assert_close, masked

V = 11


def test_shift_scores_the_next_token(rng):
    tokens, logits = rng.integers(0, V, (2, 5)), rng.normal(size=(2, 5, V)).astype("float32")
    loss = kerasloss.CausalLMCrossentropy(shift=True)
    plain = kerasloss.CausalLMCrossentropy()
    assert_close(array(loss(tokens, logits)), array(plain(tokens[:, 1:], logits[:, :-1])))
    weight = rng.uniform(size=(2, 5))
    expected = plain(tokens[:, 1:], logits[:, :-1], weight[:, :-1])
    assert_close(array(loss(tokens, logits, weight)), array(expected))
    assert array(loss(tokens[:, :1], logits[:, :1])) == 0
    with pytest.raises(ValueError, match="token ids"):
        loss(tokens[0], logits[0])


def test_shift_does_not_score_padding(rng):
    tokens, logits = rng.integers(1, V, (2, 5)), rng.normal(size=(2, 5, V)).astype("float32")
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    values = array(kerasloss.CausalLMCrossentropy(shift=True, reduction=None)(tokens, masked(logits, mask)))
    assert np.array_equal(values != 0, [[1, 1, 0, 0, 0], [1, 1, 1, 1, 0]])
