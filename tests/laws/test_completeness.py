"""The table of cases holds every loss."""

import inspect

import kerasloss
from tests.cases import CASES


def test_every_loss_has_a_case():
    public = {getattr(kerasloss, name) for name in kerasloss.__all__}
    losses = {x for x in public if inspect.isclass(x) and issubclass(x, kerasloss.Loss)}
    combine = {"DeepSupervision", "FromFunction", "Masked", "MultiScale", "Symmetric", "WeightedSum"}
    special = {kerasloss.Loss, *(getattr(kerasloss, name) for name in combine)}  # have tests of their own
    assert {loss.__name__ for loss in losses - special} == {str(case) for case in CASES}
