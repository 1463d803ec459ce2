"""Tests that put something else in the place of the clock, the process id or a function of Python.

What a test replaced is still replaced while its report is made, and must not reach us.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from project import Project

REPLACED = {
    "clock": "time, 'time', lambda: 1293926400.0",
    "mocked_clock": "time, 'time', mock.MagicMock()",
    "process_id": "os, 'getpid', lambda: 42",
    "json": "json, 'dumps', lambda *_, **__: '{}'",
    "write": "os, 'write', mock.MagicMock(side_effect=OSError)",
    "open": "builtins, 'open', mock.MagicMock(side_effect=OSError)",
    "environment": "os, 'environ', {}",
    "compile": "re, 'compile', mock.MagicMock(return_value=None)",
    "sorted": "builtins, 'sorted', lambda *_, **__: None",
}
HEAD = "import builtins, json, os, re, time\nfrom unittest import mock\n"
TEST = "\ndef test_{name}(monkeypatch):\n    monkeypatch.setattr({what})\n    assert 41 == 42\n"
SHOP = HEAD + "".join(TEST.format(name=name, what=what) for name, what in REPLACED.items())
FAILURES = [(f"test_shop.py::test_{name}", "call", "failed") for name in REPLACED]


def test_a_failure_under_it_is_a_record_of_now(project: Project) -> None:
    """Nothing is lost, and the record's time is that of the run."""
    project.write("test_shop.py", SHOP)
    began_at = datetime.now(timezone.utc)

    outcome = project.pytest()

    assert outcome.failures == sorted(FAILURES)
    for record in outcome.records:
        seen_at = datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00"))
        assert abs(seen_at - began_at) < timedelta(minutes=2), record["test"]["nodeid"]
    assert "failtrack itself" not in outcome.text


def test_it_comes_back_as_a_repeat(plain_project: Project) -> None:
    """C-8: the window of 90 days is one of real days, not of those that a test made up."""
    plain_project.write("test_shop.py", SHOP)
    plain_project.pytest("--failtrack-build", "b1", "-k", "test_clock")

    outcome = plain_project.pytest("--failtrack-build", "b2", "-k", "test_clock")

    novelties = [one["escalation"]["novelty"] for one in outcome.records]
    assert sorted(novelties) == ["FIRST", "REPEAT"]


def test_it_is_in_the_journal_of_a_run_that_dies_later(plain_project: Project) -> None:
    """What pytest reported before a death is recovered, whatever the test had replaced."""
    plain_project.write("test_shop.py", SHOP)
    plain_project.write("test_till.py", "import os\n\ndef test_dies():\n    os._exit(3)\n")
    plain_project.pytest()

    outcome = plain_project.failtrack("recover")

    death = ("test_till.py::test_dies", "call", "crashed")
    assert outcome.failures == sorted([*FAILURES, death])


def test_no_secret_gets_by_when_patterns_find_nothing(project: Project) -> None:
    """Rules are compiled when they are needed first; a test may have replaced how."""
    secret = "ghp_" + "A1b2C3d4E5" * 4
    password = "hunter2secret"
    project.write(
        "test_shop.py",
        f"""
        import re
        from unittest import mock

        SECRETS = "{secret} postgres://admin:{password}@db/shop"

        def test_first(monkeypatch):
            nothing = mock.Mock(**{{name + ".return_value": None for name in ("search", "match")}})
            nothing.finditer = lambda *_: iter(())
            monkeypatch.setattr(re, "compile", lambda *_, **__: nothing)
            assert SECRETS == 0

        def test_second():
            assert SECRETS == 0
        """,
    )

    outcome = project.pytest("-p", "no:randomly")

    assert len(outcome.records) == 2
    written = [
        path for path in project.folder.rglob("*") if path.is_file() and path.suffix != ".py"
    ]
    for path in written:
        content = path.read_bytes()
        if path.suffix != ".pyc":
            assert secret.encode() not in content, path
            assert password.encode() not in content, path


def test_a_mistake_of_ours_under_it_is_told_and_goes_no_further(plain_project: Project) -> None:
    """Not even what says that something went wrong may end the run."""
    plain_project.write(
        "test_shop.py",
        """
        import builtins

        def test_first(monkeypatch):
            monkeypatch.setattr(builtins, "any", None)
            monkeypatch.setattr(builtins, "map", None)
            monkeypatch.setattr(builtins, "repr", None)
            assert 1 == 2

        def test_second():
            assert 0
        """,
    )
    outcome = plain_project.pytest("--tb=no")

    assert "2 failed" in outcome.text
    names = {record["test"]["nodeid"] for record in outcome.records}
    assert names == {"test_shop.py::test_first", "test_shop.py::test_second"}
