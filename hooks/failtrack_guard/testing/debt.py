"""How a test file says that a test does not run: marks, calls and their words; read by FT-D1 to 3.

The words of a reason are those that `pytest_failtrack.observe.debt` understands.
"""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.nodes import walk
from failtrack_guard.code.scopes import Block, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module

FILES = ["test_*.py", "*_test.py", "conftest.py"]
KINDS = ("skip", "skipif", "xfail", "importorskip")
MARKER = "pytest.mark.failtrack_debt"
NEEDLES = (b"skip", b"xfail", b"expectedfailure")
NO_REASON = frozenset(
    {
        *("", "unconditional skip", "no reason given", "reason unknown", "skipped test"),
        *("skip", "skipped", "xfail", "todo", "none"),
    }
)
WORDS = {
    "until": re.compile(r"\buntil\s*[=:]\s*(\d{4}-\d{2}-\d{2})\b"),
    "owner": re.compile(r"\bowner\s*[=:]\s*([^\s,;()]+)"),
    "ticket": re.compile(r"\bticket\s*[=:]\s*([^\s,;()]+)"),
}
_TEST_CASE = "unittest.TestCase.skipTest"
_HOMES = (("_pytest.outcomes.", "pytest."), ("unittest.case.", "unittest."), ("nose.", "unittest."))
_EXCEPTIONS = ("unittest.SkipTest", "pytest.skip.Exception", "pytest.xfail.Exception")

_ADDING = ("add_marker", "applymarker")


class Way:
    """One way to say that a test does not run.

    Args:
        kind: One of `KINDS`.
        position: Where its reason stands among the positional arguments, None for nowhere.
        keywords: Names under which it may be given.
    """

    __slots__ = ("keywords", "kind", "position")

    def __init__(self, kind: str, position: int | None, *keywords: str) -> None:
        self.kind = kind
        self.position = position
        self.keywords = keywords


WAYS = {
    "pytest.mark.skip": Way("skip", 0, "reason"),
    "pytest.mark.skipif": Way("skipif", None, "reason"),
    "pytest.mark.xfail": Way("xfail", None, "reason"),
    "pytest.skip": Way("skip", 0, "reason", "msg"),
    "pytest.xfail": Way("xfail", 0, "reason", "msg"),
    "pytest.importorskip": Way("importorskip", 2, "reason"),
    "pytest.skip.Exception": Way("skip", 0, "msg"),
    "pytest.xfail.Exception": Way("xfail", 0, "msg"),
    "unittest.skip": Way("skip", 0, "reason"),
    "unittest.skipIf": Way("skipif", 1, "reason"),
    "unittest.skipUnless": Way("skipif", 1, "reason"),
    "unittest.expectedFailure": Way("xfail", None),
    "unittest.SkipTest": Way("skip", 0),
    _TEST_CASE: Way("skip", 0, "reason"),
}
# What a decorator means without being called.
_BARE = frozenset(one for one in WAYS if "mark" in one or one.startswith("unittest."))


class Debt:
    """One place where a test is kept from running.

    Args:
        way: Dotted name of what does it, a key of `WAYS`.
        node: The call, or the bare mark.
        place: Where it stands.
        reason: What is said, `` for nothing, None when that cannot be known from the file.
        declared: What `failtrack_debt` says around it: word -> text, None when it is not known.
    """

    __slots__ = ("declared", "node", "place", "reason", "way")

    def __init__(
        self,
        way: str,
        node: _ast.expr,
        place: Place,
        reason: str | None,
        declared: dict[str, str | None],
    ) -> None:
        self.way = way
        self.node = node
        self.place = place
        self.reason = reason
        self.declared = declared

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return WAYS[self.way].kind

    @property
    def has_reason(self) -> bool:
        """Whether somebody said why; what pytest says by itself is no reason."""
        if self.reason is None or self.declared.get("reason", "") != "":
            return True
        return is_reason(self.reason)

    @property
    def until(self) -> str:
        """The last day on which it is accepted, empty without one; the marker's word wins."""
        declared = self.declared.get("until", "")
        return declared or word("until", self.reason or "")


def word(name: str, text: str) -> str:
    """Return what a text says after `until=`, `owner=` or `ticket=`, empty for nothing."""
    match = WORDS[name].search(text)
    return match[1] if match else ""


