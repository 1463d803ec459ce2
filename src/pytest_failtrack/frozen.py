"""`frozen`: the decorator of immutable values, which costs nothing when a module is imported.

`dataclasses.dataclass(frozen=True)` compiles six methods a class, half a millisecond each class:
all of ours together would be a third of the time that pytest needs to run one test. Here the
methods exist once and read the names of the class. To everybody else such a class is a frozen
dataclass: `dataclasses.fields`, `replace`, `asdict` and `is_dataclass` take it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_settings: object) -> Any:
        """Say nothing: only type checkers listen, and Python 3.10 has no such function."""
        return lambda function: function


T = TypeVar("T")
R = TypeVar("R")


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """Make a class of annotated fields an immutable value, as `dataclass(frozen=True)` would.

    Defaults are taken, and `field(default_factory=...)`; every annotation is a field, of this
    class alone: there is no inheritance. Two values are equal when they are of one class and their
    fields are equal; they can be hashed when their fields can.

    Args:
        cls: The class; it is changed in place.

    Returns:
        The same class.
    """
    names = tuple(cls.__annotations__)
    count = len(names)
    every = frozenset(names)
    template: dict[str, Any] = {name: cls.__dict__.get(name, MISSING) for name in names}
    required = tuple(name for name, default in template.items() if default is MISSING)
    # What has to be named beside so many values without a name, once it was asked for.
    to_name: dict[int, frozenset[str]] = {}
    factories: dict[str, Any] = {}
    for name, default in template.items():
        if isinstance(default, Field):
            factories[name] = default.default_factory
            delattr(cls, name)

    def __init__(self: Any, /, *given: Any, **named: Any) -> None:
        fields = self.__dict__
        size = len(given)
        if size == count and not named:
            fields.update(zip(names, given, strict=True))
            return
        if not size and named.keys() == every:
            fields.update(named)
            return
        fields.update(template)
        for name, make in factories.items():
            fields[name] = make()
        if size:
            fields.update(zip(names, given, strict=False))
        fields.update(named)
        if len(fields) != count or size > count:
            unknown = ", ".join(name for name in named if name not in template)
            raise TypeError(f"{cls.__name__}() takes {', '.join(names)}, not {unknown or size}")
        if size not in to_name:
            to_name[size] = frozenset(required[size:])
        if not to_name[size] <= named.keys():
            lacking = next(name for name in required[size:] if name not in named)
            raise TypeError(f"{cls.__name__}() lacks {lacking}")

    added = {
        "__init__": __init__,
        "__eq__": _equal,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__match_args__": names,
        "__dataclass_fields__": _Fields(factories),
        "_values": staticmethod(attrgetter(*names, "__class__")),
    }
    for name, method in added.items():
        setattr(cls, name, method)
    return cls


def kept(function: Callable[[T], R]) -> Callable[[T], R]:
    """Keep what a function answers about an immutable value with that value; asked once of each.

    Args:
        function: A function of one `frozen` value, which always gives the same answer about it.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def asked(value: T) -> R:
        fields = value.__dict__
        if name not in fields:
            fields[name] = function(value)
        answer: R = fields[name]
        return answer

    return asked


def replaced(instance: T, **changes: Any) -> T:
    """Return a value with some fields changed; `dataclasses.replace`, but faster."""
    return instance.__class__(**(as_dict(instance) | changes))


def as_dict(instance: object) -> dict[str, Any]:
    """Return the fields of a value by name, in their order; what is in them stays as it is."""
    fields = instance.__dict__
    return {name: fields[name] for name in instance.__class__.__annotations__}


def _equal(self: Any, other: Any) -> Any:
    if self.__class__ is not other.__class__:
        return NotImplemented
    return self._values(self) == self._values(other)


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse(self: Any, name: str, *_value: object) -> None:
    raise FrozenInstanceError(f"{self.__class__.__qualname__}.{name} cannot be changed")


class _Fields:
    """What makes a class a dataclass to the module `dataclasses`, when somebody asks."""

    def __init__(self, factories: dict[str, Any]) -> None:
        self._factories = factories

    def __get__(self, _instance: object, cls: type) -> dict[str, Field[Any]]:
        plain = {"__annotations__": cls.__annotations__}
        for name in cls.__annotations__:
            if name in self._factories:
                plain[name] = field(default_factory=self._factories[name])
            elif name in cls.__dict__:
                plain[name] = cls.__dict__[name]
        fields: dict[str, Field[Any]] = dataclass(type(cls.__name__, (), plain)).__dict__[
            "__dataclass_fields__"
        ]
        cls.__dataclass_fields__ = fields  # type: ignore[attr-defined]  # asked once
        return fields
