"""New or repeat, over real runs: C-8, C-34, S0-86..89, S0-110, S0-120..127."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from project import Outcome, Project

from pytest_failtrack.history.changes import changed_ids, read_changes

RED = "def test_red():\n    raise ValueError('boom')\n"
FORTY = """
import pytest

def load():
    raise ValueError('boom')

@pytest.mark.parametrize("n", range(40))
def test_it(n):
    load()
"""


def build(project: Project, number: int, *args: str, branch: str = "main") -> Outcome:
    """Run one build."""
    return project.pytest(f"--failtrack-build={number}", *args, env={"FAILTRACK_BRANCH": branch})


def words(outcome: Outcome, number: int) -> set[str]:
    """Return the words of one build's records."""
    return {
        one["escalation"]["novelty"] for one in outcome.records if one["build_id"] == str(number)
    }


def test_reviews_that_are_signed_are_not_asked_for(plain_project: Project) -> None:
    """S0-127"""
    plain_project.write("test_red.py", RED)
    for number in (1, 2, 3):
        record = build(plain_project, number).records[-1]

    def sign(item: str) -> None:
        words = (record["failure_id"], "sign", item, "--by", "ada")
        assert plain_project.failtrack("record", *words).exit_status == 0

    sign("governance-review")
    sign("precondition-review")
    fourth = build(plain_project, 4)
    sign("prevention-verification")
    fifth = build(plain_project, 5)
    shown = plain_project.failtrack("show", record["failure_id"])
    shown_cause = plain_project.failtrack("show", record["test"]["cause_id"])

    said = " ".join(fourth.stdout.split())
    assert "escalated to authority, build_owner" in said
    assert "; prevention verification is due failtrack record" in said
    (again,) = (one for one in fourth.records if one["build_id"] == "4")
    command = f"failtrack record {again['failure_id']} sign prevention-verification"
    assert command in fourth.stdout  # on one line, to be copied
    for one in (fifth, shown, shown_cause):
        assert "its reviews are signed" in " ".join(one.stdout.split()), one.stdout
        assert "due:" not in one.stdout
    (cause,) = fifth.runs[-1]["causes"]
    assert len(cause["signed"]) == 3


class TestWords:
    def test_first_then_second_then_third(self, plain_project: Project) -> None:
        """S0-160, S0-161"""
        plain_project.write("test_red.py", RED)

        first = build(plain_project, 1)
        second = build(plain_project, 2)
        third = build(plain_project, 3)

        assert "1 first seen" in first.stdout
        assert "1 repeat (2nd" in second.stdout
        assert "3rd occurrence: escalated to authority" in third.stdout
        by_build = {one["build_id"]: one for one in third.records}
        assert [by_build[n]["escalation"]["novelty"] for n in "123"] == [
            "FIRST",
            "REPEAT",
            "REPEAT",
        ]
        assert [by_build[n]["escalation"]["tier"] for n in "123"] == [0, 1, 2]
        assert [by_build[n]["escalation"]["occurrence"] for n in "123"] == [1, 2, 3]
        assert "governance review, precondition review, prevention" in third.stdout
        tracking = by_build["3"]["repetition_tracking"]
        assert tracking["is_repeat"] is True
        assert tracking["repeat_count"] == 2
        assert tracking["days_since_last_occurrence"] == 0
        assert set(tracking["previous_occurrence_ids"]) == {
            by_build["1"]["failure_id"],
            by_build["2"]["failure_id"],
        }
        assert "authority" in by_build["3"]["escalation"]["notify"]

    def test_another_cause_is_new_once_there_is_a_history(self, plain_project: Project) -> None:
        plain_project.write("test_red.py", RED)
        build(plain_project, 1)
        plain_project.write("test_other.py", "def test_other():\n    raise KeyError('other')\n")

        outcome = build(plain_project, 2)

        assert words(outcome, 2) == {"REPEAT", "NEW"}
        assert "1 new, 1 repeat" in outcome.stdout

    def test_a_green_run_is_a_history(self, plain_project: Project) -> None:
        test = plain_project.write("test_red.py", "def test_red(): pass\n")
        build(plain_project, 1)
        test.write_text(RED, encoding="utf-8")

        assert words(build(plain_project, 2), 2) == {"NEW"}

    def test_forty_tests_of_one_build_are_one_occurrence(self, plain_project: Project) -> None:
        plain_project.write("test_forty.py", FORTY)
        build(plain_project, 1)

        outcome = build(plain_project, 2)

        assert len(outcome.records) == 80
        last = [one for one in outcome.records if one["build_id"] == "2"]
        assert {one["escalation"]["occurrence"] for one in last} == {2}
        assert {one["repetition_tracking"]["repeat_count"] for one in last} == {1}

    def test_what_fails_on_the_base_branch_is_known_elsewhere(self, plain_project: Project) -> None:
        plain_project.write("test_red.py", RED)
        build(plain_project, 1, branch="main")

        outcome = build(plain_project, 2, branch="feature")

        assert words(outcome, 2) == {"KNOWN"}
        assert "1 known" in outcome.stdout

    def test_what_could_be_collected_on_the_base_branch_since_is_a_repeat(
        self, plain_project: Project
    ) -> None:
        test = plain_project.write("test_red.py", "import nowhere_at_all\n")
        build(plain_project, 1, branch="main")
        test.write_text("def test_red(): pass\n", encoding="utf-8")
        build(plain_project, 2, branch="main")
        test.write_text("import nowhere_at_all\n", encoding="utf-8")

        assert words(build(plain_project, 3, branch="feature"), 3) == {"REPEAT"}

    def test_the_same_build_twice_is_the_same_records(self, plain_project: Project) -> None:
        """C-27: another invocation in one build adds nothing to what it already holds."""
        plain_project.write("test_red.py", RED)
        build(plain_project, 1)

        outcome = build(plain_project, 1)

        assert len(outcome.records) == 1
        assert len(outcome.runs) == 2
        assert plain_project.failtrack("gate", "--build", "1").exit_status == 1

    def test_another_failure_of_the_same_test_in_one_build_is_kept(
        self, plain_project: Project
    ) -> None:
        test = plain_project.write("test_red.py", RED)
        build(plain_project, 1)
        test.write_text("def test_red():\n    raise KeyError('other')\n", encoding="utf-8")

        outcome = build(plain_project, 1)

        assert len(outcome.records) == 2
        assert len(outcome.causes) == 2

    def test_two_legs_never_share_a_record(self, plain_project: Project) -> None:
        """C-27: the leg is part of the id, and no part of the signature."""
        plain_project.write("test_red.py", RED)
        build(plain_project, 1, "--failtrack-leg=a")

        outcome = build(plain_project, 1, "--failtrack-leg=b")

        assert len(outcome.records) == 2
        assert len(outcome.causes) == 1


