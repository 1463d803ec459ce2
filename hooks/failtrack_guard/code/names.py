"""The nodes of one file, and what its names stand for."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import parsed
from failtrack_guard.code.remembered import DEPTH_MAX, remembered
from failtrack_guard.code.scopes import Binding, Place, Scope, Seen, look, reaching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Expressions of an assignment that may name what was named before.
_NAMING = (_ast.Name, _ast.Attribute, _ast.Subscript, _ast.Call, _ast.IfExp, _ast.NamedExpr)
# Functions that return the function that they are given.
_WRAPPERS = frozenset({"functools.partial", "builtins.staticmethod", "builtins.classmethod"})


class Names:
    """A parsed file, as far as its names go; `Module` is the whole, and says what it is made of."""

    def __init__(
        self, path: str, name: str, *, is_package: bool, source: str, tree: _ast.Module
    ) -> None:
        self.path = path
        self.name = name
        self.is_package = is_package
        self.source = source
        self.tree = tree
        self._seen: Seen | None = None
        self._lines: list[str] | None = None
        self.memory: dict[tuple[str, int, int, int], tuple[_ast.AST | None, tuple[Any, ...]]] = {}
        self._returned: dict[int, list[tuple[_ast.expr, Place]]] | None = None

    @property
    def seen(self) -> Seen:
        """Its nodes by type, and its scopes; walked at the first need."""
        if self._seen is None:
            self._seen = look(self.tree, self.absolute)
        return self._seen

    def absolute(self, level: int, module: str | None) -> str:
        """Return the dotted name that a `from` import means.

        Args:
            level: Number of leading dots.
            module: What follows them.

        Returns:
            The dotted name; one that begins with dots when it climbs out of what is known.
        """
        if not level:
            return module or ""
        package = self.name.split(".") if self.name else []
        if not self.is_package:
            package = package[:-1]
        climb = level - 1
        if not self.name or climb > len(package):
            return "." * level + (module or "")
        base = package[: len(package) - climb]
        return ".".join([*base, module] if module else base)

    # Where a node stands.

    @property
    def lines(self) -> list[str]:
        """Its lines as the parser counts them, without their ends."""
        if self._lines is None:
            # A form feed ends no line for the parser, and neither do the separators of Unicode.
            self._lines = self.source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines

    def span(self, node: _ast.AST) -> tuple[int, int, int, int]:
        """Return line and column, end line and end column; columns in characters from 0."""
        line, end_line = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        if isinstance(node, (_ast.ClassDef, _ast.FunctionDef, _ast.AsyncFunctionDef)):
            # The name, not the whole body.
            column = self._column(line, node.col_offset)
            text = self.lines[line - 1]
            keyword = "class" if isinstance(node, _ast.ClassDef) else "def"
            start = text.find(node.name, text.find(keyword, column) + len(keyword))
            if start >= 0:
                return line, start, line, start + len(node.name)
            return line, column, line, column + 5
        return (
            *(line, self._column(line, node.col_offset)),  # type: ignore[attr-defined]
            *(end_line, self._column(end_line, node.end_col_offset)),  # type: ignore[attr-defined]
        )

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))

    def statement_lines(self, statement: _ast.AST, node: _ast.AST) -> tuple[int, int]:
        """Return the lines on which a suppression for a node may stand.

        All lines of a simple statement; of a compound one the head, or the node's own lines.
        """
        first: int = statement.lineno  # type: ignore[attr-defined]
        last: int = statement.end_lineno  # type: ignore[attr-defined]
        for decorator in getattr(statement, "decorator_list", ()):
            first = min(first, decorator.lineno)
        body = getattr(statement, "body", None)
        if isinstance(body, list) and body:
            inner = body[0]
            start = min(
                [inner.lineno, *(one.lineno for one in getattr(inner, "decorator_list", ()))]
            )
            last = max(first, start - 1 if start > statement.lineno else start)  # type: ignore[attr-defined]
            line, end = node.lineno, node.end_lineno  # type: ignore[attr-defined]
            if not first <= line <= last:
                return line, end
        return first, last

    if TYPE_CHECKING:  # what `Instances` and `Strings` add, and names are asked through

        def types(self, node: _ast.AST, place: Place, depth: int = 0) -> tuple[str, ...]: ...

        def annotated(self, node: _ast.AST, place: Place, depth: int = 0) -> tuple[str, ...]: ...

        def text(self, node: _ast.AST | None, place: Place) -> str | None: ...

        def values(self, node: _ast.AST, place: Place) -> list[Binding]: ...

        def displays(self, node: _ast.AST, place: Place) -> Iterator[tuple[_ast.expr, Place]]: ...

        def elements(
            self, node: _ast.AST, place: Place, depth: int = 0
        ) -> Iterator[tuple[_ast.expr, Place]]: ...

        def picked_from(
            self, container: _ast.expr, key: _ast.expr, place: Place
        ) -> Iterator[tuple[_ast.expr, Place]]: ...

        def inside(self, node: _ast.expr, place: Place) -> Place: ...

    # What a name stands for.

    def bindings(self, name: str, place: Place) -> list[Binding]:
        """Return the bindings of a name that can reach a place, the nearest scope's."""
        scope: Scope | None = place.scope
        while scope is not None:
            home = scope.declared.get(name, scope)
            found = home.names.get(name)
            if found and (scope.kind != "class" or scope is place.scope):
                return reaching(found, place) if home is place.scope else found
            scope = scope.parent
        return []

    @remembered
    def names(self, node: _ast.AST | None, place: Place, depth: int = 0) -> tuple[str, ...]:
        """Return the dotted names that an expression may stand for, aliases followed.

        `Event` after `from shop.events import Event as E; Event = E` is `shop.events.Event`; what
        is defined here begins with the name of this module; a method of a value whose class is
        known is `package.Class.method`; a name that nothing binds is `builtins.name`.

        Args:
            node: An expression: a name, an attribute chain, a subscript of either.
            place: Where it stands.
            depth: How many aliases were followed.
        """
        if depth > DEPTH_MAX:
            return ()
        if isinstance(node, _ast.Name):
            bindings = self.bindings(node.id, place)
            if not bindings:
                stars = tuple(f"{base}.{node.id}" for base in self.seen.stars)
                return (*stars, f"builtins.{node.id}")
            found: list[str] = []
            for binding in bindings:
                found += [one for one in self.names_of(binding, depth) if one not in found]
            return tuple(found)
        if isinstance(node, _ast.Attribute):
            if node.attr == "__class__":
                return self.types(node.value, place, depth + 1)
            bases = [*self.names(node.value, place, depth + 1)]
            bases += [one for one in self.types(node.value, place, depth + 1) if one not in bases]
            meant = (
                name
                for binding in self.values(node, place)
                if binding.kind == "assign"
                for name in self.names_of(binding, depth + 1)
            )
            return (*(f"{base}.{node.attr}" for base in bases), *meant)
        if isinstance(node, _ast.Subscript):
            picked = (
                name
                for one, there in self.picked_from(node.value, node.slice, place)
                for name in self.names(one, there, depth + 1)
            )
            return (*self.names(node.value, place, depth + 1), *picked)
        if isinstance(node, _ast.Constant) and isinstance(node.value, str):
            inner = parsed(node.value)
            return self.names(inner, place, depth + 1) if inner is not None else ()
        if isinstance(node, _ast.Call):
            return self._names_of_call(node, place, depth)
        either: list[_ast.expr] = []
        if isinstance(node, _ast.IfExp):
            either = [node.body, node.orelse]
        elif isinstance(node, _ast.BoolOp):
            either = node.values
        elif isinstance(node, _ast.NamedExpr):
            either = [node.value]
        return tuple(name for one in either for name in self.names(one, place, depth + 1))

    def _names_of_call(self, node: _ast.Call, place: Place, depth: int) -> tuple[str, ...]:
        """Return what `super()`, `type(x)`, `getattr(x, "y")` and `partial(f)` stand for."""
        called = self.names(node.func, place, depth + 1)
        args = node.args
        if "builtins.super" in called and place.scope.owner is not None:
            owner = place.scope.owner
            around = Place(owner.parent or owner, place.block, place.order, place.statement)
            bases = getattr(owner.node, "bases", ())
            return tuple(name for one in bases for name in self.names(one, around, depth + 1))
        if "builtins.type" in called and len(args) == 1:
            return self.types(args[0], place, depth + 1)
        if "builtins.getattr" in called and len(args) in (2, 3):
            attribute = self.text(args[1], place)
            bases = self.names(args[0], place, depth + 1)
            bases += tuple(one for one in self.types(args[0], place, depth + 1) if one not in bases)
            return tuple(f"{base}.{attribute}" for base in bases) if attribute else ()
        if len(args) == 1 and not _WRAPPERS.isdisjoint(called):
            return self.names(args[0], place, depth + 1)
        if "importlib.import_module" in called and len(args) == 1:
            module = self.text(args[0], place)
            return (module,) if module and not module.startswith(".") else ()
        return ()

    def names_of(self, binding: Binding, depth: int) -> tuple[str, ...]:
        value = binding.value
        if binding.kind in ("import", "module"):
            return (str(value),)
        if isinstance(value, (_ast.ClassDef, _ast.FunctionDef, _ast.AsyncFunctionDef)):
            scope = binding.scope
            local = f"{scope.qualname}.{value.name}" if scope.qualname else value.name
            return (f"{self.name}.{local}",)
        if binding.kind == "assign" and isinstance(value, _NAMING):
            return self.names(value, self.place_of(binding), depth + 1)
        if binding.kind == "param" and binding.annotation is not None:
            return self._classes_in(binding.annotation, self.place_of(binding), depth + 1)
        if binding.kind == "param" and isinstance(value, (_ast.Name, _ast.Attribute)):
            return self.names(value, self.place_of(binding), depth + 1)
        if binding.kind == "param" and _is_class_argument(binding):
            owner = binding.scope.owner
            return (f"{self.name}.{owner.qualname}",) if owner is not None else ()
        return ()

    def _classes_in(self, node: _ast.expr, place: Place, depth: int) -> tuple[str, ...]:
        """Return the classes that a parameter annotated `type[Event]` may be."""
        if isinstance(node, _ast.Constant) and isinstance(node.value, str):
            inner = parsed(node.value)
            return self._classes_in(inner, place, depth + 1) if inner is not None else ()
        if isinstance(node, _ast.Subscript):
            outer = self.names(node.value, place, depth + 1)
            if "builtins.type" in outer or "typing.Type" in outer:
                return self.annotated(node.slice, place, depth + 1)
        return ()

    def place_of(self, binding: Binding) -> Place:
        """Return the place where the value of a binding is read."""
        return Place(binding.scope, binding.block, binding.order, self.tree.body[0])


def _is_class_argument(binding: Binding) -> bool:
    """Return whether a parameter is the class that a class method is given."""
    node = binding.scope.node
    parent = binding.scope.parent
    if not isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef)) or parent is None:
        return False
    args = [*node.args.posonlyargs, *node.args.args]
    return (
        parent.kind == "class"
        and bool(args)
        and args[0].arg == "cls"
        and binding is binding.scope.names["cls"][0]
    )
