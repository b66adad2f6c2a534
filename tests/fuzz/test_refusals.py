"""Whatever a loss is given, it gives numbers, or a `ValueError` that names it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasloss.core.registry import LOSSES
from tests.backend import array
from tests.fuzz.draws import DOMAINS, draws
from tests.fuzz.settings import fuzz

SPOIL = {
    "as it is": lambda x: x,
    "an axis less": lambda x: x[..., 0] if x.ndim and x.shape[-1] else x,
    "an axis more": lambda x: x[..., None],
    "an axis in front": lambda x: x[None],
    "a sample less": lambda x: x[1:] if x.ndim else x,
    "a column less": lambda x: x[..., 1:] if x.ndim else x,
    "no columns": lambda x: x[..., :0] if x.ndim else x,
    "one column": lambda x: x[..., :1] if x.ndim else x,
    "turned round": lambda x: x.T if x.size else x,
    "flat": np.ravel,
    "one number": lambda x: np.float32(1),
    "integers": lambda x: np.nan_to_num(x, posinf=9, neginf=-9).clip(-99, 99).astype("int32"),
    "booleans": lambda x: x != 0,
    "negative": lambda x: -np.asarray(x, "float32"),
    "NaN": lambda x: np.full(np.shape(x), np.nan, "float32"),
    "infinite": lambda x: np.full(np.shape(x), np.inf, "float32"),
    "huge": lambda x: np.full(np.shape(x), 3e38, "float32"),
    "complex": lambda x: np.asarray(x, "complex64"),
    "strings": lambda x: np.asarray(x).astype(str),
    "objects": lambda x: np.full(np.shape(x), None),
    "nothing": lambda x: None,
    "a list of lists of different lengths": lambda x: [[1.0], [1.0, 2.0]],
}
WAYS = st.sampled_from(sorted(SPOIL))


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning")
@pytest.mark.filterwarnings("ignore:.* sums over axis 1 alone:UserWarning")
@pytest.mark.filterwarnings("ignore:Casting complex values:UserWarning")
def test_numbers_or_an_error_that_names_the_loss(domain):
    @fuzz
    @given(draws(domain), WAYS, WAYS, WAYS)
    def hold(drawn, y_true, y_pred, weight):
        loss = drawn.make(reduction=None)
        sample_weight = np.ones(len(drawn.y_pred)) if drawn.sample_weight is None else drawn.sample_weight
        given = (
            SPOIL[y_true](drawn.y_true),
            SPOIL[y_pred](drawn.y_pred),
            # An axis of a value may be that of the samples, which then have no weights.
            None if "axis" in drawn.variant else SPOIL[weight](np.asarray(sample_weight)),
        )
        try:
            assert array(loss(*given)).dtype == "float32"
        except ValueError as error:
            name = str(error).partition(":")[0]
            assert name in LOSSES, error  # of the loss, or of one that it holds

    hold()
