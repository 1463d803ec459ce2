"""libcst judges the guard: what it is certain of is found, and each place is one that it knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from test_cases import CASES, settings_of

from failtrack_guard.engine import run
from failtrack_guard.finding import Finding
from failtrack_guard.rule import Case
from failtrack_guard.rules import rule_class

pytest.importorskip("libcst", reason="the extra `guard` is not installed")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from libcst import ParserSyntaxError
from libcst_judge import JUDGES, Judged, judged

OF_RULE = {
    rule_id: [one.values[1] for one in CASES if one.values[0] == rule_id] for rule_id in JUDGES
}


def options_of(rule_id: str, case: Case) -> Mapping[str, Any]:
    return {**rule_class(rule_id).CASE_OPTIONS, **case.options}


def both(rule_id: str, case: Case, folder: Path) -> tuple[list[Finding], Judged] | None:
    """Return what the guard finds and what libcst sees; None for what libcst cannot read."""
    told = settings_of(rule_id, case, folder)
    found = run(told, [str(folder / case.path)], changed=case.changed).findings
    try:
        return list(found), judged(folder, case.path)
    except (ParserSyntaxError, UnicodeDecodeError):
        return None


@pytest.mark.parametrize("rule_id", JUDGES)
def test_what_libcst_is_certain_of_is_found(rule_id: str, tmp_path: Path) -> None:
    certain: Counter[str] = Counter()
    for number, case in enumerate(OF_RULE[rule_id]):
        seen = both(rule_id, case, tmp_path / str(number))
        if seen is None:
            continue
        found, file = seen
        lines = set(JUDGES[rule_id](file, options_of(rule_id, case)))
        assert lines <= {one.line for one in found}, case.name
        certain["lines"] += len(lines)
    assert certain["lines"] >= 8


@pytest.mark.parametrize("rule_id", JUDGES)
def test_a_finding_begins_where_something_begins(rule_id: str, tmp_path: Path) -> None:
    places = 0
    for number, case in enumerate(OF_RULE[rule_id]):
        if not case.lines or "\f" in case.code:
            continue  # Python counts columns anew after a form feed, libcst does not
        seen = both(rule_id, case, tmp_path / str(number))
        if seen is None:
            continue
        found, file = seen
        starts = file.starts()
        assert [one.span for one in found if one.span[:2] not in starts] == [], case.name
        places += len(found)
    assert places >= 100


EVENTS = {
    "shop/__init__.py": "",
    "shop/events.py": "class EventType: ...\nclass Event:\n    def __init__(self, type): ...\n",
    "shop/bus.py": "def emit(type): ...\nclass Bus:\n    def publish(self, type): ...\n",
}
LAYERS = {
    f"shop/{layer}/{name}.py": ""
    for layer in ("domain", "application", "infrastructure", "api")
    for name in ("__init__", "things")
}
IMPORTS = [
    "import shop.api",
    "import shop.{layer}.things as {name}",
    "from shop import {layer}",
    "from shop import {layer} as {name}, bus",
    "from ..{layer} import things",
    "from ..{layer} import *",
    "from .. import {layer} as {name}",
    "from . import things",
    "from importlib import import_module as {name}\n{name}('shop.{layer}.things')",
    "import importlib as {name}\n{name}.import_module('shop.{layer}')",
    "__import__('shop.{layer}.things')",
    "import shop.{layer}s as {name}",
]
EMITS = [
    "import shop.bus\nshop.bus.emit('raw')",
    "import shop.bus as {name}\n{name}.emit('raw')",
    "from shop import bus as {name}\n{name}.emit('raw')",
    "from .. import bus\nbus.emit('raw')",
    "from ..bus import emit as {name}\n{name}('raw')",
    "from shop.events import Event as {name}\n{name}('raw')\n{name}({name})",
    "from shop.events import *\nfrom shop.bus import emit\nemit('raw')",
    "from shop.events import EventType\nfrom shop.bus import emit\nemit(EventType)",
    "{name} = print\n{name}('raw')",
]
AROUND = [
    "{code}",
    "def run():\n{code}",
    "class Run:\n{code}",
    "try:\n{code}\nexcept ImportError:\n    pass",
    "if True:\n{code}\nelse:\n    pass",
    "async def run():\n    async with run() as it:\n        for one in it:\n{deep}",
]


@st.composite
def programs(draw: st.DrawFn, forms: list[str]) -> str:
    """Statements of these forms, each with names of its own, in blocks of any kind."""
    texts = []
    for number in range(draw(st.integers(1, 6))):
        layer = draw(st.sampled_from(["domain", "application", "infrastructure", "api"]))
        form = draw(st.sampled_from(forms)).format(name=f"name{number}", layer=layer)
        around = draw(st.sampled_from(AROUND if "*" not in form else AROUND[:1]))
        depth = 0 if around == "{code}" else 12 if "{deep}" in around else 4
        code = "\n".join(" " * depth + line for line in form.splitlines())
        texts.append(around.format(code=code, deep=code))
    return "\n\n".join(texts) + "\n"


def holds(rule_id: str, text: str, files: Mapping[str, str], folder: Path) -> None:
    case = Case("drawn", text, path="shop/domain/orders.py", files=files)
    seen = both(rule_id, case, folder)
    assert seen is not None
    found, file = seen
    lines = set(JUDGES[rule_id](file, options_of(rule_id, case)))
    assert lines <= {one.line for one in found}, text
    assert {one.span[:2] for one in found} <= file.starts(), text


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(IMPORTS))
def test_imports_that_libcst_sees_cross_are_found(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    holds("VAL-3", text, {**EVENTS, **LAYERS}, tmp_path_factory.mktemp("layers"))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(EMITS))
def test_strings_that_libcst_sees_emitted_are_found(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    holds("PV-001", text, {**EVENTS, **LAYERS}, tmp_path_factory.mktemp("events"))
