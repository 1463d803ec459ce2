"""Annotations of one file that mean a plain `str`, also through unions, containers and aliases."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.annotations import parsed, type_of_alias
from failtrack_guard.code.project import matches
from failtrack_guard.code.remembered import DEPTH_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding, Place

STRINGS = frozenset(
    {
        *("builtins.str", "typing.Text", "typing.AnyStr"),
        *("typing.LiteralString", "typing_extensions.LiteralString"),
        *("pydantic.StrictStr", "pydantic.types.StrictStr"),
    }
)
# Calls in an annotation that make a `str` with conditions.
_CONSTRAINED = frozenset({"pydantic.constr", "pydantic.types.constr"})
# `hash: Literal["sha256", "md5"]` chooses how to hash.
_ALGORITHM = re.compile(r"(md\d|sha|blake|ripemd|sm\d|crc|adler|xxh|murmur|fnv)[\w-]*", re.I)

# What stands between the brackets of an annotation, by the last part of the name before them.
_SAME = frozenset(
    {
        *("Optional", "Union", "Final", "ClassVar", "InitVar", "Required", "NotRequired"),
        *("ReadOnly", "Mapped"),
    }
)
_FIRST_IS_ITEM = frozenset(
    {
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "deque", "Deque", "Sequence"),
        *("MutableSequence", "Iterable", "Iterator", "Collection", "Container", "Reversible"),
        *("AbstractSet", "MutableSet", "Generator", "AsyncIterable", "AsyncIterator"),
        *("AsyncGenerator", "KeysView", "ValuesView"),
    }
)
_LAST_IS_VALUE = frozenset(
    {
        *("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict"),
        *("OrderedDict", "ChainMap", "ItemsView"),
    }
)
_LAST_IS_RESULT = frozenset({"Awaitable", "Coroutine", "Future", "Task"})


class Leaf:
    """A part of an annotation that means a plain string, or may mean one.

    Args:
        node: The part: a name, an attribute, or what makes such a type.
        quote: The quoted annotation in which it stands, None when it is not quoted.
        names: Dotted names that must be asked of other files, empty when it surely is `str`.
        is_itself: Whether it can be replaced as it stands; an alias of more than `str` cannot.
    """

    __slots__ = ("is_itself", "names", "node", "quote")

    def __init__(
        self,
        node: _ast.expr,
        quote: _ast.Constant | None,
        names: tuple[str, ...] = (),
        *,
        is_itself: bool = True,
    ) -> None:
        self.node = node
        self.quote = quote
        self.names = names
        self.is_itself = is_itself


class StringTypes:
    """Reads the annotations of one file.

    Args:
        module: The file.
        wanted: Dotted name of the type that is no plain string, whatever it is made of; one part
            may be `*`.
    """

    def __init__(self, module: Module, wanted: str) -> None:
        self.module = module
        self.wanted = wanted

    def is_wanted(self, dotted: str) -> bool:
        """Return whether a dotted name is the type."""
        return matches(dotted, self.wanted)

    def leaves(
        self,
        node: _ast.AST | None,
        place: Place,
        inside: str = "any",
        quote: _ast.Constant | None = None,
        depth: int = 0,
    ) -> Iterator[Leaf]:
        """Yield the parts of an annotation that mean a plain string, or may mean one.

        Args:
            node: The annotation.
            place: Where it stands.
            inside: `any` looks into containers, `value` does not, `item` wants what a loop over it
                gives, `picked` what a subscript gives.
            quote: The quoted annotation in which it stands.
            depth: How deep it lies.
        """
        if depth > DEPTH_MAX or node is None:
            return
        if isinstance(node, _ast.Constant):
            inner = parsed(node.value) if isinstance(node.value, str) else None
            for leaf in self.leaves(inner, place, inside, quote or node, depth + 1):
                leaf.is_itself = leaf.is_itself and quote is None
                yield leaf
        elif isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.BitOr):
            for side in (node.left, node.right):
                yield from self.leaves(side, place, inside, quote, depth + 1)
        elif isinstance(node, _ast.Subscript):
            if self._is_literal(node, place) and inside in ("any", "value"):
                yield Leaf(node, quote, is_itself=False)
            for part, deeper in self._parts(node, place, inside):
                yield from self.leaves(part, place, deeper, quote, depth + 1)
        elif isinstance(node, (_ast.Name, _ast.Attribute)) and inside in ("any", "value"):
            yield from self._named(node, place, inside, quote, depth)
        elif isinstance(node, _ast.Name):
            for _, body, there in self.alias_bodies(node, place):
                yield from self.leaves(body, there, inside, quote, depth + 1)
        elif isinstance(node, _ast.Call) and not _CONSTRAINED.isdisjoint(
            self.module.names(node.func, place)
        ):
            yield Leaf(node, quote, is_itself=False)

    def is_plain(self, node: _ast.AST | None, place: Place, inside: str = "value") -> bool:
        """Return whether an annotation surely means a plain string; see `leaves`."""
        return any(not leaf.names for leaf in self.leaves(node, place, inside))

    def _parts(
        self, node: _ast.Subscript, place: Place, inside: str
    ) -> Iterator[tuple[_ast.expr, str]]:
        """Yield what stands between the brackets and counts, and what is wanted of it."""
        outer = {name.rpartition(".")[2] for name in self.module.names(node.value, place)}
        if any(isinstance(body, _ast.BinOp) for _, body, _ in self.alias_bodies(node.value, place)):
            outer = {"Union"}  # `Maybe[str]` after `Maybe = T | None`
        parts = node.slice.elts if isinstance(node.slice, _ast.Tuple) else [node.slice]
        if not parts:
            return
        deeper = "value" if inside in ("item", "picked") else inside
        if "Annotated" in outer:
            yield parts[0], inside
        elif outer & _SAME:
            for part in parts:
                yield part, inside
        elif outer & _LAST_IS_RESULT and inside == "any":
            yield parts[-1], inside
        elif inside == "value":
            return
        elif outer & _FIRST_IS_ITEM:
            yield parts[0], deeper
        elif outer & _LAST_IS_VALUE:
            if inside == "any" and self._is_type(parts[0], place):
                return  # what is found by a hash is none
            yield parts[0] if inside == "item" else parts[-1], deeper
        elif outer & {"tuple", "Tuple"}:
            yield from self._tuple_parts(parts, place, deeper)

    def _is_literal(self, node: _ast.Subscript, place: Place) -> bool:
        """Return whether an annotation is a `Literal` of strings that may be hashes."""
        names = self.module.names(node.value, place)
        if not any(name.endswith(".Literal") for name in names):
            return False
        parts = node.slice.elts if isinstance(node.slice, _ast.Tuple) else [node.slice]
        texts = [one.value for one in parts if isinstance(one, _ast.Constant)]
        return any(isinstance(one, str) and not _ALGORITHM.fullmatch(one) for one in texts)

    def _is_type(self, node: _ast.expr, place: Place) -> bool:
        return any(self.is_wanted(name) for name in self.module.annotated(node, place))

    def _tuple_parts(
        self, parts: list[_ast.expr], place: Place, inside: str
    ) -> Iterator[tuple[_ast.expr, str]]:
        """Of a pair the last part is the hash: the first may well be its name.

        Where one part is the type, the others are something else.
        """
        if len(parts) == 2 and isinstance(parts[1], _ast.Constant) and parts[1].value is ...:
            yield parts[0], inside
        elif all(self.is_plain(part, place, inside) for part in parts):
            for part in parts:
                yield part, inside
        elif any(self._is_type(part, place) for part in parts):
            return
        else:
            yield parts[-1], inside

    def _named(
        self,
        node: _ast.Name | _ast.Attribute,
        place: Place,
        inside: str,
        quote: _ast.Constant | None,
        depth: int,
    ) -> Iterator[Leaf]:
        names = self.module.names(node, place)
        if any(self.is_wanted(name) for name in names):
            return
        for binding, body, there in self.alias_bodies(node, place):
            is_name = isinstance(body, (_ast.Name, _ast.Attribute)) and body is binding.value
            for leaf in self.leaves(body, there, inside, None, depth + 1):
                yield Leaf(node, quote, leaf.names, is_itself=is_name and leaf.is_itself)
                return
        if not STRINGS.isdisjoint(names):
            yield Leaf(node, quote)
            return
        asked = tuple(name for name in names if "." in name and not name.startswith("builtins."))
        if asked:
            yield Leaf(node, quote, asked, is_itself=False)

    def alias_bodies(
        self, node: _ast.expr, place: Place
    ) -> Iterator[tuple[Binding, _ast.expr, Place]]:
        """Yield what a name stands for that is bound here to a type: the binding and the type."""
        if not isinstance(node, _ast.Name):
            return
        for binding in self.module.bindings(node.id, place):
            body = type_of_alias(self.module, binding)
            own = (self.module.name, binding.scope.qualname, node.id)
            if not self.is_wanted(".".join(part for part in own if part)):
                there = self.module.place_of(binding)
                for one in [body] if body is not None else self._constraints(binding, there):
                    yield binding, one, there

    def _constraints(self, binding: Binding, place: Place) -> list[_ast.expr]:
        """Return the types of which a `TypeVar("T", str, bytes)` is one."""
        made = binding.value
        if binding.kind != "assign" or not isinstance(made, _ast.Call) or len(made.args) < 3:
            return []
        names = self.module.names(made.func, place)
        return made.args[1:] if any(name.endswith(".TypeVar") for name in names) else []
