"""Cases of `kerasloss/losses/segmentation/overlap.py`, `lovasz.py`, `mixing.py` and `boundary.py`."""

import inspect
import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case

C = 3
WEIGHTS = [0.5, 1.0, 2.0]
MASK = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
MASK_AS_FLOATS = MASK[0].astype("float64"), MASK[1]


# Draws: 3 positions of 3 classes, so that every axis can be the class axis ---------------------------


def class_ids(rng, n):
    y = rng.integers(0, C, size=(n, 3))
    y[:, 0] = np.arange(n) % C
    return y


def probabilities(rng, n):
    """Positive numbers whose sum is not quite 1."""
    return class_ids(rng, n), (0.95 * rng.dirichlet(np.ones(C), size=(n, 3))).astype("float32")


def logits(rng, n):
    return class_ids(rng, n), rng.normal(size=(n, 3, C)).astype("float32")


def yes_no(rng, n):
    """Logits of labels that can hold together, every channel with both."""
    y = rng.integers(0, 2, size=(n, 3, 2))
    y[:, 0], y[:, 1] = 0, 1
    return y, rng.normal(size=(n, 3, 2)).astype("float32")


def chances(rng, n):
    """Probabilities of labels that can hold together."""
    y, x = yes_no(rng, n)
    return y, (1 / (1 + np.exp(-x))).astype("float32")


def scores(rng, n):
    y, s = yes_no(rng, n)
    return y, 2 * s


def images(rng, n):
    """Yes/no masks of 3 x 3 positions."""
    y = rng.integers(0, 2, size=(n, 3, 3, 1))
    return y, rng.uniform(0.05, 0.95, size=(n, 3, 3, 1)).astype("float32")


def image_ids(rng, n):
    """Class ids of 2 x 3 positions."""
    return rng.integers(0, 2, size=(n, 2, 3)), rng.normal(size=(n, 2, 3, 2)).astype("float32")


def mistaken(draw):
    """The same labels with predictions that are wrong nearly everywhere, and few labels 1."""

    def of(rng, n):
        y, p = draw(rng, n)
        y = y * (rng.uniform(size=y.shape) < 0.4)
        wrong = rng.uniform(0.75, 1.0, size=p.shape)
        if draw is images:
            return y, abs(y - wrong).astype("float32")
        labels = y if y.shape == p.shape else np.stack([y == 0, y == 1], axis=-1)
        return y, (4 * wrong * (1 - 2 * labels)).astype("float32")

    return of


def channels_first(rng, n):
    """Yes/no logits of 2 x 3 positions, the channels before them."""
    return rng.integers(0, 2, size=(n, 2, 2, 3)), rng.normal(size=(n, 2, 2, 3)).astype("float32")


def one_channel(rng, n):
    """Probabilities of one foreground; the labels have no class axis."""
    y, p = chances(rng, n)
    return y[..., 0], p[..., :1]


def distances(rng, n):
    return rng.normal(size=(2, n, 3, C)).astype("float32")


def hard_probabilities():
    rows = [[1, 0, 0], [0, 0, 0], [1e-40, 0, 1], [1, 1, 1], [0, 1e-7, 1 - 2.0**-24], [0.5, 0.5, 0]]
    p = np.array(rows, "float32")[:, None] * np.ones((1, 2, 1), "float32")
    return np.array([[0, 1], [0, 0], [1, 0], [2, 2], [1, 2], [0, 1]]), p


def hard_logits():
    rows = [[1e4, 0, 0], [-1e4, 1e4, 1e4], [0, 0, 0], [1e-40, 0, -1e4], [50, -50, 0], [200, 0, 100]]
    x = np.array(rows, "float32")[:, None] * np.ones((1, 2, 1), "float32")
    return np.array([[0, 1], [0, 0], [1, 0], [2, 2], [1, 2], [0, 1]]), x


def hard_yes_no():
    x = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 1e-40], [100, -100], [-20, 20]], "float32")
    y = np.array([[[0, 0], [1, 1]], [[0, 1], [0, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 0], [1, 0]]])
    return y, np.stack([x, x], axis=1)


def image_extremes(draw, count):
    """Hard samples as images of 2 x 2 positions."""
    y, x = draw()
    y, x = (np.stack([a, a], axis=2) for a in (y, x))
    return y, x.reshape(*x.shape[:3], count)


def hard_images():
    """All and nothing, edges, and what is almost there."""
    p = np.zeros((5, 3, 4, 1), "float32")
    p[1], p[2, 1], p[3], p[4, :, :2] = 1, 1, 1e-40, 0.5
    return np.repeat(np.array([0, 1, 0, 1, 1]), 12).reshape(5, 3, 4, 1), p


# References: loops over the values, each of which sees its positions ---------------------------------


