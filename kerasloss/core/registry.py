"""The losses of this library by name: how they are registered, and how one is found."""

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from kerasloss.core import checks
from kerasloss.core.aliases import ALIASES, key, meant, suggestions
from kerasloss.core.equivalents import lookup
from kerasloss.core.equivalents.row import Equivalent

LOSSES: dict[str, type] = {}
"""The public losses, by class name."""

KINDS = {
    "element": "numbers against numbers of the same shape",
    "binary": "independent labels 0 or 1",
    "class": "ids or one-hot of mutually exclusive classes",
    "margin": "labels -1 and 1 against real scores",
    "region": "masks",
    "box": "boxes",
    "label-embedding": "embeddings with labels that say which belong together",
    "tuple-embedding": "pairs, triplets or views, stacked on axis 1",
    "list": "lists of scores with relevances",
    "survival": "times and events against risks",
    "divergence": "distributions against distributions",
    "point-set": "sets of points against sets of points",
    "distribution": "numbers against the parameters of a distribution",
    "sequence": "tokens that are not aligned with the frames",
    "series": "series against series, aligned in time",
    "image": "images against images",
    "waveform": "signals over time against signals of the same length",
    "ordinal": "ids of ordered classes",
    "teacher": "outputs of a teacher against those of a student",
    "preference": "log-probabilities of preferred and rejected texts",
    "policy": "log-probabilities of actions, with advantages",
    "router": "logits of a router over experts",
    "hidden": "token ids against hidden states and a kernel",
    "wrapper": "whatever the inner loss takes",
}
"""The kinds of losses: what `y_true` and `y_pred` hold."""

SCOPES = {
    "sample": "its own sample alone",
    "anchor": "the other samples of the batch too",
    "batch": "the whole batch, which has one value",
}
"""What a value of a loss depends on."""

GROWTHS = {
    "linear": "both grow with the number of entries of the inputs",
    "sort": "memory grows with the number n of entries of the inputs, time with n log n: they are sorted",
    "matrix": "time grows with the number of entries times the length of the last axis, a product with a "
    "square matrix; memory with the number of entries and the size of that matrix",
    "entry-pairs": "both grow with the number of entries times the length of the last axis: all its pairs",
    "entry-pair-blocks": "time grows with the number of entries times the length of the last axis: all its "
    "pairs; memory with the number of entries: the pairs are held in blocks",
    "pairs": "both grow with the square of the number of samples or points: all pairs of them",
    "pair-blocks": "time grows with the square of the number of samples; memory with their number: the "
    "matrix of all pairs is held in blocks",
    "patches": "both grow with the square of the number of patches of a sample",
    "triple-blocks": "time grows with the cube of the number of samples, memory with the square: all "
    "triples, in blocks",
    "triples": "both grow with the cube of the number of samples: all triples of them",
    "alignment": "both grow with the product of the lengths of the two sequences",
    "set-pairs": "both grow with the product of the sizes of the two sets: all their pairs",
    "head": "time grows with the number of logits times the hidden units, memory with the number of entries "
    "of the inputs: the logits are not kept",
    "network": "those of the network that sees both images, forward and backward",
}
"""How the time and the memory of a loss and its gradient grow with the inputs, with the default arguments."""


def register(cls: type) -> type:
    """Registers a loss or layer of this library for saving, as `kerasloss>Name`, and a loss by its name.

    A loss of your own is registered under your own name, with
    `@keras.saving.register_keras_serializable(package="my_package")`.
    """
    if issubclass(cls, keras.losses.Loss):
        checks.choice(cls.__name__, "kind", cls.kind, KINDS)
        LOSSES[cls.__name__] = cls
    return keras.saving.register_keras_serializable(package="kerasloss")(cls)


