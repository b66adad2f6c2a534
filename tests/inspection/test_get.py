"""Losses found by names, configurations, classes and functions."""

import inspect
import json
import re

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from kerasloss.core.aliases import ALIASES
from tests.backend import array, assert_close

LOSSES = [
    name
    for name in kerasloss.__all__
    if inspect.isclass(getattr(kerasloss, name)) and issubclass(getattr(kerasloss, name), kerasloss.Loss)
]
Y, P = np.array([[1.0, 2.0]]), np.array([[1.5, 4.0]])


@keras.saving.register_keras_serializable(package="tests")
def largest_error(y_true, y_pred):
    return ops.max(ops.abs(y_pred - y_true), axis=-1)


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"Loss"}))
def test_every_loss_is_found_by_class_and_snake_case_name(name):
    cls = getattr(kerasloss, name)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    if any(p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in parameters):
        with pytest.raises(ValueError, match=rf"^{name}: an argument without a default is required"):
            kerasloss.get(name)
        return
    snake_case = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    for identifier in (name, snake_case, cls, f"kerasloss>{name}", f"{name}Loss"):
        assert type(kerasloss.get(identifier)) is cls


def test_every_loss_of_keras_has_a_namesake():
    theirs = {
        name
        for name, value in vars(keras.losses).items()
        if inspect.isclass(value) and issubclass(value, keras.losses.Loss)
    }
    assert theirs <= set(kerasloss.__all__), theirs - set(kerasloss.__all__)


def test_the_short_names_of_keras():
    for alias, name in ALIASES.items():
        for spelling in (alias, alias.upper()):
            assert type(kerasloss.get(spelling)).__name__ == name


def test_configurations():
    loss = kerasloss.Huber(delta=2.0, reduction="sum")
    whole = keras.saving.serialize_keras_object(loss)
    for config in (whole, json.loads(json.dumps(whole)), keras.losses.serialize(loss)):
        assert kerasloss.get(config).get_config() == loss.get_config()
    short = kerasloss.get({"class_name": "Huber", "config": {"delta": 2.0}})
    assert short.delta == 2.0
    assert isinstance(kerasloss.get({"class_name": "huber"}), kerasloss.Huber)


def test_instances_and_nothing():
    for loss in (kerasloss.Huber(), keras.losses.Huber()):
        assert kerasloss.get(loss) is loss
    assert kerasloss.get(None) is None
    assert type(kerasloss.get(keras.losses.Huber)) is keras.losses.Huber


def test_functions():
    loss = kerasloss.get(largest_error)
    assert isinstance(loss, kerasloss.FromFunction) and loss.name == "largest_error"
    assert_close(array(loss(Y, P)), 2.0)
    assert_close(array(kerasloss.get("tests>largest_error")(Y, P)), 2.0)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert_close(array(copy(Y, P)), 2.0)
    with pytest.raises(ValueError, match=r"FromFunction.*registered"):
        kerasloss.get(lambda y_true, y_pred: y_pred).get_config()
    with pytest.raises(ValueError, match=r"FromFunction.*`function`"):
        kerasloss.FromFunction("mse")


def test_unknown_names_come_with_the_nearest():
    with pytest.raises(ValueError, match=r"nearest are 'BinaryCrossentropy'.*Received: 'binarycrossentropi'"):
        kerasloss.get("binarycrossentropi")
    for wrong in (3, int, ["mse"]):
        with pytest.raises(ValueError, match=r"get: .*Received"):
            kerasloss.get(wrong)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("UncertaintyWeighting", "no loss of this name, but `kerasloss.layers.UncertaintyWeighting`; the"),
        ("FusedHead", "no loss of this name, but `kerasloss.models.FusedHead`; the nearest"),
        (
            "sigmoid_focal_loss",
            "but of other libraries 'optax.sigmoid_focal_loss', 'torchvision",
        ),
        (
            "nn.CTCLoss",
            "`nn` is no library that is known here, but of other libraries 'torch.CTCLoss', ",
        ),
        ("monai.HausdorffDTLoss", ", here 'HausdorffErosion', here 'Boundary'. Received"),
        ("tf.nn.sampled_softmax_loss", ", here 'InBatchSoftmax'. Received"),
        ("catboost.YetiRank", "`catboost` is no library that is known here; these are: 'keras', "),
    ],
)
def test_an_unknown_name_says_where_it_is_known(name, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        kerasloss.get(name)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("torch.SmoothL1Loss", "SmoothL1()"),
        ("torch.nn.functional.mse_loss", "MeanSquaredError()"),
        ("torch.nn.KLDivLoss(reduction='batchmean')", "KLDivergence(from_logits=True)"),
        ("torch.KL_DIV", "KLDivergence(from_logits=True)"),
        ("flux.mse", "MeanSquaredError()"),
        ("Flux.Losses.logitcrossentropy", "CategoricalCrossentropy(from_logits=True)"),
        ("gluon.L2Loss", "MeanSquaredError(scale=0.5)"),
        ("mxnet.gluon.loss.HuberLoss", "SmoothL1()"),
        ("tfa.SigmoidFocalCrossEntropy", "BinaryFocalCrossentropy(apply_class_balancing=True)"),
        ("tensorflow_addons.losses.pinball_loss", "Quantile()"),
        ("optax.sigmoid_focal_loss", "BinaryFocalCrossentropy(from_logits=True)"),
        ("optax.losses.l2_loss", "MeanSquaredError(scale=0.5)"),
        ("pml.CircleLoss", "Circle(stop_gradient=True, normalize=True)"),
        ("monai.losses.DiceCELoss", "DiceCrossentropy(axis=(1, 2), smooth=1e-05, from_logits=True)"),
        ('sklearn.SGDRegressor(loss="huber")', "Huber(delta=0.1)"),
        ("keras.losses.Huber", "Huber()"),
        ("tf.keras.losses.mean_squared_error", "MeanSquaredError()"),
        ("tensorflow.compat.v1.keras.losses.Huber", "Huber()"),
        ("tf.losses.KLD", "KLDivergence()"),
        ("tf.nn.l2_loss", "MeanSquaredError(reduction='sum', scale=0.5)"),
        ("tf.compat.v1.losses.log_loss", "BinaryCrossentropy()"),
        ("keras_cv.losses.IoULoss(mode='linear')", "IoU()"),
        ("transformers.ForCausalLMLoss", "CausalLMCrossentropy(shift=True)"),
        ("kerasloss.smooth_l1", "SmoothL1()"),
    ],
)
def test_names_of_other_libraries(name, found):
    assert repr(kerasloss.get(name)).removeprefix("kerasloss.") == found


