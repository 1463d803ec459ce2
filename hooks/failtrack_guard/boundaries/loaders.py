"""Functions of other files that import what their callers name."""

from __future__ import annotations

import _ast
from collections import deque

from failtrack_guard.boundaries.calls import given_to
from failtrack_guard.boundaries.folding import Folder
from failtrack_guard.boundaries.layers import module_of_path
from failtrack_guard.boundaries.live import live_in
from failtrack_guard.boundaries.reaching import LEADING, PARAMS
from failtrack_guard.boundaries.values import Bound, Items, Local, Ref, Table, elements, has_text
from failtrack_guard.boundaries.ways import from_expressions, reached_by, top_of
from failtrack_guard.code.scopes import FUNCTIONS
from failtrack_guard.reading import Unreadable, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from failtrack_guard.boundaries.live import Live
    from failtrack_guard.boundaries.reach import Reach
    from failtrack_guard.boundaries.targets import Target
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

    Function = _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda
    Given = tuple[list[list[Any]], dict[str, list[Any]]]

HOPS_MAX = 8  # functions that call each other across files
MODULES_MAX = 12  # modules that are looked into to tell whether one hands on a loader


class Loaders:
    """The functions of a project which import what they are given.

    Args:
        reach: Follows imports through the project.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._boundaries = reach.boundaries
        self._modules: dict[str, _Loading | None] = {}
        self._may: dict[str, bool] = {}

    def may_matter_to(self, module: str) -> bool:
        """Return whether a module of a layer has strings that a loader could import for it."""
        file = self._reach.project.file_of(module) or ""
        try:
            text = read_bytes(file, file).decode("utf-8", "replace")
        except Unreadable:
            return False
        return self._boundaries.may_lead_on(self._boundaries.layer_of(module), text)

    def may_hand_on(self, dotted: str) -> bool:
        """Return whether a name of the project may be, or use, a function that imports."""
        found = self._may.get(dotted)
        if found is None:
            found = self._may[dotted] = any(map(self._is_loader, self._around(dotted)))
        return found

    def _around(self, dotted: str) -> Iterator[str]:
        """Yield a name, and what the modules outside all layers import that may be behind it."""
        yield dotted
        waiting, seen = deque([self._reach.module_of(dotted)]), {self._reach.module_of(dotted)}
        while waiting:
            for other in self._reach.mentions(waiting.popleft()):
                if self._boundaries.layer_of(other):
                    continue
                yield other
                inner = self._reach.module_of(other)
                if inner and inner not in seen and len(seen) < MODULES_MAX:
                    seen.add(inner)
                    waiting.append(inner)

    def _is_loader(self, dotted: str) -> bool:
        """Return whether a name, or any of a whole module, imports what it is given."""
        module = self._reach.module_of(dotted)
        if not module or self._reach.is_plain(module):
            return False
        loading = self._loading(module)
        name = dotted[len(module) + 1 :].partition(".")[0]
        names = loading.names if loading is not None else ()
        return name in names if name else bool(names)

    def calls(self, folder: Folder) -> Iterator[tuple[_ast.Call, Place, str, Given]]:
        """Yield the calls of functions of other modules which may import what they are given.

        Args:
            folder: Works out the expressions of the file that calls.

        Yields:
            The call, its place, the dotted name of the function, and the arguments.
        """
        return _calls(folder, self._reach, self.may_hand_on)

    def _loading(self, module: str) -> _Loading | None:
        if module not in self._modules:
            parsed = self._reach.parsed(module)
            self._modules[module] = _Loading(parsed) if parsed is not None else None
        return self._modules[module]

    def reached(self, dotted: str, given: Given, hops: int = 0) -> Iterator[str]:
        """Yield what a call of a function of another file reaches because of its arguments.

        Args:
            dotted: The function, a class, or a method.
            given: Values of its arguments, and of its named ones.
            hops: How many functions called each other before.
        """
        module = self._reach.module_of(dotted)
        loading = self._loading(module) if module and hops <= HOPS_MAX else None
        if loading is None:
            return
        qualname = dotted[len(module) + 1 :]
        node = loading.function(qualname)
        if node is not None:
            top = qualname.partition(".")[0]
            yield from self._within(loading, top, node, given, hops)
            return
        name, _, rest = qualname.partition(".")
        for value in loading.named(name):
            if isinstance(value, Ref):
                more = rest or ("__call__" if loading.is_made(name, value) else "")
                if value.dotted != dotted:
                    tail = f"{value.dotted}.{more}" if more else value.dotted
                    yield from self.reached(tail, given, hops + 1)
                continue
            for func in loading.parts(value, rest) if rest else [value]:
                if isinstance(func, Local):
                    inner = getattr(func.node, "name", "<lambda>")
                    yield from self._within(loading, inner, func.node, given, hops)
                else:
                    yield from self._named(one.dotted for one in loading.called(func, given))

    def _within(
        self, loading: _Loading, name: str, node: Function, given: Given, hops: int
    ) -> Iterator[str]:
        """Yield what is reached when a function has some arguments, and not without them."""
        args, keywords = given
        if not any(map(has_text, (*args, *keywords.values()))):
            return
        within = loading.behind(name)
        without = loading.without.get(name)
        if without is None:
            found = self._targets(loading, Folder(loading.module), within, hops)
            without = loading.without[name] = frozenset(found)
        for dotted in self._targets(loading, loading.told(node, given), within, hops):
            if dotted not in without:
                yield dotted

    def _targets(
        self, loading: _Loading, folder: Folder, within: set[str], hops: int
    ) -> Iterator[str]:
        targets = from_expressions(folder, loading.live, within=within)
        yield from self._named(target.dotted for target in targets)
        # What imports in other ways does so itself; what does not may call what does.
        is_plain = self._reach.is_plain(loading.module.name)
        for _, place, dotted, given in self.calls(folder) if is_plain else ():
            if top_of(place) in within:
                yield from self.reached(dotted, given, hops + 1)

    def _named(self, targets: Iterable[str]) -> Iterator[str]:
        """Yield modules, and those to which paths lead."""
        for one in targets:
            yield module_of_path(one, self._boundaries) if "/" in one else one


class _Loading:
    """A module whose functions may import in other ways than by a statement."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.live: Live = live_in(module, lambda dotted: dotted in LEADING)
        # What its top-level functions and classes reach whatever they are given.
        self.without: dict[str, frozenset[str]] = {}
        self._names: frozenset[str] | None = None

    @property
    def names(self) -> frozenset[str]:
        """Its top-level names that import, or call one of it that does."""
        if self._names is None:
            self._names = frozenset(self._find_names())
        return self._names

    def _find_names(self) -> set[str]:
        live, seen = self.live, self.module.seen
        found = {
            top_of(place)
            for node, place in seen.all(_ast.Call, _ast.Subscript)
            if any(map(live.holds, _parts(node)))
        }
        for node, place in seen.all(_ast.Assign, _ast.AnnAssign):
            if place.scope.kind == "module" and any(map(live.holds, _held(node))):
                targets = getattr(node, "targets", None) or [node.target]  # type: ignore[attr-defined]
                found.update(one.id for one in targets if isinstance(one, _ast.Name))
        for name, bindings in seen.module.names.items():
            if any(one.kind == "import" and one.value in PARAMS for one in bindings):
                found.add(name)
        calls = [(_called_name(node), place) for node, place in seen.all(_ast.Call)]
        for _ in range(HOPS_MAX):
            more = {top_of(place) for name, place in calls if name in found} - found
            more |= {name for name, source in self._assigned() if source in found} - found
            if not more:
                break
            found |= more
        return found - {""}

    def behind(self, name: str) -> set[str]:
        """Return the top-level functions and classes that one calls or makes, itself among them."""
        seen = self.module.seen
        calls = [(_called_name(node), top_of(place)) for node, place in seen.all(_ast.Call)]
        names = seen.module.names
        found = {name, "<lambda>"}
        for _ in range(HOPS_MAX):
            more = {called for called, top in calls if top in found and called in names} - found
            if not more:
                break
            found |= more
        return found

    def _assigned(self) -> Iterator[tuple[str, str]]:
        """Yield top-level names and what they are assigned from, or made of."""
        for node, place in self.module.seen.all(_ast.Assign):
            assert isinstance(node, _ast.Assign)
            value = node.value.func if isinstance(node.value, _ast.Call) else node.value
            if place.scope.kind == "module" and isinstance(value, _ast.Name):
                targets = [one.id for one in node.targets if isinstance(one, _ast.Name)]
                yield from ((name, value.id) for name in targets)

    def function(self, qualname: str) -> Function | None:
        """Return a function, a method, or the `__init__` of a class; None for anything else."""
        scope = self.module.seen.module
        for part in qualname.split("."):
            bindings = scope.names.get(part, ())
            node = bindings[-1].value if bindings else None
            if isinstance(node, (*FUNCTIONS, _ast.Lambda)):
                return node
            if not isinstance(node, _ast.ClassDef):
                return None
            scope = next(one for one in scope.inner if one.node is node)
        init = scope.names.get("__init__", ())
        made = init[-1].value if init else None
        return made if isinstance(made, FUNCTIONS) else None

    def named(self, name: str) -> list[Any]:
        """Return what a name of it stands for elsewhere."""
        folder = Folder(self.module)
        return folder.named(name, folder.top())

    def is_made(self, name: str, value: Ref) -> bool:
        """Return whether a name of it is an instance of one of its classes, and not the class."""
        bindings = self.module.seen.module.names.get(name, ())
        qualname = value.dotted[len(self.module.name) + 1 :]
        return any(isinstance(one.value, _ast.Call) for one in bindings) and any(
            one.qualname == qualname for one in self.module.seen.classes
        )

    def parts(self, value: Any, rest: str) -> list[Any]:
        """Return an item, `[key]`, of a list or dict, or an attribute of a namespace."""
        key = rest.strip("[]")
        keys: list[str | int] = [key] if key else []
        if key.isdecimal() and len(key) < 10:
            keys.append(int(key))
        return Folder(self.module).item(value, keys) if isinstance(value, (Items, Table)) else []

    def told(self, node: Function, given: Given) -> Folder:
        """Return what works out its expressions when a function has some arguments."""
        args, keywords = given
        if _is_method(node, self.module):
            args = [[], *args]
        folder = Folder(self.module)
        values = given_to(node, args, keywords)
        folder.tell({(id(node), name): some for name, some in values.items() if some})
        return folder

    def called(self, func: Any, given: Given) -> Iterator[Target]:
        """Yield what a call of one of its values reaches."""
        folder = Folder(self.module)
        place = folder.top()
        return reached_by(folder, func, *given, place.statement, place)