def dense(y, p, class_axis=-1):
    """Labels of the shape of `p`, as ids or entries say."""
    if y.ndim == p.ndim:
        return y
    if p.shape[class_axis] == 1:
        return np.expand_dims(y, class_axis)
    return np.stack([y == c for c in range(p.shape[class_axis])], axis=class_axis).astype(int)


def is_yes_no(p, multilabel, class_axis):
    return multilabel or p.shape[class_axis] == 1


def valid(y, p, multilabel, class_axis, ignore_class):
    """1 where an entry of `p` counts."""
    if ignore_class is None:
        return np.ones(p.shape, int)
    if is_yes_no(p, multilabel, class_axis):
        return (dense(y, p, class_axis) != ignore_class).astype(int)
    counts = y != ignore_class if y.ndim < p.ndim else np.take(y, ignore_class, axis=class_axis) != 1
    return np.expand_dims(counts, class_axis) * np.ones(p.shape, int)


def activate(p, from_logits, multilabel, class_axis):
    if not from_logits:
        return p
    return 1 / (1 + m.exp(-p)) if is_yes_no(p, multilabel, class_axis) else m.softmax(p, axis=class_axis)


def region(measure, mixes=False):
    """The reference of a loss from the measure of one value.

    `measure(y, p, w)` of lists of entries, or, if it mixes the classes, of `(positions, classes)` arrays.
    """

    def reference(
        y,
        p,
        axis=None,
        from_logits=False,
        multilabel=False,
        class_axis=-1,
        class_weight=None,
        ignore_class=None,
        **arguments,
    ):
        labels = dense(y, p, class_axis)
        w = valid(y, p, multilabel, class_axis, ignore_class)
        x, p = p, activate(p, from_logits, multilabel, class_axis)
        classes = class_axis % p.ndim
        axes = {a % p.ndim for a in (range(p.ndim) if axis is None else np.atleast_1d(axis))}
        pooled = classes in axes
        weights = np.array([1] * p.shape[classes] if class_weight is None else m.exact(class_weight), object)
        if mixes:
            axes |= {classes}
            arguments.update(pooled=pooled, class_weight=class_weight)
            arguments.update(yes_no=is_yes_no(p, multilabel, class_axis), from_logits=from_logits)
        elif pooled:
            w = np.moveaxis(np.moveaxis(w, classes, -1) * weights, -1, classes)
        kept = [a for a in range(p.ndim) if a not in axes]
        result = np.empty([p.shape[a] for a in kept], object)
        for index in np.ndindex(*result.shape):
            place = [slice(None)] * p.ndim
            for a, i in zip(kept, index, strict=True):
                place[a] = slice(i, i + 1)
            parts = [np.moveaxis(a[tuple(place)], classes, -1) for a in (labels, p, w, x)]
            parts = [a.reshape(-1, a.shape[-1]) for a in parts]
            if not np.any(parts[2]):
                result[index] = mpmath.mpf(0)  # nothing counts
            elif mixes:
                result[index] = measure(*parts, **arguments)
            else:
                result[index] = measure(*(a.ravel() for a in parts[:3]), **arguments)
                if not pooled:
                    result[index] = result[index] * weights[index[kept.index(classes)]]
        return result if kept else result[()]

    return reference


def counts(y, p, w):
    """True positives, false positives, misses, true negatives."""
    entries = list(zip(y, p, w, strict=True))
    return (
        sum(w * a * b for a, b, w in entries),
        sum(w * (1 - a) * b for a, b, w in entries),
        sum(w * a * (1 - b) for a, b, w in entries),
        sum(w * (1 - a) * (1 - b) for a, b, w in entries),
    )


def floor(smooth):
    return max(m.exact(smooth), mpmath.mpf(1e-7))


def is_nothing(size):
    return size < mpmath.mpf(2) ** -126  # what float32 can't tell from 0


def of_dice(y, p, w, smooth=0.0, squared_pred=False):
    power = 2 if squared_pred else 1
    size = sum(w * (a**power + b**power) for a, b, w in zip(y, p, w, strict=True))
    if is_nothing(size) and smooth == 0:
        return mpmath.mpf(0)
    return 1 - (2 * counts(y, p, w)[0] + smooth) / (size + floor(smooth))


def of_tversky(y, p, w, alpha=0.5, beta=0.5, smooth=0.0):
    tp, fp, fn, _ = counts(y, p, w)
    if is_nothing(2 * tp + fp + fn) and smooth == 0:
        return mpmath.mpf(0)
    return 1 - (tp + smooth) / (tp + m.exact(alpha) * fp + m.exact(beta) * fn + floor(smooth))


def of_jaccard(y, p, w, smooth=0.0, squared_pred=False):
    tp, fp, fn, _ = counts(y, p, w)
    union = tp + fp + fn
    if squared_pred:
        union = sum(w * (a * a + b * b - a * b) for a, b, w in zip(y, p, w, strict=True))
    if is_nothing(tp + fp + fn) and smooth == 0:
        return mpmath.mpf(0)
    return 1 - (tp + smooth) / (union + floor(smooth))


