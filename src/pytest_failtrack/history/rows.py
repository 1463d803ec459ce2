"""Puts documents into the tables, and takes them out; what is kept of each is columns.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.columns import (
    MATCH_COLUMNS,
    RECORD_COLUMNS,
    RUN_COLUMNS,
    Row,
    match_row,
    pass_rows,
    placeholders,
    record_row,
    run_row,
    seconds,
)
from pytest_failtrack.history.database import Database
from pytest_failtrack.record.verify import verify_record, verify_run


class Stamp(NamedTuple):
    """A file as it was read: whether it must be read again; a tuple, for there are 100,000."""

    size: int
    mtime_ns: int


@frozen
class Document:
    """One document and its file."""

    name: str
    stamp: Stamp
    data: Mapping[str, Any]


@frozen
class Kind:
    """One kind of document, and how the index keeps it.

    Args:
        table: Its table, whose key is the file's name.
        key: Column of the key.
        verify: Checks the bytes of a file.
        store: Puts documents into the tables, in place of what was there of them.
        forget: Statements that remove what is kept of one document.
        suffix: What the file's name has after the key.
    """

    table: str
    key: str
    verify: Callable[[bytes, str], dict[str, Any]]
    store: Callable[[Database, Sequence[Document]], None]
    forget: tuple[str, ...]
    suffix: str


@frozen
class Folder:
    """A folder of documents of one kind."""

    kind: Kind
    path: str


def store_records(database: Database, documents: Sequence[Document]) -> None:
    """Put records into the tables."""
    tenant = database.tenant
    database.run_many(
        RECORDS_IN,
        (record_row(one.data, tenant, one.stamp.size, one.stamp.mtime_ns) for one in documents),
    )
    database.run_many(MATCHES_IN, (match_row(one.data, tenant) for one in documents))
    database.run_many(ALIASES_IN, alias_rows((one.data for one in documents), tenant))
    database.run_many(CAUSES_IN, cause_rows((one.data for one in documents), tenant))


def store_runs(database: Database, documents: Sequence[Document]) -> None:
    """Put run documents into the tables."""
    tenant = database.tenant
    database.run_many(FORGET_PASSES, [(tenant, one.name) for one in documents])
    database.run_many(
        RUNS_IN,
        (
            run_row(one.data, one.name, tenant, one.stamp.size, one.stamp.mtime_ns)
            for one in documents
        ),
    )
    database.run_many(
        PASSES_IN, [row for one in documents for row in pass_rows(one.data, one.name, tenant)]
    )
    database.run_many(RETRIED, retried_rows(one.data for one in documents))


def alias_rows(records: Iterable[Mapping[str, Any]], tenant: str) -> list[Row]:
    """Return a row for each alias of the signatures, sorted, each once."""
    pairs = {
        (tenant, alias, one["signature"]["hash"])
        for one in records
        for alias in one["signature"]["aliases"]
    }
    return sorted(pairs)


def cause_rows(records: Iterable[Mapping[str, Any]], tenant: str) -> list[Row]:
    """Return a row for each signature and class, sorted: writers who meet wait in one order."""
    # Most records of a batch share a few causes: one row each is enough.
    last: dict[Row, tuple[str, float]] = {}
    for data in records:
        signature = data["signature"]
        key = (tenant, signature["hash"], data["category"], data["subcategory"])
        moment = seconds(data["timestamp"]) or 0.0
        if key not in last or last[key][1] < moment:
            last[key] = (signature["token"], moment)
    return [(*key, *last[key]) for key in sorted(last)]


def retried_rows(runs: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return (attempted, succeeded, id) for the failures of commands that were run again."""
    return [
        (retry["recovery_attempted"], retry["recovery_succeeded"], failure_id)
        for one in runs
        if (retry := one.get("retry")) and retry["recovery_attempted"]
        for failure_id in one["records"]
    ]


def _insert(table: str, columns: tuple[str, ...], key: str, then: str = "") -> str:
    """Return the statement that puts a row in, in place of one of the same key."""
    if not then:
        kept = [one for one in columns if one not in key.split(", ")]
        then = "update set " + ", ".join(f"{one} = excluded.{one}" for one in kept)
    return (
        f"insert into {table} ({', '.join(columns)}) values ({placeholders(columns)})"
        f" on conflict ({key}) do {then}"
    )


RECORDS_IN = _insert("records", RECORD_COLUMNS, "tenant_id, failure_id")
MATCHES_IN = _insert("failure_matches", MATCH_COLUMNS, "id")
RUNS_IN = _insert("runs", RUN_COLUMNS, "tenant_id, name")
PASSES_IN = _insert(
    "passes",
    ("tenant_id", "name", "nodeid", "lane", "passed_at"),
    "tenant_id, nodeid, lane, passed_at, name",
    "nothing",
)
ALIASES_IN = _insert("aliases", ("tenant_id", "alias", "hash"), "tenant_id, alias, hash", "nothing")
CAUSES_IN = _insert(
    "causes",
    ("tenant_id", "hash", "category", "subcategory", "token", "last_at"),
    "tenant_id, hash, category, subcategory",
    "update set last_at = case when excluded.last_at > causes.last_at"
    " then excluded.last_at else causes.last_at end",
)
RETRIED = "update failure_matches set recovery_attempted = ?, recovery_succeeded = ? where id = ?"
FORGET_PASSES = "delete from passes where tenant_id = ? and name = ?"

RECORDS = Kind(
    table="records",
    key="failure_id",
    verify=verify_record,
    store=store_records,
    # The tenant of a local index is ``.
    forget=(
        "delete from records where tenant_id = '' and failure_id = ?",
        "delete from failure_matches where id = ?",
    ),
    suffix=".json",
)
RUNS = Kind(
    table="runs",
    key="name",
    verify=verify_run,
    store=store_runs,
    forget=(
        "delete from runs where tenant_id = '' and name = ?",
        "delete from passes where tenant_id = '' and name = ?",
    ),
    suffix="",
)


def add_documents(database: Database, folder: Folder, records: Iterable[Mapping[str, Any]]) -> None:
    """Put records into the index whose files were just written; one without a file is left out."""
    documents = []
    for record in records:
        name = f"{record['failure_id']}.json"
        try:
            status = os.stat(os.path.join(folder.path, name))
        except OSError:
            continue
        documents.append(Document(name, Stamp(status.st_size, status.st_mtime_ns), record))
    if documents:
        with database.transaction():
            folder.kind.store(database, documents)
