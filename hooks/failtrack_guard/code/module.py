"""One file as rules see it: its nodes, what its names stand for, and which strings may be where."""

from __future__ import annotations

import _ast

from failtrack_guard.code.scopes import FUNCTIONS, Binding, Place, Scope, Seen, look, reaching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    Method = TypeVar("Method", bound=Callable[..., Any])

ONLY_AST = 0x400  # ast.PyCF_ONLY_AST; importing `ast` costs more than parsing most files
DEPTH_MAX = 20  # how far a name is followed through aliases
PART = "part"  # the `kind` of a string that is only a part of what its span holds


def _remembered(method: Method) -> Method:
    """Make a method of (node, place) answer the second time from memory.

    Names that are bound in many places to each other would take exponential time without. A node
    that is asked about while it is being answered is nothing.
    """
    name = method.__name__

    def remembering(
        self: Module, node: _ast.AST | None, place: Place, depth: int = 0
    ) -> tuple[Any, ...]:
        key = (name, id(node), id(place.scope), place.order)
        found = self.memory.get(key)
        if found is None:
            # The node is kept, too, so that its id belongs to nothing else.
            self.memory[key] = (node, ())
            found = self.memory[key] = (node, tuple(method(self, node, place, depth)))
        return found[1]

    remembering.__doc__ = method.__doc__
    return remembering  # type: ignore[return-value]


class Text:
    """A string that an expression may hold.

    Args:
        value: Its characters, None when only its being a string is known.
        node: The expression that makes it: a literal, an f-string, a concatenation.
    """

    __slots__ = ("node", "value")

    def __init__(self, value: str | None, node: _ast.expr) -> None:
        self.value = value
        self.node = node


