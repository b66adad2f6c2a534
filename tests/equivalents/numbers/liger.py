"""Its chunked losses run without a GPU. They take hidden states: here of answers of one token, or the
tokens' own, with a head that makes them logits of the log-probabilities."""

import numpy as np

from tests.equivalents.number import (
    IGNORED,
    LOGITS,
    POLICY,
    PROBABILITIES,
    REFERENCE,
    SOFT,
    Number,
)
from tests.equivalents.numbers.flux import log_softmax
from tests.equivalents.numbers.torch import tensor
from tests.equivalents.numbers.trl import FIRST, GOOD, TAKEN, TOKENS


def of_two(log_p):
    """The logits of two tokens, of which the first has this log-probability."""
    return np.stack([log_p, np.log1p(-np.exp(log_p))], axis=-1)


def answers(log_p):
    """The logits of chosen and then of rejected answers."""
    return tensor(of_two(log_p.T.reshape(-1))[:, None])


def chunked(name, reference=False, **arguments):
    def theirs(y_true, y_pred):
        import torch
        from liger_kernel import chunked_loss

        x, head = answers(y_pred), torch.eye(2)
        given = {"ref_input": answers(y_true), "ref_weight": head} if reference else {}
        loss = getattr(chunked_loss, name)(compiled=False, **arguments)
        return loss(head, x, torch.zeros(x.shape[:2], dtype=torch.long), **given)[0]

    return theirs


def kto(y_true, y_pred):
    import torch
    from liger_kernel.chunked_loss import LigerFusedLinearKTOLoss

    x, before, head = answers(y_pred[:, None]), answers(y_true[:, 1:]), torch.eye(2)
    good, ids = tensor(y_true[:, 0]) > 0, torch.zeros(x.shape[:2], dtype=torch.long)
    loss = LigerFusedLinearKTOLoss(compiled=False, use_ref_model=True)
    return loss(x, head, ids, preference_labels=good, ref_input=before, ref_weight=head)[0]


def grpo(kind, beta=0.04, **arguments):
    def theirs(y_true, y_pred):
        import torch
        from liger_kernel.chunked_loss import LigerFusedLinearGRPOLoss

        old, advantage, there, before = (tensor(x) for x in np.moveaxis(y_true, -1, 0))
        ids = torch.zeros(there.shape, dtype=torch.long)
        loss = LigerFusedLinearGRPOLoss(beta=beta, compiled=False, loss_type=kind, **arguments)
        logs = {"ref_per_token_logps": before, "old_per_token_logps": old}
        return loss(tensor(of_two(y_pred)), torch.eye(2), ids, there, advantage[:, 0], **logs)[0]

    return theirs


def distillation(y_true, y_pred):
    import torch
    from liger_kernel.chunked_loss import LigerFusedLinearJSDLoss

    teacher, ids, head = tensor(y_true[:, :-1]), tensor(y_true[:, -1]).long(), torch.eye(4)
    loss = LigerFusedLinearJSDLoss(beta=0.0, compiled=False)
    return loss(tensor(y_pred), head, teacher, head, ids)


def both_heads(beta=0.5, temperature=1.0, hard=0.5):
    """Its documented formula."""

    def theirs(ids, y_pred):
        x, t = y_pred[0] @ y_pred[1], y_pred[2] @ y_pred[3]
        log_p, log_q = log_softmax(t / temperature), log_softmax(x / temperature)
        soft = jsd(log_p, log_q, beta) if beta else kl(np.exp(log_p), log_q)
        return hard * crossentropy()(ids, x) + (1 - hard) * soft

    return theirs


def crossentropy(z_loss=0.0):
    """Its documented formula; the kernel needs a GPU."""

    def theirs(y_true, y_pred):
        there = y_true != -100
        y, x = y_true[there], y_pred[there]
        total = np.log(np.exp(x).sum(-1))
        return np.mean(total - x[np.arange(len(y)), y] + z_loss * total**2)

    return theirs


def linear(y_true, y_pred):
    return crossentropy()(y_true, y_pred[0] @ y_pred[1])


def kl(y, p):
    return np.mean(np.sum(y * (np.log(y) - p), axis=-1))


def jsd(y, p, beta=0.5):
    y, p = np.exp(y), np.exp(p)
    m = beta * y + (1 - beta) * p
    return np.mean(np.sum(beta * y * np.log(y / m) + (1 - beta) * p * np.log(p / m), axis=-1))


