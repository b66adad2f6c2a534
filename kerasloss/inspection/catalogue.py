"""All losses: found by a name, and listed with what each expects of labels and of the last layer."""

import html
import inspect
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras

import kerasloss
from kerasloss.core import checks
from kerasloss.core.aliases import ALIASES, key, suggestions

COMMON = ("reduction", "name", "dtype")
"""The arguments that all losses have."""

EXPECTS = {
    "ElementLoss": ("element", "linear"),
    "ScoreLoss": ("score", "linear"),
    "BinaryLoss": ("binary", "sigmoid"),
    "ClassLoss": ("class", "softmax"),
    "RegionLoss": ("region", "softmax or sigmoid"),
    "DistributionLoss": ("distribution", "linear"),
    "DivergenceLoss": ("divergence", "softmax"),
    "ThresholdLoss": ("ordinal", "linear"),
    "_CriticLoss": ("binary", "linear"),
    "TeacherLoss": ("teacher", "linear"),
    "PointSetLoss": ("set", "any"),
    "_FeatureLoss": ("image", "any"),
    "AnchorLoss": ("embedding", "any"),
    "TupleLoss": ("embedding", "any"),
    "_MeanLoss": ("element", "positive"),
    "PreferenceLoss": ("preference", "any"),
    "PolicyLoss": ("policy", "any"),
    "AUCMargin": ("binary", "any"),
    "AttentionTransfer": ("teacher", "any"),
    "CTC": ("sequence", "linear"),
    "Boundary": ("map", "softmax or sigmoid"),
    "Contrastive": ("embedding", "any"),
    "DPO": ("preference", "any"),
    "DeepSupervision": ("wrapper", "any"),
    "FeatureDistillation": ("teacher", "any"),
    "FromFunction": ("wrapper", "any"),
    "GaussianKLDivergence": ("distribution", "linear"),
    "GeneralizedKLDivergence": ("divergence", "positive"),
    "HingeEmbedding": ("embedding", "any"),
    "KTO": ("preference", "any"),
    "LinearCrossentropy": ("hidden", "any"),
    "LovaszHinge": ("score", "linear"),
    "MarginRanking": ("embedding", "any"),
    "Masked": ("wrapper", "any"),
    "MeanAbsoluteScaledError": ("series", "linear"),
    "MeanSquaredLogarithmicError": ("element", "positive"),
    "MultiScale": ("wrapper", "any"),
    "NegativeLogLikelihood": ("class", "log_softmax"),
    "OnlineHardExample": ("wrapper", "any"),
    "Poisson": ("element", "positive"),
    "PositiveUnlabeled": ("weak", "linear"),
    "ScaleInvariantLogarithmic": ("element", "positive"),
    "SoftF1": ("binary", "sigmoid"),
    "Symmetric": ("wrapper", "any"),
    "WeightedSum": ("wrapper", "any"),
}
"""The kind of a loss and its last activation, by its name or that of the nearest base that is named here."""


def get(identifier: Any) -> keras.losses.Loss | None:
    """The loss that an identifier names, as an instance; what has arguments gets its defaults.

    Args:
        identifier: A loss is returned as it is; a class of losses is called without arguments. A string is
            a name of this library in CamelCase or snake_case, a short name (`"mse"`, `"kl"`, `"iou"`), or
            the name under which a loss or function of your own is registered (`"my_package>my_loss"`). A dict
            is what `get_config` or `keras.saving.serialize_keras_object` made. A function
            `(y_true, y_pred) -> values` becomes a `FromFunction`. None stays None.

    Returns:
        A `kerasloss.Loss`, or the `keras.losses.Loss` that was given.

    Raises:
        ValueError: If there is no such loss; the message has the nearest names.

    Use it to read losses from configuration files; not in `compile`, which takes an instance
    (`compile(loss="mse")` finds Keras's own).

    Example:

    >>> import kerasloss
    >>> kerasloss.get("smooth_l1")
    SmoothL1()
    >>> kerasloss.get({"class_name": "Huber", "config": {"delta": 2.0}})
    Huber(delta=2.0)
    """
    if identifier is None or isinstance(identifier, keras.losses.Loss):
        return identifier
    if isinstance(identifier, dict):
        return _from_config(identifier)
    if isinstance(identifier, str):
        identifier = _by_name(identifier)
    if inspect.isclass(identifier) and issubclass(identifier, keras.losses.Loss):
        return identifier()
    if callable(identifier) and not inspect.isclass(identifier):
        return kerasloss.FromFunction(identifier)
    checks.fail(
        "get", "a loss, its class, name or configuration, or a function was expected", repr(identifier)
    )


class LossInfo(NamedTuple):
    """What there is to know of a loss before it is used; see `list_losses`."""

    name: str
    """The class: `getattr(kerasloss, name)`."""
    family: str
    """The module in `kerasloss.losses`."""
    kind: str
    """What stands against what: `"element"`, `"binary"`, `"class"`, ..."""
    activation: str
    """The activation of the model's last layer that the defaults expect."""
    options: Mapping[str, Any]
    """The arguments with their defaults (`...`: must be given), but those that all losses have."""
    summary: str
    """The first line of the docstring."""
    y_true: str
    """The labels, as the docstring has them."""
    y_pred: str
    """The predictions, as the docstring has them."""

    @property
    def expected(self) -> str:
        """`activation`, and what an argument makes of it."""
        if "from_logits" in self.options:
            return f"{self.activation}, or logits"
        by_link = self.activation == "positive" and "link" in self.options
        return f'{self.activation}, or link="log"' if by_link else self.activation


