"""What `list`, `show`, `record` and `rerun` read when the history is a database others use too.

It may hold 10,000,000 records, so that nothing is read before it is known which are meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_failtrack.cli.evidence.reading import Document, Evidence
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.shared import documents_of, run_content
from pytest_failtrack.record.verify import verify_record, verify_run

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase

BUILDS_MAX = 200
"""Of a cause the newest builds are read, at most this many."""
NEWEST_MAX = 20
RECORDS_MAX = 10_000
"""Where all records are asked for, the newest are read, at most this many."""
_UUID_CHARS = 32


class SharedEvidence(Evidence):
    """The evidence of a repository in a shared history.

    Args:
        database: The history, open.
        settings: Settings of the project.
    """

    def __init__(self, database: PostgresDatabase, settings: Settings) -> None:
        super().__init__(settings.evidence_dir, settings.runs_dir, settings.root, settings.build)
        self._database = database
        self._builds: list[str] = []
        self._ids: list[str] = []

    @property
    def place(self) -> str:
        """Where it lies, for messages."""
        return f"{self._database.location} holds nothing of {self._database.tenant}"

    def look_at(self, build: str | None) -> None:
        """Read the runs of one build, and know of the newest others."""
        tenant = self._database.tenant
        newest = self._database.rows(
            "select build_id from (select build_id, max(started_at) as last from ("
            " select build_id, started_at from runs where tenant_id = ?"
            " order by started_at desc limit 1000) as newest group by build_id) as builds"
            " order by last desc limit ?",
            (tenant, NEWEST_MAX),
        )
        wanted = [one for one in (build, self.build) if one]
        self._read(dict.fromkeys([*wanted, *(one for (one,) in newest)]))

    def look_for(self, prefix: str) -> None:
        """Read the runs in which a cause was seen, or a record, by leading digits of its id."""
        tenant = self._database.tenant
        # Hex digits in order: an index is walked from the prefix to the next one.
        until = prefix + "g"
        found = self._database.rows(
            "select build_id, max(occurred_at) as last from records"
            " where tenant_id = ? and hash >= ? and hash < ?"
            " group by build_id order by last desc limit ?",
            (tenant, prefix, until, BUILDS_MAX),
        )
        digits = prefix.replace("-", "")
        if len(digits) <= _UUID_CHARS:
            low, high = digits.ljust(_UUID_CHARS, "0"), digits.ljust(_UUID_CHARS, "f")
            self._ids = [
                one
                for (one,) in self._database.rows(
                    "select failure_id from record_keys where tenant_id = ?"
                    " and failure_id >= ? and failure_id <= ? limit 20",
                    (tenant, low, high),
                )
            ]
        self._read(dict.fromkeys(one for one, _ in found))

    def _read(self, builds: Iterable[str]) -> None:
        self._builds = list(builds)
        for name in ("runs", "record_ids", "loose_records"):
            self.__dict__.pop(name, None)  # what was read for another question

    def _run_documents(self) -> Iterable[Document]:
        for build in self._builds:
            rows = self._database.rows(
                "select name from runs where tenant_id = ? and build_id = ?",
                (self._database.tenant, build),
            )
            for (name,) in rows:
                try:
                    yield verify_run(run_content(self._database, name), name)
                except EvidenceError as error:
                    self.problems.append(error.message)

    def _record_ids(self) -> list[str]:
        found = dict.fromkeys(self._ids)
        for build in self._builds:
            rows = self._database.rows(
                "select failure_id from records where tenant_id = ? and build_id = ?"
                " order by failure_id",
                (self._database.tenant, build),
            )
            found.update(dict.fromkeys(one for (one,) in rows))
        return list(found)

    def _records(self, ids: Iterable[str] | None) -> Iterable[Document]:
        wanted = self._newest_ids() if ids is None else list(ids)
        held = documents_of(self._database, wanted)
        for name in wanted:
            try:
                if name not in held:
                    raise EvidenceError(f"{self._database.location} holds no record {name}")
                yield verify_record(held[name], name)
            except EvidenceError as error:
                self.problems.append(error.message)

    def _newest_ids(self) -> list[str]:
        rows = self._database.rows(
            "select failure_id from records where tenant_id = ?"
            " order by occurred_at desc, failure_id limit ?",
            (self._database.tenant, RECORDS_MAX),
        )
        return [one for (one,) in rows]
