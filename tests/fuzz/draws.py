"""One draw: a row of the case table with inputs, weights, a mask, and what stands at excluded places."""

import dataclasses
import functools

import numpy as np
from hypothesis import strategies as st

from tests.backend import BACKEND, array, tensor
from tests.cases import CASES, modules
from tests.laws.table import N_ANCHORS, kind, take

DOMAINS = sorted({name.split(".")[0] for name in modules()})
SIZES = (4, 1, 0) if BACKEND == "jax" else (4, 1, 2, 3, 5, 8, 0)  # JAX compiles every operation for each
SOURCES = ("draw", "extremes", "mixed", "constant", "repeated", "ties")
JUNK = (np.nan, np.inf, -np.inf, 3e38, 1.0)
"""What an excluded position holds."""

LABELS = {"int8", "int32", "int64", "uint8", "float32", "float16"}
ALIGNED = ("element", "binary", "margin", "divergence")
"""Kinds with one target for each prediction, which are mixed in pairs."""
TIED = ("divergence", "teacher", "image")
"""Kinds whose targets and predictions come from the same set."""
MADE = {}


@functools.cache
def rows(domain):
    """The rows of a domain with each of their variants."""
    of_domain = [case for case in CASES if case.loss.__module__.split(".")[2] == domain]
    return [(case, variant) for case in of_domain for variant in ({}, *case.variants)]


@dataclasses.dataclass(repr=False)
class Draw:
    """What a loss is called with. `y_true` and `y_pred` hold finite numbers of the domain of the loss."""

    case: object
    variant: dict
    source: str
    y_true: np.ndarray
    y_pred: np.ndarray
    sample_weight: np.ndarray | None
    mask: np.ndarray | None
    junk: float

    def __repr__(self):
        arrays = ", ".join(
            f"{name}={value!r}".replace("\n", "")
            for name, value in dataclasses.asdict(dataclasses.replace(self, case=None)).items()
            if name not in ("case", "variant", "source")
        )
        return f"{self.case}(**{self.arguments!r}) [{self.source}] {arrays}"

    def _repr_pretty_(self, printer, cycle):
        printer.text(repr(self))

    @property
    def arguments(self):
        return {**self.case.arguments, **self.variant}

    def make(self, **changes):
        """The loss; made once, since some load a model."""
        key = id(self.case), repr(self.variant), repr(changes)
        if key not in MADE:
            MADE[key] = self.case.make(**{**self.variant, **changes})
        return MADE[key]

    def exempt(self, law):
        exemption = self.case.exempt.get(law)
        return exemption is not None and exemption.applies(self.arguments)

    def included(self):
        """Which samples are neither masked nor of weight 0."""
        included = np.ones(len(self.y_pred), bool)
        if self.mask is not None:
            included &= self.mask
        if self.sample_weight is not None and np.ndim(self.sample_weight) and self.case.scope != "anchor":
            weight = np.asarray(self.sample_weight).astype("float64")
            included &= np.any(weight.reshape(len(weight), 1) != 0, axis=1)
        return included

    def spoilt(self):
        """The inputs with other numbers at the samples that are excluded."""
        y_true, y_pred, absent = self.y_true.copy(), self.y_pred.copy(), ~self.included()
        y_pred[absent] = self.junk
        if self.case.square:
            y_pred[:, absent] = self.junk
        if y_true.dtype.kind == "f":
            y_true[absent] = self.junk
        else:
            y_true[absent] = 99
        return y_true, y_pred

    def call(self, loss, y_true=None, y_pred=None):
        """The loss of the inputs, or of others in their place."""
        return loss.compute(
            tensor(self.y_true if y_true is None else y_true),
            tensor(self.y_pred if y_pred is None else y_pred),
            None if self.sample_weight is None else tensor(self.sample_weight),
            None if self.mask is None else tensor(self.mask),
        )


def take_rows(case, rng, n):
    """n samples of the draw of a case, which may need more of them to be one."""
    drawn = case.draw(rng, N_ANCHORS if case.scope == "anchor" else 8)
    if case.draw.__name__ == "probabilities":
        drawn = drawn[0], np.minimum(drawn[1], 1)  # their sums are not quite 1, so that one may be above 1
    chosen = take(case, *drawn, rng.permutation(len(drawn[1]))[: max(n, 1)])
    return tuple(x[:n] for x in chosen)