def of_focal_tversky(y, p, w, alpha=0.3, beta=0.7, gamma=0.75, smooth=0.0):
    return of_tversky(y, p, w, alpha, beta, smooth) ** m.exact(gamma)


def of_log_cosh_dice(y, p, w, **arguments):
    return mpmath.log(mpmath.cosh(of_dice(y, p, w, **arguments)))


def of_matthews(y, p, w, smooth=0.0):
    """The correlation of two random variables, from their covariance, if nothing is added."""
    tp, fp, fn, tn = (x + m.exact(smooth) for x in counts(y, p, w))
    if any(is_nothing(size) for size in (tp + fp, tp + fn, tn + fp, tn + fn)):
        return mpmath.mpf(0 if is_nothing(fp + fn) else 1)
    n = tp + fp + fn + tn
    a, b = (tp + fn) / n, (tp + fp) / n
    return 1 - (tp / n - a * b) / mpmath.sqrt(a * (1 - a) * b * (1 - b))


def of_sensitivity_specificity(y, p, w, sensitivity_weight=0.05):
    r, terms = m.exact(sensitivity_weight), []
    for label in (1, 0):
        share = sum(v * abs(1 - label - a) for a, v in zip(y, w, strict=True))
        error = sum(v * abs(1 - label - a) * (a - b) ** 2 for a, b, v in zip(y, p, w, strict=True))
        terms.append(error / share if share else 0)
    return r * terms[0] + (1 - r) * terms[1]


def of_generalized_dice(
    y, p, w, x, weighting="square", smooth=0.0, class_weight=None, pooled=None, yes_no=None, from_logits=None
):
    volumes = np.sum(w * y, axis=0)
    exponent = {"square": 2, "simple": 1, "uniform": 0}[weighting]
    present = [mpmath.mpf(1) / v**exponent for v in volumes if v]
    weights = [mpmath.mpf(1) / v**exponent if v else max(present, default=1) for v in volumes]
    weights = np.array(weights, object) * (1 if class_weight is None else m.exact(class_weight))
    smooth = m.exact(smooth)
    size = np.sum(weights * np.sum(w * (y + p), axis=0)) + smooth
    return 1 - (2 * np.sum(weights * np.sum(w * y * p, axis=0)) + smooth) / size if size else mpmath.mpf(0)


def jaccard_of_errors(mask, wrong):
    """The Jaccard loss of the set of wrong positions."""
    union = sum(1 for g, s in zip(mask, wrong, strict=True) if g or s)
    return 1 - mpmath.mpf(sum(1 for g, s in zip(mask, wrong, strict=True) if g and not s)) / max(union, 1)


def lovasz_extension(mask, errors):
    """The integral over t of the Jaccard loss of the positions whose error is above t."""
    if len(errors) == 0:
        return mpmath.mpf(0)
    levels = [mpmath.mpf(0), *sorted(set(errors))]
    return sum(
        (high - low) * jaccard_of_errors(mask, [e >= high for e in errors])
        for low, high in itertools.pairwise(levels)
        if high > low
    ) + mpmath.mpf(0)


def of_lovasz_hinge(y, s, w):
    kept = [(a, max(0, 1 - (1 if a == 1 else -1) * b)) for a, b, v in zip(y, s, w, strict=True) if v]
    return lovasz_extension([a == 1 for a, _ in kept], [mpmath.mpf(h) for _, h in kept])


def lovasz_hinge(y, s, axis=None, ignore_class=None):
    return region(of_lovasz_hinge)(y, s, axis, multilabel=True, ignore_class=ignore_class)


def of_lovasz_softmax(
    y, p, w, x, classes="present", class_weight=None, pooled=None, yes_no=None, from_logits=None
):
    values = []
    for c in range(p.shape[1]):
        kept = w[:, c] > 0
        if classes == "all" or np.any(y[kept, c]):
            values.append(lovasz_extension(y[kept, c], abs(y[kept, c] - p[kept, c])))
    return sum(values) / len(values) if values else mpmath.mpf(0)


def log_pair(p, from_logits):
    """`log(p)` and `log(1 - p)`; probabilities clipped."""
    clip = mpmath.mpf(0 if from_logits else 1e-7)
    return m.log(np.clip(p, clip, 1 - clip)), m.log(np.clip(1 - p, clip, 1 - clip))


def dice_of_classes(y, p, w, class_weight, pooled, **arguments):
    weights = np.ones(p.shape[1], object) if class_weight is None else m.exact(class_weight)
    if pooled:
        return of_dice(y.ravel(), p.ravel(), (w * weights).ravel(), **arguments)
    values = [of_dice(y[:, c], p[:, c], w[:, c], **arguments) for c in range(p.shape[1])]
    return np.dot(weights, values) / np.sum(weights)


