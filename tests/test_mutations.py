"""What `python -m tests.mutations` breaks is there to be broken: it runs for hours, this in no time."""

import pathlib

import pytest

import kerasloss
from tests.mutations import MUTATIONS

PACKAGE = pathlib.Path(kerasloss.__file__).parent


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[title for title, *_ in MUTATIONS])
def test_the_text_is_there_once(mutation):
    _, file, old, new, _ = mutation
    assert (PACKAGE / file).read_text().count(old) == 1
    assert old != new


def test_titles_are_unique():
    assert len({m[0] for m in MUTATIONS}) == len(MUTATIONS)
