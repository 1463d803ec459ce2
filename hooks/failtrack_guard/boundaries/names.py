"""What names stand for: what is assigned, imported, defined, looped over, given and added."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.classes import enum_of, is_property
from failtrack_guard.boundaries.functions import BUILTINS
from failtrack_guard.boundaries.strings import added
from failtrack_guard.boundaries.values import (
    CONSTANTS,
    HERE,
    Items,
    Local,
    Ref,
    Table,
    distinct,
    elements,
)
from failtrack_guard.boundaries.worth import Worth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding, Place, Scope

# Names that every module has.
_OWN = frozenset({"__name__", "__package__", "__file__", "__builtins__", "__path__"})
_LOADERS = frozenset({"__loader__", "__spec__"})
# Parameters that pytest gives, and what they are.
_FIXTURES = {"monkeypatch": "pytest.MonkeyPatch()", "mocker": "unittest.mock"}


class Names(Worth):
    """What the names of one file stand for."""

    def name(self, node: _ast.Name, place: Place, depth: int) -> list[Any]:
        return self.named(node.id, place, depth, node)

    def named(
        self, name: str, place: Place, depth: int = 0, node: _ast.AST | None = None
    ) -> list[Any]:
        """Return what a name may stand for at a place."""
        bindings = self.module.bindings(name, place)
        if not bindings:
            return self._unbound(name)
        found: list[Any] = []
        for binding in bindings:
            found += self._bound(name, binding, depth, node)
        found = distinct(found)
        if any(isinstance(one, (Items, Table)) for one in found):
            return [self._grown(one, name, bindings, depth) for one in found]
        return found

    def _grown(self, value: Any, name: str, bindings: list[Binding], depth: int) -> Any:
        """Return a list or dict of a name with what the file adds to it later."""
        for key, node, place in self._additions().get(name, ()):
            if not {*map(id, bindings)} & {*map(id, self.module.bindings(name, place))}:
                continue
            there = self.values(node, place, depth)
            if isinstance(value, Items) and key is None:
                value = Items([*value.items, there])
            elif isinstance(value, Items) and key is node:
                value = Items([*value.items, *(item for one in there for item in elements(one))])
            elif isinstance(value, Table) and key is node:
                more = [pair for one in there if isinstance(one, Table) for pair in one.pairs]
                value = Table([*value.pairs, *more])
            elif isinstance(value, Table) and key is not None:
                value = Table([*value.pairs, (self.values(key, place, depth), there)])
        return value

    def _unbound(self, name: str) -> list[Any]:
        module = self.module
        if name in _OWN and module.name:
            return own_value(name, module)
        if name in _LOADERS:
            return [Ref(name)]
        if self.outer is not None:
            return self.outer(name)
        if name in BUILTINS:
            return [Ref(f"builtins.{name}")]
        return [Ref(f"{base}.{name}") for base in module.seen.stars]

    def _bound(self, name: str, binding: Binding, depth: int, node: _ast.AST | None) -> list[Any]:
        kind, value = binding.kind, binding.value
        there = self.module.place_of(binding)
        if kind in ("import", "module"):
            return [CONSTANTS.get(str(value)) or Ref(str(value))]
        if kind == "assign" and isinstance(value, _ast.AST):
            return self.values(value, there, depth)
        if kind == "assign" and value is None and _is_record(binding.scope.node):
            return self._field(name, binding.scope, depth)
        if kind in ("function", "class"):
            return self._defined(binding, depth)
        told = self._told.get((id(binding.scope.node), name)) if self._told else None
        if told is not None:
            return told
        if kind == "param":
            return self._given(name, binding, depth)
        if kind == "item" and isinstance(value, _ast.AST):
            return [
                one
                for holder in self.values(value, there, depth)
                for item in self.items(holder)
                for one in item
            ]
        if kind == "augment" and isinstance(value, _ast.AST):
            return added(self._before(name, binding, depth), self.values(value, there, depth))
        if kind == "other":
            args = getattr(binding.scope.node, "args", None)
            if args is not None and args.vararg is not None and args.vararg.arg == name:
                return self._rest(binding.scope, depth)
            if args is not None and args.kwarg is not None and args.kwarg.arg == name:
                return self._named_rest(binding.scope, depth)
            return self._unpacked(name, binding, depth, node)
        return []

    def _field(self, name: str, scope: Scope, depth: int) -> list[Any]:
        """Return what the calls of a dataclass, or a named tuple, give to one of its fields."""
        index = [*scope.names].index(name)
        found: list[Any] = []
        for call, place in self._calls_named(scope.node.name):  # type: ignore[attr-defined]
            given = [*call.args[index : index + 1]]
            given += [one.value for one in call.keywords if one.arg == name]
            found += [one for part in given for one in self.values(part, place, depth)]
        return found

    def _before(self, name: str, binding: Binding, depth: int) -> list[Any]:
        """Return what a name was worth before something is added to it."""
        key = id(binding)
        if key in self._open or self._is_spent():
            self._cuts += 1
            return []
        self._open.add(key)
        try:
            return self.named(name, self.module.place_of(binding), depth)
        finally:
            self._open.discard(key)

    def _defined(self, binding: Binding, depth: int) -> list[Any]:
        value, scope = binding.value, binding.scope
        if isinstance(value, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
            if scope.kind == "class" and is_property(value):
                return self.returned(value, depth)
            return [Local(value, is_bound=scope.kind == "class" and not _is_static(value))]
        if isinstance(value, _ast.ClassDef):
            local = f"{scope.qualname}.{value.name}" if scope.qualname else value.name
            return [Ref(f"{self.module.name}.{local}")]
        return []

    def _unpacked(
        self, name: str, binding: Binding, depth: int, node: _ast.AST | None
    ) -> list[Any]:
        """Return what `for a, b in ...` and `a, b = ...` bind."""
        line = getattr(node, "lineno", 0)
        found: list[Any] = []
        for one in self._unpackings().get((id(binding.scope.node), name), ()):
            if line and one.loop is not None and not one.holds_line(line):
                continue
            for holder in self.values(one.source, one.place, depth):
                wholes = [item for part in self.items(holder) for item in part]
                for whole in wholes if one.loop is not None else [holder]:
                    parts = elements(whole)
                    found += parts[one.index] if one.index < len(parts) else []
        return found

    def _given(self, name: str, binding: Binding, depth: int) -> list[Any]:
        """Return what a parameter may be: its default, and what calls in this file give."""
        key = id(binding)
        if key in self._done:
            return self._done[key]
        cuts = self._cuts
        found = self._given_anew(name, binding, depth)
        if cuts == self._cuts:
            self._done[key] = found
        return found

    def _given_anew(self, name: str, binding: Binding, depth: int) -> list[Any]:
        found: list[Any] = []
        if isinstance(binding.value, _ast.AST):
            found += self.values(binding.value, self.module.place_of(binding), depth)
        node = binding.scope.node
        if not isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.Lambda)):
            return found
        owner = self._owner_of(binding.scope)
        is_method = bool(owner)
        args = [*node.args.posonlyargs, *node.args.args]
        names = [one.arg for one in args][1 if is_method and not _is_static(node) else 0 :]
        for call, place in self._calls_of(node, owner):
            if name in names and names.index(name) < len(call.args):
                found += self.values(call.args[names.index(name)], place, depth)
            for keyword in call.keywords:
                if keyword.arg == name:
                    found += self.values(keyword.value, place, depth)
        if name in names and not is_method:
            found += self._handed(node, names.index(name), depth)
            found += self._started(node, name, names.index(name), depth)
        if name == "cls" and is_method and not names.count(name):
            found += [one for one in [Ref(owner)] if enum_of(self, one) is not None]
        return found or [Ref(_FIXTURES[one]) for one in (name,) if one in _FIXTURES]

    def _rest(self, scope: Scope, depth: int) -> list[Any]:
        """Return what `*args` of a function may be."""
        first = len(scope.node.args.posonlyargs) + len(scope.node.args.args)  # type: ignore[attr-defined]
        return [
            Items([self.values(one, place, depth) for one in call.args[first:]])
            for call, place in self._calls_of(scope.node, "")
        ]

    def _named_rest(self, scope: Scope, depth: int) -> list[Any]:
        """Return what `**kwargs` of a function may be."""
        node: Any = scope.node
        args = node.args
        own = {one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
        return [
            Table(
                [
                    ([one.arg], self.values(one.value, place, depth))
                    for one in call.keywords
                    if one.arg and one.arg not in own
                ]
            )
            for call, place in self._calls_of(node, self._owner_of(scope))
        ]

    def _owner_of(self, scope: Scope) -> str:
        """Return the dotted name of the class whose method a function is, empty for none."""
        parent = scope.parent
        is_method = parent is not None and parent.kind == "class"
        return f"{self.module.name}.{parent.qualname}" if parent is not None and is_method else ""

    def _handed(self, node: _ast.AST, index: int, depth: int) -> list[Any]:
        """Return what `map`, `submit` and the like give to a function that they are handed."""
        found: list[Any] = []
        names = self._names_for(node)
        for caller in ("map", "submit", "partial", "to_thread", "call"):
            for call, place in self._calls_named(caller):
                first = call.args[0] if call.args else None
                if first is not node and getattr(first, "id", None) not in names:
                    continue
                given = call.args[index + 1 : index + 2]
                values = [one for part in given for one in self.values(part, place, depth)]
                if caller == "map":
                    values = [x for one in values for item in elements(one) for x in item]
                found += values
        return found

    def _started(self, node: _ast.AST, name: str, index: int, depth: int) -> list[Any]:
        """Return what `Thread(target=...)` and the like give to a function."""
        found: list[Any] = []
        names = self._names_for(node)
        for caller in ("Thread", "Process"):
            for call, place in self._calls_named(caller):
                given = {one.arg: one.value for one in call.keywords}
                target = given.get("target")
                if target is None or (
                    target is not node and getattr(target, "id", "") not in names
                ):
                    continue
                for args in self.values(given.get("args"), place, depth):
                    found += [one for item in elements(args)[index : index + 1] for one in item]
                for table in self.values(given.get("kwargs"), place, depth):
                    found += self.item(table, [name])
        return found


def own_value(name: str, module: Module) -> list[Any]:
    """Return what a name that every module has stands for."""
    if name == "__builtins__":
        return [Ref("builtins")]
    package = module.name if module.is_package else module.name.rpartition(".")[0]
    if name in ("__name__", "__package__"):
        return [module.name if name == "__name__" else package]
    if name == "__file__":
        path = module.name.replace(".", "/")
        return [f"{HERE}/{path}/__init__.py" if module.is_package else f"{HERE}/{path}.py"]
    return [Items([[f"{HERE}/{package.replace('.', '/')}"]])]


def _is_record(node: _ast.AST) -> bool:
    """Return whether a class may be a dataclass or a named tuple."""
    if not isinstance(node, _ast.ClassDef):
        return False
    bases = [getattr(one, "attr", "") or getattr(one, "id", "") for one in node.bases]
    return bool(node.decorator_list) or "NamedTuple" in bases


def _is_static(node: _ast.AST) -> bool:
    return any(
        isinstance(one, _ast.Name) and one.id == "staticmethod"
        for one in getattr(node, "decorator_list", ())
    )
