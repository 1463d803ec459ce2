"""What marks, decorators and fixtures supply to the tests of a file; read by FT-D4 and 5."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import walk
from failtrack_guard.code.remembered import DEPTH_MAX
from failtrack_guard.code.scopes import FUNCTIONS, Block, Place
from failtrack_guard.testing.debt import marks_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding

    Placed = tuple[_ast.AST, Place]

END = 1 << 60  # a turn of the walk after all others


class Marks:
    """The marks of one file, and its fixtures.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self._top = Place(module.seen.module, Block(), END, _ast.Pass())
        self._classes: dict[str, _ast.AST] = {}
        self._places: dict[int, Place] = {}
        self._fixtures: dict[str, list[Placed]] | None = None
        for node, place in module.seen.all(*FUNCTIONS, _ast.ClassDef):
            self._places[id(node)] = place
            if isinstance(node, _ast.ClassDef):
                outer = place.scope.qualname
                local = f"{outer}.{node.name}" if outer else node.name
                self._classes[f"{module.name}.{local}"] = node

    def fixtures(self, name: str, node: _ast.AST | None = None) -> Iterator[_ast.AST]:
        """Yield the fixtures of a name that a function of this file may ask for.

        Args:
            name: What a parameter is called.
            node: The function, None for one of another file.
        """
        if self._fixtures is None:
            self._fixtures = {}
            for one, place in self.module.seen.all(*FUNCTIONS):
                for called in self._names_of_fixture(one):
                    self._fixtures.setdefault(called, []).append((one, place))
        found = self._fixtures.get(name, ())
        holders = {id(one) for one in self.holders(node)} if found and node is not None else ()
        for one, place in found:
            owner = place.scope.node
            if not isinstance(owner, _ast.ClassDef) or id(owner) in holders:
                yield one

    def _names_of_fixture(self, node: _ast.AST) -> Iterator[str]:
        for one in getattr(node, "decorator_list", ()):
            func = one.func if isinstance(one, _ast.Call) else one
            if any(name.endswith("fixture") for name in self.module.names(func, self._top)):
                given = [word.value for word in getattr(one, "keywords", ()) if word.arg == "name"]
                texts = [self.module.text(value, self._top) for value in given]
                yield (texts[0] if texts else "") or node.name  # type: ignore[attr-defined]

    def holders(self, node: _ast.AST | None) -> Iterator[_ast.AST]:
        """Yield what a function's marks stand on: it, its classes with their bases, the file."""
        waiting = [] if node is None else [node]
        seen: set[int] = set()
        while waiting:
            one = waiting.pop()
            place = self._places.get(id(one))
            if id(one) in seen or place is None:
                continue
            seen.add(id(one))
            yield one
            if isinstance(place.scope.node, _ast.ClassDef):
                waiting.append(place.scope.node)
            for base in getattr(one, "bases", ()):
                for name in self.module.names(base, place):
                    waiting += [self._classes[name]] if name in self._classes else []
        yield self.module.tree

    def _calls(self, node: _ast.AST) -> Iterator[tuple[_ast.Call, tuple[str, ...], Place]]:
        """Yield the marks and decorators of a function that are calls, with what is called."""
        for holder in self.holders(node):
            there = self._places.get(id(holder), self._top)
            for mark in marks_on(holder):
                named = [(mark, there)]
                if not isinstance(mark, _ast.Call):  # `leaks = pytest.mark.usefixtures("leaks")`
                    named = [
                        (one.value, self.module.place_of(one))
                        for one in self.module.values(mark, there)
                        if isinstance(one.value, _ast.AST)
                    ]
                for one, place in named:
                    if isinstance(one, _ast.Call):
                        yield one, self.module.names(one.func, place), place

    def requested(self, node: _ast.AST) -> tuple[str, ...]:
        """Return the fixtures that `usefixtures` requests for a function."""
        found: list[str] = []
        for call, names, place in self._calls(node):
            if not any(name.endswith("mark.usefixtures") for name in names):
                continue
            for given in call.args:
                parts: list[tuple[_ast.expr, Place]] = [(given, place)]
                if isinstance(given, _ast.Starred):
                    parts = [*self.module.elements(given.value, place)]
                texts = (self.module.text(one, there) for one, there in parts)
                found += [one for one in texts if one]
        return tuple(dict.fromkeys(found))

    def supplied(self, node: _ast.AST, param: str) -> Iterator[Placed]:
        """Yield what a parameter of a function may be, as far as it is written: each of its cases.

        Cases are those of `parametrize`, also of one in `pytest_generate_tests`, those of a fixture
        with `params`, and all that other decorators are given, as `parameterized.expand`.
        """
        for call, names, place in self._calls(node):
            if any(name.endswith("parametrize") for name in names):
                yield from self._cases(call, param, place)
            elif not any(name.startswith(("pytest.", "unittest.")) for name in names):
                for one in (*call.args, *(word.value for word in call.keywords)):
                    yield one, place
        for fixture in self.fixtures(param, node):
            for one in getattr(fixture, "decorator_list", ()):
                for word in getattr(one, "keywords", ()):
                    if word.arg == "params":
                        yield word.value, self._places[id(fixture)]
        for hook in self.module.tree.body:
            if isinstance(hook, FUNCTIONS) and hook.name == "pytest_generate_tests":
                for part in walk(hook.body):
                    if isinstance(part, _ast.Call) and _last_part(part.func) == "parametrize":
                        yield from self._cases(part, param, self._top)

    def _cases(self, call: _ast.Call, param: str, place: Place) -> Iterator[Placed]:
        given = {word.arg: word.value for word in call.keywords}
        names = call.args[0] if call.args else given.get("argnames")
        values = call.args[1] if len(call.args) > 1 else given.get("argvalues")
        if names is None or values is None:
            return
        text = self.module.text(names, place)
        if text is not None:
            told = [one.strip() for one in text.split(",") if one.strip()]
        else:
            elements = self.module.elements(names, place)
            told = [self.module.text(one, there) or "" for one, there in elements]
        if param not in told:
            return
        for row, there in self._rows(values, place, 0):
            if len(told) == 1:
                yield row, there
            else:
                yield from self._part(row, told.index(param), there, 0)

    def _rows(self, node: _ast.AST, place: Place, depth: int) -> Iterator[Placed]:
        """Yield the items of a collection as far as it is written, else what it is made by."""
        parts: list[Placed] = []
        if isinstance(node, (_ast.List, _ast.Tuple, _ast.Set)):
            for item in node.elts:
                if isinstance(item, _ast.Starred):
                    parts.append((item.value, place))
                else:
                    yield item, place
        elif isinstance(node, _ast.BinOp):
            parts = [(node.left, place), (node.right, place)]
        else:
            parts = [*self.assigned(node, place)]
            if not parts:
                yield node, place
        for one, there in parts if depth < DEPTH_MAX else ():
            yield from self._rows(one, there, depth + 1)

    def _part(self, row: _ast.AST, index: int, place: Place, depth: int) -> Iterator[Placed]:
        """Yield the value at a position of a case, the whole case when that is not seen."""
        parts: list[_ast.expr] = []
        if isinstance(row, (_ast.Tuple, _ast.List)):
            parts = row.elts
        elif isinstance(row, _ast.Call) and _last_part(row.func) == "param":
            parts = row.args
        else:
            named = [*self.assigned(row, place)] if depth < DEPTH_MAX else []
            for one, there in named:
                yield from self._part(one, index, there, depth + 1)
            if named:
                return
        if len(parts) <= index or any(isinstance(one, _ast.Starred) for one in parts):
            yield row, place
        else:
            yield parts[index], place

    def assigned(self, node: _ast.AST, place: Place) -> Iterator[Placed]:
        """Yield what a name, or `self.name`, was assigned, or is taken from in a loop."""
        for binding in self.bound(node, place):
            value = binding.value[0] if isinstance(binding.value, tuple) else binding.value
            if binding.kind in ("assign", "item", "other") and isinstance(value, _ast.AST):
                yield value, self.module.place_of(binding)

    def bound(self, node: _ast.AST, place: Place) -> list[Binding]:
        """Return the bindings of a name, or of `self.name`, also those of bases in this file."""
        found = self.module.values(node, place)
        owner = place.scope.owner
        if found or owner is None or not isinstance(node, _ast.Attribute):
            return found
        if getattr(node.value, "id", "") not in ("self", "cls"):
            return found
        above = {id(one) for one in self.holders(owner.node)} - {id(owner.node)}
        for scope in self.module.seen.classes:
            if id(scope.node) in above:
                found += scope.names.get(node.attr, ())
                found += scope.attributes.get(node.attr, ())
        return found


def _last_part(node: _ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")
