"""The fixture `pattern_guard`: broken patterns are warnings, or failures with the rule's id."""

from __future__ import annotations

import pytest
from project import Outcome, Project

SETTINGS = """
[tool.failtrack.guard.PV-001]
enum = "shop.EventType"
[tool.failtrack.guard.PV-002]
type = "shop.ContentRef"
[tool.failtrack.guard.PV-003]
guard = "shop.HaltGuard"
"""
SHOP = """
import enum

class EventType(enum.Enum):
    CREATED = "order.created"

class ContentRef(str): ...
class HaltGuard: ...

class OrderService:
    def __init__(self, guard=None):
        self.guard = guard
"""
CHECKS = {
    "PV-001": ("check_event_type", "'order.created'", "shop.EventType.CREATED"),
    "PV-002": ("check_content_ref", "'abc'", "shop.ContentRef('abc')"),
    "PV-003": ("check_halt_guard", "shop.OrderService()", "shop.OrderService(shop.HaltGuard())"),
}


def run(project: Project, check: str, value: str, *args: str, expected: str = "False") -> Outcome:
    """Run one test that checks a value."""
    project.write("pyproject.toml", SETTINGS)
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write("shop.py", SHOP)
    project.write(
        "test_shop.py",
        f"""
        import shop

        def test_it(pattern_guard):
            assert pattern_guard.{check}({value}) is {expected}
            assert len(pattern_guard.violations) == {int(expected == "False")}
        """,
    )
    return project.pytest(*args)


@pytest.mark.parametrize("rule", CHECKS)
def test_what_keeps_the_pattern_passes(rule: str, plain_project: Project) -> None:
    check, _, right = CHECKS[rule]

    done = run(plain_project, check, right, "-o", "failtrack_patterns=true", expected="True")

    assert done.exit_status == 0, done.text


@pytest.mark.parametrize("rule", CHECKS)
def test_what_breaks_it_is_a_warning(rule: str, plain_project: Project) -> None:
    check, wrong, _ = CHECKS[rule]

    done = run(plain_project, check, wrong)

    assert done.exit_status == 0, done.text
    assert f"PatternViolationWarning: test_shop.py:5: {rule} " in done.stdout


@pytest.mark.parametrize("rule", ["PV-001"])
def test_what_breaks_it_fails_where_the_ini_key_says_so(rule: str, project: Project) -> None:
    check, wrong, _ = CHECKS[rule]

    done = run(project, check, wrong, "-o", "failtrack_patterns=true")

    assert done.exit_status == 1
    assert f"PatternViolationError: test_shop.py:5: {rule} " in done.stdout
    assert "in _told" not in done.stdout
    assert f"PatternViolationError: test_shop.py:5: {rule} " in str(done.record)


def test_a_class_that_nobody_configured_is_one_sentence(plain_project: Project) -> None:
    plain_project.write(
        "test_shop.py", "def test_it(pattern_guard): pattern_guard.check_event_type('x')\n"
    )
    plain_project.write("pyproject.toml", "")

    done = plain_project.pytest()

    assert done.exit_status == 1
    assert "[tool.failtrack.guard.PV-001] does not say its enum" in done.stdout


def test_a_run_that_does_not_use_it_imports_nothing_for_it(plain_project: Project) -> None:
    plain_project.is_fresh = True
    plain_project.write(
        "test_shop.py",
        """
        import sys

        def test_it():
            assert not [one for one in sys.modules if one.startswith("failtrack_guard")]
            assert "pytest_failtrack.pattern_guard" not in sys.modules
        """,
    )

    assert plain_project.pytest().exit_status == 0
