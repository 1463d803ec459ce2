"""`ci_failures_snapshot.json`: every tracked run brings it up to date (S4-22, C-26)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from project import Outcome, Project

RED = """
    def test_total(): assert {"a": 1}["b"]
    def test_tax(): assert 1 + 1 == 3
"""
GREEN = """
    def test_total(): pass
    def test_tax(): pass
"""
HEALS_AT_ONCE = {"FAILTRACK_AUTO_HEAL_INACTIVITY_HOURS": "0"}


def snapshot(project: Project) -> list[dict[str, Any]]:
    path = project.folder / "governance/events/ci_failures_snapshot.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def run(project: Project, tests: str, build: str, **env: str) -> Outcome:
    project.write("test_shop.py", tests)
    return project.pytest("--failtrack-build", build, env=env)


def test_a_red_run_writes_its_causes(project: Project) -> None:
    """S4-22: number (null until there is an issue), occurrences, last seen, timestamps"""
    outcome = run(project, RED, "1")

    found = snapshot(project)

    assert sorted(one["title"].partition(" @ ")[0] for one in found) == [
        "KeyError: 'b'",
        "assert (<num> + <num>) == <num>",
    ]
    for one in found:
        assert (one["number"], one["occurrences"], one["status"]) == (None, 1, "OPEN")
        assert one["cause_id"] in outcome.causes
        assert one["last_seen"] == one["timestamps"]["updated_at"]
        assert one["timestamps"]["created_at"] <= one["last_seen"]
        assert one["is_healing"] is False


def test_a_build_more_is_an_occurrence_more(plain_project: Project) -> None:
    run(plain_project, RED, "1")
    run(plain_project, RED, "2")

    assert [one["occurrences"] for one in snapshot(plain_project)] == [2, 2]


def test_a_green_run_says_what_passes_again(project: Project) -> None:
    """C-26: it is written on every run; S4-20: closed only after a while."""
    run(project, RED, "1")
    run(project, GREEN, "2")

    assert [one["is_healing"] for one in snapshot(project)] == [True, True]


def test_a_green_run_drops_what_has_healed(project: Project) -> None:
    run(project, RED, "1")
    run(project, GREEN, "2", **HEALS_AT_ONCE)

    assert snapshot(project) == []


def test_a_pass_of_one_test_heals_nothing_else(plain_project: Project) -> None:
    run(plain_project, RED, "1")
    half = 'def test_total(): assert {"a": 1}["b"]\ndef test_tax(): pass\n'
    run(plain_project, half, "2", **HEALS_AT_ONCE)

    assert [one["title"].partition(":")[0] for one in snapshot(plain_project)] == ["KeyError"]


def test_the_command_says_the_same_as_the_runs(plain_project: Project) -> None:
    run(plain_project, RED, "1")
    run(plain_project, GREEN, "2")
    by_runs = snapshot(plain_project)

    outcome = plain_project.failtrack("snapshot", "--json")

    assert json.loads(outcome.stdout) == by_runs == snapshot(plain_project)


def test_a_resolved_cause_is_open_no_more(plain_project: Project) -> None:
    outcome = run(plain_project, RED, "1")
    for one in outcome.records:
        one["status"] = "RESOLVED"
        one["root_cause"].update(analysis_status="COMPLETE", root_cause_summary="a typo")
        one["resolution"].update(
            resolution_type="FIX",
            resolution_description="mended",
            resolution_timestamp="2026-11-20T10:00:00Z",
            resolved_by="ada",
        )
        one["metadata"]["owner"] = "@shop-team"
        path = f"governance/events/failures/{one['failure_id']}.json"
        plain_project.write(path, json.dumps(one))

    plain_project.failtrack("snapshot")

    assert snapshot(plain_project) == []


def test_a_green_run_without_a_history_writes_none(plain_project: Project) -> None:
    """It costs nothing where nothing ever failed."""
    run(plain_project, GREEN, "1")

    assert not (plain_project.folder / "governance/events/ci_failures_snapshot.json").exists()


@pytest.mark.parametrize(
    "content", ["", "{", "{}", "[1]", '[{"hash": 1}]', "[" * 100_000], ids=range(6)
)
def test_one_that_is_broken_is_made_anew(plain_project: Project, content: str) -> None:
    run(plain_project, RED, "1")
    plain_project.write("governance/events/ci_failures_snapshot.json", content)

    run(plain_project, GREEN, "2")

    assert [one["occurrences"] for one in snapshot(plain_project)] == [1, 1]


def test_one_that_cannot_be_written_is_told_once_and_changes_nothing(
    plain_project: Project,
) -> None:
    (plain_project.folder / "governance/events/ci_failures_snapshot.json").mkdir(parents=True)

    outcome = run(plain_project, RED, "1")

    assert outcome.exit_status == 1
    assert outcome.text.count("ci_failures_snapshot.json was not brought up to date") == 1
    assert len(outcome.failures) == 2


def test_what_an_earlier_snapshot_knew_is_kept(plain_project: Project) -> None:
    """Of a cause that was seen very often not every record is read again."""
    run(plain_project, RED, "1")
    before = snapshot(plain_project)
    for one in before:
        one["occurrences"], one["timestamps"]["created_at"] = 40, "2026-01-01T00:00:00.000Z"
    path = "governance/events/ci_failures_snapshot.json"
    plain_project.write(path, json.dumps(before))

    run(plain_project, RED, "2")

    found = snapshot(plain_project)
    assert [one["occurrences"] for one in found] == [40, 40]
    assert {one["timestamps"]["created_at"] for one in found} == {"2026-01-01T00:00:00.000Z"}


def test_a_green_run_imports_no_model_and_no_command(plain_project: Project) -> None:
    """It has an index to ask, and nothing else to load."""
    plain_project.is_fresh = True
    run(plain_project, RED, "1")
    plain_project.write(
        "conftest.py",
        """
        import atexit, sys
        atexit.register(lambda: open("modules.txt", "w").write(" ".join(sys.modules)))
        """,
    )

    run(plain_project, GREEN, "2")

    loaded = set((plain_project.folder / "modules.txt").read_text().split())
    assert "pytest_failtrack.summaries.snapshot" in loaded
    unwanted = {"pydantic", "pydantic_core", "click", "pytest_failtrack.judging.judgement"}
    assert loaded & unwanted == set()


def test_a_cause_heals_with_its_last_test(plain_project: Project) -> None:
    """The test that an entry names is one that still fails."""
    texts = {
        "1": 'def part(): assert 0, "no total"\ndef test_a(): part()\ndef test_b(): part()\n',
        "2": 'def part(): assert 0, "no total"\ndef test_a(): pass\ndef test_b(): part()\n',
        "3": "def test_a(): pass\n",
        "4": "def test_b(): pass\n",
    }
    named = []
    for build, text in texts.items():
        run(plain_project, text, build, **HEALS_AT_ONCE)
        named.append([one["test"].partition("::")[2] for one in snapshot(plain_project)])

    assert named == [["test_a"], ["test_a"], ["test_b"], []]


def test_the_first_of_a_long_history_is_left_to_the_command(plain_project: Project) -> None:
    """It would cost a run seconds to read all that is open."""
    plain_project.write(
        "conftest.py",
        "from pytest_failtrack.summaries import snapshot\nsnapshot.FIRST_MAX_RECORDS = 1\n",
    )
    run(plain_project, RED, "1")
    path = plain_project.folder / "governance/events/ci_failures_snapshot.json"
    before = path.exists()

    plain_project.failtrack("snapshot")
    run(plain_project, RED, "2")

    assert not before
    assert [one["occurrences"] for one in snapshot(plain_project)] == [2, 2]
