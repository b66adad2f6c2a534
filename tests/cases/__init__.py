"""The table of cases: one row per loss and set of inputs, one file per family, where the family stands.

`common` holds the draws, extremes and reference formulas that several families use.
"""

import importlib
import pkgutil


def modules():
    """The files of the table by `domain/family`, in the order of the alphabet."""
    found = {}
    for domain in pkgutil.iter_modules(__path__):
        if domain.ispkg and domain.name != "common":
            package = importlib.import_module(f"{__name__}.{domain.name}")
            for family in pkgutil.iter_modules(package.__path__):
                name = f"{domain.name}.{family.name}"
                found[name] = importlib.import_module(f"{__name__}.{name}")
    return dict(sorted(found.items()))


CASES = [case for module in modules().values() for case in module.CASES]
