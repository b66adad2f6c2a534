"""Contrastive losses: what is refused."""

import numpy as np
import pytest

import kerasloss as K


@pytest.mark.parametrize("shape", [(4, 1), (4, 1, 3), (4, 0, 3), (4,)])
def test_a_query_without_a_key_is_refused(shape):
    with pytest.raises(ValueError, match=r"InfoNCE: `y_pred` must be query and key.*Received: y_pred.shape"):
        K.InfoNCE()(None, np.ones(shape))
