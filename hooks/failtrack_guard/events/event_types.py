"""Where one file hands over, keeps, compares or annotates the type of an event; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import parsed
from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.code.project import matches
from failtrack_guard.code.scopes import FUNCTIONS
from failtrack_guard.events.event_strings import STR, TYPE, body_of, quoted
from failtrack_guard.events.event_wrappers import EventWrappers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place, Scope
    from failtrack_guard.events.event_strings import Annotation, Ask, Placed
    from failtrack_guard.finding import Finding

# What an annotation is seen through.
_WRAPPERS = frozenset(
    {
        *("Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired"),
        *("ReadOnly", "InitVar", "Mapped"),
    }
)
# What an annotation may hold several of.
_SEVERAL = frozenset(
    {
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence"),
        *("Iterable", "Iterator", "Collection", "AbstractSet", "MutableSequence", "MutableSet"),
    }
)
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})
# Whoever is called by these is given what stands in a request or on a command line.
_REQUESTS = ("fastapi.", "typer.", "ninja.", "litestar.")
_CLASS_MAKERS = (".TypedDict", ".NamedTuple", ".make_dataclass")
_DEFAULTS = ("default", "default_factory", "server_default", "insert_default")


class EventTypes(EventWrappers):
    """One file under the eyes of PV-001; see `EventStrings`."""

    def findings(self) -> Iterator[Finding]:
        """Yield what the file shows."""
        seen = self.module.seen
        for node, place in seen.all(_ast.Call):
            assert isinstance(node, _ast.Call)
            yield from self._call(node, place)
            if self._says("TypedDict", "NamedTuple", "make_dataclass"):
                yield from self._fields_given(node, place)
            yield from self._asserted(node, place)
        for node, place in seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            yield from self._class_keywords(node, place)
        for node, place in seen.all(*FUNCTIONS, _ast.Lambda):
            yield from self._parameters(node, place)
            if isinstance(node, FUNCTIONS):
                yield from self._returns(node, place)
        for node, place in seen.all(_ast.Assign, _ast.AnnAssign, _ast.AugAssign):
            yield from self._assignment(node, place)
        for node, place in seen.all(_ast.Compare):
            assert isinstance(node, _ast.Compare)
            yield from self._comparison(node, place)
        for node, place in seen.all(_ast.Match):
            assert isinstance(node, _ast.Match)
            for case in node.cases:
                yield from self._pattern(case.pattern, node.subject, place)
        for node, place in seen.all(_ast.Subscript):
            assert isinstance(node, _ast.Subscript)
            yield from self._looked_up(node.slice, node.value, place)

    # Parameters, fields and attributes.

    def _fields_given(self, node: _ast.Call, place: Place) -> Iterator[Finding]:
        """Yield a field of `TypedDict("Row", {"event_type": str})` and the like."""
        if len(node.args) < 2 or not any(
            name.endswith(_CLASS_MAKERS) for name in self.module.names(node.func, place)
        ):
            return
        fields = [(name, one) for name, one, _ in self.passing.pairs(node.args[1], place)]
        for row, there in self.module.elements(node.args[1], place):
            if isinstance(row, _ast.Tuple) and len(row.elts) > 1:
                fields.append((self.module.text(row.elts[0], there) or "", row.elts[1]))
        for name, annotation in fields:
            if name in self.names:
                yield from self._declared(name, annotation, annotation, None, place, asks=())

    def _class_keywords(self, node: _ast.ClassDef, place: Place) -> Iterator[Finding]:
        """Yield `class OrderCreated(Event, event_type="x")`."""
        bases = tuple(name for one in node.bases for name in self._names(one, place))
        for key, given in self.passing.keywords(node.keywords, place):
            verb = f"is given as {key} to {node.name}"
            if key in self.names:
                yield from self._raw(given, place, verb, asks=())
            elif key == TYPE and bases:
                asks: Ask = ("is-any", bases, self.events)
                yield from self._raw(given, place, verb, asks=asks)

    def _parameters(self, node: _ast.AST, place: Place) -> Iterator[Finding]:
        args: _ast.arguments = node.args  # type: ignore[attr-defined]
        plain = [*args.posonlyargs, *args.args]
        defaults: list[_ast.expr | None] = [None] * (len(plain) - len(args.defaults))
        defaults += args.defaults
        is_event = (
            place.scope.kind == "class"
            and isinstance(node, FUNCTIONS)
            and node.name in ("__init__", "__new__")
        )
        for arg, default in (
            *zip(plain, defaults),  # noqa: B905 (equal by construction)
            *zip(args.kwonlyargs, args.kw_defaults),  # noqa: B905
        ):
            asks: Ask | None = None
            if arg.arg in self.names:
                asks = ()
            elif arg.arg == TYPE and is_event:
                asks = ("is-any", self._classes(place.scope), self.events)
            annotation = arg.annotation
            if asks is not None and self._is_of_request(annotation, default, place):
                continue
            if asks is not None and not self._is_converted(arg.arg, node, place):
                is_text = _is_used_as_text(arg.arg, node)
                for one in self._declared(arg.arg, arg, annotation, default, place, asks=asks):
                    if is_text:  # the function would do something else with the member
                        one.needs = (*one.needs, False)
                    yield one
            elif asks is None and annotation is not None and default is not None:
                yield from self._typed(arg.arg, annotation, default, place)

    def _is_of_request(
        self, annotation: _ast.expr | None, default: _ast.expr | None, place: Place
    ) -> bool:
        """Return whether a library fills a parameter with what comes from outside as a string."""
        given = self._given(default, place)
        if given is not None and self.raw(given, place):
            return False
        parts = [default]
        if isinstance(annotation, _ast.Subscript) and isinstance(annotation.slice, _ast.Tuple):
            parts += annotation.slice.elts[1:]  # `Annotated[str, Query()]`
        return any(
            name.startswith(_REQUESTS)
            for one in parts
            if isinstance(one, _ast.Call)
            for name in self.module.names(one.func, place)
        )

    def _declared(
        self,
        name: str,
        at: _ast.AST,
        annotation: _ast.expr | None,
        value: _ast.expr | None,
        place: Place,
        *,
        asks: Ask,
        kind: str = "default of",
    ) -> Iterator[Finding]:
        """Yield one finding for the annotation and the default of a parameter or field."""
        spans = [*self._strings(annotation, place)] if annotation is not None else []
        given = self._given(value, place)
        texts = self.raw(given, place) if given is not None else []
        if spans and annotation is not None:
            told = f"{name} is annotated {_source(self.module, annotation)}"
            if texts:
                told += f" and holds the raw string {quoted(texts)}"
            yield self._finding(
                *(annotation, place, f"{told} where {self.enum_name} is due", asks),
                texts=texts,
                given=[(given, place)] if texts and given is not None else [],
                annotations=spans,
            )
        elif texts and given is not None:
            verb = f"is the {kind} {name}"
            yield from self._raw((given, place, given), place, verb, asks=asks)

    def _typed(
        self, name: str, annotation: _ast.expr, value: _ast.expr, place: Place
    ) -> Iterator[Finding]:
        """Yield a raw string for a name of any kind that is annotated with the enum."""
        given = self._given(value, place)
        if given is None:
            return
        verb = f"is assigned to {name}"
        for one, there in self._contents(given, place):
            asks = self._asks_item(annotation, place, is_key=isinstance(given, _ast.Dict))
            if asks is not None:
                yield from self._raw((one, there, one), place, verb, asks=asks)
        if self.raw(given, place):
            asks = self._asks_annotated(annotation, place)
            if asks is not None:
                yield from self._raw((given, place, given), place, verb, asks=asks)

    def _contents(self, node: _ast.expr, place: Place) -> list[Placed]:
        """Return the raw strings in a collection that is written in place, the keys of a dict."""
        inner = node.args[0] if isinstance(node, _ast.Call) and node.args else node
        if not isinstance(inner, (_ast.List, _ast.Tuple, _ast.Set, _ast.Dict)):
            return []
        return [one for one in self.module.elements(node, place) if self.raw(*one)]

    def _asks_item(self, annotation: _ast.expr, place: Place, *, is_key: bool) -> Ask | None:
        """Return on which condition the items of a collection, or keys of a dict, are of the enum.

        None for never.
        """
        if not is_key:
            return self._asks_classes(self.module.contained(annotation, place))
        if not isinstance(annotation, _ast.Subscript) or not isinstance(
            annotation.slice, _ast.Tuple
        ):
            return None
        outer = {one.rpartition(".")[2] for one in self.module.names(annotation.value, place)}
        return self._asks_annotated(annotation.slice.elts[0], place) if outer & _MAPPINGS else None

    def _given(self, value: _ast.expr | None, place: Place) -> _ast.expr | None:
        """Return the default within `field(default="x")`, else the value itself."""
        if not isinstance(value, _ast.Call):
            return value
        for keyword in value.keywords:
            if keyword.arg in _DEFAULTS:
                inner = keyword.value
                return inner.body if isinstance(inner, _ast.Lambda) else inner
        names = self.module.names(value.func, place)
        if value.args and any(
            name.endswith(".Field") or name.startswith(_REQUESTS) for name in names
        ):
            return value.args[0]
        return value

    def _returns(
        self, node: _ast.FunctionDef | _ast.AsyncFunctionDef, place: Place
    ) -> Iterator[Finding]:
        """Yield raw strings that a property of the name returns, or one that promises the enum."""
        returned = self.module.returned_by(node)
        if self._is_field(node, place):
            asks: Ask = ()
            if node.name == TYPE:
                asks = ("is-any", self._classes(place.scope), self.events)
            if node.returns is not None and not _are_values(returned):
                yield from self._declared(node.name, node, node.returns, None, place, asks=asks)
            verb = f"is returned as {node.name}"
            for value, there in returned:
                yield from self._raw((value, there, value), there, verb, asks=asks)
        elif node.returns is not None:
            verb = f"is returned by {node.name}()"
            for value, there in returned:
                for one, home in ((value, there), *self._contents(value, there)):
                    if self.raw(one, home):
                        promised = (
                            self._asks_annotated(node.returns, place)
                            if one is value
                            else self._asks_item(
                                node.returns, place, is_key=isinstance(value, _ast.Dict)
                            )
                        )
                        if promised is not None:
                            yield from self._raw((one, home, one), there, verb, asks=promised)

    def _is_field(self, node: _ast.FunctionDef | _ast.AsyncFunctionDef, place: Place) -> bool:
        """Return whether a method stands for the type of an event: by a property, or its name."""
        if place.scope.kind != "class" or not (node.name in self.names or node.name == TYPE):
            return False
        decorators = [name for one in node.decorator_list for name in self.module.names(one, place)]
        if any(name.rpartition(".")[2].endswith("property") for name in decorators):
            return True
        args = node.args
        takes = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        return node.name in self.names and sum(one is not None for one in takes) <= 1

    def _assignment(self, node: _ast.AST, place: Place) -> Iterator[Finding]:
        annotation: _ast.expr | None = None
        pairs: list[tuple[_ast.expr, _ast.expr | None]]
        if isinstance(node, _ast.AnnAssign):
            pairs = [(node.target, node.value)]
            annotation = node.annotation
        elif isinstance(node, _ast.AugAssign):
            pairs = [(node.target, node.value)] if isinstance(node.target, _ast.Attribute) else []
        else:
            assert isinstance(node, _ast.Assign)
            pairs = [pair for target in node.targets for pair in _unpacked(target, node.value)]
        for target, value in pairs:
            if isinstance(target, _ast.Name):
                yield from self._variable(target, annotation, value, place)
            elif isinstance(target, _ast.Attribute):
                asks = self._asks_attribute(target.attr, target.value, place)
                if asks is not None:
                    yield from self._declared(
                        target.attr, target, annotation, value, place, asks=asks, kind="value of"
                    )
                elif annotation is not None and value is not None:
                    yield from self._typed(target.attr, annotation, value, place)

    def _variable(
        self,
        target: _ast.Name,
        annotation: _ast.expr | None,
        value: _ast.expr | None,
        place: Place,
    ) -> Iterator[Finding]:
        name = target.id
        scope = place.scope
        if scope.kind == "class" and name in (TYPE, *self.names):
            if self._is_enumeration(scope):
                return
            asks: Ask = ()
            if name not in self.names:
                asks = ("is-any", self._classes(scope), self.events)
            yield from self._declared(
                name, target, annotation, value, place, asks=asks, kind="value of"
            )
        elif annotation is not None and value is not None:
            given = self._given(value, place)
            if name in self.names and given is not None and self.raw(given, place):
                yield from self._declared(
                    name, target, annotation, value, place, asks=(), kind="value of"
                )
            else:
                yield from self._typed(name, annotation, value, place)

    def _is_enumeration(self, scope: Scope) -> bool:
        """Return whether the attributes of a class are members of an enum."""
        if any(matches(one, self.enum) for one in self._classes(scope)):
            return True
        around = self._around(scope)
        bases = getattr(scope.node, "bases", ())
        return any(
            name.startswith("enum.") or name.rpartition(".")[2].endswith(("Enum", "Choices"))
            for base in bases
            for name in self.module.names(base, around)
        )

    # Annotations.

    def _strings(
        self, node: _ast.expr, place: Place, depth: int = 0
    ) -> Iterator[Annotation | None]:
        """Yield each `str` in an annotation: its span, and the code before and after the enum.

        None for one that cannot be replaced.
        """
        if depth > 10:
            return
        if isinstance(node, _ast.Constant) and isinstance(node.value, str):
            yield from self._quoted_strings(node, node.value, place, depth)
        elif isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.BitOr):
            halves = [[*self._strings(half, place, depth + 1)] for half in (node.left, node.right)]
            has_enum = any(self._is_enum(one) for one in self.module.annotated(node, place))
            for one in (*halves[0], *halves[1]):
                yield None if has_enum else one
        elif isinstance(node, _ast.Subscript):
            outer = {name.rpartition(".")[2] for name in self.module.names(node.value, place)}
            parts = node.slice.elts if isinstance(node.slice, _ast.Tuple) else [node.slice]
            if "Literal" in outer:
                if any(self.raw(one, place) for one in parts):
                    yield None
            elif outer & _WRAPPERS:
                has_enum = any(self._is_enum(one) for one in self.module.annotated(node, place))
                for part in parts[:1] if "Annotated" in outer else parts:
                    for one in self._strings(part, place, depth + 1):
                        yield None if has_enum else one
            elif outer & _SEVERAL:
                for part in parts:
                    yield from self._strings(part, place, depth + 1)
        elif isinstance(node, _ast.Name) and (alias := self._alias(node, place)) is not None:
            if any(True for _ in self._strings(*alias, depth + 1)):
                yield None
        elif not STR.isdisjoint(self.module.names(node, place)):
            is_plain = isinstance(node, _ast.Name) and node.id == "str"
            yield (self.module.span(node), "", "") if is_plain else None

    def _alias(self, node: _ast.Name, place: Place) -> Placed | None:
        """Return what a type alias of this file is made of, when that is more than a name."""
        for binding in self.module.bindings(node.id, place):
            value = binding.value
            if binding.kind == "assign" and isinstance(
                value, (_ast.BinOp, _ast.Subscript, _ast.Constant)
            ):
                return value, self.module.place_of(binding)
        return None

    def _quoted_strings(
        self, node: _ast.Constant, text: str, place: Place, depth: int
    ) -> Iterator[Annotation | None]:
        inner = parsed(text)
        found = [*self._strings(inner, place, depth + 1)] if inner is not None else []
        if not found:
            return
        code = _source(self.module, node)
        quote = code[:1]
        one = found[0]
        if len(found) > 1 or one is None or code != f"{quote}{text}{quote}":
            yield None
            return
        _, start, _, end = one[0]
        is_plain = text[start:end] == "str"
        yield (
            (self.module.span(node), quote + text[:start], text[end:] + quote) if is_plain else None
        )


def _unpacked(
    target: _ast.expr, value: _ast.expr | None
) -> list[tuple[_ast.expr, _ast.expr | None]]:
    if not isinstance(target, (_ast.Tuple, _ast.List)):
        return [(target, value)]
    if isinstance(value, (_ast.Tuple, _ast.List)) and len(value.elts) == len(target.elts):
        return [
            pair
            for one, part in zip(target.elts, value.elts)  # noqa: B905 (just compared)
            for pair in _unpacked(one, part)
        ]
    return []


def _are_values(returned: list[Placed]) -> bool:
    """Return whether a function returns nothing but values of members: `self.type.value`."""
    return bool(returned) and all(
        isinstance(one, _ast.Attribute) and one.attr in ("value", "_value_") for one, _ in returned
    )


def _source(module: Module, node: _ast.AST) -> str:
    """Return the text of an expression on one line, shortened when it spans more."""
    line, column, end_line, end_column = module.span(node)
    text = module.lines[line - 1]
    return text[column:end_column] if line == end_line else text[column:].rstrip() + "..."


def _is_used_as_text(name: str, function: _ast.AST) -> bool:
    """Return whether a function asks of its parameter what a string can do."""
    for node in walk(body_of(function)):
        parts: list[_ast.AST] = []
        if isinstance(node, (_ast.Attribute, _ast.Subscript, _ast.FormattedValue)):
            parts = [node.value]
        elif isinstance(node, _ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, _ast.Call) and isinstance(node.func, (_ast.Name, _ast.Attribute)):
            called = last_name(node.func)
            parts = [*node.args] if called in ("len", "str", "join", "format", "sorted") else []
        if any(isinstance(one, _ast.Name) and one.id == name for one in parts):
            return True
    return False
