"""What an expression is worth when that can be worked out from the literals of its file."""

from __future__ import annotations

import _ast
import posixpath
from functools import partial

from failtrack_guard.boundaries.calls import Calls
from failtrack_guard.boundaries.paths import normal_path
from failtrack_guard.boundaries.strings import added, is_wide, percent
from failtrack_guard.boundaries.values import (
    ITEMS_MAX,
    UNKNOWN,
    VALUES_MAX,
    File,
    Items,
    Local,
    Table,
    attempt,
    distinct,
    is_modules,
    is_plain,
    product,
)
from failtrack_guard.code.scopes import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

DEPTH_MAX = 60  # expressions within expressions, names and calls that are followed


class Folder(Calls):
    """Works out the expressions of one file.

    Args:
        module: The file.
        outer: For the text of an `exec`: what its free names stand for around it.
    """

    def values(self, node: _ast.AST | None, place: Place, depth: int = 0) -> list[Any]:
        """Return what an expression may be worth, nothing when that is not known.

        Args:
            node: The expression.
            place: Where it stands.
            depth: How many names were followed.
        """
        key = id(node)
        if key in self._done:
            return self._done[key]
        visit = _VISITORS.get(type(node))
        if visit is None:
            return []
        if not self._open:
            self._all_steps += self._steps
            self._steps = 0
        if key in self._open or depth > DEPTH_MAX or self._is_spent():
            self._cuts += 1
            return []
        self._open.add(key)
        cuts = self._cuts
        try:
            found = distinct(visit(self, node, place, depth + 1))
        except RecursionError:
            self._cuts += 1
            return []
        finally:
            self._open.discard(key)
        # What a circle was cut in is not the whole answer, except to the question at hand.
        if cuts == self._cuts or not self._open:
            self._done[key] = found
        return found

    def texts(self, node: _ast.AST | None, place: Place) -> list[str]:
        """Return the strings that an expression may be, with `UNKNOWN` for unknown parts."""
        return [one for one in self.values(node, place) if isinstance(one, str)]

    # Visitors of literals and operators; those of names, attributes and calls are inherited.

    def constant(self, node: _ast.Constant, place: Place, depth: int) -> list[Any]:
        return [node.value]

    def joined(self, node: _ast.JoinedStr, place: Place, depth: int) -> list[Any]:
        parts = [self._formatted(one, place, depth) for one in node.values]
        return ["".join(one) for one in product(parts)]

    def _formatted(self, node: _ast.expr, place: Place, depth: int) -> list[str]:
        if not isinstance(node, _ast.FormattedValue):
            return [one for one in self.values(node, place, depth) if isinstance(one, str)]
        spec = [""]
        if node.format_spec is not None:
            spec = self.values(node.format_spec, place, depth)
        found = []
        for value in self.values(node.value, place, depth):
            shown = repr(value) if node.conversion in (114, 97) else value
            found += [
                attempt(format, shown, one)
                for one in spec
                if is_plain(value) and isinstance(one, str) and not is_wide(one)
            ]
        return [one for one in found if isinstance(one, str)] or [UNKNOWN]

    def operated(self, node: _ast.BinOp, place: Place, depth: int) -> list[Any]:
        left = self.values(node.left, place, depth)
        right = self.values(node.right, place, depth)
        if isinstance(node.op, _ast.Add):
            return added(left, right)
        if isinstance(node.op, _ast.Div):
            return [
                File(normal_path(posixpath.join(one.path, other)))
                for one in left
                for other in right
                if isinstance(one, File) and isinstance(other, str)
            ]
        if isinstance(node.op, _ast.Mod):
            return [one for text in left if isinstance(text, str) for one in percent(text, right)]
        if isinstance(node.op, _ast.Mult):
            return [
                text * times if isinstance(text, str) else Items(text.items * times)
                for text in left
                for times in right
                if isinstance(text, (str, Items)) and isinstance(times, int) and times <= VALUES_MAX
            ]
        if isinstance(node.op, _ast.BitOr):
            return [made for one in left for other in right for made in _united(one, other)]
        return []

    def chosen(self, node: _ast.IfExp, place: Place, depth: int) -> list[Any]:
        return [
            *self.values(node.body, place, depth),
            *self.values(node.orelse, place, depth),
        ]

    def any_of(self, node: _ast.BoolOp, place: Place, depth: int) -> list[Any]:
        return [one for part in node.values for one in self.values(part, place, depth)]

    def negated(self, node: _ast.UnaryOp, place: Place, depth: int) -> list[Any]:
        if not isinstance(node.op, _ast.USub):
            return []
        return [-one for one in self.values(node.operand, place, depth) if isinstance(one, int)]

    def inner(self, node: _ast.NamedExpr, place: Place, depth: int) -> list[Any]:
        return self.values(node.value, place, depth)

    def lambda_(self, node: _ast.Lambda, place: Place, depth: int) -> list[Any]:
        return [Local(node)]

    def yielded(self, node: _ast.Yield, place: Place, depth: int) -> list[Any]:
        return [Items([self.values(node.value, place, depth)])]

    def handed_on(self, node: _ast.YieldFrom, place: Place, depth: int) -> list[Any]:
        return [Items(self.items(one)) for one in self.values(node.value, place, depth)]

    def awaited(self, node: _ast.Await, place: Place, depth: int) -> list[Any]:
        return self.values(node.value, place, depth)

    # Collections.

    def listed(self, node: _ast.List, place: Place, depth: int) -> list[Any]:
        found: list[list[Any]] = []
        for one in node.elts:
            if isinstance(one, _ast.Starred):
                for holder in self.values(one.value, place, depth):
                    found += self.items(holder)
            else:
                found.append(self.values(one, place, depth))
        return [Items(found)] if len(found) <= ITEMS_MAX else []

    def dictionary(self, node: _ast.Dict, place: Place, depth: int) -> list[Any]:
        pairs: list[tuple[list[Any], list[Any]]] = []
        for key, value in zip(node.keys, node.values):  # noqa: B905 (equal by grammar)
            there = self.values(value, place, depth)
            if key is None and len(node.keys) == 1 and [*map(is_modules, there)] == [True]:
                return there
            if key is None:
                pairs += [pair for one in there if isinstance(one, Table) for pair in one.pairs]
            else:
                pairs.append((self.values(key, place, depth), there))
        return [Table(pairs)]

    def comprehended(self, node: _ast.ListComp, place: Place, depth: int) -> list[Any]:
        there = self._within(node, place)
        turns = self._turns(node, place, depth)
        if turns:
            worth = partial(self.values, node.elt, there, depth)
            return [Items([self._as_told(one, worth) for one in turns])]
        return [Items([[one] for one in self.values(node.elt, there, depth)])]

    def dict_comprehended(self, node: _ast.DictComp, place: Place, depth: int) -> list[Any]:
        there = self._within(node, place)
        turns = self._turns(node, place, depth)
        if turns:
            key, value = (
                [self._as_told(one, partial(self.values, part, there, depth)) for one in turns]
                for part in (node.key, node.value)
            )
            return [Table([*zip(key, value)])]  # noqa: B905 (one of each for each turn)
        return [
            Table([(self.values(node.key, there, depth), self.values(node.value, there, depth))])
        ]

    def _turns(
        self, node: _ast.ListComp | _ast.DictComp, place: Place, depth: int
    ) -> list[dict[tuple[int, str], list[Any]]]:
        """Return what the variable of a comprehension is in each turn; nothing of harder ones."""
        first = node.generators[0]
        if len(node.generators) > 1 or first.ifs or not isinstance(first.target, _ast.Name):
            return []
        key = (id(node), first.target.id)
        holders = self.values(first.iter, place, depth)
        turns = [{key: item} for holder in holders for item in self.items(holder)]
        return turns if 1 < len(turns) <= VALUES_MAX else []

    def _within(self, node: _ast.AST, place: Place) -> Place:
        """Return a place inside a comprehension."""
        for inner in place.scope.inner:
            if inner.node is node:
                return Place(inner, place.block, place.order, place.statement)
        return place


