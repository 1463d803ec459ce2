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
        how = draw(
            st.sampled_from(
                ["class", "assign", "import", "attribute", "star", "returns", "field", "value"]
            )
        )
        text = {
            "class": f"from {home} import {name}\nclass {new}({name}): ...\n",
            "assign": f"from {home} import {name}\n{new} = {name}\n",
            "import": f"from {home} import {name} as {new}\n",
            "attribute": f"import {home} as home\nclass {new}(home.{name}): ...\n",
            "star": f"from {home} import *\nclass {new}({name}): ...\n",
            "returns": f"from {home} import {name}\ndef {new}() -> {name}: ...\n",
            "field": f"from {home} import {name}\nclass Holder:\n    {new}: {name}\n",
            "value": f"from {home} import {name}\n{new} = {name}(None)\n",
        }[how]
        files[f"shop/m{number}.py"] = text
        known.append((module, new))
    for number in range(draw(st.integers(1, 4))):
        home, name = draw(st.sampled_from(known))
        files[f"shop/use{number}.py"] = (
            f"from {home} import {name}\n\n\ndef run(other, {name.lower()}):\n    {name}('raw')\n"
            f"    {name}().type == 'raw'\n    {name}.type == 'raw'\n"
            f"    other.{name}.type == 'raw'\n    {name.lower()}.type == 'raw'\n"
            f"    {{'raw': 1}}[{name}.type]\n    str({name}().type) == 'raw'\n"
            f"    take('raw')\n    give('raw')\n\n\n"
            f"def take(kind: {name}): ...\n\n\ndef give(kind):\n    {name}(kind)\n\n\n"
            f"def told() -> {name}:\n    return 'raw'\n"
        )
    return files


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects())
def test_words_that_a_project_derives_are_all_known(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str]
) -> None:
    root = tmp_path_factory.mktemp("project")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    assert found(root, PV001, 0) == found(root, PV001, 10_000)


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