def tvd(y, p):
    return np.mean(np.sum(np.abs(y - p), axis=-1) / 2)


FORMULAS = {
    "LigerCrossEntropyLoss",
    "LigerFusedLinearCrossEntropyLoss",
    "LigerFusedLinearJSDLoss",
    "LigerKLDIVLoss",
    "LigerJSD",
    "LigerTVDLoss",
}
"""What is stored comes of their documented formulas: kernels need a GPU."""

LOG_P = np.round(log_softmax(LOGITS), 4)
TEACHER = np.concatenate([SOFT * 4, np.array([[0.0], [2], [1], [3], [2]])], axis=-1)
IDS, HEADS = np.arange(len(LOGITS)) % 4, (LOGITS, SOFT[:4], LOGITS[::-1, :2], 3 * SOFT[:2])

NUMBERS = {
    "LigerCrossEntropyLoss": [
        Number(crossentropy(), IGNORED, LOGITS),
        Number(crossentropy(0.1), IGNORED, LOGITS, {"z_loss": 0.1}),
    ],
    "LigerFusedLinearCrossEntropyLoss": [Number(linear, IGNORED, (LOGITS, SOFT[:4]))],
    "LigerKLDIVLoss": [Number(kl, SOFT, LOG_P)],
    "LigerJSD": [
        Number(jsd, np.log(SOFT), LOG_P),
        Number(lambda y, p: jsd(y, p, 0.1), np.log(SOFT), LOG_P, {"beta": 0.1}),
    ],
    "LigerTVDLoss": [Number(tvd, SOFT, PROBABILITIES)],
    "LigerFusedLinearJSDLoss(beta=0)": [Number(distillation, TEACHER, LOGITS)],
    "LigerFusedLinearJSDLoss": [
        Number(both_heads(), IDS, HEADS),
        Number(
            both_heads(0.1, 2.0, 0.25), IDS, HEADS, {"beta": 0.1, "temperature": 2.0, "hard_weight": 0.25}
        ),
        Number(both_heads(0.0), IDS, HEADS, {"beta": 0.0}),
        Number(both_heads(hard=0.0), IDS, HEADS, {"hard_weight": 0.0}),
    ],
    "LigerFusedLinearDPOLoss": [
        Number(chunked("LigerFusedLinearDPOLoss", True), REFERENCE, POLICY),
        Number(
            chunked("LigerFusedLinearDPOLoss", True, beta=0.4, loss_type="apo_zero"),
            REFERENCE,
            POLICY,
            {"beta": 0.4, "loss_type": "apo_zero"},
        ),
    ],
    "LigerFusedLinearKTOLoss": [Number(kto, np.stack([GOOD, REFERENCE[:, 0]], axis=-1), POLICY[:, 0])],
    "LigerFusedLinearORPOLoss": [Number(chunked("LigerFusedLinearORPOLoss"), FIRST, POLICY)],
    "LigerFusedLinearCPOLoss": [Number(chunked("LigerFusedLinearCPOLoss"), FIRST, POLICY)],
    "LigerFusedLinearSimPOLoss(compute_nll_loss=False)": [
        Number(chunked("LigerFusedLinearSimPOLoss", compute_nll_loss=False), FIRST, POLICY)
    ],
    'LigerFusedLinearGRPOLoss(loss_type="grpo")': [Number(grpo("grpo"), TAKEN, TOKENS)],
    "LigerFusedLinearGRPOLoss": [Number(grpo("dapo"), TAKEN, TOKENS)],
    'LigerFusedLinearGRPOLoss(loss_type="dr_grpo")': [
        Number(grpo("dr_grpo", max_completion_length=4), TAKEN, TOKENS)
    ],
    'LigerFusedLinearGRPOLoss(loss_type="cispo", epsilon_high=5)': [
        Number(grpo("cispo", epsilon_high=5.0), TAKEN, TOKENS),
        Number(grpo("cispo", epsilon_high=1.1), TAKEN, TOKENS, {"clip_high": 0.1}),
    ],
    'LigerFusedLinearGRPOLoss(loss_type="sapo")': [
        Number(grpo("sapo"), TAKEN, TOKENS),
        Number(
            grpo("sapo", sapo_temperature_pos=2.0, sapo_temperature_neg=0.5),
            TAKEN,
            TOKENS,
            {"temperature": 2.0, "negative_temperature": 0.5},
        ),
    ],
}
