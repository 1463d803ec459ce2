"""What other files must be asked about: their functions and constants that an expression gives."""

from __future__ import annotations

import _ast

from failtrack_guard.hashes.plain import STRING_METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.scopes import Place
    from failtrack_guard.hashes.plain import Plain


def makers_elsewhere(plain: Plain, node: _ast.expr | None, place: Place) -> tuple[str, ...]:
    """Return the functions, classes and constants of whose strings an expression may be one.

    Args:
        plain: Knows the strings of the file.
        node: The expression.
        place: Where it stands.

    Returns:
        Dotted names; of this file its classes alone, and attributes of their instances.
    """
    found: dict[str, None] = {}
    waiting: list[tuple[object, Place]] = [(node, place)]
    seen: set[int] = set()
    while waiting:
        one, there = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, _ast.Name):
            waiting += _bound(plain, one, there)
            found.update((name, None) for name in _imported(plain, one, there))
        elif isinstance(one, _ast.Attribute):
            found.update((name, None) for name in _attributes(plain, one, there))
        else:
            waiting += [(part, there) for part in _parts(one)]
        if isinstance(one, _ast.Call):
            found.update((name, None) for name in _called(plain, one, there))
    return tuple(found)


def _parts(node: object) -> list[_ast.expr]:
    """Return the expressions of which an expression gives one, or a part of one."""
    if isinstance(node, (_ast.Await, _ast.Subscript, _ast.NamedExpr)):
        return [node.value]
    if isinstance(node, _ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, _ast.BoolOp):
        return node.values
    if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Add):
        return [node.left, node.right]
    if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Attribute):
        return [node.func.value] if node.func.attr in STRING_METHODS else []
    return []


def _bound(plain: Plain, node: _ast.Name, place: Place) -> Iterator[tuple[object, Place]]:
    if not plain.is_judged(node.id):  # else it is flagged where it is given
        for binding in plain.module.bindings(node.id, place):
            if binding.kind == "assign" and binding.annotation is None:
                yield binding.value, plain.module.place_of(binding)


def _imported(plain: Plain, node: _ast.Name, place: Place) -> list[str]:
    return [
        str(binding.value)
        for binding in plain.module.bindings(node.id, place)
        if binding.kind == "import" and not plain.is_judged(node.id)
    ]


def _attributes(plain: Plain, node: _ast.Attribute, place: Place) -> list[str]:
    if plain.is_judged(node.attr):
        return []
    return [name for name in plain.module.names(node, place) if "." in name]


def _called(plain: Plain, node: _ast.Call, place: Place) -> list[str]:
    own = f"{plain.module.name}."
    defined = plain.functions.named(node.func, place)
    is_class = any(isinstance(one, _ast.ClassDef) for one, _ in defined)
    return [
        name
        for name in plain.module.names(node.func, place)
        if "." in name
        and not name.startswith("builtins.")
        and (is_class or not name.startswith(own))
    ]
