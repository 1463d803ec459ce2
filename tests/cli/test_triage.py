"""`failtrack triage`: what failures of any source are, and that nothing is left behind."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import Project

CASE = (
    '<testcase classname="tests.test_orders" name="{name}"><failure message="{message}">'
    "{text}</failure></testcase>"
)
TEXT = """tests/test_orders.py:3: in {name}
    build({{}})
src/orders.py:7: in build
    data["customer_id"]
E   KeyError: 'customer_id'"""
REFUSED = """tests/test_orders.py:9: in test_db
    connect()
src/db.py:2: in connect
    socket.connect()
E   ConnectionRefusedError: [Errno 111] Connection refused"""
KEY_ERROR = "KeyError: 'customer_id'"


def case(name: str, message: str, text: str) -> str:
    """Return a failed case of pytest's JUnit XML."""
    return CASE.format(name=name, message=message, text=text)


JUNIT = (
    '<testsuites><testsuite name="pytest">'
    + "".join(case(f"test_{n}", KEY_ERROR, TEXT.format(name=f"test_{n}")) for n in range(7))
    + case("test_db", "ConnectionRefusedError: [Errno 111] Connection refused", REFUSED)
    + "</testsuite></testsuites>"
)


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    (tmp_path / "junit.xml").write_text(JUNIT, encoding="utf-8")
    return Project(tmp_path, monkeypatch, capfd)


def document(project: Project, *arguments: str) -> dict[str, Any]:
    """Return what `failtrack triage ... --json` prints."""
    found: dict[str, Any] = json.loads(project.run("triage", *arguments, "--json").out)
    return found


class TestText:
    def test_causes_come_with_kind_reasons_and_members(self, project: Project) -> None:
        result = project.run("triage", "junit.xml")

        lines = result.out.splitlines()
        assert result.code == 0
        assert lines[0] == "8 failures, 2 root causes"
        assert lines[2].endswith("KeyError: 'customer_id'    7 failures")
        assert lines[3:5] == [
            "        src/orders.py:7 in build",
            "        product    INTEGRATION / INTEGRATION_DATA_MISMATCH    test_failure    HIGH    "
            "confidence 0.50    not retryable",
        ]
        assert "Its type says so: KeyError: 'customer_id'." in lines[5]
        assert lines[6].startswith("        what to do: ")
        assert lines[7].endswith("    tests/test_orders.py::test_0")
        assert "        2 more: --all" in lines
        assert "retryable (3 attempts, exponential)" in result.out

    def test_all_members_are_shown_when_asked(self, project: Project) -> None:
        shown = project.run("triage", "junit.xml", "--all").out

        assert "more: --all" not in shown
        assert "test_6" in shown

    def test_without_a_failure_it_says_so(self, project: Project) -> None:
        (project.root / "junit.xml").write_text("<testsuites/>")

        result = project.run("triage", "junit.xml")

        assert (result.code, result.out) == (0, "no failures\n")

    def test_the_next_step_of_each_cause_is_told(self, project: Project) -> None:
        shown = project.run("triage", "junit.xml").out.splitlines()

        found = document(project, "junit.xml")["failures"]
        told = [line.strip() for line in shown if "what to do: " in line]
        assert all(one["recovery_suggestion"] for one in found)
        assert set(told) == {f"what to do: {one['recovery_suggestion']}" for one in found}
        assert len(told) == 2

    def test_a_log_that_shows_no_failure_says_nothing_of_how_it_ended(
        self, project: Project
    ) -> None:
        (project.root / "build.log").write_text("compiling\ndone\n")

        result = project.run("triage", "build.log")

        assert (result.code, result.out) == (
            0,
            "nothing was recognised in build.log as a failure; a log does not say how its command "
            "ended: give `--exit-status N`\n",
        )
        assert project.run("triage", "build.log", "--exit-status", "0").out == "no failures\n"

    def test_a_log_whose_service_says_that_it_succeeded_has_no_failures(
        self, project: Project
    ) -> None:
        (project.root / "build.log").write_text("compiling\nFinished: SUCCESS\n")

        assert project.run("triage", "build.log").out == "no failures\n"

    def test_the_doubt_stands_beside_the_failures_of_others(self, project: Project) -> None:
        names = [f"{number}.log" for number in range(5)]
        for name in names:
            (project.root / name).write_text("done\n")

        result = project.run("triage", "junit.xml", *names)

        assert result.out.startswith("8 failures, 2 root causes\n")
        assert result.err.startswith(
            "failtrack: nothing was recognised in 0.log, 1.log, 2.log and 2 more as a failure; "
        )

    @pytest.mark.parametrize("content", ["", None], ids=["empty", "missing"])
    def test_nothing_is_said_of_failures_where_nothing_could_be_read(
        self, project: Project, content: str | None
    ) -> None:
        if content is not None:
            (project.root / "build.log").write_text(content)

        result = project.run("triage", "build.log")

        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("failtrack: build.log: ")

    def test_what_was_passed_over_is_told_where_nothing_else_was_read(
        self, project: Project
    ) -> None:
        folder = project.root / "downloads"
        folder.mkdir()
        (folder / "settings.json").write_text('{"a": 1}')

        result = project.run("triage", "downloads")

        assert (result.code, result.out) == (
            0,
            "nothing was read; passed over 1 that are no reports\n",
        )

    def test_what_a_test_prints_cannot_play_with_the_terminal(self, project: Project) -> None:
        hostile = case("test_x\x1b[2J", "ValueError: \x1b]0;x\x07 ::error::x", "")
        (project.root / "junit.xml").write_text(f"<testsuite>{hostile}</testsuite>")

        shown = project.run("triage", "junit.xml").out

        assert "\x1b" not in shown
        assert "\x07" not in shown


