"""What a call passes, `*` and `**` of what the file writes down unpacked."""

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

    # An argument, where it is read, and where a finding about it points.
    Given = tuple[_ast.expr, Place, _ast.AST]
    Keyword = tuple[str, Given]


class Passed:
    """What a call is given.

    Args:
        args: Its positional arguments; None for one that is not known.
        keywords: Its keywords.
        home: Where findings about it are.
    """

    __slots__ = ("args", "home", "keywords")

    def __init__(self, args: list[Given | None], keywords: list[Keyword], home: Place) -> None:
        self.args = args
        self.keywords = keywords
        self.home = home


class Passing:
    """The arguments of calls.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self._items: dict[tuple[int, str], list[tuple[_ast.Assign | _ast.Call, Place]]] | None
        self._items = None

    def positional(self, args: list[_ast.expr], place: Place) -> Iterator[Given | None]:
        """Yield positional arguments, those of `*[...]` too; None once they are unknown."""
        for one in args:
            if not isinstance(one, _ast.Starred):
                yield one, place, one
                continue
            found = [*self.module.elements(one.value, place)]
            for inner, there in found:
                yield inner, there, self.at(inner, one)
            if not found:
                yield None

    def keywords(self, keywords: list[_ast.keyword], place: Place) -> Iterator[Keyword]:
        """Yield keywords and those of `**{...}`."""
        for one in keywords:
            if one.arg is not None:
                yield one.arg, (one.value, place, one.value)
                continue
            for key, value, there in self.pairs(one.value, place):
                yield key, (value, there, self.at(value, one.value))

    def at(self, node: _ast.expr, around: _ast.expr) -> _ast.expr:
        """Return an expression where it stands within another one, else the other one."""
        inner, outer = self.module.span(node), self.module.span(around)
        is_within = outer[:2] <= inner[:2] and inner[2:] <= outer[2:]
        return node if is_within else around

    def pairs(
        self, node: _ast.AST, place: Place, seen: set[int] | None = None
    ) -> Iterator[tuple[str, _ast.expr, Place]]:
        """Yield the keys and values of a dict that is written in this file, with their places.

        Args:
            node: A display, `dict(...)`, a union of those, or a name of one.
            place: Where it stands.
            seen: Ids of the expressions that were looked at before.
        """
        seen = set() if seen is None else seen
        if id(node) in seen:
            return
        seen.add(id(node))
        inner: list[tuple[_ast.AST, Place]] = []
        if isinstance(node, _ast.Dict):
            for key, value in zip(node.keys, node.values):  # noqa: B905 (equal by grammar)
                if key is None:
                    inner.append((value, place))
                elif text := self.module.text(key, place):
                    yield text, value, place
        elif isinstance(node, _ast.Call):
            if "builtins.dict" in self.module.names(node.func, place):
                inner = [(one, place) for one in node.args]
                for keyword in node.keywords:
                    if keyword.arg:
                        yield keyword.arg, keyword.value, place
                    else:
                        inner.append((keyword.value, place))
        elif isinstance(node, _ast.BinOp):
            inner = [(node.left, place), (node.right, place)]
        elif isinstance(node, _ast.IfExp):
            inner = [(node.body, place), (node.orelse, place)]
        elif isinstance(node, _ast.Subscript):
            inner = [*self.module.picked_from(node.value, node.slice, place)]
        elif isinstance(node, (_ast.Name, _ast.Attribute)):
            inner = [*self._held(node, place)]
            if isinstance(node, _ast.Name):
                yield from self._set_items(node.id, place, seen)
        for one, there in inner:
            yield from self.pairs(one, there, seen)

    def _held(
        self, node: _ast.Name | _ast.Attribute, place: Place
    ) -> Iterator[tuple[_ast.AST, Place]]:
        """Yield the expressions of which a name may hold the value."""
        for binding in self.module.values(node, place):
            there = self.module.place_of(binding)
            if not isinstance(binding.value, _ast.expr):
                continue
            if binding.kind in ("assign", "param"):
                yield binding.value, there
            elif binding.kind == "item":
                yield from self.module.elements(binding.value, there)

    def _set_items(
        self, name: str, place: Place, seen: set[int]
    ) -> Iterator[tuple[str, _ast.expr, Place]]:
        """Yield what `name["key"] = value` and `name.update(...)` put into a dict, in its scope."""
        for node, there in self._sets().get((id(place.scope), name), ()):
            if isinstance(node, _ast.Call):
                yield from self._updated(node, there, seen)
                continue
            for target in node.targets:
                if (
                    _set_name(target) == name
                    and isinstance(target, _ast.Subscript)
                    and (key := self.module.text(target.slice, there))
                ):
                    yield key, node.value, there

    def _sets(self) -> dict[tuple[int, str], list[tuple[_ast.Assign | _ast.Call, Place]]]:
        """Return scope and name -> the statements and calls that put items into it."""
        if self._items is None:
            self._items = {}
            for node, place in self.module.seen.all(_ast.Assign, _ast.Call):
                assert isinstance(node, (_ast.Assign, _ast.Call))
                for name in _set_by(node):
                    self._items.setdefault((id(place.scope), name), []).append((node, place))
        return self._items

    def _updated(
        self, node: _ast.Call, place: Place, seen: set[int]
    ) -> Iterator[tuple[str, _ast.expr, Place]]:
        for keyword in node.keywords:
            if keyword.arg:
                yield keyword.arg, keyword.value, place
        first = node.args[0] if node.args else None
        if getattr(node.func, "attr", "") == "setdefault":
            key = self.module.text(first, place)
            if key and len(node.args) == 2:
                yield key, node.args[1], place
        elif first is not None:
            yield from self.pairs(first, place, seen)


def _set_by(node: _ast.Assign | _ast.Call) -> set[str]:
    """Return the names into which a statement, or a call of a method, puts items."""
    if isinstance(node, _ast.Assign):
        return {*map(_set_name, node.targets)} - {""}
    func = node.func
    if isinstance(func, _ast.Attribute) and func.attr in ("update", "setdefault"):
        return {func.value.id} if isinstance(func.value, _ast.Name) else set()
    return set()


def _set_name(target: _ast.expr) -> str:
    """Return the name of `name["key"]`, empty for any other target."""
    if isinstance(target, _ast.Subscript) and isinstance(target.value, _ast.Name):
        return target.value.id
    return ""
