"""Puts an SQLite history, as `generate_history.py` makes one, into a real PostgreSQL.

Documents are left out: no question reads them. The server is started here and goes on until the
script is ended; the other benchmarks take the URL that is printed.

    python tests/benchmarks/copy_history.py /tmp/history.sqlite
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from postgres import create_database, server
from pytest_failtrack.history.migrations.migrate import migrate
from pytest_failtrack.history.postgres import PostgresDatabase

TENANT = "bench/marks"
TABLES = ("records", "aliases", "causes", "runs", "passes", "changes", "failure_matches")
BATCH = 50_000
# What PostgreSQL's manual advises: a fifth to a quarter of the memory; its default is 128 MB.
SETTINGS = {"shared_buffers": "4GB"}
CASTS: dict[str, Callable[[Any], Any]] = {
    "timestamp with time zone": lambda value: datetime.fromtimestamp(value, timezone.utc),
    "boolean": bool,
}


def main() -> None:
    """Copy the tables, print the URL, and wait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", help="path of the SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, server(Path(folder).name, SETTINGS) as url:
        name = create_database(url, "failtrack_benchmark")
        migrate(name)
        started = time.perf_counter()
        with (
            closing(sqlite3.connect(options.history)) as source,
            closing(PostgresDatabase(name, TENANT)) as database,
        ):
            database.run("set statement_timeout = 0")
            _make_months(source, database)
            for table in TABLES:
                count = _copy(source, database, table)
                print(f"{table}: {count:,} after {time.perf_counter() - started:.0f} s", flush=True)
            database.run("analyze")
        print(f"{name} --tenant {TENANT}", flush=True)
        input("Enter ends the server. ")


def _make_months(source: sqlite3.Connection, database: PostgresDatabase) -> None:
    for column, table in (("occurred_at", "records"), ("passed_at", "passes")):
        sql = f"select distinct cast({column} / 86400 as integer) * 86400 from {table}"
        database.make_months(day for (day,) in source.execute(sql))


def _copy(source: sqlite3.Connection, database: PostgresDatabase, table: str) -> int:
    there = {row[1] for row in source.execute(f"pragma table_info({table})")}
    types = [
        (name, kind)
        for name, kind in database.rows(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = current_schema() and table_name = ? order by ordinal_position",
            (table,),
        )
        if name in there
    ]
    names = ", ".join(name for name, _ in types)
    casts = [TENANT if name == "tenant_id" else CASTS.get(kind) for name, kind in types]
    cursor = source.execute(f"select {names} from {table}")
    count = 0

    def converted(rows: list[tuple[Any, ...]]) -> Iterator[list[Any]]:
        for row in rows:
            yield [
                cast
                if isinstance(cast, str)
                else value
                if cast is None or value is None
                else cast(value)
                for cast, value in zip(casts, row, strict=True)
            ]

    while rows := cursor.fetchmany(BATCH):
        database.copy(f"copy {table} ({names}) from stdin", converted(rows))
        count += len(rows)
    return count


if __name__ == "__main__":
    main()
