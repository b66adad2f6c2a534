"""`diagnose` with models of every make, several outputs and masks; and its advice mends what it found."""

import re

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, masked, tensor

IDS = np.array([0, 2, 1, 1, 0, 2, 2, 0])
YES_NO = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]] + [[1, 1, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0]])
X = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
CLASSES = K.SparseCategoricalCrossentropy()
CLASS_LOGITS = K.SparseCategoricalCrossentropy(from_logits=True)


def texts(*arguments, **keywords):
    return [str(finding) for finding in K.diagnose(*arguments, **keywords)]


def checks(*arguments, **keywords):
    return [finding.check for finding in K.diagnose(*arguments, **keywords)]


def functional(end, units=3, activation=None):
    inputs = keras.Input((2,))
    return keras.Model(inputs, end(keras.layers.Dense(units, activation=activation)(inputs)))


# Models --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        ops.softmax,
        lambda h: ops.squeeze(ops.expand_dims(ops.softmax(h), 1), 1),
        lambda h: ops.cast(keras.layers.Softmax()(h), "float32"),
        lambda h: keras.layers.Dropout(0.1)(keras.activations.softmax(h)),
    ],
)
def test_a_softmax_that_is_an_operation(end):
    model = functional(end)
    assert "activation" in checks(CLASS_LOGITS, IDS, model=model, x=X)
    assert not texts(CLASSES, IDS, model=model, x=X)


def test_operations_of_which_nothing_can_be_said():
    for end in (lambda h: h * 2, lambda h: h + ops.softmax(h), lambda h: ops.concatenate([h, h], -1)[:, :3]):
        assert not texts(CLASS_LOGITS, IDS, model=functional(end), x=X)
    assert not texts(
        K.MeanSquaredError(), X[:, 0], model=functional(lambda h: ops.squeeze(h, -1), units=1), x=X
    )
    relu = functional(lambda h: ops.squeeze(ops.relu(h), -1), units=1)
    assert "activation" in checks(K.MeanSquaredError(), X[:, 0] - 9, model=relu, x=X)


def test_the_activation_under_shared_and_wrapped_layers():
    sequence = keras.Input((4, 2))
    model = keras.Model(sequence, keras.layers.TimeDistributed(keras.layers.Dense(3, "softmax"))(sequence))
    labels = np.tile(IDS[:4], (2, 1))
    x = np.ones((2, 4, 2), "float32")
    assert "activation" in checks(CLASS_LOGITS, labels, model=model, x=x)
    shared = keras.layers.Dense(3, "softmax")
    inputs = keras.Input((2,))
    shared(keras.Input((2,)))  # called twice: what is before the reshape can't be told
    model = keras.Model(inputs, ops.reshape(shared(inputs), (-1, 3)))
    assert "activation" not in checks(CLASS_LOGITS, IDS, model=model, x=X)


def test_a_fused_head():
    tokens = keras.Input((4,), dtype="int32")
    backbone = keras.Model(tokens, keras.layers.Embedding(9, 3)(tokens))
    model = K.models.FusedHead(backbone, keras.layers.Dense(9))
    x = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    y = np.roll(x, -1, axis=1)
    loss = K.LinearCrossentropy(ignore_class=-100)
    assert not texts(loss, y, model=model, x=x)
    assert not texts(loss, y, model.predict(x, verbose=0), model=model)
    assert "ids go from 0 to 8" in texts(loss, y + 20, model=model, x=x)[0]
    assert not texts(loss, np.where(y > 4, -100, y), model=model, x=x)
    assert checks(loss, y, model.predict(x, verbose=0)) == ["refusal"]  # these are logits


# Several outputs -----------------------------------------------------------------------------------


def two_outputs(names):
    inputs = keras.Input((2,))
    one = keras.layers.Dense(3, activation="softmax", name="kind")(inputs)
    two = ops.sigmoid(keras.layers.Dense(3)(inputs))
    outputs = [one, keras.layers.Identity(name="tags")(two)]
    return keras.Model(inputs, dict(zip(names, outputs, strict=True)) if names else outputs)


