"""Where a file compares, matches or looks something up by the type of an event; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import walk
from failtrack_guard.code.spelling import words_of
from failtrack_guard.events.event_calls import EventCalls
from failtrack_guard.events.event_strings import TYPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.scopes import Binding, Place, Scope
    from failtrack_guard.events.event_strings import Ask, Placed
    from failtrack_guard.finding import Finding

_EQUALS = (_ast.Eq, _ast.NotEq, _ast.Is, _ast.IsNot)
SUBJECT_DEPTH_MAX = 6  # names and `.value` that are followed to an event's type
COMPARED = "is compared with the type of an event"
_ASSERTS_EQUAL = frozenset(
    {
        *("assertEqual", "assertEquals", "assertNotEqual", "assertNotEquals", "assertIs"),
        *("assertIsNot", "assertListEqual", "assertTupleEqual", "assertSequenceEqual"),
        *("assertCountEqual", "assertSetEqual"),
    }
)
_ASSERTS_IN = frozenset({"assertIn", "assertNotIn"})
_OPERATORS = frozenset(
    {"operator.eq", "operator.ne", "operator.is_", "operator.is_not", "_operator.eq"}
)
_LOOKUPS = frozenset({"get", "pop", "setdefault", "__getitem__"})
_METHODS = _LOOKUPS | {
    *("__eq__", "__ne__", "__contains__", "startswith", "endswith", "count", "index"),
}
# Methods of strings that leave the whole of it, which nobody calls on what is no string.
_KEEPING = frozenset({"lower", "upper", "strip", "casefold", "title", "__str__"})


class EventComparisons(EventCalls):
    """The comparisons of one file under the eyes of PV-001."""

    _captured: dict[tuple[Scope, str], Ask] | None = None

    def _asserted(self, node: _ast.Call, place: Place) -> Iterator[Finding]:
        """Yield `assertEqual(event.type, "x")`, `operator.eq(...)` and `event.type.__eq__("x")`."""
        func = node.func
        name = getattr(func, "attr", "")
        if isinstance(func, _ast.Attribute) and node.args and name in _METHODS:
            yield from self._asked(func, node.args[0], place)
        is_assertion = name in _ASSERTS_IN or name in _ASSERTS_EQUAL
        if not node.args or not (is_assertion or self._says("operator")):
            return
        args = [*self.passing.positional(node.args, place)]
        if len(args) < 2 or args[0] is None or args[1] is None:
            return
        if name in _ASSERTS_IN:
            yield from self._contained(args[0][0], args[1][0], place)
        elif name in _ASSERTS_EQUAL or (
            len(args) == 2 and not _OPERATORS.isdisjoint(self.module.names(node.func, place))
        ):
            yield from self._compared(args[0][0], args[1][0], place)
            yield from self._compared(args[1][0], args[0][0], place)

    def _asked(self, func: _ast.Attribute, given: _ast.expr, place: Place) -> Iterator[Finding]:
        """Yield a raw string that meets the type of an event in a call of a method."""
        name, holder = func.attr, func.value
        if name in ("__eq__", "__ne__"):
            yield from self._compared(holder, given, place)
            yield from self._compared(given, holder, place)
        elif name in ("startswith", "endswith"):
            yield from self._begins(holder, given, place)
        elif name in _LOOKUPS:
            yield from self._looked_up(given, holder, place)
        elif name == "__contains__" or [*self.module.elements(holder, place)]:
            yield from self._contained(given, holder, place)

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
        if isinstance(other, (_ast.Tuple, _ast.List, _ast.Set)):
            if any(self.raw(one, place) for one in other.elts):
                for one, there in self.module.elements(subject, place):
                    for against in other.elts:
                        yield from self._compared(one, against, there)
            return
        if not self.raw(other, place):
            return
        asks, suffix = self._subject(subject, place, given=(other, place))
        if asks is not None:
            given = (other, place, other)
            yield from self._raw(given, place, COMPARED, asks=asks, suffix=suffix)

    def _begins(self, subject: _ast.expr, other: _ast.expr, place: Place) -> Iterator[Finding]:
        """Yield `event.type.startswith("x")` where that is a whole type of the enum."""
        wholes = [*self.module.elements(other, place)] or [(other, place)]
        for one, there in wholes:
            values = tuple(text.value for text in self.raw(one, there) if text.value is not None)
            asks, _ = self._subject(subject, place, given=(one, there)) if values else (None, "")
            if asks is not None:
                asks = ("all", *([asks] if asks else []), ("member", values))
                yield from self._raw((one, there, one), place, COMPARED, asks=asks, suffix=None)

    def _looked_up(self, key: _ast.expr, holder: _ast.expr, place: Place) -> Iterator[Finding]:
        """Yield `HANDLERS[event.type]` where the keys of that are raw strings."""
        if isinstance(key, (_ast.Name, _ast.Attribute, _ast.Call, _ast.JoinedStr, _ast.NamedExpr)):
            inside = [
                (one, there)
                for display, there in self.module.displays(holder, place)
                if isinstance(display, _ast.Dict) and not self._gives_enum(display, there)
                for one, there in self.module.elements(display, there)
                if self.raw(one, there)
            ]
            if inside:
                told = "is a key that is looked up by the type of an event"
                yield from self._met(key, holder, inside, place, told)

    def _met(
        self,
        subject: _ast.expr,
        holder: _ast.expr,
        inside: list[Placed],
        place: Place,
        verb: str,
    ) -> Iterator[Finding]:
        """Yield the raw strings of a collection when they meet the type of an event."""
        first = next((one for one in inside if self.raw(*one)), None)
        asks, suffix = self._subject(subject, place, given=first)
        if asks is not None:
            texts = [text for one in inside for text in self.raw(*one)]
            if texts:
                yield self._finding(
                    *(holder, place, self._told(texts, verb), asks),
                    texts=texts,
                    given=inside if _is_display(holder) else [None],
                    suffix=suffix,
                )

    def _contained(self, item: _ast.expr, holder: _ast.expr, place: Place) -> Iterator[Finding]:
        """Yield `event.type in ("x", "y")`, and the reverse."""
        if isinstance(holder, _ast.Constant) or not (
            inside := [*self.module.elements(holder, place)]
        ):
            yield from self._compared(item, holder, place)
            yield from self._compared(holder, item, place)
            return
        yield from self._met(item, holder, inside, place, COMPARED)
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
        for key, inner in _keyed(pattern):
            asks = self._asks_pattern(key, names)
            if asks is not None:
                for value in _pattern_values(inner):
                    if self.raw(value, place):
                        yield from self._matched(value, place, asks, "")
        for inner in (*pattern.patterns, *pattern.kwd_patterns):
            if isinstance(inner, _ast.MatchClass):
                yield from self._class_pattern(inner, place)

    def _matched(
        self, value: _ast.expr, place: Place, asks: Ask, suffix: str | None
    ) -> Iterator[Finding]:
        verb = "is matched with the type of an event"
        yield from self._raw((value, place, value), place, verb, asks=asks, suffix=suffix)

    def _subject(
        self, node: _ast.expr, place: Place, depth: int = 0, given: Placed | None = None
    ) -> tuple[Ask | None, str | None]:
        """Return on which condition an expression is the type of an event, and `.value` after it.

        None for never; and None for `.value` when no member can take the place of the string.

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
            return self._subject_of_call(node, place, depth, given)
        if isinstance(node, _ast.JoinedStr) and len(node.values) == 1:
            inner = node.values[0]
            if isinstance(inner, _ast.FormattedValue) and inner.format_spec is None:
                return self._subject(inner.value, place, depth + 1, given)[0], None
        if isinstance(node, (_ast.BoolOp, _ast.IfExp)):
            parts = node.values if isinstance(node, _ast.BoolOp) else [node.body, node.orelse]
            for one in parts:
                asks, _ = self._subject(one, place, depth + 1, given)
                if asks is not None:
                    return asks, None
        if not isinstance(node, _ast.Name):
            return None, ""
        asks = self._asks_captured(node, place)
        if asks is not None:
            return asks, ""
        for binding in self.module.bindings(node.id, place):
            if binding.kind == "param" and node.id in self.names:
                return (None if self._is_converted_here(binding) else ()), ""
            if binding.kind == "assign" and isinstance(binding.value, _ast.expr):
                there = self.module.place_of(binding)
                asks, suffix = self._subject(binding.value, there, depth + 2, given)
                if asks is not None:
                    return asks, suffix
            elif binding.kind == "item" and isinstance(binding.value, _ast.expr):
                there = self.module.place_of(binding)
                for one, home in self.module.elements(binding.value, there):
                    asks, suffix = self._subject(one, home, depth + 2, given)
                    if asks is not None:
                        return asks, suffix
        return self._asks_typed(node, place), ""

    def _asks_captured(self, node: _ast.Name, place: Place) -> Ask | None:
        """Return on which condition a name was captured, as by `case Event(type=name)`."""
        if self._captured is None:
            self._captured = {}
            for match, there in self.module.seen.all(_ast.Match):
                assert isinstance(match, _ast.Match)
                for name in _captures(match):
                    held, _ = self._subject(match.subject, there)
                    if held is not None:
                        self._captured[there.scope, name] = held
                for one in walk([case.pattern for case in match.cases]):
                    if isinstance(one, _ast.MatchClass):
                        for key, inner in _keyed(one):
                            if isinstance(inner, _ast.MatchAs) and inner.name:
                                held = self._asks_pattern(key, self._names(one.cls, there))
                                if held is not None:
                                    self._captured[there.scope, inner.name] = held
        return self._captured.get((place.scope, node.id))

    def _asks_pattern(self, key: str, names: tuple[str, ...]) -> Ask | None:
        """Return on which condition a part of a class pattern is the type of an event."""
        if key in self.names:
            return ("own", names)
        return ("is-any", names, self.events) if key == TYPE else None

    def _subject_of_call(
        self, node: _ast.Call, place: Place, depth: int, given: Placed | None
    ) -> tuple[Ask | None, str | None]:
        """Return what `_subject` does of `getattr(event, "type")`, `str(event.type)` and others."""
        func = node.func
        if isinstance(func, _ast.Attribute):
            if func.attr in _KEEPING and not node.args:
                return self._subject(func.value, place, depth + 1, given)[0], None
            return None, ""
        names = self.module.names(func, place)
        if "builtins.getattr" in names and len(node.args) > 1:
            key = self.module.text(node.args[1], place)
            return self._asks_attribute(key or "", node.args[0], place), ""
        if not {"builtins.str", "sys.intern"}.isdisjoint(names) and len(node.args) == 1:
            return self._subject(node.args[0], place, depth + 1, given)[0], None
        return None, ""

    def _is_converted_here(self, binding: Binding) -> bool:
        function = binding.scope.node
        return self._is_converted(_argument(binding), function, self.module.place_of(binding))

    def _asks_typed(self, node: _ast.expr, place: Place) -> Ask | None:
        """Return the condition on which a name is annotated with the enum; None for never."""
        types = self.module.types(node, place)
        return ("is-any", types, (self.enum,)) if types else None


def _captures(match: _ast.Match) -> Iterator[str]:
    """Yield the names that are given to the whole subject of a `match`."""
    for case in match.cases:
        if isinstance(case.pattern, _ast.MatchAs) and case.pattern.name:
            yield case.pattern.name


def _keyed(pattern: _ast.MatchClass) -> list[tuple[str, _ast.pattern]]:
    """Return the attributes that a class pattern names, the first one by position as the type."""
    given = [*zip(pattern.kwd_attrs, pattern.kwd_patterns)]  # noqa: B905 (equal by grammar)
    return [*given, *((TYPE, one) for one in pattern.patterns[:1])]


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


def _pattern_values(pattern: _ast.pattern) -> Iterator[_ast.expr]:
    """Yield the values that a pattern compares with: its own, and those of its alternatives."""
    if isinstance(pattern, _ast.MatchValue):
        yield pattern.value
    elif isinstance(pattern, _ast.MatchOr):
        for one in pattern.patterns:
            yield from _pattern_values(one)
    elif isinstance(pattern, _ast.MatchAs) and pattern.pattern is not None:
        yield from _pattern_values(pattern.pattern)
