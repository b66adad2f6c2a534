"""The arguments of a loss: declared once, as class attributes, and saved completely.

    class Huber(Loss):
        delta: Positive = 1.0

`Configurable` writes the constructor that these lines describe, as a dataclass does, and checks each argument
as its annotation says: `bool`, `int`, `float` (a finite number), `Literal[...]`, one of the types below, or
one of these `| None`. Other annotations check nothing. A class that writes its own `__init__` keeps it.

The arguments and their defaults are all that a constructor of a loss has to state. Written out, with the
call of the base and one assignment for each argument, constructors were two fifths of all code.
"""

import dataclasses
import functools
import inspect
import operator
import re
import types
import typing
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import keras

from kerasloss.core import checks

Reduction: TypeAlias = str | Callable | None
DType: TypeAlias = str | keras.DTypePolicy | None


def within(**limits: float) -> Callable:
    """A check that a number is in a range; see `checks.number`."""
    return functools.partial(checks.number, **limits)


def each_within(**limits: float) -> Callable:
    """A check of a sequence of numbers."""
    return functools.partial(checks.sequence, **limits)


def one_or_each_within(**limits: float) -> Callable:
    """A check of a number, or of a sequence of numbers."""
    return functools.partial(checks.number_or_sequence, **limits)


def at_least(least: int) -> Callable:
    """A check that an integer is at least `least`."""
    return functools.partial(checks.integer, least=least)


Positive: TypeAlias = Annotated[float, within(above=0)]
NonNegative: TypeAlias = Annotated[float, within(least=0)]
Fraction: TypeAlias = Annotated[float, within(least=0, most=1)]
OpenFraction: TypeAlias = Annotated[float, within(above=0, below=1)]
Count: TypeAlias = Annotated[int, at_least(1)]
Numbers: TypeAlias = Annotated[Sequence[float], each_within()]
PerClass: TypeAlias = Annotated[float | Sequence[float], one_or_each_within(least=0)]
"""A number for all classes, or one for each."""
ClassWeight: TypeAlias = Annotated[Sequence[float], each_within(least=0)]
"""A weight for each class."""
ClassIds: TypeAlias = Annotated[int | Sequence[int], checks.integers]
"""A class, or several."""
Axes: TypeAlias = Annotated[int | Sequence[int], checks.integers]
"""An axis, or several."""

COMMON = ("reduction", "name", "dtype")
"""The arguments that every loss has."""


@typing.dataclass_transform()
class Configurable:
    """Makes the constructor from the declared arguments, and the configuration from what it was given."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            return
        inherited = next(base.__init__ for base in cls.__mro__ if "__init__" in vars(base))
        if hasattr(inherited, "declared"):  # a constructor written by hand stays what it is
            cls.__init__ = _constructor(cls, inherited, {**inherited.declared, **_declared(cls)})

    def __post_init__(self) -> None:
        """Checks what involves several arguments, or derives attributes, once all are stored."""

    def get_config(self) -> dict[str, Any]:
        """Every argument of the constructor, ready for JSON.

        Raises:
            ValueError: If an argument is a lambda or a function that isn't registered: loading it would
                mean running code from the file.
        """
        return {name: _saved_argument(self, name) for name in _arguments(type(self))}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The loss of a configuration that `get_config` made.

        Raises:
            ValueError: If it is no dict.
        """
        if not isinstance(config, dict):
            checks.fail(
                cls.__name__, "`config` must be a dict, as `get_config` makes it", f"config={config!r}"
            )
        return cls(**{name: _deserialize(value) for name, value in config.items()})

    def __repr__(self) -> str:
        arguments = []
        for name, default in _arguments(type(self)).items():
            value = getattr(self, name)
            if name not in ("name", "dtype") and value is not default and repr(value) != repr(default):
                arguments.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(arguments)})"


def extensible(constructor: Callable) -> Callable:
    """Marks the constructor of the base class, which subclasses extend by declared arguments."""
    constructor.root, constructor.declared = constructor, {}
    return constructor


def _declared(cls: type) -> dict[str, inspect.Parameter]:
    """The arguments that the body of a class declares; those after a `KW_ONLY` are keyword-only."""
    try:
        annotations = inspect.get_annotations(cls, eval_str=True)
    except NameError:  # of a type that is imported for type checkers alone
        annotations = inspect.get_annotations(cls)
    declared, kind = {}, inspect.Parameter.POSITIONAL_OR_KEYWORD
    for name, annotation in annotations.items():
        if annotation is dataclasses.KW_ONLY:
            kind = inspect.Parameter.KEYWORD_ONLY
        elif not name.startswith("_") and typing.get_origin(annotation) is not ClassVar:
            default = vars(cls).get(name, inspect.Parameter.empty)
            declared[name] = inspect.Parameter(name, kind, default=default, annotation=annotation)
    return declared


