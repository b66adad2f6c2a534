"""`diagnose` finds each mistake, names it, and is silent on batches that are right."""

import re

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.inspection.catalogue import expectation
from tests.backend import ALL_CASES, tensor
from tests.cases import CASES

FAMILIES = list({case.loss.__module__: case for case in CASES}.values())
RIGHT = CASES if ALL_CASES else FAMILIES

MANY = [
    case for case in RIGHT if case.kind in ("element", "binary", "class", "ordinal", "margin", "distribution")
]

EXEMPT = {
    "Boundary": "its case draws any numbers, of which it is linear",
    "UnifiedFocal": "its case draws logits in [0, 1]",
}

IDS = np.array([0, 2, 1, 1])
LOGITS = np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 3.0], [1.0, 2.5, -2.0], [0.3, 0.1, 0.2]])
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
YES_NO = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]])
CLASSES = K.SparseCategoricalCrossentropy()
CLASS_LOGITS = K.SparseCategoricalCrossentropy(from_logits=True)
BINARY = K.BinaryCrossentropy()
BINARY_LOGITS = K.BinaryCrossentropy(from_logits=True)


def checks(*arguments, **keywords):
    """Which checks found something."""
    return [finding.check for finding in K.diagnose(*arguments, **keywords)]


def one(*arguments, **keywords):
    """The only finding, as text."""
    (finding,) = K.diagnose(*arguments, **keywords)
    return str(finding)


def first(*arguments, **keywords):
    return str(K.diagnose(*arguments, **keywords)[0])


def model(activation=None, units=3, **options):
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation=activation, **options)])


# Nothing to find -----------------------------------------------------------------------------------


def right(case, rng, n):
    """The loss of a row with a batch that is right for it."""
    y_true, y_pred = case.draw(rng, n)
    loss = case.make()
    if isinstance(getattr(loss, "levels", None), list) and y_true.shape == y_pred.shape:
        pytest.skip("a target for each level may be meant as steps: test_levels_that_may_be_steps")
    if case.loss.kind == "preference" and case.loss is not K.BradleyTerry:
        y_pred = -np.abs(y_pred)  # the table draws any numbers for log-probabilities, and for pixels
    if hasattr(loss, "max_val"):
        y_true, y_pred = np.clip(y_true, 0, 1), np.clip(y_pred, 0, 1)
    options = {
        "from_logits": getattr(loss, "from_logits", None),
        "multilabel": getattr(loss, "multilabel", None),
    }
    _, activation = expectation(case.loss, {k: v for k, v in options.items() if v is not None})
    axis = getattr(loss, "class_axis", getattr(loss, "axis", -1))
    axis = axis if isinstance(axis, int) else -1
    if activation.startswith("softmax") and y_pred.shape[axis] > 1:
        y_pred = y_pred / y_pred.sum(axis, keepdims=True)  # the table also draws what sums to 1.1
    return loss, y_true, y_pred


@pytest.mark.parametrize("case", RIGHT, ids=[f"{case}-{i}" for i, case in enumerate(RIGHT)])
def test_a_right_batch_has_no_finding(case, rng):
    if str(case) in EXEMPT:
        pytest.skip(EXEMPT[str(case)])
    loss, y_true, y_pred = right(case, rng, 8)
    assert not [str(finding) for finding in K.diagnose(loss, y_true, y_pred)]
    assert not checks(loss, tensor(y_true), tensor(y_pred))


@pytest.mark.parametrize("case", MANY, ids=[f"{case}-{i}" for i, case in enumerate(MANY)])
def test_many_right_samples_have_no_finding(case, rng):
    """Enough of them for what says something about the data: rare classes, outliers, scales."""
    assert not [str(finding) for finding in K.diagnose(*right(case, rng, 150))]


def test_a_right_model_has_no_finding(rng):
    x = rng.normal(size=(4, 2))
    for loss, y, activation in (
        (CLASSES, IDS, "softmax"),
        (CLASS_LOGITS, IDS, None),
        (BINARY, YES_NO, "sigmoid"),
        (BINARY_LOGITS, YES_NO, "linear"),
        (K.MeanSquaredError(), -LOGITS, None),
        (K.MeanSquaredError(), PROBABILITIES, "sigmoid"),
        (K.Poisson(), YES_NO, "softplus"),
        (K.Poisson(link="log"), YES_NO, None),
        (K.NegativeLogLikelihood(), IDS, "log_softmax"),
        (K.Hinge(), 2 * YES_NO - 1, "tanh"),
    ):
        assert not [str(f) for f in K.diagnose(loss, y, model=model(activation), x=x)], loss


