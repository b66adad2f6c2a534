"""Each finding is provoked, absent where all is well, and gone after its line of code."""

import keras
import numpy as np
import pytest

import kerasloss as K
from kerasloss.inspection import gradients
from tests.backend import masked

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 4)).astype("float32")
IDS = RNG.integers(0, 3, size=400)
LOGITS = RNG.normal(size=(400, 3)).astype("float32")
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
NUMBERS = RNG.normal(size=(400, 2)).astype("float32")
ERRORS = (NUMBERS + RNG.normal(size=(400, 2))).astype("float32")
RARE = np.where(np.arange(400) < 5, 2, IDS % 2)
UNIT = (LOGITS / np.linalg.norm(LOGITS, axis=-1, keepdims=True)).astype("float32")
SPARSE = K.SparseCategoricalCrossentropy(from_logits=True)
VIEWS = UNIT.reshape(200, 2, 3)
FRAMES = RNG.normal(size=(2, 4, 5)).astype("float32")
SCORES, GRADES = LOGITS[:300].reshape(30, 30)[:, :10], np.resize([2, 0, 1, 0, 0, 3, 0], (30, 10))
TIMES = np.stack([np.linspace(0.5, 9.5, 400), np.arange(400) % 2], axis=1)
SUBJECTS = np.stack([IDS, np.arange(400) % 2], axis=1)
TAGS = np.array([[1, 2], [3, 0]])
BOXES = np.abs(NUMBERS[:, [0, 1, 0, 1]]) + np.array([0, 0, 1, 2])
TEXTS = -np.abs(NUMBERS)
OBJECTS = np.array(
    [[[1, 0.5, 0.4, 0.2, 0.3], [-1, 0, 0, -1, -1]], [[0, 0.3, 0.4, 0.2, 0.1], [-1, 0, 0, -1, -1]]]
)
QUERIES = np.concatenate([LOGITS[:4].reshape(2, 2, 3), BOXES[:4].reshape(2, 2, 4)], axis=-1)
PIXELS = RNG.uniform(size=(2, 24, 24, 3))
CHAINS = RNG.normal(size=(2, 5 + 2 + 2, 5)).astype("float32")


def few(x, at, value):
    """A copy with another value at the first rows."""
    x = x.copy()
    x[:at] = value
    return x


def network(activation=None, units=3, loss=None, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(units, activation=activation, **options)], name="network"
    )
    if loss is not None:
        model.compile(loss=loss)
    return model


