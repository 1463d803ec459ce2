"""Whether what `sys.modules` holds is only asked for: for its truth, or whether it is None."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.values import Ref
from failtrack_guard.code.nodes import walk
from failtrack_guard.code.scopes import COMPREHENSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.boundaries.folding import Folder
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

# Functions that give None for a module that is not loaded, or something else that they are told.
_LOOKING_UP = frozenset({"sys.modules.get", "sys.modules.pop", "builtins.dict.get"})
_TESTING = (_ast.If, _ast.While, _ast.IfExp, _ast.Assert)
_EQUAL = (_ast.Is, _ast.IsNot, _ast.Eq, _ast.NotEq)


def is_question(folder: Folder, node: _ast.AST, place: Place) -> bool:
    """Return whether a call looks something up in `sys.modules` only to see if it is there.

    Args:
        folder: Works out the expressions of the file.
        node: The call.
        place: Where it stands.
    """
    if not isinstance(node, _ast.Call):
        return False
    functions = folder.values(node.func, place)
    looks_up = any(isinstance(one, Ref) and one.dotted in _LOOKING_UP for one in functions)
    return looks_up and is_only_asked(folder, node, place)


def is_only_asked(folder: Folder, node: _ast.AST, place: Place) -> bool:
    """Return whether nothing is done with what an expression gives, but to test it.

    Args:
        folder: Works out the expressions of the file.
        node: The expression.
        place: Where it stands.
    """
    module = folder.module
    if folder.tested is None:
        body = walk(module.tree.body)
        folder.tested = frozenset(id(one) for part in body for one in _tested_by(part))
    tested, statement = folder.tested, place.statement
    if id(node) in tested:
        return True
    if isinstance(statement, (_ast.Assign, _ast.AnnAssign)) and _gives(statement.value, node):
        targets = getattr(statement, "targets", None) or [statement.target]  # type: ignore[union-attr]
        uses = [_uses(module, one, place) for one in targets]
        # Without any use, others may take it out of this module.
        return all(uses) and all(id(one) in tested for some in uses for one in some or ())
    for named, _ in module.seen.all(_ast.NamedExpr):
        assert isinstance(named, _ast.NamedExpr)
        if _gives(named.value, node):
            used = _uses(module, named.target, place)
            return used is not None and all(id(one) in tested for one in (named, *used))
    return False


def _tested_by(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield the expressions of which a node takes no more than whether they hold, or are None."""
    waiting: list[_ast.expr] = []
    if isinstance(node, _TESTING):
        waiting = [node.test]
    elif isinstance(node, _ast.comprehension):
        waiting = [*node.ifs]
    elif isinstance(node, _ast.match_case) and node.guard is not None:
        waiting = [node.guard]
    elif isinstance(node, _ast.UnaryOp) and isinstance(node.op, _ast.Not):
        waiting = [node.operand]
    elif isinstance(node, _ast.BoolOp) and isinstance(node.op, _ast.And):
        waiting = [*node.values[:-1]]  # what comes out of them is no module
    elif isinstance(node, _ast.Compare) and len(node.ops) == 1:
        sides = [node.left, *node.comparators]
        if isinstance(node.ops[0], _EQUAL) and any(map(_is_none, sides)):
            waiting = [*sides]
    elif isinstance(node, _ast.Call) and getattr(node.func, "id", "") in ("bool", "any", "all"):
        waiting = [getattr(one, "elt", one) for one in node.args[:1]]
    for one in waiting:
        yield from _either(one)


def _either(node: _ast.expr) -> Iterator[_ast.expr]:
    """Yield an expression, and those which it may give as they are."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, _ast.BoolOp):
            waiting += one.values
        elif isinstance(one, _ast.IfExp):
            waiting += [one.body, one.orelse]


def _gives(whole: _ast.expr | None, part: _ast.AST) -> bool:
    """Return whether an expression may be worth what a part of it is worth."""
    return whole is not None and any(one is part for one in _either(whole))


def _is_none(node: _ast.expr) -> bool:
    return isinstance(node, _ast.Constant) and node.value is None


def _uses(module: Module, target: _ast.expr, place: Place) -> list[_ast.Name] | None:
    """Return where a name is used that is bound at a place, None for what is no plain name."""
    scope = place.scope
    while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    if not isinstance(target, _ast.Name) or scope.kind == "class":
        return None
    home = module.tree if target.id in scope.declared else scope.node
    return [
        one
        for one in walk([home])
        if isinstance(one, _ast.Name) and one.id == target.id and isinstance(one.ctx, _ast.Load)
    ]
