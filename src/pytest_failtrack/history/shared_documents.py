"""The documents of a shared history, as the files that they were; `failtrack export` asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pytest_failtrack.history.evidence import FAILURES, RUNS
from pytest_failtrack.history.export import CHANGES
from pytest_failtrack.history.postgres import PostgresDatabase

ROWS_AT_ONCE = 500


class SharedDocuments:
    """Everything that a shared history holds of one repository.

    Args:
        database: The history, open.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        self.problems: list[str] = []
        self._database = database

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield kind, file name and content of each document, some hundred read at a time.

        Raises:
            StoreError: The history cannot be used any more.
        """
        sql = "select name, document from run_documents where tenant_id = ? order by name"
        for name, text in self._rows(sql):
            yield RUNS, name, text.encode("utf-8")
        sql = "select failure_id, document from documents where tenant_id = ? order by failure_id"
        for name, text in self._rows(sql):
            yield FAILURES, f"{name}.json", text.encode("utf-8")
        sql = (
            "select failure_id, document from changes where tenant_id = ?"
            " order by failure_id, at, event_id"
        )
        for name, rows in groupby(self._rows(sql), key=lambda row: row[0]):
            lines = "".join(f"{text}\n" for _, text in rows)
            yield CHANGES, f"{name}.jsonl", lines.encode("utf-8")

    def _rows(self, sql: str) -> Iterator[tuple[str, str]]:
        for name, text in self._database.stream(sql, (self._database.tenant,), ROWS_AT_ONCE):
            yield str(name), str(text)