# name: what provokes it, the check, a part of what is seen, and what makes it right (None: no line does).
WRONG = {
    "negative rates": (
        {"loss": K.Poisson(), "y_true": NUMBERS**2, "y_pred": NUMBERS},
        ("predictions", "Poisson expects numbers >= 0"),
        {"y_pred": NUMBERS**2},
    ),
    "negative rates of no link": (
        {"loss": K.MeanSquaredLogarithmicError(), "y_true": NUMBERS**2, "y_pred": NUMBERS},
        ("predictions", "expects numbers >= 0"),
        {"y_pred": NUMBERS**2},
    ),
    "negative counts": (
        {"loss": K.Poisson(link="log"), "y_true": few(NUMBERS**2, 3, -1), "y_pred": NUMBERS},
        ("labels", "Poisson takes counts >= 0"),
        {"y_true": NUMBERS**2},
    ),
    "negative scales": (
        {
            "loss": K.GaussianNLL(link="identity"),
            "y_true": NUMBERS,
            "y_pred": np.stack([ERRORS, NUMBERS], -1),
        },
        ("predictions", "The scale in `y_pred` is"),
        {"y_pred": np.stack([ERRORS, abs(NUMBERS) + 0.1], -1)},
    ),
    "a scale of 0": (
        {
            "loss": K.LaplaceNLL(link="identity"),
            "y_true": NUMBERS,
            "y_pred": np.stack([ERRORS, np.zeros_like(ERRORS)], -1),
        },
        ("predictions", "The scale in `y_pred` is 0"),
        {"y_pred": np.stack([ERRORS, abs(NUMBERS) + 0.1], -1)},
    ),
    "a link twice": (
        {"loss": K.Poisson(link="log"), "y_true": NUMBERS**2, "model": network("softplus", 2), "x": X},
        ("activation", "makes positive itself"),
        {"model": network(None, 2)},
    ),
    "embeddings for cosines": (
        {"loss": K.ArcFace(), "y_true": IDS, "y_pred": LOGITS},
        ("predictions", "but ArcFace expects cosines"),
        {"y_pred": np.clip(LOGITS, -1, 1)},
    ),
    "embeddings without norm 1": (
        {"loss": K.Circle(), "y_true": IDS, "y_pred": LOGITS},
        ("predictions", "expects embeddings of norm 1"),
        {"y_pred": UNIT},
    ),
    "embeddings that are all alike": (
        {"loss": K.NTXent(), "y_true": None, "y_pred": 100 + VIEWS},
        ("predictions", "embeddings of the batch are alike"),
        {"y_pred": VIEWS},
    ),
    "a temperature that is too low": (
        {"loss": K.CLIP(temperature=1e-6), "y_true": None, "y_pred": VIEWS},
        ("scale", "0 or 1"),
        {"loss": K.CLIP()},
    ),
    "a temperature that is too high": (
        {"loss": K.NCA(temperature=1e5), "y_true": IDS, "y_pred": LOGITS},
        ("scale", "nearly the same"),
        {"loss": K.NCA()},
    ),
    "no positive pair": (
        {"loss": K.Circle(normalize=True), "y_true": np.arange(400), "y_pred": LOGITS},
        ("labels", "no positive pair"),
        {"y_true": IDS},
    ),
    "no negative pair": (
        {"loss": K.Circle(normalize=True), "y_true": 0 * IDS, "y_pred": LOGITS},
        ("labels", "no negative pair"),
        {"y_true": IDS},
    ),
    "a teacher's probabilities": (
        {"loss": K.LogitsDistillation(), "y_true": PROBABILITIES, "y_pred": LOGITS},
        ("labels", "expects the teacher's logits"),
        {"y_true": LOGITS[::-1]},
    ),
    "thresholds after a sigmoid": (
        {"loss": K.Coral(), "y_true": IDS, "model": network("sigmoid", 2), "x": X},
        ("activation", "expects raw scores"),
        {"model": network(None, 2)},
    ),
    "ordinal ids from 1": (
        {"loss": K.Coral(), "y_true": IDS + 1, "y_pred": LOGITS[:, :2]},
        ("labels", "ids go from 0 to 2"),
        {"y_true": IDS},
    ),
    "far above chance": (
        {"loss": SPARSE, "y_true": IDS, "y_pred": 40 * LOGITS},
        ("chance", "ln(3) = 1.1"),
        {"y_pred": LOGITS},
    ),
    "inputs that are not scaled": (
        {"loss": SPARSE, "y_true": IDS, "model": network(), "x": 100 * X},
        ("chance", "ln(3) = 1.1"),
        {"x": X},
    ),
    "a rare class": (
        {"loss": SPARSE, "y_true": RARE, "y_pred": LOGITS},
        ("imbalance", "The classes have 5 to"),
        {"y_true": IDS},
    ),
    "a rare class of a loss without class weights": (
        {"loss": K.Poly1Crossentropy(from_logits=True), "y_true": RARE, "y_pred": LOGITS},
        ("imbalance", "The classes have 5 to"),
        {"y_true": IDS},
    ),
    "a missing class": (
        {"loss": SPARSE, "y_true": np.minimum(IDS, 1), "y_pred": LOGITS},
        ("imbalance", "1 of 3 classes (2) have none"),
        {"y_true": IDS},
    ),
    "rare positives": (
        {
            "loss": K.BinaryCrossentropy(from_logits=True),
            "y_true": 1.0 * (RARE == 2)[:, None],
            "y_pred": LOGITS[:, :1],
        },
        ("imbalance", "Only 1.25% of the labels are positive"),
        {"y_true": 1.0 * (IDS == 2)[:, None]},
    ),
    "outliers": (
        {"loss": K.MeanSquaredError(), "y_true": few(NUMBERS, 3, 90.0), "y_pred": ERRORS},
        ("outliers", "4 of 400 samples have 9"),
        {"y_true": NUMBERS},
    ),
    "constant targets": (
        {"loss": K.MeanSquaredError(), "y_true": 0 * NUMBERS + 3, "y_pred": ERRORS},
        ("scale", "All targets are 3"),
        {"y_true": NUMBERS},
    ),
    "targets that are not scaled": (
        {"loss": K.MeanSquaredError(), "y_true": 5e4 + 1e4 * NUMBERS, "y_pred": ERRORS},
        ("scale", "The targets have mean"),
        {"y_true": NUMBERS},
    ),
    "a part that drowns the other": (
        {"loss": K.MeanSquaredError() + 1e-4 * K.MeanAbsoluteError(), "y_true": NUMBERS, "y_pred": ERRORS},
        ("balance", "times that of MeanAbsoluteError"),
        {"loss": K.MeanSquaredError() + K.MeanAbsoluteError()},
    ),
    "half precision at its end": (
        {
            "loss": K.MeanSquaredError(),
            "y_true": NUMBERS,
            "model": network(None, 2, kernel_initializer=keras.initializers.Constant(3e4), dtype="float16"),
            "x": X,
        },
        ("precision", "at the end of its range"),
        {"model": network(None, 2, dtype="float16")},
    ),
    "all labels ignored": (
        {
            "loss": K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=[0, 1, 2]),
            "y_true": IDS,
            "y_pred": LOGITS,
        },
        ("labels", "left out by `ignore_class=[0, 1, 2]`"),
        {"loss": SPARSE},
    ),
    "labels longer than the frames": (
        {"loss": K.CTC(), "y_true": np.full((2, 4), 2), "y_pred": FRAMES},
        ("labels", "fewer frames than labels"),
        {"y_true": np.array([[1, 2], [3, 4]])},
    ),
    "a blank among the labels": (
        {"loss": K.CTC(ignore_class=-1), "y_true": TAGS, "y_pred": FRAMES},
        ("labels", "has the blank, 0, as a label at (1, 1)"),
        {"y_true": np.array([[1, 2], [3, -1]])},
    ),
    "labels beyond the classes": (
        {"loss": K.CTC(), "y_true": TAGS + 3, "y_pred": FRAMES},
        ("labels", "has 5, 6 at (0, 1), (1, 0); labels go from 0 to 4"),
        {"y_true": TAGS},
    ),
    "tags out of range": (
        {"loss": K.LinearChainCRF(), "y_true": TAGS - 2, "y_pred": CHAINS},
        ("labels", "has -2 at (1, 1); labels go from 0 to 4"),
        {"y_true": TAGS},
    ),
    "signs for relevances": (
        {"loss": K.PairwiseLogistic(), "y_true": np.where(GRADES > 0, 1, -1), "y_pred": SCORES},
        ("labels", "All relevances are -1 or 1"),
        {"y_true": GRADES},
    ),
    "lists of one item": (
        {"loss": K.ListNet(), "y_true": np.where(np.arange(10) < 1, GRADES, -1), "y_pred": SCORES},
        ("labels", "30 of 30 lists have fewer than two items"),
        {"y_true": GRADES},
    ),
    "lists without a relevant item": (
        {"loss": K.ApproxNDCG(), "y_true": few(GRADES, 20, 0), "y_pred": SCORES},
        ("labels", "20 of 30 lists have no relevant item"),
        {"y_true": few(GRADES, 15, 0)},
    ),
    "lists of one relevance": (
        {"loss": K.PairwiseHinge(), "y_true": few(GRADES, 20, 2), "y_pred": SCORES},
        ("labels", "20 of 30 lists have items that are all of one relevance"),
        {"y_true": GRADES},
    ),
    "times for intervals": (
        {"loss": K.LogisticHazard(), "y_true": TIMES, "y_pred": LOGITS},
        ("labels", "takes indices of intervals; `y_true` has 0.5, "),
        {"y_true": SUBJECTS},
    ),
    "intervals from 1": (
        {"loss": K.PMF(), "y_true": SUBJECTS + [1, 0], "y_pred": LOGITS},
        ("labels", "intervals go from 0 to 2"),
        {"y_true": SUBJECTS},
    ),
    "intervals out of range": (
        {"loss": K.MTLR(), "y_true": few(SUBJECTS, 1, 5), "y_pred": LOGITS},
        ("labels", "`y_true` has 5 at (0,); intervals go from 0 to 2"),
        {"y_true": SUBJECTS},
    ),
    "swapped columns": (
        {"loss": K.CoxPH(), "y_true": TIMES[:, [1, 0]], "y_pred": LOGITS[:, :1]},
        ("labels", "Events are coded 0 (censored) to 1; column 1 of `y_true` has 0.5, "),
        {"y_true": TIMES},
    ),
    "risks beyond those of the outputs": (
        {"loss": K.DeepHit(), "y_true": SUBJECTS * [1, 2], "y_pred": LOGITS[:, None]},
        ("labels", "Events are coded 0 (censored) to 1; column 1 of `y_true` has 2 "),
        {"y_true": SUBJECTS},
    ),
    "no event": (
        {"loss": K.CoxPH(), "y_true": TIMES * [1, 0], "y_pred": LOGITS[:, :1]},
        ("labels", "All subjects of the batch are censored"),
        {"y_true": TIMES},
    ),
    "few events": (
        {"loss": K.CoxPH(), "y_true": TIMES * (np.arange(400) < 20)[:, None], "y_pred": LOGITS[:, :1]},
        ("imbalance", "97.5% of the subjects are censored"),
        {"y_true": TIMES},
    ),
    "ids that a cast has merged": (
        {
            "loss": K.SparseCategoricalCrossentropy(from_logits=True),
            "y_true": np.arange(2060).astype("float16"),
            "y_pred": RNG.normal(size=(2060, 2060)).astype("float32") + 6 * np.eye(2060, dtype="float32"),
        },
        ("precision", "share float16 numbers"),
        {"y_true": np.arange(2060)},
    ),
    "missing targets": (
        {"loss": K.MeanSquaredError(), "y_true": few(NUMBERS, 2, np.nan), "y_pred": ERRORS},
        ("not finite", "`y_true` is NaN"),
        {"y_true": NUMBERS},
    ),
    "logits for probabilities": (
        {"loss": K.SparseCategoricalCrossentropy(), "y_true": IDS, "y_pred": LOGITS},
        ("predictions", "expects probabilities"),
        {"y_pred": PROBABILITIES},
    ),
    "probabilities for logits": (
        {"loss": SPARSE, "y_true": IDS, "y_pred": PROBABILITIES},
        ("predictions", "looks like probabilities"),
        {"y_pred": LOGITS},
    ),
    "a sigmoid for a softmax": (
        {"loss": K.CategoricalCrossentropy(), "y_true": np.eye(3)[IDS], "model": network("sigmoid"), "x": X},
        ("activation", "expects a softmax"),
        {"model": network("softmax")},
    ),
    "out of reach": (
        {"loss": K.MeanSquaredError(), "y_true": 3 * NUMBERS, "model": network("tanh", 2), "x": X},
        ("activation", "out of reach"),
        {"model": network(None, 2)},
    ),
    "ids from 1": (
        {"loss": SPARSE, "y_true": IDS + 1, "y_pred": LOGITS},
        ("labels", "ids go from 0 to 2"),
        {"y_true": IDS},
    ),
    "unknown ids": (
        {"loss": SPARSE, "y_true": few(IDS, 5, -100), "y_pred": LOGITS},
        ("labels", "ids go from 0 to 2"),
        {"y_true": IDS},
    ),
    "a mask of 255": (
        {
            "loss": K.BinaryCrossentropy(from_logits=True),
            "y_true": 255 * (IDS[:, None] == 1),
            "y_pred": LOGITS[:, :1],
        },
        ("labels", "takes labels in [0, 1]"),
        {"y_true": 1 * (IDS[:, None] == 1)},
    ),
    "several labels for one": (
        {"loss": K.CategoricalCrossentropy(from_logits=True), "y_true": 1.0 * (LOGITS > 0), "y_pred": LOGITS},
        ("labels", "not probabilities that sum to 1"),
        {"y_true": np.eye(3)[IDS]},
    ),
    "signs for 0 and 1": (
        {"loss": K.Hinge(label_format="binary"), "y_true": np.sign(NUMBERS), "y_pred": ERRORS},
        ("labels", "takes labels 0 and 1"),
        {"y_true": 1.0 * (NUMBERS > 0)},
    ),
    "names for ids": (
        {"loss": SPARSE, "y_true": np.array(["cat", "dog", "eel"])[IDS], "y_pred": LOGITS},
        ("labels", "holds no numbers, but ['"),
        {"y_true": IDS},
    ),
    "lengths for corners": (
        {"loss": K.CIoU(), "y_true": few(BOXES, 2, [3, 3, 1, 1]), "y_pred": BOXES},
        ("labels", "read as 'xyxy', has a negative side at (0,), (1,)."),
        {"y_true": BOXES},
    ),
    "corners in the wrong order": (
        {"loss": K.GIoU(bounding_box_format="rel_yxyx"), "y_true": BOXES[:, [2, 3, 0, 1]], "y_pred": BOXES},
        ("labels", "read as 'rel_yxyx', has a negative side at (0,), (1,), (2,) and 397 more"),
        {"y_true": BOXES},
    ),
    "negative lengths": (
        {"loss": K.DIoU(bounding_box_format="center_xywh"), "y_true": BOXES * [1, 1, 1, -1], "y_pred": BOXES},
        ("labels", "read as 'center_xywh', has a negative side"),
        {"y_true": BOXES[:, [2, 3, 0, 1]]},
    ),
    "negative lengths of objects": (
        {"loss": K.SetPrediction(), "y_true": OBJECTS * [[[1, 1, 1, 1, -1]]], "y_pred": QUERIES},
        ("labels", "read as 'center_xywh', has a negative side at (0, 0), (1, 0)."),
        {"y_true": OBJECTS},
    ),
    "pixels up to 255": (
        {"loss": K.SSIM(filter_size=5), "y_true": 255 * PIXELS, "y_pred": 200 * PIXELS},
        ("labels", "to 255, but `max_val` is 1."),
        {"y_true": PIXELS, "y_pred": PIXELS * 0.8},
    ),
    "pixels up to 1": (
        {"loss": K.PSNR(max_val=255.0), "y_true": PIXELS, "y_pred": PIXELS * 0.8},
        ("labels", "but `max_val` is 255."),
        {"loss": K.PSNR()},
    ),
    "cross-entropies for log-probabilities": (
        {"loss": K.DPO(), "y_true": TEXTS, "y_pred": -TEXTS},
        ("predictions", "Logarithms of probabilities are not above 0"),
        {"y_pred": TEXTS},
    ),
    "a language model that sees its labels": (
        {
            "loss": K.CausalLMCrossentropy(),
            "y_true": IDS.reshape(40, 10),
            "y_pred": LOGITS.reshape(40, 10, 3),
            "x": IDS.reshape(40, 10),
        },
        ("inputs", "it learns to copy"),
        {"x": X},
    ),
}
NO_LINE = {  # the data must change, or the model
    "embeddings for cosines",
    "no positive pair",
    "no negative pair",
    "a missing class",
    "constant targets",
    "labels beyond the classes",
    "tags out of range",
    "lists of one item",
    "lists without a relevant item",
    "lists of one relevance",
    "intervals out of range",
    "risks beyond those of the outputs",
    "no event",
    "few events",
    "negative lengths",
    "negative lengths of objects",
}
each_fault = pytest.mark.parametrize("name", WRONG)


