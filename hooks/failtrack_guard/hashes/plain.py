"""Expressions of one file that make a plain string: literals, calls, and names that hold them."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import parsed
from failtrack_guard.code.remembered import DEPTH_MAX
from failtrack_guard.code.scopes import FUNCTIONS, Binding, Place
from failtrack_guard.hashes.local_functions import LocalFunctions
from failtrack_guard.hashes.sources import (
    GROUPING_METHODS,
    READING_METHODS,
    is_match,
    is_text_file,
    is_text_of,
    writes_text,
)
from failtrack_guard.hashes.string_types import StringTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from failtrack_guard.code.module import Module

_STRING_TABLES = frozenset({"os.environ", "sys.argv"})
_MAKING_METHODS = frozenset({"hexdigest", "hex", "read_text", "__str__", "__repr__", "__format__"})
STRING_METHODS = frozenset(
    {
        *("format", "format_map", "join", "lower", "upper", "strip", "lstrip", "rstrip", "replace"),
        *("title", "capitalize", "casefold", "swapcase", "removeprefix", "removesuffix", "zfill"),
        *("ljust", "rjust", "center", "translate", "expandtabs", "__add__", "__mod__"),
    }
)
# What returns a string, whatever it is given.
_MAKERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("str", "repr", "ascii", "format", "hex", "oct", "bin")),
        *("builtins.chr", "builtins.input", "os.getenv", "os.environ.get", "json.dumps"),
        *("urllib.parse.quote", "urllib.parse.unquote", "urllib.parse.urlencode", "shlex.quote"),
        *("html.escape", "html.unescape", "getpass.getpass", "subprocess.getoutput"),
        *("secrets.token_hex", "secrets.token_urlsafe", "os.fspath", "textwrap.dedent"),
        *("typing.Text", "re.sub", "os.path.join", "os.path.basename", "os.path.dirname"),
        *(f"builtins.str.{name}" for name in STRING_METHODS),
        *("builtins.bytes.hex", "builtins.bytes.decode"),
    }
)
# With a string as argument these make strings of whatever has them: bytes refuse it.
_PARTING_METHODS = frozenset({"removeprefix", "removesuffix", "strip", "lstrip", "rstrip"})
_PICKING_METHODS = frozenset({"get", "pop", "setdefault"})
_SPLITTING_METHODS = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})
_BYTES_MAKERS = (
    *("binascii.", "base64.", "subprocess.check_output", "codecs.encode", "builtins.bytes"),
    *("os.urandom", "secrets.token_bytes"),
)
_COLLECTIONS = frozenset(
    f"builtins.{name}"
    for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter")
)
_LISTERS = frozenset({"os.listdir", "glob.glob", "glob.iglob"})
_PATH_SPLITTERS = frozenset({"os.path.split", "os.path.splitext"})
_PICKERS = frozenset({"builtins.next", "builtins.min", "builtins.max", "random.choice"})
_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})


class Plain(StringTypes):
    """Tells plain strings in one file.

    Args:
        module: The file.
        wanted: See `StringTypes`.
        is_judged: Whether the annotation of a name is judged where it stands, so that what is
            annotated there proves nothing elsewhere.
    """

    def __init__(self, module: Module, wanted: str, is_judged: Callable[[str], bool]) -> None:
        super().__init__(module, wanted)
        self.is_judged = is_judged
        self.functions = LocalFunctions(module)
        self._attributes: dict[tuple[int, str], bool] = {}
        self._known: dict[tuple[int, int, int], tuple[_ast.AST, bool]] = {}
        self._given: dict[tuple[int, int, int, str, str], tuple[_ast.AST, bool]] = {}

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
            for function, there in self.functions.named(called.func, place)
            if isinstance(function, _ast.AsyncFunctionDef)
        )

    def _called(self, node: _ast.Call, place: Place, depth: int) -> bool:
        functions = self.functions.named(node.func, place)
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
        if not _CASTS.isdisjoint(names) and len(node.args) == 2:
            return self._cast(node, place, depth)
        if not _PICKERS.isdisjoint(names) and node.args:
            return self._gives(node.args[0], place, "item", depth)
        if "builtins.getattr" in names and len(node.args) == 3:
            return self.is_string(node.args[2], place, depth)
        if "subprocess.check_output" in names:
            return writes_text(node)
        if isinstance(func, _ast.Attribute):
            return self._method_called(node, func, place, depth)
        if isinstance(func, _ast.Lambda):
            return self.is_string(func.body, self.module.inside(func, place), depth)
        if not isinstance(func, _ast.Name):
            return False
        return self._new_type_called(func, place) or self._lambda_called(func, place, depth)

    def _cast(self, node: _ast.Call, place: Place, depth: int) -> bool:
        """Return whether a cast makes a string of something, or hides that something is one."""
        wanted, value = node.args
        if self.is_plain(wanted, place):
            return True
        hides = any(self.is_wanted(name) for name in self.module.annotated(wanted, place))
        return hides and self.is_string(value, place, depth)

    def _new_type_called(self, func: _ast.Name, place: Place) -> bool:
        """Return whether a name is an alias of `str`, or a `NewType` over it: both make strings."""
        return any(self.is_plain(body, there) for _, body, there in self.alias_bodies(func, place))

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
        if name in ("substitute", "safe_substitute"):
            return "string.Template" in self.module.types(value, place)
        if name in READING_METHODS:
            return is_text_file(self.module, value, place)
        if name in GROUPING_METHODS:
            return is_match(self.module, value, place)
        if name in _PARTING_METHODS and _has_text(node):
            return True
        if name in STRING_METHODS:
            return self.is_string(value, place, depth)
        if name == "decode":
            return self._is_bytes(value, place, depth)
        if name in _PICKING_METHODS:
            key = node.args[0] if node.args else None
            wanted = key.value if isinstance(key, _ast.Constant) else None
            return self._gives(value, place, "picked", depth, wanted) or any(
                self.is_string(one, place, depth) for one in node.args[1:2]
            )
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
        if self.is_string(node.value, place, depth) or is_match(self.module, node.value, place):
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
        if is_text_of(self.module, node, place):
            return True
        functions = self.functions.named(node, place)
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
            if self._may_be_narrowed(annotated, there):
                return False
            return not self.is_judged(name) or self.is_string(value, there, depth)
        if binding.kind == "item":
            return value is not None and self._gives(value, there, "item", depth)
        if binding.kind == "param" and annotated is not None:
            return False
        return binding.kind in ("assign", "augment", "param") and self.is_string(
            value, there, depth
        )

    def _may_be_narrowed(self, annotation: _ast.expr, place: Place) -> bool:
        """Return whether an annotation lets `isinstance` make the type or bytes of a string."""
        return any(
            name == "builtins.bytes" or self.is_wanted(name)
            for name in self.module.annotated(annotation, place)
        )

    # Containers.

    def items_are_strings(self, node: _ast.expr, place: Place) -> bool:
        """Return whether a loop over an expression can be seen to give plain strings."""
        return self._gives(node, place, "item", 0)

    def enters_string(self, node: _ast.expr, place: Place) -> bool:
        """Return whether a call makes a context of this file that can be seen to give a string."""
        return isinstance(node, _ast.Call) and any(
            self._function_gives(one, there, "item", 0, None)
            for one, there in self.functions.named(node.func, place)
        )

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
        # See `is_string`.
        key = (id(node), id(place.scope), place.order, how, repr(wanted))
        known = self._given.get(key)
        if known is None:
            self._given[key] = (node, False)
            answer = self._does_give(node, place, how, depth + 1, wanted)
            known = self._given[key] = (node, answer)
        return known[1]

    def _does_give(
        self, node: _ast.expr, place: Place, how: str, depth: int, wanted: object
    ) -> bool:
        """Answer `_gives` for the first time."""
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
            if how == "item" and is_text_file(self.module, node, place):
                return True
            return any(
                self._bound_gives(binding, how, depth, wanted)
                for binding in self.module.values(node, place)
            ) or (isinstance(node, _ast.Name) and self._rest_gives(node, place))
        return self.is_string(node, place, depth)

    def _rest_gives(self, node: _ast.Name, place: Place) -> bool:
        """Return whether a name is `*names: str` or `**names: str`."""
        return any(
            rest is not None and rest.arg == node.id and self.is_plain(rest.annotation, there)
            for binding in self.module.bindings(node.id, place)
            if isinstance(binding.scope.node, (*FUNCTIONS, _ast.Lambda)) and binding.value is None
            for there in [self.module.place_of(binding)]
            for rest in (binding.scope.node.args.vararg, binding.scope.node.args.kwarg)
        )

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
                return _has_text(node) or self.is_string(func.value, place, depth)
            if func.attr == "readlines":
                return is_text_file(self.module, func.value, place)
            if func.attr == "groups":
                return is_match(self.module, func.value, place)
            if func.attr == "values":
                return self._gives(func.value, place, "picked", depth)
            if func.attr == "keys":
                return self._gives(func.value, place, "item", depth)
        names = self.module.names(func, place)
        if how == "item" and is_text_file(self.module, node, place):
            return True
        if not _COLLECTIONS.isdisjoint(names) and node.args:
            return self._gives(node.args[0], place, "item", depth)
        if not (_PATH_SPLITTERS | _LISTERS).isdisjoint(names):
            return True
        if "builtins.next" in names and node.args:
            return self._row_gives(node.args[0], place, wanted)
        if "builtins.map" in names and len(node.args) > 1:
            return not _MAKERS.isdisjoint(self.module.names(node.args[0], place))
        return any(
            self._function_gives(one, there, how, depth, wanted)
            for one, there in self.functions.named(func, place)
        )

    def _row_gives(self, node: _ast.expr, place: Place, wanted: object) -> bool:
        """Return whether the items of a collection are annotated as rows with strings."""
        return any(
            isinstance(binding.annotation, _ast.Subscript)
            and self._annotation_gives(
                binding.annotation.slice, self.module.place_of(binding), "picked", wanted
            )
            for binding in self.module.values(node, place)
        )

    def _function_gives(
        self, node: _ast.AST, place: Place, how: str, depth: int, wanted: object
    ) -> bool:
        if not isinstance(node, FUNCTIONS):
            return False
        if node.returns is not None:
            return self._annotation_gives(node.returns, place, how, wanted)
        return any(
            self._gives(value, there, how, depth, wanted)
            for value, there in self.functions.returned_by(node)
        )

    def _annotation_gives(self, node: _ast.expr, place: Place, how: str, wanted: object) -> bool:
        """Return whether an annotation says so; of a tuple, for the one part that is wanted."""
        if isinstance(node, _ast.Constant) and isinstance(node.value, str):
            node = parsed(node.value) or node
        if isinstance(node, _ast.Subscript) and isinstance(node.slice, _ast.Tuple):
            parts = node.slice.elts
            outer = {name.rpartition(".")[2] for name in self.module.names(node.value, place)}
            is_pair = not any(isinstance(part, _ast.Constant) for part in parts)
            if outer & {"tuple", "Tuple"} and isinstance(wanted, int) and is_pair:
                return -len(parts) <= wanted < len(parts) and self.is_plain(parts[wanted], place)
        return self.is_plain(node, place, how)

    def returns_string(self, node: _ast.AST, place: Place, depth: int = 0) -> bool:
        """Return whether a function is annotated to return a plain string, or seen to do it."""
        if not isinstance(node, FUNCTIONS) or depth > DEPTH_MAX:
            return False
        if node.returns is not None:
            return self.is_plain(node.returns, place)
        return any(
            self.is_string(value, there, depth + 1)
            for value, there in self.functions.returned_by(node)
        )


def _has_text(node: _ast.Call) -> bool:
    """Return whether the first argument of a call is written as a string."""
    first = node.args[0] if node.args else None
    return isinstance(first, _ast.Constant) and isinstance(first.value, str)


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
