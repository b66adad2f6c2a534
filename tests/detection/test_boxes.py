"""Formats, boxes far away, and what has no gradient."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, tensor, value_and_gradient

LOSSES = [K.IoU, K.GIoU, K.DIoU, K.CIoU, K.EIoU, K.SIoU]
TRUE, PRED = np.array([[0.25, 0.5, 2.25, 3.5]]), np.array([[1.0, 0.75, 3.5, 4.0]])
each = pytest.mark.parametrize("loss", LOSSES)


def in_format(box, name):
    a, b, c, d = box.T
    words = {
        "xyxy": (a, b, c, d),
        "yxyx": (b, a, d, c),
        "xywh": (a, b, c - a, d - b),
        "center_xywh": ((a + c) / 2, (b + d) / 2, c - a, d - b),
        "center_yxhw": ((b + d) / 2, (a + c) / 2, d - b, c - a),
    }
    return np.stack(words[name.lower().removeprefix("rel_")], axis=-1)


@each
@pytest.mark.parametrize("name", ["yxyx", "xywh", "CENTER_XYWH", "rel_center_yxhw"])
def test_formats(loss, name):
    value = loss(bounding_box_format=name)(in_format(TRUE, name), in_format(PRED, name))
    assert_close(array(value), float(loss()(TRUE, PRED)))


@each
@pytest.mark.parametrize("scale", [2.0**-30, 2.0**30])
def test_neither_unit_nor_origin_matters(loss, scale):
    """Corners 1,024 away are exact still; of their squares no digit of the boxes would be left."""
    expected = float(loss()(TRUE, PRED))
    assert_close(float(loss()(scale * TRUE, scale * PRED)), expected)
    assert_close(float(loss()(TRUE + 1024, PRED + 1024)), expected)


@each
def test_equal_boxes_cost_nothing(loss, rng):
    box = np.cumsum(rng.uniform(0.1, 1, (6, 4)), axis=1).astype("float32")
    value, gradient = value_and_gradient(lambda p: ops.sum(loss()(box, p)), box)
    assert abs(value) < 1e-6 and np.abs(gradient).max() < 1e-5


def test_complete_iou_holds_its_weight(rng):
    """The gradient of DIoU plus the weight times that of the shape, as torchvision has it."""
    true, pred = (tensor(x.astype("float32")) for x in (TRUE, PRED))
    _, gradient = value_and_gradient(lambda p: ops.sum(K.CIoU()(true, p)), pred)
    _, distant = value_and_gradient(lambda p: ops.sum(K.DIoU()(true, p)), pred)

    def shape(p):
        turned = np.arctan(2 / 3) - ops.arctan((p[:, 2] - p[:, 0]) / (p[:, 3] - p[:, 1]))
        return ops.sum(4 / np.pi**2 * ops.square(turned))

    v, slope = value_and_gradient(shape, pred)
    weight = v / (float(K.IoU()(TRUE, PRED)) + v)
    assert_close(gradient, distant + weight * slope, gradient=True)


def test_focal_weight_has_no_gradient():
    _, plain = value_and_gradient(lambda p: ops.sum(K.EIoU()(TRUE, p)), PRED.astype("float32"))
    _, gradient = value_and_gradient(lambda p: ops.sum(K.EIoU(gamma=0.5)(TRUE, p)), PRED.astype("float32"))
    iou = 1 - float(K.IoU()(TRUE, PRED))
    assert_close(gradient, np.sqrt(iou) * plain, gradient=True)


@each
def test_padding_may_hold_anything(loss):
    pred = np.concatenate([PRED, [[np.nan, 0, np.inf, 1]]]).astype("float32")
    true = np.concatenate([TRUE, [[np.nan] * 4]])
    weight = np.array([1.0, 0.0])
    _, gradient = value_and_gradient(lambda p: loss(reduction="sum")(true, p, weight), pred)
    assert np.isfinite(gradient).all() and not gradient[1].any() and gradient[0].any()


def test_an_empty_box_is_far_from_a_box():
    point, box = np.array([[1.0, 1, 1, 1]]), np.array([[0.0, 0, 2, 2]])
    assert float(K.IoU()(box, point)) == float(K.IoU()(point, point)) == 1
    assert_close(float(K.GIoU()(box, box[:, [2, 3, 0, 1]])), 1.0)  # the corners are in the wrong order


@pytest.mark.parametrize("shape", [(4,), (3, 5)])
def test_what_is_no_box_is_refused(shape):
    with pytest.raises(ValueError, match=r"GIoU: .*boxes \(batch, \.\.\., 4\).*Received"):
        K.GIoU()(np.zeros(shape), np.zeros(shape))
