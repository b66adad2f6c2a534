"""The tests stand where the losses stand: a file of cases and one of tests for a family, by domains."""

import importlib
import pathlib
import pkgutil

import kerasloss.losses
from tests import cases
from tests.laws.test_completeness import losses

TESTS = pathlib.Path(__file__).parent
TOGETHER = {"ranking/test_lists", "segmentation/test_regions"}
"""Tests of what the families of a domain share."""


def families():
    """`domain.family` of every module of losses."""
    domains = [m.name for m in pkgutil.iter_modules(kerasloss.losses.__path__) if m.ispkg]
    packages = {d: importlib.import_module(f"kerasloss.losses.{d}") for d in domains}
    return {
        f"{d}.{m.name}" for d, package in packages.items() for m in pkgutil.iter_modules(package.__path__)
    }


def test_cases_mirror_the_losses():
    expected = {loss.__module__.removeprefix("kerasloss.losses.") for loss in losses()}
    assert set(cases.modules()) == expected
    assert expected <= families()


def test_every_case_stands_with_its_loss():
    misplaced = []
    for family, module in cases.modules().items():
        here = {f"kerasloss.losses.{family}", module.__name__}  # or a loss that the cases need, made there
        misplaced += [(family, str(case)) for case in module.CASES if case.loss.__module__ not in here]
    assert misplaced == []


def test_tests_mirror_the_losses():
    """Not each family needs tests beside its cases; those that there are have its name."""
    domains = {family.split(".")[0] for family in families()}
    found = {f"{d}.{p.stem.removeprefix('test_')}" for d in domains for p in (TESTS / d).glob("test_*.py")}
    together = {name.replace("/test_", ".") for name in TOGETHER}
    assert found - together <= families()
    assert together <= found