def test_arguments_beside_the_name_of_another_library():
    loss = kerasloss.get({"class_name": "torch.CrossEntropyLoss", "config": {"class_weight": [1.0, 2.0]}})
    assert loss.from_logits and loss.ignore_class == -100 and loss.class_weight == [1.0, 2.0]
    loss = kerasloss.get({"class_name": "monai.DiceLoss", "config": {"axis": [1, 2, 3]}})
    assert loss.axis == [1, 2, 3] and loss.smooth == 1e-5
    scales = kerasloss.get({"class_name": "monai.MultiScaleLoss", "config": {"loss": "mse"}})
    assert isinstance(scales.loss, kerasloss.MeanSquaredError) and scales.scales == [0]
    part = kerasloss.Masked("optax.l2_loss")
    assert part.loss.scale == 0.5


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        (
            "torch.CrossEntropyLoss",
            {"weight": [1.0, 2.0], "ignore_index": 255},
            r"^SparseCategoricalCrossentropy: .*`from_logits`, .*`class_weight`.* CrossEntropyLoss of "
            r"PyTorch: `weight` is `class_weight`.*Received: weight=\[1.0, 2.0\], ignore_index=255$",
        ),
        ("torch.MSELoss", {"size_average": True}, r'^MeanSquaredError: .*PyTorch.*page "Coming from"'),
        ("huber", {"beta": 1.0}, "^Huber: an argument must be one of `delta`, .*Received: beta=1.0$"),
        (
            "deep supervision",
            {},
            r'^DeepSupervision: an argument .* required: .*"loss": .*Received: no loss$',
        ),
        ("st.MatryoshkaLoss", {"loss": "mse"}, "^Matryoshka: .*Received: no dimensions$"),
    ],
)
def test_arguments_that_a_loss_lacks(name, config, message):
    with pytest.raises(ValueError, match=message):
        kerasloss.get({"class_name": name, "config": config})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("torch.SmoothL1Los", r"no loss of PyTorch .* nearest are 'torch.SmoothL1Loss'.*'torch.SmoothL1Los'"),
        ("smp.LovaszLoss", r"nearest are .*'smp.LovaszLoss\(mode=\"multiclass\"\)'"),
        ("foo.Huber", r"`foo` is no library .*'keras', 'tfa', 'torch', .*Received: 'foo.Huber'"),
        ("keras.losses.Hubr", r"nearest are 'Huber'"),
        ("torch.", r"no loss of PyTorch of this name"),
    ],
)
def test_unknown_names_of_other_libraries(name, message):
    with pytest.raises(ValueError, match=message):
        kerasloss.get(name)


def test_wrappers_take_what_get_finds():
    for identifier in ("mse", "MeanSquaredError", kerasloss.MeanSquaredError, {"class_name": "mse"}):
        for wrapper in (kerasloss.Masked, kerasloss.Symmetric, kerasloss.DeepSupervision):
            assert isinstance(wrapper(identifier).loss, kerasloss.MeanSquaredError)
    total = kerasloss.WeightedSum({"a": "mse", "b": largest_error}, {"a": 1.0, "b": 2.0})
    assert_close(array(total(Y, P)), 2.125 + 2 * 2.0)
    for wrapper in (kerasloss.Masked, kerasloss.Symmetric, kerasloss.MultiScale):
        for wrong in (None, "hubert", 3):
            with pytest.raises(ValueError, match=rf"{wrapper.__name__}: `loss`.*Received"):
                wrapper(wrong)
