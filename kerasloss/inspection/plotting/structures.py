"""Scenes of masks, embeddings, points, images, sequences, teachers, lists, actions, experts, lifetimes."""

from typing import Any

import numpy as np
from keras import ops

from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.kinds.survival import DiscreteTimeLoss
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.inspection.plotting.classes import count_of
from kerasloss.inspection.plotting.numbers import by_label
from kerasloss.inspection.plotting.scene import (
    POINTS,
    Line,
    Scene,
    activation_of,
    affine,
    constant,
    each,
    known,
    listed,
    turned,
)

BATCH = 41
"""How many numbers are enough for losses that take long."""

# Masks ---------------------------------------------------------------------------------------------

HEIGHT, WIDTH, RADIUS = 16, 32, 5
"""The size of masks, and of the disc in them."""


def disc(loss: Any, y_true: Any) -> Scene:
    """A disc with a soft border that moves away from the true one."""
    rows, columns = np.indices((HEIGHT, WIDTH)).astype("float32") + 0.5
    height, width = rows - HEIGHT / 2, columns - RADIUS - 3
    inside = RADIUS - np.hypot(height, width)
    count = count_of(loss, 1)

    def path(x: Any) -> Any:
        shift = ops.reshape(x, (-1, 1, 1)) * (2 * RADIUS)
        logits = 2 * (RADIUS - ops.sqrt(ops.square(constant(width) - shift) + constant(height**2)))
        logits = ops.stack(
            [-logits, logits] + [-20 + 0 * logits] * (count - 2) if count > 1 else [logits], -1
        )
        if activation_of(loss) != "linear":
            logits = ops.sigmoid(logits) if count == 1 else ops.softmax(2 * logits, axis=-1)
        return ops.moveaxis(logits, -1, getattr(loss, "class_axis", -1))

    foreground = inside > 0
    mask = -inside if known(loss).__name__ == "Boundary" else foreground.astype("float32")
    channels = [1 - mask, mask] + [0 * mask] * (count - 2) if count > 1 else [mask]
    mask = np.stack(channels, -1).astype("float32")
    mask = np.moveaxis(mask[None], -1, getattr(loss, "class_axis", -1))[0]
    label = "shift of the predicted disc, in diameters"
    return Scene(np.linspace(0, 1.6, POINTS), label, [Line("", mask, path)])


def code(loss: Any, y_true: Any) -> Scene:
    """An output of an encoder that moves away from its code."""
    label = "distance of the output from its code"
    path = affine(np.zeros((2, 1)), np.array([[1], [0]]))
    return Scene(np.linspace(-2, 2, POINTS), label, [Line("", 0.0, path)])


# Embeddings and points -----------------------------------------------------------------------------


def pair_of_distance(loss: Any, y_true: Any) -> Scene:
    """Distances of pairs, similar ones and others."""
    lines = by_label([1, 0] if y_true is None else [y_true], each)
    return Scene(np.linspace(0, 2, POINTS), "distance of the pair", lines)


def two_scores(loss: Any, y_true: Any) -> Scene:
    """The score of the first item, while that of the second is 0."""
    lines = by_label([1, 0] if y_true is None else [y_true], affine([0, 0], [1, 0]))
    lines = [line._replace(y_true=line.y_true[0]) for line in lines]
    return Scene(np.linspace(-3, 3, POINTS), "lead of the first score over the second", lines)


def embeddings(loss: TupleLoss, y_true: Any) -> Scene:
    """The last embedding of a tuple moves away from the first; any other stays 1 away, or 45 degrees."""
    *others, last = loss.roles.split(", ")
    cosine = getattr(loss, "distance", None) == "cosine" or hasattr(loss, "similarity")
    cosine = cosine or known(loss).__name__ == "CosineEmbedding"
    still = [[1, 0], [0.7071, -0.7071], [0, 1]] if cosine else [[0, 0], [0, 1], [2, 1]]
    still = np.array(still, "float32")

    def path(x: Any) -> Any:
        moving = turned(x) if cosine else ops.stack([x, 0 * x], -1)
        fixed = [ops.zeros_like(moving) + constant(point) for point in still[: len(others)]]
        return ops.stack([*fixed, moving], axis=1)

    x = np.linspace(0, 180, POINTS) if cosine else np.linspace(0, 3, POINTS)[1:]
    what = "angle" if cosine else "distance"
    label = f"{what} of the {others[0]} and the {last}" + (", in degrees" if cosine else "")
    if len(others) > 1:
        label += f"; the {others[1]} is {'45 degrees' if cosine else '1'} away"
    lines = [Line("", 0.0, path)]
    if loss.needs_y_true:
        lines = [Line(f"y_true = {y}", float(y), path) for y in ([1, 0] if y_true is None else [y_true])]
    return Scene(x, label, lines)


