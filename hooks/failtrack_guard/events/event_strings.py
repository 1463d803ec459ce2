"""Which strings of a file are raw, and which values of it are event types; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.code.project import matches
from failtrack_guard.code.scopes import Place
from failtrack_guard.code.spelling import words_of
from failtrack_guard.code.strings import PART
from failtrack_guard.events.narrowing import Narrowing
from failtrack_guard.events.passing import Passing
from failtrack_guard.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding, Scope
    from failtrack_guard.code.strings import Text
    from failtrack_guard.events.passing import Given
    from failtrack_guard.rule import Rule

    Ask = tuple[Any, ...]
    Placed = tuple[_ast.expr, Place]
    Span = tuple[int, int, int, int]
    # Span of a string, its value, and what follows the member that takes its place.
    Wanted = tuple[Span, str, str]
    # Span of an annotation, and the code before and after the enum that takes its place.
    Annotation = tuple[Span, str, str]

TOLD_MAX = 20  # strings of one finding that are kept for its message
TYPE = "type"  # the keyword and attribute of an event that holds its type
STR = frozenset({"builtins.str", "typing.Text", "typing.LiteralString"})
# Names of `builtins.super.__init__` and the like say nothing.
_NOTHING = ("builtins.super", "builtins.type", "builtins.getattr")
_NO_TEXTS = frozenset(
    {
        *(_ast.List, _ast.Tuple, _ast.Set, _ast.Dict, _ast.Lambda, _ast.Compare, _ast.UnaryOp),
        *(_ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp, _ast.Await),
        *(_ast.Starred,),
    }
)
# Functions that call their first argument for each item of their second one.
_FUNCTION_FIRST = frozenset({"filter", "map", "filterfalse", "takewhile", "dropwhile"})
# Functions that call their `key` for each item of their first argument, or of what they belong to.
_FUNCTION_AS_KEY = frozenset({"sorted", "min", "max", "sort", "groupby"})


class EventStrings:
    """What PV-001 knows of the names and strings of one file.

    Args:
        rule: The rule; makes the findings.
        module: The file.
    """

    def __init__(self, rule: Rule, module: Module) -> None:
        self.rule = rule
        self.module = module
        self.passing = Passing(module)
        self.narrowing = Narrowing(module)
        self.enum: str = rule.options["enum"]
        self.enum_name = self.enum.rpartition(".")[2]
        self.events: tuple[str, ...] = tuple(rule.options["events"])
        self.emitters: tuple[str, ...] = tuple(rule.options["emitters"])
        self.names = frozenset(rule.options["names"])
        # The last parts of the emitters' names.
        self._words = {one.rpartition(".")[2] for one in self.emitters}
        self._said: dict[tuple[str, ...], bool] = {}
        self._raws: dict[tuple[int, int], tuple[_ast.expr, Place, list[Text]]] = {}
        self._own_strings: set[int] | None = None
        self._converting: dict[tuple[int, str], bool] = {}
        self._given_items: dict[int, list[Placed]] | None = None

    def _asks_guess(
        self, holder: _ast.expr, words: set[str], given: Placed, place: Place
    ) -> Ask | None:
        name = last_name(holder)
        if words.isdisjoint(words_of(name)) or not self._is_untyped(holder, place):
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
        root = [*chain_of(node)][-1]
        if not isinstance(root, _ast.Name):
            return False
        bindings = self.module.bindings(root.id, place)
        return all(one.kind in ("param", "item", "other") for one in bindings)

    def _says(self, *words: str) -> bool:
        """Return whether one of these words stands anywhere in the file."""
        said = self._said.get(words)
        if said is None:
            said = self._said[words] = any(one in self.module.source for one in words)
        return said

    def _is_enum(self, dotted: str) -> bool:
        return matches(dotted, self.enum) or dotted.rpartition(".")[2] == self.enum_name

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

    def _asks_annotated(self, annotation: _ast.expr, place: Place) -> Ask | None:
        """Return on which condition what is annotated so is an event type; None for never."""
        return self._asks_classes(self.module.annotated(annotation, place))

    def _asks_classes(self, classes: tuple[str, ...]) -> Ask | None:
        known = tuple(one for one in classes if not one.startswith("builtins."))
        return ("is-any", known, (self.enum,)) if known and STR.isdisjoint(classes) else None

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
            if isinstance(place.scope.node, _ast.Lambda):
                found += self._item_types(node, place)
            scope: Scope | None = place.scope
            while scope is not None:
                found += self.narrowing.classes(scope, node)
                scope = scope.parent
            if node.id in ("self", "cls") and place.scope.owner is not None:
                found += self._classes(place.scope.owner)
        return tuple(
            one for one in dict.fromkeys(self._expanded(found)) if not one.startswith("builtins.")
        )

    def _item_types(self, node: _ast.Name, place: Place) -> Iterator[str]:
        """Yield the classes of the parameter of a lambda that is called for each of some items."""
        for binding in self.module.bindings(node.id, place):
            if binding.kind == "param":
                for items, there in self._items_for(binding.scope.node):
                    yield from self.module.item_types(items, there)

    def _items_for(self, function: _ast.AST) -> list[Placed]:
        if self._given_items is None:
            self._given_items = {}
            for call, place in self.module.seen.all(_ast.Call):
                assert isinstance(call, _ast.Call)
                for one in (*call.args, *(keyword.value for keyword in call.keywords)):
                    if isinstance(one, _ast.Lambda) and (items := _items_of(call, one)):
                        self._given_items.setdefault(id(one), []).append((items, place))
        return self._given_items.get(id(function), [])

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
        if type(node) in _NO_TEXTS:
            return []
        key = (id(node), id(place))
        known = self._raws.get(key)
        if known is None:
            # Both are kept, too, so that their ids belong to nothing else.
            known = self._raws[key] = (node, place, self._find_raw(node, place))
        return known[2]

    def _find_raw(self, node: _ast.expr, place: Place) -> list[Text]:
        if isinstance(node, _ast.Attribute):
            owners = self.module.names(node.value, place)
            if any(matches(one, self.enum) for one in owners):
                return []
        return [one for one in self.module.texts(node, place) if self._is_raw(one, place)]

    def _is_raw(self, text: Text, place: Place) -> bool:
        node = text.node
        if isinstance(node, _ast.Constant) and self._is_of_own_enum(node):
            return False
        if text.value is not None:
            return True
        if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name):
            return False  # `str(...)` of something that is no raw string
        if isinstance(node, _ast.JoinedStr):
            parts = [one for one in node.values if isinstance(one, _ast.FormattedValue)]
            has_text = len(parts) != len(node.values)
            return has_text or not all(self._is_of_enum(one.value, place) for one in parts)
        return True

    def _is_of_own_enum(self, node: _ast.Constant) -> bool:
        """Return whether a string is the value of a member of the enum, defined in this file."""
        if self._own_strings is None:
            self._own_strings = {
                id(inner)
                for one, _ in self.module.seen.all(_ast.ClassDef)
                if one.name == self.enum_name  # type: ignore[attr-defined]
                for inner in walk(one.body)  # type: ignore[attr-defined]
                if isinstance(inner, _ast.Constant)
            }
        return id(node) in self._own_strings

    def _is_of_enum(self, node: _ast.expr, place: Place) -> bool:
        return any(
            isinstance(one, (_ast.Name, _ast.Attribute))
            and any(self._is_enum(name) for name in self.module.names(one, place))
            for one in chain_of(node)
        )

    def _is_converted(self, name: str, function: _ast.AST, place: Place) -> bool:
        """Return whether a function turns its parameter into the enum itself.

        It calls the enum or a method of it, looks up a member, or is annotated to return the enum.
        """
        key = (id(function), name)
        known = self._converting.get(key)
        if known is None:
            known = self._converting[key] = self._converts(name, function, place)
        return known

    def _converts(self, name: str, function: _ast.AST, place: Place) -> bool:
        returns = getattr(function, "returns", None)
        if returns is not None and any(map(self._is_enum, self.module.annotated(returns, place))):
            return True
        for node in walk(body_of(function)):
            given: list[_ast.expr] = []
            if isinstance(node, _ast.Call) and node.args:
                called, given = node.func, node.args[:1]
                if getattr(called, "attr", "") == "get":
                    called = called.value  # type: ignore[attr-defined]
            elif isinstance(node, _ast.Subscript):
                called, given = node.value, [node.slice]
            if not any(isinstance(one, _ast.Name) and one.id == name for one in walk(given)):
                continue
            if any(
                self._is_enum(one) or self._is_enum(one.rpartition(".")[0])
                for one in self.module.names(called, place)
            ) or any(self._gives_enum(*one) for one in self.module.displays(called, place)):
                return True
        return False

    def _gives_enum(self, node: _ast.expr, place: Place) -> bool:
        """Return whether a dict that is written here turns strings into members of the enum."""
        return isinstance(node, _ast.Dict) and any(
            isinstance(one, _ast.Attribute)
            and any(self._is_enum(name) for name in self.module.names(one.value, place))
            for one in node.values
        )

    def _raw(
        self, given: Given, place: Place, verb: str, *, asks: Ask, suffix: str | None = ""
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
        return f"raw string {quoted(texts)} {verb} where {self.enum_name} is due"

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
        suffix: str | None = "",
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
            suffix: What follows a member that takes the place of a string; None when none can.
        """
        found = [
            None if one is None or suffix is None else self._leaf_edits(*one, suffix)
            for one in given
        ]
        edits = tuple(edit for one in found for edit in one or ())
        spans = tuple(one for one in annotations if one is not None)
        is_fixable = None not in found and len(spans) == len(annotations)
        values = tuple(dict.fromkeys(one.value for one in texts if one.value is not None))[
            :TOLD_MAX
        ]
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

    def _holds_raw_only(self, binding: Binding) -> bool:
        """Return whether a binding surely gives a name a raw string."""
        value = binding.value
        if binding.kind != "assign" or not isinstance(value, _ast.expr):
            return False
        return bool(self.raw(value, self.module.place_of(binding)))

    def _is_replaceable(self, node: _ast.expr, place: Place) -> bool:
        if isinstance(node, (_ast.Name, _ast.Attribute)):
            bindings = self.module.values(node, place)
            is_own = isinstance(node, _ast.Attribute) and getattr(node.value, "id", "") == "self"
            return (
                not is_own and bool(bindings) and all(self._holds_raw_only(one) for one in bindings)
            )
        is_part = isinstance(node, _ast.Constant) and node.kind == PART
        return not is_part and isinstance(node, (_ast.Constant, _ast.JoinedStr, _ast.BinOp))


def body_of(function: _ast.AST) -> list[_ast.AST]:
    """Return the statements of a function, none of a lambda."""
    body = getattr(function, "body", None)
    return body if isinstance(body, list) else []


def _items_of(call: _ast.Call, function: _ast.Lambda) -> _ast.expr | None:
    """Return the items for each of which a call calls a function that it is given."""
    name = last_name(call.func)
    args = call.args
    if name in _FUNCTION_FIRST and len(args) == 2 and args[0] is function:
        return args[1]
    if name in _FUNCTION_AS_KEY:
        return args[0] if args else getattr(call.func, "value", None)
    return None


def chain_of(node: _ast.expr) -> Iterator[_ast.expr]:
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


def quoted(texts: list[Text]) -> str:
    """Return the strings as they are shown, at most three."""
    shown = list(dict.fromkeys("(built here)" if t.value is None else repr(t.value) for t in texts))
    return ", ".join([*shown[:3], *(["..."] if len(shown) > 3 else [])])