def findings(setup, check, text):
    """The findings of this kind."""
    return [f for f in K.diagnose(**{"y_pred": None, **setup}) if f.check == check and text in f.seen]


@each_fault
def test_it_is_found_and_absent_where_all_is_well(name):
    setup, (check, text), right = WRONG[name]
    assert len(findings(setup, check, text)) == 1
    assert K.diagnose(**{"y_pred": None, **setup, **right}).ok


@each_fault
def test_its_line_of_code_mends_it(name):
    setup, (check, text), _ = WRONG[name]
    (finding,) = findings(setup, check, text)
    assert (finding.fix is None) == (name in NO_LINE)
    if finding.fix is None:
        return
    assert "\n" not in finding.fix
    copy = {**setup}
    if copy.get("model") is not None:
        copy["model"] = keras.models.clone_model(copy["model"])
        copy["model"].set_weights(setup["model"].get_weights())
    before = {f.check for f in K.diagnose(**{"y_pred": None, **copy})}
    exec(finding.fix, {"np": np, "keras": keras, "kerasloss": K}, copy)
    after = K.diagnose(**{"y_pred": None, **{key: copy[key] for key in setup}})
    assert finding.seen not in [f.seen for f in after]
    assert not [f for f in after if f.check == check and text in f.seen]
    assert {f.check for f in after} <= before