def get(identifier: Any) -> keras.losses.Loss | None:
    """The loss that an identifier names, as an instance.

    Args:
        identifier: A loss is returned as it is; a loss class is called without arguments. A string is a name
            of this library in CamelCase or snake_case, a short name (`"mse"`, `"kl"`, `"dtw"`), a name of
            another library (`"torch.SmoothL1Loss"`, `"optax.losses.l2_loss"`, `"flux.mse"`), or the name
            under which a loss or function of your own is registered (`"my_package>my_loss"`). A dict comes
            from `keras.saving.serialize_keras_object`, or holds `"class_name"`, one of these names, and
            the `"config"`, its arguments here. A function `(y_true, y_pred) -> values` becomes a
            `FromFunction`. None stays None.

    Returns:
        A `kerasloss.Loss`, or the `keras.losses.Loss` that was given. A loss of another library has the
        arguments that reach the number of its defaults. Where that library returns a value per entry or
        sample, this one takes their mean, as Keras does. The pages "Coming from" have all names, and what
        else differs.

    Raises:
        ValueError: If there is no such loss; the message has the nearest names, or the known libraries. If it
            lacks an argument that has no default, or is given one that it does not have.

    Use it to read losses from configuration files, and to find what a loss is called here; not for
    `compile`, which takes an instance (`compile(loss="mse")` finds Keras's own).

    Example:

    >>> import kerasloss
    >>> kerasloss.get("smooth_l1")
    SmoothL1()
    >>> kerasloss.get({"class_name": "Huber", "config": {"delta": 2.0}})
    Huber(delta=2.0)
    >>> kerasloss.get("optax.l2_loss")
    MeanSquaredError(scale=0.5)
    >>> kerasloss.get({"class_name": "torch.nn.SmoothL1Loss", "config": {"beta": 0.5}})
    SmoothL1(beta=0.5)
    """
    if identifier is None or isinstance(identifier, keras.losses.Loss):
        return identifier
    if isinstance(identifier, dict):
        return _from_config(identifier)
    found, row = _by_name(identifier) if isinstance(identifier, str) else (identifier, None)
    if inspect.isclass(found) and issubclass(found, keras.losses.Loss):
        arguments = {} if row is None else row.arguments
        _check_names(found, arguments, row)
        return found(**arguments)
    if callable(found) and not inspect.isclass(found):
        return LOSSES["FromFunction"](found)
    checks.fail(
        "get", "a loss, its class, name or configuration, or a function was expected", repr(identifier)
    )


def unfinished(name: str) -> type | None:
    """The class that a name means, if it has an argument without a default that the name does not give."""
    cls, row = _by_name(name)
    given = {} if row is None else row.arguments
    return cls if inspect.isclass(cls) and _required(cls, given) else None


def checked_loss(owner: Any, name: str, value: Any) -> keras.losses.Loss:
    """The loss that `get` finds for an argument of a wrapper."""
    try:
        found = get(value)
    except (TypeError, ValueError) as error:
        checks.fail(owner, f"`{name}` must name a loss ({error})", f"{name}={value!r}")
    if found is None:
        checks.fail(
            owner, f"`{name}` must be a loss, or what `kerasloss.get` finds one by", f"{name}={value!r}"
        )
    return found


def wrapped(loss: Any) -> list[keras.losses.Loss]:
    """The losses that a loss wraps; none if it is no wrapper."""
    inner = [getattr(loss, "loss", None), *keras.tree.flatten(getattr(loss, "losses", []))]
    return [part for part in inner if isinstance(part, keras.losses.Loss)]


def nested(loss: keras.losses.Loss) -> list[keras.losses.Loss]:
    """A loss and all losses inside it, at any depth."""
    return [loss, *(inner for part in wrapped(loss) for inner in nested(part))]


def _object(value: Any) -> Any:
    """What Keras has written of an object, such as a model, as that object."""
    is_written = isinstance(value, dict) and {"module", "class_name"} <= set(value)
    return keras.saving.deserialize_keras_object(value) if is_written else value


