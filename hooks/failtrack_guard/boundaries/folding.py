"""What an expression is worth when that can be worked out from the literals of its file.

A value is a plain string, number or None, or one of the classes below. Where a part of a string is
not known, it holds `UNKNOWN`, so that `f"shop.api.{name}"` still tells its package.
"""

from __future__ import annotations

import _ast
import posixpath
import re
import sys
from functools import partial

from failtrack_guard.code.scopes import COMPREHENSIONS, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding, Scope

    _Function = Callable[["Folder", list[list[Any]], dict[str, list[Any]]], list[Any]]

UNKNOWN = "\u1700"  # a letter that no program uses, so that text around it still parses
VALUES_MAX = 60  # alternatives that are followed
BASES_MAX = 8  # classes above a class
DEPTH_MAX = 60  # expressions within expressions, names and calls that are followed
STEPS_MAX = 500  # expressions that are looked at for one answer
STEPS_LATE = 60  # the same, in a file that has cost `STEPS_OF_FILE` already
STEPS_OF_FILE = 5_000
CALLS_MAX = 200  # calls in one file that are worked out for their own arguments
ITEMS_MAX = 2_000  # items of a list that is put together
LENGTH_MAX = 100_000  # characters of a text that is worked out
CODE_DEPTH_MAX = 3  # code within code that is looked into
HERE = "/\u1700"  # folder in which the source root is imagined
RESOURCES = "/\u1700\u1700"  # the same, for what importlib.resources opens

# Modules that others have imported, and so hand on (`os.sys`).
HANDED_ON = frozenset({"importlib", "sys", "builtins", "runpy", "pkgutil"})
# Names that every module has.
_OWN = frozenset({"__name__", "__package__", "__file__", "__builtins__", "__path__"})
_LOADERS = frozenset({"__loader__", "__spec__"})
# Parameters that pytest gives, and what they are.
_FIXTURES = {"monkeypatch": "pytest.MonkeyPatch()", "mocker": "unittest.mock"}
# Constants of the standard library.
CONSTANTS: dict[str, Any] = {
    "os.sep": "/",
    "os.path.sep": "/",
    "os.extsep": ".",
    "os.curdir": ".",
    "os.pardir": "..",
    "string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
    "sys.executable": "python",
}


class Ref:
    """A module, or something in it, known by its dotted name."""

    __slots__ = ("dotted",)

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted


class Items:
    """A list, tuple or set: the values that each item may have."""

    __slots__ = ("items",)

    def __init__(self, items: list[list[Any]]) -> None:
        self.items = items


