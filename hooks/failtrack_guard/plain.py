"""Plain strings of one file: annotations that mean `str`, and expressions that make one."""

from __future__ import annotations

import _ast

from failtrack_guard.module import DEPTH_MAX, parsed, type_of_alias
from failtrack_guard.project import matches
from failtrack_guard.scopes import FUNCTIONS, Binding, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from failtrack_guard.module import Module

STRINGS = frozenset(
    {"builtins.str", "typing.Text", "typing.LiteralString", "typing_extensions.LiteralString"}
)

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

# What returns a string, whatever it is given.
_MAKERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("str", "repr", "ascii", "format", "hex", "oct", "bin")),
        *("builtins.chr", "builtins.input", "os.getenv", "os.environ.get", "json.dumps"),
        *("secrets.token_hex", "secrets.token_urlsafe", "os.fspath", "textwrap.dedent"),
        *("typing.Text", "re.sub", "os.path.join", "os.path.basename", "os.path.dirname"),
    }
)
_STRING_TABLES = frozenset({"os.environ", "sys.argv"})
_MAKING_METHODS = frozenset({"hexdigest", "hex", "read_text", "__str__", "__repr__", "__format__"})
_STRING_METHODS = frozenset(
    {
        *("format", "format_map", "join", "lower", "upper", "strip", "lstrip", "rstrip", "replace"),
        *("title", "capitalize", "casefold", "swapcase", "removeprefix", "removesuffix", "zfill"),
        *("ljust", "rjust", "center", "translate", "expandtabs", "__add__", "__mod__"),
    }
)
_SPLITTING_METHODS = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})
_BYTES_MAKERS = (
    *("binascii.", "base64.", "subprocess.check_output", "codecs.encode", "builtins.bytes"),
    *("os.urandom", "secrets.token_bytes"),
)
_COLLECTIONS = frozenset(
    f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed")
)