def test_padding_of_lists_and_series_is_right():
    """NaN stands for it in lists, and in whole frames of a series; elsewhere it is a mistake."""
    padded = np.where(np.arange(10) < 7, GRADES, np.nan)
    assert K.diagnose(K.ListNet(), padded, SCORES).ok
    series = RNG.normal(size=(4, 5, 2))
    series[:2, 3:] = np.nan
    assert K.diagnose(K.SoftDTW(), series, RNG.normal(size=(4, 6, 2))).ok
    series[3, 1, 0] = np.nan
    assert "`y_true` is NaN at (3, 1, 0)." in K.diagnose(K.SoftDTW(), series, series[::-1] * 0)[0].seen


def test_what_is_packed_into_labels_has_no_scale():
    history = 500 + RNG.normal(size=(20, 30))
    labels, forecasts = np.concatenate([history, history[:, :1]], axis=1), 0.1 * history[:, :1] - 50
    found = K.diagnose(K.MeanAbsoluteScaledError(), labels, forecasts)
    assert not [finding for finding in found if finding.check == "scale"]


def test_signs_are_found_once_and_among_many():
    signs = np.where(GRADES > 0, 1, -1)
    (finding,) = K.diagnose(K.PairwiseLogistic(), signs, SCORES)
    assert "-1 or 1" in finding.seen
    few_signs = K.diagnose(K.PairwiseLogistic(), signs[:1, :3], SCORES[:1, :3])
    assert "-1 or 1" not in str(few_signs)