def _constructor(cls: type, inherited: Callable, declared: dict[str, inspect.Parameter]) -> Callable:
    """The constructor `(declared, reduction, name, dtype, *, declared keyword-only)`."""
    root = inherited.root
    own_defaults = {"name": snake_case(cls.__name__), **vars(cls)}
    parameters = {
        name: p.replace(default=own_defaults.get(name, p.default))
        for name, p in inspect.signature(root).parameters.items()
    }
    common = [parameters[name] for name in COMMON if name not in declared]
    by_name = [p for p in declared.values() if p.kind is p.KEYWORD_ONLY]
    others = [p for p in declared.values() if p.kind is not p.KEYWORD_ONLY]
    shown = [p.replace(annotation=_plain(p.annotation)) for p in (*others, *common, *by_name)]
    signature = inspect.Signature([parameters["self"], *shown], return_annotation=None)
    checked = {name: _check(p.annotation) for name, p in declared.items() if name not in COMMON}

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        _refuse_inputs(self, args)
        try:
            given = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}{_hint(cls, signature, kwargs)}") from None
        if type(self) is not cls:  # a subclass that calls this constructor has a name of its own
            given.arguments.setdefault("name", None)
        given.apply_defaults()
        for name, check in checked.items():
            value = given.arguments[name]
            setattr(self, name, value if check is None else check(self, name, value))
        root(self, **{name: given.arguments[name] for name in COMMON})
        self.__post_init__()

    __init__.root, __init__.declared, __init__.__signature__ = root, declared, signature
    __init__.__annotations__ = {p.name: p.annotation for p in shown} | {"return": None}
    __init__.__module__, __init__.__qualname__ = cls.__module__, f"{cls.__qualname__}.__init__"
    return __init__


def _refuse_inputs(loss: Any, args: tuple) -> None:
    """Refuses labels and predictions, with which a loss is called once it is made."""
    if len(args) >= 2 and all(len(getattr(x, "shape", ())) for x in args[:2]):
        checks.fail(
            loss,
            "the class takes the arguments of the loss; labels and predictions go to what it makes, "
            f"`{type(loss).__name__}()(y_true, y_pred)`",
            f"arrays of shapes {' and '.join(str(tuple(x.shape)) for x in args[:2])}",
        )


def _hint(cls: type, signature: inspect.Signature, given: dict[str, Any]) -> str:
    """What to write in place of an argument that a loss does not have."""
    known = list(signature.parameters)[1:]
    unknown = next((name for name in given if name not in known), None)
    if unknown is None:
        return ""
    value = vars(cls).get(unknown)
    if isinstance(value, (bool, int, float, str)) and not cls.__module__.startswith("kerasloss."):
        return f"; an argument is declared with its type, `{unknown}: {type(value).__name__} = {value!r}`"
    return f"; its arguments are {', '.join(f'`{name}`' for name in known)}"


def _plain(annotation: Any) -> Any:
    """The type without its check, for `help`."""
    if typing.get_origin(annotation) is Annotated:
        return annotation.__origin__
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return functools.reduce(operator.or_, map(_plain, typing.get_args(annotation)))
    return annotation


def _check(annotation: Any) -> Callable | None:
    """The check that an annotation asks for, `(loss, name, value) -> value`; None: none."""
    origin, options = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return annotation.__metadata__[0]
    if origin is Literal:
        return functools.partial(checks.choice, choices=options)
    if origin in (typing.Union, types.UnionType) and len(options) == 2 and options[1] is types.NoneType:
        check = _check(options[0])
        return check and (lambda loss, name, value: None if value is None else check(loss, name, value))
    return {bool: checks.boolean, int: checks.integer, float: checks.number}.get(annotation)


def _arguments(cls: type) -> dict[str, Any]:
    """The arguments of the constructor with their defaults, including those passed on by `**kwargs`."""
    names: dict[str, Any] = {}
    for owner in cls.__mro__:
        if "__init__" not in vars(owner):
            continue
        parameters = list(inspect.signature(owner.__init__).parameters.values())[1:]
        for p in parameters:
            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
                names.setdefault(p.name, p.default)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return names


def _saved_argument(loss: Any, name: str) -> Any:
    if not hasattr(loss, name):
        checks.fail(loss, f"the constructor must store its argument `{name}` as `self.{name}`", "nothing")
    value = getattr(loss, name)
    for leaf in keras.tree.flatten(value):
        if inspect.isroutine(leaf):
            registered = keras.saving.get_registered_object(keras.saving.get_registered_name(leaf))
            if registered is not leaf:
                checks.fail(
                    loss,
                    f"`{name}` can't be saved, since loading it would run code: give a named function "
                    "that is registered with `keras.saving.register_keras_serializable`",
                    f"{name}={leaf!r}",
                )
    return _serialize(value)


def _serialize(value: Any) -> Any:
    """Keras's serialization, with tuples marked: JSON would make them lists."""
    if isinstance(value, tuple):
        return {"__tuple__": [_serialize(entry) for entry in value]}
    if isinstance(value, list):
        return [_serialize(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _serialize(entry) for key, entry in value.items()}
    return keras.saving.serialize_keras_object(value)


def _deserialize(value: Any) -> Any:
    if isinstance(value, list):
        return [_deserialize(entry) for entry in value]
    if isinstance(value, dict) and "class_name" not in value:
        if set(value) == {"__tuple__"}:
            return tuple(_deserialize(value["__tuple__"]))
        return {key: _deserialize(entry) for key, entry in value.items()}
    return keras.saving.deserialize_keras_object(value)


def snake_case(name: str) -> str:
    """`KLDivergence` as `kl_divergence`: the default name that Keras gives."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name.lstrip("_"))  # TensorFlow takes no scope "_mine"
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
