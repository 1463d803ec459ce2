"""What a class is given when it is made: typed parameters of its constructor, and its fields."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import type_of_alias
from failtrack_guard.code.nodes import walk
from failtrack_guard.code.scopes import FUNCTIONS, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module

CONSTRUCTORS = ("__init__", "__new__")
_DATACLASS = frozenset({"dataclass", "define", "frozen", "mutable", "attrs", "s"})
# Decorators that leave the annotations of a class what they are.
_PLAIN = ("functools.", "typing.", "typing_extensions.", "builtins.", "abc.")


def taken_by(module: Module, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
    """Return the classes that the parameters and fields of a class are annotated with.

    Fields count when a decorator may make them parameters.
    """
    found = [*of_parameters(module, node, place)]
    if may_be_dataclass(module, node, place):
        found += of_fields(module, node, place)
    return tuple(found)


def hands_on(node: _ast.ClassDef) -> bool:
    """Return whether the constructor of a base is in force: its own calls it, or there is none."""
    own = [one for one in constructors(node) if one.name == "__init__"]
    return not own or any(_calls_another(one) for one in own)


def _calls_another(function: _ast.FunctionDef) -> bool:
    """Return whether a function calls an `__init__`, by `super()` or by the name of a class."""
    return any(
        isinstance(node, _ast.Attribute) and node.attr == "__init__" for node in walk(function.body)
    )


def of_parameters(module: Module, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
    """Return the classes that parameters of the constructor are annotated with, or hold."""
    return tuple(
        name
        for function in constructors(node)
        for arg in _given(function)
        if arg.annotation is not None
        for name in _named(module, arg.annotation, _reading(module, node, arg.annotation, place))
    )


def _named(module: Module, annotation: _ast.expr, place: Place) -> tuple[str, ...]:
    """Return the classes in an annotation, those of the items of a container, too."""
    found = [*module.annotated(annotation, place), *module.contained(annotation, place)]
    if isinstance(annotation, _ast.Name):
        for binding in module.bindings(annotation.id, place):
            body = type_of_alias(module, binding)
            if body is not None:  # `Guards = list[HaltGuard]`
                found += module.contained(body, module.place_of(binding))
    return tuple(found)


def _reading(module: Module, node: _ast.ClassDef, annotation: _ast.expr, place: Place) -> Place:
    """Return where an annotation in a class is read: its body when it names what stands there."""
    if isinstance(annotation, _ast.Name):
        for scope in module.seen.classes:
            if scope.node is node and annotation.id in scope.names:
                return Place(scope, place.block, place.order, place.statement)
    return place


def of_fields(module: Module, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
    """Return the classes that fields are annotated with, or hold.

    Those of `ClassVar` are left out, and those that the constructor is not given.
    """
    found: list[str] = []
    if any(is_no_parameter(one) for one in node.decorator_list):
        return ()
    for statement in statements(node.body):
        if is_no_parameter(getattr(statement, "value", None)):
            continue
        if isinstance(statement, _ast.AnnAssign):
            if not _is_class_variable(module, statement.annotation, place):
                found += _named(module, statement.annotation, place)
        elif isinstance(statement, _ast.Assign) and isinstance(statement.value, _ast.Call):
            for keyword in statement.value.keywords:
                if keyword.arg == "type":  # `attr.ib(type=HaltGuard)`
                    found += module.annotated(keyword.value, place)
    return tuple(found)


def is_no_parameter(value: _ast.expr | None) -> bool:
    """Return whether `field(init=False)`, or a decorator so called, makes no parameter."""
    return isinstance(value, _ast.Call) and (
        getattr(value.func, "attr", getattr(value.func, "id", "")) == "PrivateAttr"
        or any(
            keyword.arg == "init" and getattr(keyword.value, "value", None) is False
            for keyword in value.keywords
        )
    )


def constructors(node: _ast.ClassDef) -> list[_ast.FunctionDef]:
    """Return the constructors that a class itself defines."""
    return [
        one
        for one in statements(node.body)
        if isinstance(one, _ast.FunctionDef) and one.name in CONSTRUCTORS
    ]


def statements(body: list[_ast.stmt]) -> Iterator[_ast.stmt]:
    """Yield the statements of a body, and those in its branches; not those of functions."""
    waiting = [*reversed(body)]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, (*FUNCTIONS, _ast.ClassDef)):
            continue
        for name in ("finalbody", "handlers", "orelse", "body", "cases"):
            waiting += reversed(getattr(one, name, ()))


def is_dataclass(module: Module, node: _ast.ClassDef, place: Place) -> bool:
    """Return whether a decorator makes the fields of a class parameters, as far as it is known."""
    return any(
        name.rpartition(".")[2] in _DATACLASS
        for decorator in node.decorator_list
        for name in _names_of_decorator(module, decorator, place)
    )


def may_be_dataclass(module: Module, node: _ast.ClassDef, place: Place) -> bool:
    """Return whether a class has a decorator that may make its fields parameters."""
    return any(
        not name.startswith(_PLAIN)
        for decorator in node.decorator_list
        for name in _names_of_decorator(module, decorator, place) or ("",)
    )


def _names_of_decorator(module: Module, node: _ast.expr, place: Place) -> tuple[str, ...]:
    if not isinstance(node, _ast.Call):
        return module.names(node, place)
    made = module.names(node.func, place)
    if "functools.partial" in made and node.args:  # `@partial(dataclass, frozen=True)`
        return module.names(node.args[0], place)
    return made


def _given(function: _ast.FunctionDef) -> list[_ast.arg]:
    """Return the parameters of a constructor beside `self`."""
    args = function.args
    rest = [one for one in (args.vararg, args.kwarg) if one is not None]
    return [*[*args.posonlyargs, *args.args][1:], *args.kwonlyargs, *rest]


def _is_class_variable(module: Module, node: _ast.expr, place: Place) -> bool:
    if isinstance(node, _ast.Constant) and isinstance(node.value, str):
        return node.value.lstrip().startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    if isinstance(node, _ast.Subscript):
        outer = {name.rpartition(".")[2] for name in module.names(node.value, place)}
        if "Annotated" in outer and isinstance(node.slice, _ast.Tuple):
            return _is_class_variable(module, node.slice.elts[0], place)
        return "ClassVar" in outer
    return False