def extreme_rows(case, variant, rng, n):
    y_true, y_pred = case.extremes()
    if len(y_true) != len(y_pred) or (variant and not np.all(np.isfinite(y_pred))):
        return take_rows(case, rng, n)
    return take(case, y_true, y_pred, rng.integers(0, len(y_pred), n))


def mixed_rows(case, rng, n):
    """A draw of which some entries are those of the extremes."""
    y_true, y_pred = (x.copy() for x in take_rows(case, rng, n))
    hard_true, hard_pred = case.extremes()
    if not np.all(np.isfinite(hard_pred)):
        return y_true, y_pred  # an infinite score is finite in value for some labels only
    chosen = rng.random(y_pred.shape) < 0.4
    if kind(case) in ALIGNED and hard_true.shape == hard_pred.shape and y_true.shape == y_pred.shape:
        at = rng.integers(0, hard_pred.size, np.count_nonzero(chosen))
        y_pred[chosen] = hard_pred.ravel()[at]
        y_true = y_true.astype(np.promote_types(y_true.dtype, hard_true.dtype))
        y_true[chosen] = hard_true.ravel()[at]
    elif y_pred.shape[1:] == hard_pred.shape[1:]:
        at = rng.integers(0, len(hard_pred), y_pred.shape)
        y_pred = np.where(chosen, np.take_along_axis(hard_pred, at, axis=0), y_pred)
    return y_true, y_pred.astype("float32")


def inputs(case, variant, source, rng, n):
    if source == "extremes":
        return extreme_rows(case, variant, rng, n)
    if source == "mixed":
        return mixed_rows(case, rng, n)
    y_true, y_pred = (x.copy() for x in take_rows(case, rng, max(n, 1)))
    if source == "constant" and not case.square:
        # The columns may mean different things; the samples are all the same.
        y_pred = np.repeat(y_pred[:1], max(n, 1), axis=0)
    elif source == "repeated" and not case.square:
        y_true, y_pred = (np.repeat(x[:1], max(n, 1), axis=0) for x in (y_true, y_pred))
    elif source == "ties" and kind(case) in TIED and y_true.shape == y_pred.shape:
        y_true = y_pred.copy()  # a perfect prediction
    return y_true[:n], y_pred[:n]


WEIGHTS = (1.0, 0.0, 2.0, 0.5, 1e-3)  # a policy loss of 1e38 leaves no room for larger ones


def weights(data, rng, n):
    """Sample weights of one of the shapes, or None."""
    shape = data(st.sampled_from(("none", "scalar", "samples", "column")), "shape of the weights")
    if shape == "none":
        return None
    if shape == "scalar":
        return np.float32(data(st.sampled_from(WEIGHTS[:1] + WEIGHTS[2:4]), "weight"))
    dtype = data(st.sampled_from(("float32", "float16", "int32", "bool")), "dtype of the weights")
    some = rng.choice(WEIGHTS, n).astype(dtype)
    return some if shape == "samples" else some[:, None]


@st.composite
def draws(draw, domain):
    """A `Draw` of a domain."""
    data = lambda strategy, label: draw(strategy)  # noqa: E731
    case, variant = draw(st.sampled_from(rows(domain)))
    source = draw(st.sampled_from(SOURCES))
    n = draw(st.sampled_from(SIZES))
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    if "label_format" in variant:
        source = "draw"  # the labels of the extremes are in one format
    elif source == "ties" and {**case.arguments, **variant}.get("from_logits"):
        source = "draw"
    y_true, y_pred = inputs(case, variant, source, rng, n)
    half = draw(st.sampled_from((None, None, "float16", "bfloat16")))
    if half:  # what a model under mixed precision gives: the same numbers, rounded
        with np.errstate(over="ignore"):
            rounded = array(tensor(y_pred, half)).astype("float32")
        y_pred = rounded if np.all(np.isfinite(rounded)) else y_pred
    mixed = "axis" in variant  # the axis of a value may be that of the samples
    mask = rng.random(n) < 0.6 if draw(st.booleans()) else None
    return Draw(
        case,
        variant,
        source,
        y_true,
        y_pred,
        None if mixed else weights(data, rng, n),
        None if mixed else mask,
        draw(st.sampled_from(JUNK)),
    )