def focal_mean(y, p, w, x, class_weight, yes_no, from_logits, gamma, alpha):
    weights = np.ones(p.shape[1], object) if class_weight is None else m.exact(class_weight)
    if not yes_no and not from_logits:
        p = p / np.sum(p, axis=1, keepdims=True)
    log_p, log_not_p = log_pair(p, from_logits)
    ups, downs = m.exp(gamma * log_not_p), m.exp(gamma * log_p)
    if yes_no:
        a, b = (1, 1) if alpha is None else (m.exact(alpha), 1 - m.exact(alpha))
        terms = -(a * ups * y * log_p + b * downs * (1 - y) * log_not_p)
        return np.sum(w * weights * terms) / np.sum(w * weights)
    a = 1 if alpha is None else m.exact(alpha)
    total = -np.sum(w * weights * a * ups * y * log_p)
    return total / (np.sum(w * weights * y) if class_weight is not None else np.sum(w[:, 0]))


def of_dice_focal(
    y,
    p,
    w,
    x,
    pooled,
    class_weight,
    yes_no,
    from_logits,
    dice_weight=1.0,
    focal_weight=1.0,
    gamma=2.0,
    alpha=None,
    **arguments,
):
    overlap = dice_of_classes(y, p, w, class_weight, pooled, **arguments)
    focal = focal_mean(y, p, w, x, class_weight, yes_no, from_logits, m.exact(gamma), alpha)
    return m.exact(dice_weight) * overlap + m.exact(focal_weight) * focal


def of_dice_crossentropy(*parts, crossentropy_weight=1.0, **arguments):
    return of_dice_focal(*parts, focal_weight=crossentropy_weight, gamma=0.0, **arguments)


def of_combo(y, p, w, x, pooled, class_weight, yes_no, from_logits, alpha=0.5, beta=0.5, smooth=0.0):
    alpha, beta = m.exact(alpha), m.exact(beta)
    log_p, log_not_p = log_pair(p, from_logits)
    terms = -(beta * y * log_p + (1 - beta) * (1 - y) * log_not_p)
    overlap = dice_of_classes(y, p, w, None, pooled, smooth=smooth)
    return alpha * np.sum(w * terms) / np.sum(w) + (1 - alpha) * overlap


def of_unified_focal(
    y,
    p,
    w,
    x,
    pooled,
    class_weight,
    yes_no,
    from_logits,
    weight=0.5,
    delta=0.6,
    gamma=0.5,
    asymmetric=True,
):
    weight, delta, gamma = (m.exact(v) for v in (weight, delta, gamma))
    if p.shape[1] == 1:
        y, p = (np.concatenate([1 - v, v], axis=1) for v in (y, p))
        w = np.concatenate([w, w], axis=1)
    normal = p if from_logits else p / np.sum(p, axis=1, keepdims=True)
    log_p, log_not_p = log_pair(normal, from_logits)
    focal, values = 0, []
    for c in range(p.shape[1]):
        price, is_background = (1 - delta if c == 0 else delta), c == 0
        power = gamma if is_background or not asymmetric else mpmath.mpf(0)
        focal -= price * np.sum(w[:, c] * m.exp(power * log_not_p[:, c]) * y[:, c] * log_p[:, c])
        value = of_tversky(y[:, c], p[:, c], w[:, c], 1 - delta, delta)
        values.append(value if is_background and asymmetric else value ** (1 - gamma))
    return weight * focal / np.sum(w[:, 0]) + (1 - weight) * sum(values) / len(values)


def boundary(y, p, from_logits=False, multilabel=False, class_axis=-1, class_weight=None):
    p = np.moveaxis(activate(p, from_logits, multilabel, class_axis), class_axis, -1)
    y = np.moveaxis(y, class_axis, -1)
    weights = [1] * p.shape[-1] if class_weight is None else m.exact(class_weight)
    total, n = sum(weights), int(np.prod(p.shape[1:-1]))
    return np.array([np.sum(weights * a * b) / (n * total) for a, b in zip(y, p, strict=True)], object)


def windows(shape, diagonal):
    """Every position of a grid with its neighbourhood inside the grid."""
    for here in np.ndindex(*shape):
        steps = itertools.product(*[(-1, 0, 1)] * len(shape))
        steps = [d for d in steps if diagonal or np.sum(np.abs(d)) <= 1]
        around = [tuple(np.add(here, d)) for d in steps]
        yield here, [i for i in around if all(0 <= a < n for a, n in zip(i, shape, strict=True))]


def filtered(x, function, diagonal=False):
    result = np.empty_like(x)
    for here, around in windows(x.shape, diagonal):
        result[here] = function([x[i] for i in around])
    return result