def _is_method(node: Function, module: Module) -> bool:
    """Return whether the first parameter of a function is what it is called on."""
    is_static = any(
        isinstance(one, _ast.Name) and one.id == "staticmethod"
        for one in getattr(node, "decorator_list", ())
    )
    return not is_static and any(node in scope.node.body for scope in module.seen.classes)  # type: ignore[attr-defined]


def _parts(node: Any) -> Iterator[_ast.AST]:
    """Yield what is called and handed on, or what an item is taken of."""
    if isinstance(node, _ast.Call):
        yield node.func
        yield from node.args
    else:
        yield node.value


def _held(node: Any) -> Iterator[_ast.AST]:
    """Yield what an assignment gives, and the named arguments with which that is made."""
    if node.value is not None:
        yield node.value
        yield from (one.value for one in getattr(node.value, "keywords", ()))


def _called_name(node: Any) -> str:
    return str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))


def _calls(
    folder: Folder, reach: Reach, is_wanted: Callable[[str], bool]
) -> Iterator[tuple[_ast.Call, Place, str, Given]]:
    """Yield the calls of some functions of other modules; see `Loaders.calls`."""
    module = folder.module

    def is_root(dotted: str) -> bool:
        return bool(reach.module_of(dotted)) and is_wanted(dotted)

    live = live_in(module, is_root, _from_stars(module, reach))
    if not live.names:
        return
    for node, place in module.seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        if not (node.args or node.keywords):
            continue
        if live.holds(node.func):
            given = folder.arguments(node, place)
            parts = (*_on_instances(folder, node, place), *_items_of(folder, node, place))
            for func in (*folder.values(node.func, place), *parts):
                yield from _call(func, given, node, place, reach, module)
        for index, one in enumerate(node.args[:-1]):
            if live.holds(one):
                args, keywords = folder.arguments(node, place)
                rest = args[index + 1 :]
                items = zip(*([i for one in some for i in elements(one)] for some in rest))  # noqa: B905
                for func in folder.values(one, place):
                    for way in (rest, *map(list, items)):
                        yield from _call(func, (way, keywords), node, place, reach, module)


