"""`failtrack list`: the causes or records of one build."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from evidence_folder import KEY_ERROR, REFUSED, Project, make_cause, make_record, make_run

from pytest_failtrack.history import run_file


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


ONE = make_record("tests/test_orders.py::test_a")
TWO = make_record("tests/test_orders.py::test_b[x y]")
DOWN = make_record("tests/test_db.py::test_db", cause_id=REFUSED)
INFRA = make_cause(
    [DOWN], category="INFRA", subcategory="INFRA_NETWORK", headline="ConnectionRefusedError"
)


class TestCauses:
    def test_are_listed_one_a_line_under_the_build(self, project: Project) -> None:
        project.add_run(ONE, TWO, DOWN, causes=[make_cause([ONE, TWO]), INFRA])

        result = project.run("list")

        assert result.code == 0
        assert result.out.splitlines() == [
            "build 4711: 3 failures, 2 root causes: 1 new, 1 infra",
            "NEW     9c41d07be2a5  KeyError: 'customer_id'  2 tests",
            "INFRA   b7c2904e11fd  ConnectionRefusedError    1 test",
        ]

    def test_all_of_them_are_listed(self, project: Project) -> None:
        records = [
            make_record(f"tests/test_orders.py::test_{n}", cause_id=f"{n:012x}") for n in range(300)
        ]
        project.add_run(*records, causes=[make_cause([one]) for one in records])

        assert len(project.run("list").out.splitlines()) == 301

    def test_debt_and_flaky_causes_are_listed_too(self, project: Project) -> None:
        flaky = make_cause([ONE], is_flaky=True)
        project.add_run(ONE, DOWN, causes=[flaky, make_cause([DOWN], is_debt=True)])

        lines = project.run("list").out.splitlines()

        assert lines[0] == "build 4711: 120 passed, no failures, but it ended with exit status 1"
        assert [line.split()[0] for line in lines[1:]] == ["FLAKY", "DEBT"]

    def test_legs_of_a_matrix_are_one_cause_with_the_failures_of_both(
        self, project: Project
    ) -> None:
        other = make_record("tests/test_orders.py::test_b", build_id="4711")
        project.add_run(ONE, leg="3.10")
        project.add_run(other, leg="3.13")

        data = json.loads(project.run("list", "--json").out)

        (cause,) = data["causes"]
        assert (cause["failures"], cause["tests"], data["leg"]) == (2, 2, "")
        assert data["totals"]["passed"] == 240
        assert data["debt"]["counts"] == {"skip": 28}

    def test_replaced_attempt_of_a_job_is_left_out(self, project: Project) -> None:
        project.add_run(ONE, build_attempt=1)
        project.add_run(DOWN, causes=[INFRA], build_attempt=2, finished_at="2026-11-21T11:00:00Z")

        lines = project.run("list").out.splitlines()

        assert [line.split()[1] for line in lines[1:]] == [REFUSED]

    def test_records_without_a_run_document_have_causes_all_the_same(
        self, project: Project
    ) -> None:
        project.add_records(ONE, TWO)

        lines = project.run("list").out.splitlines()

        assert lines[0] == "build 4711: 2 failures, 1 root cause: 1 first seen"
        assert lines[1].startswith(f"FIRST   {KEY_ERROR}  KeyError: ")
        assert lines[1].endswith("2 tests")

    def test_json_is_the_digest(self, project: Project) -> None:
        project.add_run(ONE)

        data = json.loads(project.run("list", "--json").out)

        assert data["digest_version"] == "1.0"
        assert data["build_id"] == "4711"
        assert data["run_url"] == "https://ci.example/4711"
        assert data["evidence_dir"] == "governance/events/failures"
        assert [one["cause_id"] for one in data["causes"]] == [KEY_ERROR]


class TestRecords:
    def test_are_listed_one_a_line(self, project: Project) -> None:
        project.add_run(ONE, TWO)

        lines = project.run("list", "--records").out.splitlines()[1:]

        pattern = rf"[0-9a-f-]{{36}}  OPEN +HIGH +{KEY_ERROR}  failed   tests/test_orders\.py::.+"
        assert all(re.fullmatch(pattern, line) for line in lines)
        assert {line.split("  ")[-1].strip() for line in lines} == {
            "tests/test_orders.py::test_a",
            "tests/test_orders.py::test_b[x y]",
        }

    def test_as_json_are_whole_documents(self, project: Project) -> None:
        project.add_run(ONE)

        data = json.loads(project.run("list", "--records", "--json").out)

        assert data["build_id"] == "4711"
        assert [one["failure_id"] for one in data["records"]] == [ONE["failure_id"]]
        assert data["records"][0]["failure_description"] == ONE["failure_description"]


class TestBuild:
    def two_builds(self, project: Project) -> None:
        old = make_record("tests/test_orders.py::test_a", build_id="4650")
        project.add_run(ONE)
        project.add_run(old, build_id="4650", finished_at="2026-11-01T10:00:00Z")

    def test_is_the_newest_by_default(self, project: Project) -> None:
        self.two_builds(project)

        assert project.run("list").out.startswith("build 4711: ")

    def test_is_the_one_that_is_asked_for(self, project: Project) -> None:
        self.two_builds(project)

        assert project.run("list", "--build", "4650").out.startswith("build 4650: ")

    def test_is_that_of_the_ci_where_it_has_evidence(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.two_builds(project)

        monkeypatch.setenv("FAILTRACK_BUILD", "4650")

        assert project.run("list").out.startswith("build 4650: ")

    def test_unknown_one_is_refused_and_known_ones_are_named(self, project: Project) -> None:
        self.two_builds(project)

        result = project.run("list", "--build", "9")

        assert result.code == 2
        assert "newest builds: 4711, 4650" in result.err

    def test_none_at_all_says_what_to_do(self, project: Project) -> None:
        result = project.run("list")

        assert result.code == 3
        assert "run `pytest --failtrack` first" in result.err


class TestDamage:
    def test_truncated_record_is_named_and_the_others_are_listed(self, project: Project) -> None:
        project.add_run(ONE, TWO)
        damaged = project.evidence_dir / f"{ONE['failure_id']}.json"
        damaged.write_bytes(damaged.read_bytes()[:100])

        result = project.run("list", "--records")

        assert result.code == 0
        assert TWO["failure_id"] in result.out
        assert ONE["failure_id"] not in result.out
        assert damaged.name in result.err

    def test_nothing_usable_is_an_error(self, project: Project) -> None:
        project.runs_dir.mkdir(parents=True)
        (project.runs_dir / "4711.00000000.json").write_text("{")

        result = project.run("list")

        assert result.code == 3
        assert "4711.00000000.json" in result.err

    def test_cause_that_cannot_be_read_is_named(self, project: Project) -> None:
        document = make_run([ONE], [make_cause([ONE])])
        document["causes"].append({"cause_id": "1"})
        project.add_records(ONE)
        run_file.write_run(project.runs_dir, document)

        result = project.run("list")

        assert KEY_ERROR in result.out
        assert "a cause of run" in result.err
