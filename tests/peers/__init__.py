"""How the tests ask other libraries for their numbers."""

import functools
import importlib
import importlib.util
import warnings

import pytest

from tests.backend import assert_close, value_and_gradient


def installed(name):
    return pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed")


@functools.cache
def load(name):
    """A module, whatever its own code warns of while it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def assert_same(ours, theirs, x, message=""):
    """Two functions of one array, the other of PyTorch, have the same value and gradient."""
    import torch

    value, gradient = value_and_gradient(ours, x)
    x = torch.tensor(x, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs(x)
    expected.backward()
    assert_close(value, expected.item(), message=message)
    assert_close(gradient, x.grad.numpy(), gradient=True, message=message)