def _from_stars(module: Module, reach: Reach) -> set[str]:
    """Return the names that `from module import *` brings from the project."""
    found: set[str] = set()
    for base in module.seen.stars:
        facts = reach.facts(base) if reach.module_of(base) == base else None
        found.update(facts.names if facts is not None else ())
    return found


def _on_instances(folder: Folder, node: _ast.Call, place: Place) -> Iterator[Ref]:
    """Yield the method of `Loader().load`, and of `loader.load` for `loader = Loader()`.

    Of `Loader()(...)` and `loader(...)` it is `__call__`.
    """
    holders, name = [node.func], "__call__"
    if isinstance(node.func, _ast.Attribute):
        holders, name = [node.func.value], node.func.attr
    if isinstance(holders[0], _ast.Name):
        holders = [one.value for one in folder.module.bindings(holders[0].id, place)]  # type: ignore[misc]
    for holder in holders:
        for made in folder.values(holder.func, place) if isinstance(holder, _ast.Call) else ():
            if isinstance(made, Ref):
                yield Ref(f"{made.dotted}.{name}")


def _items_of(folder: Folder, node: _ast.Call, place: Place) -> Iterator[Ref]:
    """Yield the item of `LOADERS["x"](...)` under a name of its own; see `_Loading.parts`."""
    if isinstance(node.func, _ast.Subscript):
        keys = [one for one in folder.values(node.func.slice, place) if isinstance(one, (int, str))]
        for base in folder.values(node.func.value, place):
            if isinstance(base, Ref):
                yield from (Ref(f"{base.dotted}.[{key}]") for key in keys or [""])


def _call(
    func: Any, given: Given, node: _ast.Call, place: Place, reach: Reach, module: Module
) -> Iterator[tuple[_ast.Call, Place, str, Given]]:
    """Yield a call of a function when that is one of another module of the project."""
    args, keywords = given
    if isinstance(func, Bound):
        args, keywords = [*func.args, *args], {**func.keywords, **keywords}
        func = func.func
    if isinstance(func, Ref) and reach.module_of(func.dotted) not in ("", module.name):
        yield node, place, func.dotted, (args, keywords)