def prediction(loss: Any, y_true: Any) -> Scene:
    """A prediction that is turned away from its target."""

    def path(x: Any) -> Any:
        return ops.stack([turned(x), turned(0 * x)], axis=1)

    label = "angle between prediction and target, in degrees"
    return Scene(np.linspace(0, 180, POINTS), label, [Line("", 0.0, path)])


def _directions(x: Any, still: int, moving: int) -> Any:
    """Views of four samples in four directions; the last ones are turned away from the others."""
    directions = constant(90 * np.arange(4))
    other = turned(ops.expand_dims(x, -1) + directions)
    one = ops.zeros_like(other) + turned(directions)
    return ops.stack([one] * still + [other] * moving, axis=2)


def pairs_of_batch(loss: Any, y_true: Any) -> Scene:
    """Four pairs in four directions; the second of each is turned away from the first."""
    label = "angle between the two of each pair, in degrees; the pairs are 90 apart"
    line = Line("", np.arange(4.0), lambda x: _directions(x, 1, 1))
    return Scene(np.linspace(-180, 180, POINTS), label, [line], whole=True)


def ordered_pairs(loss: Any, y_true: Any) -> Scene:
    """Two similar texts that are turned apart, beside two dissimilar ones, which stay as they are."""

    def path(x: Any) -> Any:
        still = turned(0 * x)
        similar, dissimilar = ([still, turned(angle)] for angle in (x, 60 + 0 * x))
        return ops.stack([ops.stack(pair, axis=1) for pair in (similar, dissimilar)], axis=1)

    label = "angle between two similar texts, in degrees; that of two dissimilar ones is 60"
    return Scene(np.linspace(0, 180, POINTS), label, [Line("", np.array([1.0, 0.0]), path)], whole=True)


def guided_pairs(loss: Any, y_true: Any) -> Scene:
    """Those of `pairs_of_batch`, by a guide for which the two of each pair are the same."""
    scene = pairs_of_batch(loss, y_true)
    guide = np.repeat(np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], "float32")[:, None], 2, axis=1)
    return scene._replace(lines=[line._replace(y_true=guide) for line in scene.lines])


def teacher_and_student(loss: Any, y_true: Any) -> Scene:
    """Four samples in four directions; the student's views are turned away from the teacher's."""
    label = "angle between the teacher's and the student's views of 4 samples, in degrees"
    teachers = loss.teacher_views
    line = Line("", np.zeros(4), lambda x: _directions(x, teachers, max(2, 3 - teachers)))
    return Scene(np.linspace(-180, 180, BATCH), label, [line], whole=True)


def two_classes(loss: Any, y_true: Any) -> Scene:
    """Two embeddings of each of two classes, which are turned apart."""
    spread, second = [-10, 10, -10, 10], [0, 0, 1, 1]
    line = Line(
        "", np.array(second), lambda x: turned(constant(spread) + ops.expand_dims(x, -1) * constant(second))
    )
    label = "angle between two classes, each 20 degrees wide"
    return Scene(np.linspace(0, 180, POINTS), label, [line], whole=True)


def _cloud(count: int = 12, size: int = 2, seed: int = 0) -> np.ndarray:
    """Points with mean 0."""
    points = np.random.default_rng(seed).normal(size=(count, size)).astype("float32")
    return points - points.mean(axis=0)


def shifted_cloud(loss: Any, y_true: Any) -> Scene:
    """A cloud of points that moves away from its copy."""
    cloud = _cloud()
    line = Line("", cloud, affine(cloud, [1, 0]))
    return Scene(np.linspace(-3, 3, BATCH), "shift of a cloud of points of width 1", [line])


def shifted_box(loss: Any, y_true: Any) -> Scene:
    """A box that moves over its copy; for a set of objects it is the first of two predictions."""
    name = getattr(loss, "bounding_box_format", "xyxy").lower()
    box = np.array([0.3, 0.5, 0.2, 0.2] if "center" in name else [0.2, 0.4, 0.4, 0.6])
    moved = np.array([1, 0, float("xyxy" in name), 0])
    label = "shift of a box of width 0.2"
    x = np.linspace(-0.5, 0.5, POINTS)
    if known(loss).__name__ != "SetPrediction":
        return Scene(x, label, [Line("", box, affine(box, moved))])
    rows = np.zeros((2, 7), "float32")
    rows[:, 3:] = box + np.array([[0, 0, 0, 0], [0.4, 0.3, 0, 0]])
    rows[[0, 1], [0, 2]] = 3  # logits: one class, and no object
    way = np.zeros((2, 7), "float32")
    way[0, 3:] = moved
    return Scene(x, label, [Line("", np.array([[0, *box]]), affine(rows, way))])


