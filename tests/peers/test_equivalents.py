"""What is stored of other libraries is what they give, where they are installed."""

import numpy as np
import pytest

from tests.equivalents import stored

STORED = stored.load()
NUMBERS = [
    (library, name, i)
    for library in stored.LIBRARIES
    for name, found in stored.numbers(library).items()
    for i in range(len(found))
]


@pytest.mark.parametrize(("library", "name", "i"), NUMBERS, ids=[f"{a}.{b}{i}" for a, b, i in NUMBERS])
def test_the_stored_number_is_theirs(library, name, i):
    if not stored.available(library, name):
        pytest.skip(f"{stored.PACKAGES[library]} is not installed")
    number, kept = stored.numbers(library)[name][i], STORED[f"{library}.{name}"][i]
    assert kept["config"] == dict(number.config)
    inputs = (stored.array(kept[x], "float64") for x in ("y_true", "y_pred"))
    assert np.isclose(stored.compute(number.theirs, *inputs), kept["value"], rtol=1e-5, atol=1e-5)


def test_the_numbers_are_those_of_the_file():
    """None is stored that nothing computes."""
    assert {name: len(found) for name, found in STORED.items()} == {
        f"{library}.{name}": len(found)
        for library in stored.LIBRARIES
        for name, found in stored.numbers(library).items()
    }
