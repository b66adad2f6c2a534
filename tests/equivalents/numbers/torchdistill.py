import numpy as np

from tests.equivalents.number import (
    IDS,
    LOGITS,
    PROBABILITIES,
    SOFT,
    Number,
    P,
    Y,
    draws,
)
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

PAIRS = {"pair": {name: {"io": "output", "path": "at"} for name in ("student", "teacher")}}
LOGITS_OF = {
    f"{who}_module_{x}": v for who in ("student", "teacher") for x, v in (("path", "at"), ("io", "output"))
}


def call(name, teacher, student, targets=None, **arguments):
    from torchdistill.losses import mid_level

    found = ({"at": {"output": x}} for x in (student, teacher))
    return getattr(mid_level, name)(**arguments)(*found, targets)


def of_logits(name, factor=1, **arguments):
    def theirs(y_true, y_pred):
        return factor * call(name, tensor(y_true), tensor(y_pred), **LOGITS_OF, **arguments)

    return theirs


def of_labels(temperature, alpha):
    """Of the teacher's logits and the class ids after them."""

    def theirs(y_true, y_pred):
        teacher, ids = tensor(y_true[:, :-1]), tensor(y_true[:, -1].astype("int64"))
        arguments = {"temperature": temperature, "alpha": alpha}
        return call("KDLoss", teacher, tensor(y_pred), ids, **LOGITS_OF, **arguments)

    return theirs


def of_maps(name, **arguments):
    def theirs(y_true, y_pred):
        return call(name, channels_first(y_true), channels_first(y_pred), **arguments)

    return theirs


def relations(distance, angle):
    def theirs(y_true, y_pred):
        paths = {"student_output_path": "at", "teacher_output_path": "at"}
        factors = {"dist_factor": distance, "angle_factor": angle, "reduction": "mean"}
        return call("RKDLoss", tensor(y_true), tensor(y_pred), **paths, **factors)

    return theirs


def of_flat(name, *paths):
    def theirs(y_true, y_pred):
        arguments = dict.fromkeys(paths, "at")
        return call(name, tensor(y_true), tensor(y_pred), **arguments)

    return theirs


def of_probabilities(tau=1.0, **weights):
    """Its logits, divided by tau, are the logarithms of these probabilities."""

    def theirs(y_true, y_pred):
        logits = (tau * np.log(p) for p in (y_true, y_pred))
        return call("DISTLoss", *map(tensor, logits), **LOGITS_OF, tau=tau, **weights) / tau**2

    return theirs


def variational(y_true, y_pred):
    from torchdistill.losses.mid_level import VIDLoss

    student = {"at": {"output": [channels_first(x) for x in (y_pred[..., 0], y_pred[..., 1])]}}
    return VIDLoss(PAIRS)(student, {"at": {"output": channels_first(y_true)}})


def adaptive(y_true, y_pred):
    from torchdistill.losses.mid_level import PADL2Loss

    mean, log_variance = (tensor(y_pred[..., i]) for i in (0, 1))
    student = {"at": {"output": mean}, "var_estimator": {"output": log_variance}}
    loss = PADL2Loss("at", "at", eps=0.0)
    return loss(student, {"at": {"output": tensor(y_true)}}) / 2


normal = draws(71)
TEACHER_LOGITS = normal(5, 4, scale=2)
LABELLED = np.concatenate([TEACHER_LOGITS, IDS[:, None]], axis=1)
MAPS, THIN_MAPS = normal(3, 4, 5, 3), normal(3, 4, 5, 2)
EMBEDDINGS, NARROW = normal(6, 4), normal(6, 3)
MEAN_AND_VARIANCE = np.stack([normal(3, 4, 5, 2), np.abs(normal(3, 4, 5, 2)) + 0.1], axis=-1)
TRANSLATED = ("paraphraser_path", "translator_path")
ADAPTED = ("knowledge_translator_path", "feature_adapter_path")
WEIGHTS = {"beta": 2.0, "gamma": 0.5}

NUMBERS = {
    "KDLoss": [
        Number(of_labels(2.0, 0.4), LABELLED, LOGITS, {"temperature": 2.0, "hard_weight": 0.4}),
        Number(of_labels(3.0, 1.0), LABELLED, LOGITS, {"hard_weight": 1.0}),
        Number(of_logits("KDLoss", 9, temperature=3.0, alpha=0), TEACHER_LOGITS, LOGITS),
    ],
    "SKDInstanceLoss": [
        Number(of_logits("SKDInstanceLoss", 16), TEACHER_LOGITS, LOGITS),
        Number(
            of_logits("SKDInstanceLoss", 4, temperature=2.0), TEACHER_LOGITS, LOGITS, {"temperature": 2.0}
        ),
    ],
    "ATLoss": [
        Number(of_maps("ATLoss", at_pairs=PAIRS), MAPS, THIN_MAPS),
        Number(
            of_maps("ATLoss", at_pairs=PAIRS),
            MAPS * (MAPS > 0),
            THIN_MAPS * np.array([0, 1, 1])[:, None, None, None],
        ),
    ],
    "RKDLoss": [
        Number(relations(25.0, 50.0), EMBEDDINGS, NARROW),
        Number(relations(1.0, 2.0), EMBEDDINGS, NARROW, {"distance_weight": 1.0, "angle_weight": 2.0}),
        Number(relations(1.0, 0.0), EMBEDDINGS, NARROW, {"distance_weight": 1.0, "angle_weight": 0.0}),
    ],
    "FTLoss": [Number(of_flat("FTLoss", *TRANSLATED), Y, P)],
    "KTALoss": [Number(of_flat("KTALoss", *ADAPTED), Y, P)],
    "DISTLoss": [
        Number(of_probabilities(), SOFT, PROBABILITIES),
        Number(of_probabilities(**WEIGHTS), SOFT, PROBABILITIES, {"weights": [2.0, 0.5]}),
        Number(of_probabilities(tau=4.0), SOFT, PROBABILITIES),
    ],
    "VIDLoss": [Number(variational, MAPS[..., :2], MEAN_AND_VARIANCE)],
    "PADL2Loss": [Number(adaptive, Y, np.stack([P, normal(4, 3)], axis=-1))],
}