def shifted_peak_of_map(loss: Any, y_true: Any) -> Scene:
    """A peak of a heat map that moves away from its copy."""
    places = np.arange(WIDTH, dtype="float32")

    def path(x: Any) -> Any:
        apart = constant(places) - ops.reshape(x, (-1, 1)) - WIDTH / 4
        return ops.reshape(ops.exp(-ops.square(apart) / 8), (-1, 1, WIDTH, 1))

    peak = np.exp(-((places - WIDTH / 4) ** 2) / 8).reshape(1, WIDTH, 1)
    return Scene(np.linspace(-6, 12, POINTS), "shift of a peak, in pixels", [Line("", peak, path)])


def distance_in_bins(loss: Any, y_true: Any) -> Scene:
    """A narrow distribution over bins that moves past a distance."""
    bins = np.arange(6, dtype="float32")

    def path(x: Any) -> Any:
        logits = -2 * ops.square(constant(bins) - ops.reshape(x, (-1, 1)))
        return logits if loss.from_logits else ops.softmax(logits, axis=-1)

    return Scene(np.linspace(0, 5, POINTS), "center of the predicted distribution", [Line("", 2.3, path)])


def stretched_cloud(loss: Any, y_true: Any) -> Scene:
    """A cloud of points that becomes wider, for losses that do not see where it is."""
    cloud = _cloud()
    label = "factor by which a cloud of points is stretched"
    return Scene(np.linspace(0, 2, BATCH), label, [Line("", cloud, affine(0, cloud))])


def stretched_batch(loss: Any, y_true: Any) -> Scene:
    """A batch of embeddings that become longer; the views of a sample are the same."""
    batch = _cloud()
    batch = batch / batch.std(axis=0)
    if loss.least_views > 1:
        batch = np.stack([batch] * loss.least_views, axis=1)
    label = "standard deviation of the embeddings of a batch"
    line = Line("", np.zeros(len(batch)), affine(0, batch))
    return Scene(np.linspace(0, 2, BATCH), label, [line], whole=True)


def fan(loss: Any, y_true: Any) -> Scene:
    """Four embeddings on a circle, at equal angles to their neighbours."""
    line = Line("", np.zeros(4), lambda x: turned(ops.expand_dims(x, -1) * constant(np.arange(4))))
    label = "angle between neighbours of 4 embeddings, in degrees"
    return Scene(np.linspace(2, 90, POINTS), label, [line], whole=True)


def patches(loss: Any, y_true: Any) -> Scene:
    """Two patches whose features are at right angles for the teacher; the student turns one."""

    def path(x: Any) -> Any:
        return ops.stack([turned(0 * x), turned(x)], axis=1)

    teacher = np.array([[1.0, 0.0], [0.0, 1.0]])
    label = "angle between two patches, 90 for the teacher, in degrees"
    return Scene(np.linspace(0, 180, POINTS), label, [Line("", teacher, path)])


# Images and sequences ------------------------------------------------------------------------------


def noisy_image(loss: Any, y_true: Any, least: float = 0) -> Scene:
    """An image with more and more noise, as large as the loss asks for."""
    extractor = getattr(loss, "extractor", None)
    channels = getattr(extractor, "inputs", [np.zeros((1, 1, 1, 3))])[0].shape[-1]
    top = float(getattr(loss, "max_val", 1.0))
    side = max(32, loss.least_side()) if hasattr(loss, "least_side") else 32
    rows, columns, _ = np.indices((side, side, channels)).astype("float32")
    image = top * (0.5 + 0.25 * np.sin(rows / 4) * np.cos(columns / 3)).astype("float32")
    noise = top * np.random.default_rng(0).uniform(-0.25, 0.25, size=image.shape)
    label = "noise, in quarters of the range of the image"
    return Scene(np.linspace(least, 1, BATCH), label, [Line("", image, affine(image, noise))])


def visibly_noisy_image(loss: Any, y_true: Any) -> Scene:
    """The same from a little noise on, for a loss that falls steeply to that of equal images."""
    return noisy_image(loss, y_true, least=0.1)


def noisy_depth(loss: Any, y_true: Any) -> Scene:
    """A slope of one depth in each column, which becomes more and more uneven."""
    depth = 1 + np.indices((16, 32))[1] / 32
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, size=depth.shape)
    label = "noise, in halves of the range of the depth"
    return Scene(np.linspace(0, 1, BATCH), label, [Line("", depth, affine(depth, noise))])