@pytest.mark.parametrize("names", [None, ("kind", "tags"), ("z", "a")])
@pytest.mark.parametrize("form", ["dict", "list"])
def test_a_loss_for_each_output(names, form):
    model = two_outputs(names)
    keys = names or ("kind", "tags")
    y = dict(zip(keys, (IDS, YES_NO), strict=True))
    right = dict(zip(keys, (CLASSES, K.BinaryCrossentropy()), strict=True))
    wrong = dict(zip(keys, (CLASSES, K.BinaryCrossentropy(from_logits=True)), strict=True))
    if form == "list" and names is None:
        y, right, wrong = (list(part.values()) for part in (y, right, wrong))
    assert not texts(right, y, model=model, x=X)
    found = K.diagnose(wrong, y, model=model, x=X)
    assert {finding.output for finding in found} == {keys[1]}
    assert "activation" in [finding.check for finding in found]
    assert str(found[0]).startswith(f"predictions of output '{keys[1]}': All of `y_pred`")


def test_one_loss_and_a_model_of_several_outputs():
    """Which of them the predictions are can't be told."""
    assert not texts(CLASS_LOGITS, IDS, np.random.default_rng(0).normal(size=(8, 3)), model=two_outputs(None))


def test_outputs_without_a_model_or_a_loss():
    p = {"a": np.full((8, 3), 1 / 3), "b": np.zeros((8, 1))}
    y = {"a": IDS + 5, "b": np.zeros((8, 1))}
    found = K.diagnose({"a": "sparse_categorical_crossentropy", "b": None}, y, p)
    assert {finding.output for finding in found} == {"a"} and found[0].check == "labels"
    assert not texts({"b": "mse"}, y, p)
    assert [f.output for f in K.diagnose([CLASSES, "mse"], list(y.values()), list(p.values()))][0] == "0"
    assert K.diagnose(keras.saving.serialize_keras_object(CLASSES), y["a"], p["a"])[0].output is None
    for loss, labels, predictions, text in (
        ({"c": "mse"}, y, p, "`y_true` has nothing for output 'c'"),
        ({"a": "mse"}, y, {"b": p["b"]}, "`y_pred` has nothing for output 'a'"),
        (["mse", "mse", "mse"], [y["b"]] * 3, [p["b"]] * 2, "`y_pred` has nothing for output '2'"),
        (CLASSES, y, p, "for several outputs give a dict or list of losses"),
    ):
        with pytest.raises(ValueError, match=f"diagnose: {text}.*Received"):
            K.diagnose(loss, labels, predictions)


# Masks ---------------------------------------------------------------------------------------------


def test_what_a_mask_leaves_out_is_no_fault(rng):
    mask = np.array([[True, True, False], [True, False, False]])
    ids = np.where(mask, [[0, 2, 0], [1, 0, 0]], -7)
    logits = np.where(mask[..., None], rng.normal(size=(2, 3, 3)), np.nan).astype("float32")
    assert not texts(CLASS_LOGITS, ids, masked(logits, mask))
    assert not texts(CLASS_LOGITS, ids[..., None], masked(logits, mask))
    probabilities = np.where(mask[..., None], array(ops.softmax(tensor(logits))), 9).astype("float32")
    assert not texts(CLASSES, ids, masked(probabilities, mask))
    many = np.where(mask[..., None], np.eye(3)[ids % 3], 7)
    assert not texts(K.BinaryCrossentropy(), many, masked(probabilities, mask))
    assert "labels" in checks(CLASS_LOGITS, ids + 5, masked(logits, mask))
    numbers = np.where(mask, 1.0, np.nan)[..., None].astype("float32")
    assert not texts(K.MeanSquaredError(), numbers, masked(2 * numbers, mask))
    nothing = masked(np.nan_to_num(logits), np.zeros_like(mask))
    assert "left out by the mask" in texts(CLASS_LOGITS, ids, nothing)[0]


def test_the_mask_of_a_model():
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Masking()(inputs)))
    x = np.array([[[1, 2], [3, 4], [0, 0]], [[1, 1], [0, 0], [0, 0]]], "float32")
    ids = np.array([[0, 2, -1], [1, -1, -1]])
    assert not texts(CLASS_LOGITS, ids, model=model, x=x)
    assert "labels" in checks(CLASS_LOGITS, -1 + 0 * ids, model=model, x=x)


# Labels --------------------------------------------------------------------------------------------


