"""`scope` says whether a loss may be split, and a page what mends it: both against two halves of a batch."""

import keras
import numpy as np
import pytest

import kerasloss
from kerasloss.core.registry import LOSSES
from tests.backend import BACKEND, array, assert_close
from tests.cases import CASES
from tests.devices.shares import batch, shares
from tests.docs.test_pages import module
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


# What the page "By what a value depends on" says ----------------------------------------------------

PAGE = module("devices")
BY_ARGUMENTS = [c for c in CASES if c not in OF_SAMPLES and c.loss.__name__ in PAGE.ARGUMENTS]


def test_the_page_knows_which_losses_see_the_batch():
    assert sorted(name for name, cls in LOSSES.items() if PAGE.sees_the_batch(cls)) == OF_THE_BATCH


def test_the_page_knows_which_losses_can_do_without():
    """Those of which there is a case whose values are of samples, or the next test makes one."""
    of_samples = {c.loss.__name__ for c in OF_SAMPLES if c.loss.scope != "sample"}
    by_arguments = {name for name, cls in LOSSES.items() if PAGE.of_single_samples(cls)}
    by_inputs = {n for n in OF_THE_BATCH if LOSSES[n].kind in PAGE.INPUTS}
    assert by_arguments | by_inputs == of_samples | {c.loss.__name__ for c in BY_ARGUMENTS}
    assert not by_arguments & by_inputs


@each(BY_ARGUMENTS)
def test_with_its_arguments_a_loss_may_be_split(case):
    arguments = PAGE.ARGUMENTS[case.loss.__name__]
    y_true, y_pred = batch(case)
    if case.loss.__name__ == "SoftF1" and y_true.ndim == 1:
        y_true = np.eye(y_pred.shape[-1], dtype="float32")[y_true]
    if case.loss.__name__ == "MoELoadBalancing" and y_pred.ndim == 2:
        y_true, y_pred = y_true[:, None], y_pred[:, None]  # sequences of one token
    whole, halves = whole_and_halves(case, "sum_over_batch_size", y_true, y_pred, **arguments)
    assert_close(halves, whole)


@pytest.mark.parametrize("name", sorted(name for name, cls in LOSSES.items() if PAGE.remembers(cls)))
def test_a_memory_shows_a_share_more(name):
    """The second of two steps compares with what the first one left."""
    rng, ids = np.random.default_rng(0), np.arange(24) // 2 % 6
    x = rng.normal(size=(24, 4)).astype("float32")
    loss = LOSSES[name](ignore_class=-1, reduction="mean_with_sample_weight")
    embed = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, kernel_initializer="identity")])
    model = kerasloss.models.CrossBatchMemory(embed, size=12)
    model.compile(keras.optimizers.SGD(0.0), loss=loss)
    model.train_on_batch(x[:12], ids[:12])
    second = model.train_on_batch(x[12:], ids[12:])
    assert np.isfinite(second)
    assert abs(second - array(loss(ids[12:], x[12:]))) > 1e-4
