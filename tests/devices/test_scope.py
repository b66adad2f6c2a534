"""`scope` says whether a loss may be split: its word against the numbers of two halves of a batch."""

import numpy as np
import pytest

import kerasloss
from tests.backend import BACKEND, array, assert_close
from tests.cases import CASES
from tests.devices.shares import batch, shares
from tests.laws.table import each, take

if BACKEND != "torch":
    pytest.skip("the numbers are the same on each backend", allow_module_level=True)

# Its threshold is that of the batch; in all else a value is of its sample.
OF_SAMPLES = [c for c in CASES if c.scope == "sample" and c.loss is not kerasloss.ReverseHuber]
OF_THE_BATCH = sorted({c.loss.__name__ for c in CASES if c.loss.scope != "sample"} | {"ReverseHuber"})


def whole_and_halves(case, reduction, y_true, y_pred, **changes):
    """The value of a batch, and the values of its halves, added or averaged as replicas do it."""
    loss = case.make(reduction=reduction, **changes)
    parts = [array(loss(*share)) for share in shares(case, y_true, y_pred, 2)]
    return array(loss(y_true, y_pred)), sum(parts) / (1 if reduction == "sum" else 2)


@each(OF_SAMPLES)
@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size"])
def test_a_loss_of_samples_may_be_split(case, reduction):
    whole, halves = whole_and_halves(case, reduction, *batch(case))
    assert_close(halves, whole)


@pytest.mark.parametrize("name", OF_THE_BATCH)
def test_a_loss_of_the_batch_may_not(name):
    """Not with each argument: Dice of all classes together is linear in probabilities that add up to 1."""
    found = []
    for case in (c for c in CASES if str(c) == name):
        y_true, y_pred = batch(case)
        by_label = np.argsort(y_true.reshape(len(y_true), -1)[:, 0], kind="stable")
        sorted_batch = take(case, y_true, y_pred, by_label)
        for variant in ({}, *case.variants):
            whole, halves = whole_and_halves(case, "sum_over_batch_size", *sorted_batch, **variant)
            found.append(abs(halves - whole) > 1e-3 * abs(whole))
    assert any(found)