def noisy_tone(loss: Any, y_true: Any) -> Scene:
    """A tone with more and more noise, as long as the loss asks for."""
    time = np.arange(max(256, *getattr(loss, "fft_lengths", (0,))))
    tone, noise = np.sin(0.3 * time), np.random.default_rng(0).normal(size=time.shape)
    if loss.axis % 2 == 0:  # (time, channels), with the samples before
        tone, noise = tone[:, None], noise[:, None]
    label = "noise, in amplitudes of the tone"
    return Scene(np.linspace(0.05, 1, BATCH), label, [Line("", tone, affine(tone, noise))])


def two_tones(loss: Any, y_true: Any) -> Scene:
    """Two sources with a little noise, which change their places."""
    time = np.arange(256)
    tones = np.sin(np.array([[0.3], [0.5]]) * time)
    noisy = tones + 0.3 * np.random.default_rng(0).normal(size=tones.shape)
    label = "share of the other source in each estimate"
    return Scene(np.linspace(0, 1, BATCH - 1), label, [Line("", tones, affine(noisy, noisy[::-1] - noisy))])


def frames(loss: Any, y_true: Any) -> Scene:
    """Frames of the right path, of which the model becomes surer."""
    blank = loss.blank_index % 3
    one, other = (k for k in range(3) if k != blank)
    sure = affine(0, np.eye(3)[[one, one, blank, other, other, blank]])
    path = sure if loss.layout == "NTC" else lambda x: ops.swapaxes(sure(x), 0, 1)
    label = "logit of the right class in each of 6 frames, those of the 2 others 0"
    return Scene(np.linspace(-3, 8, POINTS), label, [Line("", [one, other], path)])


def steps(loss: Any, y_true: Any) -> Scene:
    """Two labels in four frames: the right step at each place, of which the model becomes surer."""
    blank = loss.blank_index % 3
    one, other = (k for k in range(3) if k != blank)
    right = np.full((4, 3), blank)
    right[0, 0], right[2:, 1] = one, other
    right[1:, 0] = one
    label = "logit of the right step at each of 4 frames, those of the 2 others 0"
    sure = affine(0, np.eye(3)[right])
    return Scene(np.linspace(-3, 8, POINTS), label, [Line("", [one, other], sure)])


def tags(loss: Any, y_true: Any) -> Scene:
    """Four positions of tags, all transitions alike: the right ones, of which the model becomes surer."""
    right = np.array([0, 1, 1, 2])
    sure = np.concatenate([np.zeros((5, 3)), np.eye(3)[right]])
    label = "score of the right tag at each of 4 positions, those of the 2 others 0"
    return Scene(np.linspace(-3, 8, POINTS), label, [Line("", right, affine(0, sure))])


def shifted_peak(loss: Any, y_true: Any) -> Scene:
    """A peak that comes earlier or later."""
    time = np.arange(12.0)

    def peak(x: Any) -> Any:
        return ops.exp(-0.5 * ops.square(constant(time) - 5.5 - ops.expand_dims(x, -1)))

    line = Line("", np.exp(-0.5 * (time - 5.5) ** 2), peak)
    return Scene(np.linspace(-4, 4, POINTS), "delay of a peak, in frames (12 in all)", [line])


# Teachers, texts and actions -----------------------------------------------------------------------


def features(loss: Any, y_true: Any) -> Scene:
    """Features that become those of other samples."""
    teacher = _cloud(4, 6)
    line = Line("", teacher, affine(teacher, _cloud(4, 6, seed=1) - teacher))
    label = "share of other features in those of the student"
    return Scene(np.linspace(-0.5, 1.5, POINTS), label, [line], whole=isinstance(loss, AnchorLoss))


def teacher_logits(loss: Any, y_true: Any) -> Scene:
    """Logits that are a multiple of the teacher's."""
    teacher = np.array([3.0, 1.0, -1.0])
    label = f"factor of the student's logits to the teacher's, {listed(teacher)}"
    return Scene(np.linspace(-1, 3, POINTS), label, [Line("", teacher, affine(0, teacher))])


def teacher(loss: Any, y_true: Any) -> Scene:
    """Logits or features, by what the loss expects."""
    return (teacher_logits if activation_of(loss) == "linear" else features)(loss, y_true)


MEANS = ("ORPO", "SimPO")
"""The losses of mean log-probabilities per token; the others take sums over a text."""


