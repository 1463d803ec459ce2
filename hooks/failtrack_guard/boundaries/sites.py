"""Where a file says what its names stand for: its calls, returns, loops, and additions to lists."""

from __future__ import annotations

import _ast

from failtrack_guard.code.scopes import COMPREHENSIONS, Block, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Scope


# Special methods, and what calls them.
_IMPLIED: dict[str, type] = {
    "__call__": _ast.Call,
    "__getitem__": _ast.Subscript,
    "__class_getitem__": _ast.Subscript,
}
# Methods that add to a list or dict: one item, the item of a key, or all that something holds.
_ADDING_ONE = {"append": 0, "add": 0, "appendleft": 0, "insert": 1}
_ADDING_KEY = frozenset({"setdefault", "__setitem__"})
_ADDING = (*_ADDING_ONE, *_ADDING_KEY, "extend", "update")


class Unpacking:
    """A name that is bound to one part of each item of a loop, or of a value."""

    __slots__ = ("index", "loop", "place", "source")

    def __init__(self, source: _ast.expr, place: Place, index: int, loop: _ast.AST | None) -> None:
        self.source = source
        self.place = place
        self.index = index
        self.loop = loop

    def holds_line(self, line: int) -> bool:
        loop = self.loop
        return loop.lineno <= line <= loop.end_lineno  # type: ignore[union-attr,no-any-return]


