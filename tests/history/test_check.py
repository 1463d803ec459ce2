"""The tables of a history, held against the source (S2-13..39, S2-81)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pytest_failtrack.history.check import COLUMNS, INDEXES, check_schema, expected_tables
from pytest_failtrack.history.database import Database, open_database

# The source's own words: the column, its type, whether it is NOT NULL, its default.
SOURCE = """
id UUID not-null gen_random_uuid()
run_id TEXT not-null -
tenant_id TEXT - -
error_code TEXT not-null -
error_message TEXT - -
catalog_entry_id TEXT - -
match_type TEXT not-null 'unknown'
confidence_score FLOAT not-null 0.0
category TEXT - -
severity TEXT - -
is_retryable BOOLEAN - FALSE
recovery_mode TEXT - -
recovery_suggestion TEXT - -
recovery_attempted BOOLEAN - FALSE
recovery_succeeded BOOLEAN - FALSE
skill_id TEXT - -
step_index INTEGER - -
context JSONB - '{}'
created_at TIMESTAMPTZ - now()
updated_at TIMESTAMPTZ - now()
"""
SPELLED = {
    "FLOAT": "double precision",
    "TIMESTAMPTZ": "timestamp with time zone",
    "0.0": "0",
    "-": "",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    is_file = request.param == "sqlite"
    url = str(tmp_path / "h.sqlite") if is_file else request.getfixturevalue("postgres_url")
    with closing(open_database(url, "o/r")) as held:
        yield held


class TestTable:
    @pytest.mark.parametrize("row", SOURCE.split("\n")[1:-1], ids=lambda row: row.split()[0])
    def test_is_held_against_the_words_of_the_source(self, row: str) -> None:
        """S2-14..33: a line each."""
        name, type_, null, default = row.split()

        (column,) = [one for one in COLUMNS if one.name == name]
        assert column.type == SPELLED.get(type_, type_.lower())
        assert column.is_null_allowed is (null == "-")
        assert column.default == SPELLED.get(default, default.lower())

    def test_has_these_columns_and_no_other(self) -> None:
        assert [one.name for one in COLUMNS] == [row.split()[0] for row in SOURCE.split("\n")[1:-1]]

    def test_has_six_indexes(self) -> None:
        """S2-34..39"""
        assert list(INDEXES) == [
            *("idx_fm_run_id", "idx_fm_error_code", "idx_fm_catalog_entry", "idx_fm_created_at"),
            *("idx_fm_unmatched", "idx_fm_recovery_pending"),
        ]
        assert [bool(condition) for _, condition in INDEXES.values()] == [False] * 4 + [True] * 2


class TestCheck:
    def test_finds_nothing_wrong_with_a_new_history(self, database: Database) -> None:
        """S2-81, on both engines: columns, types, defaults, indexes."""
        found = check_schema(database)

        assert found.problems == ()
        assert (found.columns, found.indexes) == (20, 6)
        assert found.tables == len(expected_tables(database.name)) > 8

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("drop index idx_fm_unmatched", "the index idx_fm_unmatched is missing"),
            (
                "alter table failure_matches drop column skill_id",
                "failure_matches.skill_id is missing",
            ),
            (
                "alter table failure_matches add column mood text",
                "failure_matches.mood is a column that nobody knows",
            ),
            ("drop table recovery_candidates", "the table recovery_candidates is missing"),
        ],
        ids=["index", "column", "unknown", "table"],
    )
    def test_names_what_is_wrong(self, database: Database, statement: str, said: str) -> None:
        database.run(statement)

        assert check_schema(database).problems == (said,)

    def test_names_an_index_over_something_else(self, database: Database) -> None:
        database.run("drop index idx_fm_unmatched")
        database.run("create index idx_fm_unmatched on failure_matches (error_code)")

        assert check_schema(database).problems == ("the index idx_fm_unmatched is over error_code",)

    def test_names_a_type_and_a_default(self, postgres_url: str) -> None:
        with closing(open_database(postgres_url, "o/r")) as held:
            held.run("alter table failure_matches alter column step_index type bigint")
            held.run("alter table failure_matches alter column match_type set default 'x'")
            held.run("alter table failure_matches alter column run_id drop not null")

            assert check_schema(held).problems == (
                "failure_matches.run_id may be null",
                "failure_matches.match_type has 'x', and should have 'unknown'",
                "failure_matches.step_index is bigint, and should be integer",
            )

    def test_defaults_fill_a_bare_row(self, database: Database) -> None:
        """S2-14, S2-20, S2-21, S2-24, S2-31..33"""
        for run in ("a", "b"):
            database.run("insert into failure_matches (run_id, error_code) values (?, 'X')", (run,))

        rows = database.rows(
            "select id, match_type, confidence_score, is_retryable, recovery_attempted, context,"
            " epoch(created_at), epoch(updated_at) from failure_matches"
        )
        assert len({row[0] for row in rows}) == 2
        assert all(len(row[0]) == 36 and row[0][14] == "4" for row in rows)
        assert {row[1:6] for row in rows} == {("unknown", 0.0, False, False, "{}")}
        assert all(row[6] > 1.7e9 and row[7] > 1.7e9 for row in rows)