def preference(loss: Any, y_true: Any) -> Scene:
    """The lead of the preferred text over the rejected one, whose mean log-probability stays."""
    mean, reach = (-2.0, 3.0) if known(loss).__name__ in MEANS else (-50.0, 40.0)
    path = affine([mean, mean], [0.5, -0.5])
    what = "mean log-probability per token" if mean == -2 else "log-probability"
    label = f"lead of the chosen text's {what}"
    return Scene(np.linspace(-reach, reach, POINTS), label, [Line("", [mean, mean], path)])


def ranked(loss: Any, y_true: Any) -> Scene:
    """The score of the most relevant of four items, beside those of the others, -1, 0 and 1."""
    line = Line("", np.array([2, 0, 1, 0]), affine([0, -1, 0, 1], [1, 0, 0, 0]))
    label = "score of the most relevant of 4 items; those of the others are -1, 0 and 1"
    return Scene(np.linspace(-3, 3, POINTS), label, [line])


def two_texts(loss: Any, y_true: Any) -> Scene:
    """The score of one text, while that of the other is 0."""
    line = Line("", 1.0 if y_true is None else float(y_true), affine([0, 0], [1, 0]))
    return Scene(np.linspace(-5, 5, POINTS), "lead of the preferred text's score", [line])


def desirable(loss: Any, y_true: Any) -> Scene:
    """The gain of a text over the reference model; the mismatched text is as likely as there."""
    path = affine([-50, -50], [1, 0])
    names = {1: "desirable", 0: "undesirable"}
    shown = [1, 0] if y_true is None else [int(y_true)]
    lines = [Line(names[k], [k, -50.0, -50.0], path) for k in shown]
    return Scene(np.linspace(-40, 40, BATCH), "gain in log-probability over the reference", lines)


def ratio(loss: Any, y_true: Any) -> Scene:
    """The probability of an action, divided by that when it was taken; good and bad actions."""
    reference = known(loss).__name__ == "GRPO"
    lines = [
        Line(f"advantage {a:g}", [[-2.0, a, 1.0] + [-2.0] * reference], lambda x: each(ops.log(x)) - 2)
        for a in ((1.0, -1.0) if y_true is None else (float(y_true),))
    ]
    return Scene(np.linspace(0, 2, POINTS)[3:], "ratio of the action's probability to the old one", lines)


def routed(loss: Any, y_true: Any) -> Scene:
    """Tokens that each prefer another expert, and all of them more and more the first one."""
    first = np.zeros((1, 4, 4))
    first[..., 0] = 1
    line = Line("", np.zeros((1, 4)), affine(2 * np.eye(4)[None] - 2, first))
    label = "what is added to the logit of one of 4 experts, for every token"
    return Scene(np.linspace(-3, 5, BATCH), label, [line], whole=True)


# Lifetimes -----------------------------------------------------------------------------------------

FATES = {1: "event", 0: "censored"}


def survived(loss: Any, y_true: Any) -> Scene:
    """The output for the interval in which a subject has the event, or was last seen; the others are 0."""
    more = (loss.columns.count(",") - 1) * [0.5]
    path = affine([0, 0, 0], [0, 1, 0])
    lines = [Line(FATES[e], [1, e, *more], path) for e in ((1, 0) if y_true is None else (int(y_true),))]
    return Scene(np.linspace(-5, 5, POINTS), "output for the last of the intervals that was seen", lines)


def survived_times(loss: Any, y_true: Any) -> Scene:
    """The location that is predicted for the time 1, with a scale of 1 if it is an output."""
    one = loss.fixed_scale is not None
    raw = 1.0 if loss.link == "identity" else np.log(np.expm1(1.0)) if loss.link == "softplus" else 0.0
    path = affine([0] if one else [0, raw], [1] if one else [1, 0])
    lines = [Line(FATES[e], [1.0, e], path) for e in ((1, 0) if y_true is None else (int(y_true),))]
    return Scene(np.linspace(-3, 3, POINTS), "predicted location, for the time 1", lines)


def survived_by_others(loss: Any, y_true: Any) -> Scene:
    """Four subjects, of which the first has the event before all others."""
    ordered = np.array([[0, 1], [1, 1], [2, 0], [3, 1]])
    discrete = isinstance(loss, DiscreteTimeLoss)
    start, step = (np.zeros((4, 4)), np.zeros((4, 4))) if discrete else (np.zeros((4, 1)), np.zeros((4, 1)))
    step[0, 0] = 1
    what = "output for its interval" if discrete else "log-hazard"
    label = f"{what} of the subject with the first event"
    return Scene(np.linspace(-4, 4, BATCH), label, [Line("", ordered, affine(start, step))], whole=True)
