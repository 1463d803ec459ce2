"""The documents of a shared history, as the files that they were; `failtrack export` asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pytest_failtrack.history.aliases import NAME, shared_content
from pytest_failtrack.history.archive.archives import CHANGES, FAILURES, MATCHES, RUNS
from pytest_failtrack.history.export import ALIASES
from pytest_failtrack.history.matches import OF_PROGRAMS, match_content, match_of
from pytest_failtrack.history.postgres import PostgresDatabase

ROWS_AT_ONCE = 500


class SharedDocuments:
    """What a shared history holds of one repository.

    Args:
        database: The history, open.
        build: Only what belongs to this build, `` for everything.
    """

    def __init__(self, database: PostgresDatabase, build: str = "") -> None:
        self.problems: list[str] = []
        self._database = database
        self._build = build

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield kind, file name and content of each document, some hundred read at a time.

        Raises:
            StoreError: The history cannot be used any more.
        """
        for name, text in self._rows("run_documents", "name", "runs"):
            yield RUNS, name, text.encode("utf-8")
        for name, text in self._rows("documents", "failure_id", "records"):
            yield FAILURES, f"{name}.json", text.encode("utf-8")
        changes = self._rows("changes", "failure_id", "records", ", at, event_id")
        for name, rows in groupby(changes, key=lambda row: row[0]):
            lines = "".join(f"{text}\n" for _, text in rows)
            yield CHANGES, f"{name}.jsonl", lines.encode("utf-8")
        tenant = self._database.tenant
        wanted = (tenant, tenant, self._build, self._build)
        for row in self._database.stream(OF_PROGRAMS, wanted, ROWS_AT_ONCE):
            match = match_of(row, tenant)
            yield MATCHES, f"{match['failure_match_id']}.json", match_content(match)
        aliases = shared_content(self._database)
        if aliases:
            yield ALIASES, NAME, aliases

    def _rows(self, table: str, key: str, home: str, then: str = "") -> Iterator[tuple[str, str]]:
        where, values = "tenant_id = ?", [self._database.tenant]
        if self._build:
            where += (
                f" and {key} in (select {key} from {home} where tenant_id = ? and build_id = ?)"
            )
            values += [self._database.tenant, self._build]
        sql = f"select {key}, document from {table} where {where} order by {key}{then}"
        for name, text in self._database.stream(sql, values, ROWS_AT_ONCE):
            yield str(name), str(text)
