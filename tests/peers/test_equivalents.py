"""What is stored of other libraries is what they give, where they are installed."""

import inspect
import re

import numpy as np
import pytest

import kerasloss as K
from kerasloss.core.equivalents import lookup
from tests.equivalents import pages, stored
from tests.peers import load

STORED = stored.load()


@pytest.mark.parametrize("library", stored.LIBRARIES)
def test_the_stored_numbers_are_theirs(library):
    names = [name for name in stored.numbers(library) if stored.available(library, name)]
    if not names:
        pytest.skip(f"{stored.PACKAGES[library]} is not installed")
    for name in names:
        for number, kept in zip(stored.numbers(library)[name], STORED[f"{library}.{name}"], strict=True):
            assert kept["config"] == dict(number.config), name
            inputs = (stored.array(kept[x], "float64") for x in ("y_true", "y_pred"))
            there = stored.compute(number.theirs, *inputs)
            assert np.isclose(there, kept["value"], rtol=1e-5, atol=1e-5), f"{name}: {there}, {kept['value']}"


def test_the_numbers_are_those_of_the_file():
    """None is stored that nothing computes."""
    assert {name: len(found) for name, found in STORED.items()} == {
        f"{library}.{name}": len(found)
        for library in stored.LIBRARIES
        for name, found in stored.numbers(library).items()
    }


def named(module, condition):
    """The public names of a module that are losses."""
    names = [name for name in dir(load(module)) if not name.startswith("_")]
    return {name for name in names if condition(name, getattr(load(module), name))}


def is_loss(name, value):
    return inspect.isclass(value) and name.endswith("Loss")


def is_class(name, value):
    return inspect.isclass(value)


def is_any_loss(name, value):
    return callable(value) and name.lower().endswith("loss")


def is_function(name, value):
    return inspect.isfunction(value)


def is_metric(name, value):
    return bool(re.search("_(loss|error|deviance)$|^d2_.*(loss|error)_score$", name))


OFFERED = {
    "keras": ("keras.losses", is_class, {"Loss"}),
    "tfa": ("tensorflow_addons.losses", is_loss, set()),
    "torch": ("torch.nn", is_loss, set()),
    "optax": ("optax.losses", is_function, {"smooth_labels"}),
    "keras_cv": ("keras_cv.src.losses", is_class, set()),
    "timm": ("timm.loss", is_class, set()),
    "gluon": ("mxnet.gluon.loss", is_loss, {"Loss"}),
    "sklearn": ("sklearn.metrics", is_metric, set()),
    "pml": ("pytorch_metric_learning.losses", is_loss, {"GenericPairLoss"}),
    "lightly": ("lightly.loss", is_class, {"VISRegLossComponents", "Whitening2d"}),
    "tfs": ("tensorflow_similarity.losses", is_class, {"MetricLoss"}),
    "st": ("sentence_transformers.sentence_transformer.losses", is_loss, set()),
    "open_clip": ("open_clip.loss", is_loss, set()),
    "smp": ("segmentation_models_pytorch.losses", is_loss, set()),
    "monai": ("monai.losses", is_loss, set()),
    "kornia": ("kornia.losses", is_loss, set()),
    "liger": ("liger_kernel.chunked_loss", is_loss, set()),
    "keras_rs": ("keras_rs.losses", is_class, set()),
    "torchdistill": ("torchdistill.losses.mid_level", is_loss, set()),
    "neuralop": ("neuralop.losses.data_losses", is_loss, set()),
    "toolbelt": ("pytorch_toolbelt.losses", is_loss, set()),
    "pytorch_adapt": ("pytorch_adapt.layers", is_loss, set()),
    "coral_pytorch": ("coral_pytorch.losses", is_any_loss, set()),
    "dlordinal": ("dlordinal.losses", is_loss, set()),
    "entmax": ("entmax", is_any_loss, set()),
}
"""Where the losses of a library are, which of the names there they are, and what is something else."""


@pytest.mark.parametrize("library", OFFERED)
def test_no_loss_is_forgotten(library):
    """Each has a row, or the page says that it isn't here."""
    module, condition, others = OFFERED[library]
    if not stored.available(library, ""):
        pytest.skip(f"{stored.PACKAGES[library]} is not installed")
    getattr(stored.module(library), "losses", object)()  # of a package that can't be imported as a whole
    (page,) = (page for page, libraries in pages.PAGES.items() if library in libraries)
    absent = pages.path(page).read_text().partition("## Not here")[2]
    offered = named(module, condition) - others
    assert len(offered) > 3
    for name in offered:
        assert known(library, name) != (f"`{name}`" in absent), name


def known(library, name):
    names = {row.name.partition("(")[0] for row in lookup.of_library(library)}
    return name in names or (library == "keras" and name in K.__all__)
