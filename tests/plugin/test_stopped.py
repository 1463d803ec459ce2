"""A run that `-x` or its like ends: what it left is told after the run and by the gate."""

from __future__ import annotations

import pytest
from project import Project

TESTS = """
import pytest

@pytest.mark.skip(reason="later")
def test_skipped(): pass

@pytest.fixture
def broken():
    yield
    raise RuntimeError("teardown")

def test_first(): pass

def test_red(broken): {red}

@pytest.mark.parametrize("number", range(20))
def test_rest(number): pass
"""
SAID = "stopped early: 20 of 23 collected tests were not run"


@pytest.mark.parametrize("option", ["-x", "--maxfail=1", "--stepwise"])
@pytest.mark.parametrize("red", ["assert 1 == 2", "pass"])
def test_the_number_is_said(plain_project: Project, option: str, red: str) -> None:
    """Also where one test failed twice, and where it passed before its teardown failed."""
    plain_project.write("test_it.py", TESTS.format(red=red))

    # The cache is what --stepwise needs.
    outcome = plain_project.pytest("-p", "cacheprovider", "-p", "stepwise", option)
    gate = plain_project.failtrack("gate", "--explain")

    assert f"\nthe run was {SAID}\n" in outcome.stdout
    assert outcome.run["not_run"] == 20
    assert outcome.run["is_complete"]
    assert gate.exit_status == 1
    (rule,) = [line for line in gate.stdout.splitlines() if "complete_runs" in line]
    assert rule.startswith("  ok  ")
    assert SAID in rule
    assert "all came to their end" not in rule


def test_workers_that_are_stopped_leave_tests_too(project: Project) -> None:
    project.write("test_it.py", TESTS.format(red="assert 1 == 2").replace("(20)", "(400)"))

    outcome = project.pytest("-x")
    ran = {one["test"]["nodeid"] for one in outcome.records}

    totals = outcome.run["totals"]
    assert outcome.run["not_run"] == 403 - totals["passed"] - totals["skipped"] - len(ran) > 0
    assert "the run was stopped early: " in outcome.stdout


def test_a_whole_run_says_nothing(project: Project) -> None:
    project.write("test_it.py", TESTS.format(red="assert 1 == 2"))

    outcome = project.pytest()

    assert "stopped early" not in outcome.stdout
    assert outcome.run["not_run"] == 0
    assert "all came to their end" in project.failtrack("gate", "--explain").stdout


def test_what_cannot_be_collected_stops_a_run(plain_project: Project) -> None:
    plain_project.write("test_it.py", TESTS.format(red="pass"))
    plain_project.write("test_other.py", "import nothing_of_this_name\n")

    assert plain_project.pytest().run["not_run"] == 23
