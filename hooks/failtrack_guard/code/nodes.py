"""What a syntax tree consists of, node by node; `ast` itself costs more to import than to use."""

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


ONLY_AST = 0x400  # ast.PyCF_ONLY_AST; importing `ast` costs more than parsing most files
# What holds no expression and no statement: texts, flags, and marks such as `Load` and `Add`.
_WITHOUT_NODES = frozenset(
    {
        *("ctx", "op", "ops", "id", "attr", "arg", "module", "level", "asname", "kind"),
        *("type_comment", "simple", "conversion", "is_async", "rest"),
    }
)
_fields: dict[type, tuple[str, ...]] = {_ast.Constant: ()}


def fields_of(kind: type[_ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that may hold expressions, statements and their parts."""
    found = _fields.get(kind)
    if found is None:
        found = tuple(one for one in kind._fields if one not in _WITHOUT_NODES)
        _fields[kind] = found
    return found


def children(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield the expressions, statements and their parts that a node holds, in their order."""
    for field in fields_of(node.__class__):
        value = getattr(node, field, None)
        if isinstance(value, list):
            for one in value:
                if isinstance(one, _ast.AST):
                    yield one
        elif isinstance(value, _ast.AST):
            yield value


def last_name(node: _ast.AST) -> str:
    """Return a name, the last part of `a.b.name`, and `` for any other expression."""
    name: str = getattr(node, "attr", "") or getattr(node, "id", "")
    return name


def walk(nodes: Iterable[_ast.AST]) -> Iterator[_ast.AST]:
    """Yield nodes and everything in them, the last of several first; no nesting is too deep."""
    waiting = [*nodes]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)
