from unittest import mock

import numpy as np

from tests.equivalents.number import EMBEDDINGS, PAIRS, TORCHVISION, Number, draws, import_without
from tests.equivalents.numbers.torch import tensor


def losses(module="lightly.loss"):
    """Its losses alone: the package imports torchvision, which has no wheel beside this PyTorch."""
    return import_without(TORCHVISION, module)


def of_views(name, module="lightly.loss", **arguments):
    """The number of views that it takes one by one."""
    return lambda _, y_pred: getattr(losses(module), name)(**arguments)(*map(tensor, views(y_pred)))


def views(y_pred):
    return list(np.moveaxis(y_pred, 1, 0))


def detached(_, y_pred):
    """The mean of both directions, of two predictions and their targets."""
    p1, p2, z1, z2 = map(tensor, views(y_pred))
    loss = losses().NegativeCosineSimilarity()
    return 0.5 * (loss(p1, z2.detach()) + loss(p2, z1.detach()))


def dino(teachers, **arguments):
    def theirs(_, y_pred):
        outputs = [tensor(x) for x in views(y_pred)]
        return losses().DINOLoss(y_pred.shape[-1], **arguments)(outputs[:teachers], outputs[teachers:])

    return theirs


def swav(large, **arguments):
    def theirs(_, y_pred):
        outputs = [tensor(x) for x in views(y_pred)]
        return losses().SwaVLoss(**arguments)(outputs[:large], outputs[large:])[0]

    return theirs


def koleo(_, y_pred):
    return losses().KoLeoLoss()(tensor(y_pred))


def directions(self, device, dtype, width):
    """Those of a seed of 0, instead of new ones at every call."""
    drawn = np.random.default_rng(0).standard_normal((self.num_vectors, width))
    return tensor(drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).T


def sigreg(**arguments):
    def theirs(_, y_pred):
        loss = losses().SIGReg(**arguments)
        with mock.patch.object(type(loss), "_generate_unit_vectors", directions):
            return loss(tensor(np.moveaxis(y_pred, 1, 0) if y_pred.ndim == 3 else y_pred))

    return theirs


def lejepa(large, **arguments):
    def theirs(_, y_pred):
        outputs, module = tensor(np.stack(views(y_pred))), losses()
        with mock.patch.object(module.SIGReg, "_generate_unit_vectors", directions):
            loss = module.LeJEPALoss(**arguments)
            return loss(local_proj=outputs[large:], global_proj=outputs[:large])

    return theirs


NONE, FOUR = np.zeros(5), draws(31)(5, 4, 3)
FEW = {"knots": 9, "t_max": 2.0}

NUMBERS = {
    "BarlowTwinsLoss": [
        Number(of_views("BarlowTwinsLoss"), NONE, PAIRS),
        Number(of_views("BarlowTwinsLoss", lambda_param=0.5), NONE, PAIRS, {"redundancy_weight": 0.5}),
    ],
    "VICRegLoss": [
        Number(of_views("VICRegLoss"), NONE, PAIRS),
        Number(
            of_views("VICRegLoss", lambda_param=1.0, mu_param=50.0, nu_param=2.0, eps=0.1),
            NONE,
            0.5 * PAIRS,
            {"invariance_weight": 1.0, "variance_weight": 50.0, "covariance_weight": 2.0, "epsilon": 0.1},
        ),
    ],
    "NegativeCosineSimilarity": [
        Number(of_views("NegativeCosineSimilarity"), NONE, PAIRS),
        Number(detached, NONE, FOUR),
    ],
    "HypersphereLoss": [
        Number(of_views("HypersphereLoss", "lightly.loss.hypersphere_loss"), NONE, PAIRS),
        Number(
            of_views("HypersphereLoss", "lightly.loss.hypersphere_loss", t=2.0, lam=0.5, alpha=3.0),
            NONE,
            PAIRS,
            {"t": 2.0, "uniformity_weight": 0.5, "alpha": 3.0},
        ),
    ],
    "NTXentLoss": [
        Number(of_views("NTXentLoss"), NONE, PAIRS),
        Number(of_views("NTXentLoss", temperature=0.2), NONE, PAIRS, {"temperature": 0.2}),
    ],
    "DCLLoss": [
        Number(of_views("DCLLoss"), NONE, PAIRS),
        Number(of_views("DCLLoss", temperature=0.5), NONE, PAIRS, {"temperature": 0.5}),
    ],
    "DCLWLoss": [
        Number(of_views("DCLWLoss"), NONE, PAIRS),
        Number(of_views("DCLWLoss", sigma=0.8), NONE, PAIRS, {"sigma": 0.8}),
    ],
    "KoLeoLoss": [Number(koleo, np.zeros(8), EMBEDDINGS)],
    "DINOLoss": [
        Number(dino(2, teacher_temp=0.4), NONE, FOUR, {"teacher_temperature": 0.4}),
        Number(
            dino(1, teacher_temp=0.3, student_temp=0.5),
            NONE,
            FOUR,
            {"teacher_temperature": 0.3, "student_temperature": 0.5, "teacher_views": 1},
        ),
    ],
    "SwaVLoss": [
        Number(swav(2, sinkhorn_epsilon=0.5), NONE, FOUR, {"sinkhorn_epsilon": 0.5}),
        Number(
            swav(1, temperature=0.3, sinkhorn_iterations=1, sinkhorn_epsilon=0.3),
            NONE,
            FOUR,
            {"temperature": 0.3, "sinkhorn_iterations": 1, "sinkhorn_epsilon": 0.3, "code_views": 1},
        ),
    ],
    "SIGReg": [
        Number(sigreg(), np.zeros(8), EMBEDDINGS),
        Number(sigreg(num_vectors=3, **FEW), NONE, PAIRS, {"projections": 3, **FEW}),
    ],
    "LeJEPALoss": [
        Number(lejepa(2), NONE, FOUR),
        Number(lejepa(1, lambda_param=0.5), NONE, FOUR, {"sigreg_weight": 0.5, "global_views": 1}),
    ],
}
