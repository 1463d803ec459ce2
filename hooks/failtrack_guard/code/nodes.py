"""What a syntax tree consists of, node by node; `ast` itself costs more to import than to use."""

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def children(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield the nodes that a node holds, in the order of its fields."""
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            for one in value:
                if isinstance(one, _ast.AST):
                    yield one
        elif isinstance(value, _ast.AST):
            yield value


def walk(nodes: Iterable[_ast.AST]) -> Iterator[_ast.AST]:
    """Yield nodes and everything in them, the last of several first; no nesting is too deep."""
    waiting = [*nodes]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)
