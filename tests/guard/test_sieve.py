"""The sieve loses nothing: what the judge finds in all files, it finds in those that are caught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from guard_project import GuardProject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cases import CASES

from failtrack_guard import engine, rules
from failtrack_guard.active import Active
from failtrack_guard.cache import Cache
from failtrack_guard.discover import Folders
from failtrack_guard.rule import Case, Rule
from failtrack_guard.rules import rule_class
from failtrack_guard.settings import from_table
from failtrack_guard.sieve import Sieve

Seen = list[tuple[str, str, int]]


def found(root: Path, table: dict[str, Any], tree_min: int, cache: Cache | None = None) -> Seen:
    told = from_table(table, root=str(root))
    files = Folders(str(root)).files_in([str(root)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "TREE_MIN", tree_min)
        result = engine.run(told, files, cache=cache)
    return [(one.path, one.rule, one.line) for one in result.findings]


WITH_WORDS = [one for one in CASES if rule_class(one.values[0]).words is not Rule.words]


@pytest.mark.parametrize(("rule_id", "case"), WITH_WORDS)
def test_a_case_is_the_same_in_a_whole_tree(rule_id: str, case: Case, tmp_path: Path) -> None:
    for path, text in {**case.files, case.path: case.code}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    options = {**rule_class(rule_id).CASE_OPTIONS, **case.options}
    table = {"select": [rule_id], rule_id: options}
    assert found(tmp_path, table, 0) == found(tmp_path, table, 10_000)


PV001 = {
    "select": ["PV-001"],
    "PV-001": {
        "enum": "shop.events.EventType",
        "events": ["shop.events.Event"],
        "emitters": ["shop.bus.emit", "shop.bus.Bus.publish"],
    },
}
EVENTS = "class EventType: ...\nclass Event:\n    def __init__(self, type): ...\n"
BUS = "def emit(type): ...\nclass Bus:\n    def publish(self, type): ...\n"
NAMES = ["Alpha", "Beta", "Gamma", "Delta", "Omega"]


# How a file makes a new name of another file's one.
DERIVED = {
    "class": "from {home} import {name}\nclass {new}({name}): ...\n",
    "assign": "from {home} import {name}\n{new} = {name}\n",
    "import": "from {home} import {name} as {new}\n",
    "attribute": "import {home} as home\nclass {new}(home.{name}): ...\n",
    "star": "from {home} import *\nclass {new}({name}): ...\n",
    "returns": "from {home} import {name}\ndef {new}() -> {name}: ...\n",
    "gives": "from {home} import {name}\ndef {new}():\n    return {name}\n",
    "gives a class": "from {home} import {name}\ndef {new}() -> type[{name}]:\n    return {name}\n",
    "field": "from {home} import {name}\nclass Holder:\n    {new}: {name}\n",
    "kept": "from {home} import {name}\nclass Holder:\n    {new} = {name}\n",
    "bound": "import {home}\nclass Holder:\n    def __init__(self):\n"
    "        self.{new} = {home}.{name}\nheld = Holder()\n",
    "value": "from {home} import {name}\n{new} = {name}(None)\n",
    "either": "from {home} import {name}\n{new} = {name} if {home} else None\n",
    "table": "from {home} import {name}\n{new} = {{1: {name}, 2: print}}\n",
    "list": "from {home} import {name}\n{new}, two = {name}, 2\n",
    "partial": "from functools import partial\nfrom {home} import {name}\n"
    "{new} = partial({name})\n",
    "asked": "import {home} as home\n{new} = getattr(home, '{name}')\n",
    "made": "from {home} import {name}\n{new} = type('{new}', ({name},), {{}})\n",
    "called": "from {home} import {name}\n{new} = lambda one: {name}(one)\n",
    "typed": "from {home} import {name}\n{new}: type[{name}] = {name}\n",
}
USES = (
    *("{name}('raw')", "{name}().type == 'raw'", "{name}.type == 'raw'", "{name}()('raw')"),
    *("other.{name}.type == 'raw'", "{lower}.type == 'raw'", "{{'raw': 1}}[{name}.type]"),
    *("str({name}().type) == 'raw'", "take('raw')", "give('raw')", "{name}[1]('raw')"),
    *("other.{name}('raw')", "held.{name}('raw')", "home.{name}('raw')", "Holder.{name}('raw')"),
)


@st.composite
def projects(draw: st.DrawFn) -> dict[str, str]:
    """Files that derive names from `Event`, `emit` and from each other, and use them."""
    files = {"shop/events.py": EVENTS, "shop/bus.py": BUS}
    known = [("shop.events", "Event"), ("shop.bus", "emit"), ("shop.other", "Else")]
    known.append(("shop.events", "EventType"))
    for number in range(draw(st.integers(1, 6))):
        module = f"shop.m{number}"
        home, name = draw(st.sampled_from(known))
        new = draw(st.sampled_from(NAMES))
        how = DERIVED[draw(st.sampled_from(sorted(DERIVED)))]
        files[f"shop/m{number}.py"] = how.format(home=home, name=name, new=new)
        known.append((module, new))
    for number in range(draw(st.integers(1, 4))):
        home, name = draw(st.sampled_from(known))
        lower = name.lower()
        uses = draw(st.lists(st.sampled_from(USES), min_size=1, max_size=3))
        lines = "".join(f"    {one}\n" for one in uses).format(name=name, lower=lower)
        text = (
            f"import {home} as home\nfrom {home} import *\nfrom {home} import {name}\n\n\n"
            f"def run(other, {lower}):\n{lines}"
        )
        if draw(st.booleans()):
            text += (
                f"\n\ndef take(kind: {name}): ...\n\n\ndef told() -> {name}:\n    return 'raw'\n"
            )
        if draw(st.booleans()):
            text += f"\n\ndef give(kind):\n    {name}(kind)\n"
        files[f"shop/use{number}.py"] = text
    return files


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects())
def test_words_that_a_project_derives_are_all_known(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str]
) -> None:
    root = tmp_path_factory.mktemp("project")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    assert found(root, PV001, 0) == found(root, PV001, 10_000), files


@pytest.mark.parametrize("then", [None, "class", "assign", "import", "bound", "gives"])
@pytest.mark.parametrize("how", DERIVED)
def test_each_use_of_a_derived_name_is_found(how: str, then: str | None, tmp_path: Path) -> None:
    """Each in a file of its own, which holds nothing else that leads to the rule."""
    project = GuardProject(tmp_path, "")
    project.write("shop/events.py", EVENTS)
    project.write("shop/bus.py", BUS)
    for number, (home, name) in enumerate([("shop.events", "Event"), ("shop.bus", "emit")]):
        near, far = f"shop.near{number}", f"shop.far{number}"
        told = DERIVED[how].format(home=home, name=name, new="Alpha")
        project.write(f"shop/near{number}.py", told)
        home, name = near, "Alpha"
        if then:
            told = DERIVED[then].format(home=near, name=name, new="Beta")
            project.write(f"shop/far{number}.py", told)
            home, name = far, "Beta"
        for place, use in enumerate(USES):
            line = use.format(name=name, lower=name.lower())
            project.write(
                f"shop/use{number}_{place}.py",
                f"import {home} as home\nfrom {home} import *\nfrom {home} import {name}\n\n\n"
                f"def run(other, {name.lower()}):\n    {line}\n",
            )
    assert found(tmp_path, PV001, 0) == found(tmp_path, PV001, 10_000)


def test_a_new_word_reaches_files_that_were_left_out_before(tmp_path: Path) -> None:
    project = GuardProject(tmp_path, "")
    project.write("shop/events.py", EVENTS)
    project.write("shop/paid.py", "class Paid: ...\n")
    project.write("shop/use.py", "from shop.paid import Paid\n\nPaid('raw')\n")
    stamp = from_table(PV001, root=str(tmp_path)).stamp

    def again(tree_min: int = 0) -> Seen:
        return found(tmp_path, PV001, tree_min, Cache(str(tmp_path / "cache"), stamp))

    assert again() == []
    assert again() == []
    project.write("shop/paid.py", "from shop.events import Event\n\n\nclass Paid(Event): ...\n")
    assert again() == [("shop/use.py", "PV-001", 3)]
    assert again() == [("shop/use.py", "PV-001", 3)]
    assert again(10_000) == [("shop/use.py", "PV-001", 3)]
    project.write("shop/paid.py", "class Paid: ...\n")
    assert again() == []


def test_words_come_from_files_that_are_not_judged(tmp_path: Path) -> None:
    project = GuardProject(tmp_path, "")
    project.write("shop/events.py", EVENTS)
    project.write("shop/paid.py", "from shop.events import Event as Paid\n")
    use = project.write("shop/use.py", "from shop.paid import Paid\n\nPaid('raw')\n")
    told = from_table(PV001, root=str(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "TREE_MIN", 0)
        result = engine.run(told, [str(use)])
    assert [one.line for one in result.findings] == [3]


def test_a_rule_of_tests_is_not_imported_for_another_file(tmp_path: Path) -> None:
    table = {"select": ["FT-D6"]}
    (active,) = from_table(table, root=str(tmp_path)).active
    asleep = Active(
        *(active.id, active.options, active.needles, active.words, active.looks_over),
        *(active.watches, active.places),
    )
    sieve = Sieve([asleep])
    content = b"try:\n    run()\nexcept Exception:\n    pass\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "rule_class", lambda rule_id: pytest.fail(f"{rule_id} is imported"))
        assert sieve.caught(content, "shop/orders.py", "shop.orders") == []
    assert sieve.caught(content, "tests/test_orders.py", "tests.test_orders") == [asleep]


def test_most_files_of_a_tree_are_not_parsed(tmp_path: Path) -> None:
    import failtrack_guard.reading as reading

    project = GuardProject(tmp_path, "")
    project.write("shop/events.py", EVENTS)
    project.write("shop/use.py", "from shop.events import Event\n\nEvent('raw')\n")
    for number in range(60):
        project.write(f"shop/plain_{number}.py", "print('raw')\n")
    parsed = []
    real = reading.parsed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "parsed", lambda *given: (parsed.append(given[1]), real(*given))[1])
        assert found(tmp_path, PV001, engine.TREE_MIN) == [("shop/use.py", "PV-001", 3)]
    assert sorted(set(parsed)) == ["shop/events.py", "shop/use.py"]


def test_what_holds_an_event_adds_no_words(tmp_path: Path) -> None:
    """Else each attribute that is assigned from one would add another, up to the whole tree."""
    import failtrack_guard.reading as reading

    project = GuardProject(tmp_path, "")
    project.write("shop/events.py", EVENTS)
    project.write("shop/bus.py", BUS)
    project.write(
        "shop/held.py",
        "from shop.events import Event\n\n\nclass Held:\n    data: Event\n\n"
        "    def state(self) -> Event: ...\n\n\nlast = Event(None)\nkind = 'Event'\n",
    )
    for name in ("data", "state", "last", "kind"):
        project.write(f"shop/{name}.py", f"def run(it):\n    it.value = it.{name}\n    go('raw')\n")
    project.write("shop/ask.py", "def run(it):\n    it.data.type == 'raw'\n")
    parsed = []
    real = reading.parsed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "parsed", lambda *given: (parsed.append(given[1]), real(*given))[1])
        found(tmp_path, PV001, 0)
    assert {*parsed} == {f"shop/{name}.py" for name in ("events", "bus", "held", "ask")}


FACADE = "from shop.impl import RawEvent as Event, EventType\n"
IMPL = "class EventType: ...\nclass RawEvent:\n    def __init__(self, type): ...\n"
# What a tree must find although the file that uses it holds none of the rule's own words.
FAR = {
    "what a facade renames": (
        {"shop/events.py": FACADE, "shop/impl.py": IMPL},
        "from shop.impl import RawEvent\n\nRawEvent('raw')\n",
    ),
    "a class of a function": (
        {
            "shop/events.py": EVENTS,
            "shop/paid.py": "from shop.events import Event\n\n\ndef made():\n    global Paid\n"
            "    Local = Event\n    Paid = Local\n",
        },
        "from shop.paid import Paid\n\nPaid('raw')\n",
    ),
    "through a module of stars": (
        {
            "shop/events.py": EVENTS,
            "shop/paid.py": "from shop.events import Event\nclass Paid(Event): ...\n",
            "shop/all.py": "from shop.paid import *\n",
        },
        "from shop.all import Paid\n\nPaid('raw')\n",
    ),
    "what holds an event, under another name": (
        {
            "shop/events.py": EVENTS,
            "shop/last.py": "from shop.events import Event\nlast = Event(None)\n",
            "shop/names.py": "from shop.last import last as latest\n",
        },
        "from shop.names import latest\n\nlatest.type == 'raw'\n",
    ),
    "what has another name on its way": (
        {
            "shop/events.py": EVENTS,
            "shop/paid.py": "from shop.events import Event\nclass Paid(Event): ...\n",
            "shop/names.py": "from shop.paid import Paid as Settled\n",
            "shop/more.py": "from shop.names import Settled as Done\n",
        },
        "from shop.more import Done\n\nDone('raw')\n",
    ),
}


@pytest.mark.parametrize(("files", "use"), FAR.values(), ids=FAR)
def test_a_tree_finds_what_has_none_of_the_words(
    files: dict[str, str], use: str, tmp_path: Path
) -> None:
    project = GuardProject(tmp_path, "")
    for path, text in {**files, "shop/bus.py": BUS, "shop/use.py": use}.items():
        project.write(path, text)
    assert (
        found(tmp_path, PV001, 0)
        == found(tmp_path, PV001, 10_000)
        == [("shop/use.py", "PV-001", 3)]
    )


def test_questions_about_strangers_need_no_other_file(tmp_path: Path) -> None:
    """What no word leads to is no event, whatever its own file says."""
    import failtrack_guard.reading as reading

    project = GuardProject(tmp_path, "")
    project.write("shop/events.py", EVENTS)
    project.write("shop/bus.py", BUS)
    project.write("shop/far.py", "class Base: ...\n")
    project.write("shop/other.py", "from shop.far import Base\nclass Other(Base): ...\n")
    project.write(
        "shop/use.py",
        "from shop.events import Event\nfrom shop.other import Other\n\nEvent('raw')\nOther('x')\n",
    )
    parsed = []
    real = reading.parsed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "parsed", lambda *given: (parsed.append(given[1]), real(*given))[1])
        assert found(tmp_path, PV001, 0) == [("shop/use.py", "PV-001", 4)]
    assert {*parsed} == {"shop/events.py", "shop/bus.py", "shop/use.py"}


def test_a_file_parsed_for_another_rule_is_judged_when_the_words_grow(tmp_path: Path) -> None:
    project = GuardProject(tmp_path, "")
    table = {**PV001, "select": ["PV-001", "PV-002"], "PV-002": {"type": "shop.refs.ContentRef"}}
    project.write("shop/events.py", EVENTS)
    project.write("shop/a.py", "from shop.z import Paid\n\nPaid('raw')\ncontent_hash = 'abc'\n")
    project.write("shop/z.py", "class Paid: ...\n")
    stamp = from_table(table, root=str(tmp_path)).stamp

    def again() -> Seen:
        return found(tmp_path, table, 0, Cache(str(tmp_path / "cache"), stamp))

    assert again() == [("shop/a.py", "PV-002", 4)]
    project.write("shop/z.py", "from shop.events import Event\n\n\nclass Paid(Event): ...\n")
    assert again() == [("shop/a.py", "PV-001", 3), ("shop/a.py", "PV-002", 4)]
    assert again() == [("shop/a.py", "PV-001", 3), ("shop/a.py", "PV-002", 4)]
