"""`failtrack doctor` shows clocks that disagree, and queries over their limit."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from evidence_folder import Project, make_record

from pytest_failtrack.config import load
from pytest_failtrack.history.performance import OperationalEvent, keep_event
from pytest_failtrack.open_history import open_history

REPORT = (
    '<testsuite name="a" timestamp="2071-01-01T00:00:00Z" tests="1" failures="1">'
    '<testcase classname="t" name="x"><failure message="boom">E</failure></testcase></testsuite>'
)


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


def lines(project: Project, name: str) -> list[str]:
    """Return what doctor prints of a check."""
    found = project.run("doctor").out.splitlines()
    return [one.split(maxsplit=2)[2] for one in found if one.split()[1:2] == [name]]


def test_an_event_that_is_ahead_is_recorded_at_ingest_and_shown(project: Project) -> None:
    """S3-82"""
    (project.root / "r.xml").write_text(REPORT)

    result = project.run("ingest", "r.xml")

    assert (result.code, "clocks disagree: junit says 2071-01-01T00:00:00Z" in result.out) == (
        0,
        True,
    )
    ((shown),) = lines(project, "clocks")
    assert shown.startswith("clocks disagree: junit says 2071-01-01T00:00:00Z")
    assert "1 record dated later than now" in project.run("doctor").out


def test_a_ci_that_is_ahead_is_shown(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.add_run(make_record("tests/test_a.py::test_b"))
    monkeypatch.setenv("CI_JOB_STARTED_AT", "2071-01-01T00:00:00Z")

    ((shown),) = lines(project, "clocks")

    assert "CI_JOB_STARTED_AT says 2071-01-01T00:00:00Z" in shown


def test_clocks_that_agree(project: Project) -> None:
    assert lines(project, "clocks") == ["no clock disagreed with this one"]


def test_a_query_over_its_limit_is_shown(project: Project) -> None:
    """S3-19"""
    detail = {"query_id": "trends", "event_count": 9_000, "duration_seconds": 41.5}
    settings = load()
    with open_history(settings) as history:
        event = OperationalEvent("query-slow", datetime.now(timezone.utc), detail)
        history.ask(lambda database: keep_event(database, event))

    ((shown),) = lines(project, "queries")

    assert shown.startswith("trends over 9,000 events took 41.5 s on ")


def test_a_history_that_answers_in_time(project: Project) -> None:
    assert lines(project, "queries") == ["no query was over its limit in 14 days"]
