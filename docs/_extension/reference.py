"""The page of the modules of `kerasloss.inspection`, and the modules themselves."""

import importlib
import pkgutil

import kerasloss
import kerasloss.inspection


def inspections() -> list[str]:
    """The modules of `kerasloss.inspection`; what is in a package below is no one's to call."""
    return [m.name for m in pkgutil.iter_modules(kerasloss.inspection.__path__) if not m.ispkg]


def texts() -> dict[str, str]:
    """Path -> text of the page."""
    names = ", ".join(f"`kerasloss.{name}`" for name in ("list_losses", "diagnose", "explain"))
    parts = ["# Inspection", f"The modules of `kerasloss.inspection`, behind {names} and `kerasloss.plot`."]
    for name in inspections():
        module = importlib.import_module(f"kerasloss.inspection.{name}")
        above = [
            n
            for n in kerasloss.__all__
            if getattr(getattr(kerasloss, n), "__module__", "") == module.__name__
        ]
        lines = [f".. automodule:: {module.__name__}", "   :members:"]
        if above:  # they stand with the functions
            lines.append(f"   :exclude-members: {', '.join(above)}")
        parts += [f"## {name}", "\n".join(["```{eval-rst}", *lines, "```"])]
    return {"reference/inspection.md": "\n\n".join(parts) + "\n"}
