"""Every rule holds its own cases: what is good is not flagged, what is bad is found in place."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from failtrack_guard.active import Settings
from failtrack_guard.cache import Cache
from failtrack_guard.engine import Engine, run
from failtrack_guard.rule import Case
from failtrack_guard.rules import IDS, rule_class
from failtrack_guard.settings import from_table
from failtrack_guard.surgery.surgeon import repaired

# Rules with many cases hold the telling ones; the others stand in `cases_<rule>.py` beside this.
MORE = [import_module(path.stem) for path in sorted(Path(__file__).parent.glob("cases_*.py"))]
CASES = [
    pytest.param(rule_id, case, id=f"{rule_id}-{case.name.replace(' ', '-')}")
    for rule_id in IDS
    for case in (
        *(*rule_class(rule_id).GOOD, *rule_class(rule_id).BAD),
        *(
            case
            for more in MORE
            if rule_id == getattr(more, "RULE", "")
            for case in (*more.GOOD, *more.BAD)
        ),
    )
]


# A rule has a fix exactly when one of its cases shows it.
FIXING = {one.values[0] for one in CASES if one.values[1].fixed is not None}


def settings_of(rule_id: str, case: Case, folder: Path) -> Settings:
    """Write the project of a case and return its settings."""
    for path, text in {**case.files, case.path: case.code}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    options = {**rule_class(rule_id).CASE_OPTIONS, **case.options}
    return from_table({"select": [rule_id], rule_id: options}, root=str(folder))


def after_fix(settings: Settings, file: Path, *, unsafe: bool) -> str:
    """Return a file's text as `fix` would leave it."""
    engine = Engine(settings, Cache("", ""))
    done = repaired(
        *(file.read_bytes(), engine.shown(str(file)), engine.roots.module_name(str(file))),
        lambda content: engine.judged_as(str(file), content),
        unsafe=unsafe,
        project=engine.project,
    )
    return done.content.decode()


@pytest.mark.parametrize(("rule_id", "case"), CASES)
def test_case(rule_id: str, case: Case, tmp_path: Path) -> None:
    settings = settings_of(rule_id, case, tmp_path)
    result = run(settings, [str(tmp_path / case.path)], changed=case.changed)
    assert [str(one) for one in result.unreadable] == []
    assert tuple(one.line for one in result.findings) == case.lines
    assert {one.rule for one in result.findings} <= {rule_id}
    assert rule_id in FIXING or not any(one.fix for one in result.findings)


FIXABLE = [
    one
    for one in CASES
    if one.values[0] in FIXING and one.values[1].lines and one.values[1].changed is None
]


@pytest.mark.parametrize(("rule_id", "case"), FIXABLE)
def test_what_a_bad_case_is_after_its_fix(rule_id: str, case: Case, tmp_path: Path) -> None:
    """As `fixed` shows it; what is unsafe is made on demand; twice is once."""
    settings = settings_of(rule_id, case, tmp_path)
    file = tmp_path / case.path

    fixed = after_fix(settings, file, unsafe=True)

    if case.fixed is not None:
        assert fixed == case.fixed
        assert after_fix(settings, file, unsafe=False) == (case.code if case.is_unsafe else fixed)
    if fixed != case.code:
        before = len(run(settings, [str(file)]).findings)
        file.write_text(fixed, encoding="utf-8")
        assert len(run(settings, [str(file)]).findings) < before
        assert after_fix(settings, file, unsafe=True) == fixed


@pytest.mark.parametrize("rule_id", IDS)
def test_a_rule_is_documented_and_has_cases(rule_id: str) -> None:
    rule = rule_class(rule_id)
    assert rule.__doc__
    assert "Use instead:" in rule.__doc__
    assert "Limits:" in rule.__doc__
    assert rule.GOOD
    assert rule.BAD
    names = [case.name for case in (*rule.GOOD, *rule.BAD)]
    assert len(names) == len(set(names))
    assert rule.id == rule_id