def _united(one: Any, other: Any) -> Iterable[Any]:
    """Return what `|` makes of two values."""
    if isinstance(one, Table) and isinstance(other, Table):
        return [Table([*one.pairs, *other.pairs])]
    return [one | other] if isinstance(one, int) and isinstance(other, int) else []


_VISITORS: dict[type, Callable[[Folder, Any, Place, int], Iterable[Any]]] = {
    _ast.Constant: Folder.constant,
    _ast.JoinedStr: Folder.joined,
    _ast.BinOp: Folder.operated,
    _ast.IfExp: Folder.chosen,
    _ast.BoolOp: Folder.any_of,
    _ast.UnaryOp: Folder.negated,
    _ast.NamedExpr: Folder.inner,
    _ast.List: Folder.listed,
    _ast.Tuple: Folder.listed,
    _ast.Set: Folder.listed,
    _ast.Dict: Folder.dictionary,
    _ast.ListComp: Folder.comprehended,
    _ast.SetComp: Folder.comprehended,
    _ast.GeneratorExp: Folder.comprehended,
    _ast.DictComp: Folder.dict_comprehended,
    _ast.Name: Folder.name,
    _ast.Attribute: Folder.attribute,
    _ast.Subscript: Folder.subscript,
    _ast.Lambda: Folder.lambda_,
    _ast.Await: Folder.awaited,
    _ast.Yield: Folder.yielded,
    _ast.YieldFrom: Folder.handed_on,
    _ast.Call: Folder.call,
}
