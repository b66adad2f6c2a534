"""Writes what the tests compare with.

    python -m tests.equivalents numbers [LIBRARY ...]

computes tests/data/equivalents.json, in an environment that has the libraries; of all that are installed
unless some are named.

    python -m tests.equivalents check LIBRARY ...

compares the file with what these libraries give; for those that live with an old NumPy or Keras 2, where
kerasloss can't be imported.

    python -m tests.equivalents pages

writes the tables of docs/coming_from.
"""

import sys

from tests.equivalents import stored

command, *libraries = sys.argv[1:] or [""]
if command == "numbers":
    stored.write(libraries or stored.LIBRARIES)
elif command == "check" and libraries:
    stored.check(libraries)
elif command == "pages":
    from tests.equivalents import pages  # imports kerasloss, which an environment of Keras 2 can't

    pages.write()
else:
    sys.exit(__doc__)