def grids(x):
    """Every sample and channel as a grid, with its place."""
    for n in range(x.shape[0]):
        for c in range(x.shape[-1]):
            yield (n, ..., c), x[n, ..., c]


def hausdorff(
    y,
    p,
    alpha=2.0,
    erosions=10,
    from_logits=False,
    multilabel=False,
    class_axis=-1,
    ignore_class=None,
):
    w = np.moveaxis(valid(y, p, multilabel, class_axis, ignore_class), class_axis, -1)
    y = np.moveaxis(dense(y, p, class_axis), class_axis, -1)
    p = np.moveaxis(activate(p, from_logits, multilabel, class_axis), class_axis, -1)
    errors, cost = w * (y - p) ** 2 + mpmath.mpf(0), np.zeros(p.shape, object)
    for place, x in grids(errors):
        for k in range(1, erosions + 1):
            x = filtered(x, lambda v, d=x.ndim: max(sum(v) / mpmath.mpf(2 * d + 1) - mpmath.mpf(0.5), 0))
            if np.max(x) != np.min(x):
                x = (x - np.min(x)) / (np.max(x) - np.min(x))
            cost[place] += x * mpmath.mpf(k) ** m.exact(alpha)
    return np.array([np.sum(a * b) / max(np.sum(b), 1) for a, b in zip(cost, w, strict=True)], object)


def skeleton(x, iterations):
    opened = filtered(filtered(x, min), max, diagonal=True)
    result = np.maximum(x - opened, 0)
    for _ in range(iterations):
        x = filtered(x, min)
        more = np.maximum(x - filtered(filtered(x, min), max, diagonal=True), 0)
        result = result + np.maximum(more * (1 - result), 0)
    return result


def cl_dice(y, p, iterations=3, smooth=1.0, **arguments):
    """The two ratios of one value, with the skeletons as further masks."""
    shape = {k: arguments.get(k, v) for k, v in (("multilabel", False), ("class_axis", -1))}
    w = valid(y, p, ignore_class=arguments.get("ignore_class"), **shape)
    labels = dense(y, p, shape["class_axis"])
    chance = activate(p, arguments.get("from_logits", False), **shape)
    lines = []
    for x in (labels * w, chance * w):
        line = np.moveaxis(np.empty(x.shape, object), shape["class_axis"], -1)
        for place, grid in grids(np.moveaxis(x, shape["class_axis"], -1) + mpmath.mpf(0)):
            line[place] = skeleton(grid, iterations)
        lines.append(np.moveaxis(line, -1, shape["class_axis"]))
    packed = np.empty(p.shape, object)
    for i in np.ndindex(*p.shape):
        packed[i] = (labels[i], chance[i], lines[0][i], lines[1][i])

    def measure(_, entries, w):
        total = [sum(v * e[i] * e[j] for e, v in zip(entries, w, strict=True)) for i, j in ((0, 3), (1, 2))]
        sizes = [sum(v * e[i] for e, v in zip(entries, w, strict=True)) for i in (3, 2)]
        precision, sensitivity = (
            (a + m.exact(smooth)) / (b + floor(smooth)) for a, b in zip(total, sizes, strict=True)
        )
        both = precision + sensitivity
        return 1 - 2 * precision * sensitivity / both if both else mpmath.mpf(1)

    arguments["from_logits"] = False
    return region(measure)(y, packed, **arguments)


def active_contour(
    y,
    p,
    length_weight=1.0,
    region_weight=1.0,
    epsilon=1e-8,
    from_logits=False,
    multilabel=False,
    class_axis=-1,
):
    y = np.moveaxis(dense(y, p, class_axis), class_axis, -1)
    p = np.moveaxis(activate(p, from_logits, multilabel, class_axis), class_axis, -1)
    values = []
    for labels, x in zip(y, p, strict=True):
        inner, lengths = [n - 1 for n in x.shape[:-1]], []
        for i in np.ndindex(*inner, x.shape[-1]):
            steps = [x[(*i[:a], i[a] + 1, *i[a + 1 :])] - x[i] for a in range(len(inner))]
            lengths.append(mpmath.sqrt(sum(d * d for d in steps) + m.exact(epsilon)))
        wrong = np.sum(np.where(labels == 1, (1 - x), x)) / x.size
        values.append(m.exact(length_weight) * sum(lengths) / len(lengths) + m.exact(region_weight) * wrong)
    return np.array(values, object)


# Rows ------------------------------------------------------------------------------------------------

BAD = [
    {"axis": 0.5},
    {"axis": [1, 1]},
    {"smooth": -1.0},
    {"from_logits": 1},
    {"multilabel": None},
    {"class_axis": None},
    {"class_weight": [1.0, -1.0, 1.0]},
    {"class_weight": 2.0},
    {"ignore_class": 0.5},
]


