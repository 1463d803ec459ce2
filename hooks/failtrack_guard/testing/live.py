"""What in a function may run: all but the functions within it that nobody refers to."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import children
from failtrack_guard.code.scopes import FUNCTIONS

# What reaches names without naming them.
_REACHING_ALL = frozenset({"locals", "vars", "globals", "eval", "exec"})
# Whose methods somebody else calls: `_ALIVE` in place of the name of a nested class.
_ALIVE = "-"


def live(node: _ast.AST) -> list[_ast.AST]:
    """Return everything in the body of a function or class that may run.

    A function within another one counts when it is decorated, or something that counts mentions
    its name, for whatever purpose but to let it stand alone on a line. The methods of a class
    within a function count like that when it has no base; those of a class itself always.
    """
    found: list[_ast.AST] = []
    named: set[str] = set()
    dormant: dict[str, list[_ast.AST]] = {}
    body = getattr(node, "body", ())
    within = _ALIVE if isinstance(node, _ast.ClassDef) else ""
    # Each with the class that it stands in, as far as that has to be mentioned.
    waiting: list[tuple[_ast.AST, str]] = [(one, within) for one in body]
    while waiting:
        one, owner = waiting.pop()
        if isinstance(one, _ast.Expr) and isinstance(one.value, _ast.Name):
            continue
        found.append(one)
        body, keys, inner = _hidden(one, owner)
        hidden = {*map(id, body)}
        waiting += [(part, owner) for part in children(one) if id(part) not in hidden]
        if body and keys and named.isdisjoint((*keys, *_REACHING_ALL)):
            for key in keys:
                dormant.setdefault(key, []).extend(body)
        else:
            waiting += [(part, inner) for part in body]
        for name in _mentioned(one):
            named.add(name)
            keys = (*dormant,) if name in _REACHING_ALL else (name,)
            waiting += [(part, "") for key in keys for part in dormant.pop(key, ())]
    return found


def _hidden(node: _ast.AST, owner: str) -> tuple[list[_ast.AST], tuple[str, ...], str]:
    """Return what of a node runs only when it is mentioned, by which names, and its class.

    Args:
        node: Any node.
        owner: The class that it stands in: its name, `-` for one whose methods run anyway.
    """
    if isinstance(node, FUNCTIONS):
        keys = (owner or node.name,)
        return [*node.body], () if node.decorator_list or owner == _ALIVE else keys, ""
    if isinstance(node, _ast.ClassDef):
        is_alone = not (node.decorator_list or node.bases or node.keywords)
        return [*node.body], (), (owner or node.name) if is_alone else _ALIVE
    if not owner and isinstance(node, _ast.Assign) and isinstance(node.value, _ast.Lambda):
        names = [one.id for one in node.targets if isinstance(one, _ast.Name)]
        if len(names) == len(node.targets):
            return [node.value], tuple(names), ""
    return [], (), ""


def _mentioned(node: _ast.AST) -> list[str]:
    if isinstance(node, _ast.Name):
        return [node.id] if isinstance(node.ctx, _ast.Load) else []
    return node.names if isinstance(node, (_ast.Global, _ast.Nonlocal)) else []
