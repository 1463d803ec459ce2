"""Which classes the values of a file may be instances of."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import parsed, type_of_alias
from failtrack_guard.code.names import Names
from failtrack_guard.code.remembered import DEPTH_MAX, remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.scopes import Binding, Place

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
SAME_ITEMS = frozenset(
    f"builtins.{name}"
    for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter")
)
# Functions that return some of the items of their second argument.
_SOME_ITEMS = frozenset(
    {"builtins.filter", "itertools.filterfalse", "itertools.takewhile", "itertools.dropwhile"}
)


class Instances(Names):
    """The part of `Module` that knows classes from annotations and calls."""

    @remembered
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

    @remembered
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
            if not SAME_ITEMS.isdisjoint(called) and node.args:
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
