"""The draws of a run: how many, from which seed; without hypothesis nothing here is collected."""

import importlib.util

INSTALLED = importlib.util.find_spec("hypothesis") is not None

collect_ignore_glob = [] if INSTALLED else ["test_*.py"]


def pytest_report_header():
    if not INSTALLED:
        return None
    from tests.fuzz.settings import DRAWS, SEED

    return f"fuzz: FUZZ_DRAWS={DRAWS} FUZZ_SEED={SEED}"