def is_reason(text: str) -> bool:
    """Return whether a text says more than the words of the marker and what pytest says."""
    for pattern in WORDS.values():
        text = pattern.sub("", text)
    rest = re.sub(r"\s+", " ", re.sub(r"\([\s,;]*\)", "", text)).strip(" ,;:-.!?")
    return rest.lower() not in NO_REASON


def is_past(until: str, today: str) -> bool:
    """Return whether a last day is over; a date that is none counts as past."""
    from datetime import date

    try:
        return date.fromisoformat(until) < date.fromisoformat(today)
    except ValueError:
        return True


def days_left(until: str, today: str) -> int:
    """Return the days from today to a last day; 0 for a date that is none."""
    from datetime import date

    try:
        return (date.fromisoformat(until) - date.fromisoformat(today)).days
    except ValueError:
        return 0


def debts(module: Module) -> Iterator[Debt]:
    """Yield every place of a file that keeps a test from running, in no particular order."""
    for way, node, place in _places(module):
        yield Debt(way, node, place, _reason(module, way, node, place), _around(module, place))


def markers(module: Module) -> Iterator[tuple[_ast.Call, Place]]:
    """Yield the uses of `@pytest.mark.failtrack_debt`."""
    for node, place in module.seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        if MARKER in module.names(node.func, place):
            yield node, place


def way_of(module: Module, node: _ast.AST, place: Place) -> str:
    """Return the key of `WAYS` that a name means, empty for none."""
    if isinstance(node, _ast.Call):  # getattr(pytest.mark, "skip")
        if module.names(node.func, place) != ("builtins.getattr",) or len(node.args) < 2:
            return ""
        text = module.text(node.args[1], place)
        names = tuple(f"{one}.{text}" for one in module.names(node.args[0], place))
    elif isinstance(node, (_ast.Name, _ast.Attribute)):
        names = module.names(node, place)
    else:
        return ""
    for name in names:
        for home, public in _HOMES:
            if name.startswith(home):
                name = public + name[len(home) :]
        name = name.removesuffix(".with_args")
        if name in WAYS:
            return name
    return _TEST_CASE if isinstance(node, _ast.Attribute) and node.attr == "skipTest" else ""


