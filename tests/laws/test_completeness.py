"""The table of cases holds every loss, and says nothing that no law reads."""

import importlib
import inspect
import pkgutil

import pytest

import kerasloss
from kerasloss.core.kinds.label_embedding import EmbeddingLoss
from kerasloss.core.registry import LOSSES
from kerasloss.inspection import docstring
from tests import laws
from tests.cases import CASES
from tests.cases.case import Case

ONE_EACH = list({case.loss: case for case in reversed(CASES)}.values())

WRAPPERS = {
    "DeepSupervision",
    "FromFunction",
    "Masked",
    "Matryoshka",
    "MultiScale",
    "Symmetric",
    "WeightedSum",
}
"""They take what their parts take: they have tests of their own, and no case."""


def losses():
    """Every public loss that must have a case."""
    public = (getattr(kerasloss, name) for name in kerasloss.__all__)
    classes = {x for x in public if inspect.isclass(x) and issubclass(x, kerasloss.Loss)}
    return {x for x in classes - {kerasloss.Loss} if x.__name__ not in WRAPPERS}


def names_of_laws():
    """The tests that take a case, as exemptions name them."""
    found = set()
    for name in (m.name for m in pkgutil.iter_modules(laws.__path__)):
        for law, test in vars(importlib.import_module(f"{laws.__name__}.{name}")).items():
            if law.startswith("test_") and "case" in inspect.signature(test).parameters:
                found.add(law.removeprefix("test_"))
    return found


def test_every_loss_has_a_case():
    assert {loss.__name__ for loss in losses()} == {str(case) for case in CASES}


@pytest.mark.parametrize("case", ONE_EACH, ids=str)
def test_the_class_says_what_its_values_depend_on(case):
    if case.loss is kerasloss.ReverseHuber:
        pytest.skip("its threshold is that of the batch; in all else, weights too, a value is of its sample")
    assert case.loss.scope == case.scope


def test_losses_of_labelled_embeddings_say_what_a_weight_of_0_leaves():
    """An anchor of weight 0 needs finite embeddings: the others are compared with it."""
    compare = [cls for cls in LOSSES.values() if issubclass(cls, EmbeddingLoss)]
    assert len(compare) > 10
    for cls in compare:
        shapes = " ".join(docstring.read(cls).shapes.split())
        assert "row of weight 0 is still there for the others, a masked one is not." in shapes, cls.__name__


def test_exemptions_name_laws():
    named = {(str(case), law) for case in CASES for law in case.exempt}
    assert {x for x in named if x[1] not in names_of_laws()} == set()


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="Huber: obeys must be one of.*'tune'"):
        Case(kerasloss.Huber, draw=None, reference=None, obeys="tune")