class LossTable(list):
    """A list of `LossInfo` that prints as a table, in a notebook too."""

    def _rows(self) -> list[tuple[str, ...]]:
        head = ("loss", "family", "kind", "last activation", "what it is for")
        return [head, *((i.name, i.family, i.kind, i.expected, i.summary) for i in self)]

    def __repr__(self) -> str:
        rows = self._rows()
        widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
        lines = ("  ".join([*map(str.ljust, row, widths), row[-1]]) for row in rows)
        return "\n".join(lines)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        head, *body = [[html.escape(cell) for cell in row] for row in self._rows()]
        lines = [f"<tr><th>{'</th><th>'.join(head)}</th></tr>"]
        lines += [f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in body]
        return f"<table>{''.join(lines)}</table>"


def list_losses(family: str | None = None, kind: str | None = None) -> LossTable:
    """All losses of this library, with what each expects; prints as a table.

    Args:
        family: Only those of one module of `kerasloss.losses`, such as `"robust"`.
        kind: Only those of one kind. `"element"`: numbers against numbers. `"binary"`: labels 0 or 1 that
            can hold together. `"score"`: labels -1 and 1. `"class"`: ids or one-hot of classes that exclude
            each other. `"ordinal"`: ids of ordered classes. `"region"`: masks. `"distribution"`: numbers
            against the parameters of a distribution. And others, which the table shows.

    Returns:
        A list of `LossInfo`, each with `name`, `family`, `kind`, `activation`, `options`, `summary`, `y_true`
        and `y_pred`. `activation` is what the last layer must have under the loss's defaults: `"linear"`
        (raw numbers, logits), `"sigmoid"`, `"softmax"`, `"log_softmax"`, `"positive"` (softplus, exponential)
        or `"any"`. With `from_logits=True`, or `link="log"`, it is `"linear"`.

    Raises:
        ValueError: If there is no such family or kind.

    Example:

    >>> import kerasloss
    >>> kerasloss.list_losses(family="latent")  # doctest: +ELLIPSIS
    loss                  family  kind          last activation  what it is for
    GaussianKLDivergence  latent  distribution  linear           Relative entropy of normal ...
    >>> [info.name for info in kerasloss.list_losses(kind="ordinal")]
    ['Coral', 'Corn', 'CumulativeLink']
    """
    table = [_info(cls) for cls in _losses()]
    for name, value in (("family", family), ("kind", kind)):
        if value is not None:
            checks.choice("list_losses", name, value, sorted({getattr(info, name) for info in table}))
            table = [info for info in table if getattr(info, name) == value]
    return LossTable(table)


def expectation(cls: type, options: Mapping[str, Any]) -> tuple[str, str]:
    """The kind of a loss and the last activation that it expects with these arguments."""
    named = (EXPECTS[base.__name__] for base in cls.__mro__ if base.__name__ in EXPECTS)
    kind, activation = next(named, ("other", "any"))
    link = options.get("link")
    if options.get("from_logits") or (activation == "positive" and link not in (None, "identity")):
        return kind, "linear"
    if "from_logits" not in options and activation.startswith(("softmax", "sigmoid")):
        return kind, "linear"  # a loss of raw scores
    if activation.startswith("softmax") and (options.get("multilabel") or options.get("base") == "sigmoid"):
        return kind, "sigmoid"
    return kind, "any" if kind == "distribution" and link == "identity" else activation


def _info(cls: type) -> LossInfo:
    parameters = inspect.signature(cls).parameters.values()
    options = {p.name: ... if p.default is p.empty else p.default for p in parameters}
    options = {name: value for name, value in options.items() if name not in COMMON}
    kind, activation = expectation(cls, options)
    doc = inspect.getdoc(cls)
    y_true, y_pred = _shapes(doc)
    family = cls.__module__.rpartition(".")[2]
    return LossInfo(cls.__name__, family, kind, activation, options, doc.splitlines()[0], y_true, y_pred)


def _shapes(doc: str) -> tuple[str, str]:
    """What a docstring says of `y_true` and of `y_pred` in its section "Shapes"."""
    text = " ".join(doc.partition("Shapes:")[2].partition("Raises:")[0].split())
    parts = re.split(r"(?:^|[;.,] )((?:`?y_(?:true|pred)`?(?:, )?)+): ", text.partition(" Returns ")[0])
    found = {
        name: words.strip(" .")
        for names, words in zip(parts[1::2], parts[2::2], strict=True)
        for name in re.findall("y_true|y_pred", names)
    }
    return found.get("y_true", text), found.get("y_pred", text)


def _from_config(config: dict[str, Any]) -> keras.losses.Loss | None:
    if set(config) <= {"class_name", "config"} and "class_name" in config:
        return _by_name(config["class_name"]).from_config(config.get("config") or {})
    return get(keras.saving.deserialize_keras_object(config))


def _by_name(name: str) -> Any:
    """The class or function of a name."""
    registered = keras.saving.get_registered_object(name)
    if registered is not None:
        return registered
    by_key = {key(loss.__name__): loss for loss in _losses()}
    wanted = key(name)
    wanted = key(ALIASES.get(wanted, wanted))
    if wanted not in by_key:
        listed = ", ".join(map(repr, suggestions(name, [loss.__name__ for loss in by_key.values()])))
        checks.fail("get", f"there is no loss of this name; the nearest are {listed}", repr(name))
    return by_key[wanted]


def _losses() -> list[type]:
    """All losses of this library."""
    public = [getattr(kerasloss, name) for name in kerasloss.__all__]
    classes = [value for value in public if inspect.isclass(value) and issubclass(value, kerasloss.Loss)]
    return [value for value in classes if value is not kerasloss.Loss]
