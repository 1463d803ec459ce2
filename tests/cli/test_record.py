"""`failtrack record ID`: the life of one record, as a person moves it along."""

from __future__ import annotations

import copy
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from evidence_folder import KEY_ERROR, Project, Result, make_record

from pytest_failtrack.cli.evidence.reading import Evidence
from pytest_failtrack.cli.record import command
from pytest_failtrack.cli.record.desk import Desk
from pytest_failtrack.cli.record.prevent import prevent
from pytest_failtrack.config import load
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.changes import append_event, change_record, read_changes
from pytest_failtrack.record.change import Change
from pytest_failtrack.record.digest import capture_digest
from pytest_failtrack.record.lifecycle import TRANSITIONS, reopened

ONE = make_record("tests/test_orders.py::test_a")
TWO = make_record("tests/test_orders.py::test_b")
ID, OTHER = ONE["failure_id"], TWO["failure_id"]
WORD = ID[:8]
NOW = datetime(2026, 11, 21, 10, 20, tzinfo=timezone.utc)
ANALYSIS = """\
# 1. What happened
The export failed.
## Impact and consequences
No orders for an hour.
# 2. Why did it happen
A column was renamed.
# 3. Why was it not prevented
There is no contract.
# 4. How is it prevented from happening again
- both names are read
## Tests added
- tests/test_orders.py::test_columns
# 5. What do we learn
- names are a contract
"""


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    project = Project(tmp_path, monkeypatch, capfd)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    project.add_run(ONE, TWO)
    return project


def do(project: Project, *words: str) -> Result:
    """Do something to the first record, as Ada."""
    name, *rest = words
    by = () if name == "show" else ("--by", "ada")
    return project.run("record", WORD, name, *rest, *by)


def stored(project: Project, failure_id: str = ID) -> dict[str, Any]:
    text = (project.evidence_dir / f"{failure_id}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def events(project: Project, failure_id: str = ID) -> list[Change]:
    return read_changes(project.evidence_dir.parent / "changes", failure_id)


def analysed(project: Project) -> None:
    (project.root / "rca.md").write_text(ANALYSIS, encoding="utf-8")
    assert do(project, "rca", "--file", "rca.md").code == 0


def resolved(project: Project) -> None:
    analysed(project)
    words = ("--type", "fix", "--description", "both names are read", "--commit", "none")
    assert do(project, "resolve", *words).code == 0


def third(project: Project) -> str:
    """Add a third occurrence, in a build of its own; return its id."""
    made = copy.deepcopy(make_record("tests/test_orders.py::test_a", build_id="4712"))
    made["escalation"] |= {"occurrence": 3, "novelty": "REPEAT", "tier": 2}
    made["repetition_tracking"] |= {
        "is_repeat": True,
        "previous_occurrence_ids": [ID],
        "repeat_count": 2,
        "days_since_last_occurrence": 0,
    }
    project.add_run(
        made,
        build_id="4712",
        started_at="2026-11-21T11:00:00Z",
        finished_at="2026-11-21T11:01:00Z",
    )
    return str(made["failure_id"])


class TestTheWholeLife:
    def test_goes_from_open_to_prevented_and_every_step_is_told(self, project: Project) -> None:
        """S0-109..114"""
        statuses = []
        for act in (
            lambda: do(project, "assign", "@orders"),
            lambda: do(project, "investigate"),
            lambda: analysed(project),
            lambda: do(project, "resolve", "--type", "FIX", "--description", "x"),
        ):
            act()
            statuses.append(stored(project)["status"])
        prevent(desk_of(project), {}, prove=proof(True))
        statuses.append(stored(project)["status"])

        assert statuses == ["OPEN", "INVESTIGATING", "INVESTIGATING", "RESOLVED", "PREVENTED"]
        assert [one.action for one in events(project)] == [
            *("assign", "investigate", "rca", "resolve", "verify", "prevent")
        ]
        assert capture_digest(stored(project)) == capture_digest(ONE)
        assert project.run("gate").code == 1, "the digest of the run still fits"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("resolve", "--type", "FIX", "--description", "x"), "from OPEN to RESOLVED"),
            (("prevent",), "from OPEN to PREVENTED"),
            (("reopen", "--reason", "x"), "from OPEN to OPEN"),
        ],
        ids=["resolve", "prevent", "reopen"],
    )
    def test_what_is_not_allowed_is_refused_with_what_is(
        self, project: Project, words: tuple[str, ...], said: str
    ) -> None:
        """S0-109"""
        result = do(project, *words)

        assert result.code == 2
        assert f"cannot go {said}; from OPEN it can go to INVESTIGATING" in result.err
        assert stored(project) == ONE
        assert events(project) == []


