"""Writes what the tests compare with.

    python -m tests.equivalents numbers [LIBRARY ...]

computes tests/data/equivalents.json, in an environment that has the libraries; of all that are installed
unless some are named.
"""

import sys

from tests.equivalents import stored

command, *libraries = sys.argv[1:] or [""]
if command == "numbers":
    stored.write(libraries or stored.LIBRARIES)
else:
    sys.exit(__doc__)