def test_chosen_items_alone_are_right_where_each_costs_by_itself():
    chosen, cosines = np.ones((30, 10), int), np.tanh(SCORES)
    assert K.diagnose(K.CosineContrastive(), chosen, cosines).ok
    assert not K.diagnose(K.PairwiseLogistic(), chosen, cosines).ok


def test_fractions_of_intervals_can_not_be_cut():
    """The line would lose them, and the indices with them."""
    subjects = np.concatenate([TIMES, TIMES[:, :1] % 1], axis=1)
    (finding,) = (f for f in K.diagnose(K.PCHazard(), subjects, LOGITS) if "takes indices" in f.seen)
    assert finding.fix is None


@pytest.mark.parametrize(("events", "subjects", "found"), [(19, 400, True), (21, 400, False), (1, 60, False)])
def test_how_few_events_are_few(events, subjects, found):
    y_true = TIMES[:subjects] * [1, 0] + [0, 1] * (np.arange(subjects) < events)[:, None]
    checks = [f.check for f in K.diagnose(K.CoxPH(), y_true, LOGITS[:subjects, :1])]
    assert checks == ["imbalance"] * found


def test_intervals_of_masked_subjects_may_be_anything():
    y_true = few(SUBJECTS[:8], 1, 9)
    assert K.diagnose(K.LogisticHazard(), y_true, masked(LOGITS[:8], np.arange(8) > 0)).ok
    assert not K.diagnose(K.LogisticHazard(), y_true, LOGITS[:8]).ok