def test_perfect_predictions_and_missing_targets():
    assert not checks(K.MeanSquaredError(), LOGITS, LOGITS)
    assert not checks(K.Hinge(), np.array([[1.0], [-1.0]]), np.array([[2.0], [-3.0]]))
    holes = LOGITS.copy()
    holes[1, 2] = np.nan
    assert not checks(K.Masked(K.MeanSquaredError()), holes, LOGITS + 1)
    assert not checks(K.Masked(BINARY, missing_value=-1), np.where(YES_NO, 1, -1), PROBABILITIES)
    assert "not finite" in checks(K.MeanSquaredError(), holes, LOGITS + 1)


def test_ignored_labels_are_right():
    labels = np.array([0, -100, 1, 255])
    loss = K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=[-100, 255])
    assert not checks(loss, labels, LOGITS)
    mask = np.where(YES_NO, 1, 255)
    assert not checks(K.BinaryCrossentropy(from_logits=True, ignore_class=255), mask, LOGITS)


# Predictions ---------------------------------------------------------------------------------------


def test_logits_for_probabilities():
    text = first(CLASSES, IDS, LOGITS)
    assert text.startswith(
        "predictions: `y_pred` goes from -2 to 3, but SparseCategoricalCrossentropy expects"
    )
    assert text.endswith("End the model with a softmax, or set `from_logits=True`.")
    assert "a sigmoid, or set `from_logits=True`" in first(BINARY, YES_NO, LOGITS)
    assert checks(CLASSES, IDS, 0.5 * PROBABILITIES) == ["predictions"]  # they sum to 1/2
    assert "predictions" in checks(K.Dice(), YES_NO[..., None], LOGITS[..., None])
    assert not checks(CLASSES, IDS, np.round(PROBABILITIES, 2).astype("float16"))


def test_probabilities_for_logits():
    for loss, y in ((CLASS_LOGITS, IDS), (BINARY_LOGITS, YES_NO)):
        text = one(loss, y, PROBABILITIES)
        assert "looks like probabilities" in text and "`from_logits=False`" in text
    text = one(K.Sparsemax(), IDS, PROBABILITIES)  # it has no other way
    assert text.endswith("Remove the last activation.")
    assert not checks(BINARY_LOGITS, np.array([[1, 0]]), np.array([[0.3, 0.6]]))  # that may be chance
    frames = np.full((2, 5, 4), 0.25)
    assert checks(K.CTC(), np.array([[1, 2], [3, 0]]), frames) == ["predictions"]


def test_log_probabilities():
    loss = K.NegativeLogLikelihood()
    assert not checks(loss, IDS, np.log(PROBABILITIES))
    assert "For logits use `CategoricalCrossentropy(from_logits=True)`" in first(loss, IDS, LOGITS)
    assert "For probabilities use `CategoricalCrossentropy()`" in first(loss, IDS, PROBABILITIES)


# Labels --------------------------------------------------------------------------------------------


def test_class_ids_out_of_range():
    text = first(CLASS_LOGITS, np.array([0, 7, 1, 1]), LOGITS)
    assert text.startswith("labels: `y_true` has 7 at (1,); ids go from 0 to 2.")
    assert "`ignore_class=7`" in text
    assert checks(CLASS_LOGITS, np.array([0, 7, 1, 1]), LOGITS) == ["labels", "value"]
    assert "`ignore_class=-1`" in first(CLASS_LOGITS, np.array([0, -1, 1, -1]), LOGITS)
    assert "start at 1: subtract 1" in first(CLASS_LOGITS, IDS + 1, LOGITS)
    assert "one unit for each class" in first(CLASS_LOGITS, np.array([0, 3, 4, 1]), LOGITS)
    many = np.arange(12).reshape(2, 6) + 3
    assert "3, 4, 5, 6, 7, ... at (0, 0), (0, 1), (0, 2) and 9 more" in first(
        CLASS_LOGITS, many, np.arange(36.0).reshape(2, 6, 3)
    )


