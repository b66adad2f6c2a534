"""What a PyTorch user would write: torch.nn.functional where it has the loss, else one line.

Probabilities are divided by their sum and clipped where the loss defines it so, as Keras's do: without it the
function would be another one, which a probability of 0 makes infinite.
"""

import math

import torch
import torch.nn.functional as F


def _clipped(p):
    return torch.clip(p, 1e-7, 1 - 1e-7)


def _normalized(p):
    return _clipped(p / torch.sum(p, dim=-1, keepdim=True))


def _sparse_of_probabilities(y, p):
    p = torch.gather(p, -1, y.long()[:, None]) / torch.sum(p, dim=-1, keepdim=True)
    return -torch.mean(torch.log(_clipped(p)))


def _log_cosh(y, x):
    e = x - y
    return torch.mean(e + F.softplus(-2 * e) - math.log(2))


def _focal(y, x):
    p_t = y * torch.sigmoid(x) + (1 - y) * torch.sigmoid(-x)
    return torch.mean((1 - p_t) ** 2 * F.binary_cross_entropy_with_logits(x, y, reduction="none"))


def _focal_of_probabilities(y, p):
    p_t = y * p + (1 - y) * (1 - p)
    return torch.mean((1 - p_t) ** 2 * F.binary_cross_entropy(p, y, reduction="none"))


def _categorical_focal(y, x):
    log_p = F.log_softmax(x, dim=-1)
    return -0.25 * torch.mean(torch.sum(y * (1 - torch.exp(log_p)) ** 2 * log_p, dim=-1))


def _categorical_focal_of_probabilities(y, p):
    p = _normalized(p)
    return -0.25 * torch.mean(torch.sum(y * (1 - p) ** 2 * torch.log(p), dim=-1))


def _kl(p, q):
    p, q = torch.clip(p, 1e-7, 1), torch.clip(q, 1e-7, 1)
    return F.kl_div(torch.log(q), p, reduction="batchmean")


def _quantile(y, x):
    e = y - x
    return torch.mean(torch.maximum(0.9 * e, -0.1 * e))


def _dice(y, p):
    return 1 - 2 * torch.sum(y * p) / (torch.sum(y) + torch.sum(p) + 1e-7)


def _ctc(y, x):
    frames, labels = (torch.full((len(x),), n) for n in (x.shape[1], y.shape[1]))
    return torch.mean(F.ctc_loss(F.log_softmax(x, -1).transpose(0, 1), y, frames, labels, reduction="none"))


natives = {
    "mse": lambda y, x: F.mse_loss(x, y),
    "mae": lambda y, x: F.l1_loss(x, y),
    "huber": lambda y, x: F.huber_loss(x, y),
    "logcosh": _log_cosh,
    "cosine": lambda y, x: -torch.mean(F.cosine_similarity(x, y, dim=-1)),
    "bce-logits": lambda y, x: F.binary_cross_entropy_with_logits(x, y),
    "bce-probs": lambda y, p: F.binary_cross_entropy(p, y),
    "ce-logits": lambda y, x: F.cross_entropy(x, y),
    "ce-probs": lambda y, p: -torch.mean(torch.sum(y * torch.log(_normalized(p)), dim=-1)),
    "sparse-logits": lambda y, x: F.cross_entropy(x, y.long()),
    "sparse-probs": _sparse_of_probabilities,
    "focal-bin-logits": _focal,
    "focal-bin-probs": _focal_of_probabilities,
    "focal-cat-logits": _categorical_focal,
    "focal-cat-probs": _categorical_focal_of_probabilities,
    "kl-probs": _kl,
    "kl-logits": lambda p, x: F.kl_div(F.log_softmax(x, dim=-1), p, reduction="batchmean"),
    "poisson": lambda y, x: F.poisson_nll_loss(x, y, log_input=False, eps=1e-7),
    "quantile": _quantile,
    "dice": _dice,
    "ctc": _ctc,
}
