"""PV-001: an event type that is written as a string, which nobody checks."""

from __future__ import annotations

from failtrack_guard.code.project import matches
from failtrack_guard.finding import Edit, Fix
from failtrack_guard.rule import Option, Rule, bad, good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.events.emitters import Emitters
    from failtrack_guard.finding import Finding

EVENTS = """\
from dataclasses import dataclass
from enum import Enum


class EventType(str, Enum):
    ORDER_CREATED = "order.created"
    ORDER_PAID = "order.paid"


@dataclass
class Event:
    type: EventType
    payload: object = None
"""
BUS = """\
from shop.events import EventType


def emit(kind: EventType, payload=None): ...


class Bus:
    def publish(self, kind: EventType, payload=None): ...
"""
SHOP = {"shop/__init__.py": "", "shop/events.py": EVENTS, "shop/bus.py": BUS}
HEAD = "from shop.events import Event, EventType\nfrom shop.bus import emit\n"
EITHER = "either"  # what the needs of a finding with several reasons begin with
DEPTH_MAX = 20  # bases that are followed to the constructor of an event


class RawEventType(Rule):
    """A raw string stands where a member of the event enum is due.

    A string is checked by nobody: `"order.craeted"` is published without an error, and no handler
    ever hears of it. Nor does a search for the uses of the member find it.

    Use instead: the member of the enum, or its `.value` where a string has to go out.

    An emitter that is named by a pattern, as `shop.*.publish` of the preset, is any function or
    method so called, also one that sends something else. A string that is none of the enum's is
    found there only if the first parameter is annotated with the enum or an event class, or has one
    of the `names` (with `str` or no annotation also `kind`, `type` or a name with `event`); a
    string of the enum is found unless the method is that of a library's object. With a whole name,
    and with a pattern that ends in a class and its method, as `shop.*.Bus.publish`, all strings
    are.

    Limits: a string is followed through the functions of its own file; what a function of another
    file does with it, or what a constant of another file holds, is not seen. Of functions and
    classes of another file that are neither emitters nor events, keywords of the name are known,
    but not which parameter a position means: `record(event_type="x")` is found there and
    `record("x")` is not. Where nobody says of which class a value is, the names speak:
    `bus.publish("x")` and `event.type == "x"` are meant when the string is one of the enum's. A
    keyword of the name is left alone in calls of libraries and loggers, and so are the keys of
    dictionaries that nobody asks by the type of an event. A parameter that its function turns into
    the enum, or that `fastapi.Query()` and the like fill from outside, may be a string.
    """

    id = "PV-001"
    name = "raw-event-type"
    remedy = "write the member of the enum, or the enum itself in an annotation"
    OPTIONS = {
        "enum": Option("dotted", "", "The enum of event types; one part may be `*`."),
        "events": Option("dotteds", (), "Event classes; all that inherit them are meant, too."),
        "emitters": Option(
            "dotteds",
            (),
            "Functions and methods whose first argument is an event type; one part may be `*`.",
        ),
        "names": Option(
            "texts", ("event_type",), "Names of keywords, fields and parameters that hold one."
        ),
    }
    NEEDS = ("enum",)
    CASE_OPTIONS = {
        "enum": "shop.events.EventType",
        "events": ["shop.events.Event"],
        "emitters": ["shop.bus.emit", "shop.bus.Bus.publish"],
    }

    GOOD = (
        good("a member", f"{HEAD}emit(EventType.ORDER_PAID, 'order.created')\n", files=SHOP),
        good("its value", f"{HEAD}KIND = EventType.ORDER_PAID.value\nemit(KIND)\n", files=SHOP),
        good(
            "a member by its value",
            f"{HEAD}def f(event_type: str):\n    emit(EventType(event_type))\n",
            files=SHOP,
        ),
        good("strings in other calls", "print('order.created')\nlen('order.created')\n"),
        good(
            "a logger",
            "import structlog\nlog = structlog.get_logger()\n"
            "log.info('saved', event_type='order.created')\n",
        ),
        good("keys of dictionaries", "x = {'event_type': 'order.paid', 'type': 'order.paid'}\n"),
        good("an emitter from elsewhere", "from other.bus import emit\nemit('order.created')\n"),
        good(
            "an event from elsewhere",
            "from threading import Event\nimport pygame\nEvent()\n"
            "pygame.event.Event('order.created')\n",
        ),
        good("a shadowed name", f"{HEAD}def f(emit):\n    emit('order.created')\n", files=SHOP),
        good(
            "the type of something else",
            "class Token: ...\ndef f(token: Token, node):\n"
            "    return token.type == 'name' or node.type == 'order.created'\n",
        ),
        good(
            "a constructor that takes something else",
            f"{HEAD}class OrderCreated(Event):\n    def __init__(self, order_id: str):\n"
            "        super().__init__(EventType.ORDER_CREATED, order_id)\n\n"
            "OrderCreated('o-17')\n",
            files=SHOP,
        ),
        good(
            "a keyword of a library's object",
            "import boto3\nclient = boto3.client('x')\nclient.put(event_type='order.paid')\n",
        ),
        good(
            "what a request holds",
            "from fastapi import Query\ndef f(event_type: str = Query(...)): ...\n",
        ),
        good(
            "a function that does something else with it",
            f"{HEAD}def pay(note):\n    emit(EventType.ORDER_PAID, note)\n\npay('order.paid')\n",
            files=SHOP,
        ),
        good("the enum itself", EVENTS, path="shop/events.py"),
        good(
            "a test of a member's value",
            f"{HEAD}assert EventType.ORDER_PAID.value == 'order.paid'\n",
            files=SHOP,
        ),
    )
    BAD = (
        bad(
            "an event class",
            "from shop.events import Event\n\nEvent('order.created', payload='order.paid')\n",
            3,
            files=SHOP,
            fixed="from shop.events import Event, EventType\n\n"
            "Event(EventType.ORDER_CREATED, payload='order.paid')\n",
        ),
        bad(
            "an emitter",
            f"{HEAD}emit('order.paid')\n",
            3,
            files=SHOP,
            fixed=f"{HEAD}emit(EventType.ORDER_PAID)\n",
        ),
        bad(
            "a method of a typed attribute",
            "from shop.bus import Bus\n\nclass Orders:\n    def __init__(self, bus: Bus):\n"
            "        self._bus = bus\n\n    def pay(self):\n"
            "        self._bus.publish('order.paid')\n",
            8,
            files=SHOP,
        ),
        bad("a type that is no member", f"{HEAD}emit('order.craeted')\n", 3, files=SHOP),
        bad("an f-string", f"{HEAD}def f(name):\n    emit(f'order.{{name}}')\n", 4, files=SHOP),
        bad(
            "a constant",
            f"{HEAD}KIND = 'order.paid'\nemit(KIND)\n",
            4,
            files=SHOP,
            fixed=f"{HEAD}KIND = 'order.paid'\nemit(EventType.ORDER_PAID)\n",
        ),
        bad(
            "an alias of an alias",
            "import shop.events as ev\nmake = ev.Event\nmake(type='order.paid')\n",
            3,
            files=SHOP,
            fixed="import shop.events as ev\nmake = ev.Event\nmake(type=ev.EventType.ORDER_PAID)\n",
        ),
        bad(
            "a dict that is unpacked",
            f"{HEAD}data = {{'type': 'order.paid'}}\nEvent(**data)\n",
            4,
            files=SHOP,
        ),
        bad(
            "partial",
            f"from functools import partial\n{HEAD}pay = partial(emit, 'order.paid')\n",
            4,
            files=SHOP,
        ),
        bad(
            "a subclass in another file",
            "from shop.orders import OrderEvent\n\nOrderEvent('order.paid')\n",
            3,
            files={
                **SHOP,
                "shop/orders.py": "from shop.events import Event\nclass OrderEvent(Event): ...\n",
            },
        ),
        bad(
            "super",
            f"{HEAD}class OrderPaid(Event):\n    def __init__(self):\n"
            "        super().__init__('order.paid')\n",
            5,
            files=SHOP,
        ),
        bad(
            "a comparison",
            f"{HEAD}def f(event: Event):\n"
            "    return event.type in ('order.paid', 'order.created')\n",
            4,
            files=SHOP,
            fixed=f"{HEAD}def f(event: Event):\n"
            "    return event.type in (EventType.ORDER_PAID, EventType.ORDER_CREATED)\n",
        ),
        bad(
            "a match",
            f"{HEAD}def f(event: Event):\n    match event.type:\n        case 'order.paid':\n"
            "            pass\n",
            5,
            files=SHOP,
            fixed=f"{HEAD}def f(event: Event):\n    match event.type:\n"
            "        case EventType.ORDER_PAID:\n            pass\n",
        ),
        bad(
            "a function that hands it on",
            f"{HEAD}def send(kind):\n    emit(kind)\n\nsend('order.paid')\n",
            6,
            files=SHOP,
            fixed=f"{HEAD}def send(kind):\n    emit(kind)\n\nsend(EventType.ORDER_PAID)\n",
            is_unsafe=True,
        ),
        bad(
            "what is promised to be one",
            f"{HEAD}def kind() -> EventType:\n    return 'order.paid'\n",
            4,
            files=SHOP,
            fixed=f"{HEAD}def kind() -> EventType:\n    return EventType.ORDER_PAID\n",
        ),
        bad(
            "a dict that is asked by the type",
            f"{HEAD}HANDLERS = {{'order.paid': print}}\ndef f(event: Event):\n"
            "    HANDLERS[event.type](event)\n",
            5,
            files=SHOP,
        ),
        bad(
            "a member of another enum",
            f"import enum\n{HEAD}class Other(enum.StrEnum):\n    PAID = 'order.paid'\n\n"
            "emit(Other.PAID)\n",
            7,
            files=SHOP,
        ),
        bad(
            "a keyword of the name",
            f"{HEAD}def f(record):\n    record(event_type='order.paid')\n",
            4,
            files=SHOP,
            fixed=f"{HEAD}def f(record):\n    record(event_type=EventType.ORDER_PAID)\n",
        ),
        bad(
            "a parameter",
            f"{HEAD}def f(event_type: str = 'order.paid'): ...\n",
            3,
            files=SHOP,
            fixed=f"{HEAD}def f(event_type: EventType = EventType.ORDER_PAID): ...\n",
        ),
        bad(
            "a field",
            f"{HEAD}class Row:\n    event_type: 'str | None' = None\n",
            4,
            files=SHOP,
            fixed=f"{HEAD}class Row:\n    event_type: 'EventType | None' = None\n",
        ),
    )

    def words(self) -> tuple[str, ...] | None:
        """The last parts of all names: a class that inherits none of them is no event."""
        words = self._called() | {*self.options["names"]}
        return None if "*" in words else tuple(sorted(words))

    def synonyms(self, project: Project) -> Iterable[str]:
        """The last parts of what a facade takes the configured names from."""
        return (
            origin.rpartition(".")[2]
            for one in self._configured()
            if "*" not in one
            for origin in project.origins(one)
        )

    def _called(self) -> set[str]:
        """Return the last parts of what is configured."""
        return {one.rpartition(".")[2] for one in self._configured()}

    def _configured(self) -> tuple[str, ...]:
        options = self.options
        dotted = (options["enum"], *options["events"], *options["emitters"])
        return tuple(one for one in dotted if one)

    def words_alone(self) -> tuple[str, ...]:
        """What is called like an emitter emits; what is called like a variable is another one."""
        called = self._called()
        return tuple(one for one in self.options["names"] if one not in called)

    def asked_by(self) -> tuple[bytes, ...]:
        """Whoever has an event at hand compares or replaces its type."""
        return b".type", b"type =", b"'type'", b'"type"'

    def guessed_by(self) -> tuple[bytes, ...]:
        """Or makes another event of it."""
        return b"__class__", b"type ("

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield the raw strings of a file, with the question whether an event type is due there."""
        from failtrack_guard.events.event_types import EventTypes

        found: dict[tuple[int, int, int, int], dict[tuple[Any, ...], Finding]] = {}
        for finding in EventTypes(self, module).findings():
            found.setdefault(finding.span, {}).setdefault(finding.asks, finding)
        for reasons in found.values():
            yield _either([*reasons.values()])

    def settled(self, finding: Finding, project: Project) -> Iterable[Finding]:
        """Return a finding with the first of its reasons that holds; see `_either`."""
        if finding.needs[:1] != (EITHER,):
            return super().settled(finding, project)
        for asks, message, needs in finding.needs[1:]:
            if not asks or self.holds(asks, project):
                finding.message, finding.needs = message, needs
                return [finding]
        return []

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer what PV-001 alone asks.

        `("own", names)`: one of these is of the project, not of a library; `("makes", classes)`:
        the first argument of one of these classes is the type of an event; `("first-named", names,
        name)`: so is the first parameter of one of these named; `("untyped", names)`: the class of
        none of these is known; `("member", values)`: one of them is a value of the enum;
        `("emits", names, values)`: one of these names is an emitter, see `Emitters.take`;
        `("named", names, name)`: one of these has a parameter of this name.
        """
        kind = question[0]
        if kind in ("any", "all"):
            return (any if kind == "any" else all)(self.holds(one, project) for one in question[1:])
        if kind == "own":
            return any(self._is_own(one, project) for one in question[1])
        if kind == "makes":
            return any(self._takes_type(one, project) for one in question[1])
        if kind == "untyped":
            return not any(self._is_typed(one, project) for one in question[1])
        if kind == "member":
            return self._has_member(question[1], project)
        if kind == "emits":
            return self._emitters(project).take(question[1], self._has_member(question[2], project))
        if kind == "named":
            return any(self._has_parameter(one, question[2], project) for one in question[1])
        if kind == "first-named":
            return any(question[2] in self._first(one, project)[:1] for one in question[1])
        return project.holds(question)

    def _is_own(self, dotted: str, project: Project) -> bool:
        top = dotted.partition(".")[0]
        return (
            top in ("", "builtins")
            or any(top == one.partition(".")[0] for one in self._configured())
            or bool(project.split(dotted)[0])
        )

    def _is_typed(self, dotted: str, project: Project) -> bool:
        if project.instances(dotted):
            return True
        module, rest = project.split(dotted)
        exports = project.exports(module) if module and rest else None
        return exports is not None and ".".join(rest) in exports.classes

    def _members(self, project: Project) -> dict[str, str] | None:
        """Return the members of the enum with their values, None when it is not found."""
        found = project.concrete(self.options["enum"])
        return project.members(found[0]) if len(found) == 1 else None

    def _has_member(self, values: tuple[str, ...], project: Project) -> bool:
        """Return whether one of some strings is of an enum that the configured name may mean."""
        for enum in project.concrete(self.options["enum"]) if values else ():
            members = project.members(enum) or {}
            if not {*members.values()}.isdisjoint(values):
                return True
        return False

    def _has_parameter(self, dotted: str, name: str, project: Project) -> bool:
        """Return whether a function of the project has a parameter that a keyword means."""
        from failtrack_guard.events.emitters import defined

        for _, exports, qualname in defined(dotted, project):
            if qualname in exports.first:
                return qualname not in exports.open or name in exports.open[qualname]
        return False

    def _emitters(self, project: Project) -> Emitters:
        from failtrack_guard.events.emitters import Emitters

        return Emitters(self.options, project, lambda dotted: self._is_own(dotted, project))

    def _is_event(self, dotted: str) -> bool:
        return any(matches(dotted, one) for one in self.options["events"])

    def _is_type(self, first: tuple[str, ...], project: Project) -> bool:
        """Return whether a first parameter, its name and classes, holds the type of an event."""
        name, *classes = first
        return name in ("type", *self.options["names"]) or any(
            project.is_a(one, (self.options["enum"],)) for one in classes
        )

    def _takes_type(self, dotted: str, project: Project) -> bool:
        """Return whether the first argument of a class is the type of an event.

        Of an event class it is; of one that inherits it as long as no constructor or field of its
        own comes before.
        """
        return project.is_a(dotted, self.options["events"]) and bool(
            self._constructor(dotted, project)
        )

    def _constructor(self, dotted: str, project: Project, depth: int = 0) -> bool | None:
        """Return whether a constructor takes the type first, None for a class without one."""
        if depth > DEPTH_MAX:
            return None
        for name in project.origins(dotted):
            if self._is_event(name):
                return True
            module, rest = project.split(name)
            exports = project.exports(module) if module and rest else None
            qualname = ".".join(rest)
            if exports is None or qualname not in exports.classes:
                continue
            bases = exports.classes[qualname]
            first = exports.first
            own = first.get(f"{qualname}.__init__", first.get(f"{qualname}.__new__"))
            if own is not None and not own[0].startswith("*"):
                known = {one for base in bases for one in self._first(base, project)[:1]}
                return own[0] in known or self._is_type(own, project)
            found = {one: self._constructor(one, project, depth + 1) for one in bases}
            fields = exports.fields.get(qualname)
            if fields is None:
                return next((taken for taken in found.values() if taken is not None), None)
            return self._by_fields(fields, found, project)
        return None

    def _by_fields(
        self, fields: tuple[str, ...], bases: dict[str, bool | None], project: Project
    ) -> bool:
        """Return whether the first field of a dataclass, those of its bases before, is the type."""
        hidden = {one[1:] for one in fields if one.startswith("-")}
        if not hidden.isdisjoint(("type", *self.options["names"])):
            return False
        if any(taken and self._has_constructor(one, project) for one, taken in bases.items()):
            return True
        own = _without_hidden(fields)
        return self._is_type(own, project) or (own[0] == "" and any(bases.values()))

    def _has_constructor(self, dotted: str, project: Project) -> bool:
        """Return whether a class takes arguments by itself or a base, as far as can be seen."""
        for name in project.ancestry(dotted):
            module, rest = project.split(name)
            exports = project.exports(module) if module and rest else None
            if exports is None:
                return True
            qualname = ".".join(rest)
            if f"{qualname}.__init__" in exports.first or f"{qualname}.__new__" in exports.first:
                return True
            if exports.fields.get(qualname, ("",))[0]:
                return True
        return False

    def _first(self, dotted: str, project: Project) -> tuple[str, ...]:
        """Return the first parameter of a function, or of the constructor of a class."""
        from failtrack_guard.events.emitters import defined

        for _, exports, qualname in defined(dotted, project):
            for found in (
                exports.first.get(qualname),
                exports.first.get(f"{qualname}.__init__"),
                exports.fields.get(qualname),
            ):
                if found is not None and found[0]:
                    return _without_hidden(found)
        return ()

    def finish(self, finding: Finding, project: Project) -> None:
        """Name the member, and make the fix, with what the enum's file says."""
        if not finding.needs:
            return
        edits, annotations, values, is_fixable, *unsafe = finding.needs
        found = project.concrete(self.options["enum"])
        members = self._members(project)
        if members is None:
            return
        name = found[0].rpartition(".")[2]
        by_value = {value: member for member, value in reversed(members.items())}
        finding.message += _advice(name, values, by_value)
        if (
            not is_fixable
            or not (edits or annotations)
            or not all(one in by_value for _, one, _ in edits)
            or project.would_circle(finding.path, found[0])
        ):
            return
        finding.fix = Fix(
            (
                *(Edit(span, f"{name}.{by_value[one]}{after}") for span, one, after in edits),
                *(Edit(span, f"{before}{name}{after}") for span, before, after in annotations),
            ),
            found,
            is_safe=not unsafe,
        )


def _either(reasons: list[Finding]) -> Finding:
    """Return one finding of those that speak of one string: one fault, several reasons.

    What each of them asks, says and needs is kept until others have answered.
    """
    first = reasons[0]
    if len(reasons) > 1:
        first.needs = (EITHER, *((one.asks, one.message, one.needs) for one in reasons))
        first.asks = ("any", *(one.asks for one in reasons))
    return first


def _without_hidden(first: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in first if not one.startswith("-"))


def _advice(enum_name: str, values: tuple[str, ...], by_value: dict[str, str]) -> str:
    """Return what a message says of the members: the right ones, or the nearest."""
    right = [f"{enum_name}.{by_value[one]}" for one in values if one in by_value]
    if right and len(right) == len(values):
        return f": write {', '.join(right)}"
    missing = next((one for one in values if one not in by_value), None)
    if missing is None:
        return ""
    import difflib

    near = difflib.get_close_matches(missing, by_value, 2, 0.7)
    if near:
        told = " or ".join(f"{enum_name}.{by_value[one]} ({one!r})" for one in near)
        return f": no member is {missing!r}, the nearest is {told}"
    return f": {enum_name} has no member {missing!r}, add one and write it"
