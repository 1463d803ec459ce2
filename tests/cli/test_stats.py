"""`failtrack stats`, `trends`, `flaky`, `slowest`, `owners`, `sla` and `mttr`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import KEY_ERROR, REFUSED, Project, make_record

from pytest_failtrack.cli.questions.guarded import CLASSES
from pytest_failtrack.history import evidence
from pytest_failtrack.record import build


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


def resolved(record: dict[str, Any], at: str, **changes: Any) -> dict[str, Any]:
    """Return a record that is resolved."""
    record["status"] = "RESOLVED"
    record["root_cause"] |= {"analysis_status": "COMPLETE", "root_cause_summary": "a rename"}
    record["resolution"] |= {
        "resolution_type": "FIX",
        "resolution_description": "read both",
        "resolution_timestamp": at,
        "resolved_by": "ada",
    }
    return record | changes


@pytest.fixture
def full(project: Project) -> Project:
    """Two builds; one cause was resolved within two hours, the other is open and overdue."""
    fixed = resolved(
        make_record("tests/test_a.py::test_x", build_id="1", at="2026-11-01T10:00:00Z"),
        "2026-11-01T12:00:00Z",
    )
    broken = [
        make_record(f"tests/test_b.py::test_{n}", build_id="2", cause_id=REFUSED,
                    at="2026-11-09T10:00:00Z")
        for n in range(3)
    ]  # fmt: skip
    for one in (fixed, *broken):
        one["metadata"]["sla_resolution_target"] = one["timestamp"].replace("T10", "T14")
    project.add_run(
        fixed, build_id="1", started_at="2026-11-01T10:00:00Z", finished_at="2026-11-01T10:30:00Z"
    )
    project.add_run(
        *broken, build_id="2", started_at="2026-11-09T10:00:00Z", finished_at="2026-11-09T10:10:00Z"
    )
    return project


def rows(project: Project, *arguments: str) -> list[dict[str, Any]]:
    result = project.run(*arguments, "--json")
    assert (result.code, result.err) == (0, "")
    listed = json.loads(result.out)["rows"]
    assert isinstance(listed, list)
    return listed


class TestStats:
    def test_counts_by_category(self, full: Project) -> None:
        lines = full.run("stats").out.splitlines()

        assert lines[0] == "4 failures of 2 causes in 2 builds, 2026-11-01 to 2026-11-09"
        assert lines[1].startswith("3 open (3 overdue), 1 resolved or prevented, 0 healed; ")
        assert lines[3].split() == ["CATEGORY", "FAILURES", "CAUSES", "BUILDS", "OPEN", "REPEATS"]
        assert lines[4].split() == ["INTEGRATION", "4", "2", "2", "3", "0"]

    def test_counts_by_columns_and_time(self, full: Project) -> None:
        found = rows(full, "stats", "--by", "week,status")

        assert [(one["week"], one["status"], one["failures"]) for one in found] == [
            ("2026-10-26", "RESOLVED", 1),
            ("2026-11-09", "OPEN", 3),
        ]
        assert found == rows(full, "stats", "--by", "week", "--by", "status")

    def test_common_causes_come_by_builds(self, full: Project) -> None:
        """S0-136: most common."""
        again = make_record("tests/test_a.py::test_x", build_id="3", at="2026-11-10T10:00:00Z")
        full.add_records(again)

        found = rows(full, "stats", "--by", "common")

        assert [(one["cause"], one["builds"], one["failures"]) for one in found] == [
            (KEY_ERROR, 2, 2),
            (REFUSED, 1, 3),
        ]
        assert found[0]["headline"] == "KeyError: 'customer_id'"

    def test_cost_is_minutes_of_ci_and_of_open_time(self, full: Project) -> None:
        """S0-136: most costly."""
        found = {one["cause"]: one for one in rows(full, "stats", "--by", "cost")}

        assert found[KEY_ERROR]["ci_minutes"] == 30
        assert found[KEY_ERROR]["open_minutes"] == 120
        assert found[REFUSED]["ci_minutes"] == 10
        assert found[REFUSED]["cost_minutes"] > 10_000

    def test_preventable_is_what_names_a_precondition(self, full: Project) -> None:
        """S0-136: most preventable."""
        assert "could have been prevented" in full.run("stats", "--by", "preventable").out
        guarded = make_record("tests/test_c.py::test_c", build_id="3", cause_id="c" * 12)
        guarded["prevention"]["precondition_updates"] = ["guard:PV-001"]
        full.add_records(guarded)

        found = rows(full, "stats", "--by", "preventable")

        assert [(one["cause"], one["by"]) for one in found] == [("c" * 12, "precondition")]

    def test_together_names_pairs(self, full: Project) -> None:
        """S1-153."""
        for build_id in ("4", "5", "6"):
            full.add_records(
                make_record("tests/test_a.py::test_x", build_id=build_id),
                make_record("tests/test_b.py::test_0", build_id=build_id, cause_id=REFUSED),
            )

        (pair,) = rows(full, "stats", "--by", "together")

        assert (pair["cause"], pair["other"], pair["builds"]) == (KEY_ERROR, REFUSED, 3)
        assert pair["share"] == 0.6

    @pytest.mark.parametrize(
        ("by", "said"),
        [
            (["colour"], "'colour' is no column to count by"),
            (["cost", "owner"], "ranks causes and stands alone"),
        ],
        ids=["unknown", "mixed"],
    )
    def test_refuses_what_cannot_be_counted(self, full: Project, by: list[str], said: str) -> None:
        result = full.run("stats", *(word for one in by for word in ("--by", one)))

        assert result.code == 2
        assert said in result.err

    def test_classes_are_those_of_the_rules_of_the_guard(self) -> None:
        failtrack_guard = pytest.importorskip(
            "failtrack_guard.rules", reason="the guard is not installed"
        )
        import importlib
        import pkgutil

        shipped = {}
        for module in pkgutil.iter_modules(failtrack_guard.__path__):
            held = importlib.import_module(f"failtrack_guard.rules.{module.name}")
            for one in vars(held).values():
                if isinstance(one, type) and one.__module__ == held.__name__:
                    rule_id = getattr(one, "id", "")
                    shipped |= {rule_id: one.subcategory} if rule_id else {}

        assert shipped == CLASSES


class TestTrends:
    def test_show_every_stretch_of_time(self, full: Project) -> None:
        found = rows(full, "trends", "--per", "week")

        assert [(one["week"], one["runs"], one["failures"]) for one in found] == [
            ("2026-10-26", 1, 1),
            ("2026-11-02", 0, 0),
            ("2026-11-09", 1, 3),
        ]

    def test_draw_a_bar(self, full: Project) -> None:
        lines = full.run("trends", "--per", "month").out.splitlines()

        assert lines[0] == "failures per month"
        assert lines[-1].split()[:4] == ["2026-11-01", "2", "100%", "4"]
        assert lines[-1][-1] in "#\u2588"


class TestFlaky:
    def test_lists_what_passed_on_another_attempt(self, full: Project) -> None:
        moody = make_record("tests/test_m.py::test_m", build_id="3")
        moody["test"]["outcome"] = "flaky"
        full.add_records(moody)

        (found,) = rows(full, "flaky")

        assert (found["test"], found["flaky"], found["share"]) == ("tests/test_m.py::test_m", 1, 1)
        title = full.run("flaky").out.splitlines()[0]
        assert title.startswith("1 of 5 tests that failed passed on another attempt; 20% of")

    def test_none_is_a_sentence(self, full: Project) -> None:
        assert "no test passed on another attempt" in full.run("flaky").out


class TestSlowest:
    def test_lists_failing_tests(self, full: Project) -> None:
        slow = make_record("tests/test_s.py::test_s", build_id="3")
        slow["test"]["duration_seconds"] = 75.0
        full.add_records(slow)

        assert rows(full, "slowest")[0]["test"] == "tests/test_s.py::test_s"
        assert "75.0 s" in full.run("slowest").out

    def test_lists_runs(self, full: Project) -> None:
        found = rows(full, "slowest", "--runs")

        assert [(one["build"], one["minutes"]) for one in found] == [("1", 30), ("2", 10)]


class TestOwners:
    def test_lists_what_is_open_and_overdue(self, full: Project) -> None:
        (found,) = rows(full, "owners")

        assert found["owner"] == "@shop-team"
        assert (found["open"], found["overdue"], found["open_records"]) == (1, 1, 3)
        assert (found["resolved"], found["mean_hours"]) == (1, 2.0)


class TestSla:
    def test_shows_the_hit_rate_by_failure_type(self, full: Project) -> None:
        """S1-148, S1-155."""
        (found,) = rows(full, "sla")

        assert found["failure_type"] == "integration_test_failure"
        assert (found["due"], found["hit"], found["missed"], found["overdue"]) == (2, 1, 1, 1)
        assert found["hit_rate"] == 0.5
        lines = full.run("sla").out.splitlines()
        assert lines[0] == "1 of 2 deadlines hit (50%), 1 overdue, 0 running"
        assert lines[-2] == "triage: 0 of 3 failures within 15 min"
        assert lines[-1] == "acknowledgement: 0 of 3 failures within 60 min"

    def test_window_bounds_the_deadline(self, full: Project) -> None:
        (found,) = rows(full, "sla", "--until", "2026-11-05", "--by", "owner")

        assert (found["owner"], found["due"], found["hit"]) == ("@shop-team", 1, 1)


class TestMttr:
    def test_shows_the_time_to_resolution(self, full: Project) -> None:
        """S1-154."""
        (found,) = rows(full, "mttr")

        assert (found["resolved"], found["mean_hours"], found["median_hours"]) == (1, 2, 2)
        assert full.run("mttr").out.startswith("1 resolved in 2.0 h (mean), 2.0 h (median)")

    def test_nothing_resolved_says_how(self, project: Project) -> None:
        project.add_run(make_record("tests/test_a.py::test_x"))

        assert "failtrack record ID resolve" in project.run("mttr").out


class TestList:
    def test_with_a_filter_lists_all_builds_newest_first(self, full: Project) -> None:
        lines = full.run("list", "--since", "2026-10-01", "--limit", "2").out.splitlines()

        assert lines[0] == "4 records, the newest 2: since 2026-10-01 00:00Z"
        assert lines[2].split() == ["RECORD", "WHEN", "BUILD", "STATUS", "SEVERITY", "TEST"]
        assert all(" 2026-11-09 10:00Z  2 " in line for line in lines[3:])

    def test_without_one_it_is_the_view_of_one_build(self, full: Project) -> None:
        assert full.run("list").out.startswith("build 2: 3 failures")
        assert full.run("list", "--build", "1").out.startswith("build 1: 1 failure")

    def test_build_is_a_filter_beside_others(self, full: Project) -> None:
        found = rows(full, "list", "--build", "1", "--status", "RESOLVED")

        assert [one["build"] for one in found] == ["1"]

    def test_ids_can_be_shown(self, full: Project) -> None:
        short = full.run("list", "--status", "RESOLVED").out.splitlines()[-1].split()[0]

        result = full.run("show", short)

        assert (result.code, "tests/test_a.py::test_x" in result.out) == (0, True)

    def test_edited_record_is_seen(self, full: Project) -> None:
        before = len(rows(full, "list", "--status", "OPEN"))
        done = resolved(
            make_record("tests/test_b.py::test_0", build_id="2", cause_id=REFUSED,
                        at="2026-11-09T10:00:00Z"), "2026-11-10T10:00:00Z")  # fmt: skip
        content = build.to_json(build.validate(done))
        path = full.evidence_dir / f"{done['failure_id']}.json"
        path.unlink()
        evidence.write_record(full.evidence_dir, content, done["failure_id"])

        assert len(rows(full, "list", "--status", "OPEN")) == before - 1
