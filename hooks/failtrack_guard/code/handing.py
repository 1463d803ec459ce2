"""What a constructor hands to those of its bases, and which of its parameters that comes from."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import children, last_name, walk
from failtrack_guard.code.remembered import DEPTH_MAX
from failtrack_guard.code.scopes import Block, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding, Scope

# What cannot be an object that somebody handed in.
_VALUES = (_ast.Constant, _ast.JoinedStr, _ast.Compare, _ast.Lambda)
_DISPLAYS = (_ast.Tuple, _ast.List, _ast.Set, _ast.Dict, _ast.BoolOp, _ast.Starred)
_CONTAINERS = ("dict", "list", "tuple", "set", "frozenset")
# So many steps are made for one constructor; what it would take more for may be anything.
_STEPS_MAX = 10_000
_PASSES_MAX = 4
# Anything may be given: `run = super().__init__`.
_ALL = ((("*?", ("?",)),), (("**?", ("?",)),))


def calls_above(module: Module, function: _ast.FunctionDef, owner: Scope) -> tuple[Any, ...]:
    """Return the calls of other constructors of the same name; see `signatures`.

    Args:
        module: The file.
        function: A constructor.
        owner: The scope in which its class stands.
    """
    called: dict[int, _ast.Call] = {}
    named: list[_ast.Attribute] = []
    for node in walk(function.body):
        if isinstance(node, _ast.Call):
            called[id(node.func)] = node
        elif isinstance(node, _ast.Attribute) and node.attr == function.name:
            named.append(node)
    handing = _Handing(module, function, owner) if named else None
    found = [] if handing is None else [handing.told(one, called.get(id(one))) for one in named]
    return tuple(one for one in found if one)


class _Handing:
    """One constructor, and what its expressions are made of."""

    def __init__(self, module: Module, function: _ast.FunctionDef, owner: Scope) -> None:
        self.module = module
        scopes = [
            inner
            for outer in owner.inner
            for inner in outer.inner
            if outer.kind == "class" and inner.node is function
        ]
        self.scope = scopes[0] if scopes else owner
        # Where all that it binds is bound.
        self.place = Place(self.scope, Block(), 1 << 60, function)
        args = function.args
        plain = [one.arg for one in (*args.posonlyargs, *args.args)]
        self.self_name = plain[0] if plain else ""
        self.rest = args.vararg.arg if args.vararg else ""
        self.others = args.kwarg.arg if args.kwarg else ""
        self.own = {*plain[1:], *(one.arg for one in args.kwonlyargs), self.rest, self.others}
        self.own -= {""}
        # What names and attributes are made of: for certain, in this pass, in the one before, and
        # as far as is known of those that are being looked at.
        self.settled: dict[str, tuple[str, ...]] = {}
        self.known: dict[str, tuple[str, ...]] = {}
        self.before: dict[str, tuple[str, ...]] = {}
        self.open: dict[str, list[str]] = {}
        self.is_circular = False
        self.steps = 0

    def told(self, node: _ast.Attribute, call: _ast.Call | None) -> tuple[Any, ...]:
        """Return what one mention of a constructor gives it, empty when it is not a base's."""
        is_super = (
            isinstance(node.value, _ast.Call) and getattr(node.value.func, "id", "") == "super"
        )
        if isinstance(node.value, _ast.Name) and node.value.id == self.self_name:
            return ()
        targets = () if is_super else self.module.names(node.value, self.place)
        if call is None:  # `run = super().__init__`
            return (targets, *_ALL) if is_super or targets else ()
        args = call.args
        if not is_super or node.attr == "__new__":
            first = args[0] if args else None
            if isinstance(first, _ast.Starred):
                return (targets, *_ALL) if is_super or targets else ()
            is_own = isinstance(first, _ast.Name) and first.id == self.self_name
            is_own = is_own or any(one.arg == self.self_name for one in call.keywords)
            if not is_own and not is_super:
                return ()  # `self.client.__init__(1)`
            args = args[1:]
        if not is_super and not targets:
            return ()
        positions = [
            (self._kind(one), self.sources([one])) for given in args for one in _spread(given)
        ]
        keywords = [
            (name or self._kind_of_rest(value), self.sources([value]))
            for given in call.keywords
            for name, value in _spread_by_name(given)
        ]
        return targets, tuple(positions), tuple(keywords)

    def _kind(self, node: _ast.expr) -> str:
        if not isinstance(node, _ast.Starred):
            return ""
        return "*" if self._is_whole(node.value, self.rest) else "*?"

    def _kind_of_rest(self, node: _ast.expr) -> str:
        return "**" if self._is_whole(node, self.others) else "**?"

    def _is_whole(self, node: _ast.expr, name: str) -> bool:
        """Return whether a value is all that a parameter was given: it is never bound again."""
        return getattr(node, "id", "-") == name and len(self.scope.names.get(name, ())) == 1

    def sources(self, nodes: Sequence[_ast.AST]) -> tuple[str, ...]:
        """Return the own parameters that values may be, `?` for what may come from elsewhere.

        Names that are made of one another are looked at again until nothing more comes up.
        """
        found: tuple[str, ...] = ()
        self.before = {}
        for _ in range(_PASSES_MAX):
            self.known, self.is_circular = {}, False
            found = tuple(dict.fromkeys(name for one in nodes for name in self._sources(one, 0)))
            if not self.is_circular or self.known == self.before:
                break
            self.before = self.known
        self.settled |= self.known
        return found

    def _sources(self, node: _ast.AST, depth: int) -> Iterator[str]:
        self.steps += 1
        if depth > DEPTH_MAX or self.steps > _STEPS_MAX:
            yield "?"
        elif isinstance(node, _VALUES):
            return
        elif isinstance(node, _ast.Name):
            yield from self._of_name(node.id, depth)
        elif isinstance(node, _DISPLAYS):
            for one in children(node):
                yield from self._sources(one, depth + 1)
        elif isinstance(node, _ast.IfExp):
            yield from self._sources(node.body, depth + 1)
            yield from self._sources(node.orelse, depth + 1)
        elif isinstance(node, (_ast.NamedExpr, _ast.Await, _ast.Subscript)):
            yield from self._sources(node.value, depth + 1)
        elif isinstance(node, _ast.Attribute):
            yield from self._of_attribute(node, depth)
        elif isinstance(node, _ast.Call):
            yield from self._of_call(node, depth)
        elif not isinstance(node, _ast.UnaryOp):
            mentioned = {one.id for one in walk([node]) if isinstance(one, _ast.Name)}
            yield from sorted(mentioned & self.own) or ("?",)

    def _of_name(self, name: str, depth: int) -> Iterator[str]:
        if name != self.self_name:
            yield from self._of_bindings(name, self.module.bindings(name, self.place), depth)

    def _of_bindings(self, key: str, bindings: Sequence[Binding], depth: int) -> Iterable[str]:
        """Return what a name, or a `self.name`, is made of: found out once, also in a circle."""
        seen = self.settled.get(key, self.known.get(key))
        if seen is not None:
            return seen
        if key in self.open:
            self.is_circular = True
            return (*self.before.get(key, ()), *self.open[key])
        found = self.open[key] = [] if bindings else ["?"]
        name = key.rpartition(".")[2]
        # The parameters come first, so that a circle knows of them.
        for binding in sorted(bindings, key=lambda one: one.kind != "param"):
            found += [one for one in self._of_binding(name, binding, depth) if one not in found]
        del self.open[key]
        self.known[key] = tuple(found)
        return found

    def _of_binding(self, name: str, binding: Binding, depth: int) -> Iterator[str]:
        value = binding.value
        if binding.scope is not self.scope:
            if binding.kind != "assign" or not isinstance(value, _ast.Constant):
                yield "?"
        elif binding.kind == "assign":
            if isinstance(value, _ast.AST):
                yield from self._sources(value, depth + 1)
        elif name in self.own and (binding.kind == "param" or value is None):
            yield name
        else:
            yield "?"

    def _of_attribute(self, node: _ast.Attribute, depth: int) -> Iterator[str]:
        """Yield what `self.guard` was given here; of anything else, what it is taken from."""
        if getattr(node.value, "id", "-") != self.self_name:
            yield from [*self._sources(node.value, depth + 1)] or ("?",)
            return
        owner = self.scope.owner
        given = [] if owner is None else owner.attributes.get(node.attr, [])
        yield from self._of_bindings(f"self.{node.attr}", given, depth)

    def _of_call(self, node: _ast.Call, depth: int) -> Iterator[str]:
        """Yield what a call is made of; what a class makes of nothing given is its own."""
        func = node.func
        parts: list[_ast.AST] = [*node.args, *(one.value for one in node.keywords)]
        if isinstance(func, _ast.Attribute):
            parts.append(func.value)
        given = [name for part in parts for name in self._sources(part, depth + 1)]
        called = last_name(func)
        if called in _CONTAINERS and isinstance(func, _ast.Name):
            yield from given
            return
        mine = [name for name in given if name != "?"]
        is_class = called.lstrip("_")[:1].isupper()
        yield from mine or (() if is_class else ("?",))


def _spread(node: _ast.expr) -> Iterator[_ast.expr]:
    """Yield what an argument gives by position: that of `*(one, other)` one by one."""
    if isinstance(node, _ast.Starred) and isinstance(node.value, (_ast.Tuple, _ast.List)):
        for one in node.value.elts:
            yield from _spread(one)
    else:
        yield node


def _spread_by_name(node: _ast.keyword) -> Iterator[tuple[str | None, _ast.expr]]:
    """Yield names and values that a keyword gives: those of `**{"guard": None}` one by one."""
    value = node.value
    if node.arg is not None:
        yield node.arg, value
    elif isinstance(value, _ast.Dict):
        for key, one in zip(value.keys, value.values):  # noqa: B905 (equal)
            name = getattr(key, "value", None)
            yield (name if isinstance(name, str) else None), one
    elif isinstance(value, _ast.Call) and getattr(value.func, "id", "") == "dict":
        for positional in value.args:
            yield None, positional
        for given in value.keywords:
            yield from _spread_by_name(given)
    else:
        yield None, value
