"""`failtrack recovery`: suggest, list, apply, mark (S2-91, S2-94)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import Project, make_record

from pytest_failtrack import match_and_persist
from pytest_failtrack.matching import _DESKS

# A file that grows with each call, and a success from the third on.
THIRD_TIME = (
    "import pathlib, sys; p = pathlib.Path('calls'); p.touch(); n = len(p.read_text()) + 1;"
    " p.write_text('x' * n); sys.exit(n < 3)"
)


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


def told(project: Project, code: str = "HTTP_429", **given: Any) -> str:
    """Tell of an error as a program does; return its id."""
    return str(match_and_persist(code, "run-1", **given).failure_match_id)


def suggested(project: Project, what: str) -> dict[str, Any]:
    result = project.run("recovery", "suggest", what, "--json")
    assert result.code == 0, result.err
    document: dict[str, Any] = json.loads(result.out)
    return document


def waiting(project: Project) -> list[dict[str, Any]]:
    result = project.run("recovery", "list", "--days", "3650", "--json")
    assert result.code == 0, result.err
    listed: list[dict[str, Any]] = json.loads(result.out)["matches"]
    return listed


class TestSuggest:
    def test_of_a_text_is_what_the_catalog_says(self, project: Project) -> None:
        """S2-91"""
        found = suggested(project, "HTTP 429 Too Many Requests")

        assert found["catalog_entry_id"] == "rate-limited"
        assert found["retry"]["is_allowed"]
        ((only),) = found["candidates"]
        assert only["recovery_mode"] == "RETRY_EXPONENTIAL"
        assert only["confidence"] == pytest.approx(found["confidence_score"])
        assert (only["attempts"], only["is_catalogs"]) == (0, True)

    def test_of_a_record_a_cause_and_a_match(self, project: Project) -> None:
        record = make_record("tests/test_a.py::test_b")
        project.add_run(record)
        match = told(project)

        ids = [suggested(project, one)["id"] for one in (record["failure_id"], match)]
        cause = suggested(project, record["test"]["cause_id"])

        assert ids == [record["failure_id"], match]
        assert cause["id"] == record["failure_id"]
        assert cause["failure_type"] == "integration_test_failure"

    def test_what_was_tried_moves_it(self, project: Project) -> None:
        """S2-93"""
        before = suggested(project, "HTTP_429")["candidates"][0]["confidence"]
        for _ in range(3):
            assert project.run("recovery", "mark", told(project), "--succeeded").code == 0

        after = suggested(project, "HTTP_429")["candidates"][0]

        assert after["confidence"] > before
        assert (after["attempts"], after["successes"]) == (3, 3)

    def test_people_read_how_often_it_helped(self, project: Project) -> None:
        project.run("recovery", "mark", told(project), "--failed")

        lines = project.run("recovery", "suggest", "HTTP_429").out.splitlines()

        assert lines[0] == "HTTP_429"
        assert lines[2].endswith("RETRY_EXPONENTIAL  helped 0 of 1 time")
        assert lines[-1] == "  retry: try again up to 3 times, pauses exponential"

    @pytest.mark.parametrize("what", ["", "  ", "0123456789ab"], ids=["none", "blank", "id"])
    def test_of_nothing_is_refused(self, project: Project, what: str) -> None:
        assert project.run("recovery", "suggest", what).code == 2


class TestList:
    def test_shows_records_and_matches_once_each(self, project: Project) -> None:
        project.add_run(make_record("tests/test_a.py::test_b"))
        for _ in range(3):
            told(project)

        found = {one["error_code"]: one["times"] for one in waiting(project)}

        assert found == {"KeyError": 1, "HTTP_429": 3}

    def test_what_was_tried_waits_no_longer(self, project: Project) -> None:
        project.run("recovery", "mark", told(project), "--failed")

        assert waiting(project) == []

    def test_a_record_that_is_resolved_does_not_wait(self, project: Project) -> None:
        record = make_record("tests/test_a.py::test_b")
        record["status"] = "RESOLVED"
        record["root_cause"] |= {"analysis_status": "COMPLETE", "root_cause_summary": "A key."}
        record["metadata"]["owner"] = "@shop-team"
        record["resolution"] |= {
            "resolution_type": "FIX",
            "resolution_description": "The key is set.",
            "resolution_commit": "0123abc",
            "resolution_timestamp": "2026-11-22T10:00:00Z",
            "resolved_by": "@shop-team",
        }
        project.add_records(record)

        assert waiting(project) == []

    def test_nothing_waits(self, project: Project) -> None:
        assert project.run("recovery", "list").out == "0 recoveries pending in 14 days\n"


class TestMark:
    @pytest.mark.parametrize("word", ["succeeded", "failed"])
    def test_of_a_record_is_an_event_of_its_own_history(
        self, project: Project, word: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S2-27, S2-28; it outlives the index."""
        monkeypatch.setenv("GITHUB_ACTOR", "ann")
        record = make_record("tests/test_a.py::test_b")
        project.add_run(record)

        assert project.run("recovery", "mark", record["failure_id"], f"--{word}").code == 0

        path = project.evidence_dir.parent / f"changes/{record['failure_id']}.jsonl"
        ((event),) = map(json.loads, path.read_text().splitlines())
        assert (event["action"], event["by"]) == ("recovery", "@ann")
        assert event["to"]["recovery_succeeded"] is (word == "succeeded")
        assert waiting(project) == []
        (project.root / ".failtrack/history.sqlite").unlink()
        assert waiting(project) == []

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (["0123456789ab", "--failed"], "no record, match or cause is known as '0123456789ab'"),
            (["nonsense", "--failed"], "no record, match or cause is known as 'nonsense'"),
            (["0123456789ab"], "give --succeeded or --failed"),
        ],
        ids=["id", "word", "outcome"],
    )
    def test_is_refused_with_a_sentence(
        self, project: Project, given: list[str], said: str
    ) -> None:
        result = project.run("recovery", "mark", *given)

        assert result.code == 2
        assert said in result.err