def test_the_last_class_may_be_the_blank():
    labels = np.array([[1, 4], [3, -100]])
    found = K.diagnose(K.CTC(blank_index=-1, ignore_class=-100), labels, FRAMES)
    assert "has the blank, 4, as a label at (0, 1)" in found[0].seen


def test_views_are_positives_of_each_other():
    loss, ids = K.SupervisedContrastive(), np.arange(400)
    assert [f.check for f in K.diagnose(loss, ids, LOGITS)] == ["labels"]
    assert K.diagnose(loss, ids, np.stack([LOGITS, LOGITS[::-1]], 1)).ok


def test_a_compiled_model_says_what_its_loss_is():
    model = network("softmax", loss=SPARSE)
    found = K.diagnose(model, X, IDS)
    assert [f.check for f in found] == [f.check for f in K.diagnose(SPARSE, IDS, model=model, x=X)] != []
    assert K.diagnose(network(loss=SPARSE), X, IDS).ok
    with pytest.raises(ValueError, match="diagnose: the model must be compiled"):
        K.diagnose(network(), X, IDS)


def test_a_compiled_model_of_several_outputs():
    inputs = keras.Input((4,))
    outputs = {"a": keras.layers.Dense(3, name="a")(inputs), "b": keras.layers.Dense(2, name="b")(inputs)}
    model = keras.Model(inputs, outputs)
    model.compile(loss={"a": "sparse_categorical_crossentropy", "b": "mse"})
    found = K.diagnose(model, X, {"a": IDS, "b": NUMBERS})
    assert found and {f.output for f in found} == {"a"} and not any(f.fix for f in found)