def test_wrong_forms_of_class_labels():
    fraction = first(CLASS_LOGITS, np.array([0.0, 0.5, 1.0, 2.0]), LOGITS)
    assert "Class ids are integers, but `y_true` has 0.5 at (1,)" in fraction
    text = first(CLASS_LOGITS, YES_NO, LOGITS)
    assert "(0,), (2,), (3,)" in text and "BinaryCrossentropy" in text
    text = one(CLASSES, IDS[:, None], np.full((4, 1), 0.5))
    assert text.startswith("shapes: ") and "for one sigmoid output use `BinaryCrossentropy`" in text
    assert checks(CLASS_LOGITS, IDS[:3], LOGITS) == ["shapes"]
    assert checks(BINARY, IDS, PROBABILITIES) == ["shapes"]
    assert one(BINARY, IDS, PROBABILITIES).endswith("Mend the shapes.")
    pixels = np.zeros((1, 12, 12, 1), "uint8")
    text = one(K.SSIM(), pixels, pixels / 255)
    assert text.startswith("refusal: ") and text.endswith("Mend the inputs, or the arguments of the loss.")
    assert checks(K.MeanSquaredError(), LOGITS[:, :1], LOGITS) == ["shapes"]
    assert not checks(K.MeanSquaredError(), LOGITS[:, 0], LOGITS[:, 1:2])  # (N,) against (N, 1)


def test_one_hot_labels_of_a_binary_loss():
    one_hot = np.eye(3)[np.arange(9) % 3]
    text = one(BINARY_LOGITS, one_hot, np.tile(LOGITS[:3], (3, 1)))
    assert "Every row of `y_true` is one-hot" in text
    assert text.endswith("use `CategoricalCrossentropy(from_logits=True)`.")


@pytest.mark.parametrize(
    ("labels", "advice"),
    [
        (2 * YES_NO - 1, "Turn -1 and 1 into 0 and 1"),
        (255 * YES_NO, "Divide a mask by 255"),
        (YES_NO + 1, "SparseCategoricalCrossentropy"),
    ],
)
def test_labels_outside_zero_and_one(labels, advice):
    assert advice in first(BINARY_LOGITS, labels, LOGITS)
    dice = K.Dice(from_logits=True, multilabel=True)
    assert advice in first(dice, labels, LOGITS)
    assert advice in first(dice, labels.astype("float32"), LOGITS)  # a number, as in Keras, but hardly meant
    assert advice in first(K.NonSaturatingGAN(), labels, LOGITS)


PAIRED = np.arange(12, dtype="float32").reshape(2, 2, 3)


@pytest.mark.parametrize(
    ("loss", "right", "wrong", "y_pred", "seen"),
    [
        (K.CosineEmbedding(), [1, -1], [3, -1], PAIRED, "labels 0 and 1, or -1 and 1; `y_true` has 3"),
        (K.MarginRanking(), [1, 0], [0.5, 0], PAIRED[0, :, :2], "or -1 and 1; `y_true` has 0.5"),
        (K.PositiveUnlabeled(prior=0.3), [1, -1], [2, -1], np.array([0.1, 0.2]), "`y_true` has 2 "),
        (K.InBatchSoftmax(), [[1, 0.5], [2, 1]], [[1, 2], [2, -1]], PAIRED, "column 1 of `y_true` has -1, 2"),
        (K.CoxPH(), [[0, 1], [2, 0]], [[-1, 1], [2, 0]], np.array([0.1, 0.2]), "column 0 .* has -1"),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, K.Loss) else "",
)
def test_labels_that_a_loss_takes_as_others(loss, right, wrong, y_pred, seen):
    """They are in its domain, and give a number, but hardly the one that was meant."""
    assert not [f for f in K.diagnose(loss, np.array(right), y_pred) if f.check == "labels"]
    found = [f for f in K.diagnose(loss, np.array(wrong), y_pred) if f.check == "labels"]
    assert len(found) == 1 and re.search(seen, found[0].seen), found


def test_labels_of_scores():
    for loss in (K.Hinge(), K.SoftMargin(label_format="signed")):
        assert "takes labels" in first(loss, 2 * YES_NO, LOGITS)
    assert "0 and 1 here, but `y_true` has 0.5" in first(K.Hinge(), 0.5 * YES_NO, LOGITS)
    assert not checks(K.Hinge(label_format="binary"), 0.5 * YES_NO, LOGITS)
    text = one(K.Hinge(label_format="signed"), YES_NO, LOGITS)
    assert "labels -1 and 1 here, but `y_true` has 0." in text and "`label_format='binary'`" in text
    assert "`label_format='signed'`" in first(K.Hinge(label_format="binary"), 2 * YES_NO - 1, LOGITS)
    assert "-1" in first(K.Contrastive(), np.array([-1, 1]), np.array([0.5, 0.2]))