def elements(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield what a literal list or tuple holds, also a sum of such; else the node itself."""
    if isinstance(node, (_ast.List, _ast.Tuple, _ast.Set)):
        for one in node.elts:
            yield from elements(one)
    elif isinstance(node, _ast.Starred):
        yield from elements(node.value)
    elif isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Add):
        yield from elements(node.left)
        yield from elements(node.right)
    else:
        yield node


def _places(module: Module) -> Iterator[tuple[str, _ast.expr, Place]]:
    seen = module.seen
    called: set[int] = set()
    for node, place in seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        called.add(id(node.func))
        way = way_of(module, node.func, place)
        if way:
            yield way, node, place
    told: set[int] = set()
    for node, place in _bare(module, called):
        way = way_of(module, node, place)
        if way in _BARE and id(node) not in told:
            told.add(id(node))
            yield way, node, place
    can_raise = "SkipTest" in module.source or ".Exception" in module.source
    for one in walk([module.tree]) if can_raise else ():
        if isinstance(one, _ast.Raise) and one.exc is not None:
            place = Place(seen.module, Block(), 1 << 60, one)
            way = "" if isinstance(one.exc, _ast.Call) else way_of(module, one.exc, place)
            if way in _EXCEPTIONS:
                yield way, one.exc, place


def _bare(module: Module, called: set[int]) -> Iterator[tuple[_ast.expr, Place]]:
    """Yield expressions that may be a mark which is not called."""
    seen = module.seen
    for node, place in seen.all(_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef):
        assert isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef))
        inner = Place(place.scope, place.block, place.order, node)
        for one in node.decorator_list:
            yield one, inner
    aliases: set[int] = set()
    for node, place in seen.all(_ast.Assign, _ast.AnnAssign, _ast.NamedExpr, _ast.AugAssign):
        assert isinstance(node, (_ast.Assign, _ast.AnnAssign, _ast.NamedExpr, _ast.AugAssign))
        if node.value is not None:
            if is_pytestmark(node):
                for part in elements(node.value):
                    yield part, place  # type: ignore[misc]
            else:
                aliases.add(id(node.value))
    for node, place in seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        given = [one.value for one in node.keywords if one.arg == "marks"]
        if isinstance(node.func, _ast.Attribute) and node.func.attr in _ADDING:
            given += node.args[:1]
        for one in given:
            for part in elements(one):
                yield part, place  # type: ignore[misc]
    # Marks in lists that are named first and used elsewhere.
    inner_ids = {id(node.value) for node, _ in seen.all(_ast.Attribute)}  # type: ignore[attr-defined]
    for node, place in seen.all(_ast.Attribute):
        assert isinstance(node, _ast.Attribute)
        is_used = node.attr in KINDS and id(node) not in called | aliases | inner_ids
        if is_used and way_of(module, node, place).startswith("pytest.mark."):
            yield node, place


def is_pytestmark(node: _ast.AST) -> bool:
    """Return whether a statement binds `pytestmark`."""
    targets = node.targets if isinstance(node, _ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(one, _ast.Name) and one.id == "pytestmark" for one in targets)


def _reason(module: Module, way: str, node: _ast.expr, place: Place) -> str | None:
    if not isinstance(node, _ast.Call):
        return ""
    known = WAYS[way]
    if any(isinstance(one, _ast.Starred) for one in node.args):
        return None
    for keyword in node.keywords:
        if keyword.arg is None:
            return None
        if keyword.arg in known.keywords:
            return text_of(module, keyword.value, place)
    if known.position is not None and len(node.args) > known.position:
        return text_of(module, node.args[known.position], place)
    return ""


def text_of(module: Module, node: _ast.expr, place: Place) -> str | None:
    """Return what an expression says, as far as the file shows it; None when it shows nothing."""
    if isinstance(node, _ast.Constant) and node.value is None:
        return ""
    if isinstance(node, _ast.Name):
        values = [one.value for one in module.bindings(node.id, place)]
        if values and all(isinstance(one, _ast.Constant) and one.value is None for one in values):
            return ""
    found = [one.value for one in module.texts(node, place)]
    known = [one for one in found if one is not None]
    if not known:
        known = [
            one.value
            for one in walk([node])
            if isinstance(one, _ast.Constant) and isinstance(one.value, str)
        ]
        # An f-string without any text of its own, `f"{why}"`, shows nothing.
        known = [one for one in known if one.strip()]
    return " ".join(known) if known else None


def _around(module: Module, place: Place) -> dict[str, str | None]:
    """Return what `failtrack_debt` says on the function, its classes, the module; nearest first."""
    if "failtrack_debt" not in module.source:
        return {}
    holders: list[_ast.AST] = [place.statement]
    scope = place.scope
    while scope.parent is not None:
        holders.append(scope.node)
        scope = scope.parent
    holders.append(module.tree)
    said: dict[str, str | None] = {}
    for holder in holders:
        for mark in marks_on(holder):
            if not isinstance(mark, _ast.Call) or MARKER not in module.names(mark.func, place):
                continue
            for keyword in mark.keywords:
                if keyword.arg is not None:
                    said.setdefault(keyword.arg, until_of(module, keyword.value, place))
    return said


def until_of(module: Module, node: _ast.expr, place: Place) -> str | None:
    """Return what a word of the marker says: a text, or a `date(2026, 1, 31)` as its text."""
    if isinstance(node, _ast.Call) and any(
        name in ("datetime.date", "datetime.datetime") for name in module.names(node.func, place)
    ):
        values = [one.value for one in node.args if isinstance(one, _ast.Constant)]
        parts = [one for one in values if isinstance(one, int)][:3]
        return "{:04}-{:02}-{:02}".format(*parts) if len(parts) == 3 else None
    if isinstance(node, _ast.Constant) and isinstance(node.value, int):
        return str(node.value)
    return text_of(module, node, place)


def marks_on(holder: _ast.AST) -> Iterator[_ast.AST]:
    """Yield the decorators of a function or class, and the marks in `pytestmark` of a holder."""
    yield from getattr(holder, "decorator_list", ())
    if isinstance(holder, (_ast.ClassDef, _ast.Module)):
        for statement in holder.body:
            if is_pytestmark(statement):
                value = getattr(statement, "value", None)
                if value is not None:
                    yield from elements(value)