class Table:
    """A dict: what each key and its value may be; keys None for `**`."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[list[Any], list[Any]]]) -> None:
        self.pairs = pairs


class Bound:
    """A function of which some arguments are given already."""

    __slots__ = ("args", "func", "keywords")

    def __init__(
        self, func: Any, args: list[list[Any]], keywords: dict[str, list[Any]] | None = None
    ) -> None:
        self.func = func
        self.args = args
        self.keywords = keywords or {}


class Local:
    """A function or lambda of this file; `is_bound` when its first parameter is given already."""

    __slots__ = ("is_bound", "node")

    def __init__(
        self,
        node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda,
        *,
        is_bound: bool = False,
    ) -> None:
        self.node = node
        self.is_bound = is_bound


class File:
    """A path, as a `pathlib.Path` or an opened file; `text` is that of a file that was read."""

    __slots__ = ("is_text", "path")

    def __init__(self, path: str, *, is_text: bool = False) -> None:
        self.path = path
        self.is_text = is_text


class _Unpacking:
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


class Folder:
    """Works out the expressions of one file.

    Args:
        module: The file.
        outer: For the text of an `exec`: what its free names stand for around it.
    """

    def __init__(self, module: Module, outer: Callable[[str], list[Any]] | None = None) -> None:
        self.module = module
        self.outer = outer
        self._done: dict[int, list[Any]] = {}
        self._open: set[int] = set()
        self._added: dict[str, list[tuple[_ast.expr | None, _ast.expr, Place]]] | None = None
        self._steps = 0
        self._all_steps = 0
        self._cuts = 0
        self._calls: dict[str, list[tuple[_ast.Call, Place]]] | None = None
        self._calls_by_node: dict[int, list[tuple[_ast.Call, Place]]] = {}
        self._returns: dict[int, list[tuple[_ast.expr, Place]]] | None = None
        self._parts: dict[tuple[int, str], list[_Unpacking]] | None = None
        # What parameters and loop variables stand for in one call or turn: (node of scope, name).
        self._told: dict[tuple[int, str], list[Any]] = {}
        self._calls_told = 0
        # Names that are assigned from a name, or from the node with an id.
        self._assigned: dict[str | int, list[str]] | None = None
        self.code_depth = 0

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
            found = _distinct(visit(self, node, place, depth + 1))
        except RecursionError:
            self._cuts += 1
            return []
        finally:
            self._open.discard(key)
        # What a circle was cut in is not the whole answer, except to the question at hand.
        if cuts == self._cuts or not self._open:
            self._done[key] = found
        return found

    def _is_spent(self) -> bool:
        """Take one more step; return whether it is too many for one answer."""
        self._steps += 1
        return self._steps > (STEPS_MAX if self._all_steps < STEPS_OF_FILE else STEPS_LATE)

    def texts(self, node: _ast.AST | None, place: Place) -> list[str]:
        """Return the strings that an expression may be, with `UNKNOWN` for unknown parts."""
        return [one for one in self.values(node, place) if isinstance(one, str)]

    # Visitors.

    def constant(self, node: _ast.Constant, place: Place, depth: int) -> list[Any]:
        return [node.value]

    def joined(self, node: _ast.JoinedStr, place: Place, depth: int) -> list[Any]:
        parts = [self._formatted(one, place, depth) for one in node.values]
        return ["".join(one) for one in _product(parts)]

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
                _attempt(format, shown, one)
                for one in spec
                if _is_plain(value) and isinstance(one, str) and not _is_wide(one)
            ]
        return [one for one in found if isinstance(one, str)] or [UNKNOWN]

    def operated(self, node: _ast.BinOp, place: Place, depth: int) -> list[Any]:
        left = self.values(node.left, place, depth)
        right = self.values(node.right, place, depth)
        if isinstance(node.op, _ast.Add):
            return self.added(left, right)
        if isinstance(node.op, _ast.Div):
            return [
                File(_path_of(posixpath.join(one.path, other)))
                for one in left
                for other in right
                if isinstance(one, File) and isinstance(other, str)
            ]
        if isinstance(node.op, _ast.Mod):
            return [one for text in left if isinstance(text, str) for one in _percent(text, right)]
        if isinstance(node.op, _ast.Mult):
            return [
                text * times if isinstance(text, str) else Items(text.items * times)
                for text in left
                for times in right
                if isinstance(text, (str, Items)) and isinstance(times, int) and times <= VALUES_MAX
            ]
        if isinstance(node.op, _ast.BitOr):
            return [
                Table([*one.pairs, *other.pairs])
                for one in left
                for other in right
                if isinstance(one, Table) and isinstance(other, Table)
            ]
        return []

    def added(self, left: list[Any], right: list[Any]) -> list[Any]:
        if not right and any(isinstance(one, str) for one in left):
            right = [UNKNOWN]
        if not left and any(isinstance(one, str) for one in right):
            left = [UNKNOWN]
        found: list[Any] = []
        for one, other in ((one, other) for one in left for other in right):
            if len(found) > VALUES_MAX:
                break
            if isinstance(one, Items) and isinstance(other, Items):
                if len(one.items) + len(other.items) > ITEMS_MAX:
                    continue
                found.append(Items([*one.items, *other.items]))
            elif type(one) is type(other) and isinstance(one, (str, bytes, int)):
                found.append(one + other)
        return found

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

    def listed(self, node: _ast.List, place: Place, depth: int) -> list[Any]:
        found: list[list[Any]] = []
        for one in node.elts:
            if isinstance(one, _ast.Starred):
                for holder in self.values(one.value, place, depth):
                    found += elements(holder)
            else:
                found.append(self.values(one, place, depth))
        return [Items(found)] if len(found) <= ITEMS_MAX else []

    def dictionary(self, node: _ast.Dict, place: Place, depth: int) -> list[Any]:
        pairs: list[tuple[list[Any], list[Any]]] = []
        for key, value in zip(node.keys, node.values):  # noqa: B905 (equal by grammar)
            there = self.values(value, place, depth)
            if key is None and len(node.keys) == 1 and [*map(_is_modules, there)] == [True]:
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

    def _turns(
        self, node: _ast.ListComp | _ast.DictComp, place: Place, depth: int
    ) -> list[dict[tuple[int, str], list[Any]]]:
        """Return what the variable of a comprehension is in each turn; nothing of harder ones."""
        first = node.generators[0]
        if len(node.generators) > 1 or first.ifs or not isinstance(first.target, _ast.Name):
            return []
        key = (id(node), first.target.id)
        holders = self.values(first.iter, place, depth)
        turns = [{key: item} for holder in holders for item in elements(holder)]
        return turns if 1 < len(turns) <= VALUES_MAX else []

    def tell(self, told: dict[tuple[int, str], list[Any]]) -> None:
        """Say what parameters stand for.

        Args:
            told: Id of the node of their function, and their name -> the values.
        """
        self._told.update(told)

    def _as_told(
        self, told: dict[tuple[int, str], list[Any]], worth: Callable[[], list[Any]]
    ) -> list[Any]:
        """Return what something is worth while some names stand for given values."""
        outer, done = self._told, self._done
        self._told, self._done = {**outer, **told}, {}
        try:
            return worth()
        finally:
            self._told, self._done = outer, done

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

    def _within(self, node: _ast.AST, place: Place) -> Place:
        """Return a place inside a comprehension."""
        for inner in place.scope.inner:
            if inner.node is node:
                return Place(inner, place.block, place.order, place.statement)
        return place

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
        found = _distinct(found)
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

    def _unbound(self, name: str) -> list[Any]:
        module = self.module
        if name in _OWN and module.name:
            return _own_value(name, module)
        if name in _LOADERS:
            return [Ref(name)]
        if self.outer is not None:
            return self.outer(name)
        if name in _BUILTINS:
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
            return self._defined(binding)
        told = self._told.get((id(binding.scope.node), name)) if self._told else None
        if told is not None:
            return told
        if kind == "param":
            return self._given(name, binding, depth)
        if kind == "item" and isinstance(value, _ast.AST):
            return [
                one
                for holder in self.values(value, there, depth)
                for item in elements(holder)
                for one in item
            ]
        if kind == "augment" and isinstance(value, _ast.AST):
            return self.added(self._before(name, binding, depth), self.values(value, there, depth))
        if kind == "other":
            args = getattr(binding.scope.node, "args", None)
            if args is not None and args.vararg is not None and args.vararg.arg == name:
                return self._rest(binding.scope, depth)
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

    def _defined(self, binding: Binding) -> list[Any]:
        value, scope = binding.value, binding.scope
        if isinstance(value, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
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
                wholes = [item for part in elements(holder) for item in part]
                for whole in wholes if one.loop is not None else [holder]:
                    parts = elements(whole)
                    found += parts[one.index] if one.index < len(parts) else []
        return found

    def _unpackings(self) -> dict[tuple[int, str], list[_Unpacking]]:
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
                one = _Unpacking(source, place, index, loop)
                self._parts.setdefault((id(holder), part.id), []).append(one)

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
        parent = binding.scope.parent
        is_method = parent is not None and parent.kind == "class"
        args = [*node.args.posonlyargs, *node.args.args]
        names = [one.arg for one in args][1 if is_method and not _is_static(node) else 0 :]
        owner = f"{self.module.name}.{parent.qualname}" if parent is not None else ""
        for call, place in self._calls_of(node, owner if is_method else ""):
            if name in names and names.index(name) < len(call.args):
                found += self.values(call.args[names.index(name)], place, depth)
            for keyword in call.keywords:
                if keyword.arg == name:
                    found += self.values(keyword.value, place, depth)
        if name in names and not is_method:
            found += self._handed(node, names.index(name), depth)
        return found or [Ref(_FIXTURES[one]) for one in (name,) if one in _FIXTURES]

    def _rest(self, scope: Scope, depth: int) -> list[Any]:
        """Return what `*args` of a function may be."""
        first = len(scope.node.args.posonlyargs) + len(scope.node.args.args)  # type: ignore[attr-defined]
        return [
            Items([self.values(one, place, depth) for one in call.args[first:]])
            for call, place in self._calls_of(scope.node, "")
        ]

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

    def attribute(self, node: _ast.Attribute, place: Place, depth: int) -> list[Any]:
        found: list[Any] = []
        for base in self.values(node.value, place, depth):
            found += self.member(base, node.attr)
        for binding in self._members(node.value, node.attr, place):
            found += self._bound(node.attr, binding, depth, None)
        if node.attr in ("value", "_value_") and isinstance(node.value, _ast.Attribute):
            # A member of an enum was taken for its value already.
            found += [one for one in self.values(node.value, place, depth) if _is_plain(one)]
        return found

    def _members(self, node: _ast.expr, name: str, place: Place) -> list[Binding]:
        """Return the bindings of `self.name`, or of a name of a class of this file."""
        if not isinstance(node, _ast.Name):
            return []
        owner = place.scope.owner
        if node.id in ("self", "cls") and owner is not None:
            return self._of_class(owner, name)
        found: list[Binding] = []
        for binding in self.module.bindings(node.id, place):
            if isinstance(binding.value, _ast.ClassDef):
                for scope in binding.scope.inner:
                    if scope.node is binding.value:
                        found += scope.names.get(name, ())
        return found

    def _of_class(self, scope: Scope, name: str, depth: int = 0) -> list[Binding]:
        """Return the bindings of an attribute of a class, or of the first base that has it."""
        found = [*scope.names.get(name, ()), *scope.attributes.get(name, ())]
        own = f"{self.module.name}."
        for base in getattr(scope.node, "bases", ()) if depth < BASES_MAX and not found else ():
            for dotted in self.module.names(base, self.top()):
                inner = self._class_of(dotted[len(own) :]) if dotted.startswith(own) else None
                found = self._of_class(inner, name, depth + 1) if inner is not None else found
        return found

    def member(self, base: Any, name: str) -> list[Any]:
        """Return an attribute of a value."""
        if isinstance(base, File):
            return _part_of_path(base, name)
        if isinstance(base, Table):  # a namespace
            return self.item(base, [name])
        if name == "__call__":
            return [base]
        if not isinstance(base, Ref):
            return []
        if base.dotted == "__spec__" and name in ("name", "parent"):
            return _own_value("__name__" if name == "name" else "__package__", self.module)
        if base.dotted == f"{self.module.name}.__dict__" or name == "__class__":
            return []
        if name in HANDED_ON and base.dotted in sys.stdlib_module_names:
            return [Ref(name)]
        if name == "__spec__" and "." not in base.dotted:
            return [Ref("__spec__")]
        if f"{base.dotted}.{name}" in CONSTANTS:
            return [CONSTANTS[f"{base.dotted}.{name}"]]
        if name in ("__name__", "__package__"):
            return [base.dotted]
        if name == "__file__":
            return [f"{HERE}/{base.dotted.replace('.', '/')}/__init__.py"]
        if name == "__path__":
            return [Items([[f"{HERE}/{base.dotted.replace('.', '/')}"]])]
        own = f"{self.module.name}."
        if f"{base.dotted}." == own:
            return self.named(name, self.top())
        if base.dotted.startswith(own):
            scope = self._class_of(base.dotted[len(own) :])
            if scope is not None:
                bindings = self._of_class(scope, name)
                return [one for each in bindings for one in self._bound(name, each, 0, None)]
        return [Ref(f"{base.dotted}.{name}")]

    def _class_of(self, qualname: str) -> Scope | None:
        waiting = [self.module.seen.module]
        while waiting:
            scope = waiting.pop()
            if scope.kind == "class" and scope.qualname == qualname:
                return scope
            waiting += scope.inner
        return None

    def top(self) -> Place:
        """Return the end of the module as a place."""
        from failtrack_guard.code.scopes import Block

        body = self.module.tree.body or [_ast.Pass(lineno=1, col_offset=0)]
        return Place(self.module.seen.module, Block(), 1 << 60, body[0])

    def subscript(self, node: _ast.Subscript, place: Place, depth: int) -> list[Any]:
        bases = self.values(node.value, place, depth)
        if isinstance(node.slice, _ast.Slice):
            return [one for base in bases for one in self._sliced(base, node.slice, place, depth)]
        keys = self.values(node.slice, place, depth)
        return [one for base in bases for one in self.item(base, keys)]

    def _sliced(self, base: Any, node: _ast.Slice, place: Place, depth: int) -> list[Any]:
        bounds = []
        for part in (node.lower, node.upper, node.step):
            found = [None] if part is None else self.values(part, place, depth)
            if len(found) != 1 or not (found[0] is None or isinstance(found[0], int)):
                return []
            bounds.append(found[0])
        cut = slice(*bounds)
        if isinstance(base, Items):
            return [Items(_attempt(base.items.__getitem__, cut) or [])]
        if isinstance(base, (str, bytes)):
            found = [_attempt(base.__getitem__, cut)]
            return [one for one in found if one is not None]
        return []

    def item(self, base: Any, keys: list[Any]) -> list[Any]:
        """Return an item of a value; every item when the key is not known."""
        if isinstance(base, Table):
            known = [key for key in keys if _is_plain(key)]
            return [
                one
                for have, there in base.pairs
                if not known or any(key in have for key in known) or not have
                for one in there
            ]
        if isinstance(base, Items):
            indexes = [key for key in keys if isinstance(key, int)]
            if not indexes:
                return [one for item in base.items for one in item]
            size = len(base.items)
            return [one for key in indexes if -size <= key < size for one in base.items[key]]
        if isinstance(base, (str, bytes)):
            found = [_attempt(base.__getitem__, key) for key in keys if isinstance(key, int)]
            return [one for one in found if one is not None]
        if isinstance(base, Ref) and base.dotted == "sys.meta_path":
            return [Ref("sys.meta_path[]")]
        if isinstance(base, Ref):
            return [
                one
                for key in keys
                if isinstance(key, str) and key.isidentifier() | (base.dotted == "sys.modules")
                for one in self._entry(base.dotted, key)
            ]
        return []

    def _entry(self, dotted: str, key: str) -> list[Any]:
        if dotted == "sys.modules":
            return [Ref(key)]
        if dotted.endswith(".__dict__"):
            return self.member(Ref(dotted[: -len(".__dict__")]), key) or [
                one for one in self._unbound(key) if key in ("__builtins__", "__import__")
            ]
        return [Ref(f"builtins.{key}")] if dotted == "builtins" else []

    def lambda_(self, node: _ast.Lambda, place: Place, depth: int) -> list[Any]:
        return [Local(node)]

    def yielded(self, node: _ast.Yield, place: Place, depth: int) -> list[Any]:
        return [Items([self.values(node.value, place, depth)])]

    def awaited(self, node: _ast.Await, place: Place, depth: int) -> list[Any]:
        return self.values(node.value, place, depth)

    # Calls.

    def call(self, node: _ast.Call, place: Place, depth: int) -> list[Any]:
        found: list[Any] = []
        if isinstance(node.func, _ast.Attribute):
            for base in self.values(node.func.value, place, depth):
                found += self._method(base, node.func.attr, node, place, depth)
        for func in self.values(node.func, place, depth):
            found += self.result(func, *self.arguments(node, place, depth), depth)
        return found

    def arguments(
        self, node: _ast.Call, place: Place, depth: int = 0
    ) -> tuple[list[list[Any]], dict[str, list[Any]]]:
        """Return the values of the arguments of a call, also of a literal `*` or `**`."""
        args: list[list[Any]] = []
        for one in node.args:
            if isinstance(one, _ast.Starred):
                holders = self.values(one.value, place, depth)
                if not holders:
                    break
                args += elements(holders[0])
            else:
                args.append(self.values(one, place, depth))
        keywords: dict[str, list[Any]] = {}
        for keyword in node.keywords:
            there = self.values(keyword.value, place, depth)
            if keyword.arg:
                keywords[keyword.arg] = there
            else:
                for table in there:
                    for keys, value in table.pairs if isinstance(table, Table) else ():
                        keywords.update({key: value for key in keys if isinstance(key, str)})
        return args, keywords

    def result(
        self, func: Any, args: list[list[Any]], keywords: dict[str, list[Any]], depth: int = 0
    ) -> list[Any]:
        """Return what a call may return."""
        if isinstance(func, Bound):
            return self.result(func.func, [*func.args, *args], {**func.keywords, **keywords}, depth)
        if isinstance(func, Local):
            given = [[], *args] if func.is_bound else args
            return self._called(func.node, given, keywords, depth)
        if not isinstance(func, Ref):
            return []
        if func.dotted.startswith(_OF_STR) and args:
            name = func.dotted[len(_OF_STR) :]
            return [
                one
                for text in texts_in(args[0])
                for one in _text_method(text, name, args[1:], keywords)
            ]
        if func.dotted.startswith(f"{self.module.name}."):
            # An instance has the attributes of its class.
            return [func] if self._class_of(func.dotted[len(self.module.name) + 1 :]) else []
        known = _FUNCTIONS.get(func.dotted)
        return known(self, args, keywords) if known is not None else []

    def _called(
        self,
        node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda,
        args: list[list[Any]],
        keywords: dict[str, list[Any]],
        depth: int,
    ) -> list[Any]:
        """Return what a function of this file returns for some arguments."""
        given = given_to(node, args, keywords)
        told = {(id(node), name): values for name, values in given.items() if values}
        self._calls_told += any(map(has_text, told.values()))
        if not any(map(has_text, told.values())) or self._calls_told > CALLS_MAX:
            return self._returned(node, depth)
        return self._as_told(told, lambda: self._returned(node, depth))

    def _returned(self, node: _ast.AST, depth: int) -> list[Any]:
        if self._returns is None:
            self._returns = {}
            for one, place in self.module.seen.all(_ast.Return):
                assert isinstance(one, _ast.Return)
                if one.value is not None:
                    self._returns.setdefault(id(place.scope.node), []).append((one.value, place))
            for one, place in self.module.seen.all(_ast.Expr):
                if isinstance(one.value, _ast.Yield):  # type: ignore[attr-defined]
                    self._returns.setdefault(id(place.scope.node), []).append((one.value, place))  # type: ignore[attr-defined]
        if isinstance(node, _ast.Lambda):
            scope = self._scope_of(node)
            if scope is None:
                return []
            return self.values(node.body, scope, depth)
        return [
            one
            for value, place in self._returns.get(id(node), ())
            for one in self.values(value, place, depth)
        ]

    def _scope_of(self, node: _ast.AST) -> Place | None:
        waiting = [self.module.seen.module]
        while waiting:
            scope = waiting.pop()
            if scope.node is node:
                top = self.top()
                return Place(scope, top.block, top.order, top.statement)
            waiting += scope.inner
        return None

    def _method(self, base: Any, name: str, node: _ast.Call, place: Place, depth: int) -> list[Any]:
        args, keywords = self.arguments(node, place, depth)
        if isinstance(base, str):
            return _text_method(base, name, args, keywords)
        if isinstance(base, bytes) and name == "decode":
            found = [_attempt(base.decode, *one) for one in _product_of(args)]
            return [one for one in found if isinstance(one, str)]
        if isinstance(base, Table):
            return self._table_method(base, name, args)
        if isinstance(base, Items):
            return self.item(base, []) if name in ("pop", "popleft") else []
        if isinstance(base, File):
            return _path_method(base, name, args)
        if isinstance(base, Ref) and name in ("__getattribute__", "__getattr__"):
            names = texts_in(args[0]) if args else []
            return [one for text in names for one in self.member(base, text)]
        if _is_modules(base):
            if name == "copy":
                return [base]
            return self.item(base, args[0]) if name in _GETTERS and args else []
        if isinstance(base, Ref) and base.dotted.endswith(".__dict__") and name in _GETTERS:
            return self.item(base, args[0]) if args else []
        return []

    def _table_method(self, base: Table, name: str, args: list[list[Any]]) -> list[Any]:
        if name in _GETTERS and args:
            return [*self.item(base, args[0]), *(one for more in args[1:] for one in more)]
        if name == "items":
            return [Items([[Items([keys, there])] for keys, there in base.pairs])]
        if name == "keys":
            return [Items([keys for keys, _ in base.pairs])]
        if name == "values":
            return [Items([there for _, there in base.pairs])]
        return [base] if name == "copy" else []


def given_to(
    node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda,
    args: list[list[Any]],
    keywords: dict[str, list[Any]],
) -> dict[str, list[Any]]:
    """Return what the parameters of a function are in a call of it."""
    plain = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    named = {*plain, *(one.arg for one in node.args.kwonlyargs)}
    found = dict(zip(plain, args))  # noqa: B905 (as many as are given)
    if node.args.vararg is not None:
        found[node.args.vararg.arg] = [Items(args[len(plain) :])]
    found.update({name: given for name, given in keywords.items() if name in named})
    return found


def elements(holder: Any) -> list[list[Any]]:
    """Return the values of each item that a loop over a value takes."""
    if isinstance(holder, Items):
        return holder.items
    if isinstance(holder, Table):
        return [keys for keys, _ in holder.pairs]
    if isinstance(holder, Ref) and holder.dotted == "sys.meta_path":
        return [[Ref("sys.meta_path[]")]]
    if isinstance(holder, str) and len(holder) <= VALUES_MAX:
        return [[one] for one in holder]
    return []


def _own_value(name: str, module: Module) -> list[Any]:
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


def has_text(values: list[Any]) -> bool:
    """Return whether a string is among some values, or in a list among them."""
    return any(isinstance(one, (str, Items, Table)) for one in values)


def _is_modules(value: Any) -> bool:
    return isinstance(value, Ref) and value.dotted == "sys.modules"


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, bytes, int, float))


def _distinct(found: Iterable[Any]) -> list[Any]:
    """Return values once each, and not too many of them."""
    kept: list[Any] = []
    seen: set[Any] = set()
    for one in found:
        if isinstance(one, (str, bytes)) and len(one) > LENGTH_MAX:
            continue
        key = (type(one), one if _is_plain(one) else getattr(one, "dotted", id(one)))
        if key not in seen:
            seen.add(key)
            kept.append(one)
            if len(kept) == VALUES_MAX:
                break
    return kept


def _product(parts: list[list[Any]]) -> list[list[Any]]:
    """Return the ways to take one value of each part."""
    ways: list[list[Any]] = [[]]
    for part in parts:
        ways = [[*way, one] for way in ways for one in part][:VALUES_MAX]
    return ways


def _product_of(args: list[list[Any]]) -> list[list[Any]]:
    return _product([[one for one in values if _is_plain(one)] for values in args])


def _attempt(function: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
    """Return what a function of plain values returns, None when it raises."""
    try:
        return function(*args, **keywords)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError):
        return None
    except (LookupError, MemoryError, ArithmeticError):
        return None


def _is_wide(text: str) -> bool:
    """Return whether a format might fill the memory: a width of many digits, or one given later."""
    return re.search(r"\d{4}|\*|\{[^{}]*\{", text) is not None


def _percent(text: str, right: list[Any]) -> Iterator[str]:
    """Yield `text % value`, with unknown values as unknown text."""
    if _is_wide(text):
        return
    for value in right or [None]:
        if isinstance(value, Items):
            ways = _product([item or [UNKNOWN] for item in value.items])
            found = [_attempt(text.__mod__, tuple(one)) for one in ways]
        elif isinstance(value, Table):
            named = {
                key: (there or [UNKNOWN])[0]
                for keys, there in value.pairs
                for key in keys
                if isinstance(key, str)
            }
            found = [_attempt(text.__mod__, named)]
        else:
            found = [_attempt(text.__mod__, value if right else UNKNOWN)]
        yield from (one for one in found if isinstance(one, str))


# Methods of strings that depend on nothing but their arguments.
_TEXT_METHODS = frozenset(
    {
        *("capitalize", "casefold", "center", "encode", "expandtabs", "ljust", "lower", "lstrip"),
        *("removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase"),
        *("title", "translate", "upper", "zfill", "__add__", "__mod__", "__str__"),
    }
)
_WIDENING = frozenset({"ljust", "rjust", "center", "zfill", "expandtabs"})
_OF_STR = "builtins.str."
_SPLITTERS = frozenset({"split", "rsplit", "partition", "rpartition", "splitlines"})
_GETTERS = frozenset({"get", "pop", "setdefault", "__getitem__"})


def _text_method(
    base: str, name: str, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    if name == "join" and args:
        return [
            base.join(one)
            for holder in args[0]
            for one in _product([texts_in(item) or [UNKNOWN] for item in elements(holder)])
        ]
    if name in ("substitute", "safe_substitute"):
        import string

        named = {key: (texts_in(there) or [UNKNOWN])[0] for key, there in keywords.items()}
        return [string.Template(base).safe_substitute(named)]
    if name in ("format", "format_map"):
        return _format(base, name, args, keywords)
    if name not in _TEXT_METHODS and name not in _SPLITTERS:
        return []
    found = []
    for one in _product_of(args):
        sizes = [len(base), *(len(part) for part in one if isinstance(part, str))]
        if name in _WIDENING or (name == "replace" and sizes[0] * max(sizes) > LENGTH_MAX**2 / 100):
            continue
        value = _attempt(getattr(base, name), *one)
        if name in _SPLITTERS and value is not None:
            value = Items([[part] for part in value])
        found.append(value)
    return [one for one in found if one is not None]


def texts_in(values: Iterable[Any]) -> list[str]:
    """Return the strings among some values."""
    return [one for one in values if isinstance(one, str)]


def _format(
    base: str, name: str, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    if _is_wide(base):
        return []
    named = {key: (_plain_of(there) or [UNKNOWN])[0] for key, there in keywords.items()}
    if name == "format_map":
        tables = [one for one in args[0] if isinstance(one, Table)] if args else []
        for table in tables:
            for keys, there in table.pairs:
                named.update({key: (there or [UNKNOWN])[0] for key in texts_in(keys)})
        args = []
    ways = _product([_shown_of(one) or [UNKNOWN] for one in args])
    found = [_attempt(base.format, *one, **named) for one in ways]
    return [one for one in found if one is not None]


def _shown_of(values: list[Any]) -> list[Any]:
    """Return plain values, and lists of such."""
    lists = [one.items for one in values if isinstance(one, Items)]
    return [*_plain_of(values), *([item[0] for item in one if item] for one in lists)]


def _plain_of(values: list[Any]) -> list[Any]:
    return [one for one in values if _is_plain(one)]


# Paths.


def _path_of(text: str) -> str:
    return posixpath.normpath(text.replace("\\", "/"))


def _part_of_path(base: File, name: str) -> list[Any]:
    if name == "parent":
        return [File(posixpath.dirname(base.path))]
    if name == "parents":
        above = posixpath.dirname(base.path)
        found = []
        while above not in ("", "/"):
            found.append([File(above)])
            above = posixpath.dirname(above)
        return [Items(found)]
    if name == "parts":
        return [Items([[one] for one in base.path.split("/")])]
    if name in ("name", "stem"):
        tail = posixpath.basename(base.path)
        return [tail if name == "name" else posixpath.splitext(tail)[0]]
    return []


def _path_method(base: File, name: str, args: list[list[Any]]) -> list[Any]:
    if name in ("resolve", "absolute", "expanduser", "__enter__", "open"):
        return [base]
    if name in ("as_posix", "__str__", "__fspath__"):
        return [base.path]
    if name in ("read", "read_text", "read_bytes"):
        return [File(base.path, is_text=True)]
    if name in ("joinpath", "with_name", "__truediv__"):
        start = posixpath.dirname(base.path) if name == "with_name" else base.path
        ways = _product([texts_in(one) for one in args])
        return [File(_path_of(posixpath.join(start, *one))) for one in ways if one]
    if name == "with_suffix":
        return [base]
    return []


def paths_of(values: Iterable[Any]) -> list[str]:
    """Return the paths among some values: strings, and what stands for a path."""
    found = []
    for one in values:
        if isinstance(one, File):
            found.append(one.path)
        elif isinstance(one, str):
            found.append(_path_of(one))
    return found


# Functions whose results are known: each takes the folder, the arguments and the keywords.


def _first(args: list[list[Any]]) -> list[Any]:
    return args[0] if args else []


def _getattr(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if len(args) < 2:
        return []
    found = []
    for base in args[0]:
        for name in args[1]:
            if isinstance(name, str) and UNKNOWN not in name:
                found += folder.member(base, name)
    return found + [one for more in args[2:] for one in more]


def _vars(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if not args:
        return [Ref(f"{folder.module.name}.__dict__")]
    return [Ref(f"{one.dotted}.__dict__") for one in args[0] if isinstance(one, Ref)]


def _partial(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Bound(func, args[1:], keywords) for func in _first(args)]


def _kept(dotted: str) -> _Function:
    """Return what makes a function that waits for one more argument, such as `attrgetter`."""

    def keep(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
        return [Bound(Ref(f"{dotted}()"), args, keywords)] if args else []

    return keep


def _made(dotted: str) -> _Function:
    """Return what makes an instance of a class that has methods which import."""
    return lambda folder, args, keywords: [Ref(f"{dotted}()")]


def _item_got(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    keys, holders = (args[0], args[1]) if len(args) > 1 else ([], [])
    return [one for holder in holders for one in folder.item(holder, keys)] if keys else []


def _taken(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return _item_got(folder, [*args[1:2], *args[:1]], keywords)


def _method_called(
    folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    *rest, bases = args
    names = texts_in(_first(rest))
    functions = [one for base in bases for name in names for one in folder.member(base, name)]
    return [one for func in functions for one in folder.result(func, rest[1:], keywords)]


def _reduced(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if len(args) < 2:
        return []
    found: list[Any] = []
    for func in args[0]:
        for holder in args[1]:
            turns = [*args[2:3], *elements(holder)[:VALUES_MAX]]
            worth = turns[0] if turns else []
            for item in turns[1:]:
                worth = folder.result(func, [worth, item], {})
            found += worth
    return found


def _chained(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Items([item for values in args for one in values for item in elements(one)])]


def _multiplied(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    columns = [[item for one in values for item in elements(one)] for values in args]
    return [Items([[Items(row)] for row in _product(columns)])]


def _substituted(
    folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    if len(args) < 3:
        return []
    found = []
    for pattern, new, text in _product([texts_in(one) for one in args[:3]]):
        # Nothing that repeats, which might take for ever.
        if not re.search(r"[*+{(]", pattern) and len(text) <= VALUES_MAX:
            found.append(_attempt(re.sub, pattern, new, text))
    return [one for one in found if one is not None]


def _second(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Items(elements(one)) for one in args[1]] if len(args) > 1 else []


def _evaluated(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what the text of an expression is worth."""
    if folder.code_depth >= CODE_DEPTH_MAX:
        return []
    from failtrack_guard.code.module import Module
    from failtrack_guard.reading import Unreadable, parsed

    outer = folder.module
    found: list[Any] = []
    for text in texts_in(_first(args)):
        try:
            tree = parsed(text.strip(), outer.path)
        except Unreadable:
            continue
        body = tree.body[0] if len(tree.body) == 1 else None
        if isinstance(body, _ast.Expr):
            inner = Module(
                outer.path, outer.name, is_package=outer.is_package, source=text, tree=tree
            )
            within = Folder(inner, lambda name: folder.named(name, folder.top()))
            within.code_depth = folder.code_depth + 1
            found += within.values(body.value, within.top())
    return [one for one in found if not isinstance(one, Local)]