class TestNaming:
    def test_a_cause_with_one_record_names_it(self, project: Project) -> None:
        single = make_record("tests/test_x.py::test_x", cause_id="0123456789ab")
        project.add_run(single, build_id="9", finished_at="2026-11-21T12:00:00Z")

        result = project.run("record", "0123", "assign", "@x", "--json")

        assert json.loads(result.out)["failure_id"] == single["failure_id"]

    def test_a_cause_with_several_asks_which(self, project: Project) -> None:
        result = project.run("record", KEY_ERROR, "show")

        assert result.code == 2
        assert "has 2 records; name one of them" in result.err
        assert ID in result.err

    def test_a_full_id_reads_nothing_else(self, project: Project) -> None:
        for path in project.runs_dir.iterdir():
            path.write_text("{")

        assert project.run("record", ID, "show").code == 0

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("record", "show"), "the record comes first: `failtrack record ID show`"),
            (("record", "show", WORD), "the record comes first: `failtrack record ID show`"),
            (("record", "ffff", "show"), "no cause or record begins with 'ffff'"),
            (("record", "zz", "show"), "is no id"),
            (("record", WORD, "solve"), "No such command 'solve'"),
        ],
        ids=["no id", "swapped", "unknown", "no hex", "no command"],
    )
    def test_what_names_nothing_is_refused(
        self, project: Project, words: tuple[str, ...], said: str
    ) -> None:
        result = project.run(*words)

        assert result.code == 2
        assert said in result.err

    def test_help_needs_no_record(self, project: Project) -> None:
        result = project.run("record", "ID", "assign", "--help")

        assert result.code == 0
        assert "record ID assign [OPTIONS] OWNER\n" in result.out


