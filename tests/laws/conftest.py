"""Exemptions: a case may say that a law does not hold for it, and why."""

import pytest


@pytest.fixture(autouse=True)
def exempt(request):
    """Skips the test, with its reason, if the case says that the law does not hold."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    case, item = parameters.get("case"), parameters.get("item")
    exemption = case and case.exempt.get(request.node.originalname.removeprefix("test_"))
    item = item if isinstance(item, dict) else {k: v for k, v in parameters.items() if k in ("by", "dtype")}
    if exemption and exemption.applies({**case.arguments, **item}):
        pytest.skip(exemption.reason)
