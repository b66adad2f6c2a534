"""Finds handwritten digits on canvases, says which they are and draws boxes around them.

Scikit-learn's digits are pasted in sizes of their own at random places, one to four on a canvas. One small
network gives each cell of a grid the scores of the ten digits and a box. It is trained as a heat map of
centers, by `PenaltyReducedFocal`, with three losses of the boxes beside it, and as a set, by `SetPrediction`,
where each digit is assigned the cell that suits it best. All are judged by COCO's average precision, on
digits that were not trained on.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers, ops
from scipy.ndimage import zoom
from sklearn.datasets import load_digits

import kerasloss

CANVAS, GRID, CLASSES, MOST = 48, 12, 10, 4
"""The side of a canvas in pixels, that of the grid in cells, kinds of digits, digits of a canvas at most."""
TRAIN, TEST, EPOCHS, BATCH = 6000, 600, 8, 32
THRESHOLDS = np.arange(0.5, 1, 0.05)
"""The intersections over union from which on a box is right, of which COCO takes the mean."""
BOX_LOSSES = {"MeanAbsoluteError": 20.0, "GIoU": 3.0, "CIoU": 3.0}
"""The losses of the boxes and their weights beside `PenaltyReducedFocal`, chosen without the test."""


def canvases(images, digits, count, rng):
    """Pictures `(count, 48, 48, 1)`, and their objects `(count, 4, 5)`: the digit and its box, or -1 and 0.

    A box is where the digit has ink; as in `"xyxy"`, with the side of the canvas as the unit.
    """
    x, objects = np.zeros((count, CANVAS, CANVAS)), np.zeros((count, MOST, 5), "float32")
    objects[..., 0] = -1
    for canvas, found in zip(x, objects, strict=True):
        for row in found[: rng.integers(1, MOST + 1)]:
            i = rng.integers(len(images))
            digit = zoom(images[i], rng.uniform(8, 24) * rng.uniform(0.8, 1.25, 2) / 8, order=1)
            top, left = (rng.integers(CANVAS - side + 1) for side in digit.shape)
            place = (slice(top, top + digit.shape[0]), slice(left, left + digit.shape[1]))
            if (canvas[place] * digit).max() > 0.05:  # on the ink of another one
                continue
            canvas[place] = np.maximum(canvas[place], digit)
            rows, columns = (np.flatnonzero(digit.max(axis) > 0.2) for axis in (1, 0))
            corners = left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1
            row[0], row[1:] = digits[i], np.array(corners) / CANVAS
    x += 0.1 * rng.standard_normal(x.shape)
    return x[..., None].astype("float32"), objects


def heat_maps(objects):
    """Of each cell: the heat of the ten digits, the box whose center is in it, and whether there is one."""
    heat = np.zeros((len(objects), GRID, GRID, CLASSES), "float32")
    boxes, centers = np.zeros((*heat.shape[:3], 4), "float32"), np.zeros(heat.shape[:3], "float32")
    cells = np.arange(GRID)
    for i, k in np.argwhere(objects[..., 0] >= 0):
        box = objects[i, k, 1:]
        (x, y), width = (GRID * (box[:2] + box[2:]) / 2).astype(int), 0.1 * GRID * (box[2:] - box[:2])
        near = [np.exp(-0.5 * ((cells - at) / side) ** 2) for at, side in zip((x, y), width, strict=True)]
        one = heat[i, ..., int(objects[i, k, 0])]
        np.maximum(one, np.minimum(np.outer(near[1], near[0]), 0.98), out=one)
        one[y, x], boxes[i, y, x], centers[i, y, x] = 1, box, 1
    return heat, boxes, centers


def network(scores):
    """The picture to so many scores and to a box for each cell, whose center is in the box."""
    inputs = keras.Input((CANVAS, CANVAS, 1))
    x = inputs
    for filters, strides, dilation in [(16, 2, 1), (32, 2, 1), (64, 1, 1), (64, 1, 2), (64, 1, 1)]:
        x = layers.Conv2D(filters, 3, strides, padding="same", dilation_rate=dilation)(x)
        x = layers.Activation("relu")(layers.GroupNormalization(8)(x))
    rare = keras.initializers.Constant(-2.2)  # as scores begin, objects are rare
    score = layers.Conv2D(scores, 1, bias_initializer=rare, name="scores")(x)
    sides = 0.2 * layers.Conv2D(4, 1, activation="softplus")(x)
    middle = (np.indices((GRID, GRID))[::-1].transpose(1, 2, 0).astype("float32") + 0.5) / GRID
    corners = [ops.subtract(middle, sides[..., :2]), ops.add(middle, sides[..., 2:])]
    return keras.Model(inputs, [score, layers.Concatenate(name="boxes")(corners)])


def fitted(model, loss, epochs, x, y, weights=None, **options):
    rate = keras.optimizers.schedules.CosineDecay(0.004, epochs * len(x) // BATCH)
    model.compile(keras.optimizers.Adam(rate), loss, **options)
    model.fit(x, y, sample_weight=weights, batch_size=BATCH, epochs=epochs, verbose=0)


def by_heat_map(loss, weight, x, objects):
    """The network trained to have peaks at the centers, and boxes there."""
    model = network(CLASSES)
    heat, boxes, centers = heat_maps(objects)
    losses = [kerasloss.PenaltyReducedFocal(from_logits=True), loss]
    weights = [np.ones(len(x)), centers]
    fitted(model, losses, EPOCHS, x, [heat, boxes], weights, loss_weights=[1, weight])
    return model


def as_set(x, objects):
    """The same network trained to give one of its boxes to each digit, and "no object" to the others."""
    model = network(CLASSES + 1)
    rows = layers.Reshape((GRID * GRID, CLASSES + 5))(layers.Concatenate()(model.outputs))
    # Many cells have a good box of a digit: the score must have its say in which of them gets it.
    loss = kerasloss.SetPrediction(bounding_box_format="xyxy", class_cost=10)
    fitted(keras.Model(model.inputs, rows), loss, 2 * EPOCHS, x, objects)
    return model


def found_at_peaks(model, x):
    """Score, digit and box of cells that score more than their eight neighbours, `(N, 144, 6)`."""
    scores, boxes = model.predict(x, verbose=0)
    highest = ops.convert_to_numpy(ops.max_pool(scores, 3, 1, "same"))
    heat = np.where(scores == highest, 1 / (1 + np.exp(-scores)), 0)
    return joined(heat, boxes)


def found_in_set(model, x):
    """Score, digit and box of all cells, `(N, 144, 6)`."""
    scores, boxes = model.predict(x, verbose=0)
    return joined(ops.convert_to_numpy(ops.softmax(scores))[..., :-1], boxes)


def joined(p, boxes):
    return np.concatenate([p.max(-1, keepdims=True), p.argmax(-1)[..., None], boxes], -1).reshape(
        len(p), -1, 6
    )


def average_precision(objects, found, thresholds=THRESHOLDS, most=20):
    """COCO's average precision at each threshold, the mean over the digits."""
    found = np.take_along_axis(found, np.argsort(-found[..., :1], axis=1)[:, :most], axis=1)
    shape = (*found.shape[:2], objects.shape[1], 4)
    pairs = (np.broadcast_to(boxes, shape) for boxes in (objects[:, None, :, 1:], found[:, :, None, 2:]))
    iou = 1 - ops.convert_to_numpy(kerasloss.IoU(reduction=None)(*pairs))
    iou[objects[:, None, :, 0] != found[:, :, None, 1]] = -1
    precisions = []
    for threshold in thresholds:
        right, canvas = np.zeros(found.shape[:2], bool), np.arange(len(found))
        left = iou.copy()
        for k in range(found.shape[1]):  # the best score first takes the box that it overlaps most
            mine = left[:, k].argmax(-1)
            right[:, k] = left[canvas, k, mine] >= threshold
            left[canvas[right[:, k]], :, mine[right[:, k]]] = -1
        areas = []
        for digit in np.unique(objects[objects[..., 0] >= 0, 0]):
            mine, there = found[..., 1] == digit, (objects[..., 0] == digit).sum()
            areas.append(area(found[mine, 0], right[mine], there))
        precisions.append(np.mean(areas))
    return np.array(precisions)