class TestJson:
    def test_holds_failures_and_causes(self, project: Project) -> None:
        found = document(project, "junit.xml")

        first = found["failures"][0]
        assert list(found) == ["schema_version", "files", "failures", "causes", "problems"]
        assert found["files"] == [{"file": "junit.xml", "failures": 8, "problem": None}]
        assert first["nodeid"] == "tests/test_orders.py::test_0"
        assert first["error_line"] == KEY_ERROR
        assert first["place"] == {"file": "src/orders.py", "line": 7, "function": "build"}
        assert first["token"] == "KeyError: 'customer_id' @ src/orders.py:build"
        assert (first["category"], first["subcategory"]) == (
            "INTEGRATION",
            "INTEGRATION_DATA_MISMATCH",
        )
        assert (first["is_retryable"], first["retry"]) == (False, None)
        cause = found["causes"][0]
        assert cause["failures"] == len(cause["members"]) == 7
        assert cause["cause_id"] == first["cause_id"]
        assert cause["signatures"] == [first["signature"]]
        assert found["causes"][1]["is_retryable"] is True

    def test_the_signature_is_that_of_the_job(self, project: Project) -> None:
        plain = document(project, "junit.xml")["failures"][0]

        named = document(project, "junit.xml", "--job", "tests", "--step", "pytest")["failures"][0]

        assert (named["job"], named["step"]) == ("tests", "pytest")
        assert named["signature"] != plain["signature"]
        assert named["token"] == plain["token"]

    def test_jobs_bring_their_own_names(self, project: Project) -> None:
        """S4-03, S4-05: job and first failing step are what the hash is made of."""
        job = {
            "name": "Tests (3.11)",
            "workflow_name": "CI",
            "conclusion": "failure",
            "steps": [{"name": "pytest", "number": 1, "conclusion": "failure"}],
        }
        (project.root / "jobs.json").write_text(json.dumps({"total_count": 1, "jobs": [job]}))

        (one,) = document(project, "jobs.json", "--job", "other")["failures"]

        expected = json.loads(
            project.run(
                "signature", "--jobs", '[{"name": "Tests", "step": "pytest"}]', "--json"
            ).out
        )
        assert (one["workflow"], one["job"], one["step"]) == ("CI", "Tests", "pytest")
        assert one["signature"] == expected["hash"]

    def test_secrets_and_vulnerabilities_are_what_they_say(self, project: Project) -> None:
        """C-5: no rule about infrastructure ever lets one pass."""
        run = {
            "tool": {"driver": {"name": "gitleaks", "rules": []}},
            "results": [{"ruleId": "aws-key", "level": "error", "message": {"text": "a key"}}],
        }
        (project.root / "x.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))

        (one,) = document(project, "x.sarif")["failures"]

        assert (one["category"], one["failure_type"], one["severity"], one["is_retryable"]) == (
            "GOVERNANCE",
            "secret_detected",
            "CRITICAL",
            False,
        )

    def test_coverage_needs_its_threshold(self, project: Project) -> None:
        """S0-14."""
        (project.root / "c.json").write_text('{"totals": {"percent_covered": 80.0}, "files": {}}')

        (one,) = document(project, "c.json", "--coverage-min", "90")["failures"]

        assert one["subcategory"] == "QA_COVERAGE_INCOMPLETE"
        assert one["error_line"] == "error: coverage 80.0 % is under 90 %"
        assert one["headline"] == "error: coverage 80.0 % is under 90 %"
        assert project.run("triage", "c.json").code == 2

    def test_a_silent_log_has_no_stack(self, project: Project) -> None:
        """S4-17."""
        (project.root / "out.log").write_text("all is well\n")

        (one,) = document(project, "out.log", "--exit-status", "1")["failures"]

        assert (one["token"], one["subcategory"]) == ("no-stack", "UNKNOWN_ROOT_CAUSE")


class TestSources:
    def test_the_name_of_the_standard_input_is_no_tool(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`standard` is a linter: logs that are piped in are none of its."""
        log = io.BytesIO(b"building\nError: no room for the heap\n")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(log))

        (failure,) = document(project, "-", "--exit-status", "1")["failures"]

        assert failure["subcategory"] == "INFRA_RESOURCE"
        assert failure["failure_type"] == "build_error"  # a guess never asks for a retry
        assert failure["reasons"][0].startswith("The error line speaks of memory")

    def test_stdin_is_read(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        stdin = io.TextIOWrapper(io.BytesIO(JUNIT.encode()))
        monkeypatch.setattr(sys, "stdin", stdin)

        assert document(project, "-")["files"][0]["failures"] == 8

    def test_an_unreadable_file_is_named_and_the_others_are_shown(self, project: Project) -> None:
        (project.root / "cut.xml").write_text("<testsuites><testsuite>")

        result = project.run("triage", "cut.xml", "junit.xml", "nosuch.xml")

        assert result.code == 2
        assert result.out.startswith("8 failures, 2 root causes")
        assert "failtrack: cut.xml: ends in line 1 before it is complete" in result.err
        assert "failtrack: nosuch.xml: cannot be read" in result.err

    def test_in_json_it_is_named_with_its_file(self, project: Project) -> None:
        found = document(project, "nosuch.xml", "junit.xml")

        assert [(one["failures"], bool(one["problem"])) for one in found["files"]] == [
            (0, True),
            (8, False),
        ]

    def test_files_of_one_kind_all_count(self, project: Project) -> None:
        """Two legs of a matrix fail alike, and both did."""
        (project.root / "leg2.xml").write_text(JUNIT, encoding="utf-8")

        assert len(document(project, "junit.xml", "leg2.xml")["failures"]) == 16

    def test_nothing_is_stored(self, project: Project) -> None:
        before = sorted(project.root.rglob("*"))

        project.run("triage", "junit.xml")

        assert sorted(project.root.rglob("*")) == before

    def test_the_words_of_a_project_are_used(self, project: Project) -> None:
        (project.root / "pyproject.toml").write_text(
            '[[tool.failtrack.catalog]]\nid = "no-customer"\ntitle = "The customer is missing."\n'
            'subcategory = "SCOPE_INCOMPLETE"\nfailure_type = "test_failure"\n'
            'types = ["KeyError"]\npatterns = ["customer_id"]\nconfidence = 0.9\n'
        )

        found = document(project, "junit.xml")

        assert found["failures"][0]["catalog_entry_id"] == "no-customer", found["problems"]
