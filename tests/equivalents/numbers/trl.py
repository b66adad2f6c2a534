"""TRL's formulas, as its documentation and papers have them: its trainers compute them inside."""

import numpy as np

from tests.equivalents.number import POLICY, REFERENCE, Number, draws, sigmoid

BETA = 0.1
normal = draws(1)


def log_sigmoid(x):
    return np.log(sigmoid(x))


def dpo(kind, beta=BETA, smoothing=0.0):
    def theirs(reference, policy):
        a, b = (policy - reference).T
        x, e = beta * (a - b), smoothing
        values = {
            "sigmoid": lambda: -log_sigmoid(x),
            "hinge": lambda: np.maximum(0, 1 - x),
            "exo_pair": lambda: (
                sigmoid(x) * (log_sigmoid(x) - np.log(1 - e)) + sigmoid(-x) * (log_sigmoid(-x) - np.log(e))
            ),
            "nca_pair": lambda: (
                -log_sigmoid(beta * a) - (log_sigmoid(-beta * a) + log_sigmoid(-beta * b)) / 2
            ),
            "robust": lambda: (e * log_sigmoid(-x) - (1 - e) * log_sigmoid(x)) / (1 - 2 * e),
            "bco_pair": lambda: -log_sigmoid(beta * a) - log_sigmoid(-beta * b),
            "sppo_hard": lambda: (a - 1 / 2 / beta) ** 2 + (b + 1 / 2 / beta) ** 2,
            "apo_zero": lambda: 1 - sigmoid(beta * a) + sigmoid(beta * b),
            "apo_down": lambda: sigmoid(beta * a) + 1 - sigmoid(x),
        }
        return np.mean(values[kind]())

    return theirs


def kto(y_true, y_pred, beta=BETA):
    good, before, before_kl = y_true.T
    z = max(0, np.mean(y_pred[:, 1] - before_kl))
    gain = y_pred[:, 0] - before
    return np.mean(np.where(good > 0, 1 - sigmoid(beta * (gain - z)), 1 - sigmoid(beta * (z - gain))))


def cpo(_, y_pred, beta=BETA):
    chosen, rejected = y_pred.T
    return np.mean(-log_sigmoid(beta * (chosen - rejected)) - chosen)


def simpo(_, y_pred, beta=BETA, gamma=0.5):
    chosen, rejected = y_pred.T
    return np.mean(-log_sigmoid(beta * (chosen - rejected - gamma / beta)))


def orpo(_, y_pred, beta=BETA):
    chosen, rejected = y_pred.T
    odds = chosen - rejected - (np.log1p(-np.exp(chosen)) - np.log1p(-np.exp(rejected)))
    return np.mean(-chosen - beta * log_sigmoid(odds))


def reward(center=0.0):
    def theirs(_, y_pred):
        chosen, rejected = y_pred.T
        return np.mean(-log_sigmoid(chosen - rejected) + center * (chosen + rejected) ** 2)

    return theirs


def of_tokens(y_true, y_pred, kind="clip", clip=0.2, bound=5.0, temperatures=(1.0, 1.05)):
    old, advantage = y_true[..., 0], y_true[..., 1]
    ratio = np.exp(y_pred - old)
    if kind == "cispo":
        return -np.minimum(ratio, bound) * advantage * y_pred
    if kind == "sapo":
        t = np.where(advantage > 0, *temperatures)
        return -sigmoid(t * (ratio - 1)) * 4 / t * advantage
    return -np.minimum(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage)


def grpo(kind, beta=0.0, **arguments):
    def theirs(y_true, y_pred):
        mask, d = y_true[..., 2], y_true[..., 3] - y_pred
        values = (of_tokens(y_true, y_pred, kind, **arguments) + beta * (np.exp(d) - d - 1)) * mask
        if kind in ("grpo", "sapo"):
            return np.mean(values.sum(-1) / mask.sum(-1))
        return values.sum() / (mask.size if kind == "dr_grpo" else mask.sum())

    return theirs


def ppo(y_true, y_pred):
    mask = y_true[..., 2]
    return np.sum(of_tokens(y_true, y_pred) * mask) / mask.sum()


def dft(inputs, logits):
    ids = np.roll(inputs, -1, axis=1)
    there = ids != -100
    there[:, -1] = False
    e = np.exp(logits)
    p = np.take_along_axis(e / e.sum(-1, keepdims=True), np.where(there, ids, 0)[..., None], -1)[..., 0]
    return np.sum(-p * np.log(p) * there) / there.sum()


