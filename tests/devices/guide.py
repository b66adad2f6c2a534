"""The code of the guides, as its readers would copy it."""

import functools

from tests import test_guides

GUIDES = test_guides.DOCS / "guides"


@functools.cache
def names(guide="distributed.md"):
    """What the blocks of a guide define, of those that this backend can run."""
    found = {"__name__": "guide"}
    for code in test_guides.blocks(GUIDES / guide):
        test_guides.run(code, found)
    return found
