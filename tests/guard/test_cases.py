"""Every rule holds its own cases: what is good is not flagged, what is bad is found in place."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from failtrack_guard.engine import run
from failtrack_guard.rule import Case
from failtrack_guard.rules import IDS, rule_class
from failtrack_guard.settings import from_table

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


@pytest.mark.parametrize(("rule_id", "case"), CASES)
def test_case(rule_id: str, case: Case, tmp_path: Path) -> None:
    for path, text in {**case.files, case.path: case.code}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    options = {**rule_class(rule_id).CASE_OPTIONS, **case.options}
    settings = from_table({"select": [rule_id], rule_id: options}, root=str(tmp_path))
    result = run(settings, [str(tmp_path / case.path)], changed=case.changed)
    assert [str(one) for one in result.unreadable] == []
    assert tuple(one.line for one in result.findings) == case.lines
    assert {one.rule for one in result.findings} <= {rule_id}


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
