"""Where a file says what its names stand for: its calls, returns, loops, and additions to lists."""

from __future__ import annotations

import _ast

from failtrack_guard.code.scopes import COMPREHENSIONS, Block, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Scope


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
        self._returns: dict[int, list[tuple[_ast.expr, Place]]] | None = None
        self._parts: dict[tuple[int, str], list[Unpacking]] | None = None
        # Names that are assigned from a name, or from the node with an id.
        self._assigned: dict[str | int, list[str]] | None = None

    def top(self) -> Place:
        """Return the end of the module as a place."""
        body = self.module.tree.body or [_ast.Pass(lineno=1, col_offset=0)]
        return Place(self.module.seen.module, Block(), 1 << 60, body[0])

    def _class_of(self, qualname: str) -> Scope | None:
        waiting = [self.module.seen.module]
        while waiting:
            scope = waiting.pop()
            if scope.kind == "class" and scope.qualname == qualname:
                return scope
            waiting += scope.inner
        return None

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
            if owner and getattr(node, "name", "") == "__init__":
                made = self._calls_named(owner.rpartition(".")[2])
                found += [one for one in made if owner in self.module.names(one[0].func, one[1])]
        return found

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
                if isinstance(one.value, _ast.Yield):  # type: ignore[attr-defined]
                    self._returns.setdefault(id(place.scope.node), []).append((one.value, place))  # type: ignore[attr-defined]
        return self._returns.get(id(node), [])

    def _additions(self) -> dict[str, list[tuple[_ast.expr | None, _ast.expr, Place]]]:
        """Return what is added to lists and dicts, by their names: (key, value).

        Without a key it is one item; under itself as a key it is what holds several.
        """
        if self._added is None:
            self._added = {}
            for name in ("append", "add", "extend", "update"):
                for call, place in self._calls_named(name):
                    holder = getattr(call.func, "value", None)
                    if isinstance(holder, _ast.Name) and len(call.args) == 1:
                        more = call.args[0]
                        key = None if name in ("append", "add") else more
                        self._added.setdefault(holder.id, []).append((key, more, place))
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
