"""Functions of other files that import what their callers name."""

from __future__ import annotations

import _ast
from collections import deque

from failtrack_guard.boundaries.folding import Folder, Ref, given_to
from failtrack_guard.boundaries.layers import module_of_path
from failtrack_guard.boundaries.live import imported, live_in
from failtrack_guard.boundaries.ways import LEADING, from_expressions
from failtrack_guard.code.scopes import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.boundaries.live import Live
    from failtrack_guard.boundaries.reach import Reach
    from failtrack_guard.code.module import Module

    Function = _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda
    Given = tuple[list[list[Any]], dict[str, list[Any]]]

HOPS_MAX = 8  # functions that call each other across files
MODULES_MAX = 50  # modules that are looked into to tell whether one hands on a loader


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

    def may_hand_on(self, module: str) -> bool:
        """Return whether a module, or one that it imports, has a function that imports."""
        found = self._may.get(module)
        if found is None:
            found = self._may[module] = any(map(self._has_any, self._around(module)))
        return found

    def _around(self, module: str) -> Iterator[str]:
        """Yield a module and those from outside all layers that it may hand on."""
        waiting, seen = deque([module]), {module}
        while waiting:
            name = waiting.popleft()
            yield name
            for dotted in self._reach.mentions(name):
                inner = self._reach.module_of(dotted)
                is_new = inner and inner not in seen and not self._boundaries.layer_of(inner)
                if is_new and len(seen) < MODULES_MAX:
                    seen.add(inner)
                    waiting.append(inner)

    def _has_any(self, module: str) -> bool:
        if self._reach.is_plain(module):
            return False
        loading = self._loading(module)
        return self._reach.has_alias(module) or (loading is not None and loading.has_functions)

    def _loading(self, module: str) -> _Loading | None:
        if module not in self._modules:
            parsed = None if self._reach.is_plain(module) else self._reach.parsed(module)
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
        loading = self._loading(module) if module else None
        if hops > HOPS_MAX or not module:
            return
        qualname = dotted[len(module) + 1 :]
        node = loading.function(qualname) if loading is not None else None
        if loading is not None and node is not None:
            for target in loading.reached(node, given):
                is_path = "/" in target
                yield module_of_path(target, self._boundaries) if is_path else target
            return
        name, _, rest = qualname.partition(".")
        facts = self._reach.facts(module)
        for other in facts.names.get(name, ()) if facts is not None else ():
            if other != dotted:
                yield from self.reached(f"{other}.{rest}" if rest else other, given, hops + 1)


class _Loading:
    """The functions of one module that import in other ways than by a statement."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._live: Live = live_in(module, lambda dotted: dotted in LEADING)
        self._without: frozenset[str] | None = None
        self.has_functions = any(
            place.scope.kind == "function" and self._live.holds(node.func)  # type: ignore[attr-defined]
            for node, place in module.seen.all(_ast.Call)
        )

    def function(self, qualname: str) -> Function | None:
        """Return a function, a method, or the `__init__` of a class; None for anything else."""
        if not self.has_functions:
            return None
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

    def reached(self, node: Function, given: Given) -> Iterator[str]:
        """Yield what is reached when a function has some arguments, and not without them."""
        args, keywords = given
        if _is_method(node, self.module):
            args = [[], *args]
        told = given_to(node, args, keywords)
        folder = Folder(self.module)
        folder.tell({(id(node), name): values for name, values in told.items() if values})
        if self._without is None:
            self._without = frozenset(self._targets(Folder(self.module)))
        for dotted in self._targets(folder):
            if dotted not in self._without:
                yield dotted

    def _targets(self, folder: Folder) -> Iterator[str]:
        for target in from_expressions(folder, self._live):
            yield target.dotted


def _is_method(node: Function, module: Module) -> bool:
    """Return whether the first parameter of a function is what it is called on."""
    is_static = any(
        isinstance(one, _ast.Name) and one.id == "staticmethod"
        for one in getattr(node, "decorator_list", ())
    )
    return not is_static and any(node in scope.node.body for scope in module.seen.classes)  # type: ignore[attr-defined]


def calls_of_others(folder: Folder, reach: Reach) -> Iterator[tuple[_ast.Call, Any, str, Given]]:
    """Yield the calls of functions of other modules: node, place, dotted name, and arguments."""
    module = folder.module
    names = {*imported(module, lambda dotted: bool(reach.module_of(dotted)))}
    for node, place in module.seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        holder: _ast.expr = node.func
        while isinstance(holder, _ast.Attribute):
            holder = holder.value
        if not (node.args or node.keywords) or getattr(holder, "id", "") not in names:
            continue
        for func in folder.values(node.func, place):
            if isinstance(func, Ref) and reach.module_of(func.dotted) not in ("", module.name):
                yield node, place, func.dotted, folder.arguments(node, place)