def _from_config(config: dict[str, Any]) -> keras.losses.Loss:
    name, inner = config.get("class_name"), config.get("config") or {}
    if not isinstance(name, str) or not isinstance(inner, dict):
        checks.fail(
            "get",
            'a configuration must have a "class_name", a string, and a "config", a dict of its arguments',
            repr(config),
        )
    if set(config) <= {"class_name", "config"}:
        cls, row = _by_name(name)
        if row is not None:  # of another library, with what the configuration says instead
            arguments = {**row.arguments, **inner}
            _check_names(cls, arguments, row)
            found = cls(**{key: _object(value) for key, value in arguments.items()})
        else:
            if cls in LOSSES.values():
                _check_names(cls, inner, None)
            found = cls.from_config(inner) if hasattr(cls, "from_config") else cls
    else:
        found = keras.saving.deserialize_keras_object(config)
    if isinstance(found, keras.losses.Loss):
        return found
    if inspect.isfunction(found):
        return LOSSES["FromFunction"](found)
    checks.fail("get", "a configuration of a loss or a function was expected", repr(config))


def _check_names(cls: type, arguments: Mapping[str, Any], row: Equivalent | None) -> None:
    """Refuses arguments that a loss does not have, and the lack of one that has no default."""
    parameters = inspect.signature(cls).parameters.values()
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        return
    known = [p.name for p in parameters]
    unknown = [name for name in arguments if name not in known]
    required = _required(cls, arguments)
    if unknown:
        listed, where = ", ".join(f"`{name}`" for name in known), ""
        if row is not None:
            library = lookup.LIBRARIES[row.library].title
            note = f": {row.note.rstrip('.')}" if row.note else ', on its page "Coming from"'
            where = f". How it differs from {row.name} of {library}{note}"
        what = f"an argument must be one of {listed}{where}"
        checks.fail(cls.__name__, what, ", ".join(f"{name}={arguments[name]!r}" for name in unknown))
    if required:
        listed = ", ".join(f'"{name}": ...' for name in required)
        what = f'an argument without a default is required: {{"class_name": ..., "config": {{{listed}}}}}'
        checks.fail(cls.__name__, what, f"no {' and no '.join(required)}")


def _required(cls: type, given: Mapping[str, Any]) -> list[str]:
    """The arguments of a loss that have no default and are not given."""
    parameters = inspect.signature(cls).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [p.name for p in named if p.default is p.empty and p.name not in given]


def _by_name(name: str) -> tuple[Any, Equivalent | None]:
    """The class or function of a name, and the row of one of another library."""
    registered = keras.saving.get_registered_object(name)
    if registered is not None:
        return registered, None
    root, rest = lookup.split(name)
    if root is None or root == "kerasloss":
        return _own(rest), None
    library = lookup.library_of(root)
    if library is None:
        listed = ", ".join(map(repr, lookup.LIBRARIES))
        what = f"`{root}` is no library that is known here{_elsewhere(rest)}; these are: {listed}"
        checks.fail("get", what, repr(name))
    row = lookup.equivalent(library, rest)
    if row is not None:
        return LOSSES[row.loss], row
    if library == "keras":
        return _own(rest), None
    listed = ", ".join(map(repr, lookup.nearest(library, rest)))
    title = lookup.LIBRARIES[library].title
    here = "".join(f", here {one!r}" for one in meant(key(rest)))
    what = f"no loss of {title} of this name is known; the nearest are {listed}{here}"
    checks.fail("get", what, repr(name))


def _own(name: str) -> type:
    """The loss of this library that a name means."""
    by_key = {key(known): loss for known, loss in LOSSES.items()}
    wanted = key(name)
    wanted = key(ALIASES.get(wanted, wanted))
    if wanted not in by_key:
        listed = ", ".join(map(repr, suggestions(name, LOSSES)))
        what = f"there is no loss of this name{_elsewhere(name)}; the nearest are {listed}"
        checks.fail("get", what, repr(name))
    return by_key[wanted]


def _elsewhere(name: str) -> str:
    """Where a name that is no loss of this library is known: among its layers, or in other libraries."""
    layer = keras.saving.get_registered_object(f"kerasloss>{name}")
    if layer is not None:
        return f", but `{layer.__module__.rpartition('.')[0]}.{name}`"
    found = lookup.named(name)
    return f", but of other libraries {', '.join(map(repr, found))}" if found else ""