class Sites:
    """The places of one file at which something is given to its names.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self._added: dict[str, list[tuple[_ast.expr | None, _ast.expr, Place]]] | None = None
        self._calls: dict[str, list[tuple[_ast.Call, Place]]] | None = None
        self._calls_by_node: dict[int, list[tuple[_ast.Call, Place]]] = {}
        self._classes: dict[str, Scope] | None = None
        self._returns: dict[int, list[tuple[_ast.expr, Place]]] | None = None
        self._parts: dict[tuple[int, str], list[Unpacking]] | None = None
        # Names that are assigned from a name, or from the node with an id.
        self._assigned: dict[str | int, list[str]] | None = None

    def top(self) -> Place:
        """Return the end of the module as a place."""
        body = self.module.tree.body or [_ast.Pass(lineno=1, col_offset=0)]
        return Place(self.module.seen.module, Block(), 1 << 60, body[0])

    def class_of(self, qualname: str) -> Scope | None:
        """Return a class of this file by its dotted name within it."""
        if self._classes is None:
            self._classes = {one.qualname: one for one in self.module.seen.classes}
        return self._classes.get(qualname)

    def _scope_of(self, node: _ast.AST) -> Place | None:
        waiting = [self.module.seen.module]
        while waiting:
            scope = waiting.pop()
            if scope.node is node:
                top = self.top()
                return Place(scope, top.block, top.order, top.statement)
            waiting += scope.inner
        return None

    def _calls_named(self, name: str) -> list[tuple[_ast.Call, Place]]:
        """Return the calls of whatever has a name, or is an attribute of this name."""
        if self._calls is None:
            self._calls = {}
            for call, place in self.module.seen.all(_ast.Call):
                func = call.func  # type: ignore[attr-defined]
                called = getattr(func, "attr", None) or getattr(func, "id", "")
                self._calls.setdefault(called, []).append((call, place))  # type: ignore[arg-type]
        return self._calls.get(name, [])

    def _calls_of(self, node: _ast.AST, owner: str) -> list[tuple[_ast.Call, Place]]:
        """Return the calls of a function of this file, or of a method of the class `owner`."""
        found = self._calls_by_node.get(id(node))
        if found is None:
            found = self._calls_by_node[id(node)] = []
            for name in self._names_for(node):
                found += [one for one in self._calls_named(name) if self._is_for(one, owner)]
            name = getattr(node, "name", "")
            if owner and name == "__init__":
                made = self._calls_named(owner.rpartition(".")[2])
                found += [one for one in made if owner in self.module.names(one[0].func, one[1])]
            elif owner and name in _IMPLIED:
                found += self._implied(name, owner)
        return found

    def _implied(self, name: str, owner: str) -> Iterator[tuple[_ast.Call, Place]]:
        """Yield the calls of a special method of a class that are written in another way."""
        module = self.module
        named = module.names if name == "__class_getitem__" else module.types
        for node, place in module.seen.all(_IMPLIED[name]):
            if isinstance(node, _ast.Call):
                if self._is_one_of(module.types(node.func, place), owner):
                    yield node, place
                continue
            assert isinstance(node, _ast.Subscript)
            is_taken = isinstance(node.ctx, _ast.Load)
            if is_taken and self._is_one_of(named(node.value, place), owner):
                yield _ast.Call(node.value, [node.slice], []), place

    def _names_for(self, node: _ast.AST) -> list[str]:
        """Return the names under which a function or lambda is called."""
        if self._assigned is None:
            self._assigned = {}
            for one, _ in self.module.seen.all(_ast.Assign):
                assert isinstance(one, _ast.Assign)
                is_named = isinstance(one.value, _ast.Name)
                key = one.value.id if is_named else id(one.value)  # type: ignore[attr-defined]
                parts = [part.id for part in one.targets if isinstance(part, _ast.Name)]
                self._assigned.setdefault(key, []).extend(parts)
        own = getattr(node, "name", "")
        named = self._assigned.get(own, ()) if own else ()
        return [*([own] if own else []), *named, *self._assigned.get(id(node), ())]

    def _is_for(self, found: tuple[_ast.Call, Place], owner: str) -> bool:
        """Return whether a call of a name means the function, or the method, of this file."""
        call, place = found
        if not owner:
            return isinstance(call.func, _ast.Name)
        if not isinstance(call.func, _ast.Attribute):
            return False
        holders = {one.rpartition(".")[0] for one in self.module.names(call.func, place)}
        return self._is_one_of(holders, owner)

    def _is_one_of(self, holders: Collection[str], owner: str) -> bool:
        """Return whether a class, or one of this file that is derived from it, is among some."""
        return owner in holders or any(
            f"{self.module.name}.{node.name}" in holders  # type: ignore[attr-defined]
            and any(owner in self.module.names(base, there) for base in node.bases)  # type: ignore[attr-defined]
            for node, there in self.module.seen.all(_ast.ClassDef)
        )

    def _returns_of(self, node: _ast.AST) -> list[tuple[_ast.expr, Place]]:
        """Return what a function of this file returns or yields."""
        if self._returns is None:
            self._returns = {}
            for one, place in self.module.seen.all(_ast.Return):
                assert isinstance(one, _ast.Return)
                if one.value is not None:
                    self._returns.setdefault(id(place.scope.node), []).append((one.value, place))
            for one, place in self.module.seen.all(_ast.Expr):
                if isinstance(one.value, (_ast.Yield, _ast.YieldFrom)):  # type: ignore[attr-defined]
                    self._returns.setdefault(id(place.scope.node), []).append((one.value, place))  # type: ignore[attr-defined]
        return self._returns.get(id(node), [])

    def _additions(self) -> dict[str, list[tuple[_ast.expr | None, _ast.expr, Place]]]:
        """Return what is added to lists and dicts, by their names: (key, value).

        Without a key it is one item; under itself as a key it is what holds several.
        """
        if self._added is None:
            self._added = {}
            for name in _ADDING:
                for call, place in self._calls_named(name):
                    holder = getattr(call.func, "value", None)
                    if isinstance(holder, _ast.Name):
                        found = self._added.setdefault(holder.id, [])
                        found += ((key, more, place) for key, more in _added_by(name, call))
            for node, place in self.module.seen.all(_ast.Assign):
                for target in node.targets:  # type: ignore[attr-defined]
                    if isinstance(target, _ast.Subscript) and isinstance(target.value, _ast.Name):
                        one = (target.slice, node.value, place)  # type: ignore[attr-defined]
                        self._added.setdefault(target.value.id, []).append(one)
        return self._added

    def _unpackings(self) -> dict[tuple[int, str], list[Unpacking]]:
        """Return what is bound as a part of something: by scope and name."""
        if self._parts is None:
            self._parts = {}
            for loop, place in self.module.seen.all(_ast.For, _ast.AsyncFor):
                self._unpack(loop.target, loop.iter, place, place.scope.node, loop)  # type: ignore[attr-defined]
            for loop, place in self.module.seen.all(*COMPREHENSIONS):
                for one in loop.generators:  # type: ignore[attr-defined]
                    self._unpack(one.target, one.iter, place, loop, loop)
            for node, place in self.module.seen.all(_ast.Assign):
                for target in node.targets:  # type: ignore[attr-defined]
                    self._unpack(target, node.value, place, place.scope.node)  # type: ignore[attr-defined]
        return self._parts

    def _unpack(
        self,
        target: _ast.expr,
        source: _ast.expr,
        place: Place,
        holder: _ast.AST,
        loop: _ast.AST | None = None,
    ) -> None:
        assert self._parts is not None
        for index, part in enumerate(getattr(target, "elts", ())):
            if isinstance(part, _ast.Name):
                one = Unpacking(source, place, index, loop)
                self._parts.setdefault((id(holder), part.id), []).append(one)


def _added_by(name: str, call: _ast.Call) -> Iterator[tuple[_ast.expr | None, _ast.expr]]:
    """Yield what a call of a method adds; see `Sites._additions`."""
    args = call.args
    if name in _ADDING_ONE:
        if len(args) == _ADDING_ONE[name] + 1:
            yield None, args[-1]
    elif name in _ADDING_KEY:
        if len(args) == 2:
            yield args[0], args[1]
    else:
        yield from ((one, one) for one in args)
        for keyword in call.keywords:
            key = keyword.value if keyword.arg is None else _ast.Constant(keyword.arg)
            yield key, keyword.value
