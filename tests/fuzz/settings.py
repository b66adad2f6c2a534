"""How many draws of each domain, and from which seed: `FUZZ_DRAWS=10000 FUZZ_SEED=1 pytest tests/fuzz`."""

import os
import random

import hypothesis

DRAWS = int(os.environ.get("FUZZ_DRAWS", "50"))
SEED = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(2**32))


def fuzz(test):
    """Runs a test on that many draws; what fails is reported with the line that repeats it."""
    settings = hypothesis.settings(
        max_examples=DRAWS,
        deadline=None,  # what is compiled takes its time
        database=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink),
        derandomize=False,
        print_blob=True,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    return hypothesis.seed(SEED)(settings(test))
