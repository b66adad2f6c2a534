"""The build fails where a public name has no page."""

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from sphinx.util import logging

import kerasloss
from _extension.reference import inspections

LOGGER = logging.getLogger(__name__)


def public_names() -> Iterator[str]:
    """The full name of everything that users may call."""
    for name in kerasloss.__all__:
        if not inspect.ismodule(getattr(kerasloss, name)):
            yield f"kerasloss.{name}"
    for path in ("layers", "models", *(f"inspection.{name}" for name in inspections())):
        module = importlib.import_module(f"kerasloss.{path}")
        exported = {id(getattr(kerasloss, name)) for name in kerasloss.__all__}
        for name, value in vars(module).items():
            home = getattr(value, "__module__", None) or ""
            own = f"{home}.".startswith(f"{module.__name__}.") or name in getattr(module, "__all__", ())
            if own and not name.startswith("_") and id(value) not in exported:
                yield f"{module.__name__}.{name}"


def check(app: Any, env: Any) -> None:
    """Warns of each public name that no page describes."""
    described = set(env.get_domain("py").objects)
    for name in public_names():
        if name not in described:
            LOGGER.warning("%s is public and has no page", name)


def setup(app: Any) -> None:
    """Called by the extension."""
    app.connect("env-check-consistency", check)