class Module:
    """A parsed file.

    Args:
        path: Path as it is shown, with forward slashes.
        name: Dotted module name, empty when the file belongs to no source root.
        is_package: Whether the file is an `__init__.py`.
        source: Its text.
        tree: Its syntax tree.
    """

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

    @_remembered
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

    @_remembered
    def types(self, node: _ast.AST, place: Place, depth: int = 0) -> tuple[str, ...]:
        """Return the dotted names of the classes that a value may be an instance of.

        Known from annotations of parameters, variables and attributes, and from calls of classes.
        """
        if depth > DEPTH_MAX:
            return ()
        if isinstance(node, _ast.Call):
            return self._types_of_call(node, place, depth)
        if isinstance(node, _ast.Subscript):
            return self.item_types(node.value, place, depth + 1)
        if isinstance(node, _ast.BoolOp):
            return tuple(name for one in node.values for name in self.types(one, place, depth + 1))
        if isinstance(node, _ast.Await):
            return self.types(node.value, place, depth + 1)
        if isinstance(node, _ast.NamedExpr):
            made = self.types(node.value, place, depth + 1)
            return made or self.types(node.target, place, depth + 1)
        if isinstance(node, _ast.IfExp):
            return (
                *self.types(node.body, place, depth + 1),
                *self.types(node.orelse, place, depth + 1),
            )
        bindings: list[Binding] = []
        if isinstance(node, _ast.Name):
            bindings = self.bindings(node.id, place)
            if node.id == "self" and place.scope.owner is not None:
                return (f"{self.name}.{place.scope.owner.qualname}",)
        elif (
            isinstance(node, _ast.Attribute)
            and isinstance(node.value, _ast.Name)
            and node.value.id in ("self", "cls")
            and place.scope.owner is not None
        ):
            owner = place.scope.owner
            bindings = [*owner.names.get(node.attr, ()), *owner.attributes.get(node.attr, ())]
        found = tuple(name for binding in bindings for name in self.types_of(binding, depth))
        if not found and bindings and isinstance(node, _ast.Name):
            # `event: Event` holds for all that is assigned to it afterwards.
            declared = bindings[0].scope.names.get(node.id, ())
            bindings = [one for one in declared if one.kind == "assign" and one.annotation]
            found = tuple(name for binding in bindings for name in self.types_of(binding, depth))
        return found

    def types_of(self, binding: Binding, depth: int = 0) -> tuple[str, ...]:
        """Return the dotted names of the classes of what a binding holds; see `types`."""
        there = self.place_of(binding)
        if binding.annotation is not None:
            return self.annotated(binding.annotation, there, depth + 1)
        if binding.kind == "assign" and isinstance(binding.value, _ast.AST):
            return self.types(binding.value, there, depth + 1)
        if binding.kind == "item" and isinstance(binding.value, _ast.AST):
            return self.item_types(binding.value, there, depth + 1)
        if binding.kind == "other" and isinstance(binding.value, tuple):
            source, index, is_item = binding.value
            return self._types_of_part(source, index, is_item, there, depth + 1)
        return ()

    def _types_of_part(
        self, source: _ast.expr, index: int, is_item: bool, place: Place, depth: int
    ) -> tuple[str, ...]:
        """Return the classes of a part of what is unpacked; see `Binding`."""
        if is_item:
            of_item = self._items_of(source, index, place)
            if of_item is not None:
                return self.item_types(of_item, place, depth)
        found: list[str] = []
        for one, there in self._parts(source, index, is_item, place, depth):
            found += self.types(one, there, depth + 1)
        if not is_item:
            for annotation, there in self._annotations(source, place):
                if isinstance(annotation, _ast.Subscript) and isinstance(
                    annotation.slice, _ast.Tuple
                ):
                    parts = annotation.slice.elts[index : index + 1]
                    found += [name for one in parts for name in self.annotated(one, there, depth)]
        return tuple(found)

    def _items_of(self, source: _ast.expr, index: int, place: Place) -> _ast.expr | None:
        """Return the collection whose items are one part of those of `x.items()` and the like."""
        if not isinstance(source, _ast.Call):
            return None
        if isinstance(source.func, _ast.Attribute) and source.func.attr == "items" and index == 1:
            return source.func.value
        called = self.names(source.func, place)
        if "builtins.enumerate" in called and index == 1 and source.args:
            return source.args[0]
        if "builtins.zip" in called and index < len(source.args):
            return source.args[index]
        return None

    def _parts(
        self, source: _ast.expr, index: int, is_item: bool, place: Place, depth: int
    ) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield the expressions that a part of what is unpacked may be; see `Binding`."""
        of_item = self._items_of(source, index, place) if is_item else None
        if isinstance(source, _ast.Call) and getattr(source.func, "attr", "") == "items":
            for holder, there in self.displays(source.func.value, place):  # type: ignore[attr-defined]
                if isinstance(holder, _ast.Dict):
                    yield from (
                        (one, there)
                        for one in (holder.values if index else holder.keys)
                        if one is not None
                    )
        elif of_item is not None:
            yield from self.elements(of_item, place, depth + 1)
        elif is_item:
            for row, there in self.elements(source, place, depth + 1):
                if isinstance(row, (_ast.Tuple, _ast.List)) and index < len(row.elts):
                    yield row.elts[index], there
        else:
            yield from [*self.elements(source, place, depth + 1)][index : index + 1]

    def _types_of_call(self, node: _ast.Call, place: Place, depth: int) -> tuple[str, ...]:
        called = self.names(node.func, place, depth + 1)
        if "typing.cast" in called and len(node.args) == 2:
            return self.annotated(node.args[0], place, depth + 1)
        if node.args and not _SAME.isdisjoint(called):
            return self.types(node.args[0], place, depth + 1)
        if "builtins.next" in called and node.args:
            return self.item_types(node.args[0], place, depth + 1)
        return called

    @_remembered
    def item_types(self, node: _ast.AST, place: Place, depth: int = 0) -> tuple[str, ...]:
        """Return the dotted names of the classes that the items of a value may be instances of."""
        if depth > DEPTH_MAX:
            return ()
        if isinstance(node, (_ast.List, _ast.Tuple, _ast.Set)):
            return tuple(name for one in node.elts for name in self.types(one, place, depth + 1))
        if isinstance(node, (_ast.ListComp, _ast.GeneratorExp, _ast.SetComp)):
            return self.types(node.elt, self.inside(node, place), depth + 1)
        if isinstance(node, _ast.Call):
            called = self.names(node.func, place, depth + 1)
            if not _SAME_ITEMS.isdisjoint(called) and node.args:
                return self.item_types(node.args[0], place, depth + 1)
            if not _SOME_ITEMS.isdisjoint(called) and len(node.args) == 2:
                return self.item_types(node.args[1], place, depth + 1)
            if isinstance(node.func, _ast.Attribute) and node.func.attr in ("values", "copy"):
                return self.item_types(node.func.value, place, depth + 1)
        found: list[str] = []
        for annotation, there in self._annotations(node, place):
            found += self.contained(annotation, there, depth + 1)
        if isinstance(node, _ast.Name):
            for binding in self.bindings(node.id, place):
                if (
                    binding.kind == "assign"
                    and binding.annotation is None
                    and isinstance(binding.value, _ast.AST)
                ):
                    found += self.item_types(binding.value, self.place_of(binding), depth + 1)
        return tuple(found)

    def _annotations(self, node: _ast.AST, place: Place) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield the annotations of a name, of `self.name`, or of what a function here returns."""
        if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name):
            for binding in self.bindings(node.func.id, place):
                returns = getattr(binding.value, "returns", None)
                if binding.kind == "function" and returns is not None:
                    yield returns, self.place_of(binding)
        for binding in self.values(node, place):
            if binding.annotation is not None:
                yield binding.annotation, self.place_of(binding)
            elif isinstance(binding.value, _ast.Name):  # `self.events = events`
                for other in self.bindings(binding.value.id, self.place_of(binding)):
                    if other.annotation is not None:
                        yield other.annotation, self.place_of(other)

    def contained(self, node: _ast.AST, place: Place, depth: int = 0) -> tuple[str, ...]:
        """Return the classes of the items of a container that is annotated so."""
        if depth > DEPTH_MAX:
            return ()
        if isinstance(node, _ast.Constant) and isinstance(node.value, str):
            inner = parsed(node.value)
            return self.contained(inner, place, depth + 1) if inner is not None else ()
        if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.BitOr):
            return (
                *self.contained(node.left, place, depth + 1),
                *self.contained(node.right, place, depth + 1),
            )
        if not isinstance(node, _ast.Subscript):
            return ()
        outer = {name.rpartition(".")[2] for name in self.names(node.value, place)}
        parts = node.slice.elts if isinstance(node.slice, _ast.Tuple) else [node.slice]
        if outer & _MAPPINGS:
            parts = parts[1:]
        elif not outer & _CONTAINERS:
            return tuple(name for one in parts for name in self.contained(one, place, depth + 1))
        return tuple(name for one in parts for name in self.annotated(one, place, depth + 1))

    def annotated(self, node: _ast.AST, place: Place, depth: int = 0) -> tuple[str, ...]:
        """Return the dotted names of the classes in an annotation.

        Unions, `Optional`, `Annotated`, `Final`, `ClassVar`, quoted annotations are seen through;
        containers are not: the items of a list are no value of this name.
        """
        if depth > DEPTH_MAX:
            return ()
        if isinstance(node, _ast.Constant):
            inner = parsed(node.value) if isinstance(node.value, str) else None
            return self.annotated(inner, place, depth + 1) if inner is not None else ()
        if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.BitOr):
            return (
                *self.annotated(node.left, place, depth + 1),
                *self.annotated(node.right, place, depth + 1),
            )
        if isinstance(node, _ast.Subscript):
            outer = {name.rpartition(".")[2] for name in self.names(node.value, place)}
            if outer & _SEEN_THROUGH:
                inside = node.slice
                parts = inside.elts if isinstance(inside, _ast.Tuple) else [inside]
                if "Annotated" in outer:
                    parts = parts[:1]
                return tuple(
                    name for part in parts for name in self.annotated(part, place, depth + 1)
                )
            return self.names(node.value, place, depth + 1)
        if isinstance(node, _ast.Name):
            made = [*self._annotated_by_alias(node.id, place, depth)]
            if made:
                return tuple(made)
        return self.names(node, place, depth + 1)

    def _annotated_by_alias(self, name: str, place: Place, depth: int) -> Iterator[str]:
        """Yield the classes in a type that was given a name: `Guard = HaltGuard | None`."""
        for binding in self.bindings(name, place):
            body = type_of_alias(self, binding)
            if body is not None and not isinstance(binding.value, (_ast.Name, _ast.Attribute)):
                yield from self.annotated(body, self.place_of(binding), depth + 1)

    # What strings an expression may hold.

    @_remembered
    def texts(self, node: _ast.AST | None, place: Place, depth: int = 0) -> Iterator[Text]:
        """Yield the raw strings that an expression may be: literals, and names that hold them here.

        Args:
            node: An expression.
            place: Where it stands.
            depth: How many names were followed.
        """
        if depth > DEPTH_MAX or node is None:
            return
        if isinstance(node, _ast.Constant):
            if isinstance(node.value, str):
                yield Text(node.value, node)
        elif isinstance(node, _ast.JoinedStr):
            yield Text(self._joined(node, place, depth), node)
        elif isinstance(node, _ast.BinOp):
            yield from self._operated(node, place, depth)
        elif isinstance(node, _ast.IfExp):
            yield from self.texts(node.body, place, depth + 1)
            yield from self.texts(node.orelse, place, depth + 1)
        elif isinstance(node, _ast.BoolOp):
            for one in node.values:
                yield from self.texts(one, place, depth + 1)
        elif isinstance(node, _ast.NamedExpr):
            yield from self.texts(node.value, place, depth + 1)
        elif isinstance(node, _ast.Call):
            yield from self._called(node, place, depth)
        elif isinstance(node, _ast.Subscript):
            yield from self._picked(node, place, depth)
        elif isinstance(node, (_ast.Name, _ast.Attribute)):
            if isinstance(node, _ast.Attribute):
                for value, there in self._member_values(node, place):
                    yield from self.texts(value, there, depth + 1)
            for binding in self.values(node, place):
                if binding.kind == "other":
                    yield from self._texts_of_part(binding, depth)
                elif binding.kind == "augment":
                    yield from self._augmented(node, binding, depth)
                if not isinstance(binding.value, _ast.expr):
                    continue
                there = self.place_of(binding)
                if binding.kind in ("assign", "param"):
                    yield from self.texts(binding.value, there, depth + 1)
                elif binding.kind == "item":
                    for one, home in self.elements(binding.value, there, depth + 1):
                        yield from self.texts(one, home, depth + 1)

    def _augmented(self, node: _ast.expr, binding: Binding, depth: int) -> Iterator[Text]:
        """Yield what a name holds after `name += value`."""
        value = binding.value
        assert isinstance(value, _ast.expr)
        there = self.place_of(binding)
        before = [*self.texts(node, there, depth + 1)]
        added = [*self.texts(value, there, depth + 1)]
        if len(before) == 1 and len(added) == 1:
            one, other = before[0].value, added[0].value
            yield Text(one + other if one is not None and other is not None else None, value)
        elif before or added:
            yield Text(None, value)

    def _texts_of_part(self, binding: Binding, depth: int) -> Iterator[Text]:
        if isinstance(binding.value, tuple):
            source, index, is_item = binding.value
            place = self.place_of(binding)
            for one, there in self._parts(source, index, is_item, place, depth + 1):
                yield from self.texts(one, there, depth + 1)

    @_remembered
    def elements(
        self, node: _ast.AST, place: Place, depth: int = 0
    ) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield the items of a collection that is written here, each with its place.

        Args:
            node: A display, a name of one, a copy such as `sorted(...)`, or a concatenation; of a
                dict the keys are meant, and `.values()` gives the others.
            place: Where it stands.
            depth: How many names were followed.
        """
        if depth > DEPTH_MAX:
            return
        inner: list[_ast.expr] = []
        if isinstance(node, (_ast.List, _ast.Tuple, _ast.Set)):
            for one in node.elts:
                if isinstance(one, _ast.Starred):
                    inner.append(one.value)
                else:
                    yield one, place
        elif isinstance(node, _ast.Dict):
            for key, value in zip(node.keys, node.values):  # noqa: B905 (equal by grammar)
                if key is not None:
                    yield key, place
                else:
                    inner.append(value)
        elif isinstance(node, _ast.Call):
            if node.args and not _SAME_ITEMS.isdisjoint(self.names(node.func, place, depth + 1)):
                inner = node.args[:1]
            elif isinstance(node.func, _ast.Attribute) and node.func.attr in ("keys", "copy"):
                inner = [node.func.value]
            elif isinstance(node.func, _ast.Attribute) and node.func.attr == "values":
                for holder, there in self.displays(node.func.value, place):
                    for value in getattr(holder, "values", ()):
                        yield value, there
            elif isinstance(node.func, _ast.Attribute) and node.func.attr == "split":
                for value in self._words(node.func.value, node.args, place):
                    yield value, place
        elif isinstance(node, _ast.BinOp):
            inner = [node.left, node.right]
        elif isinstance(node, _ast.IfExp):
            inner = [node.body, node.orelse]
        elif isinstance(node, (_ast.ListComp, _ast.SetComp, _ast.GeneratorExp)):
            yield node.elt, self.inside(node, place)
        elif isinstance(node, (_ast.Name, _ast.Attribute)):
            for holder, there in self.displays(node, place):
                yield from self.elements(holder, there, depth + 1)
        for one in inner:
            yield from self.elements(one, place, depth + 1)

    def _words(
        self, node: _ast.expr, args: list[_ast.expr], place: Place
    ) -> Iterator[_ast.Constant]:
        """Yield the parts of `"one two".split()` as if each were written there."""
        text = self.text(node, place)
        glue = self.text(args[0], place) if args else None
        if text is not None and bool(args) == bool(glue):
            for part in text.split(glue):
                yield _ast.Constant(
                    part,
                    PART,
                    lineno=node.lineno,
                    col_offset=node.col_offset,
                    end_lineno=node.end_lineno,
                    end_col_offset=node.end_col_offset,
                )

    def inside(self, node: _ast.expr, place: Place) -> Place:
        """Return the place of what a comprehension makes."""
        for scope in place.scope.inner:
            if scope.node is node:
                return Place(scope, place.block, place.order, place.statement)
        return place

    def displays(self, node: _ast.AST, place: Place) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield what a name was assigned, the expression itself when it is no name."""
        if not isinstance(node, (_ast.Name, _ast.Attribute)):
            if isinstance(node, _ast.expr):
                yield node, place
            return
        for binding in self.values(node, place):
            if binding.kind == "assign" and isinstance(binding.value, _ast.expr):
                yield binding.value, self.place_of(binding)

    def text(self, node: _ast.AST | None, place: Place) -> str | None:
        """Return the one string that an expression holds, None when it is unknown or several."""
        found = {one.value for one in self.texts(node, place)}
        return found.pop() if len(found) == 1 else None

    def values(self, node: _ast.AST, place: Place) -> list[Binding]:
        """Return the bindings of a name, of `self.name`, or of a plain class's attribute."""
        if isinstance(node, _ast.Name):
            return self.bindings(node.id, place)
        if not isinstance(node, _ast.Attribute):
            return []
        is_own = isinstance(node.value, _ast.Name) and node.value.id in ("self", "cls")
        owner = place.scope.owner if is_own else None
        if owner is not None:
            return [*owner.names.get(node.attr, ()), *owner.attributes.get(node.attr, ())]
        found: list[Binding] = []
        for holder, binding in self._classes_named(node.value, place):
            if not _may_be_enum(holder):
                found += [
                    Binding("assign", value, binding.order, binding.block, binding.scope)
                    for statement in holder.body
                    for target, value in _assigned(statement)
                    if target == node.attr
                ]
        return found

    def _classes_named(
        self, node: _ast.expr, place: Place
    ) -> Iterator[tuple[_ast.ClassDef, Binding]]:
        """Yield the classes of this file that `Outer` or `Outer.Inner` means."""
        if isinstance(node, _ast.Name):
            for binding in self.bindings(node.id, place):
                if isinstance(binding.value, _ast.ClassDef):
                    yield binding.value, binding
        elif isinstance(node, _ast.Attribute):
            for outer, binding in self._classes_named(node.value, place):
                for statement in outer.body:
                    if isinstance(statement, _ast.ClassDef) and statement.name == node.attr:
                        yield statement, binding

    def _member_values(
        self, node: _ast.Attribute, place: Place
    ) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield what `Kind.PAID.value` holds, and `Kind.PAID` of an enum of strings."""
        member: _ast.expr = node
        if node.attr == "value" and isinstance(node.value, _ast.Attribute):
            member = node.value
        if not isinstance(member, _ast.Attribute):
            return
        for holder, binding in self._classes_named(member.value, place):
            there = self.place_of(binding)
            bases = {*self._local_bases(holder, there)}
            is_text = "builtins.str" in bases or "enum.StrEnum" in bases
            if (is_text or member is not node) and bases & _ENUMS:
                for statement in holder.body:
                    for target, value in _assigned(statement):
                        if target == member.attr:
                            yield value, there

    def _local_bases(self, node: _ast.ClassDef, place: Place, depth: int = 0) -> Iterator[str]:
        """Yield the names of the bases of a class, and of those that this file defines."""
        for base in node.bases if depth < DEPTH_MAX else ():
            yield from self.names(base, place)
            for inner, binding in self._classes_named(base, place):
                yield from self._local_bases(inner, self.place_of(binding), depth + 1)

    def _joined(self, node: _ast.JoinedStr, place: Place, depth: int) -> str | None:
        parts = []
        for one in node.values:
            inner = one.value if isinstance(one, _ast.FormattedValue) else one
            if isinstance(one, _ast.FormattedValue) and one.format_spec is not None:
                return None
            found = {text.value for text in self.texts(inner, place, depth + 1)}
            if len(found) != 1:
                return None
            parts.append(found.pop())
        return None if None in parts else "".join(one for one in parts if one is not None)

    def _operated(self, node: _ast.BinOp, place: Place, depth: int) -> Iterator[Text]:
        left = [*self.texts(node.left, place, depth + 1)]
        if isinstance(node.op, _ast.Add):
            right = [*self.texts(node.right, place, depth + 1)]
            if len(left) == 1 and len(right) == 1:
                one, other = left[0].value, right[0].value
                yield Text(one + other if one is not None and other is not None else None, node)
            elif left or right:
                yield Text(None, node)
        elif isinstance(node.op, _ast.Mod) and left:
            right = [*self.texts(node.right, place, depth + 1)]
            yield Text(_formatted(left, right), node)
        elif isinstance(node.op, _ast.Mult) and left:
            yield Text(None, node)

    def _called(self, node: _ast.Call, place: Place, depth: int) -> Iterator[Text]:
        func = node.func
        if isinstance(func, _ast.Attribute) and func.attr in _STRING_METHODS:
            texts = [*self.texts(func.value, place, depth + 1)]
            if func.attr == "join" and len(texts) == 1 and len(node.args) == 1:
                yield Text(self._join(texts[0].value, node.args[0], place, depth), node)
            elif func.attr in _PLAIN_METHODS and not node.args:
                for text in texts:
                    known = text.value
                    yield Text(None if known is None else getattr(known, func.attr)(), node)
            elif texts:
                yield Text(None, node)
        elif isinstance(func, _ast.Attribute) and func.attr in ("substitute", "safe_substitute"):
            made = getattr(func.value, "func", None)
            if "string.Template" in self.names(made, place):
                yield Text(None, node)
        elif isinstance(func, _ast.Attribute) and func.attr == "decode":
            yield from self._decoded(func.value, place, depth)
        elif isinstance(func, _ast.Name) and self.names(func, place) == ("builtins.str",):
            inner = [*self.texts(node.args[0], place, depth + 1)] if len(node.args) == 1 else []
            if len(node.args) > 1:
                inner = [*self._decoded(node.args[0], place, depth)]
            yield Text(inner[0].value if len(inner) == 1 else None, node)
        elif isinstance(func, _ast.Attribute) and func.attr in ("get", "pop") and node.args:
            for one, there in self.picked_from(func.value, node.args[0], place):
                yield from self.texts(one, there, depth + 1)
            for one in node.args[1:]:
                yield from self.texts(one, place, depth + 1)
        else:
            for value, there in (*self._passed_on(node, place), *self.returned(func, place)):
                yield from self.texts(value, there, depth + 1)

    def _passed_on(self, node: _ast.Call, place: Place) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield what a call returns as it is given it: `cast(str, x)`, `choice([x, y])`."""
        names = self.names(node.func, place)
        for index in {_SAME_TEXT[one] for one in names if one in _SAME_TEXT}:
            if len(node.args) == index + 1:
                yield node.args[index], place
        if len(node.args) == 1 and not _PICKING.isdisjoint(names):
            yield from self.elements(node.args[0], place)
        if len(node.args) == 1 and isinstance(node.func, _ast.Name):
            for made, there in self.displays(node.func, place):
                if isinstance(made, _ast.Call) and _is_new_type(self.names(made.func, there)):
                    yield node.args[0], place

    def _decoded(self, node: _ast.expr, place: Place, depth: int) -> Iterator[Text]:
        """Yield the strings that bytes which are written here become."""
        for one, there in self.displays(node, place):
            if isinstance(one, _ast.Constant) and isinstance(one.value, bytes):
                yield Text(one.value.decode("utf-8", "replace"), one)
            elif isinstance(one, _ast.Call) and getattr(one.func, "attr", "") == "encode":
                yield from self.texts(one.func.value, there, depth + 1)  # type: ignore[attr-defined]

    def returned(self, func: _ast.expr, place: Place) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield what a function or method of this file returns."""
        for binding in self.values(func, place):
            if isinstance(binding.value, _ast.Lambda) and binding.kind == "assign":
                yield binding.value.body, self.place_of(binding)
            elif isinstance(binding.value, FUNCTIONS):
                yield from self.returned_by(binding.value)

    def returned_by(self, function: _ast.AST) -> list[tuple[_ast.expr, Place]]:
        """Return what a function of this file returns, by its node."""
        return self._returns.get(id(function), [])

    @property
    def _returns(self) -> dict[int, list[tuple[_ast.expr, Place]]]:
        """Identity of a function's node -> what it returns."""
        if self._returned is None:
            self._returned = {}
            for node, place in self.seen.all(_ast.Return):
                assert isinstance(node, _ast.Return)
                if node.value is not None:
                    function = id(place.scope.node)
                    self._returned.setdefault(function, []).append((node.value, place))
        return self._returned

    def _join(self, glue: str | None, node: _ast.expr, place: Place, depth: int) -> str | None:
        holders = [*self.displays(node, place)]
        if glue is None or len(holders) != 1 or not isinstance(holders[0][0], _LISTS):
            return None
        parts = []
        display, there = holders[0]
        for one in display.elts:  # type: ignore[attr-defined]
            found = {text.value for text in self.texts(one, there, depth + 1)}
            part = found.pop() if len(found) == 1 else None
            if part is None:
                return None
            parts.append(part)
        return glue.join(parts)

    def _picked(self, node: _ast.Subscript, place: Place, depth: int) -> Iterator[Text]:
        """Yield the strings of `TYPES["created"]` and `TYPES[0]`, with literal containers."""
        if isinstance(node.slice, _ast.Slice):
            if any(True for _ in self.texts(node.value, place, depth + 1)):
                yield Text(None, node)
            return
        for one, there in self.picked_from(node.value, node.slice, place):
            yield from self.texts(one, there, depth + 1)

    def picked_from(
        self, container: _ast.expr, key: _ast.expr, place: Place
    ) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield what a subscript may take out of a container that is written here."""
        wanted = key.value if isinstance(key, _ast.Constant) else None
        if isinstance(container, _ast.Call) and getattr(container.func, "attr", "") == "split":
            yield from self.elements(container, place)
        for holder, there in self.displays(container, place):
            if isinstance(holder, _ast.Dict):
                for one, value in zip(holder.keys, holder.values):  # noqa: B905 (equal by grammar)
                    if wanted is None or (isinstance(one, _ast.Constant) and one.value == wanted):
                        yield value, there
            elif isinstance(holder, (_ast.List, _ast.Tuple)):
                for index, value in enumerate(holder.elts):
                    if wanted is None or wanted in (index, index - len(holder.elts)):
                        yield value, there


_LISTS = (_ast.List, _ast.Tuple)
# Expressions of an assignment that may name what was named before.
_NAMING = (_ast.Name, _ast.Attribute, _ast.Subscript, _ast.Call, _ast.IfExp, _ast.NamedExpr)
_ENUMS = frozenset({"enum.Enum", "enum.StrEnum", "enum.ReprEnum"})
# Containers whose items are of their last argument, with those whose first are keys.
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})
_CONTAINERS = frozenset(
    {
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence"),
        *("Iterable", "Iterator", "Collection", "MutableSequence", "MutableSet", "AbstractSet"),
        *("deque", "Deque", "Generator", "AsyncIterable", "AsyncIterator", "AsyncGenerator"),
        *("Reversible", "ValuesView", "Queue"),
    }
)
# Between whose brackets the type of the value itself stands.
_SEEN_THROUGH = frozenset(
    {
        *("Optional", "Union", "Annotated", "Final", "ClassVar", "InitVar", "Required"),
        *("NotRequired", "ReadOnly", "Mapped"),
    }
)
# Functions that return what they are given, or a copy of it.
_SAME = frozenset(
    {"copy.copy", "copy.deepcopy", "copy.replace", "dataclasses.replace", "attrs.evolve"}
)
# Functions that return the function that they are given.
_WRAPPERS = frozenset({"functools.partial", "builtins.staticmethod", "builtins.classmethod"})
_SAME_ITEMS = frozenset(
    f"builtins.{name}"
    for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter")
)
# Functions that return some of the items of their second argument.
_SOME_ITEMS = frozenset(
    {"builtins.filter", "itertools.filterfalse", "itertools.takewhile", "itertools.dropwhile"}
)
# Functions that return a string that they are given: position of that among their arguments.
_SAME_TEXT = {"typing.cast": 1, "sys.intern": 0}
# Functions that return one of the items that they are given.
_PICKING = frozenset({"random.choice", "secrets.choice", "builtins.next", "builtins.max"})
# Methods of strings whose result is known when the string is, and they are given nothing.
_PLAIN_METHODS = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold"}
)
_STRING_METHODS = frozenset(
    {
        *("format", "join", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "title"),
        *("removeprefix", "removesuffix", "capitalize", "casefold", "format_map"),
    }
)


def _is_new_type(names: tuple[str, ...]) -> bool:
    """Return whether one of some names is `typing.NewType`, of any module of types."""
    return any(one.endswith(".NewType") for one in names)


def _formatted(left: list[Text], right: list[Text]) -> str | None:
    """Return what `left % right` is when both are one known string."""
    if len(left) != 1 or len(right) != 1 or left[0].value is None or right[0].value is None:
        return None
    try:
        return left[0].value % right[0].value
    except (TypeError, ValueError):
        return None


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


def _assigned(statement: _ast.stmt) -> Iterator[tuple[str, _ast.expr]]:
    if isinstance(statement, _ast.Assign):
        for target in statement.targets:
            if isinstance(target, _ast.Name):
                yield target.id, statement.value
    elif (
        isinstance(statement, _ast.AnnAssign)
        and isinstance(statement.target, _ast.Name)
        and statement.value is not None
    ):
        yield statement.target.id, statement.value


def _may_be_enum(node: _ast.ClassDef) -> bool:
    """Return whether a class has a base that can make its attributes more than their values."""
    return any(
        not (isinstance(base, _ast.Name) and base.id in ("object", "Protocol"))
        for base in node.bases
    ) or bool(node.keywords)


def parsed(text: str) -> _ast.expr | None:
    """Return the expression that a quoted annotation holds, None when it is none."""
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # any string may be asked, also prose such as `1or`
            tree: _ast.Expression = compile(text.strip(), "<annotation>", "eval", ONLY_AST)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return tree.body


def type_of_alias(module: Module, binding: Binding) -> _ast.expr | None:
    """Return the type that a binding gives another name, None when it is no alias of a type."""
    value = binding.value
    if binding.kind != "assign":
        return None
    if isinstance(value, (_ast.Name, _ast.Attribute, _ast.Subscript, _ast.BinOp)):
        return value
    there = module.place_of(binding)
    if isinstance(value, _ast.Call):
        made = {name.rpartition(".")[2] for name in module.names(value.func, there)}
        if made & {"NewType", "TypeAliasType"} and len(value.args) > 1:
            return value.args[1]
        bounds = [one.value for one in value.keywords if one.arg == "bound"]
        return bounds[0] if "TypeVar" in made and bounds else None
    if isinstance(value, _ast.Constant) and isinstance(value.value, str):
        names = module.names(binding.annotation, there)
        return value if any(name.endswith(".TypeAlias") for name in names) else None
    return None