class TestAssign:
    def test_gives_it_to_somebody(self, project: Project) -> None:
        """S0-96, S0-111"""
        result = do(project, "assign", "@orders", "--note", "they wrote it")

        (change,) = events(project)
        assert result.out.startswith(f"{WORD}  OPEN  owner @orders, was @shop-team\n")
        assert stored(project)["metadata"]["owner"] == "@orders"
        assert (change.by, change.note) == ("ada", "they wrote it")

    def test_to_its_owner_acknowledges(self, project: Project) -> None:
        """S1-117"""
        result = do(project, "assign", "@shop-team")

        assert "owner @shop-team, as before" in result.out
        (change,) = events(project)
        assert (change.action, change.more) == ("assign", {"owner": "@shop-team"})
        assert change.before == change.after == {}

    def test_says_who_acts_without_being_told(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTOR", "octocat")

        project.run("record", WORD, "assign", "@x")

        assert events(project)[0].by == "@octocat"


class TestInvestigate:
    def test_keeps_the_owner_and_says_the_impact(self, project: Project) -> None:
        """S0-112, S1-38"""
        result = do(project, "investigate", "--impact", "checkout waits")

        assert result.out == (
            f"{WORD}  OPEN -> INVESTIGATING  owner @shop-team\nnext: failtrack record {WORD} rca\n"
        )
        shown = project.run("record", WORD, "show").out
        assert "Cross-Team Impact Assessment  checkout waits (ada)" in shown

    def test_of_what_nobody_owns_makes_it_theirs(self, project: Project) -> None:
        orphan = copy.deepcopy(make_record("tests/test_o.py::test_o"))
        orphan["metadata"]["owner"] = None
        project.add_records(orphan)

        project.run("record", orphan["failure_id"], "investigate", "--by", "bob")

        assert stored(project, orphan["failure_id"])["metadata"]["owner"] == "bob"

    def test_impact_can_be_told_later_and_again(self, project: Project) -> None:
        do(project, "investigate")

        assert do(project, "investigate", "--impact", "all").code == 0
        assert do(project, "investigate").code == 2
        assert [one.action for one in events(project)] == ["investigate", "assess"]


class TestRca:
    def test_print_is_a_page_that_file_takes(self, project: Project) -> None:
        page = do(project, "rca", "--print").out
        assert events(project) == []
        (project.root / "page.md").write_text(page, encoding="utf-8")

        result = do(project, "rca", "--file", "page.md")

        assert result.code == 0
        assert "OPEN -> INVESTIGATING  analysis IN_PROGRESS, unanswered: 1. Impact" in result.out
        assert [one.action for one in events(project)] == ["investigate", "rca"]

    def test_writes_the_answers_into_the_record(self, project: Project) -> None:
        """S0-115..119"""
        analysed(project)

        record = stored(project)
        assert record["root_cause"]["analysis_status"] == "COMPLETE"
        assert record["root_cause"]["root_cause_summary"].startswith("A column was renamed.")
        assert record["prevention"]["test_additions"] == ["tests/test_orders.py::test_columns"]
        assert record["learning"]["lessons_learned"] == ["names are a contract"]
        assert events(project)[-1].more["impact"] == "No orders for an hour."

    def test_opens_the_editor_as_git_does(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        editor(project, monkeypatch, "text.replace('## Lessons', '## Lessons\\n- look first')")

        assert do(project, "rca").code == 0
        assert stored(project)["learning"]["lessons_learned"] == ["look first"]
        assert drafts(project) == []

    def test_a_page_that_is_left_as_it_was_changes_nothing(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        editor(project, monkeypatch, "text")

        result = do(project, "rca")

        assert "nothing was changed: the page is as it was" in result.out
        assert events(project) == []
        assert drafts(project) == []

    def test_an_emptied_page_changes_nothing(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        editor(project, monkeypatch, "''")

        assert "the page is empty" in do(project, "rca").out
        assert events(project) == []
        assert drafts(project) == []

    def test_a_page_that_cannot_be_stored_is_kept_and_gone_on_with(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Never lost."""
        editor(project, monkeypatch, "text.replace('## Lessons', '## Lesons\\n- look first')")
        refused = do(project, "rca")
        assert refused.code == 2
        assert "'Lesons' is no heading of the page; did you mean 'Lessons'?" in refused.err
        assert f"Your page is kept in {drafts(project)[0]}" in refused.err

        editor(project, monkeypatch, "text.replace('Lesons', 'Lessons')")
        result = do(project, "rca")

        assert result.code == 0
        assert "going on with the page that was kept" in result.err
        assert stored(project)["learning"]["lessons_learned"] == ["look first"]
        assert drafts(project) == []

    def test_an_editor_that_fails_loses_nothing(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        editor(project, monkeypatch, "text + 'mine'", code=3)

        result = do(project, "rca")

        assert result.code == 2
        assert "Editing failed; nothing was changed" in result.err
        assert drafts(project)[0].read_text(encoding="utf-8").endswith("mine")

    def test_without_terminal_and_editor_it_says_the_other_way(self, project: Project) -> None:
        result = do(project, "rca")

        assert result.code == 2
        assert "there is no terminal and no $EDITOR: use --print" in result.err

    @pytest.mark.parametrize(
        ("data", "said"),
        [(b"\xff", "is no UTF-8 at byte 0"), (b"x" * 600_000, "is longer than 500,000 bytes")],
        ids=["bytes", "long"],
    )
    def test_a_file_that_is_no_page_is_refused(
        self, project: Project, data: bytes, said: str
    ) -> None:
        (project.root / "page.md").write_bytes(data)

        result = do(project, "rca", "--file", "page.md")

        assert (result.code, said in result.err) == (2, True)
        assert stored(project) == ONE

    def test_no_secret_is_stored(self, project: Project) -> None:
        token = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
        (project.root / "page.md").write_text(f"## Root cause\n{token} leaked\n")

        do(project, "rca", "--file", "page.md", "--note", f"see {token}")

        folder = project.evidence_dir.parent
        written = [one.read_text(encoding="utf-8") for one in folder.rglob("*.json*")]
        assert not any(token in one for one in written)
        assert "[redacted:" in stored(project)["root_cause"]["root_cause_summary"]


class TestResolve:
    def test_says_what_when_and_by_whom(self, project: Project) -> None:
        """S0-75..80"""
        analysed(project)

        result = do(
            project,
            *("resolve", "--type", "ARCHITECTURE_CHANGE", "--description", "one contract"),
            *("--commit", "0123abcd", "--pr", "https://github.com/o/r/pull/12/"),
        )

        assert "INVESTIGATING -> RESOLVED  by ARCHITECTURE_CHANGE, commit 0123abcd" in result.out
        resolution = stored(project)["resolution"]
        assert resolution.pop("resolution_timestamp").endswith("Z")
        assert resolution == {
            "resolution_type": "ARCHITECTURE_CHANGE",
            "resolution_description": "one contract",
            "resolution_commit": "0123abcd",
            "resolution_pr": "12",
            "resolved_by": "ada",
        }

    def test_before_the_analysis_is_complete_it_names_what_lacks(self, project: Project) -> None:
        """S0-113"""
        do(project, "investigate")

        result = do(project, "resolve", "--type", "FIX", "--description", "x")

        assert result.code == 2
        assert "is not complete; it lacks 1. Impact and consequences; 1. Sequence" in result.err

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--commit", "--x"), "is no commit that git knows here, and no SHA"),
            (("--commit", "main~1"), "is no commit that git knows here, and no SHA"),
            (("--pr", "seven"), "is no number of a pull request"),
            (("--description", " "), "say what was done"),
            (("--type", "LUCK"), "'LUCK' is not one of"),
        ],
        ids=["option", "no sha", "pr", "empty", "type"],
    )
    def test_what_it_cannot_be_is_refused(
        self, project: Project, words: tuple[str, ...], said: str
    ) -> None:
        analysed(project)

        result = do(project, "resolve", "--type", "FIX", "--description", "x", *words)

        assert (result.code, said in result.err) == (2, True)
        assert stored(project)["status"] == "INVESTIGATING"


class TestPrevent:
    def test_that_is_proven_is_told_step_by_step(self, project: Project) -> None:
        """S0-152, S0-153: each step's outcome is in the record's history."""
        resolved(project)

        prevent(desk_of(project), {"documentation_updates": ["README.md"]}, prove=proof(True))

        assert stored(project)["status"] == "PREVENTED"
        last = events(project)[-3:]
        assert [one.action for one in last] == ["strengthen", "verify", "prevent"]
        assert (last[1].more, last[1].note) == ({"step": "exists", "ok": True}, "it is there")

    def test_that_is_not_proven_is_refused_and_told(self, project: Project) -> None:
        """S0-153"""
        resolved(project)

        with pytest.raises(InputError, match=r"stays RESOLVED.*\n  exists: it is there"):
            prevent(desk_of(project), {}, prove=proof(False))

        assert stored(project)["status"] == "RESOLVED"
        assert events(project)[-1].more == {"step": "exists", "ok": False}

    def test_a_proof_without_steps_proves_nothing(self, project: Project) -> None:
        resolved(project)
        empty = SimpleNamespace(is_proven=False, steps=())

        with pytest.raises(InputError, match="nothing was verified"):
            prevent(desk_of(project), {}, prove=lambda *_, **__: empty)

    def test_what_changes_while_it_is_verified_is_verified_again(self, project: Project) -> None:
        resolved(project)
        desk = desk_of(project)

        def slow(*arguments: Any, **named: Any) -> Any:
            do(project, "rca", "--file", "other.md")
            return proof(True)(*arguments, **named)

        (project.root / "other.md").write_text("## Measures\n- nothing\n")
        with pytest.raises(InputError, match="was changed meanwhile"):
            prevent(desk, {}, prove=slow)

        assert stored(project)["status"] == "RESOLVED"

    def test_asks_for_what_is_missing_by_option(self, project: Project) -> None:
        """S0-114"""
        text = ANALYSIS.replace("- tests/test_orders.py::test_columns\n", "")
        (project.root / "rca.md").write_text(text, encoding="utf-8")
        do(project, "rca", "--file", "rca.md")
        do(project, "resolve", "--type", "FIX", "--description", "x")

        result = do(project, "prevent")

        assert result.code == 2
        assert "before it has prevention.test_additions (--test)" in result.err

    def test_asks_the_verification_of_the_project(self, project: Project) -> None:
        """S0-148..153: the real one, which finds no known-bad case here."""
        (project.root / "tests").mkdir()
        (project.root / "tests/test_orders.py").write_text("def test_columns(): pass\n")
        resolved(project)

        result = do(project, "prevent")

        assert result.code == 2
        assert "stays RESOLVED: its prevention is not proven" in result.err
        assert "no known-bad case is stored" in result.err
        assert {one.more["step"] for one in events(project) if one.action == "verify"} >= {
            "exists",
            "catches",
        }


class TestReopen:
    def test_keeps_how_it_ended(self, project: Project) -> None:
        """S0-110"""
        resolved(project)

        result = do(project, "reopen", "--reason", "seen in production")

        assert result.out.startswith(f"{WORD}  RESOLVED -> OPEN  seen in production\n")
        record = stored(project)
        assert record["resolution"]["resolution_description"] == "both names are read"
        assert record["root_cause"]["analysis_status"] == "PENDING"
        assert events(project)[-1].note == "seen in production"


class TestReclassify:
    def test_remembers_what_it_was(self, project: Project) -> None:
        result = do(
            project,
            *("reclassify", "--subcategory", "qa_false_negative", "--severity", "critical"),
        )

        record = stored(project)
        assert (record["category"], record["severity"]) == ("QA", "CRITICAL")
        assert record["metadata"]["priority"] == "P0"
        assert record["metadata"]["sla_resolution_target"] == "2026-11-21T14:00:00Z"
        assert "QA_FALSE_NEGATIVE, was INTEGRATION_DATA_MISMATCH; CRITICAL, was HIGH" in result.out
        (change,) = events(project)
        assert change.before["subcategory"] == "INTEGRATION_DATA_MISMATCH"
        assert record["classification"] == ONE["classification"]

    def test_to_what_it_is_tells_nothing(self, project: Project) -> None:
        result = do(project, "reclassify", "--severity", "HIGH")

        assert "it is that already; nothing was changed" in result.out
        assert events(project) == []

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "say what it is"),
            (("--category", "QA"), "needs a --subcategory: QA_COVERAGE_INCOMPLETE"),
            (("--category", "LUCK"), "'LUCK' is no category"),
            (("--subcategory", "LUCK"), "'LUCK' is no subcategory"),
            (("--category", "QA", "--subcategory", "INFRA_NETWORK"), "belongs to category INFRA"),
        ],
        ids=["nothing", "category alone", "no category", "no subcategory", "apart"],
    )
    def test_to_words_that_are_none_is_refused(
        self, project: Project, words: tuple[str, ...], said: str
    ) -> None:
        result = do(project, "reclassify", *words)

        assert (result.code, said in result.err) == (2, True)
        assert stored(project) == ONE


class TestLink:
    def test_is_told_by_both(self, project: Project) -> None:
        do(project, "link", "caused-by", OTHER[:8])

        assert [(one.action, one.more) for one in events(project)] == [
            ("link", {"relation": "caused-by", "other": OTHER})
        ]
        assert [one.more for one in events(project, OTHER)] == [{"relation": "causes", "other": ID}]
        assert f"link         caused-by {OTHER}, said ada" in do(project, "show").out

    def test_that_is_there_is_not_told_twice(self, project: Project) -> None:
        do(project, "link", "same-fix", OTHER)

        assert "as before" in do(project, "link", "same-fix", OTHER).out
        assert len(events(project)) == len(events(project, OTHER)) == 1

    def test_that_reached_only_one_of_them_is_completed(self, project: Project) -> None:
        do(project, "link", "same-fix", OTHER)
        (project.evidence_dir.parent / "changes" / f"{OTHER}.jsonl").unlink()

        do(project, "link", "same-fix", OTHER)

        assert len(events(project, OTHER)) == 1

    def test_can_be_taken_back(self, project: Project) -> None:
        do(project, "link", "duplicate-of", OTHER)

        do(project, "link", "duplicate-of", OTHER, "--remove")

        assert json.loads(do(project, "show", "--json").out)["links"] == []

    def test_to_itself_or_both_ways_is_refused(self, project: Project) -> None:
        assert "cannot be linked to itself" in do(project, "link", "same-fix", ID).err
        project.run("record", OTHER, "link", "duplicate-of", ID)

        result = do(project, "link", "duplicate-of", OTHER)

        assert result.code == 2
        assert "it cannot be both ways" in result.err


class TestSign:
    def test_opens_the_gate_once_all_three_are_signed(self, project: Project) -> None:
        """S0-127"""
        (project.root / "pyproject.toml").write_text(
            "[tool.failtrack.gate]\nrepeats = 'any'\n", encoding="utf-8"
        )
        name = third(project)
        before = project.run("gate")
        codes = [
            project.run("record", name, "sign", item) and project.run("gate").code
            for item in ("governance-review", "precondition-review", "prevention-verification")
        ]

        assert before.code == 1
        assert f"`failtrack record {name} sign governance-review precondition" in before.out
        assert codes == [1, 1, 0]

    def test_holds_for_the_next_build_until_the_cause_has_ended(self, project: Project) -> None:
        """S0-127: who signs in a checkout pushes it, and that is another build."""
        (project.root / "pyproject.toml").write_text(
            "[tool.failtrack.gate]\nrepeats = 'any'\n", encoding="utf-8"
        )
        third(project)
        places = load()
        for item in ("governance-review", "precondition-review", "prevention-verification"):
            append_event(places, ID, action="sign", by="@lead", at=NOW, item=item)
        assert project.run("gate").code == 0

        resolved(project)
        change_record(
            places,
            ID,
            lambda one: reopened(one, by="x", build_id="4712", at=NOW),
            action="reopen",
            by="x",
            at=datetime.now(timezone.utc),
        )

        assert project.run("gate").code == 1

    def test_before_a_build_that_reopened_it_does_not_count(self, project: Project) -> None:
        """S0-127: also where the event of the reopening did not come along."""
        (project.root / "pyproject.toml").write_text(
            "[tool.failtrack.gate]\nrepeats = 'any'\n", encoding="utf-8"
        )
        third(project)
        for item in ("governance-review", "precondition-review", "prevention-verification"):
            append_event(load(), ID, action="sign", by="@lead", at=NOW, item=item)
        (run,) = (one for one in project.runs_dir.iterdir() if one.name.startswith("4712"))
        document = json.loads(run.read_text(encoding="utf-8"))
        document["reopened"] = [{"failure_id": ID, "from": "RESOLVED", "to": "OPEN"}]
        run.write_text(json.dumps(document), encoding="utf-8")

        assert project.run("gate").code == 1

    def test_in_the_checkout_counts_for_artifacts_elsewhere(self, project: Project) -> None:
        (project.root / "pyproject.toml").write_text(
            "[tool.failtrack.gate]\nrepeats = 'any'\n", encoding="utf-8"
        )
        name = third(project)
        items = ("governance-review", "precondition-review", "prevention-verification")
        project.run("record", name, "sign", *items)
        events_dir = project.evidence_dir.parent
        (project.root / "artifacts").mkdir()
        for folder in ("failures", "runs"):
            (events_dir / folder).rename(project.root / "artifacts" / folder)

        assert project.run("gate", "artifacts", "--build", "4712").code == 0

    def test_is_not_asked_for_before_the_third_occurrence(self, project: Project) -> None:
        result = do(project, "sign", "governance-review")

        assert result.code == 2
        assert "is the 1st occurrence of its cause; reviews are signed from the 3rd" in result.err

    def test_is_shown(self, project: Project) -> None:
        name = third(project)
        project.run("record", name, "sign", "governance-review", "--by", "@lead", "--note", "ADR 4")

        shown = project.run("record", name, "show").out

        assert "review       governance review: signed by @lead, " in shown
        assert f"precondition review: due: failtrack record {name[:8]} sign precond" in shown


class TestShow:
    def test_of_a_record_that_nobody_touched(self, project: Project) -> None:
        """S1-38, S1-97, S1-117"""
        out = project.run("record", WORD).out

        for expected in (
            f"record       {ID}\n",
            "status       OPEN\n",
            "triage       not yet, since ",
            "(limit 15 min, late)\n",
            "  2026-11-21 10:00Z  Failure Detection             in build 4711",
            "  -                  Resolution Tracking           OPEN, nobody has begun\n",
            "history: no change yet\n",
            f"next: failtrack record {WORD} investigate\n",
        ):
            assert expected in out

    def test_tells_every_change(self, project: Project) -> None:
        do(project, "assign", "@orders", "--note", "they know it")

        out = project.run("record", WORD, "show").out

        assert "history (1)\n" in out
        assert "  assign  (ada)\n      they know it\n" in out
        assert "      metadata.owner: @shop-team -> @orders\n" in out

    def test_tells_which_entries_of_a_list_changed(self, project: Project) -> None:
        analysed(project)
        (project.root / "less.md").write_text("## Measures\n- a contract\n", encoding="utf-8")
        do(project, "rca", "--file", "less.md")

        out = do(project, "show").out

        assert "      learning.lessons_learned: + names are a contract\n" in out
        assert "prevention.prevention_measures: - both names are read, + a contract\n" in out

    def test_as_json_nothing_is_left_out(self, project: Project) -> None:
        do(project, "investigate", "--impact", "all")

        data = json.loads(project.run("record", WORD, "show", "--json").out)

        assert data["record"] == stored(project)
        assert [one["name"] for one in data["stages"]][2] == "Cross-Team Impact Assessment"
        assert data["response"]["triage"]["limit_seconds"] == 900
        assert data["response"]["triage"]["by"] == "ada"
        assert data["changes"][0]["to"]["status"] == "INVESTIGATING"
        assert data["reviews"] == {}
        assert data["problems"] == []

    def test_of_what_was_moved_by_hand_says_that_nothing_tells_when(self, project: Project) -> None:
        record = stored(project)
        record["status"] = "INVESTIGATING"
        record["root_cause"]["analysis_status"] = "IN_PROGRESS"
        (project.evidence_dir / f"{ID}.json").write_text(json.dumps(record), encoding="utf-8")

        out = project.run("record", WORD, "show").out

        assert "triage       not told\n" in out
        assert "Resolution Tracking           INVESTIGATING, when is not told\n" in out

    def test_names_a_bad_line_and_shows_the_rest(self, project: Project) -> None:
        do(project, "assign", "@orders")
        path = project.evidence_dir.parent / "changes" / f"{ID}.jsonl"
        path.write_text("<<<<<<< HEAD\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

        result = project.run("record", WORD, "show")

        assert "history (1)" in result.out
        assert "left out: " in result.err
        assert "line 1 is no event" in result.err

    def test_text_of_others_cannot_reach_the_terminal_as_it_is(self, project: Project) -> None:
        do(project, "assign", "\x1b[31mme\x07", "--note", "a\n::error::b\u202e")

        out = project.run("record", WORD, "show").out

        assert not set(out) & set("\x1b\x07\u202e")
        assert "\n::" not in out


def test_the_states_in_the_documentation_are_those_of_the_lifecycle() -> None:
    """S0-109, S0-110"""
    page = (Path(__file__).parents[2] / "docs/lifecycle.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| (OPEN|INVESTIGATING|RESOLVED|PREVENTED) \|.*\| (.*?) \|$", page, re.M)

    assert {state: tuple(ways.split(", ")) for state, ways in rows} == TRANSITIONS


@pytest.mark.parametrize("name", command.commands)
def test_every_command_is_in_the_documentation(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs/lifecycle.md").read_text(encoding="utf-8")

    assert re.search(rf"failtrack record \S+ {name}\b", page)


def desk_of(project: Project) -> Desk:
    return Desk(load(), Evidence.of(load()), stored(project), "ada")


def proof(is_proven: bool) -> Any:
    """Return what stands in for the verification."""
    step = SimpleNamespace(name="exists", ok=is_proven, sentence="it is there")
    return lambda *_, **__: SimpleNamespace(is_proven=is_proven, steps=[step])


def editor(
    project: Project, monkeypatch: pytest.MonkeyPatch, expression: str, code: int = 0
) -> None:
    """Make the editor one that turns `text` into what an expression says."""
    script = project.root / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text('utf-8')\n"
        f"path.write_text({expression}, 'utf-8')\n"
        f"sys.exit({code})\n"
    )
    monkeypatch.setenv("EDITOR", f'"{sys.executable}" "{script}"')


def drafts(project: Project) -> list[Path]:
    return sorted((project.root / ".failtrack/rca").glob("*"))