def test_unknown_labels():
    logits = np.random.default_rng(0).normal(size=(8, 3))
    unknown = np.where(YES_NO + np.eye(8, 3) > 1, -1, YES_NO)
    loss = K.BinaryCrossentropy(from_logits=True)
    text = texts(loss, unknown, logits)[0]
    assert text.startswith("labels: ") and "set `ignore_class=-1`" in text
    assert not texts(K.BinaryCrossentropy(from_logits=True, ignore_class=-1), unknown, logits)
    assert "set `ignore_class=255`" in texts(loss, np.where(unknown < 0, 255, unknown), logits)[0]
    assert "`Masked(missing_value=-1)`" in texts(K.SoftF1(from_logits=True), unknown, logits)[0]
    ids = np.array([0, -1, 2, -100, 1, 1, 0, 0])
    assert "set `ignore_class=[-100, -1]`" in texts(CLASS_LOGITS, ids, logits)[0]


@pytest.mark.parametrize("options", [{}, {"normalize_by_length": True}])
def test_labels_longer_than_the_frames(options, rng):
    labels, logits = np.array([[1, 2, 3, 1], [1, 1, 1, 0]]), rng.normal(size=(2, 3, 4))
    (found,) = K.diagnose(K.CTC(**options), labels, logits)
    assert found.check == "labels" and "fewer frames than labels" in found.seen
    assert "at (0,), (1,)" in found.seen and "`zero_infinity=True`" in found.advice
    assert not texts(K.CTC(zero_infinity=True, **options), labels, logits)
    assert not texts(K.CTC(**options), labels[:, :2], logits)


# The advice ----------------------------------------------------------------------------------------

LOSSES = {
    "class": (CLASSES, CLASS_LOGITS, K.NegativeLogLikelihood(), K.Sparsemax(), K.Brier()),
    "binary": (K.BinaryCrossentropy(), K.BinaryCrossentropy(from_logits=True), K.SoftF1()),
    "counts": (K.Poisson(), K.MeanSquaredLogarithmicError()),
}
LABELS = {
    "class": [IDS, np.eye(3)[IDS]],
    "binary": [YES_NO, np.where(YES_NO + np.eye(8, 3) > 1, -1, YES_NO), np.eye(3)[IDS]],
    "counts": [YES_NO + 1],
}
LASTS = (None, "softmax", "sigmoid", "tanh", "relu", "log_softmax")


def advised(finding, loss, activation):
    """The ways out that an advice names: each a loss and a last activation."""
    for call, name in re.findall(r"use `(\w+\(.*?\))` with a (\w+)", finding.advice):
        yield eval(call, vars(K)), name
        return
    for name in re.findall(r"End the model with (?:a )?(\w+)", finding.advice):
        yield loss, name
    for name in re.findall(r"with \w+ or (\w+)", finding.advice):
        yield loss, name
    if "Remove the last activation" in finding.advice:
        yield loss, None
    for name, value in re.findall(r"[Ss]et `(\w+)=([^`]*)`", finding.advice):
        yield type(loss).from_config({**loss.get_config(), name: eval(value)}), activation
    for call in re.findall(r"[Uu]se `(\w+\(.*?\))`", finding.advice):
        yield eval(call, vars(K)), activation
    for option in re.findall(r"`Masked\((.*?)\)`", finding.advice):
        yield eval(f"Masked(loss, {option})", {**vars(K), "loss": loss}), activation


@pytest.mark.parametrize("last", LASTS, ids=str)
@pytest.mark.parametrize("kind", LOSSES)
def test_after_what_it_advises_a_finding_is_gone(kind, last):
    """Each way out that it names, on its own; and none makes a new fault."""
    followed = 0
    for loss in LOSSES[kind][:: 2 if BACKEND == "jax" else 1]:
        for labels in LABELS[kind]:

            def look(loss, activation, labels=labels):
                keras.utils.set_random_seed(1)
                model = functional(lambda h: h, activation=activation)
                return K.diagnose(loss, labels, model=model, x=3 * X)

            before = look(loss, last)
            known = {finding.check for finding in before}
            for finding in before:
                ways = list(advised(finding, loss, last))
                assert ways or finding.check in ("value", "not finite", "gradient"), str(finding)
                for other, activation in ways:
                    after = look(other, activation)
                    story = "; ".join(map(str, [finding, "->", *after]))
                    assert finding.seen not in [f.seen for f in after], story
                    assert {f.check for f in after} <= known, story
                    if finding.check != "labels":
                        assert finding.check not in [f.check for f in after], story
                    followed += 1
    assert followed or last not in ("sigmoid", "softmax")
