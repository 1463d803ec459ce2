"""Which names of a file may stand for something that imports, so that only those are followed."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.reaching import PARAMS
from failtrack_guard.boundaries.values import HANDED_ON
from failtrack_guard.code.nodes import children
from failtrack_guard.code.scopes import COMPREHENSIONS, FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

# Names of every module that lead to functions which import.
BUILTIN = frozenset(
    {
        *("__import__", "__builtins__", "__loader__", "__spec__", "__path__"),
        *("exec", "eval", "compile", "globals", "locals", "vars", "monkeypatch", "mocker"),
    }
)


class Live:
    """Names and attributes that may stand for what is looked for.

    Args:
        names: Plain names.
        attrs: Attributes of `self` or of a class.
    """

    __slots__ = ("_known", "attrs", "names")

    def __init__(self, names: set[str], attrs: set[str]) -> None:
        self.names = names
        self.attrs = attrs
        self._known: dict[_ast.AST, bool] = {}  # links of chains that were asked about

    def grow(self, names: Iterable[str], attrs: Iterable[str] = ()) -> None:
        """Look for more names and attributes."""
        self.names.update(names)
        self.attrs.update(attrs)
        self._known.clear()

    def holds(self, node: Any) -> bool:
        """Return whether an expression begins with one of the names, or is such an attribute."""
        passed: list[_ast.AST] = []
        while (found := self._known.get(node)) is None:
            if isinstance(node, _ast.Attribute):
                passed.append(node)
                if node.attr in self.attrs or node.attr in HANDED_ON:
                    found = True
                    break
                node = node.value
            elif isinstance(node, _ast.Subscript):
                passed.append(node)
                node = node.value
            elif isinstance(node, _ast.Call):
                passed.append(node)
                if any(map(self.holds, node.args)):
                    found = True
                    break
                node = node.func
            else:
                found = self._mentions(node)
                break
        self._known.update(dict.fromkeys(passed, found))
        return found

    def _mentions(self, node: Any) -> bool:
        if isinstance(node, _ast.Name):
            return node.id in self.names
        if node is None or isinstance(node, (_ast.Constant, _ast.JoinedStr)):
            return False
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if isinstance(one, _ast.Name):
                if one.id in self.names:
                    return True
            elif isinstance(one, _ast.Attribute) and one.attr in self.attrs:
                return True
            waiting += children(one)
        return False


def live_in(module: Module, is_root: Callable[[str], bool], more: Iterable[str] = BUILTIN) -> Live:
    """Return what may stand for an imported thing in a file, aliases of all kinds among it.

    Args:
        module: The file.
        is_root: Whether a dotted name that is imported is looked for.
        more: Names that are looked for, too.
    """
    live = Live({*more}, set())
    stars = [base for base in module.seen.stars if is_root(base)]
    live.grow(imported(module, is_root), _imported_by_classes(module, is_root))
    if stars:
        live.grow(_from_star(stars))
    waiting = [*_given(module)] if live.names else []
    while waiting:
        left = []
        for names, attrs, value in waiting:
            if live.holds(value):
                live.grow(names, attrs)
            else:
                left.append((names, attrs, value))
        if len(left) == len(waiting):
            break
        waiting = left
    return live


def imported(module: Module, is_root: Callable[[str], bool]) -> Iterator[str]:
    """Yield the names under which a file imports what is looked for; see `live_in`."""
    return (name for name, _ in _imported(module, is_root))


def _imported_by_classes(module: Module, is_root: Callable[[str], bool]) -> Iterator[str]:
    """Yield the attributes that an import in the body of a class makes."""
    found = _imported(module, is_root)
    return (name for name, place in found if place.scope.kind == "class")


def _imported(module: Module, is_root: Callable[[str], bool]) -> Iterator[tuple[str, Place]]:
    for node, place in module.seen.all(_ast.Import):
        for alias in node.names:  # type: ignore[attr-defined]
            dotted = alias.name if alias.asname else alias.name.partition(".")[0]
            if is_root(dotted):
                yield alias.asname or dotted, place
    for node, place in module.seen.all(_ast.ImportFrom):
        assert isinstance(node, _ast.ImportFrom)
        base = module.absolute(node.level, node.module)
        for alias in node.names:
            if is_root(f"{base}.{alias.name}" if base else alias.name):
                yield alias.asname or alias.name, place


def _from_star(stars: list[str]) -> Iterator[str]:
    for dotted in PARAMS:
        for base in stars:
            if dotted.startswith(f"{base}."):
                yield dotted[len(base) + 1 :].partition(".")[0]


def _given(module: Module) -> Iterator[tuple[list[str], list[str], _ast.AST]]:
    """Yield names, attributes, and an expression which they may get their value from."""
    seen = module.seen
    for node, place in seen.all(_ast.Assign):
        assert isinstance(node, _ast.Assign)
        if not isinstance(node.value, _ast.Constant):
            names, attrs = _targets(node.targets)
            yield names, [*attrs, *names] if place.scope.kind == "class" else attrs, node.value
    for node, _ in seen.all(_ast.AnnAssign, _ast.AugAssign, _ast.NamedExpr):
        value = node.value  # type: ignore[attr-defined]
        if value is not None:
            yield (*_targets([node.target]), value)  # type: ignore[attr-defined]
    for node, _ in seen.all(_ast.For, _ast.AsyncFor):
        yield (*_targets([node.target]), node.iter)  # type: ignore[attr-defined]
    for node, _ in seen.all(*COMPREHENSIONS):
        for one in node.generators:  # type: ignore[attr-defined]
            yield (*_targets([one.target]), one.iter)
    for node, _ in seen.all(_ast.With, _ast.AsyncWith):
        for item in node.items:  # type: ignore[attr-defined]
            if item.optional_vars is not None:
                yield (*_targets([item.optional_vars]), item.context_expr)
    for node, place in seen.all(_ast.Return):
        assert isinstance(node, _ast.Return)
        function = place.scope.node
        if node.value is not None and isinstance(function, FUNCTIONS):
            yield [function.name], [function.name], node.value
    for node, _ in seen.all(*FUNCTIONS, _ast.Lambda):
        args = node.args  # type: ignore[attr-defined]
        plain = [*args.posonlyargs, *args.args]
        for arg, default in zip(reversed(plain), reversed(args.defaults)):  # noqa: B905
            yield [arg.arg], [], default
        for arg, default in zip(args.kwonlyargs, args.kw_defaults):  # noqa: B905
            if default is not None:
                yield [arg.arg], [], default


def _targets(nodes: list[_ast.expr]) -> tuple[list[str], list[str]]:
    names, attrs = [], []
    waiting = [*nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _ast.Name):
            names.append(node.id)
        elif isinstance(node, _ast.Attribute):
            attrs.append(node.attr)
        elif isinstance(node, (_ast.Tuple, _ast.List)):
            waiting += node.elts
        elif isinstance(node, (_ast.Starred, _ast.Subscript)):
            waiting.append(node.value)
    return names, attrs