def gkd(_, y_pred, beta=0.5, temperature=0.9):
    """Its `generalized_jsd_loss`, of the logits of two heads."""
    student, teacher = (
        x - np.log(np.sum(np.exp(x), axis=-1, keepdims=True))
        for x in (y_pred[0] @ y_pred[1] / temperature, y_pred[2] @ y_pred[3] / temperature)
    )
    mixture = np.logaddexp(student + np.log1p(-beta), teacher + np.log(beta))
    kl_teacher = np.sum(np.exp(teacher) * (teacher - mixture), axis=-1)
    kl_student = np.sum(np.exp(student) * (student - mixture), axis=-1)
    return np.mean(beta * kl_teacher + (1 - beta) * kl_student)


GOOD = np.array([1.0, 0.0, 1.0, 0.0])
OFFERED = np.stack([GOOD, REFERENCE[:, 0], REFERENCE[:, 1] - 1], axis=-1)
TOKENS = -np.abs(normal(3, 4)) - 0.1
THERE = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0]])
ADVANTAGE = np.array([[1.2], [-0.8], [0.5]]) + 0 * TOKENS
TAKEN = np.stack([TOKENS + normal(3, 4, scale=0.3), ADVANTAGE, THERE, TOKENS + normal(3, 4)], axis=-1)
FIRST = np.ones(4)
HEADS = normal(4, 3), normal(3, 5), normal(4, 2), normal(2, 5)

NUMBERS = {
    "DPOTrainer": [
        Number(dpo("sigmoid"), REFERENCE, POLICY),
        Number(dpo("sigmoid", 0.4), REFERENCE, POLICY, {"beta": 0.4}),
    ],
    'DPOTrainer(loss_type="exo_pair")': [Number(dpo("exo_pair", BETA, 0.1), REFERENCE, POLICY)],
    'DPOTrainer(loss_type="robust")': [
        Number(dpo("robust", 0.4, 0.2), REFERENCE, POLICY, {"beta": 0.4, "label_smoothing": 0.2})
    ],
    **{
        f'DPOTrainer(loss_type="{kind}")': [Number(dpo(kind, 0.4), REFERENCE, POLICY, {"beta": 0.4})]
        for kind in ("hinge", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down")
    },
    "KTOTrainer": [Number(kto, OFFERED, POLICY)],
    "CPOTrainer": [Number(cpo, FIRST, POLICY)],
    'CPOTrainer(loss_type="simpo")': [Number(simpo, FIRST, POLICY)],
    "ORPOTrainer": [Number(orpo, FIRST, POLICY)],
    "RewardTrainer": [
        Number(reward(), FIRST, POLICY),
        Number(reward(0.1), FIRST, POLICY, {"center": 0.1}),
    ],
    "GRPOTrainer": [
        Number(grpo("dapo"), TAKEN, TOKENS),
        Number(grpo("dapo", 0.3), TAKEN, TOKENS, {"beta": 0.3}),
    ],
    'GRPOTrainer(loss_type="grpo")': [Number(grpo("grpo"), TAKEN, TOKENS)],
    'GRPOTrainer(loss_type="dr_grpo")': [Number(grpo("dr_grpo"), TAKEN, TOKENS)],
    'GRPOTrainer(loss_type="cispo", epsilon_high=5)': [
        Number(grpo("cispo"), TAKEN, TOKENS),
        Number(grpo("cispo", bound=1.1), TAKEN, TOKENS, {"clip_high": 0.1}),
    ],
    'GRPOTrainer(loss_type="sapo")': [
        Number(grpo("sapo"), TAKEN, TOKENS),
        Number(
            grpo("sapo", temperatures=(2.0, 0.5)),
            TAKEN,
            TOKENS,
            {"temperature": 2.0, "negative_temperature": 0.5},
        ),
    ],
    "PPOTrainer": [Number(ppo, TAKEN[..., :3], TOKENS)],
    "GKDTrainer": [
        Number(gkd, np.array([0, 1, 2, 3]), HEADS),
        Number(lambda y, p: gkd(y, p, 0.2), np.array([0, 1, 2, 3]), HEADS, {"beta": 0.2}),
    ],
    'SFTTrainer(loss_type="dft")': [
        Number(dft, np.array([[0, 3, 1, -100], [2, 2, 0, 4], [1, 4, 3, 0], [3, -100, 2, 1]]), normal(4, 4, 5))
    ],
}