class Leaf:
    """A part of an annotation that means a plain string, or may mean one.

    Args:
        node: The part: a name or an attribute.
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


class Plain:
    """Tells plain strings in one file.

    Args:
        module: The file.
        wanted: Dotted name of the type that is no plain string, whatever it is made of; one part
            may be `*`.
        is_judged: Whether the annotation of a name is judged where it stands, so that what is
            annotated there proves nothing elsewhere.
    """

    def __init__(self, module: Module, wanted: str, is_judged: Callable[[str], bool]) -> None:
        self.module = module
        self.wanted = wanted
        self.is_judged = is_judged
        self._functions: dict[str, list[tuple[_ast.AST, Place]]] | None = None
        self._attributes: dict[tuple[int, str], bool] = {}
        self._known: dict[tuple[int, int, int], tuple[_ast.AST, bool]] = {}
        self._returns: dict[int, list[tuple[_ast.expr, Place]]] | None = None

    def is_wanted(self, dotted: str) -> bool:
        """Return whether a dotted name is the type."""
        return matches(dotted, self.wanted)

    # Annotations.

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
            for part, deeper in self._parts(node, place, inside):
                yield from self.leaves(part, place, deeper, quote, depth + 1)
        elif isinstance(node, (_ast.Name, _ast.Attribute)) and inside in ("any", "value"):
            yield from self._named(node, place, inside, quote, depth)
        elif isinstance(node, _ast.Name):
            for _, body, there in self._alias_bodies(node, place):
                yield from self.leaves(body, there, inside, quote, depth + 1)

    def is_plain(self, node: _ast.AST | None, place: Place, inside: str = "value") -> bool:
        """Return whether an annotation surely means a plain string; see `leaves`."""
        return any(not leaf.names for leaf in self.leaves(node, place, inside))

    def _parts(
        self, node: _ast.Subscript, place: Place, inside: str
    ) -> Iterator[tuple[_ast.expr, str]]:
        """Yield what stands between the brackets and counts, and what is wanted of it."""
        outer = {name.rpartition(".")[2] for name in self.module.names(node.value, place)}
        if any(
            isinstance(body, _ast.BinOp) for _, body, _ in self._alias_bodies(node.value, place)
        ):
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

    def _is_type(self, node: _ast.expr, place: Place) -> bool:
        return any(self.is_wanted(name) for name in self.module.annotated(node, place))

    def _tuple_parts(
        self, parts: list[_ast.expr], place: Place, inside: str
    ) -> Iterator[tuple[_ast.expr, str]]:
        """Of a pair the last part is the hash: the first may well be its name."""
        if len(parts) == 2 and isinstance(parts[1], _ast.Constant) and parts[1].value is ...:
            yield parts[0], inside
        elif all(self.is_plain(part, place, inside) for part in parts):
            for part in parts:
                yield part, inside
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
        for binding, body, there in self._alias_bodies(node, place):
            is_name = isinstance(body, (_ast.Name, _ast.Attribute)) and body is binding.value
            for leaf in self.leaves(body, there, inside, None, depth + 1):
                yield Leaf(node, quote, leaf.names, is_itself=is_name and leaf.is_itself)
                return
        if not STRINGS.isdisjoint(names):
            yield Leaf(node, quote)
            return
        own = f"{self.module.name}."
        asked = tuple(
            name for name in names if "." in name and not name.startswith((own, "builtins."))
        )
        if asked:
            yield Leaf(node, quote, asked, is_itself=False)

    def _alias_bodies(
        self, node: _ast.expr, place: Place
    ) -> Iterator[tuple[Binding, _ast.expr, Place]]:
        """Yield what a name stands for that is bound here to a type: the binding and the type."""
        if not isinstance(node, _ast.Name):
            return
        for binding in self.module.bindings(node.id, place):
            body = type_of_alias(self.module, binding)
            own = (self.module.name, binding.scope.qualname, node.id)
            if body is not None and not self.is_wanted(".".join(part for part in own if part)):
                yield binding, body, self.module.place_of(binding)

    # Values.

    def is_string(self, node: _ast.AST | None, place: Place, depth: int = 0) -> bool:
        """Return whether an expression can be seen to give a plain string, at least sometimes."""
        judge = _JUDGES.get(type(node))
        if judge is None or node is None or depth > DEPTH_MAX:
            return False
        # What is asked about itself while it is answered is nothing.
        key = (id(node), id(place.scope), place.order)
        known = self._known.get(key)
        if known is None:
            self._known[key] = (node, False)  # the node is kept, so that its id stays its own
            known = self._known[key] = (node, judge(self, node, place, depth + 1))
        return known[1]

    def _constant(self, node: _ast.Constant, place: Place, depth: int) -> bool:
        return isinstance(node.value, str)

    def _joined(self, node: _ast.JoinedStr, place: Place, depth: int) -> bool:
        return True

    def _operated(self, node: _ast.BinOp, place: Place, depth: int) -> bool:
        one: _ast.expr = node
        # A long sum is deep, not wide.
        while isinstance(one, _ast.BinOp) and isinstance(one.op, (_ast.Add, _ast.Mult)):
            if self.is_string(one.right, place, depth):
                return True
            one = one.left
        if one is node:
            return isinstance(node.op, _ast.Mod) and self.is_string(node.left, place, depth)
        return self.is_string(one, place, depth)

    def _chosen(self, node: _ast.IfExp, place: Place, depth: int) -> bool:
        return self.is_string(node.body, place, depth) or self.is_string(node.orelse, place, depth)

    def _either(self, node: _ast.BoolOp, place: Place, depth: int) -> bool:
        values = node.values if isinstance(node.op, _ast.Or) else node.values[-1:]
        return any(self.is_string(one, place, depth) for one in values)

    def _inner(self, node: _ast.NamedExpr, place: Place, depth: int) -> bool:
        return self.is_string(node.value, place, depth)

    def _awaited(self, node: _ast.Await, place: Place, depth: int) -> bool:
        called = node.value
        if not isinstance(called, _ast.Call):
            return False
        return any(
            self.returns_string(function, there, depth)
            for function, there in self.functions_of(called.func, place)
            if isinstance(function, _ast.AsyncFunctionDef)
        )

    def _called(self, node: _ast.Call, place: Place, depth: int) -> bool:
        functions = self.functions_of(node.func, place)
        if functions:
            return any(
                self.returns_string(function, there, depth)
                for function, there in functions
                if not isinstance(function, _ast.AsyncFunctionDef)
            )
        func = node.func
        names = self.module.names(func, place)
        if not _MAKERS.isdisjoint(names):
            return True
        if isinstance(func, _ast.Attribute):
            return self._method_called(node, func, place, depth)
        if not isinstance(func, _ast.Name):
            return False
        if {"typing.cast", "typing_extensions.cast"} & set(names) and node.args:
            return self.is_plain(node.args[0], place)
        return self._new_type_called(func, place) or self._lambda_called(func, place, depth)

    def _new_type_called(self, func: _ast.Name, place: Place) -> bool:
        """Return whether a name is an alias of `str`, or a `NewType` over it: both make strings."""
        return any(self.is_plain(body, there) for _, body, there in self._alias_bodies(func, place))

    def _lambda_called(self, func: _ast.Name, place: Place, depth: int) -> bool:
        """Return whether a name is a lambda that makes a string, or `hexdigest` of something."""
        for binding in self.module.bindings(func.id, place):
            value = binding.value
            if isinstance(value, _ast.Attribute) and value.attr in _MAKING_METHODS:
                return True
            if isinstance(value, _ast.Lambda) and self.is_string(
                value.body, self.module.place_of(binding), depth
            ):
                return True
        return False

    def _method_called(
        self, node: _ast.Call, func: _ast.Attribute, place: Place, depth: int
    ) -> bool:
        name, value = func.attr, func.value
        if name in _MAKING_METHODS:
            return True
        if name in _STRING_METHODS:
            return self.is_string(value, place, depth)
        if name == "decode":
            return self._is_bytes(value, place, depth)
        if name in ("get", "pop", "setdefault"):
            key = node.args[0] if node.args else None
            wanted = key.value if isinstance(key, _ast.Constant) else None
            return self._gives(value, place, "picked", depth, wanted)
        return False

    def _is_bytes(self, node: _ast.expr, place: Place, depth: int) -> bool:
        if depth > DEPTH_MAX:
            return False
        if isinstance(node, _ast.Constant):
            return isinstance(node.value, bytes)
        if isinstance(node, _ast.Call):
            if isinstance(node.func, _ast.Attribute) and node.func.attr in ("encode", "digest"):
                return True
            names = self.module.names(node.func, place)
            return any(name.startswith(_BYTES_MAKERS) for name in names)
        if not isinstance(node, _ast.Name):
            return False
        return any(
            "builtins.bytes" in self.module.types_of(binding)
            or (
                binding.kind == "assign"
                and isinstance(binding.value, _ast.expr)
                and self._is_bytes(binding.value, self.module.place_of(binding), depth + 1)
            )
            for binding in self.module.bindings(node.id, place)
        )

    def _subscripted(self, node: _ast.Subscript, place: Place, depth: int) -> bool:
        if self.is_string(node.value, place, depth):
            return True
        if isinstance(node.slice, _ast.Slice):
            return False
        wanted = node.slice.value if isinstance(node.slice, _ast.Constant) else None
        return self._gives(node.value, place, "picked", depth, wanted)

    def _name(self, node: _ast.Name, place: Place, depth: int) -> bool:
        return self._any_is_string(node.id, self.module.values(node, place), depth)

    def _attribute(self, node: _ast.Attribute, place: Place, depth: int) -> bool:
        if node.attr == "hex":
            made = self.module.types(node.value, place)
            if any(name.lower().startswith("uuid.uuid") for name in made):
                return True
        functions = self.functions_of(node, place)
        if any(self._is_property(one) for one, _ in functions):
            return any(self.returns_string(one, there, depth) for one, there in functions)
        bindings = self.module.values(node, place)
        if not isinstance(node.value, _ast.Name) or node.value.id != "self":
            return self._any_is_string(node.attr, bindings, depth)
        # `self.name` is the same wherever it stands in a class.
        key = (id(place.scope.owner), node.attr)
        if key not in self._attributes:
            self._attributes[key] = False
            self._attributes[key] = self._any_is_string(node.attr, bindings, depth)
        return self._attributes[key]

    def _any_is_string(self, name: str, bindings: list[Binding], depth: int) -> bool:
        return any(self._is_bound_to_string(name, binding, depth) for binding in bindings)

    def _is_property(self, node: _ast.AST) -> bool:
        return any(
            (one.attr if isinstance(one, _ast.Attribute) else getattr(one, "id", ""))
            in ("property", "cached_property")
            for one in getattr(node, "decorator_list", ())
        )

    def _is_bound_to_string(self, name: str, binding: Binding, depth: int) -> bool:
        there = self.module.place_of(binding)
        value = binding.value if isinstance(binding.value, _ast.expr) else None
        annotated = binding.annotation
        if annotated is not None and self.is_plain(annotated, there):
            return not self.is_judged(name) or self.is_string(value, there, depth)
        if binding.kind == "item":
            return value is not None and self._gives(value, there, "item", depth)
        if binding.kind == "param" and annotated is not None:
            return False
        return binding.kind in ("assign", "augment", "param") and self.is_string(
            value, there, depth
        )

    def makers_elsewhere(self, node: _ast.expr | None, place: Place) -> tuple[str, ...]:
        """Return the functions of other files that an expression calls, those that it gives."""
        if isinstance(node, _ast.Await):
            node = node.value
        if isinstance(node, _ast.Subscript):
            node = node.value
        if not isinstance(node, _ast.Call):
            return ()
        own = f"{self.module.name}."
        return tuple(
            name
            for name in self.module.names(node.func, place)
            if "." in name and not name.startswith((own, "builtins."))
        )

    # Containers.

    def items_are_strings(self, node: _ast.expr, place: Place) -> bool:
        """Return whether a loop over an expression can be seen to give plain strings."""
        return self._gives(node, place, "item", 0)

    def _gives(
        self, node: _ast.expr, place: Place, how: str, depth: int, wanted: object = None
    ) -> bool:
        """Return whether a loop over a value, or a subscript of it, gives plain strings.

        Args:
            node: The value.
            place: Where it stands.
            how: `item` for a loop, `picked` for a subscript.
            depth: How many names were followed.
            wanted: The subscript, None when it is unknown.
        """
        if depth > DEPTH_MAX:
            return False
        depth += 1
        if isinstance(node, _ast.Dict):
            return self._dict_gives(node, place, how, depth, wanted)
        if isinstance(node, (_ast.List, _ast.Tuple, _ast.Set)):
            if isinstance(wanted, int) and -len(node.elts) <= wanted < len(node.elts):
                return self.is_string(node.elts[wanted], place, depth)
            return any(self.is_string(one, place, depth) for one in node.elts)
        if isinstance(node, (_ast.ListComp, _ast.SetComp, _ast.GeneratorExp)):
            return self.is_string(node.elt, place, depth)
        if isinstance(node, _ast.Call):
            return self._call_gives(node, place, how, depth, wanted)
        if isinstance(node, (_ast.Name, _ast.Attribute)):
            if not _STRING_TABLES.isdisjoint(self.module.names(node, place)):
                return True
            return any(
                self._bound_gives(binding, how, depth, wanted)
                for binding in self.module.values(node, place)
            )
        return self.is_string(node, place, depth)

    def _bound_gives(self, binding: Binding, how: str, depth: int, wanted: object) -> bool:
        there = self.module.place_of(binding)
        annotated = binding.annotation
        if annotated is not None and self._annotation_gives(annotated, there, how, wanted):
            return True
        value = binding.value
        return (
            binding.kind == "assign"
            and isinstance(value, _ast.expr)
            and self._gives(value, there, how, depth, wanted)
        )

    def _dict_gives(
        self, node: _ast.Dict, place: Place, how: str, depth: int, wanted: object
    ) -> bool:
        if how == "item":
            return any(self.is_string(one, place, depth) for one in node.keys)
        return any(
            self.is_string(value, place, depth)
            for key, value in zip(node.keys, node.values)  # noqa: B905 (equal by grammar)
            if wanted is None or (isinstance(key, _ast.Constant) and key.value == wanted)
        )

    def _call_gives(
        self, node: _ast.Call, place: Place, how: str, depth: int, wanted: object
    ) -> bool:
        func = node.func
        if isinstance(func, _ast.Attribute):
            if func.attr in _SPLITTING_METHODS:
                return self.is_string(func.value, place, depth)
            if func.attr == "values":
                return self._gives(func.value, place, "picked", depth)
            if func.attr == "keys":
                return self._gives(func.value, place, "item", depth)
        names = self.module.names(func, place)
        if not _COLLECTIONS.isdisjoint(names) and node.args:
            return self._gives(node.args[0], place, "item", depth)
        if "builtins.map" in names and len(node.args) > 1:
            return not _MAKERS.isdisjoint(self.module.names(node.args[0], place))
        return any(
            self._function_gives(one, there, how, depth, wanted)
            for one, there in self.functions_of(func, place)
        )

    def _function_gives(
        self, node: _ast.AST, place: Place, how: str, depth: int, wanted: object
    ) -> bool:
        if not isinstance(node, FUNCTIONS):
            return False
        if node.returns is not None:
            return self._annotation_gives(node.returns, place, how, wanted)
        return any(
            self._gives(value, there, how, depth, wanted) for value, there in self.returns_of(node)
        )

    def _annotation_gives(self, node: _ast.expr, place: Place, how: str, wanted: object) -> bool:
        """Return whether an annotation says so; of a tuple, for the one part that is wanted."""
        if isinstance(node, _ast.Subscript) and isinstance(node.slice, _ast.Tuple):
            parts = node.slice.elts
            outer = {name.rpartition(".")[2] for name in self.module.names(node.value, place)}
            is_pair = not any(isinstance(part, _ast.Constant) for part in parts)
            if outer & {"tuple", "Tuple"} and isinstance(wanted, int) and is_pair:
                return -len(parts) <= wanted < len(parts) and self.is_plain(parts[wanted], place)
        return self.is_plain(node, place, how)

    # Functions of this file.

    def functions_of(self, func: _ast.expr, place: Place) -> list[tuple[_ast.AST, Place]]:
        """Return the functions and classes of this file that an expression may name."""
        if self._functions is None:
            self._functions = {}
            kinds = (*FUNCTIONS, _ast.ClassDef)
            for node, there in self.module.seen.all(*kinds):
                outer = there.scope.qualname
                local = f"{outer}.{node.name}" if outer else node.name  # type: ignore[attr-defined]
                self._functions.setdefault(f"{self.module.name}.{local}", []).append((node, there))
        return [
            one for name in self.module.names(func, place) for one in self._functions.get(name, ())
        ]

    def returns_string(self, node: _ast.AST, place: Place, depth: int = 0) -> bool:
        """Return whether a function is annotated to return a plain string, or seen to do it."""
        if not isinstance(node, FUNCTIONS) or depth > DEPTH_MAX:
            return False
        if node.returns is not None:
            return self.is_plain(node.returns, place)
        return any(
            self.is_string(value, there, depth + 1) for value, there in self.returns_of(node)
        )

    def returns_of(self, node: _ast.AST) -> list[tuple[_ast.expr, Place]]:
        """Return what a function of this file returns, each expression with its place."""
        if self._returns is None:
            self._returns = {}
            for one, place in self.module.seen.all(_ast.Return):
                assert isinstance(one, _ast.Return)
                if one.value is not None:
                    there = self._returns.setdefault(id(place.scope.node), [])
                    there.append((one.value, place))
        return self._returns.get(id(node), [])


_JUDGES: dict[type, Callable[[Plain, Any, Place, int], bool]] = {
    _ast.Constant: Plain._constant,
    _ast.JoinedStr: Plain._joined,
    _ast.BinOp: Plain._operated,
    _ast.IfExp: Plain._chosen,
    _ast.BoolOp: Plain._either,
    _ast.NamedExpr: Plain._inner,
    _ast.Await: Plain._awaited,
    _ast.Call: Plain._called,
    _ast.Subscript: Plain._subscripted,
    _ast.Name: Plain._name,
    _ast.Attribute: Plain._attribute,
}