class TestApply:
    def test_without_a_command_prints_what_the_matrix_allows(self, project: Project) -> None:
        """S1-86: three attempts, exponential."""
        result = project.run("recovery", "apply", told(project), "--retry-delay", "3")

        assert result.code == 0
        assert result.out.splitlines()[-1] == (
            "retry: try again up to 3 times, pauses exponential of 3, 6 s"
        )
        assert len(waiting(project)) == 1

    def test_runs_a_command_until_it_succeeds_and_marks_it(self, project: Project) -> None:
        words = ("recovery", "apply", told(project), "--retry-delay", "0", "--")

        result = project.run(*words, sys.executable, "-c", THIRD_TIME)

        assert result.code == 0, result.err
        assert (project.root / "calls").read_text() == "xxx"
        assert "recovery succeeded on try 3, which is marked" in result.err
        assert suggested(project, "HTTP_429")["candidates"][0]["successes"] == 1

    def test_runs_it_no_oftener_than_the_matrix_allows(self, project: Project) -> None:
        words = ("recovery", "apply", told(project), "--retry-delay", "0", "--")
        always = "open('calls', 'a').write('x'); raise SystemExit(7)"

        result = project.run(*words, sys.executable, "-c", always)

        assert result.code == 7
        assert (project.root / "calls").read_text() == "xxx"
        assert suggested(project, "HTTP_429")["candidates"][0]["successes"] == 0
        assert waiting(project) == []

    def test_what_may_not_be_retried_is_not_run(self, project: Project) -> None:
        """S1-88: a lost database is retried on a condition alone."""
        match = told(project, "database-unreachable")
        plan = project.run("recovery", "apply", match)

        result = project.run("recovery", "apply", match, "--", sys.executable, "-c", THIRD_TIME)

        assert (plan.code, result.code) == (1, 1)
        assert not (project.root / "calls").exists()
        allowed = project.run("recovery", "apply", match, "--other-jobs-ok")
        assert allowed.code == 0

    def test_another_recovery_is_run_once(self, project: Project) -> None:
        match = told(project, "disk-full")

        result = project.run("recovery", "apply", match, "--", sys.executable, "-c", THIRD_TIME)

        assert result.code == 1
        assert (project.root / "calls").read_text() == "x"

    @pytest.mark.parametrize(
        ("argv", "code"), [(["no-such-command"], 127), (["."], 126)], ids=["missing", "folder"]
    )
    def test_a_command_that_cannot_be_run_says_nothing_of_the_recovery(
        self, project: Project, argv: list[str], code: int
    ) -> None:
        result = project.run("recovery", "apply", told(project), "--", *argv)

        assert result.code == code
        assert len(waiting(project)) == 1

    def test_the_plan_as_json_runs_nothing(self, project: Project) -> None:
        match = told(project)

        plan = json.loads(project.run("recovery", "apply", match, "--json").out)

        assert plan["retry"]["max_attempts"] == 3
        assert plan["pauses_seconds"] == [4.0, 8.0]
        assert project.run("recovery", "apply", match, "--json", "--", "true").code == 2


class TestDown:
    def test_a_history_that_is_down_is_told_and_the_evidence_asked(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        match = told(project)
        monkeypatch.setenv("FAILTRACK_HISTORY", "postgresql://nobody@127.0.0.1:1/none")

        result = project.run("recovery", "list", "--json")

        assert [one["id"] for one in json.loads(result.out)["matches"]] == [match]
        assert result.err.count("the local evidence was asked instead") == 1


class TestShared:
    """The same over a PostgreSQL that machines share."""

    @pytest.fixture(autouse=True)
    def history(
        self, project: Project, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[None]:
        monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
        yield
        _DESKS.close()

    def test_what_was_told_waits_is_marked_and_counts(self, project: Project) -> None:
        match = told(project)
        assert [one["id"] for one in waiting(project)] == [match]

        assert project.run("recovery", "mark", match, "--succeeded").code == 0

        assert waiting(project) == []
        assert suggested(project, "HTTP_429")["candidates"][0]["successes"] == 1

    def test_a_record_is_marked_where_it_lives(self, project: Project) -> None:
        (project.root / "a.log").write_text("curl: (6) Could not resolve host: pay.example\n")
        assert project.run("ingest", "a.log", "--exit-status", "6", "--build", "b1").code == 0
        ((record),) = waiting(project)

        result = project.run("recovery", "apply", record["id"], "--retry-delay", "0", "--", "true")

        assert result.code == 0, result.err
        assert waiting(project) == []
        (project.root / "governance").rename(project.root / "elsewhere")
        assert suggested(project, record["id"])["candidates"][0]["successes"] == 1
