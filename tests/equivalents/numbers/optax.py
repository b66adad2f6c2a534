import numpy as np

from tests.equivalents.number import (
    BINARY,
    BINARY_LOGITS,
    FRAMES,
    IDS,
    LABELS,
    LOGITS,
    MASK_LOGITS,
    MASKS,
    ONE_HOT,
    SCORES,
    SIGNS,
    SOFT,
    TRIPLETS,
    WORDS,
    YES,
    YES_LOGITS,
    Number,
    P,
    Y,
    one_hot,
    softmax,
)
from tests.equivalents.numbers.ranking import GRADES
from tests.equivalents.numbers.ranking import SCORES as RANKED


def call(name, *arrays, **arguments):
    import optax

    arrays = [np.asarray(x, "float32" if np.asarray(x).dtype.kind == "f" else None) for x in arrays]
    return np.mean(getattr(optax.losses, name)(*arrays, **arguments))


def mean(name, **arguments):
    """The mean of what a function of optax returns, which takes the prediction first."""
    return lambda y, p: call(name, p, y, **arguments)


def of_logs(name, logs=False):
    return lambda y, p: call(name, np.log(softmax(p)), np.log(y) if logs else y)


def ctc(y_true, y_pred):
    frames = np.zeros(y_pred.shape[:2], "float32")
    padding = (y_true < 0).astype("float32")
    return call("ctc_loss", y_pred, frames, np.maximum(y_true, 0), padding)


TWO_SCORES = np.concatenate([0 * YES_LOGITS, YES_LOGITS], axis=-1)
HARD = one_hot(MASKS, 3)

NUMBERS = {
    "squared_error": [Number(mean("squared_error"), Y, P)],
    "l2_loss": [Number(mean("l2_loss"), Y, P)],
    "huber_loss": [
        Number(mean("huber_loss"), Y, P),
        Number(mean("huber_loss", delta=0.6), Y, P, {"delta": 0.6}),
    ],
    "log_cosh": [Number(mean("log_cosh"), Y, P)],
    "cosine_similarity": [Number(lambda y, p: -call("cosine_similarity", p, y), Y, P)],
    "cosine_distance": [Number(lambda y, p: call("cosine_distance", p, y) - 1, Y, P)],
    "sigmoid_binary_cross_entropy": [Number(mean("sigmoid_binary_cross_entropy"), LABELS, SCORES)],
    "sigmoid_focal_loss": [
        Number(mean("sigmoid_focal_loss"), LABELS, SCORES),
        Number(
            mean("sigmoid_focal_loss", alpha=0.3, gamma=1.5),
            LABELS,
            SCORES,
            {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
        ),
    ],
    "softmax_cross_entropy": [Number(mean("softmax_cross_entropy"), SOFT, LOGITS)],
    "safe_softmax_cross_entropy": [Number(mean("safe_softmax_cross_entropy"), SOFT, LOGITS)],
    "softmax_cross_entropy_with_integer_labels": [
        Number(mean("softmax_cross_entropy_with_integer_labels"), IDS, LOGITS)
    ],
    "poly_loss_cross_entropy": [
        Number(mean("poly_loss_cross_entropy"), ONE_HOT, LOGITS),
        Number(mean("poly_loss_cross_entropy", epsilon=1.0), ONE_HOT, LOGITS, {"epsilon": 1.0}),
    ],
    "hinge_loss": [Number(mean("hinge_loss"), SIGNS, SCORES)],
    "perceptron_loss": [Number(mean("perceptron_loss"), SIGNS, SCORES)],
    "sparsemax_loss": [
        Number(lambda y, p: call("sparsemax_loss", p[:, 1], y[:, 0]), YES, TWO_SCORES),
    ],
    "multiclass_hinge_loss": [Number(mean("multiclass_hinge_loss"), IDS, LOGITS - 6)],
    "multiclass_perceptron_loss": [Number(mean("multiclass_perceptron_loss"), IDS, LOGITS - 6)],
    "multiclass_sparsemax_loss": [Number(mean("multiclass_sparsemax_loss"), IDS, LOGITS)],
    "kl_divergence": [Number(of_logs("kl_divergence"), SOFT, LOGITS)],
    "kl_divergence_with_log_targets": [
        Number(
            lambda y, p: call("kl_divergence_with_log_targets", np.log(softmax(p)), y), np.log(SOFT), LOGITS
        )
    ],
    "generalized_kl_divergence": [Number(mean("generalized_kl_divergence"), SOFT, LOGITS)],
    "convex_kl_divergence": [Number(mean("convex_kl_divergence"), SOFT, LOGITS)],
    "dice_loss": [
        Number(mean("dice_loss"), HARD, MASK_LOGITS),
        Number(mean("dice_loss", smooth=0.3), HARD, MASK_LOGITS, {"smooth": 0.6}),
    ],
    "binary_dice_loss": [Number(mean("binary_dice_loss"), BINARY, BINARY_LOGITS)],
    "ctc_loss": [Number(ctc, WORDS, FRAMES)],
    "triplet_margin_loss": [
        Number(lambda y, p: call("triplet_margin_loss", *np.moveaxis(p, 1, 0)), IDS, TRIPLETS)
    ],
    "ranking_softmax_loss": [
        Number(lambda y, p: call("ranking_softmax_loss", p, y.astype("float32")), GRADES, RANKED)
    ],
}