def area(scores, right, there):
    """The mean of the precision at 101 recalls, each the best that is reached at this recall or beyond."""
    right = right[np.argsort(-scores, kind="stable")].cumsum()
    precision = np.maximum.accumulate((right / np.arange(1, len(right) + 1))[::-1])[::-1]
    at = np.searchsorted(right / there, np.linspace(0, 1, 101))
    return np.append(precision, 0)[at].mean()


def draw(path, x, objects, found):
    """Canvases, each with the true boxes in white, and those found that score more than 0.3."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(found), 5, layout="constrained", figsize=(6.0, 1.35 * len(found)))
    for row, (name, boxes) in zip(axes, found.items(), strict=True):
        row[0].set_ylabel(name, fontsize="small")
        for ax, canvas, true, guesses in zip(row, x, objects, boxes, strict=False):
            ax.imshow(canvas[..., 0], cmap="gray", vmin=0.25, vmax=1)
            ax.set(xticks=[], yticks=[])
            boxed(ax, true[true[:, 0] >= 0, 1:], "white", 2.5)
            guesses = guesses[guesses[:, 0] > 0.3]
            boxed(ax, guesses[:, 2:], "tab:orange", 1.2)
            for _, digit, *box in guesses:
                place = CANVAS * box[0], CANVAS * box[1] - 1
                ax.text(*place, int(digit), color="tab:orange", fontsize="x-small", clip_on=True)
    figure.savefig(path)


def boxed(ax, boxes, color, width):
    for x0, y0, x1, y1 in CANVAS * boxes - 0.5:
        ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=color, linewidth=width)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    data, rng = load_digits(), np.random.default_rng(0)
    order = rng.permutation(len(data.images))
    images, digits = data.images[order] / 16, data.target[order]
    x, objects = canvases(images[:1297], digits[:1297], TRAIN, rng)
    x_test, truth = canvases(images[1297:], digits[1297:], TEST, rng)
    print(
        f"{TRAIN:,} canvases, and {TEST} of other digits for the test, {(truth[..., 0] >= 0).sum():,} digits"
    )
    print(f"{'average precision':30}{'IoU > .5':>10}{'> .75':>10}{'> .9':>10}{'mean':>10}")
    found, mean = {}, {}

    def report(name):
        ap = average_precision(truth, found[name])
        mean[name] = ap.mean()
        print(f"{name:30}" + "".join(f"{p:10.3f}" for p in (ap[0], ap[5], ap[8], mean[name])), flush=True)

    for name, weight in BOX_LOSSES.items():
        keras.utils.set_random_seed(0)
        loss = getattr(kerasloss, name)(reduction="mean_with_sample_weight")
        found[name] = found_at_peaks(by_heat_map(loss, weight, x, objects), x_test)
        report(name)
    keras.utils.set_random_seed(0)
    found["SetPrediction"] = found_in_set(as_set(x, objects), x_test)
    report("SetPrediction")
    assert all(mean[name] > 0.4 for name in BOX_LOSSES) and mean["SetPrediction"] > 0.25
    if figure:
        draw(
            figure,
            x_test,
            truth,
            {name: found[name] for name in ("MeanAbsoluteError", "CIoU", "SetPrediction")},
        )


if __name__ == "__main__":
    main()
