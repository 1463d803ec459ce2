"""Where one file hands over, keeps, compares or annotates the type of an event; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.code.module import parsed
from failtrack_guard.code.nodes import walk
from failtrack_guard.code.project import matches
from failtrack_guard.code.scopes import FUNCTIONS
from failtrack_guard.events.event_calls import EventCalls
from failtrack_guard.events.event_strings import TYPE, quoted, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding, Place, Scope
    from failtrack_guard.events.event_strings import Annotation, Ask, Placed
    from failtrack_guard.finding import Finding

STR = frozenset({"builtins.str", "typing.Text", "typing.LiteralString"})
# What an annotation is seen through.
_WRAPPERS = frozenset(
    {
        *("Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired"),
        *("ReadOnly", "InitVar", "Mapped"),
    }
)
_DEFAULTS = ("default", "default_factory", "server_default", "insert_default")
_EQUALS = (_ast.Eq, _ast.NotEq, _ast.Is, _ast.IsNot)
SUBJECT_DEPTH_MAX = 6  # names and `.value` that are followed to an event's type
COMPARED = "is compared with the type of an event"
_ASSERTS_EQUAL = frozenset(
    {"assertEqual", "assertEquals", "assertNotEqual", "assertNotEquals", "assertIs", "assertIsNot"}
)
_ASSERTS_IN = frozenset({"assertIn", "assertNotIn"})
_OPERATORS = frozenset(
    {"operator.eq", "operator.ne", "operator.is_", "operator.is_not", "_operator.eq"}
)


class EventTypes(EventCalls):
    """One file under the eyes of PV-001; see `EventStrings`."""

    def findings(self) -> Iterator[Finding]:
        """Yield what the file shows."""
        seen = self.module.seen
        for node, place in seen.all(_ast.Call):
            assert isinstance(node, _ast.Call)
            yield from self._call(node, place)
            yield from self._asserted(node, place)
        for node, place in seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            yield from self._class_keywords(node, place)
        for node, place in seen.all(*FUNCTIONS, _ast.Lambda):
            yield from self._parameters(node, place)
            if isinstance(node, FUNCTIONS):
                yield from self._property(node, place)
        for node, place in seen.all(_ast.Assign, _ast.AnnAssign):
            yield from self._assignment(node, place)
        for node, place in seen.all(_ast.Compare):
            assert isinstance(node, _ast.Compare)
            yield from self._comparison(node, place)
        for node, place in seen.all(_ast.Match):
            assert isinstance(node, _ast.Match)
            for case in node.cases:
                yield from self._pattern(case.pattern, node.subject, place)

    def _asserted(self, node: _ast.Call, place: Place) -> Iterator[Finding]:
        """Yield `assertEqual(event.type, "x")` and `operator.eq(...)`."""
        args = [*self.passing.positional(node.args, place)]
        if len(args) < 2 or args[0] is None or args[1] is None:
            return
        name = getattr(node.func, "attr", "")
        if name in _ASSERTS_IN:
            yield from self._contained(args[0][0], args[1][0], place)
        elif name in _ASSERTS_EQUAL or (
            len(args) == 2
            and self._says("operator")
            and not _OPERATORS.isdisjoint(self.module.names(node.func, place))
        ):
            yield from self._compared(args[0][0], args[1][0], place)
            yield from self._compared(args[1][0], args[0][0], place)

    # Parameters, fields and attributes.

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
            if asks is not None and not self._is_converted(arg.arg, node, place):
                is_text = _is_used_as_text(arg.arg, node)
                for one in self._declared(arg.arg, arg, annotation, default, place, asks=asks):
                    if is_text:  # the function would do something else with the member
                        one.needs = (*one.needs, False)
                    yield one
            elif asks is None and annotation is not None and default is not None:
                yield from self._typed(arg.arg, annotation, default, place)

    def _is_converted(self, name: str, function: _ast.AST, place: Place) -> bool:
        """Return whether a function turns its parameter into the enum itself."""
        for node in walk(_body(function)):
            if isinstance(node, _ast.Call) and len(node.args) == 1:
                given: _ast.expr | None = node.args[0]
                called: _ast.expr = node.func
            elif isinstance(node, _ast.Subscript):
                given, called = node.slice, node.value
            else:
                given, called = None, node  # type: ignore[assignment]
            if (
                isinstance(given, _ast.Name)
                and given.id == name
                and any(self._is_enum(one) for one in self.module.names(called, place))
            ):
                return True
        return False

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
        if given is not None and self.raw(given, place):
            classes = self.module.annotated(annotation, place)
            if classes and STR.isdisjoint(classes):
                asks = ("is-any", classes, (self.enum,))
                verb = f"is assigned to {name}"
                yield from self._raw((given, place, given), place, verb, asks=asks)

    def _given(self, value: _ast.expr | None, place: Place) -> _ast.expr | None:
        """Return the default within `field(default="x")`, else the value itself."""
        if not isinstance(value, _ast.Call):
            return value
        for keyword in value.keywords:
            if keyword.arg in _DEFAULTS:
                inner = keyword.value
                return inner.body if isinstance(inner, _ast.Lambda) else inner
        names = self.module.names(value.func, place)
        if value.args and any(name.endswith(".Field") for name in names):
            return value.args[0]
        return value

    def _property(self, node: _ast.AST, place: Place) -> Iterator[Finding]:
        """Yield a property of the name that returns a raw string."""
        assert isinstance(node, FUNCTIONS)
        if place.scope.kind != "class" or not (node.name in self.names or node.name == TYPE):
            return
        decorators = [name for one in node.decorator_list for name in self.module.names(one, place)]
        if not any(name.rpartition(".")[2].endswith("property") for name in decorators):
            return
        asks: Ask = ()
        if node.name == TYPE:
            asks = ("is-any", self._classes(place.scope), self.events)
        if node.returns is not None:
            yield from self._declared(node.name, node, node.returns, None, place, asks=asks)
        for value, there in self.module.returned_by(node):
            verb = f"is returned as {node.name}"
            yield from self._raw((value, there, value), there, verb, asks=asks)

    def _assignment(self, node: _ast.AST, place: Place) -> Iterator[Finding]:
        annotation: _ast.expr | None = None
        pairs: list[tuple[_ast.expr, _ast.expr | None]]
        if isinstance(node, _ast.AnnAssign):
            pairs = [(node.target, node.value)]
            annotation = node.annotation
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

    # Comparisons.

    def _comparison(self, node: _ast.Compare, place: Place) -> Iterator[Finding]:
        left = node.left
        for operator, right in zip(node.ops, node.comparators):  # noqa: B905 (equal by grammar)
            if isinstance(operator, _EQUALS):
                yield from self._compared(left, right, place)
                yield from self._compared(right, left, place)
            elif isinstance(operator, (_ast.In, _ast.NotIn)):
                yield from self._contained(left, right, place)
            left = right

    def _compared(self, subject: _ast.expr, other: _ast.expr, place: Place) -> Iterator[Finding]:
        """Yield a raw string that is compared with the type of an event."""
        if isinstance(subject, (_ast.Tuple, _ast.List)) and isinstance(
            other, (_ast.Tuple, _ast.List)
        ):
            for one, against in zip(subject.elts, other.elts):  # noqa: B905
                yield from self._compared(one, against, place)
            return
        if isinstance(subject, (_ast.ListComp, _ast.SetComp)):
            within = self.module.inside(subject, place)
            for one, _ in self.module.elements(other, place):
                yield from self._compared(subject.elt, one, within)
            return
        if not self.raw(other, place):
            return
        asks, suffix = self._subject(subject, place, given=(other, place))
        if asks is not None:
            given = (other, place, other)
            yield from self._raw(given, place, COMPARED, asks=asks, suffix=suffix)

    def _contained(self, item: _ast.expr, holder: _ast.expr, place: Place) -> Iterator[Finding]:
        """Yield `event.type in ("x", "y")`, and the reverse."""
        if isinstance(holder, _ast.Constant) or not (
            inside := [*self.module.elements(holder, place)]
        ):
            yield from self._compared(item, holder, place)
            yield from self._compared(holder, item, place)
            return
        first = next((one for one in inside if self.raw(*one)), None)
        asks, suffix = self._subject(item, place, given=first)
        if asks is not None:
            texts = [text for one in inside for text in self.raw(*one)]
            if texts:
                yield self._finding(
                    *(holder, place, self._told(texts, COMPARED), asks),
                    texts=texts,
                    given=inside if _is_display(holder) else [None],
                    suffix=suffix,
                )
        for one, there in inside:
            if self.raw(item, place):
                asks, suffix = self._subject(one, there, given=(item, place))
                if asks is not None:
                    given = (item, place, item)
                    yield from self._raw(given, place, COMPARED, asks=asks, suffix=suffix)

    def _pattern(
        self, pattern: _ast.pattern, subject: _ast.expr | None, place: Place
    ) -> Iterator[Finding]:
        """Yield the raw strings of a pattern where the type of an event is matched."""
        if isinstance(pattern, _ast.MatchAs):
            if pattern.pattern is not None:
                yield from self._pattern(pattern.pattern, subject, place)
        elif isinstance(pattern, _ast.MatchOr):
            for one in pattern.patterns:
                yield from self._pattern(one, subject, place)
        elif isinstance(pattern, _ast.MatchValue):
            if subject is not None and self.raw(pattern.value, place):
                asks, suffix = self._subject(subject, place, given=(pattern.value, place))
                if asks is not None:
                    yield from self._matched(pattern.value, place, asks, suffix)
        elif isinstance(pattern, _ast.MatchSequence):
            parts = subject.elts if isinstance(subject, (_ast.Tuple, _ast.List)) else []
            for index, inner in enumerate(pattern.patterns):
                part = parts[index] if index < len(parts) else None
                yield from self._pattern(inner, part, place)
        elif isinstance(pattern, _ast.MatchClass):
            yield from self._class_pattern(pattern, place)
        elif isinstance(pattern, _ast.MatchMapping):
            for inner in pattern.patterns:
                yield from self._pattern(inner, None, place)

    def _class_pattern(self, pattern: _ast.MatchClass, place: Place) -> Iterator[Finding]:
        names = self._names(pattern.cls, place)
        given = [*zip(pattern.kwd_attrs, pattern.kwd_patterns)]  # noqa: B905 (equal by grammar)
        if pattern.patterns:
            given.append((TYPE, pattern.patterns[0]))
        for key, inner in given:
            asks: Ask = ("own", names) if key in self.names else ("is-any", names, self.events)
            if key in self.names or key == TYPE:
                for value in _pattern_values(inner):
                    if self.raw(value, place):
                        yield from self._matched(value, place, asks, "")
        for inner in (*pattern.patterns, *pattern.kwd_patterns):
            if isinstance(inner, _ast.MatchClass):
                yield from self._class_pattern(inner, place)

    def _matched(self, value: _ast.expr, place: Place, asks: Ask, suffix: str) -> Iterator[Finding]:
        verb = "is matched with the type of an event"
        yield from self._raw((value, place, value), place, verb, asks=asks, suffix=suffix)

    def _subject(
        self, node: _ast.expr, place: Place, depth: int = 0, given: Placed | None = None
    ) -> tuple[Ask | None, str]:
        """Return on which condition an expression is the type of an event, and `.value` after it.

        None for never.

        Args:
            node: The expression.
            place: Where it stands.
            depth: How many names were followed.
            given: The raw string that it meets.
        """
        if depth > SUBJECT_DEPTH_MAX:
            return None, ""
        if isinstance(node, _ast.Attribute):
            if node.attr == "value":
                asks, _ = self._subject(node.value, place, depth + 1, given)
                return asks, ".value"
            asks = self._asks_attribute(node.attr, node.value, place)
            if asks is None:
                asks = self._asks_typed(node, place)
            if node.attr == TYPE and given is not None:
                words = {word for one in self.events for word in words_of(one.rpartition(".")[2])}
                guess = self._asks_guess(node.value, words, given, place)
                if guess is not None:
                    asks = ("any", asks, guess) if asks is not None else guess
            return asks, ""
        if isinstance(node, _ast.NamedExpr):
            return self._subject(node.value, place, depth + 1, given)
        if isinstance(node, _ast.Call):
            is_get = "builtins.getattr" in self.module.names(node.func, place)
            if is_get and len(node.args) > 1:
                key = self.module.text(node.args[1], place)
                return self._asks_attribute(key or "", node.args[0], place), ""
            return None, ""
        if not isinstance(node, _ast.Name):
            return None, ""
        for binding in self.module.bindings(node.id, place):
            if binding.kind == "param" and node.id in self.names:
                return (None if self._is_converted_here(binding) else ()), ""
            if binding.kind == "assign" and isinstance(binding.value, _ast.expr):
                there = self.module.place_of(binding)
                asks, suffix = self._subject(binding.value, there, depth + 2, given)
                if asks is not None:
                    return asks, suffix
        return self._asks_typed(node, place), ""

    def _is_converted_here(self, binding: Binding) -> bool:
        function = binding.scope.node
        return self._is_converted(_argument(binding), function, self.module.place_of(binding))

    def _asks_typed(self, node: _ast.expr, place: Place) -> Ask | None:
        """Return the condition on which a name is annotated with the enum; None for never."""
        types = self.module.types(node, place)
        return ("is-any", types, (self.enum,)) if types else None


def _argument(binding: Binding) -> str:
    for name, bindings in binding.scope.names.items():
        if binding in bindings:
            return name
    return ""


def _is_display(node: _ast.expr) -> bool:
    """Return whether a collection is written where it is used."""
    if isinstance(node, _ast.Call):
        return bool(node.args) and _is_display(node.args[0])
    return isinstance(node, (_ast.List, _ast.Tuple, _ast.Set))


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


def _pattern_values(pattern: _ast.pattern) -> Iterator[_ast.expr]:
    """Yield the values that a pattern compares with: its own, and those of its alternatives."""
    if isinstance(pattern, _ast.MatchValue):
        yield pattern.value
    elif isinstance(pattern, _ast.MatchOr):
        for one in pattern.patterns:
            yield from _pattern_values(one)
    elif isinstance(pattern, _ast.MatchAs) and pattern.pattern is not None:
        yield from _pattern_values(pattern.pattern)


def _source(module: Module, node: _ast.AST) -> str:
    """Return the text of an expression on one line, shortened when it spans more."""
    line, column, end_line, end_column = module.span(node)
    text = module.lines[line - 1]
    return text[column:end_column] if line == end_line else text[column:].rstrip() + "..."


def _is_used_as_text(name: str, function: _ast.AST) -> bool:
    """Return whether a function asks of its parameter what a string can do."""
    for node in walk(_body(function)):
        parts: list[_ast.AST] = []
        if isinstance(node, (_ast.Attribute, _ast.Subscript, _ast.FormattedValue)):
            parts = [node.value]
        elif isinstance(node, _ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, _ast.Call) and isinstance(node.func, (_ast.Name, _ast.Attribute)):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            parts = [*node.args] if called in ("len", "str", "join", "format", "sorted") else []
        if any(isinstance(one, _ast.Name) and one.id == name for one in parts):
            return True
    return False


def _body(function: _ast.AST) -> list[_ast.AST]:
    """Return the statements of a function, none of a lambda."""
    body = getattr(function, "body", None)
    return body if isinstance(body, list) else []