def has(loss, arguments):
    return set(arguments) <= set(inspect.signature(loss.__init__).parameters)


def bad_of(loss):
    return [b for b in BAD if has(loss, b)]


def rows(loss, reference, variants=(), yes_no_variants=(), known=(), bad=(), exempt=None):
    """A batch of probabilities, logits per sample, and yes/no logits per sample (and class)."""
    exempt = exempt or {}
    general = [
        {"axis": [0, -2]},
        {"class_axis": 1, "ignore_class": 1},
        {"smooth": 0.7},
        {"class_weight": WEIGHTS},
        {"axis": 1, "class_weight": WEIGHTS},
    ]
    of_yes_no = [{"ignore_class": 1}, {"class_weight": [0.5, 2.0]}, {"axis": None}]
    return [
        Case(
            loss,
            probabilities,
            reference,
            variants=[v for v in general if has(loss, v)] + list(variants),
            known=known,
            bad=bad_of(loss) + list(bad),
            extremes=hard_probabilities,
            kind="region",
            scope="batch",
            exempt=exempt,
        ),
        Case(
            loss,
            logits,
            reference,
            arguments={"axis": (1, 2), "from_logits": True},
            variants=[{"ignore_class": 1}],
            extremes=hard_logits,
            kind="region",
            exempt=exempt,
        ),
        Case(
            loss,
            yes_no,
            reference,
            arguments={"axis": 1, "from_logits": True, "multilabel": True},
            variants=[v for v in of_yes_no if has(loss, v)] + list(yes_no_variants),
            extremes=hard_yes_no,
            kind="region",
            exempt=exempt,
        ),
    ]


SQUARE = np.pad(np.ones((1, 3, 3, 1)), [(0, 0), (1, 1), (1, 1), (0, 0)])
LINES = np.zeros((2, 1, 3, 5, 1))
LINES[0, :, 1], LINES[1, :, 1, :3] = 1, 0.8
SQUARED = [{"squared_pred": True}]
FLUX = np.array([[1, 0.5, 0.3, 2.4]]), np.array([[0, 1.4, 0.5, 1.2]])
EMPTY = np.zeros((1, 4), int), np.zeros((1, 4))
NOTHING = np.zeros((1, 4))

