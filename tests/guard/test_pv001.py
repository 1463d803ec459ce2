"""PV-001: its further cases are what they say, and its fixes name the member."""

from __future__ import annotations

from pathlib import Path

import cases_pv001
import cases_pv001_patterns
import pytest
from test_cases import after_fix

from failtrack_guard.engine import run
from failtrack_guard.finding import Finding
from failtrack_guard.rule import Case
from failtrack_guard.rules.pv001_raw_event_type import SHOP, RawEventType
from failtrack_guard.settings import from_table

HEAD = "from shop.events import Event, EventType\nfrom shop.bus import emit\n"
WILD = {"enum": "shop.*.EventType", "events": ["shop.*.Event"], "emitters": ["shop.*.emit"]}


def found(folder: Path, code: str, **files: str) -> list[Finding]:
    """Return the findings in a file of a shop."""
    options = dict(RawEventType.CASE_OPTIONS)
    return found_with(options, folder, {**SHOP, "shop/module.py": code, **files})


def found_with(options: dict[str, object], folder: Path, files: dict[str, str]) -> list[Finding]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    settings = from_table({"select": ["PV-001"], "PV-001": options}, root=str(folder))
    return run(settings, [str(folder / "shop/module.py")]).findings


def fixed(folder: Path, code: str, options: dict[str, object] | None = None) -> str:
    """Return a file of a shop after its safe fixes."""
    table = {"select": ["PV-001"], "PV-001": options or RawEventType.CASE_OPTIONS}
    case = Case("", code, files=SHOP)
    for path, text in {**case.files, case.path: case.code}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return after_fix(from_table(table, root=str(folder)), folder / case.path, unsafe=False)


def test_every_bad_case_has_a_finding_and_no_good_one() -> None:
    bad = [*cases_pv001.BAD, *cases_pv001_patterns.BAD]
    good = [*cases_pv001.GOOD, *cases_pv001_patterns.GOOD]
    assert [one.name for one in bad if not one.lines] == []
    assert [one.name for one in good if one.lines] == []
    names = [one.name for one in (*bad, *good)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("emit('order.created')\n", "emit(EventType.ORDER_CREATED)\n"),
        ('Event(type="order.paid")\n', "Event(type=EventType.ORDER_PAID)\n"),
        ("emit('order.' + 'paid')\n", "emit(EventType.ORDER_PAID)\n"),
        ("emit(f'order.paid')\n", "emit(EventType.ORDER_PAID)\n"),
        ("Event(**{'type': 'order.paid'})\n", "Event(**{'type': EventType.ORDER_PAID})\n"),
        ("Event(*['order.paid', 1])\n", "Event(*[EventType.ORDER_PAID, 1])\n"),
        ("X = 'order.paid'\nemit(X)\n", "X = 'order.paid'\nemit(EventType.ORDER_PAID)\n"),
        (
            "def f(x):\n    emit('order.paid' if x else 'order.created')\n",
            "def f(x):\n    emit(EventType.ORDER_PAID if x else EventType.ORDER_CREATED)\n",
        ),
        (
            "def f(x):\n    emit(x or 'order.paid')\n",
            "def f(x):\n    emit(x or EventType.ORDER_PAID)\n",
        ),
        (
            "def f(event: Event):\n    return event.type in ('order.paid', 'order.created')\n",
            "def f(event: Event):\n"
            "    return event.type in (EventType.ORDER_PAID, EventType.ORDER_CREATED)\n",
        ),
        (
            "def f(event: Event):\n    return event.type.value == 'order.paid'\n",
            "def f(event: Event):\n    return event.type.value == EventType.ORDER_PAID.value\n",
        ),
        (
            "def f(event: Event):\n    match event.type:\n        case 'order.paid': pass\n",
            "def f(event: Event):\n    match event.type:\n"
            "        case EventType.ORDER_PAID: pass\n",
        ),
        ("def f(event_type: str): ...\n", "def f(event_type: EventType): ...\n"),
        ("def f(event_type: 'str'): ...\n", "def f(event_type: 'EventType'): ...\n"),
        (
            'def f(event_type: "str | None" = None): ...\n',
            'def f(event_type: "EventType | None" = None): ...\n',
        ),
        ("def f(event_type: str | None): ...\n", "def f(event_type: EventType | None): ...\n"),
        (
            "def f(event_type: str = 'order.paid'): ...\n",
            "def f(event_type: EventType = EventType.ORDER_PAID): ...\n",
        ),
        (
            "class A:\n    event_type: str = 'order.paid'\n",
            "class A:\n    event_type: EventType = EventType.ORDER_PAID\n",
        ),
        ("ä = 'é'; emit('order.paid')\n", "ä = 'é'; emit(EventType.ORDER_PAID)\n"),
    ],
)
def test_a_fix_names_the_member(tmp_path: Path, before: str, after: str) -> None:
    assert fixed(tmp_path, HEAD + before) == HEAD + after


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("emit('order.lost')\n", id="no member"),
        pytest.param("def f(x):\n    emit(f'order.{x}')\n", id="built from what is not known"),
        pytest.param("def f(x='order.paid'):\n    emit(x)\n", id="a default"),
        pytest.param("d = {'type': 'order.paid'}\nEvent(**d)\n", id="a dict elsewhere"),
        pytest.param("def f():\n    return 'order.paid'\nemit(f())\n", id="a function"),
        pytest.param("for x in ('order.paid',):\n    emit(x)\n", id="a loop"),
        pytest.param("def f(event_type: EventType | str): ...\n", id="a union with the enum"),
        pytest.param("S = str\ndef f(event_type: S): ...\n", id="an alias of str"),
        pytest.param("def f(event_type: str = 'order.lost'): ...\n", id="half of it"),
        pytest.param("emit('order.paid order.created'.split()[0])\n", id="a part of a string"),
        pytest.param(
            "def f(event: Event):\n    return str(event.type) == 'order.paid'\n", id="as a str"
        ),
        pytest.param(
            "import enum\nclass Other(enum.Enum):\n    A = 'order.paid'\nemit(Other.A.value)\n",
            id="another enum",
        ),
        pytest.param(
            "def f(x):\n    kind = None\n    if x:\n        kind = 'order.paid'\n    emit(kind)\n",
            id="perhaps something else",
        ),
    ],
)
def test_no_fix_where_the_outcome_is_not_sure(tmp_path: Path, code: str) -> None:
    (finding,) = found(tmp_path, HEAD + code)

    assert finding.fix is None


