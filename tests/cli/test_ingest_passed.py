"""`failtrack ingest`: a test that passed in a later report ends what is open of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import Project

from pytest_failtrack.history import evidence

FAILED = "<failure message=\"KeyError: 'x'\">tests/test_a.py:3: in {0}\nE   KeyError: 'x'</failure>"
RED, LATER, EARLIER = "2026-11-20T10:00:00", "2026-11-20T11:00:00", "2026-11-20T09:00:00"


def junit(at: str, *cases: tuple[str, str]) -> str:
    """Return JUnit XML with cases of one suite: name, and what stands in it."""
    shown = "".join(
        f'<testcase classname="tests.test_a" name="{name}" time="0.1">{inner}</testcase>'
        for name, inner in cases
    )
    return f'<testsuites><testsuite timestamp="{at}">{shown}</testsuite></testsuites>'


def red(at: str, *names: str) -> str:
    return junit(at, *((name, FAILED.format(name)) for name in names))


def green(at: str, *names: str) -> str:
    return junit(at, *((name, "") for name in names))


def go(at: str, action: str, test: str) -> str:
    event = {"Time": f"{at}Z", "Action": action, "Package": "example.com/a", "Test": test}
    said = {**event, "Action": "output", "Output": "    a_test.go:3: boom\n"}
    end = {**event, "Test": ""}
    return "".join(f"{json.dumps(one)}\n" for one in (said, event, end))


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


def ingest(project: Project, text: str, build: str, job: str = "tests") -> None:
    (project.root / "report").write_text(text, encoding="utf-8")
    result = project.run("ingest", "report", "--build", build, "--job", job)
    assert result.code == 0, result.err


def run_of(project: Project, build: str) -> dict[str, Any]:
    (found,) = (
        one
        for _, one in evidence.read_runs(project.runs_dir)
        if isinstance(one, dict) and one["build_id"] == build
    )
    return found


def still_open(project: Project) -> int:
    """Return how many open causes the snapshot holds whose tests have not passed since."""
    path = project.runs_dir.parent / "ci_failures_snapshot.json"
    return sum(not one["is_healing"] for one in json.loads(path.read_text(encoding="utf-8")))


class TestHealing:
    """S1-9, S0-134: reports heal as tracked runs do, in the lane of the job alone."""

    def test_a_pass_in_a_later_report_ends_what_is_open(self, project: Project) -> None:
        ingest(project, red(RED, "test_a"), "1")
        assert still_open(project) == 1

        ingest(project, green(LATER, "test_a"), "2")

        assert run_of(project, "2")["outcomes"] == {"tests/test_a.py::test_a": "passed"}
        assert still_open(project) == 0

    def test_events_of_go_do_as_well(self, project: Project) -> None:
        ingest(project, go(RED, "fail", "TestA"), "1")
        assert still_open(project) == 1

        ingest(project, go(LATER, "pass", "TestA"), "2")

        assert still_open(project) == 0

    @pytest.mark.parametrize(
        "report",
        [
            green(EARLIER, "test_a"),
            green(LATER, "test_b"),
            junit(LATER, ("test_a", "<skipped/>")),
            junit(LATER, ("test_a", FAILED.format("test_a")), ("test_a", "")),
        ],
        ids=["older", "another-test", "skipped", "failed-and-passed"],
    )
    def test_nothing_else_ends_it(self, project: Project, report: str) -> None:
        ingest(project, red(RED, "test_a"), "1")
        ingest(project, report, "2")

        assert still_open(project) == 1

    def test_a_pass_in_another_job_says_nothing(self, project: Project) -> None:
        ingest(project, red(RED, "test_a"), "1")
        ingest(project, green(LATER, "test_a"), "2", job="other")

        assert still_open(project) == 1

    def test_what_passed_is_counted(self, project: Project) -> None:
        cases = [("test_a", FAILED.format("test_a")), ("test_b", ""), ("test_c", "<skipped/>")]
        ingest(project, junit(RED, *cases), "1")

        run = run_of(project, "1")
        assert (run["totals"]["passed"], run["totals"]["collected"]) == (1, 2)
        assert run["files"] == {"tests/test_a.py": {"passed": 1, "failed": 1}}
        assert run["outcomes"] == {"tests/test_a.py::test_a": "failed"}

    def test_reading_a_green_report_again_changes_nothing(self, project: Project) -> None:
        ingest(project, red(RED, "test_a"), "1")
        ingest(project, green(LATER, "test_a"), "2")
        before = {str(one): one.read_bytes() for one in project.runs_dir.glob("*.json")}
        ingest(project, green(LATER, "test_a"), "2")

        assert {str(one): one.read_bytes() for one in project.runs_dir.glob("*.json")} == before