CASES = [
    *rows(
        K.Dice,
        region(of_dice),
        variants=SQUARED,
        known=[
            ({}, *MASK, 0.333333351852),
            (
                {"squared_pred": True, "smooth": 1},
                np.array([[1.0, 2, 3]]),
                np.array([[1.1, 2.1, 3.1]]),
                0.00099239166391,
            ),
            ({}, *EMPTY, 0.0),
            ({}, EMPTY[0], MASK[1], 1.0),
        ],
        bad=[{"squared_pred": 1}],
    ),
    *rows(
        K.Tversky,
        region(of_tversky),
        variants=[{"alpha": 0.3}, {"beta": 0.7}],
        known=[
            ({"alpha": 0.3, "beta": 0.7}, *MASK, 0.361702161612),
            ({"alpha": 0.7, "beta": 0.3, "smooth": 1}, *FLUX, -0.0677200902935),
            ({}, *EMPTY, 0.0),
        ],
        bad=[{"alpha": -1.0}, {"beta": -1.0}],
    ),
    *rows(
        K.Jaccard,
        region(of_jaccard),
        variants=SQUARED,
        known=[({}, *MASK, 0.500000020833), ({}, *EMPTY, 0.0)],
        bad=[{"squared_pred": 1}],
    ),
    *rows(
        K.FocalTversky,
        region(of_focal_tversky),
        variants=[{"alpha": 0.6}, {"beta": 0.4}, {"gamma": 2.0}],
        known=[({}, *MASK, 0.466405140272)],
        bad=[{"alpha": -1.0}, {"beta": -1.0}, {"gamma": 0.0}],
    ),
    *rows(
        K.LogCoshDice,
        region(of_log_cosh_dice),
        variants=SQUARED,
        known=[({}, *MASK, 0.0545562455794)],
        bad=[{"squared_pred": 1}],
    ),
    *rows(
        K.GeneralizedDice,
        region(of_generalized_dice, mixes=True),
        variants=[{"weighting": "simple", "smooth": 0.7}, {"weighting": "uniform"}],
        known=[
            (
                arguments,
                np.array([[0, 0, 0, 1]]),
                np.array([[[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]]]),
                value,
            )
            for arguments, value in (({}, 0.367647058824), ({"weighting": "uniform"}, 0.25))
        ],
        bad=[{"weighting": "cube"}],
    ),
    *rows(
        K.MatthewsCorrelation,
        region(of_matthews),
        known=[
            ({}, *MASK, 0.591751709536),
            ({"multilabel": True}, *EMPTY, 0.0),
            ({"multilabel": True}, 1 - EMPTY[0], 1 - EMPTY[1], 0.0),
            ({"multilabel": True}, EMPTY[0], MASK[1], 1.0),
        ],
    ),
    *rows(
        K.SensitivitySpecificity,
        region(of_sensitivity_specificity),
        variants=[{"sensitivity_weight": 0.5}],
        known=[({}, *MASK, 0.0575)],
        bad=[{"sensitivity_weight": 1.5}],
    ),
    Case(
        K.LovaszHinge,
        scores,
        lovasz_hinge,
        variants=[{"axis": 1}, {"ignore_class": 1}, {"axis": (0, 1), "ignore_class": 0}],
        known=[
            ({}, np.array([[1, 0, 1, 0]]), np.array([[1.5, -0.5, -0.2, 0.3]]), 0.875),
            ({}, np.array([[1, -1, 1, -1]]), np.array([[1.5, -0.5, -0.2, 0.3]]), 0.875),
            ({}, np.array([[0, 0]]), np.array([[1.5, -0.5]]), 2.5),
            ({}, np.array([[0, 0]]), np.array([[-1.5, -1.25]]), 0.0),
        ],
        bad=[{"axis": 0.5}, {"ignore_class": 0.5}],
        extremes=hard_yes_no,
        kind="region",
        scope="batch",
    ),
    Case(
        K.LovaszHinge,
        scores,
        lovasz_hinge,
        arguments={"axis": (1, 2)},
        variants=[{"ignore_class": 1}],
        extremes=hard_yes_no,
        kind="region",
    ),
    *rows(
        K.LovaszSoftmax,
        region(of_lovasz_softmax, mixes=True),
        variants=[{"classes": "all", "axis": 1}],
        known=[
            (
                arguments,
                np.array([[0, 1, 1]]),
                np.array([[[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1]]]),
                value,
            )
            for arguments, value in (({}, 0.45), ({"classes": "all"}, 0.333333333333))
        ],
        bad=[{"classes": "any"}],
    ),
    *rows(
        K.DiceCrossentropy,
        region(of_dice_crossentropy, mixes=True),
        variants=[*SQUARED, {"dice_weight": 0.3}, {"crossentropy_weight": 0.3}],
        known=[
            (
                {"from_logits": True},
                np.array([[0, 1]]),
                np.array([[[2, 0], [0.5, 1]]]),
                0.548874311812,
            )
        ],
        bad=[{"dice_weight": -1.0}, {"crossentropy_weight": -1.0}, {"squared_pred": 1}],
    ),
    *rows(
        K.DiceFocal,
        region(of_dice_focal, mixes=True),
        variants=[
            *SQUARED,
            {"dice_weight": 0.3},
            {"focal_weight": 0.3},
            {"gamma": 0.5},
            {"alpha": 0.3, "from_logits": True, "gamma": 0.0},
            {"alpha": [0.2, 0.3, 1.5]},
        ],
        yes_no_variants=[{"alpha": 0.3}],
        known=[
            (
                {"from_logits": True},
                np.array([[0, 1]]),
                np.array([[[2, 0], [0.5, 1]]]),
                0.283060340877,
            )
        ],
        bad=[{"dice_weight": -1.0}, {"focal_weight": -1.0}, {"gamma": -1.0}, {"alpha": [0.5, -0.5]}],
    ),
    *(
        Case(
            loss,
            chances,
            region(measure, mixes=True),
            arguments={"axis": 1, "multilabel": True},
            variants=variants,
            extremes=lambda: tuple(np.clip(x, 0, 1) for x in hard_yes_no()),
            kind="region",
        )
        for loss, measure, variants in (
            (K.DiceCrossentropy, of_dice_crossentropy, [{"class_weight": [0.5, 2.0]}]),
            (K.DiceFocal, of_dice_focal, [{"alpha": [0.3, 0.8]}]),
        )
    ),
    *rows(
        K.Combo,
        region(of_combo, mixes=True),
        variants=[{"alpha": 0.2}, {"beta": 0.7}, {"from_logits": True}],
        known=[({"multilabel": True, "beta": 0.7}, *MASK, 0.28369350544)],
        bad=[{"alpha": 1.5}, {"beta": -0.5}],
    ),
    *rows(
        K.UnifiedFocal,
        region(of_unified_focal, mixes=True),
        variants=[{"weight": 0.2}, {"delta": 0.3}, {"gamma": 0.2}, {"asymmetric": False}],
        known=[
            (
                arguments,
                np.array([[[1], [0], [1]]]),
                np.array([[[0.8], [0.3], [0.4]]]),
                value,
            )
            for arguments, value in (({}, 0.375471609954), ({"asymmetric": False}, 0.399690676207))
        ],
        bad=[{"weight": 1.5}, {"delta": -0.5}, {"gamma": 1.0}, {"asymmetric": 1}],
    )[:2],
    Case(
        K.UnifiedFocal,
        one_channel,
        region(of_unified_focal, mixes=True),
        arguments={"axis": 1, "multilabel": True},
        variants=[{"from_logits": True}, {"ignore_class": 1}],
        kind="region",
        extremes=lambda: tuple(np.clip(x[..., :1], 0, 1) for x in hard_yes_no()),
    ),
    Case(
        K.Boundary,
        distances,
        boundary,
        variants=[
            {"from_logits": True},
            {"from_logits": True, "class_axis": 1},
            {"from_logits": True, "multilabel": True, "class_weight": WEIGHTS},
        ],
        known=[
            (
                {},
                np.array([[[-1], [0], [1], [2]]]),
                np.array([[[0.9], [0.5], [0.4], [0.1]]]),
                -0.075,
            )
        ],
        bad=bad_of(K.Boundary),
        extremes=lambda: (hard_logits()[1], hard_logits()[1]),
        kind="region",
    ),
    Case(
        K.HausdorffErosion,
        mistaken(images),
        hausdorff,
        arguments={"erosions": 2},
        variants=[{"alpha": 1.5}, {"erosions": 1}],
        known=[
            ({"erosions": 2}, SQUARE, 0 * SQUARE, 0.328),
            ({"erosions": 1}, SQUARE, 0 * SQUARE, 0.168),
            ({}, SQUARE, SQUARE, 0.0),
        ],
        bad=[{"alpha": "2"}, {"erosions": 0}, {"erosions": 1.5}, *bad_of(K.HausdorffErosion)],
        extremes=hard_images,
        kinks=[({}, SQUARE, SQUARE, 0 * SQUARE)],
        kind="region",
    ),
    Case(
        K.HausdorffErosion,
        mistaken(image_ids),
        hausdorff,
        arguments={"from_logits": True, "erosions": 2},
        variants=[{"ignore_class": 1}],
        extremes=lambda: image_extremes(hard_logits, C),
        kind="region",
    ),
    Case(
        K.HausdorffErosion,
        mistaken(channels_first),
        hausdorff,
        arguments={"from_logits": True, "multilabel": True, "class_axis": 1, "erosions": 2},
        variants=[{"multilabel": False}],
        extremes=lambda: tuple(np.moveaxis(x, -1, 1) for x in image_extremes(hard_yes_no, 2)),
        kind="region",
    ),
    *(
        Case(
            K.SoftClDice,
            draw,
            cl_dice,
            arguments=arguments,
            variants=variants,
            known=[({}, *LINES, 0.276595744681)] if draw is images else (),
            bad=[{"iterations": -1}, {"iterations": 1.5}, *bad_of(K.SoftClDice)],
            extremes=hard_images if draw is images else lambda: image_extremes(hard_logits, C),
            kind="region",
            scope="sample" if "axis" in arguments else "batch",
        )
        for draw, arguments, variants in (
            (
                images,
                {"iterations": 1},
                [{"iterations": 2}, {"smooth": 0.0, "iterations": 0}, {"ignore_class": 0}],
            ),
            (
                image_ids,
                {"axis": (1, 2), "from_logits": True, "iterations": 1},
                [{"class_weight": [0.5, 2.0]}, {"ignore_class": 1}],
            ),
        )
    ),
    Case(
        K.SoftClDice,
        channels_first,
        cl_dice,
        arguments={"axis": (2, 3), "from_logits": True, "multilabel": True, "class_axis": 1, "iterations": 1},
        variants=[{"class_weight": [0.5, 2.0]}],
        extremes=lambda: tuple(np.moveaxis(x, -1, 1) for x in image_extremes(hard_yes_no, 2)),
        kind="region",
    ),
    Case(
        K.ActiveContour,
        images,
        active_contour,
        variants=[{"length_weight": 0.3}, {"region_weight": 0.3}, {"epsilon": 0.1}],
        known=[
            (
                {},
                np.array([[1, 1], [0, 0]]).reshape(1, 2, 2, 1),
                np.array([[0.9, 0.6], [0.2, 0.1]]).reshape(1, 2, 2, 1),
                0.961577317152,
            )
        ],
        bad=[
            {"length_weight": -1.0},
            {"region_weight": -1.0},
            {"epsilon": -1.0},
            *bad_of(K.ActiveContour),
        ],
        extremes=hard_images,
        kinks=[({"region_weight": 0.0}, SQUARE, 0 * SQUARE + 0.3, 0 * SQUARE)],
        kind="region",
    ),
    Case(
        K.ActiveContour,
        channels_first,
        active_contour,
        arguments={"from_logits": True, "multilabel": True, "class_axis": 1},
        variants=[{"multilabel": False}],
        extremes=lambda: tuple(np.moveaxis(x, -1, 1) for x in image_extremes(hard_yes_no, 2)),
        kind="region",
    ),
]
