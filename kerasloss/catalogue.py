"""Finding a loss by what a user, a configuration or another loss names it."""

import difflib
import inspect
from typing import Any

import keras

import kerasloss
from kerasloss.core import checks

ALIASES = {
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
}
"""The short names that Keras has."""


def get(identifier: Any) -> keras.losses.Loss | None:
    """The loss that an identifier names, as an instance; what has arguments gets its defaults.

    Args:
        identifier: A loss is returned as it is; a class of losses is called without arguments. A string is
            a name of this library in CamelCase or snake_case, one of Keras's short names (`"mse"`), or the
            name under which a loss or function of your own is registered (`"my_package>my_loss"`). A dict
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


def _from_config(config: dict[str, Any]) -> keras.losses.Loss | None:
    if set(config) <= {"class_name", "config"} and "class_name" in config:
        return _by_name(config["class_name"]).from_config(config.get("config") or {})
    return get(keras.saving.deserialize_keras_object(config))


def _by_name(name: str) -> Any:
    """The class or function of a name."""
    registered = keras.saving.get_registered_object(name)
    if registered is not None:
        return registered
    by_key = {_key(loss.__name__): loss for loss in _losses()}
    key = _key(name)
    key = _key(ALIASES.get(key, key))
    if key not in by_key:
        nearest = [by_key[k].__name__ for k in difflib.get_close_matches(key, by_key, n=3, cutoff=0.0)]
        listed = ", ".join(map(repr, nearest))
        checks.fail("get", f"there is no loss of this name; the nearest are {listed}", repr(name))
    return by_key[key]


def _key(name: str) -> str:
    """A name without what CamelCase and snake_case differ in, and without the word "loss"."""
    return name.replace("_", "").lower().removesuffix("loss")


def _losses() -> list[type]:
    """All losses of this library."""
    public = [getattr(kerasloss, name) for name in kerasloss.__all__]
    classes = [value for value in public if inspect.isclass(value) and issubclass(value, kerasloss.Loss)]
    return [value for value in classes if value is not kerasloss.Loss]