def test_an_output_that_drowns_another():
    losses, y = {"a": SPARSE, "b": K.MeanSquaredError(scale=1000.0)}, {"a": IDS, "b": NUMBERS}
    p = {"a": LOGITS, "b": ERRORS}
    (found,) = K.diagnose(losses, y, p)
    assert (found.check, found.output) == ("balance", "b") and "times that of output 'a'" in found.seen
    weights = eval(found.advice.partition("loss_weights=")[2].rstrip("`."))
    assert weights["a"] == 1 and 0 < weights["b"] < 0.01
    assert K.diagnose({**losses, "b": K.MeanSquaredError(scale=1000.0 * weights["b"])}, y, p).ok
    assert K.diagnose({**losses, "b": "mse"}, y, p).ok


def test_the_gradient_of_an_output_is_computed_once(monkeypatch):
    calls, gradient = [], gradients.gradient
    monkeypatch.setattr(gradients, "gradient", lambda *args: calls.append(args) or gradient(*args))
    losses = {"a": SPARSE, "b": K.MeanSquaredError(scale=1000.0)}
    assert not K.diagnose(losses, {"a": IDS, "b": NUMBERS}, {"a": LOGITS, "b": ERRORS}).ok
    assert len(calls) == 2


def test_values_of_a_sum_are_those_of_no_part():
    """Those of the last part were taken for the values of the whole."""
    chance = K.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    for loss in (20 * chance, 10 * K.CategoricalHinge(reduction=None) + 10 * chance):
        assert K.diagnose(loss, IDS, LOGITS).ok, loss
    squares, errors = K.MeanSquaredError(reduction=None), few(ERRORS, 4, 1e3)
    for loss in (squares, 2 * squares):
        assert [f.check for f in K.diagnose(loss, NUMBERS, errors)] == ["outliers"], loss
    assert K.diagnose(0.01 * squares + K.MeanAbsoluteError(reduction=None), NUMBERS, errors).ok


def test_the_report():
    found = K.diagnose(SPARSE, IDS + 1, LOGITS)
    assert not found.ok and repr(found).startswith("1. labels: `y_true` has 3 at ")
    assert "\n   y_true = y_true - 1\n" in repr(found) and str(found) == repr(found)
    assert "<pre>y_true = y_true - 1</pre>" in found._repr_html_()
    nothing = K.diagnose(SPARSE, IDS, LOGITS)
    assert nothing.ok and repr(nothing) == "Nothing found." and "Nothing found" in nothing._repr_html_()


def test_a_loss_of_the_user_gets_no_line_in_our_name():
    class Mine(K.SparseCategoricalCrossentropy):
        """A class of the user."""

    (finding,) = K.diagnose(Mine(from_logits=True), IDS, PROBABILITIES)
    assert finding.fix is None and "from_logits=False" in finding.advice
