"""Where one file hands over, keeps, compares or annotates the type of an event; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.finding import Finding
from failtrack_guard.module import parsed
from failtrack_guard.project import matches
from failtrack_guard.scopes import FUNCTIONS, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from typing import Any

    from failtrack_guard.module import Module, Text
    from failtrack_guard.rule import Rule
    from failtrack_guard.scopes import Binding, Scope

    Ask = tuple[Any, ...]
    Placed = tuple[_ast.expr, Place]
    # An argument, where it is read, and where a finding about it points.
    Given = tuple[_ast.expr, Place, _ast.AST]
    Keyword = tuple[str, Given]
    Span = tuple[int, int, int, int]
    # Span of a string, its value, and what follows the member that takes its place.
    Wanted = tuple[Span, str, str]
    # Span of an annotation, and the code before and after the enum that takes its place.
    Annotation = tuple[Span, str, str]

LAST_LINE = 1 << 30
TYPE = "type"  # the keyword and attribute of an event that holds its type
STR = frozenset({"builtins.str", "typing.Text", "typing.LiteralString"})
# What an annotation is seen through.
_WRAPPERS = frozenset(
    {
        *("Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired"),
        *("ReadOnly", "InitVar", "Mapped"),
    }
)
# Functions that call another one: position of that among their arguments.
_CALLERS = {
    "functools.partial": 0,
    "functools.partialmethod": 0,
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
}
_CALLER_WORDS = ("partial", "to_thread", "map", "Thread")
_CALLER_METHODS = {
    "submit": 0,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "add_task": 0,
    "run_in_executor": 1,
    "call_later": 1,
    "call_at": 1,
}
_COPIES = frozenset({"dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve"})
_DEFAULTS = ("default", "default_factory", "server_default", "insert_default")
_EQUALS = (_ast.Eq, _ast.NotEq, _ast.Is, _ast.IsNot)
COMPARED = "is compared with the type of an event"
_ASSERTS_EQUAL = frozenset(
    {"assertEqual", "assertEquals", "assertNotEqual", "assertNotEquals", "assertIs", "assertIsNot"}
)
_ASSERTS_IN = frozenset({"assertIn", "assertNotIn"})
_OPERATORS = frozenset(
    {"operator.eq", "operator.ne", "operator.is_", "operator.is_not", "_operator.eq"}
)
# What the owner of an emitter may be called beside the words of its class.
_BUSES = frozenset({"bus", "event", "publisher", "emitter", "dispatcher"})
# Methods whose keywords are texts to fill in, or keys of a dict.
_FILLERS = frozenset({"format", "substitute", "safe_substitute", "update", "setdefault", "labels"})
_LOGGERS = ("logging.", "structlog.", "loguru.")
# Names of `builtins.super.__init__` and the like say nothing.
_NOTHING = ("builtins.super", "builtins.type", "builtins.getattr")


class Narrowing:
    """Lines of a function on which a name is known to be of some classes."""

    __slots__ = ("classes", "first", "last", "name", "scope")

    def __init__(
        self, scope: Scope, name: str, classes: tuple[str, ...], first: int, last: int
    ) -> None:
        self.scope = scope
        self.name = name
        self.classes = classes
        self.first = first
        self.last = last


class EventTypes:
    """One file under the eyes of PV-001.

    Args:
        rule: The rule; makes the findings.
        module: The file.
    """

    def __init__(self, rule: Rule, module: Module) -> None:
        self.rule = rule
        self.module = module
        self.enum: str = rule.options["enum"]
        self.enum_name = self.enum.rpartition(".")[2]
        self.events: tuple[str, ...] = tuple(rule.options["events"])
        self.emitters: tuple[str, ...] = tuple(rule.options["emitters"])
        self.names = frozenset(rule.options["names"])
        self._narrowed: list[Narrowing] | None = None
        self._said: dict[tuple[str, ...], bool] = {}

    def _says(self, *words: str) -> bool:
        """Return whether one of these words stands anywhere in the file."""
        said = self._said.get(words)
        if said is None:
            said = self._said[words] = any(one in self.module.source for one in words)
        return said

    def findings(self) -> Iterator[Finding]:
        """Yield what the file shows."""
        seen = self.module.seen
        for node, place in seen.all(_ast.Call):
            assert isinstance(node, _ast.Call)
            yield from self._call(node, place)
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

    # Calls.

    def _call(self, node: _ast.Call, place: Place) -> Iterator[Finding]:
        args = [*self._positional(node.args, place)]
        keywords = [*self._keywords(node.keywords, place)]
        if not (yield from self._forwarded(node, place, args, keywords)):
            yield from self._called(node.func, place, args, keywords)
        yield from self._set_attribute(node, place, args)
        yield from self._asserted(node, place, args)
        yield from self._copied(node, place, args, keywords)

    def _positional(self, args: list[_ast.expr], place: Place) -> Iterator[Given | None]:
        """Yield positional arguments, those of `*[...]` too; None once they are unknown."""
        for one in args:
            if not isinstance(one, _ast.Starred):
                yield one, place, one
                continue
            found = [*self.module.elements(one.value, place)]
            for inner, there in found:
                yield inner, there, self._at(inner, one)
            if not found:
                yield None

    def _keywords(self, keywords: list[_ast.keyword], place: Place) -> Iterator[Keyword]:
        """Yield keywords and those of `**{...}`."""
        for one in keywords:
            if one.arg is not None:
                yield one.arg, (one.value, place, one.value)
                continue
            for key, value, there in self._pairs(one.value, place):
                yield key, (value, there, self._at(value, one.value))

    def _at(self, node: _ast.expr, around: _ast.expr) -> _ast.expr:
        """Return an expression where it stands within another one, else the other one."""
        inner, outer = self.module.span(node), self.module.span(around)
        is_within = outer[:2] <= inner[:2] and inner[2:] <= outer[2:]
        return node if is_within else around

    def _pairs(
        self, node: _ast.AST, place: Place, depth: int = 0
    ) -> Iterator[tuple[str, _ast.expr, Place]]:
        """Yield the keys and values of a dict that is written in this file."""
        if depth > 10:
            return
        if isinstance(node, _ast.Dict):
            for key, value in zip(node.keys, node.values):  # noqa: B905 (equal by grammar)
                if key is None:
                    yield from self._pairs(value, place, depth + 1)
                elif text := self.module.text(key, place):
                    yield text, value, place
        elif isinstance(node, _ast.Call):
            if "builtins.dict" in self.module.names(node.func, place):
                for one in node.args:
                    yield from self._pairs(one, place, depth + 1)
                for keyword in node.keywords:
                    if keyword.arg:
                        yield keyword.arg, keyword.value, place
                    else:
                        yield from self._pairs(keyword.value, place, depth + 1)
        elif isinstance(node, (_ast.BinOp, _ast.IfExp)):
            both = (
                (node.left, node.right)
                if isinstance(node, _ast.BinOp)
                else (node.body, node.orelse)
            )
            for half in both:
                yield from self._pairs(half, place, depth + 1)
        elif isinstance(node, (_ast.Name, _ast.Attribute)):
            for binding in self.module.values(node, place):
                there = self.module.place_of(binding)
                if binding.kind in ("assign", "param") and isinstance(binding.value, _ast.expr):
                    yield from self._pairs(binding.value, there, depth + 1)
                elif binding.kind == "item" and isinstance(binding.value, _ast.expr):
                    for one, home in self.module.elements(binding.value, there):
                        yield from self._pairs(one, home, depth + 1)
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
            yield from self._pairs(first, place, 5)

    def _called(
        self,
        func: _ast.expr,
        place: Place,
        args: list[Given | None],
        keywords: list[Keyword],
    ) -> Iterator[Finding]:
        """Yield what a call gives to an event class, an emitter, or a keyword of the name."""
        told = [(key, given) for key, given in keywords if self.raw(*given[:2])]
        if not told and not any(one is not None and self.raw(*one[:2]) for one in args[:2]):
            return
        names = self._names(func, place)
        is_bound, classes = self._made(func, names)
        shown = _shown(func)
        first = self._first(func, args, place, is_bound=is_bound)
        if first is not None:
            asks: Ask = ("any", ("makes", classes), ("is-any", names, self.emitters))
            guess = self._guess(func, first, place)
            if guess is not None:
                asks = (*asks, guess)
            if classes or names or guess is not None:
                yield from self._raw(first, place, f"is given to {shown}", asks=asks)
        for key, given in told:
            found = self._asks_keyword(key, func, names, classes, place)
            if found is not None:
                verb = f"is given as {key} to {shown}"
                yield from self._raw(given, place, verb, asks=found)

    def _guess(self, func: _ast.expr, first: Given, place: Place) -> Ask | None:
        """Return on which condition `self.bus.publish("x")` is meant although nobody types `bus`.

        It is called like an emitter, its owner is called like the emitter's class, and the string
        is one of the enum's. None for never.
        """
        if not isinstance(func, _ast.Attribute):
            return None
        words: set[str] = set()
        for one in self.emitters:
            owner, _, method = one.rpartition(".")
            owner = owner.rpartition(".")[2]
            if method == func.attr and (owner == "*" or owner[:1].isupper()):
                words |= {*_words(owner), *_BUSES}
        return self._asks_guess(func.value, words, first[:2], place)

    def _asks_guess(
        self, holder: _ast.expr, words: set[str], given: Placed, place: Place
    ) -> Ask | None:
        name = getattr(holder, "attr", getattr(holder, "id", ""))
        if words.isdisjoint(_words(name)) or not self._is_untyped(holder, place):
            return None
        own = self.rule.words()
        source = self.module.source.lower()
        if own is not None and not any(one.lower() in source for one in own):
            return None  # a run over a whole tree does not parse such a file
        values = tuple(one.value for one in self.raw(*given) if one.value is not None)
        return ("all", ("untyped", self._holders(holder, place)), ("member", values))

    def _is_untyped(self, node: _ast.expr, place: Place) -> bool:
        """Return whether the file says nothing of the class of a value."""
        if self.module.types(node, place):
            return False
        root = [*_chain(node)][-1]
        if not isinstance(root, _ast.Name):
            return False
        bindings = self.module.bindings(root.id, place)
        return all(one.kind in ("param", "item", "other") for one in bindings)

    def _first(
        self, func: _ast.expr, args: list[Given | None], place: Place, *, is_bound: bool
    ) -> Given | None:
        """Return the first argument beside the instance of a method called through its class."""
        first = args[0] if args else None
        second = args[1] if len(args) > 1 else None
        if not is_bound:
            return second
        if first is None or second is None or self.raw(*first[:2]):
            return first
        return second if self._is_unbound(func, first, place) else first

    def _asks_keyword(
        self,
        key: str,
        func: _ast.expr,
        names: tuple[str, ...],
        classes: tuple[str, ...],
        place: Place,
    ) -> Ask | None:
        """Return on which condition a keyword is the type of an event; None for never."""
        if key in self.names:
            return self._asks_own(func, names, place)
        if not names and not classes:
            return None
        takes = ("any", ("is-any", classes, self.events), ("is-any", names, self.emitters))
        return takes if key == TYPE else ("all", takes, ("first-named", (*names, *classes), key))

    def _made(self, func: _ast.expr, names: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
        """Return whether the instance is no argument of a call, and the classes that it makes."""
        if not isinstance(func, _ast.Attribute) or func.attr not in ("__init__", "__new__"):
            return True, names
        classes = tuple(
            one.rpartition(".")[0] for one in names if one.endswith((".__init__", ".__new__"))
        )
        is_super = isinstance(func.value, _ast.Call)
        return is_super and func.attr == "__init__", classes

    def _is_unbound(self, func: _ast.expr, first: Given, place: Place) -> bool:
        """Return whether a method is called through its class, the instance as an argument."""
        if not isinstance(func, _ast.Attribute) or not isinstance(
            func.value, (_ast.Name, _ast.Attribute)
        ):
            return False
        names = self.module.names(func.value, place)
        return any(name.rpartition(".")[2][:1].isupper() for name in names) and bool(
            self.module.types(*first[:2]) or isinstance(first[0], _ast.Name)
        )

    def _asks_own(self, func: _ast.expr, names: tuple[str, ...], place: Place) -> Ask | None:
        """Return the condition on which a keyword of the name is ours; None for never."""
        if isinstance(func, _ast.Attribute) and (func.attr in _FILLERS or _is_logger(func.value)):
            return None
        if any(name.startswith(_LOGGERS) for name in names) or "builtins.dict" in names:
            return None
        is_result = isinstance(func, _ast.Attribute) and any(
            isinstance(one, _ast.Call) and not self._is_construction(one, place)
            for one in _chain(func.value)
        )
        return () if not names or is_result else ("own", names)

    def _is_construction(self, node: _ast.Call, place: Place) -> bool:
        return any(
            name.rpartition(".")[2][:1].isupper() for name in self.module.names(node.func, place)
        )

    def _forwarded(
        self, node: _ast.Call, place: Place, args: list[Given | None], keywords: list[Keyword]
    ) -> Generator[Finding, None, bool]:
        """Yield what goes through `partial`, `submit`, `map` and the like; return whether it is."""
        func = node.func
        names = self.module.names(func, place) if self._says(*_CALLER_WORDS) else ()
        offset = next((_CALLERS[name] for name in names if name in _CALLERS), None)
        if offset is None and isinstance(func, _ast.Attribute):
            offset = _CALLER_METHODS.get(func.attr)
        if offset is not None:
            target = args[offset] if len(args) > offset else None
            if target is None or isinstance(target[0], _ast.Constant):
                return False
            yield from self._called(target[0], place, args[offset + 1 :], keywords)
            return True
        if "builtins.map" in names and len(args) == 2 and args[0] and args[1]:
            for inner, there in self.module.elements(*args[1][:2]):
                yield from self._called(args[0][0], place, [(inner, there, inner)], [])
        elif "itertools.starmap" in names and len(args) == 2 and args[0] and args[1]:
            for row, there in self.module.elements(*args[1][:2]):
                if isinstance(row, (_ast.Tuple, _ast.List)):
                    given = [*self._positional(row.elts, there)]
                    yield from self._called(args[0][0], place, given, [])
        elif "threading.Thread" in names:
            told = dict(keywords)
            if "target" in told and "args" in told:
                passed: list[Given | None] = [
                    (inner, there, inner)
                    for inner, there in self.module.elements(*told["args"][:2])
                ]
                yield from self._called(told["target"][0], place, passed, [])
        return False

    def _set_attribute(
        self, node: _ast.Call, place: Place, args: list[Given | None]
    ) -> Iterator[Finding]:
        """Yield `setattr(event, "type", "x")`, also of `object`."""
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in ("setattr", "__setattr__") or len(args) != 3:
            return
        holder, attribute, value = args
        if holder is None or attribute is None or value is None:
            return
        key = self.module.text(*attribute[:2])
        asks = self._asks_attribute(key or "", holder[0], place)
        if asks is not None:
            yield from self._raw(value, place, f"is assigned to {key}", asks=asks)

    def _asserted(
        self, node: _ast.Call, place: Place, args: list[Given | None]
    ) -> Iterator[Finding]:
        """Yield `assertEqual(event.type, "x")` and `operator.eq(...)`."""
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

    def _copied(
        self, node: _ast.Call, place: Place, args: list[Given | None], keywords: list[Keyword]
    ) -> Iterator[Finding]:
        """Yield `replace(event, type="x")`, `event._replace(...)`, `model_copy(update=...)`."""
        holder: _ast.expr | None = None
        name = getattr(node.func, "attr", "")
        if isinstance(node.func, _ast.Attribute) and name in ("_replace", "model_copy"):
            holder = node.func.value
        elif (
            args
            and keywords
            and args[0] is not None
            and self._says("replace", "evolve")
            and not _COPIES.isdisjoint(self.module.names(node.func, place))
        ):
            holder = args[0][0]
        if holder is None:
            return
        given = [one for one in keywords if name != "_replace" or one[0] == TYPE]
        for key, (value, there, _) in keywords:
            if key == "update":
                given += [
                    (inner, (one, home, self._at(one, value)))
                    for inner, one, home in self._pairs(value, there)
                ]
        for key, one in given:
            asks = self._asks_attribute(key, holder, place)
            if asks is not None:
                yield from self._raw(one, place, f"is given as {key}", asks=asks)

    # Parameters, fields and attributes.

    def _class_keywords(self, node: _ast.ClassDef, place: Place) -> Iterator[Finding]:
        """Yield `class OrderCreated(Event, event_type="x")`."""
        bases = tuple(name for one in node.bases for name in self._names(one, place))
        for key, given in self._keywords(node.keywords, place):
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
                yield from self._declared(arg.arg, arg, annotation, default, place, asks=asks)
            elif asks is None and annotation is not None and default is not None:
                yield from self._typed(arg.arg, annotation, default, place)

    def _is_converted(self, name: str, function: _ast.AST, place: Place) -> bool:
        """Return whether a function turns its parameter into the enum itself."""
        body = getattr(function, "body", None)
        waiting: list[_ast.AST] = [*body] if isinstance(body, list) else []
        while waiting:
            node = waiting.pop()
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
            for field in node._fields:
                value = getattr(node, field, None)
                children = value if isinstance(value, list) else [value]
                waiting += [one for one in children if isinstance(one, _ast.AST)]
        return False

    def _is_enum(self, dotted: str) -> bool:
        return matches(dotted, self.enum) or dotted.rpartition(".")[2] == self.enum_name

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
                told += f" and holds the raw string {_quoted(texts)}"
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

    def _around(self, scope: Scope) -> Place:
        """Return a place in the scope around a class."""
        for node, place in self.module.seen.all(_ast.ClassDef):
            if node is scope.node:
                return place
        raise LookupError(scope.qualname)

    def _classes(self, scope: Scope) -> tuple[str, ...]:
        """Return the dotted name of a class of this file, with those of its bases."""
        around = self._around(scope)
        bases = getattr(scope.node, "bases", ())
        return (
            f"{self.module.name}.{scope.qualname}",
            *(name for base in bases for name in self._names(base, around)),
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
        if depth > 10:
            return None, ""
        if isinstance(node, _ast.Attribute):
            if node.attr == "value":
                asks, _ = self._subject(node.value, place, depth + 1, given)
                return asks, ".value"
            asks = self._asks_attribute(node.attr, node.value, place)
            if asks is None:
                asks = self._asks_typed(node, place)
            if node.attr == TYPE and given is not None:
                words = {word for one in self.events for word in _words(one.rpartition(".")[2])}
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
                asks, suffix = self._subject(binding.value, there, depth + 1, given)
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

    def _asks_attribute(self, attribute: str, holder: _ast.expr, place: Place) -> Ask | None:
        """Return on which condition an attribute is the type of an event; None for never."""
        if attribute in self.names:
            types = self._holders(holder, place)
            return ("own", types) if types else ()
        if attribute != TYPE:
            return None
        types = self._holders(holder, place)
        return ("of", types, self.events) if types else None

    def _holders(self, node: _ast.expr, place: Place) -> tuple[str, ...]:
        """Return the classes that a value may be of, and names that may hold it elsewhere."""
        found = [*self.module.types(node, place)]
        if isinstance(node, (_ast.Name, _ast.Attribute)):
            found += self.module.names(node, place)
        if isinstance(node, _ast.Name):
            scope: Scope | None = place.scope
            while scope is not None:
                found += self._narrowed_to(scope, node)
                scope = scope.parent
            if node.id in ("self", "cls") and place.scope.owner is not None:
                found += self._classes(place.scope.owner)
        return tuple(
            one for one in dict.fromkeys(self._expanded(found)) if not one.startswith("builtins.")
        )

    def _narrowed_to(self, scope: Scope, node: _ast.Name) -> Iterator[str]:
        """Yield the classes that `isinstance` or a pattern says a name is of, where it stands."""
        if self._narrowed is None:
            self._narrowed = [*self._by_isinstance(), *self._by_pattern()]
        for one in self._narrowed:
            if one.scope is scope and one.name == node.id and one.first <= node.lineno <= one.last:
                yield from one.classes

    def _by_isinstance(self) -> Iterator[Narrowing]:
        for node, place in self.module.seen.all(_ast.Call):
            assert isinstance(node, _ast.Call)
            if (
                isinstance(node.func, _ast.Name)
                and node.func.id == "isinstance"
                and len(node.args) == 2
                and isinstance(node.args[0], _ast.Name)
            ):
                kinds = node.args[1]
                parts = kinds.elts if isinstance(kinds, _ast.Tuple) else [kinds]
                classes = tuple(name for one in parts for name in self._names(one, place))
                for first, last in _lines_after(node, place.statement):
                    yield Narrowing(place.scope, node.args[0].id, classes, first, last)

    def _by_pattern(self) -> Iterator[Narrowing]:
        for node, place in self.module.seen.all(_ast.Match):
            assert isinstance(node, _ast.Match)
            for case in node.cases:
                pattern = case.pattern
                names = [node.subject.id] if isinstance(node.subject, _ast.Name) else []
                if isinstance(pattern, _ast.MatchAs) and pattern.pattern is not None:
                    names += [pattern.name] if pattern.name else []
                    pattern = pattern.pattern
                parts = pattern.patterns if isinstance(pattern, _ast.MatchOr) else [pattern]
                classes = tuple(
                    name
                    for one in parts
                    if isinstance(one, _ast.MatchClass)
                    for name in self._names(one.cls, place)
                )
                last = case.body[-1].end_lineno or case.body[-1].lineno
                for name in names:
                    yield Narrowing(place.scope, name, classes, pattern.lineno, last)

    # Names and strings.

    def _names(self, node: _ast.expr, place: Place) -> tuple[str, ...]:
        """Return what an expression stands for; see `Module.names`."""
        found = [name for name in self.module.names(node, place) if not name.startswith(_NOTHING)]
        return tuple(dict.fromkeys(self._expanded(found)))

    def _expanded(self, names: Iterable[str]) -> Iterator[str]:
        """Yield names; of a file without a module name the bases of its classes, too."""
        waiting = [*names]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            yield name
            if not self.module.name and name.startswith("."):
                for scope in self.module.seen.classes:
                    if f".{scope.qualname}" == name:
                        around = self._around(scope)
                        for base in getattr(scope.node, "bases", ()):
                            waiting += self.module.names(base, around)

    def raw(self, node: _ast.expr, place: Place) -> list[Text]:
        """Return the raw strings that an expression may be, without those of the enum."""
        if isinstance(node, _ast.Attribute):
            owners = self.module.names(node.value, place)
            if any(matches(one, self.enum) for one in owners):
                return []
        return [one for one in self.module.texts(node, place) if self._is_raw(one, place)]

    def _is_raw(self, text: Text, place: Place) -> bool:
        node = text.node
        if text.value is not None:
            return True
        if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name):
            return False  # `str(...)` of something that is no raw string
        if isinstance(node, _ast.JoinedStr):
            parts = [one for one in node.values if isinstance(one, _ast.FormattedValue)]
            has_text = len(parts) != len(node.values)
            return has_text or not all(self._is_of_enum(one.value, place) for one in parts)
        return True

    def _is_of_enum(self, node: _ast.expr, place: Place) -> bool:
        return any(
            isinstance(one, (_ast.Name, _ast.Attribute))
            and any(self._is_enum(name) for name in self.module.names(one, place))
            for one in _chain(node)
        )

    # Findings.

    def _raw(
        self, given: Given, place: Place, verb: str, *, asks: Ask, suffix: str = ""
    ) -> Iterator[Finding]:
        """Yield a finding when an expression is a raw string."""
        node, there, at = given
        texts = self.raw(node, there)
        if texts:
            yield self._finding(
                *(at, place, self._told(texts, verb), asks),
                texts=texts,
                given=[(node, there) if at is node else None],
                suffix=suffix,
            )

    def _told(self, texts: list[Text], verb: str) -> str:
        return f"raw string {_quoted(texts)} {verb} where {self.enum_name} is due"

    def _finding(
        self,
        at: _ast.AST,
        place: Place,
        message: str,
        asks: Ask,
        *,
        texts: list[Text],
        given: Sequence[Placed | None] = (),
        annotations: Sequence[Annotation | None] = (),
        suffix: str = "",
    ) -> Finding:
        """Return a finding with what `RawEventType.finish` needs to fix it.

        Args:
            at: Where it points.
            place: Place of that.
            message: What is wrong.
            asks: See `Finding`.
            texts: The raw strings.
            given: Expressions that hold them; None for one that stands elsewhere.
            annotations: See `_strings`.
            suffix: What follows a member that takes the place of a string.
        """
        found = [None if one is None else self._leaf_edits(*one, suffix) for one in given]
        edits = tuple(edit for one in found for edit in one or ())
        spans = tuple(one for one in annotations if one is not None)
        is_fixable = None not in found and len(spans) == len(annotations)
        values = tuple(dict.fromkeys(one.value for one in texts if one.value is not None))
        needs = (edits, spans, values, is_fixable)
        return self.rule.at(self.module, at, place, message, asks=asks, needs=needs)

    def _leaf_edits(self, node: _ast.expr, place: Place, suffix: str) -> list[Wanted] | None:
        """Return span, string and suffix of each raw string in an expression.

        None when one of them is not surely a string that is known.
        """
        if isinstance(node, _ast.IfExp):
            parts = [node.body, node.orelse]
        elif isinstance(node, _ast.BoolOp):
            parts = node.values
        else:
            texts = self.raw(node, place)
            if not texts:
                return []
            values = {one.value for one in texts}
            value = values.pop()
            if values or value is None or not self._is_replaceable(node, place):
                return None
            return [(self.module.span(node), value, suffix)]
        found: list[Wanted] = []
        for one in parts:
            edits = self._leaf_edits(one, place, suffix)
            if edits is None:
                return None
            found += edits
        return found

    def _is_replaceable(self, node: _ast.expr, place: Place) -> bool:
        if isinstance(node, (_ast.Name, _ast.Attribute)):
            bindings = self.module.values(node, place)
            is_own = isinstance(node, _ast.Attribute) and getattr(node.value, "id", "") == "self"
            return not is_own and all(one.kind == "assign" for one in bindings)
        return isinstance(node, (_ast.Constant, _ast.JoinedStr, _ast.BinOp))


def _lines_after(node: _ast.Call, statement: _ast.stmt) -> Iterator[tuple[int, int]]:
    """Yield the first and last lines on which an `isinstance` is known to hold."""
    end = statement.end_lineno or statement.lineno
    if isinstance(statement, (_ast.If, _ast.While)):
        test = statement.test
        is_not = _is_negated(test, node)
        held = statement.orelse if is_not else statement.body
        if test is not node and not isinstance(test, _ast.UnaryOp):
            yield test.lineno, test.end_lineno or test.lineno
        if held:
            yield held[0].lineno, held[-1].end_lineno or held[-1].lineno
        leaves = (_ast.Return, _ast.Raise, _ast.Continue, _ast.Break)
        if is_not and isinstance(statement.body[-1], leaves):
            yield end + 1, LAST_LINE
    elif isinstance(statement, _ast.Assert):
        yield statement.lineno, LAST_LINE
    elif not hasattr(statement, "body"):
        yield statement.lineno, end
    else:
        yield node.lineno, node.end_lineno or node.lineno


def _is_negated(test: _ast.expr, node: _ast.Call) -> bool:
    """Return whether a call stands in a condition under a `not`."""
    if isinstance(test, _ast.UnaryOp) and isinstance(test.op, _ast.Not):
        return test.operand is node
    return isinstance(test, _ast.BoolOp) and any(_is_negated(one, node) for one in test.values)


def _argument(binding: Binding) -> str:
    for name, bindings in binding.scope.names.items():
        if binding in bindings:
            return name
    return ""


def _chain(node: _ast.expr) -> Iterator[_ast.expr]:
    """Yield an expression and what its attributes, calls and items are of."""
    inner: _ast.expr | None = node
    while inner is not None:
        yield inner
        if isinstance(inner, (_ast.Attribute, _ast.Subscript)):
            inner = inner.value
        elif isinstance(inner, _ast.Call):
            inner = inner.func
        else:
            inner = None


def _is_logger(node: _ast.expr) -> bool:
    for one in _chain(node):
        name = getattr(one, "attr", getattr(one, "id", "")).lower().lstrip("_")
        if name in ("log", "logger", "logging", "getlogger", "get_logger", "structlog"):
            return True
        if name.endswith(("_log", "_logger")):
            return True
    return False


def _words(name: str) -> set[str]:
    """Return the words of a name, lower case, without an `s` at their end."""
    parts: list[str] = []
    for index, letter in enumerate(name):
        if letter == "_" or letter == "*":
            parts.append("")
        elif letter.isupper() and not name[index - 1 : index].isupper():
            parts.append(letter)
        elif parts:
            parts[-1] += letter
        else:
            parts.append(letter)
    return {one.lower() for one in parts if one} | {
        one.lower().removesuffix("s") for one in parts if len(one) > 3
    }


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


def _quoted(texts: list[Text]) -> str:
    """Return the strings as they are shown, at most three."""
    shown = list(dict.fromkeys("(built here)" if t.value is None else repr(t.value) for t in texts))
    return ", ".join([*shown[:3], *(["..."] if len(shown) > 3 else [])])


def _shown(func: _ast.expr) -> str:
    """Return how a called function is written."""
    parts: list[str] = []
    for one in _chain(func):
        if isinstance(one, _ast.Attribute):
            parts.append(one.attr)
        elif isinstance(one, _ast.Name):
            parts.append(one.id)
        elif isinstance(one, _ast.Call):
            parts.append("()")
    return ".".join(reversed(parts)).replace(".()", "()") + "()"


def _source(module: Module, node: _ast.AST) -> str:
    """Return the text of an expression on one line, shortened when it spans more."""
    line, column, end_line, end_column = module.span(node)
    text = module.lines[line - 1]
    return text[column:end_column] if line == end_line else text[column:].rstrip() + "..."
