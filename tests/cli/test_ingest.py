"""`failtrack ingest`: what other tools saw becomes records, once on every road (C-27)."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import Project

from pytest_failtrack import ingest
from pytest_failtrack.config import load
from pytest_failtrack.history import evidence

CASE = (
    '<testcase classname="tests.test_orders" name="{name}" file="tests/test_orders.py">'
    '<{tag} message="{message}">tests/test_orders.py:3: in {name}\n'
    "src/orders.py:7: in build\nE   {message}</{tag}></testcase>"
)
JUNIT = (
    "<testsuites><testsuite>"
    + CASE.format(name="test_a", tag="failure", message="KeyError: 'customer_id'")
    + CASE.format(name="test_b", tag="failure", message="KeyError: 'customer_id'")
    + CASE.format(name="test_c", tag="failure", message="ConnectionRefusedError: [Errno 111] no")
    + "</testsuite></testsuites>"
)
GREEN = (
    '<testsuites><testsuite><testcase classname="t.test_a" name="test_a"/></testsuite></testsuites>'
)
LOG = "make all\nmain.c:3:10: fatal error: foo.h: No such file or directory\nmake: *** Error 1\n"


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    (tmp_path / "junit.xml").write_text(JUNIT, encoding="utf-8")
    return Project(tmp_path, monkeypatch, capfd)


def records(project: Project) -> list[dict[str, Any]]:
    """Return the records of the project."""
    found = [one for _, one in evidence.read_records(project.evidence_dir)]
    assert all(isinstance(one, dict) for one in found), found
    return sorted(
        (one for one in found if isinstance(one, dict)), key=lambda one: one["test"]["nodeid"]
    )


def runs(project: Project) -> list[dict[str, Any]]:
    """Return the run documents of the project."""
    found = [one for _, one in evidence.read_runs(project.runs_dir)]
    assert all(isinstance(one, dict) for one in found), found
    return [one for one in found if isinstance(one, dict)]


def content(project: Project) -> dict[str, bytes]:
    """Return everything that lies in the evidence."""
    folder = project.root / "governance"
    return {str(one): one.read_bytes() for one in sorted(folder.rglob("*.json"))}


class TestReportWithoutTests:
    """A run that collected nothing is no pass, whoever ran it; pytest itself ends with 5."""

    SUITE = '<testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="0"/>'
    REPORTS = {
        "junit.xml": SUITE + "</testsuites>",
        "report.json": '{"exitcode": 5, "environment": {}, "summary": {"total": 0}, "tests": []}',
        "report.jsonl": '{"$report_type": "SessionStart", "pytest_version": "9.0"}\n'
        '{"$report_type": "SessionFinish", "exitstatus": 5}\n',
    }

    @pytest.mark.parametrize("name", REPORTS)
    def test_the_gate_fails_as_for_a_tracked_run(self, project: Project, name: str) -> None:
        (project.root / name).write_text(self.REPORTS[name])

        assert "no test ran" in project.run("ingest", name, "--build", "9").out
        judged = project.run("gate", "--build", "9")
        assert (judged.code, "rule empty_runs: saw 1 empty run" in judged.out) == (1, True)

    @pytest.mark.parametrize(
        "suite",
        [
            '<testsuite tests="1" skipped="1"><testcase name="a"><skipped/></testcase></testsuite>',
            '<testsuite tests="2" skipped="2"/>',
            '<testsuite name="pytest" tests="2" skipped="2"/>',
            "<testsuites/>",
            '<testsuites><testsuite name="shop/cart" tests="0" time="0.1"/></testsuites>',
        ],
    )
    def test_other_runners_and_linters_write_an_empty_one_of_what_is_clean(
        self, project: Project, suite: str
    ) -> None:
        (project.root / "skipped.xml").write_text(suite)

        assert "no test ran" not in project.run("ingest", "skipped.xml", "--build", "9").out
        assert project.run("gate", "--build", "9").code == 0

    def test_what_counts_no_tests_hides_it_not(self, project: Project) -> None:
        (project.root / "junit.xml").write_text(self.REPORTS["junit.xml"])
        (project.root / "clean.sarif").write_text(
            '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}'
        )

        project.run("ingest", "junit.xml", "clean.sarif", "--build", "9")

        assert project.run("gate", "--build", "9").code == 1

    def test_a_later_session_of_a_report_log_may_have_tests(self, project: Project) -> None:
        test = '{"$report_type": "TestReport", "nodeid": "t.py::t", "when": "call", "outcome": '
        later = f'{test}"passed"}}\n{{"$report_type": "SessionFinish", "exitstatus": 0}}\n'
        (project.root / "log.jsonl").write_text(self.REPORTS["report.jsonl"] + later)

        assert "no test ran" not in project.run("ingest", "log.jsonl", "--build", "9").out

    def test_one_of_many_may_be_empty(self, project: Project) -> None:
        (project.root / "junit.xml").write_text(self.REPORTS["junit.xml"])
        (project.root / "green.xml").write_text(GREEN)

        project.run("ingest", "junit.xml", "green.xml", "--build", "9")

        assert project.run("gate", "--build", "9").code == 0


class TestLogWithoutEnd:
    SENTENCE = (
        "failtrack: nothing was recognised in build.log as a failure; a log does not say how its "
        "command ended: give `--exit-status N`\n"
    )

    def test_a_log_that_shows_no_failure_is_told_to_say_nothing(self, project: Project) -> None:
        """What nobody could read is no green build."""
        noise = bytes(range(128, 256)) * 40
        (project.root / "build.log").write_bytes(noise)

        result = project.run("ingest", "build.log")

        assert (result.code, result.err) == (0, self.SENTENCE)
        assert "0 new records" in result.out

    def test_the_status_is_the_end(self, project: Project) -> None:
        (project.root / "build.log").write_text("done\n")

        assert project.run("ingest", "build.log", "--exit-status", "0").err == ""
        failed = project.run("ingest", "build.log", "--exit-status", "3")
        assert failed.err == ""
        assert "1 new record" in failed.out


class TestRecords:
    def test_failures_become_records_and_a_run(self, project: Project) -> None:
        """S4-03, S0-156 to S0-158: what pytest never saw comes in through the same door."""
        result = project.run("ingest", "junit.xml", "--build", "812", "--job", "integration")

        assert result.code == 0, result.err
        assert "3 failures, 2 root causes" in result.out
        assert result.out.endswith("read 1 file; 3 new records; build 812\n")
        names = ["test_a", "test_b", "test_c"]
        assert [one["test"]["nodeid"].rpartition("::")[2] for one in records(project)] == names
        assert {one["signature"]["job"] for one in records(project)} == {"integration"}
        (run,) = runs(project)
        assert (run["source"], run["build_id"], run["failures"]) == ("report", "812", 3)
        assert (run["exit_status"], run["totals"]["failed"]) == (1, 3)

    def test_the_gate_judges_them(self, project: Project) -> None:
        project.run("ingest", "junit.xml", "--build", "812")

        assert project.run("gate", "--build", "812").code == 1

    def test_the_gate_passes_a_green_report(self, project: Project) -> None:
        (project.root / "green.xml").write_text(GREEN)

        assert project.run("ingest", "green.xml", "--build", "9").out.startswith("read 1 file")
        assert project.run("gate", "--build", "9").code == 0

    def test_a_build_command_is_compilation(self, project: Project) -> None:
        """C-7: build commands compile; the one who ingests may know better."""
        (project.root / "make.log").write_text(LOG)

        project.run("ingest", "make.log", "--build", "1")
        project.run("ingest", "make.log", "--build", "2", "--phase", "deployment")

        phases = {one["build_id"]: one["context"]["phase"] for one in records(project)}
        assert phases == {"1": "COMPILATION", "2": "DEPLOYMENT"}

    def test_jobs_are_runs_of_their_own(self, project: Project) -> None:
        jobs = [
            {"id": n, "name": name, "conclusion": "failure", "workflow_name": "CI", "steps": steps}
            for n, (name, steps) in enumerate(
                {
                    "lint": [{"name": "ruff", "number": 1, "conclusion": "failure"}],
                    "unit": [{"name": "pytest", "number": 1, "conclusion": "failure"}],
                }.items()
            )
        ]
        (project.root / "jobs.json").write_text(json.dumps({"total_count": 2, "jobs": jobs}))

        project.run("ingest", "jobs.json", "--build", "5")

        assert {(one["workflow"], one["job"], one["step"]) for one in runs(project)} == {
            ("CI", "lint", "ruff"),
            ("CI", "unit", "pytest"),
        }

    def test_archives_and_folders_are_opened(self, project: Project) -> None:
        with zipfile.ZipFile(project.root / "artifact.zip", "w") as archive:
            archive.write("junit.xml", "reports/junit.xml")
            archive.writestr("reports/page.json", "{}")

        result = project.run("ingest", "artifact.zip", "--build", "3")

        assert "read 1 file; passed over 1 that are no reports; 3 new records" in result.out


class TestOnce:
    """C-27: ingesting the same twice, or the same failure by two roads, changes nothing."""

    @pytest.mark.parametrize("build", ["812", ""], ids=["build", "no build"])
    def test_the_same_file_twice(self, project: Project, build: str) -> None:
        options = ["--build", build] if build else []
        project.run("ingest", "junit.xml", *options)
        before = content(project)
        shutil.copy(project.root / "junit.xml", project.root / "copy.xml")

        result = project.run("ingest", "copy.xml", *options)

        assert content(project) == before
        assert "0 new records; 3 there already" in result.out

    def test_a_report_and_the_log_of_one_run(self, project: Project) -> None:
        """Two kinds of sources in one call."""
        line = {"source": "reporter", "when": "call", "outcome": "failed"}
        observations = [
            line | {"nodeid": f"tests/test_orders.py::{name}", "text": "KeyError: 'customer_id'"}
            for name in ("test_a", "test_new")
        ]
        (project.root / "more.jsonl").write_text("\n".join(map(json.dumps, observations)))

        project.run("ingest", "junit.xml", "more.jsonl", "--build", "7")

        assert len({one["test"]["nodeid"] for one in records(project)}) == 4

    def test_legs_are_kept_apart(self, project: Project) -> None:
        for leg in ("py3.10", "py3.13"):
            project.run("ingest", "junit.xml", "--build", "8", "--leg", leg)

        assert len(records(project)) == 6


class TestBadInput:
    def test_what_cannot_be_read_is_named_and_the_rest_is_recorded(self, project: Project) -> None:
        (project.root / "cut.xml").write_text(JUNIT[:200])

        result = project.run("ingest", "cut.xml", "junit.xml", "nosuch.log", "--build", "1")

        assert result.code == 2
        assert len(records(project)) == 3
        assert "failtrack: cut.xml: ends in line" in result.err
        assert "failtrack: nosuch.log: cannot be read" in result.err
        (run,) = runs(project)
        assert [one.partition(":")[0] for one in run["problems"]] == ["cut.xml", "nosuch.log"]

    def test_nothing_is_written_when_nothing_could_be_read(self, project: Project) -> None:
        result = project.run("ingest", "nosuch.xml")

        assert result.code == 2
        assert result.out == "read 0 files; 0 new records\n"
        assert not project.evidence_dir.exists()
        assert not project.runs_dir.exists()

    def test_evidence_that_cannot_be_written_is_3(self, project: Project) -> None:
        project.evidence_dir.parent.mkdir(parents=True)
        project.evidence_dir.write_text("a file")

        result = project.run("ingest", "junit.xml", "--build", "1")

        assert result.code == 3
        assert "a part of the path is a file, not a folder" in result.err


class TestForPrograms:
    def test_json(self, project: Project) -> None:
        found = json.loads(
            project.run("ingest", "junit.xml", "no.xml", "--build", "1", "--json").out
        )

        assert (found["files"], list(found["unread"])) == (["junit.xml"], ["no.xml"])
        assert found["new_records"] == 3
        (run,) = found["runs"]
        assert sorted(run["records"]) == sorted(one["failure_id"] for one in records(project))
        assert run["digest"]["build_id"] == "1"
        assert run["document"] == runs(project)[0]["document_id"]

    def test_python(self, project: Project) -> None:
        came = ingest([project.root / "junit.xml"], settings=load({"build": "77"}))

        assert came.is_written
        assert came.new_records == 3
        assert [len(run.digest.causes) for run in came.runs] == [2]
