"""Exemptions: a case may say that a law does not hold for it, and why."""

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "law(*names): the laws whose exemptions hold for the test too")


@pytest.fixture(autouse=True)
def exempt(request):
    """Skips the test, with its reason, if the case says that the law does not hold."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    case, item = parameters.get("case"), parameters.get("item")
    item = item if isinstance(item, dict) else {k: v for k, v in parameters.items() if k in ("by", "dtype")}
    marker = request.node.get_closest_marker("law")
    for law in (request.node.originalname.removeprefix("test_"), *(marker.args if marker else ())):
        exemption = case and case.exempt.get(law)
        if exemption and exemption.applies({**case.arguments, **item}):
            pytest.skip(exemption.reason)
