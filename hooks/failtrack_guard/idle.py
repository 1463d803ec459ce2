"""Code that has no effect: statements that only say something, end, or bind names of their own."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.code.scopes import FUNCTIONS

_SAYING = frozenset(
    {"print", "debug", "info", "warning", "error", "log", "warn", "critical", "exception"}
)
_ENDING = frozenset({"exit", "_exit", "quit", "abort"})
_IDLE = (
    *(_ast.Pass, _ast.Raise, _ast.Assert, _ast.Global, _ast.Nonlocal),
    *(_ast.Import, _ast.ImportFrom),
)
# What is in an expression that calls nothing; `a >> b` and `a | b` are ways to write a call.
_PLAIN = (
    *(_ast.Constant, _ast.Name, _ast.Attribute, _ast.Subscript, _ast.Slice, _ast.Starred),
    *(_ast.Tuple, _ast.List, _ast.Set, _ast.Dict, _ast.JoinedStr, _ast.FormattedValue),
    *(_ast.UnaryOp, _ast.BoolOp, _ast.Compare, _ast.IfExp),
)
_PLAIN_OPERATORS = (_ast.Add, _ast.Sub, _ast.Mult, _ast.Mod)


def is_idle(node: _ast.FunctionDef | _ast.AsyncFunctionDef) -> bool:
    """Return whether calling a function has no effect."""
    return _do_nothing(node.body, _shared_names(node))


def says(node: _ast.expr) -> bool:
    """Return whether an expression only prints or logs."""
    return isinstance(node, _ast.Call) and last_name(node.func) in _SAYING


def is_named(node: _ast.expr, name: str) -> bool:
    """Return whether an expression is this name."""
    return isinstance(node, _ast.Name) and node.id == name


def running(node: _ast.If) -> list[_ast.stmt]:
    """Return the statements below a condition that may run."""
    holds = _constant(node.test)
    if holds is None:
        return [*node.body, *node.orelse]
    return node.body if holds else node.orelse


def _constant(node: _ast.expr) -> bool | None:
    """Return whether a condition holds, None when that depends."""
    if isinstance(node, _ast.Constant):
        return bool(node.value)
    if isinstance(node, _ast.UnaryOp) and isinstance(node.op, _ast.Not):
        holds = _constant(node.operand)
        return None if holds is None else not holds
    name = getattr(node, "attr", "") or getattr(node, "id", "")
    return False if name == "TYPE_CHECKING" else None


def _shared_names(node: _ast.FunctionDef | _ast.AsyncFunctionDef) -> frozenset[str]:
    """Return the names that a function shares with the code around it."""
    return frozenset(
        name
        for one in walk(node.body)
        if isinstance(one, (_ast.Global, _ast.Nonlocal))
        for name in one.names
    )


def _do_nothing(body: list[_ast.stmt], shared: frozenset[str]) -> bool:
    """Return whether statements have no effect, as far as they are reached."""
    for one in body:
        if not _does_nothing(one, shared):
            return False
        if _ends(one):
            break
    return True


def _ends(node: _ast.stmt) -> bool:
    """Return whether nothing after a statement is reached."""
    if isinstance(node, _ast.Assert):
        return _constant(node.test) is False
    if isinstance(node, _ast.If):
        return any(map(_ends, running(node))) and _constant(node.test) is not None
    return isinstance(node, (_ast.Return, _ast.Raise)) or _name_called(node) in _ENDING


def _does_nothing(node: _ast.stmt, shared: frozenset[str]) -> bool:
    """Return whether a statement has no effect.

    Args:
        node: The statement of a function.
        shared: Names that it shares with the code around it.
    """
    if isinstance(node, _IDLE):
        return True
    if isinstance(node, _ast.Return):
        value = node.value
        return (
            value is None or isinstance(value, _ast.Constant) or is_named(value, "NotImplemented")
        )
    if isinstance(node, _ast.Expr):
        return _is_plain(node.value) or says(node.value) or _name_called(node) in _ENDING
    if isinstance(node, _ast.Assign):
        return _is_plain(node.value) and all(_is_local(one, shared) for one in node.targets)
    if isinstance(node, (_ast.AnnAssign, _ast.AugAssign)):
        return (node.value is None or _is_plain(node.value)) and _is_local(node.target, shared)
    if isinstance(node, _ast.Delete):
        return all(_is_local(one, shared) for one in node.targets)
    if isinstance(node, FUNCTIONS):
        return not node.decorator_list and node.name not in shared
    if isinstance(node, _ast.If):
        return all(_do_nothing(one, shared) for one in _parts(node))
    if isinstance(node, _ast.Try):
        parts = (node.body, *(one.body for one in node.handlers), node.orelse, node.finalbody)
        return all(_do_nothing(one, shared) for one in parts)
    return False


def _parts(node: _ast.If) -> list[list[_ast.stmt]]:
    return [one for one in (node.body, node.orelse) if one and one[0] in running(node)]


def _is_local(node: _ast.expr, shared: frozenset[str]) -> bool:
    """Return whether what is bound is names of the function alone."""
    if isinstance(node, (_ast.Tuple, _ast.List)):
        return all(_is_local(one, shared) for one in node.elts)
    return isinstance(node, _ast.Name) and node.id not in shared


def _is_plain(node: _ast.AST) -> bool:
    """Return whether reading an expression calls nothing, whatever its value is for."""
    return all(
        isinstance(one.op, _PLAIN_OPERATORS)
        if isinstance(one, _ast.BinOp)
        else isinstance(one, _PLAIN)
        for one in walk([node])
    )


def _name_called(node: _ast.stmt) -> str:
    """Return the last part of the name that a statement calls, empty when it calls none."""
    value = node.value if isinstance(node, _ast.Expr) else None
    return last_name(value.func) if isinstance(value, _ast.Call) else ""
