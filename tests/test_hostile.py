"""Configurations, files and names made to do harm or by mistake: refused, and nothing is run."""

import json
import os
import pickle
import zipfile

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import array

Y, P = np.array([[1.0, 2.0]], "float32"), np.array([[0.5, 2.5]], "float32")


class Opened:
    """A pickle of it makes a folder when it is read."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def saved(name, config):
    """What `keras.saving` writes of a loss of this library."""
    return {
        "module": "kerasloss",
        "class_name": name,
        "config": config,
        "registered_name": f"kerasloss>{name}",
    }


def attacks(path):
    """Objects as a file may describe them; the harmful ones make the folder `path`."""
    path = str(path)
    return {
        "function": {
            "module": "os",
            "class_name": "function",
            "config": "mkdir",
            "registered_name": "mkdir",
        },
        "call": {
            "module": "os",
            "class_name": "mkdir",
            "config": {"path": path},
            "registered_name": None,
        },
        "process": {
            "module": "subprocess",
            "class_name": "Popen",
            "config": {"args": ["mkdir", path]},
            "registered_name": "Popen",
        },
        "another name": {
            "module": "os",
            "class_name": "mkdir",
            "config": {"path": path},
            "registered_name": "kerasloss>Huber",
        },
        "package": {
            "module": "os",
            "class_name": "mkdir",
            "config": {"path": path},
            "registered_name": "os>mkdir",
        },
        "lambda": {"class_name": "__lambda__", "config": {"value": "4wAAAAA=", "defaults": None}},
        "module of the library": {
            "module": "kerasloss.core.configuration",
            "class_name": "function",
            "config": "eval",
            "registered_name": "eval",
        },
    }


KINDS = sorted(attacks("."))
ARGUMENTS = ("delta", "reduction", "name", "dtype")


@pytest.fixture
def made(tmp_path):
    """The folder that an attack makes where it succeeds."""
    path = tmp_path / "made"
    yield path
    assert not path.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_objects_in_place_of_losses(kind, made):
    attack = attacks(made)[kind]
    loads = (
        keras.saving.deserialize_keras_object,
        kerasloss.get,
        keras.losses.get,
        lambda x: kerasloss.FromFunction.from_config({"function": x}),
        lambda x: kerasloss.WeightedSum.from_config({"losses": [x]}),
        lambda x: kerasloss.Symmetric.from_config({"loss": x}),
        lambda x: kerasloss.DeepSupervision.from_config({"loss": x}),
    )
    for load in loads:
        with pytest.raises((ValueError, TypeError), match="."):
            load(attack)
        assert not made.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("argument", ARGUMENTS)
def test_objects_in_place_of_arguments(kind, argument, made):
    config = {**kerasloss.Huber().get_config(), argument: attacks(made)[kind]}
    whole = saved("Huber", config)
    loads = (
        lambda: kerasloss.Huber.from_config(config),
        lambda: keras.saving.deserialize_keras_object(whole),
        lambda: kerasloss.get(whole),
        lambda: kerasloss.get(saved("Symmetric", {"loss": whole})),
        lambda: kerasloss.get({"class_name": "huber", "config": {argument: attacks(made)[kind]}}),
    )
    for load in loads:
        with pytest.raises((ValueError, TypeError), match="."):
            load()
        assert not made.exists()


def test_pickled_bytes_are_not_read(made):
    data = pickle.dumps(Opened(made))
    for load in (
        kerasloss.get,
        lambda x: kerasloss.get({"class_name": "huber", "config": {"delta": x}}),
        lambda x: kerasloss.get({"class_name": x}),
        lambda x: kerasloss.Huber.from_config({"delta": x}),
        lambda x: kerasloss.Huber(reduction=x),
        lambda x: kerasloss.Huber(delta=x),
        lambda x: kerasloss.Huber()(Y, x),
    ):
        with pytest.raises((ValueError, TypeError), match="."):
            load(data)


NUMBERS = [
    float("nan"),
    float("inf"),
    -float("inf"),
    -1.0,
    0,
    "1",
    "nan",
    None,
    True,
    [],
    [1.0],
    {},
    {"a": 1},
    1e400,
]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_wrong_numbers_in_a_configuration(value):
    for loaded in (value, json.loads(json.dumps(value))):
        with pytest.raises(ValueError, match="Huber: `delta` must be a finite number > 0. Received: delta="):
            kerasloss.get(saved("Huber", {"delta": loaded}))


def test_a_huge_number_is_a_number():
    loss = kerasloss.get(saved("Huber", {"delta": 1e18}))
    assert np.isfinite(array(loss(Y, P)))


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("Huber", {"reduction": "average"}),
        ("Huber", {"reduction": 3}),
        ("Huber", {"reduction": ["sum"]}),
        ("Huber", {"dtype": "object"}),
        ("Huber", {"dtype": 7}),
        ("CategoricalCrossentropy", {"from_logits": "yes"}),
        ("CategoricalCrossentropy", {"axis": "last"}),
        ("CategoricalCrossentropy", {"class_weight": {"0": 1.0}}),
        ("CategoricalCrossentropy", {"class_weight": [[1.0]]}),
        ("CategoricalCrossentropy", {"ignore_class": [1, "2"]}),
        ("WeightedSum", {"losses": 3}),
        ("WeightedSum", {"losses": []}),
        ("Symmetric", {"loss": "no loss"}),
        ("Symmetric", {"loss": None}),
        ("Masked", {"loss": {"class_name": "Dense", "config": {"units": 1}}}),
    ],
)
def test_wrong_types_in_a_configuration(name, config):
    with pytest.raises((ValueError, TypeError), match="."):
        kerasloss.get(saved(name, config))


def test_unknown_arguments_are_named():
    with pytest.raises(ValueError, match="Huber: an argument must be one of .*Received: __class__='os'"):
        kerasloss.get({"class_name": "huber", "config": {"__class__": "os"}})
    for key in ("call", "__init__", "compute", "kind", "self"):
        with pytest.raises(TypeError, match="."):
            kerasloss.get(saved("Huber", {key: "x"}))


def test_a_deep_configuration_ends_in_an_error():
    deep = saved("Huber", {})
    for _ in range(5000):
        deep = saved("Symmetric", {"loss": deep})
    with pytest.raises(RecursionError):
        kerasloss.get(deep)


GARBAGE = [
    "",
    " ",
    "\x00",
    "..",
    "../../etc/passwd",
    "os.system",
    "kerasloss.core.checks",
    "kerasloss>Adam",
    "tests>unknown",
    "__import__('os').mkdir('x')",
    "Huber(delta=1)",
    "torch.HuberLoss(delta=__import__('os').mkdir('x'))",
    "huber; import os",
    "x" * 100_000,
    b"huber",
    1.5,
    [],
    (),
    {},
    set(),
    object(),
    np.ones(3),
    os,
    int,
    {"class_name": None},
    {"class_name": 3, "config": {}},
    {"class_name": ["huber"]},
    {"class_name": "huber", "config": 3},
    {"class_name": "huber", "config": [1]},
    {"class_name": "Adam", "config": {}},
    {"class_name": "os.system", "config": {}},
    {"config": {"delta": 1.0}},
    {"module": "keras.optimizers", "class_name": "Adam", "config": {}, "registered_name": None},
    {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}, "registered_name": None},
]


@pytest.mark.parametrize("identifier", GARBAGE, ids=lambda x: type(x).__name__)
def test_get_refuses_garbage(identifier):
    with pytest.raises(ValueError, match="^get: .*Received"):
        kerasloss.get(identifier)


# Files ------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path):
    """A saved model, and a way to write another loss into its file."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", loss=kerasloss.Huber(delta=0.5))
    path = tmp_path / "model.keras"
    model.save(path)

    def rewrite(change):
        with zipfile.ZipFile(path) as file:
            contents = {name: file.read(name) for name in file.namelist()}
        config = json.loads(contents["config.json"])
        change(config["compile_config"])
        contents["config.json"] = json.dumps(config).encode()
        changed = tmp_path / "changed.keras"
        with zipfile.ZipFile(changed, "w") as file:
            for name, data in contents.items():
                file.writestr(name, data)
        return changed

    return rewrite


def test_the_archive_is_that_of_the_loss(archive):
    def double(config):
        config["loss"]["config"]["delta"] *= 2

    assert keras.saving.load_model(archive(double)).loss.delta == 1.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["loss", *ARGUMENTS])
def test_archives_that_name_a_function(kind, place, archive, made):
    def change(config):
        if place == "loss":
            config["loss"] = attacks(made)[kind]
        else:
            config["loss"]["config"][place] = attacks(made)[kind]

    with pytest.raises((ValueError, TypeError), match="."):
        keras.saving.load_model(archive(change))
