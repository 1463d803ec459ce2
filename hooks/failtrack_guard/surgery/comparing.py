"""Whether two syntax trees mean the same but for what was meant to change."""

from __future__ import annotations

import _ast
import warnings

from failtrack_guard.code.nodes import ONLY_AST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Expected:
    """What differs between an old tree and a new one, on purpose.

    Args:
        swaps: Id of an old node -> the node that stands in its place.
        fields: (id of an old node, name of a field) -> the list that the field holds afterwards,
            of old nodes and new ones.
    """

    __slots__ = ("fields", "swaps")

    def __init__(self) -> None:
        self.swaps: dict[int, _ast.AST] = {}
        self.fields: dict[tuple[int, str], list[Any]] = {}

    def field(self, node: _ast.AST, name: str) -> list[Any]:
        """Return the list of a field as far as it has changed, to change it further."""
        return self.fields.setdefault((id(node), name), [*getattr(node, name)])


def is_as_expected(old: _ast.AST, new: _ast.AST, expected: Expected) -> bool:
    """Return whether a new tree is the old one with what is expected to differ.

    Args:
        old: The tree before.
        new: The tree after.
        expected: The differences.
    """
    waiting: list[tuple[Any, Any]] = [(old, new)]
    while waiting:
        one, other = waiting.pop()
        one = expected.swaps.get(id(one), one)
        if one.__class__ is not other.__class__:
            return False
        if isinstance(one, list):
            if len(one) != len(other):
                return False
            waiting += zip(one, other)  # noqa: B905 (just compared)
        elif isinstance(one, _ast.AST):
            for name in one._fields:
                value = expected.fields.get((id(one), name), getattr(one, name, None))
                waiting.append((value, getattr(other, name, None)))
        elif isinstance(one, (float, complex)):
            if repr(one) != repr(other):  # 0.0 equals -0.0
                return False
        elif one != other:
            return False
    return True


def parsed_expression(code: str) -> _ast.expr | None:
    """Return the tree of an expression, None when the text is none."""
    tree = _parsed(code, "eval")
    return tree.body if isinstance(tree, _ast.Expression) else None


def parsed_statement(code: str) -> _ast.stmt | None:
    """Return the tree of one statement, None when the text is none or several."""
    tree = _parsed(code, "exec")
    return tree.body[0] if isinstance(tree, _ast.Module) and len(tree.body) == 1 else None


def _parsed(code: str, mode: str) -> _ast.AST | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file's own escapes
        try:
            tree: _ast.AST = compile(code, "<fix>", mode, ONLY_AST, dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None
    return tree