class TestReopening:
    def test_a_resolved_record_that_recurs_is_open_again(self, plain_project: Project) -> None:
        """S0-110: and its own history tells of it."""
        plain_project.write("test_red.py", RED)
        build(plain_project, 1)
        resolve(plain_project)

        outcome = build(plain_project, 2)

        first = next(one for one in outcome.records if one["build_id"] == "1")
        assert first["status"] == "OPEN"
        assert outcome.runs[-1]["reopened"] == [
            {"failure_id": first["failure_id"], "from": "RESOLVED", "to": "OPEN"}
        ]
        assert "was RESOLVED -> OPEN" in outcome.stdout
        assert words(outcome, 2) == {"REPEAT"}
        changes = Path(plain_project.folder, "governance/events/changes")
        (event,) = read_changes(changes, first["failure_id"])
        assert (event.action, event.moves) == ("reopen", ("RESOLVED", "OPEN"))
        assert (event.note, event.more) == ("recurred in build 2", {"build_id": "2"})
        assert event.by.startswith("pytest-failtrack ")
        # The edit of its life left what was captured, so the first build's digest still fits.
        assert plain_project.failtrack("gate", "--build", "1").exit_status == 1

    def test_the_event_is_written_once(self, plain_project: Project) -> None:
        """S0-110: what is open again is not opened a second time."""
        plain_project.write("test_red.py", FORTY)
        build(plain_project, 1, "-k", "it and 7", branch="main")
        resolve_all(plain_project)

        build(plain_project, 2)
        build(plain_project, 3)

        changes = Path(plain_project.folder, "governance/events/changes")
        told = [len(read_changes(changes, one)) for one in changed_ids(changes)]
        assert told
        assert set(told) == {1}


def resolve_all(project: Project) -> None:
    """Resolve every record there is."""
    for path in Path(project.folder, "governance/events/failures").glob("*.json"):
        resolve_file(path)


def resolve(project: Project) -> None:
    """Resolve the only record as a person would: by an edit of its file."""
    (path,) = Path(project.folder, "governance/events/failures").glob("*.json")
    resolve_file(path)


def resolve_file(path: Path) -> None:
    """Resolve one record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    record["status"] = "RESOLVED"
    record["metadata"]["owner"] = record["metadata"]["owner"] or "@ann"
    record["root_cause"] |= {"analysis_status": "COMPLETE", "root_cause_summary": "a typo"}
    record["resolution"] |= {
        "resolution_type": "FIX",
        "resolution_description": "corrected",
        "resolution_timestamp": record["timestamp"],
        "resolved_by": "@ann",
    }
    path.write_text(json.dumps(record), encoding="utf-8")


def test_a_run_tells_the_index_what_it_wrote(plain_project: Project) -> None:
    """Else the next one would list the whole evidence again, however much there is."""
    plain_project.write("test_red.py", RED)
    build(plain_project, 1)
    events = plain_project.folder / "governance/events"
    folders = {"records": events / "failures", "runs": events / "runs"}
    for folder in folders.values():
        moment = time.time() - 60.25
        os.utime(folder, (moment, moment))

    for number in (2, 3):
        build(plain_project, number)

        with closing(sqlite3.connect(plain_project.folder / ".failtrack/history.sqlite")) as index:
            for name, folder in folders.items():
                sql = "select value from state where name = ?"
                ((value,),) = index.execute(sql, (f"{name} {os.path.realpath(folder)}",))
                assert int(value.partition(" ")[0]) == folder.stat().st_mtime_ns
            ((count,),) = index.execute("select count(*) from records")
            assert count == number
