"""`failtrack ingest` and the gate: what is missing or cut, or says that it failed, never passes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evidence_folder import Project

GREEN = '<testsuite name="s"><testcase classname="t.test_a" name="test_a"/></testsuite>'
START = '{"pytest_version": "8.4.0", "$report_type": "SessionStart"}\n'
PASSED = (
    '{"nodeid": "t.py::test_a", "outcome": "passed", "when": "call", '
    '"$report_type": "TestReport"}\n'
)
FAILED = PASSED.replace("passed", "failed").replace("test_a", "test_b")
FINISH = '{"exitstatus": 0, "$report_type": "SessionFinish"}\n'
JOB = {"name": "unit", "conclusion": "success"}


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    (tmp_path / "green.xml").write_text(GREEN, encoding="utf-8")
    return Project(tmp_path, monkeypatch, capfd)


class TestIncomplete:
    CUT = {
        "no end": START + PASSED,
        "junit interrupted": GREEN.replace("</testsuite>", '<testcase time="0.0"/></testsuite>'),
        "cut in a failure": START + PASSED + FAILED[:60],
        "job list": json.dumps({"total_count": 200, "jobs": [JOB]}),
        "go": '{"Action":"pass","Package":"a","Test":"T"}\n{"Action":"start","Package":"b"}\n',
        "go cut": '{"Action":"pass","Package":"a"}\n{"Time":"2026-11-23T10:00:02Z","Acti',
        "junit counts": '<testsuites tests="5" failures="0"></testsuites>',
        "no job": json.dumps({"total_count": 0, "jobs": []}),
        "no result of a job": json.dumps({"jobs": [JOB | {"conclusion": "cancelled"}]}),
        "sarif": json.dumps({"version": "2.1.0", "runs": []}),
    }

    @pytest.mark.parametrize("text", CUT.values(), ids=CUT)
    def test_a_report_that_is_cut_is_no_pass(self, project: Project, text: str) -> None:
        (project.root / "report").write_text(text)

        result = project.run("ingest", "report", "--build", "5")

        assert result.code == 2
        assert result.err.startswith("failtrack: report: ")
        gate = project.run("gate", "--build", "5")
        assert gate.code == 3
        assert gate.out.startswith("gate: INCOMPLETE")

    def test_what_it_shows_is_recorded_all_the_same(self, project: Project) -> None:
        (project.root / "report").write_text(START + FAILED + PASSED[:40])

        result = project.run("ingest", "report", "--build", "5")

        assert result.code == 2
        assert "1 new record" in result.out
        assert project.run("gate", "--build", "5").code != 0

    @pytest.mark.parametrize("name", ["cut.xml", "nosuch.xml"])
    def test_a_report_beside_it_does_not_speak_for_it(self, project: Project, name: str) -> None:
        (project.root / "cut.xml").write_text(GREEN[:30])

        assert project.run("ingest", "green.xml", name, "--build", "5").code == 2
        assert project.run("gate", "--build", "5").code == 3

    def test_what_was_wrongly_named_is_mended_by_naming_the_rest(self, project: Project) -> None:
        project.run("ingest", "green.xml", "nosuch.xml", "--build", "5")

        assert project.run("ingest", "green.xml", "--build", "5").code == 0
        assert project.run("gate", "--build", "5").code == 0

    def test_a_green_run_is_incomplete_when_it_is_read_with_a_missing_one(
        self, project: Project
    ) -> None:
        project.run("ingest", "green.xml", "--build", "5")
        project.run("ingest", "green.xml", "nosuch.xml", "--build", "5")

        assert project.run("gate", "--build", "5").code == 3

    def test_the_whole_report_passes(self, project: Project) -> None:
        (project.root / "report").write_text(START + PASSED + FINISH)

        result = project.run("ingest", "report", "--build", "5")

        assert (result.code, result.err) == (0, "")
        assert project.run("gate", "--build", "5").code == 0

    def test_programs_are_told(self, project: Project) -> None:
        (project.root / "report").write_text(START + PASSED)

        told = json.loads(project.run("ingest", "report", "--build", "5", "--json").out)
        assert "no SessionFinish" in told["incomplete"]["report"]
        (file,) = json.loads(project.run("triage", "report", "--json").out)["files"]
        assert "no SessionFinish" in file["problem"]

    def test_triage_does_not_say_that_nothing_failed(self, project: Project) -> None:
        (project.root / "report").write_text(START + PASSED)

        result = project.run("triage", "report")

        assert result.code == 2
        assert result.out == ""
        assert "no SessionFinish" in result.err


class TestSaysThatItFailed:
    FAILING = {
        "reportlog interrupted": START + PASSED + FINISH.replace("0", "2"),
        "reportlog internal error": START + PASSED + FINISH.replace("0", "3"),
        "json-report": json.dumps(
            {"exitcode": 3, "environment": {}, "summary": {"passed": 1}, "tests": []}
        ),
        "json-report counts": json.dumps(
            {"exitcode": 1, "environment": {}, "summary": {"failed": 1}, "tests": []}
        ),
        "junit failures": GREEN.replace('name="s"', 'name="s" failures="2"'),
        "junit errors": '<testsuite name="s" errors="1"/>',
        "go build": '{"ImportPath":"c","Action":"build-output","Output":"c.go:3:2: undefined: x"}\n'
        '{"ImportPath":"c","Action":"build-fail"}\n',
        "sarif": json.dumps(
            {
                "version": "2.1.0",
                "runs": [
                    {
                        "tool": {"driver": {"name": "Trivy"}},
                        "results": [],
                        "invocations": [{"executionSuccessful": False, "exitCode": 2}],
                    }
                ],
            }
        ),
    }

    @pytest.mark.parametrize("text", FAILING.values(), ids=FAILING)
    def test_becomes_a_record_and_is_no_pass(self, project: Project, text: str) -> None:
        (project.root / "report").write_text(text)

        result = project.run("ingest", "report", "--build", "5")

        assert (result.code, result.err) == (0, "")
        assert "1 new record" in result.out
        assert project.run("gate", "--build", "5").code in (1, 75)

    def test_an_empty_suite_is_no_failure(self, project: Project) -> None:
        (project.root / "report").write_text('<testsuite tests="0" failures="0" errors="0"/>')

        assert project.run("ingest", "report", "--build", "5").code == 0
        assert project.run("gate", "--build", "5").code == 0


def test_jobs_that_run_still_are_said(project: Project) -> None:
    jobs = [JOB, {"name": "slow", "conclusion": None, "status": "in_progress"}]
    (project.root / "jobs").write_text(json.dumps({"total_count": 2, "jobs": jobs}))

    result = project.run("ingest", "jobs", "--build", "5")

    assert result.code == 0
    assert "jobs without a result yet nothing is known: slow" in result.err
