"""The losses of torchvision, of boxes and focal."""

import numpy as np

from tests.equivalents.number import LABELS, SCORES, Number, module_alone
from tests.equivalents.numbers._boxes import PRED, TRUE


def of(module, name, **arguments):
    """Its mean. The package as a whole loads operators that not every PyTorch has."""

    def theirs(y_true, y_pred):
        import torch

        loss = getattr(module_alone(f"torchvision.ops.{module}"), name)
        p, y = (torch.tensor(np.asarray(x, "float64")) for x in (y_pred, y_true))
        return loss(p, y, reduction="mean", **arguments)

    return theirs


NUMBERS = {
    "generalized_box_iou_loss": [Number(of("giou_loss", "generalized_box_iou_loss"), TRUE, PRED)],
    "distance_box_iou_loss": [Number(of("diou_loss", "distance_box_iou_loss"), TRUE, PRED)],
    "complete_box_iou_loss": [Number(of("ciou_loss", "complete_box_iou_loss"), TRUE, PRED)],
    "sigmoid_focal_loss": [
        Number(of("focal_loss", "sigmoid_focal_loss"), LABELS, SCORES),
        Number(
            of("focal_loss", "sigmoid_focal_loss", alpha=0.6, gamma=1.5),
            LABELS,
            SCORES,
            {"alpha": 0.6, "gamma": 1.5},
        ),
    ],
}
