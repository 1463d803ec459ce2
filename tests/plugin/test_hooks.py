"""A hook that raises, anywhere, is a record; and so is every internal error."""

from __future__ import annotations

import pytest
from project import Project

HOOKS = {
    "pytest_configure": "config",
    "pytest_sessionstart": "session",
    "pytest_collection_modifyitems": "items",
    "pytest_runtest_protocol": "item",
    "pytest_runtest_setup": "item",
    "pytest_runtest_makereport": "item",
    "pytest_runtest_logreport": "report",
    "pytest_runtest_logstart": "nodeid",
    "pytest_collectreport": "report",
    "pytest_itemcollected": "item",
    "pytest_sessionfinish": "session",
    "pytest_terminal_summary": "terminalreporter",
    "pytest_unconfigure": "config",
}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_raises_is_a_record(project: Project, hook: str) -> None:
    project.write("conftest.py", f"def {hook}({HOOKS[hook]}):\n    raise RuntimeError('{hook}')\n")
    project.write("test_it.py", "def test_it(): pass\n")

    outcome = project.pytest()

    messages = {one["failure_description"]["error_message"] for one in outcome.records}
    assert f"RuntimeError: {hook}" in messages
    assert len(messages) == 1, messages
    record = outcome.records[0]
    assert record["context"]["file_path"] == "conftest.py"
    assert record["context"]["line_number"] == 2
    assert project.failtrack("gate").exit_status not in (0, 75)


def test_a_makereport_that_raises_in_a_worker_is_not_green(xdist_project: Project) -> None:
    """pytest ends with 0 here: the worker's error is all there is to see."""
    xdist_project.write(
        "conftest.py",
        "def pytest_runtest_makereport(item):\n    raise RuntimeError('no report')\n",
    )
    xdist_project.write("test_it.py", "def test_it(): pass\n")

    outcome = xdist_project.pytest()

    assert len(outcome.causes) == 1
    assert outcome.run["internal_errors"] >= 1
    assert xdist_project.failtrack("gate").exit_status == 1