# Last layers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "labels", "activation", "text"),
    [
        (CLASSES, IDS, None, "ends with linear, but SparseCategoricalCrossentropy expects a softmax"),
        (CLASS_LOGITS, IDS, "softmax", "`from_logits=False`"),
        (CLASSES, IDS, "sigmoid", "expects a softmax"),
        (BINARY, YES_NO, "softmax", "expects a sigmoid"),
        (BINARY, YES_NO, None, "`from_logits=True`"),
        (BINARY_LOGITS, YES_NO, "sigmoid", "expects raw scores"),
        (K.Poisson(), YES_NO, None, "`link='log'`"),
        (K.NegativeLogLikelihood(), IDS, "softmax", "expects log_softmax"),
        (K.MeanSquaredError(), -5 * YES_NO, "relu", "out of reach of the last layer's relu"),
        (K.MeanAbsoluteError(), 5 * YES_NO, "sigmoid", "scale the targets"),
    ],
)
def test_last_layer(loss, labels, activation, text, rng):
    x = rng.normal(size=(4, 2))
    found = [f for f in K.diagnose(loss, labels, model=model(activation), x=x) if f.check == "activation"]
    assert len(found) == 1 and text in str(found[0])


def test_models_of_every_make(rng):
    x = rng.normal(size=(4, 2)).astype("float32")
    inputs = keras.Input((2,))
    body = keras.layers.Dense(3)(inputs)
    models = [
        keras.Model(inputs, keras.layers.Softmax()(body)),
        keras.Model(inputs, keras.layers.Activation("softmax")(body)),
        keras.Sequential([model("softmax"), keras.layers.Dropout(0.1), keras.layers.Reshape((3,))]),
        keras.Sequential([keras.Input((2,)), model("softmax")]),
    ]
    for each in models:
        assert "activation" in checks(CLASS_LOGITS, IDS, model=each, x=x)
        assert "activation" not in checks(CLASSES, IDS, model=each, x=x)
    two = keras.Model(inputs, [body, body])
    assert not checks(CLASS_LOGITS, IDS, LOGITS, model=two)  # which output it is can't be told
    assert "is always 1" in first(BINARY, YES_NO[:, :1], np.full((4, 1), 0.5), model=model("softmax", 1))


# Numbers -------------------------------------------------------------------------------------------


def test_nan_and_infinity():
    broken = LOGITS.copy()
    broken[2, 1], broken[3, 0] = np.nan, np.inf
    found = [str(finding) for finding in K.diagnose(K.MeanSquaredError(), LOGITS, broken)]
    assert found[0].startswith("not finite: `y_pred` is NaN at (2, 1).")
    assert found[1].startswith("not finite: `y_pred` is infinite at (3, 0).")
    assert "value: The loss is NaN at (2,)." in found[2]
    assert "`y_true` is NaN at (2, 1)" in first(K.MeanSquaredError(), broken, LOGITS)
    no_class = np.where(np.eye(3)[[1, 0, 2, 0]] == 1, -np.inf, LOGITS)
    assert not checks(CLASS_LOGITS, IDS, no_class)  # a class that can't be has a logit of -inf


def test_a_loss_out_of_its_domain():
    found = K.diagnose(K.GammaDeviance(link="log"), np.array([[-1.0], [2.0]]), np.array([[0.5], [0.5]]))
    assert [finding.check for finding in found] == ["labels", "value"]
    assert "takes targets > 0; `y_true` has -1 at (0, 0)" in found[0].seen
    text = one(K.GammaDeviance(link="log"), np.array([[0.0], [2.0]]), np.array([[0.5], [0.5]]))
    assert text.startswith("value: The loss is NaN at (0,).")
    text = one(K.BinaryCrossentropy(epsilon=0.0), np.array([[1.0]]), np.array([[0.0]]))
    assert text.startswith("value: The loss is infinite at (0,).")


def test_a_loss_of_the_whole_batch():
    found = K.diagnose(K.Dice(), np.array([[[1]], [[5]]]), np.array([[[0.5]], [[0.5]]]))
    assert [finding.check for finding in found] == ["labels", "value"]
    assert found[1].seen == "The loss is NaN for the whole batch."


def test_a_gradient_of_zero():
    for loss, y in ((CLASSES, np.array([1, 0])), (BINARY, np.array([[0, 1], [1, 0]]))):
        saturated = np.array([[1.0, 0.0], [0.0, 1.0]])
        assert one(loss, y, saturated).startswith("gradient: The loss is not 0, but its gradient is 0")
    assert checks(K.FromFunction(lambda y, p: ops.abs(ops.round(p) - y)), YES_NO, LOGITS) == ["gradient"]


