"""Whether a history has the tables it should have; asked by `failtrack history check` (S2-81).

`failure_matches` is held against the source's own table, column by column (S2-13..39): type,
default and index. Of the others it is asked that they are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pytest_failtrack.history.database import Database, schema_text
from pytest_failtrack.history.dialect import statements

TABLE = "failure_matches"


class Column(NamedTuple):
    """One column as the source has it."""

    name: str
    type: str
    is_null_allowed: bool = True
    default: str = ""
    """What its default says, as PostgreSQL spells it; `` for none."""


COLUMNS = (
    Column("id", "uuid", False, "gen_random_uuid()"),
    Column("run_id", "text", False),
    Column("tenant_id", "text"),
    Column("error_code", "text", False),
    Column("error_message", "text"),
    Column("catalog_entry_id", "text"),
    Column("match_type", "text", False, "'unknown'"),
    Column("confidence_score", "double precision", False, "0"),
    Column("category", "text"),
    Column("severity", "text"),
    Column("is_retryable", "boolean", default="false"),
    Column("recovery_mode", "text"),
    Column("recovery_suggestion", "text"),
    Column("recovery_attempted", "boolean", default="false"),
    Column("recovery_succeeded", "boolean", default="false"),
    Column("skill_id", "text"),
    Column("step_index", "integer"),
    Column("context", "jsonb", default="'{}'"),
    Column("created_at", "timestamp with time zone", default="now()"),
    Column("updated_at", "timestamp with time zone", default="now()"),
)
"""S2-14..33."""

INDEXES = {
    "idx_fm_run_id": ("run_id", ""),
    "idx_fm_error_code": ("error_code", ""),
    "idx_fm_catalog_entry": ("catalog_entry_id", ""),
    "idx_fm_created_at": ("created_at", ""),
    "idx_fm_unmatched": ("error_code, created_at", "match_type = 'unknown'"),
    "idx_fm_recovery_pending": (
        "created_at",
        "recovery_attempted = false and recovery_mode is not null",
    ),
}
"""S2-34..39: columns and, of a partial index, its condition."""

# How SQLite spells what PostgreSQL tells.
_SPELLED = {
    "float": "double precision",
    "timestamptz": "timestamp with time zone",
    "0.0": "0",
}
# What dialect.py makes of functions.
_MADE_OF = {"randomblob": "gen_random_uuid()", "julianday": "now()"}
_NAMES = re.compile(r"^create table (\w+)", re.MULTILINE)

_PG_COLUMNS = """
select column_name, data_type, is_nullable, coalesce(column_default, '')
from information_schema.columns where table_name = ? and table_schema = current_schema()
order by ordinal_position
"""
_PG_INDEXES = """
select c.relname, pg_get_indexdef(i.indexrelid), coalesce(pg_get_expr(i.indpred, i.indrelid), '')
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
where t.relname = ? and t.relnamespace = current_schema()::regnamespace order by 1
"""
_PG_TABLES = (
    "select table_name from information_schema.tables where table_schema = current_schema()"
)


class Checked(NamedTuple):
    """What was looked at, and what is wrong with it."""

    tables: int
    columns: int
    indexes: int
    problems: tuple[str, ...]


def check_schema(database: Database) -> Checked:
    """Return what is wrong with the tables of a history.

    Raises:
        StoreError: The history cannot be asked.
    """
    wanted = expected_tables(database.name)
    there = _tables(database)
    missing = [f"the table {name} is missing" for name in wanted if name not in there]
    columns, indexes = _columns(database), _indexes(database)
    problems = [*missing]
    if TABLE in there:
        problems += [*_wrong_columns(columns), *_wrong_indexes(indexes)]
    return Checked(len(wanted) - len(missing), len(columns), len(indexes), tuple(problems))


def expected_tables(engine: str) -> list[str]:
    """Return the names of the tables that schema.sql makes.

    Args:
        engine: `sqlite` or `postgresql`.
    """
    return [found[1] for one in statements(schema_text(), engine) if (found := _NAMES.match(one))]


def _wrong_columns(found: dict[str, Column]) -> Iterator[str]:
    for one in COLUMNS:
        is_ = found.get(one.name)
        if is_ is None:
            yield f"{TABLE}.{one.name} is missing"
            continue
        if is_.type != one.type:
            yield f"{TABLE}.{one.name} is {is_.type}, and should be {one.type}"
        if is_.is_null_allowed != one.is_null_allowed:
            yield f"{TABLE}.{one.name} {'may' if is_.is_null_allowed else 'may not'} be null"
        if is_.default != one.default:
            has = is_.default or "no default"
            yield f"{TABLE}.{one.name} has {has}, and should have {one.default or 'none'}"
    known = {one.name for one in COLUMNS}
    for name in found:
        if name not in known:
            yield f"{TABLE}.{name} is a column that nobody knows"


def _wrong_indexes(found: dict[str, tuple[str, str]]) -> Iterator[str]:
    for name, (columns, condition) in INDEXES.items():
        is_ = found.get(name)
        if is_ is None:
            yield f"the index {name} is missing"
        elif is_ != (columns, condition):
            where = f" where {is_[1]}" if is_[1] else ""
            yield f"the index {name} is over {is_[0]}{where}"


def _tables(database: Database) -> set[str]:
    if database.name == "sqlite":
        return {name for (name,) in database.rows("select name from sqlite_master")}
    return {name for (name,) in database.rows(_PG_TABLES)}


def _columns(database: Database) -> dict[str, Column]:
    if database.name == "sqlite":
        rows = database.rows(f"pragma table_info({TABLE})")
        # A primary key of SQLite that is declared so may not be null in what it does.
        return {
            name: Column(name, _spelled(type_), not (notnull or key), _spelled(default or ""))
            for _, name, type_, notnull, default, key in rows
        }
    return {
        name: Column(name, type_, nullable == "YES", _default(default))
        for name, type_, nullable, default in database.rows(_PG_COLUMNS, (TABLE,))
    }


def _indexes(database: Database) -> dict[str, tuple[str, str]]:
    if database.name == "sqlite":
        rows = database.rows(
            "select name, sql from sqlite_master where type = 'index' and tbl_name = ?"
            " and sql is not null",
            (TABLE,),
        )
        return {name: _index_of(sql) for name, sql in rows}
    return {
        name: (_index_of(sql)[0], _condition(condition))
        for name, sql, condition in database.rows(_PG_INDEXES, (TABLE,))
        if name in INDEXES
    }


def _index_of(sql: str) -> tuple[str, str]:
    """Return columns and condition of `create index ... (columns) where condition`."""
    before, _, after = " ".join(sql.split()).partition(" where ")
    return before[before.index("(") + 1 : before.index(")")], after


def _condition(text: str) -> str:
    """Return a condition as schema.sql spells it, from how PostgreSQL does."""
    plain = re.sub(r"::\w+|[()]", "", text).lower()
    return " ".join(plain.split())


def _default(text: str) -> str:
    """Return a default without the casts that PostgreSQL adds: `'unknown'::text`."""
    return _spelled(re.sub(r"::[\w ]+$", "", text))


def _spelled(text: str) -> str:
    lowered = text.lower()
    made = (said for part, said in _MADE_OF.items() if part in lowered)
    return next(made, _SPELLED.get(lowered, lowered))
