"""What a class is given when it is made: typed parameters of its constructor, and its fields."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import type_of_alias
from failtrack_guard.code.handing import calls_above
from failtrack_guard.code.nodes import last_name
from failtrack_guard.code.scopes import FUNCTIONS, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.signatures import Parameter

CONSTRUCTORS = ("__init__", "__new__")
_DATACLASS = frozenset({"dataclass", "define", "frozen", "mutable", "attrs", "s"})
# Decorators that leave the annotations of a class what they are.
_PLAIN = ("functools.", "typing.", "typing_extensions.", "builtins.", "abc.")


def own_of(module: Module, node: _ast.ClassDef, place: Place) -> tuple[Any, ...]:
    """Return what a class by itself says of what it takes; see `signatures`.

    Its fields are told when a decorator, or a base, may make them parameters.
    """
    found = tuple(
        (
            one.name,
            tuple(_parameters(module, node, one, place)),
            calls_above(module, one, place.scope) if node.bases else (),
        )
        for one in constructors(node)
    )
    is_made = may_be_dataclass(module, node, place)
    fields = tuple(of_fields(module, node, place)) if is_made or node.bases else ()
    return found, fields, is_made


def _parameters(
    module: Module, node: _ast.ClassDef, function: _ast.FunctionDef, place: Place
) -> Iterator[Parameter]:
    """Yield the parameters of a constructor beside `self`, with their classes."""
    args = function.args
    kinds = [("/", one) for one in args.posonlyargs] + [("", one) for one in args.args]
    rest = [("*", args.vararg)] if args.vararg else []
    rest += [("=", one) for one in args.kwonlyargs]
    rest += [("**", args.kwarg)] if args.kwarg else []
    for kind, one in (*kinds[1:], *rest):
        if one.annotation is None:
            yield kind, one.arg, ()
        else:
            there = _reading(module, node, one.annotation, place)
            yield kind, one.arg, _named(module, one.annotation, there)


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


def of_fields(module: Module, node: _ast.ClassDef, place: Place) -> Iterator[Parameter]:
    """Yield the fields of a class as parameters, with the classes that they are annotated with.

    Those of `ClassVar` are left out, and those that the constructor is not given.
    """
    if any(is_no_parameter(one) for one in node.decorator_list):
        return
    for statement in statements(node.body):
        if is_no_parameter(getattr(statement, "value", None)):
            continue
        if isinstance(statement, _ast.AnnAssign):
            if not _is_class_variable(module, statement.annotation, place):
                classes = _named(module, statement.annotation, place)
                yield "", getattr(statement.target, "id", ""), classes
        elif isinstance(statement, _ast.Assign) and isinstance(statement.value, _ast.Call):
            for keyword in statement.value.keywords:
                if keyword.arg == "type":  # `attr.ib(type=HaltGuard)`
                    classes = module.annotated(keyword.value, place)
                    yield "", getattr(statement.targets[0], "id", ""), classes


def is_no_parameter(value: _ast.expr | None) -> bool:
    """Return whether `field(init=False)`, or a decorator so called, makes no parameter."""
    return isinstance(value, _ast.Call) and (
        last_name(value.func) == "PrivateAttr"
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


def _is_class_variable(module: Module, node: _ast.expr, place: Place) -> bool:
    if isinstance(node, _ast.Constant) and isinstance(node.value, str):
        return node.value.lstrip().startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    if isinstance(node, _ast.Subscript):
        outer = {name.rpartition(".")[2] for name in module.names(node.value, place)}
        if "Annotated" in outer and isinstance(node.slice, _ast.Tuple):
            return _is_class_variable(module, node.slice.elts[0], place)
        return "ClassVar" in outer
    return False
