"""The losses of boxes of torchvision."""

from tests.equivalents.number import Number
from tests.equivalents.numbers._boxes import PRED, TRUE, ciou, diou, each, giou

NUMBERS = {
    "generalized_box_iou_loss": [Number(each(giou), TRUE, PRED)],
    "distance_box_iou_loss": [Number(each(diou), TRUE, PRED)],
    "complete_box_iou_loss": [Number(each(ciou), TRUE, PRED)],
}