def _attrgetter(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Bound(Ref("operator.attrgetter()"), [_first(args)])]


def _attr_got(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found = []
    for name in texts_in(_first(args)):
        bases = args[1] if len(args) > 1 else []
        for part in name.split("."):
            bases = [one for base in bases for one in folder.member(base, part)]
        found += bases
    return found


def _same(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return _first(args)


def _cached(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    functions = [one for one in _first(args) if isinstance(one, (Ref, Local, Bound))]
    return functions or [Ref("functools.cache")]


def _default(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return args[1] if len(args) > 1 else keywords.get("default", [])


def _added_up(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return folder.added(args[0], args[1]) if len(args) > 1 else []


def _str(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found: list[Any] = []
    for one in _first(args):
        if isinstance(one, File):
            found.append(one.path)
        elif isinstance(one, bytes) and len(args) > 1:
            found += [_attempt(one.decode, *way) for way in _product_of(args[1:])]
        elif isinstance(one, (str, int)):
            found.append(str(one))
    return [one for one in found if one is not None]


def _sequence(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Items(elements(one)) for one in _first(args)] if args else [Items([])]


def _reversed(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Items(elements(one)[::-1]) for one in _first(args)]


def _dict(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    pairs: list[tuple[list[Any], list[Any]]] = []
    if any(map(_is_modules, _first(args))):
        return _first(args)
    for one in _first(args):
        if isinstance(one, Table):
            pairs += one.pairs
        elif isinstance(one, Items):
            pairs += [
                (pair.items[0], pair.items[1])
                for item in one.items
                for pair in item
                if isinstance(pair, Items) and len(pair.items) == 2
            ]
    pairs += [([key], there) for key, there in keywords.items()]
    return [Table(pairs)]


def _map(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if len(args) < 2:
        return []
    found: list[list[Any]] = []
    for func in args[0]:
        for holder in args[1]:
            found += [folder.result(func, [item], {}) for item in elements(holder)]
    return [Items(found)]


def _zip(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    columns = [elements(one[0]) if one else [] for one in args]
    return [Items([[Items(list(row))] for row in zip(*columns)])]  # noqa: B905 (as the program)


def _enumerate(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [
        Items([[Items([[index], item])] for index, item in enumerate(elements(one))])
        for one in _first(args)
    ]


def _chr(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found = [_attempt(chr, one) for one in _first(args) if isinstance(one, int)]
    return [one for one in found if one is not None]


def _bytes(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found: list[Any] = []
    for one in _first(args):
        if isinstance(one, Items):
            numbers = [item[0] for item in one.items if len(item) == 1]
            found.append(_attempt(bytes, numbers))
        elif isinstance(one, bytes):
            found.append(one)
        elif isinstance(one, str):
            found.append(one.encode())
    return [one for one in found if one is not None]


def _from_hex(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found = [_attempt(bytes.fromhex, one) for one in texts_in(_first(args))]
    return [one for one in found if one is not None]


def _from_base64(
    folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    import binascii

    found = [
        _attempt(binascii.a2b_base64, one) for one in _first(args) if isinstance(one, (str, bytes))
    ]
    return [one for one in found if one is not None]


def _decoded(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    import codecs

    ways = _product_of([*args, *([keywords["encoding"]] if "encoding" in keywords else [])])
    found = [_attempt(codecs.decode, *one) for one in ways]
    return [one for one in found if isinstance(one, (str, bytes))]


def _join_path(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    ways = _product([paths_of(one) or [UNKNOWN] for one in args])
    return [posixpath.join(*one) for one in ways if one]


def _path(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [File(_path_of(one)) for one in texts_in(_join_path(folder, args, keywords))]


def _folder_of(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [posixpath.dirname(one) for one in paths_of(_first(args))]


def _normal(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [*paths_of(_first(args))]


def _opened(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [File(one) for one in paths_of(_first(args))]


def _globals(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Ref(f"{folder.module.name}.__dict__")]


def _imported(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    names = _first(args) or keywords.get("name", [])
    packages = args[1] if len(args) > 1 else keywords.get("package", [])
    found = []
    for name in texts_in(names):
        for dotted in absolute_names(name, packages):
            found.append(Ref(dotted))
    return found


def _imported_top(
    folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    names = texts_in(_first(args) or keywords.get("name", []))
    wanted = args[3] if len(args) > 3 else keywords.get("fromlist", [])
    whole = any(elements(one) for one in wanted)
    return [Ref(name if whole else name.partition(".")[0]) for name in names if name]


def _resolved(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [one.dotted for one in _imported(folder, args, keywords)]


def _located(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Ref(one.replace(":", ".").rstrip(".")) for one in texts_in(_first(args))]


def _resources(folder: Folder, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    anchors = _first(args) or keywords.get("anchor", []) or keywords.get("package", [])
    return [File(f"{RESOURCES}/{one.replace('.', '/')}") for one in module_names(anchors)]


def module_names(values: Iterable[Any]) -> list[str]:
    """Return the dotted names that values mean: strings, and modules themselves."""
    return [
        one.dotted if isinstance(one, Ref) else one for one in values if isinstance(one, (Ref, str))
    ]


def absolute_names(name: str, packages: Iterable[Any]) -> list[str]:
    """Return what a name with leading dots means for `import_module`, or the name itself."""
    if not name.startswith("."):
        return [name]
    tail = name.lstrip(".")
    climb = len(name) - len(tail) - 1
    found = []
    for package in module_names(packages):
        parts = package.split(".")
        if climb < len(parts):
            base = ".".join(parts[: len(parts) - climb])
            found.append(f"{base}.{tail}" if tail else base)
    return found


_FUNCTIONS: dict[str, _Function] = {
    "builtins.getattr": _getattr,
    "builtins.vars": _vars,
    "builtins.globals": _globals,
    "builtins.locals": _globals,
    "builtins.str": _str,
    "builtins.chr": _chr,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.bytes.fromhex": _from_hex,
    "builtins.list": _sequence,
    "builtins.tuple": _sequence,
    "builtins.set": _sequence,
    "builtins.frozenset": _sequence,
    "builtins.sorted": _sequence,
    "builtins.iter": _sequence,
    "builtins.reversed": _reversed,
    "builtins.dict": _dict,
    "builtins.map": _map,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.open": _opened,
    "builtins.eval": _evaluated,
    "ast.literal_eval": _evaluated,
    "json.loads": _evaluated,
    "builtins.filter": _second,
    "builtins.ord": lambda folder, args, keywords: [
        ord(one) for one in texts_in(_first(args)) if len(one) == 1
    ],
    "builtins.dict.get": _taken,
    "builtins.dict.pop": _taken,
    "builtins.dict.__getitem__": _taken,
    "builtins.dict.fromkeys": _sequence,
    "operator.getitem": _taken,
    "operator.itemgetter": _kept("operator.itemgetter"),
    "operator.itemgetter()": _item_got,
    "operator.methodcaller": _kept("operator.methodcaller"),
    "operator.methodcaller()": _method_called,
    "functools.reduce": _reduced,
    "itertools.chain": _chained,
    "itertools.product": _multiplied,
    "contextlib.nullcontext": _same,
    "types.SimpleNamespace": _dict,
    "importlib.machinery.PathFinder": lambda folder, args, keywords: [
        Ref("importlib.machinery.PathFinder")
    ],
    "re.sub": _substituted,
    "collections.deque": _sequence,
    "zipimport.zipimporter": _made("zipimport.zipimporter"),
    "code.InteractiveInterpreter": _made("code.InteractiveInterpreter"),
    "code.InteractiveConsole": _made("code.InteractiveConsole"),
    "pytest.MonkeyPatch": _made("pytest.MonkeyPatch"),
    "pytest.MonkeyPatch.context": _made("pytest.MonkeyPatch"),
    "builtins.next": lambda folder, args, keywords: [
        one for holder in _first(args) for item in elements(holder) for one in item
    ],
    "builtins.__import__": _imported_top,
    "importlib.__import__": _imported_top,
    "importlib.import_module": _imported,
    "importlib.reload": _same,
    "importlib.util.resolve_name": _resolved,
    "importlib.resources.files": _resources,
    "importlib_resources.files": _resources,
    "importlib.resources.as_file": _same,
    "pkgutil.resolve_name": _located,
    "pydoc.locate": _located,
    "functools.partial": _partial,
    "functools.cache": _same,
    "functools.lru_cache": _cached,
    "builtins.staticmethod": _same,
    "builtins.classmethod": _same,
    "os.getenv": _default,
    "os.environ.get": _default,
    "os.environ.setdefault": _default,
    "dataclasses.field": lambda folder, args, keywords: keywords.get("default", []),
    "operator.add": _added_up,
    "operator.concat": _added_up,
    "string.Template": _same,
    "operator.attrgetter": _attrgetter,
    "operator.attrgetter()": _attr_got,
    "types.MappingProxyType": _same,
    "typing.cast": lambda folder, args, keywords: args[1] if len(args) > 1 else [],
    "sys.intern": _same,
    "ast.parse": _same,
    "textwrap.dedent": _same,
    "inspect.cleandoc": _same,
    "copy.copy": _same,
    "base64.b64decode": _from_base64,
    "base64.standard_b64decode": _from_base64,
    "binascii.a2b_base64": _from_base64,
    "binascii.unhexlify": _from_hex,
    "codecs.decode": _decoded,
    "os.path.join": _join_path,
    "posixpath.join": _join_path,
    "os.path.dirname": _folder_of,
    "os.path.abspath": _normal,
    "os.path.realpath": _normal,
    "os.path.normpath": _normal,
    "os.fspath": _normal,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PurePosixPath": _path,
    "io.open": _opened,
}
_BUILTINS = frozenset(
    {
        *(
            name.removeprefix("builtins.").partition(".")[0]
            for name in _FUNCTIONS
            if name.startswith("builtins.")
        ),
        *("exec", "eval", "compile"),
    }
)
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
    _ast.Call: Folder.call,
}
