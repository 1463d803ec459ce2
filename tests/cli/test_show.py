"""`failtrack show`: one cause or one record, found by a few hex digits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evidence_folder import KEY_ERROR, REFUSED, Project, make_cause, make_record


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


ONE = make_record("tests/test_orders.py::test_a")
TWO = make_record("tests/test_orders.py::test_b")
OLD = make_record("tests/test_orders.py::test_a", build_id="4650", at="2026-11-09T10:00:00Z")


def add_two_builds(project: Project) -> None:
    project.add_run(OLD, build_id="4650", finished_at="2026-11-09T10:01:00Z")
    repeat = make_cause(
        [ONE, TWO], novelty="REPEAT", occurrence=2, days_since_last=12, tier=1, notify=("@lead",)
    )
    project.add_run(ONE, TWO, causes=[repeat])


class TestCause:
    def test_shows_what_a_person_needs(self, project: Project) -> None:
        """What, where, whose, since when, and how to run it again."""
        add_two_builds(project)

        result = project.run("show", KEY_ERROR)

        assert result.code == 0
        for expected in (
            "REPEAT  9c41d07be2a5  KeyError: 'customer_id'  2 tests\n",
            "src/shop/orders.py:88    2nd in 12 days    owner @shop-team\n",
            "meaning       INTEGRATION_DATA_MISMATCH: data format mismatch\n",
            "told          @lead\n",
            "status        2 OPEN\n",
            "signature     CI|9c41d07be2a5\n",
            "run again     failtrack rerun 9c41d07be2a5\n",
            "tests (2)\n  tests/test_orders.py::test_a\n  tests/test_orders.py::test_b\n",
            "occurrences (2)\n"
            "  2026-11-21 10:01Z  build 4711  2 failures\n"
            "  2026-11-09 10:01Z  build 4650  1 failure\n",
            "  | E   KeyError: 'customer_id'\n",
            f"  governance/events/failures/{ONE['failure_id']}.json\n",
        ):
            assert expected in result.out

    def test_long_lists_are_cut_and_counted(self, project: Project) -> None:
        records = [make_record(f"tests/test_orders.py::test_{n}") for n in range(1_000)]
        project.add_run(*records)

        out = project.run("show", KEY_ERROR).out

        assert "tests (1,000)" in out
        assert "980 more: --json shows all" in out
        assert len(out.splitlines()) < 100

    def test_long_details_are_cut_in_the_middle(self, project: Project) -> None:
        text = "\n".join(f"line {n}" for n in range(200))
        project.add_run(make_record("tests/test_orders.py::test_a", text=text))

        out = project.run("show", KEY_ERROR).out

        assert "| line 0\n" in out
        assert "| line 199\n" in out
        assert "160 more lines" in out

    def test_text_of_a_failure_cannot_reach_the_terminal_as_it_is(self, project: Project) -> None:
        text = "\x1b[31mred\x1b[0m \u202e ::error::x\n::stop-commands::y"
        project.add_run(make_record("tests/test_orders.py::test_a[\x1b]0;t\x07]", text=text))

        out = project.run("show", KEY_ERROR).out

        assert not set(out) & set("\x1b\x07\u202e")
        assert "\n::" not in out

    def test_as_json_nothing_is_left_out(self, project: Project) -> None:
        add_two_builds(project)

        data = json.loads(project.run("show", KEY_ERROR, "--json").out)

        assert data["cause"]["nodeids"] == [one["test"]["nodeid"] for one in (ONE, TWO)]
        assert data["occurrences"] == [
            {"build_id": "4650", "at": "2026-11-09T10:01:00Z", "failures": 1},
            {"build_id": "4711", "at": "2026-11-21T10:01:00Z", "failures": 2},
        ]
        assert {one["failure_id"] for one in data["records"]} == {
            one["failure_id"] for one in (ONE, TWO)
        }

    def test_is_shown_after_its_records_are_gone(self, project: Project) -> None:
        project.add_run(ONE)
        (project.evidence_dir / f"{ONE['failure_id']}.json").unlink()

        result = project.run("show", KEY_ERROR)

        assert result.code == 0
        assert "tests/test_orders.py::test_a" in result.out

    def test_failures_under_an_older_normalization_are_occurrences_of_it(
        self, project: Project
    ) -> None:
        """C-6: a change of version writes aliases."""
        older = make_record("t.py::a", cause_id="111111111111", build_id="4650")
        newer = make_record("t.py::a", aliases=("111111111111",))
        project.add_run(older, build_id="4650", finished_at="2026-11-09T10:01:00Z")
        project.add_run(newer)

        assert "occurrences (2)" in project.run("show", KEY_ERROR).out


class TestRecord:
    def test_shows_what_was_captured_and_what_followed(self, project: Project) -> None:
        project.add_run(ONE)

        result = project.run("show", ONE["failure_id"])

        assert result.code == 0
        for expected in (
            f"record        {ONE['failure_id']}\n",
            "test          tests/test_orders.py::test_a\n",
            "outcome       failed in call\n",
            "seen          2026-11-21 10:00Z\n",
            "priority      P1 (HIGH)\n",
            "what to do    Compare the payload with the contract.\n",
            f"run again     failtrack rerun {ONE['failure_id']}\n",
        ):
            assert expected in result.out

    def test_as_json_is_the_document(self, project: Project) -> None:
        project.add_run(ONE)
        path = project.evidence_dir / f"{ONE['failure_id']}.json"

        data = json.loads(project.run("show", ONE["failure_id"][:8], "--json").out)

        assert data == json.loads(path.read_bytes())

    def test_of_a_command_offers_no_rerun(self, project: Project) -> None:
        record = make_record("pip install shop", when="command")
        project.add_run(record)

        assert "run again" not in project.run("show", record["failure_id"]).out
        assert "run again" not in project.run("show", KEY_ERROR).out

    def test_that_is_damaged_is_an_error_with_its_file(self, project: Project) -> None:
        project.add_run(ONE)
        (project.evidence_dir / f"{ONE['failure_id']}.json").write_text("")

        result = project.run("show", ONE["failure_id"])

        assert result.code == 3
        assert f"{ONE['failure_id']}.json" in result.err


class TestFinding:
    def test_four_characters_are_enough(self, project: Project) -> None:
        project.add_run(ONE)

        assert f"  {KEY_ERROR}  " in project.run("show", KEY_ERROR[:4].upper()).out

    def test_three_are_not(self, project: Project) -> None:
        project.add_run(ONE)

        result = project.run("show", KEY_ERROR[:3])

        assert result.code == 2
        assert "at least 4" in result.err

    def test_ambiguous_prefix_names_the_candidates(self, project: Project) -> None:
        first = make_record("t.py::a", cause_id="abcd00000001")
        second = make_record("t.py::b", cause_id="abcd00000002")
        project.add_run(first, second, causes=[make_cause([first]), make_cause([second])])

        result = project.run("show", "abcd")

        assert result.code == 2
        assert "cause abcd00000001, cause abcd00000002" in result.err

    def test_many_candidates_are_counted(self, project: Project) -> None:
        records = [make_record(f"t.py::t{n}", cause_id=f"abcd{n:08}") for n in range(100)]
        project.add_run(*records, causes=[make_cause([one]) for one in records])

        result = project.run("show", "abcd")

        assert "and 92 more" in result.err

    def test_prefix_of_a_cause_and_of_a_record_is_ambiguous(self, project: Project) -> None:
        record = make_record("t.py::a")
        prefix = record["failure_id"][:4]
        other = make_record("t.py::b", cause_id=f"{prefix}00000001")
        project.add_run(record, other, causes=[make_cause([record]), make_cause([other])])

        result = project.run("show", prefix)

        assert result.code == 2
        assert f"cause {prefix}00000001, record {record['failure_id']}" in result.err

    def test_key_names_the_cause_of_one_workflow(self, project: Project) -> None:
        """C-6: the key is `workflow|hash`, one issue each."""
        other = make_record("t.py::b", workflow="Nightly", build_id="4711")
        project.add_run(ONE, other, causes=[make_cause([ONE]), make_cause([other])])

        out = project.run("show", f"Nightly|{KEY_ERROR}").out

        assert "signature     Nightly|9c41d07be2a5" in out
        assert "tests (1)" in out

    def test_id_under_an_older_normalization_names_it(self, project: Project) -> None:
        project.add_run(make_record("t.py::a", aliases=("111111111111",)))

        assert f"  {KEY_ERROR}  " in project.run("show", "1111").out

    @pytest.mark.parametrize("word", ["ffff", REFUSED, "zzzz", "../../etc", "|"])
    def test_what_names_nothing_is_refused(self, project: Project, word: str) -> None:
        project.add_run(ONE)

        result = project.run("show", word)

        assert result.code == 2
        assert "failtrack list" in result.err or "hex digits" in result.err