def test_a_language_model_that_sees_its_labels():
    class Shifted(K.SparseCategoricalCrossentropy):
        """A stand-in: a loss of tokens that can move the labels by one."""

        def __init__(self, shift=False, **kwargs):
            super().__init__(from_logits=True, **kwargs)
            self.shift = shift

    tokens, logits = np.array([[0, 2, 1], [1, 1, 0]]), np.random.default_rng(0).normal(size=(2, 3, 3))
    text = one(Shifted(), tokens, logits, x=tokens)
    assert text.startswith("inputs: `y_true` equals the inputs, and Shifted has `shift=False`")
    assert not checks(Shifted(shift=True), tokens, logits, x=tokens)
    assert checks(K.CausalLMCrossentropy(), tokens, logits, x=tokens) == ["inputs"]
    assert not checks(K.CausalLMCrossentropy(shift=True), tokens, logits, x=tokens)
    assert not checks(Shifted(), np.roll(tokens, -1, axis=1), logits, x=tokens)
    assert not checks(CLASS_LOGITS, tokens, logits, x=tokens)
    assert not checks(K.MeanSquaredError(), LOGITS, LOGITS + 1, x=LOGITS)  # an autoencoder


# Around it -----------------------------------------------------------------------------------------


def test_losses_that_wrap_others():
    total = 0.5 * CLASSES + K.Brier(from_logits=True)
    assert checks(total, IDS, LOGITS).count("predictions") == 1
    for wrapper in (K.Masked(BINARY), K.OnlineHardExample(BINARY)):
        assert "predictions" in checks(wrapper, YES_NO, LOGITS)
    image = np.random.default_rng(0).normal(size=(2, 8, 8, 1))
    deep = K.DeepSupervision(K.BinaryCrossentropy())
    outputs = [tensor(image), tensor(image[:, ::2, ::2])]
    assert "predictions" in checks(deep, (image > 0).astype("float32"), outputs)


def test_predictions_in_parts(rng):
    """A tuple of hidden states and a kernel is no logits: only the values are looked at."""
    states = (
        tensor(rng.normal(size=(4, 2)).astype("float32")),
        tensor(rng.normal(size=(2, 5)).astype("float32")),
    )
    assert not checks(K.LinearCrossentropy(), np.array([4, 0, 3, 1]), states)
    assert checks(K.LinearCrossentropy(), np.array([5, 0, 3, 1]), states) == ["value"]


def test_names_and_other_losses():
    assert checks("sparse_categorical_crossentropy", np.array([9, 0, 0, 0]), PROBABILITIES)[0] == "labels"
    assert "not finite" in checks(keras.losses.MeanSquaredError(), LOGITS * np.nan, LOGITS)
    assert checks(keras.losses.MeanSquaredError(), LOGITS[:3, :2], LOGITS) == ["shapes"]
    assert checks(lambda y_true, y_pred: 1 / 0, LOGITS, LOGITS) == ["refusal"]
    with pytest.raises(ValueError, match="no loss of this name"):
        K.diagnose("mean_square", LOGITS, LOGITS)
    with pytest.raises(ValueError, match="`y_pred`, or `model` and `x`"):
        K.diagnose("mse", LOGITS)


def test_a_finding_reads_as_a_sentence():
    finding = K.diagnose(CLASSES, IDS, LOGITS)[0]
    assert str(finding) == f"{finding.check}: {finding.seen} {finding.advice}"
    assert callable(K.diagnose) and K.diagnose.__module__ == "kerasloss.inspection.diagnose"


def test_it_leaves_everything_as_it_was():
    loss = K.BinaryCrossentropy(reduction="sum", from_logits=True)
    network = model()
    weights = [w.copy() for w in network.get_weights()]
    K.diagnose(loss, YES_NO, model=network, x=np.ones((4, 2)))
    assert loss.reduction == "sum"
    assert all(np.array_equal(a, b) for a, b in zip(weights, network.get_weights(), strict=True))


def test_levels_that_may_be_steps():
    loss = K.Quantile([0.1, 0.5, 0.9])
    y_true, y_pred = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) + 0.5
    (finding,) = K.diagnose(loss, y_true, y_pred)
    assert finding.check == "shapes" and "(batch, steps, levels)" in finding.advice
    assert K.diagnose(loss, y_true, np.stack([y_pred] * 3, axis=-1)) == []
    assert K.diagnose(loss, y_true[:, :1], y_pred) == []
