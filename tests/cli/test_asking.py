"""What the commands that ask the history share: filters, outputs, and what an empty one says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import REFUSED, Project, make_record

from pytest_failtrack.cli.questions.table import (
    Column,
    Table,
    duration,
    lines_of,
    number,
    seconds,
    share,
)
from pytest_failtrack.cli.screen import Screen

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=timezone.utc)
COMMANDS = ("stats", "trends", "flaky", "slowest", "owners", "sla", "mttr")


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


@pytest.fixture
def full(project: Project) -> Project:
    """A project with three failures in two builds."""
    old = make_record("tests/test_a.py::test_x", build_id="1", at="2026-11-01T10:00:00Z")
    new = make_record("tests/test_a.py::test_x", build_id="2", at="2026-11-20T10:00:00Z")
    other = make_record("tests/test_b.py::test_y", build_id="2", cause_id=REFUSED,
                        at="2026-11-20T10:00:00Z")  # fmt: skip
    project.add_run(old, build_id="1", finished_at="2026-11-01T10:05:00Z")
    project.add_run(new, other, build_id="2", finished_at="2026-11-20T10:05:00Z")
    return project


class TestFilters:
    @pytest.mark.parametrize(
        ("options", "count"),
        [
            (["--since", "2026-11-10"], 2),
            (["--until", "2026-11-10"], 1),
            (["--test", "test_x"], 2),
            (["--test", "*::test_y"], 1),
            (["--cause", REFUSED], 1),
            (["--status", "open", "--where", "build=2"], 2),
            (["--category", "infra"], 0),
            (["--owner", "@shop*"], 3),
            (["--owner", "none"], 0),
            (["--where", "error_code=KeyError"], 3),
            (["--where", "error-code=TypeError"], 0),
            (["--where", "confidence>=0.9"], 0),
            (["--where", "confidence<=0.9", "--where", "occurrence>=1"], 3),
            (["--where", "nodeid=test_y", "--where", "tier=0"], 1),
            (["--where", "repeat=no"], 3),
            (["--where", "failure_id=no such"], 0),
            (["--where", "failure_id="], 3),
            (["--branch", "\udcff\udcfe"], 0),
            (["--not-open"], 0),
            (["--overdue"], 0),
            (["--not-overdue"], 3),
            (["--where", "type=test_*", "--type", "integration_test_failure"], 3),
        ],
        ids=lambda one: " ".join(one) if isinstance(one, list) else str(one),
    )
    def test_find_records_of_all_builds(
        self, full: Project, options: list[str], count: int
    ) -> None:
        result = full.run("list", "--json", *options)

        document = json.loads(result.out)
        assert (result.code, len(document["rows"])) == (0, count)
        assert document["filter"].keys() > {"now"}

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--since", "soon"], "is no time"),
            (["--status", "CLOSED"], "OPEN, INVESTIGATING, RESOLVED, PREVENTED"),
            (["--where", "colour=red"], "names no column; there are failure_id, category"),
            (["--where", "category"], "is not NAME=VALUE"),
            (["--where", "confidence>=much"], "'much' is no number"),
            (["--where", "confidence>=nan"], "'nan' is no number"),
            (["--where", "tier=99999999999999999999"], "is no number that a record has"),
            (["--where", "open=maybe"], "open is yes or no"),
            (["--json", "--csv"], "cannot both be printed"),
        ],
        ids=lambda one: " ".join(one) if isinstance(one, list) else "",
    )
    def test_that_cannot_be_understood_are_refused(
        self, full: Project, options: list[str], said: str
    ) -> None:
        result = full.run("stats", *options)

        assert (result.code, result.out) == (2, "")
        assert said in result.err

    def test_leave_test_debt_out_unless_somebody_asks_for_it(self, full: Project) -> None:
        rows = [
            json.loads(full.run("stats", "--json", *more).out)["filter"].get("is_debt")
            for more in ([], ["--debt", "yes"], ["--debt", "only"], ["--where", "outcome=debt"])
        ]

        assert rows == [False, None, True, None]


class TestOutputs:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_json_says_what_was_asked(self, full: Project, command: str) -> None:
        result = full.run(command, "--json", "--since", "2026-10-01")

        document = json.loads(result.out)
        assert (result.code, result.err) == (0, "")
        assert document["schema_version"] == "1.0"
        assert document["question"] == command
        assert document["filter"]["since"].startswith("2026-10-01T00:00:00")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_csv_has_a_line_of_names(self, full: Project, command: str) -> None:
        lines = list(csv.reader(io.StringIO(full.run(command, "--csv").out)))

        assert all(name.replace("_", "").isalnum() for name in lines[0])
        assert {len(line) for line in lines} == {len(lines[0])}

    @pytest.mark.parametrize("command", [*COMMANDS, "list --status OPEN"])
    @pytest.mark.parametrize("columns", [60, 80, 120])
    def test_table_fits_the_screen(
        self, full: Project, command: str, columns: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))

        result = full.run(*command.split())

        assert result.code == 0
        assert max(map(len, result.out.splitlines())) <= max(columns, 80)
        assert "\x1b" not in result.out

    @pytest.mark.parametrize("command", [*COMMANDS, "list --status OPEN"])
    def test_empty_history_is_one_helpful_sentence(self, project: Project, command: str) -> None:
        result = project.run(*command.split())

        assert (result.code, result.err) == (0, "")
        assert result.out.startswith("the history is empty: run `pytest --failtrack`")
        assert result.out.count("\n") == 1

    def test_no_match_says_of_how_many_and_with_what(self, full: Project) -> None:
        result = full.run("stats", "--branch", "nope")

        assert result.out == "none of 3 records matches: branch nope\n"

    def test_limit_bounds_the_rows(self, full: Project) -> None:
        document = json.loads(full.run("list", "--status", "OPEN", "--limit", "1", "--json").out)

        assert (len(document["rows"]), document["summary"]) == (1, {"records": 3})

    def test_damaged_evidence_is_told_and_the_rest_is_answered(self, full: Project) -> None:
        (full.evidence_dir / "00000000-0000-5000-8000-000000000000.json").write_text("{")

        result = full.run("stats")

        assert "00000000-0000-5000-8000-000000000000.json" in result.err
        assert result.out.startswith("3 failures of 2 causes in 2 builds")


class TestTable:
    def lines(self, rows: list[dict[str, Any]], width: int = 40, **more: Any) -> list[str]:
        columns = (Column("n", "N", number), Column("test", "TEST", shrinks="start"))
        table = Table("x", columns, rows, **more)
        return list(lines_of(table, Screen(width, color=False, unicode=True)))

    def test_figures_stand_on_the_right_and_the_end_of_a_test_is_kept(self) -> None:
        rows = [{"n": 1, "test": "a"}, {"n": 1200, "test": "tests/" + "x" * 60 + "::test_b"}]

        assert self.lines(rows) == [
            "    N  TEST",
            "    1  a",
            "1,200  ..." + "x" * 22 + "::test_b",
        ]

    def test_hostile_names_are_made_harmless(self) -> None:
        rows = [{"n": 1, "test": "a\x1b[31m\nb\u202e"}]

        assert self.lines(rows)[1] == "1  a"

    def test_wide_characters_take_two_cells(self) -> None:
        lines = self.lines([{"n": 1, "test": "表" * 30}], width=30)

        assert lines[1] == "1  ..." + "表" * 12

    def test_long_sentences_are_wrapped(self) -> None:
        lines = self.lines([], title=("word " * 20,), empty="nothing " * 9)

        assert max(map(len, lines)) <= 40

    @pytest.mark.parametrize(
        ("minutes", "text"),
        [(None, "-"), (0.5, "30 s"), (5, "5 min"), (90, "1.5 h"), (2880, "2.0 d"),
         (14_400_000, "10,000.0 d")],
    )  # fmt: skip
    def test_durations_read_well(self, minutes: float | None, text: str) -> None:
        assert duration(minutes) == text

    def test_figures_read_well(self) -> None:
        assert [seconds(0.2), seconds(5), seconds(600)] == ["200 ms", "5.0 s", "10 min"]
        assert [share(None), share(0.5), share(1)] == ["-", "50%", "100%"]
        assert [share(0.996), share(0.004), share(0)] == [">99%", "<1%", "0%"]
