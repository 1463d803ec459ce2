"""Which strings the expressions of a file may hold."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.annotations import is_new_type
from failtrack_guard.code.instances import SAME_ITEMS, Instances
from failtrack_guard.code.remembered import DEPTH_MAX, remembered
from failtrack_guard.code.scopes import FUNCTIONS, Binding, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


_WIDE = re.compile(r"%[^a-zA-Z%(]*\d{4}")  # a width that might fill the memory
PART = "part"  # the `kind` of a string that is only a part of what its span holds
_LISTS = (_ast.List, _ast.Tuple)
_ENUMS = frozenset({"enum.Enum", "enum.StrEnum", "enum.ReprEnum"})
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


class Strings(Instances):
    """The part of `Module` that knows literals, and what they are put together to."""

    @remembered
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

    @remembered
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
            if node.args and not SAME_ITEMS.isdisjoint(self.names(node.func, place, depth + 1)):
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
                if isinstance(made, _ast.Call) and is_new_type(self.names(made.func, there)):
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


def _formatted(left: list[Text], right: list[Text]) -> str | None:
    """Return what `left % right` is when both are one known string."""
    if len(left) != 1 or len(right) != 1 or left[0].value is None or right[0].value is None:
        return None
    if _WIDE.search(left[0].value) is not None:
        return None
    try:
        return left[0].value % right[0].value
    except (TypeError, ValueError):
        return None


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
