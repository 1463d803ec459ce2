"""Of which classes a name is known to be on some lines, by `isinstance` or a pattern."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place, Scope

LAST_LINE = 1 << 30


class _Lines:
    """Lines of a function on which a name is known to be of some classes."""

    __slots__ = ("classes", "first", "last", "name", "scope")

    def __init__(
        self, scope: Scope, name: str, classes: tuple[str, ...], first: int, last: int
    ) -> None:
        self.scope = scope
        self.name = name
        self.classes = classes
        self.first = first
        self.last = last


class Narrowing:
    """What the conditions and patterns of a file say of names.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self._found: list[_Lines] | None = None

    def classes(self, scope: Scope, node: _ast.Name) -> Iterator[str]:
        """Yield the classes that `isinstance` or a pattern says a name is of, where it stands."""
        if self._found is None:
            self._found = [*self._by_isinstance(), *self._by_pattern()]
        for one in self._found:
            if one.scope is scope and one.name == node.id and one.first <= node.lineno <= one.last:
                yield from one.classes

    def _by_isinstance(self) -> Iterator[_Lines]:
        for node, place in self.module.seen.all(_ast.Call):
            assert isinstance(node, _ast.Call)
            if (
                isinstance(node.func, _ast.Name)
                and node.func.id == "isinstance"
                and len(node.args) == 2
                and isinstance(node.args[0], _ast.Name)
            ):
                kinds = node.args[1]
                parts = kinds.elts if isinstance(kinds, _ast.Tuple) else [kinds]
                classes = tuple(name for one in parts for name in self.module.names(one, place))
                for first, last in _lines_after(node, place.statement):
                    yield _Lines(place.scope, node.args[0].id, classes, first, last)

    def _by_pattern(self) -> Iterator[_Lines]:
        for node, place in self.module.seen.all(_ast.Match):
            assert isinstance(node, _ast.Match)
            for case in node.cases:
                last = case.body[-1].end_lineno or case.body[-1].lineno
                whole = [node.subject.id] if isinstance(node.subject, _ast.Name) else []
                yield from self._captured(case.pattern, whole, place, last)
                for inner in walk([case.pattern]):
                    if isinstance(inner, _ast.MatchAs) and inner is not case.pattern:
                        yield from self._captured(inner, [], place, last)

    def _captured(
        self, pattern: _ast.pattern, names: list[str], place: Place, last: int
    ) -> Iterator[_Lines]:
        """Yield of which classes a pattern says what it captures, and its subject, are."""
        first = pattern.lineno
        if isinstance(pattern, _ast.MatchAs) and pattern.pattern is not None:
            names = [*names, pattern.name] if pattern.name else names
            pattern = pattern.pattern
        parts = pattern.patterns if isinstance(pattern, _ast.MatchOr) else [pattern]
        classes = tuple(
            name
            for one in parts
            if isinstance(one, _ast.MatchClass)
            for name in self.module.names(one.cls, place)
        )
        for name in names:
            yield _Lines(place.scope, name, classes, first, last)


def _lines_after(node: _ast.Call, statement: _ast.stmt) -> Iterator[tuple[int, int]]:
    """Yield the first and last lines on which an `isinstance` is known to hold."""
    end = statement.end_lineno or statement.lineno
    if isinstance(statement, (_ast.If, _ast.While)):
        test = statement.test
        is_not = _is_negated(test, node)
        held = statement.orelse if is_not else statement.body
        if test is not node and not isinstance(test, _ast.UnaryOp):
            yield test.lineno, test.end_lineno or test.lineno
        if held:
            yield held[0].lineno, held[-1].end_lineno or held[-1].lineno
        leaves = (_ast.Return, _ast.Raise, _ast.Continue, _ast.Break)
        if is_not and isinstance(statement.body[-1], leaves):
            yield end + 1, LAST_LINE
    elif isinstance(statement, _ast.Assert):
        yield statement.lineno, LAST_LINE
    elif not hasattr(statement, "body"):
        yield statement.lineno, end
    else:
        yield node.lineno, node.end_lineno or node.lineno


def _is_negated(test: _ast.expr, node: _ast.Call) -> bool:
    """Return whether a call stands in a condition under a `not`."""
    if isinstance(test, _ast.UnaryOp) and isinstance(test.op, _ast.Not):
        return test.operand is node
    return isinstance(test, _ast.BoolOp) and any(_is_negated(one, node) for one in test.values)
