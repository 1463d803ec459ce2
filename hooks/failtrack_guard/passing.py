"""What a call passes, `*` and `**` of what the file writes down unpacked."""

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.module import Module
    from failtrack_guard.scopes import Place

    # An argument, where it is read, and where a finding about it points.
    Given = tuple[_ast.expr, Place, _ast.AST]
    Keyword = tuple[str, Given]


class Passing:
    """The arguments of calls.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self.module = module

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
        self, node: _ast.AST, place: Place, depth: int = 0
    ) -> Iterator[tuple[str, _ast.expr, Place]]:
        """Yield the keys and values of a dict that is written in this file."""
        if depth > 10:
            return
        if isinstance(node, _ast.Dict):
            for key, value in zip(node.keys, node.values):  # noqa: B905 (equal by grammar)
                if key is None:
                    yield from self.pairs(value, place, depth + 1)
                elif text := self.module.text(key, place):
                    yield text, value, place
        elif isinstance(node, _ast.Call):
            if "builtins.dict" in self.module.names(node.func, place):
                for one in node.args:
                    yield from self.pairs(one, place, depth + 1)
                for keyword in node.keywords:
                    if keyword.arg:
                        yield keyword.arg, keyword.value, place
                    else:
                        yield from self.pairs(keyword.value, place, depth + 1)
        elif isinstance(node, (_ast.BinOp, _ast.IfExp)):
            both = (
                (node.left, node.right)
                if isinstance(node, _ast.BinOp)
                else (node.body, node.orelse)
            )
            for half in both:
                yield from self.pairs(half, place, depth + 1)
        elif isinstance(node, (_ast.Name, _ast.Attribute)):
            for binding in self.module.values(node, place):
                there = self.module.place_of(binding)
                if binding.kind in ("assign", "param") and isinstance(binding.value, _ast.expr):
                    yield from self.pairs(binding.value, there, depth + 1)
                elif binding.kind == "item" and isinstance(binding.value, _ast.expr):
                    for one, home in self.module.elements(binding.value, there):
                        yield from self.pairs(one, home, depth + 1)
            if isinstance(node, _ast.Name):
                yield from self._set_items(node.id, place)

    def _set_items(self, name: str, place: Place) -> Iterator[tuple[str, _ast.expr, Place]]:
        """Yield what `name["key"] = value` and `name.update(...)` put into a dict, in its scope."""
        for node, there in self.module.seen.all(_ast.Assign):
            assert isinstance(node, _ast.Assign)
            for target in node.targets:
                if (
                    there.scope is place.scope
                    and isinstance(target, _ast.Subscript)
                    and isinstance(target.value, _ast.Name)
                    and target.value.id == name
                    and (key := self.module.text(target.slice, there))
                ):
                    yield key, node.value, there
        for node, there in self.module.seen.all(_ast.Call):
            assert isinstance(node, _ast.Call)
            func = node.func
            if (
                there.scope is place.scope
                and isinstance(func, _ast.Attribute)
                and func.attr in ("update", "setdefault")
                and isinstance(func.value, _ast.Name)
                and func.value.id == name
            ):
                yield from self._updated(node, there, name)

    def _updated(
        self, node: _ast.Call, place: Place, name: str
    ) -> Iterator[tuple[str, _ast.expr, Place]]:
        for keyword in node.keywords:
            if keyword.arg:
                yield keyword.arg, keyword.value, place
        first = node.args[0] if node.args else None
        if getattr(node.func, "attr", "") == "setdefault":
            key = self.module.text(first, place)
            if key and len(node.args) == 2:
                yield key, node.args[1], place
        elif first is not None and not (isinstance(first, _ast.Name) and first.id == name):
            yield from self.pairs(first, place, 5)
