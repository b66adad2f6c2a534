"""The code of the guide, as its readers would copy it."""

from tests import test_guides

GUIDE = test_guides.DOCS / "guides" / "distributed.md"


def names():
    """What the blocks of the guide define, of those that this backend can run."""
    found = {"__name__": "guide"}
    for code in test_guides.blocks(GUIDE):
        test_guides.run(code, found)
    return found