@pytest.mark.parametrize(
    ("imports", "code"),
    [
        ("from shop.bus import emit\nfrom shop.events import EventType as E\n", "E"),
        ("from shop.bus import emit\nfrom shop import events\n", "events.EventType"),
        ("from shop.bus import emit\nimport shop.events as e\n", "e.EventType"),
        ("from shop.bus import emit\nimport shop.events\n", "shop.events.EventType"),
        ("from .bus import emit\nfrom .events import EventType\n", "EventType"),
    ],
)
@pytest.mark.parametrize("options", [RawEventType.CASE_OPTIONS, WILD], ids=["plain", "wild"])
def test_the_enum_is_named_as_the_file_does(
    tmp_path: Path, options: dict[str, object], imports: str, code: str
) -> None:
    after = fixed(tmp_path, f"{imports}emit('order.paid')\n", options)

    assert after == f"{imports}emit({code}.ORDER_PAID)\n"


@pytest.mark.parametrize("options", [RawEventType.CASE_OPTIONS, WILD], ids=["plain", "wild"])
def test_an_import_of_the_enum_is_added(tmp_path: Path, options: dict[str, object]) -> None:
    after = fixed(tmp_path, "from shop.bus import emit\nemit('order.paid')\n", options)

    assert after == (
        "from shop.bus import emit\nfrom shop.events import EventType\nemit(EventType.ORDER_PAID)\n"
    )


def test_an_import_that_would_be_circular_is_no_fix(tmp_path: Path) -> None:
    enum = "import shop.module\n" + SHOP["shop/events.py"]

    (finding,) = found(tmp_path, "def f(event_type: str): ...\n", **{"shop/events.py": enum})

    assert finding.fix is None


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "emit('order.paid')",
            "raw string 'order.paid' is given to emit() where EventType is due: "
            "write EventType.ORDER_PAID",
        ),
        (
            "emit('order.payd')",
            "raw string 'order.payd' is given to emit() where EventType is due: "
            "no member is 'order.payd', the nearest is EventType.ORDER_PAID ('order.paid')",
        ),
        (
            "emit('stock.moved')",
            "raw string 'stock.moved' is given to emit() where EventType is due: "
            "EventType has no member 'stock.moved', add one and write it",
        ),
        (
            "def f(event_type: str): ...",
            "event_type is annotated str where EventType is due",
        ),
        (
            "def f(event: Event): return event.type.startswith('order.paid')",
            "raw string 'order.paid' is compared with the type of an event where EventType is due: "
            "write EventType.ORDER_PAID",
        ),
        (
            "def send(kind): emit(kind)\nsend('order.paid')",
            "raw string 'order.paid' is given to emit() where EventType is due: "
            "write EventType.ORDER_PAID",
        ),
    ],
)
def test_the_message_names_the_way_out(tmp_path: Path, code: str, told: str) -> None:
    (finding,) = found(tmp_path, f"{HEAD}{code}\n")

    assert finding.message == told


def test_a_string_that_is_handed_on_is_fixed_on_demand(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, f"{HEAD}def send(kind): emit(kind)\nsend('order.paid')\n")

    assert finding.fix is not None
    assert not finding.fix.is_safe


def test_functions_that_call_each_other_end(tmp_path: Path) -> None:
    calls = "".join(f"    f{number}(kind)\n" for number in range(30))
    functions = "".join(f"def f{number}(kind):\n{calls}    emit(kind)\n" for number in range(30))

    assert len(found(tmp_path, f"{HEAD}{functions}f0('order.paid')\n")) == 1


def test_auto_of_a_string_enum_is_the_lower_name(tmp_path: Path) -> None:
    enum = (
        "from enum import StrEnum, auto\nclass EventType(StrEnum):\n    ORDER_PAID = auto()\n"
        "class Event: ...\n"
    )

    (finding,) = found(tmp_path, HEAD + "emit('order_paid')\n", **{"shop/events.py": enum})

    assert finding.fix is not None
    assert [edit.code for edit in finding.fix.edits] == ["EventType.ORDER_PAID"]
