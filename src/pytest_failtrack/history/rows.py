"""What the index keeps of a document: one table of columns for records, one for runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.record.times import parse_time
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


def lane(branch: str, workflow: str, job: str, leg: str) -> str:
    """Return where a run took place: a pass ends a failure of the same lane only."""
    return "\x1f".join((branch, workflow, job, leg))


def store_records(database: Database, documents: Sequence[Document]) -> None:
    """Put records into the tables."""
    database.run_many(
        "insert into records (failure_id, size, mtime_ns, build_id, occurred_at, category,"
        " subcategory, component, file_path, nodeid, outcome, hash, cause_id, status, branch,"
        " lane, is_healed)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict (failure_id) do update set size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, build_id = excluded.build_id,"
        " occurred_at = excluded.occurred_at, category = excluded.category,"
        " subcategory = excluded.subcategory, component = excluded.component,"
        " file_path = excluded.file_path, nodeid = excluded.nodeid,"
        " outcome = excluded.outcome, hash = excluded.hash,"
        " cause_id = excluded.cause_id, status = excluded.status, branch = excluded.branch,"
        " lane = excluded.lane, is_healed = excluded.is_healed",
        map(_record_row, documents),
    )
    database.run_many(
        "insert into aliases (alias, hash) values (?, ?) on conflict (alias, hash) do nothing",
        [
            (alias, one.data["signature"]["hash"])
            for one in documents
            for alias in one.data["signature"]["aliases"]
        ],
    )
    database.run_many(
        "insert into causes (hash, category, subcategory, token, last_at)"
        " values (?, ?, ?, ?, ?) on conflict (hash, category, subcategory) do update set"
        " last_at = case when excluded.last_at > causes.last_at"
        " then excluded.last_at else causes.last_at end",
        _cause_rows(documents),
    )


def store_runs(database: Database, documents: Sequence[Document]) -> None:
    """Put run documents into the tables."""
    database.run_many("delete from passes where name = ?", [(one.name,) for one in documents])
    database.run_many(
        "insert into runs (name, size, mtime_ns, build_id, revision, started_at)"
        " values (?, ?, ?, ?, ?, ?)"
        " on conflict (name) do update set size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, build_id = excluded.build_id,"
        " revision = excluded.revision, started_at = excluded.started_at",
        map(_run_row, documents),
    )
    database.run_many(
        "insert into passes (name, nodeid, lane, passed_at) values (?, ?, ?, ?)"
        " on conflict (nodeid, lane, passed_at, name) do nothing",
        [row for one in documents for row in _pass_rows(one)],
    )


def _record_row(document: Document) -> tuple[Any, ...]:
    data = document.data
    context, signature, environment = data["context"], data["signature"], data["environment"]
    branch = environment["branch"] or ""
    return (
        data["failure_id"],
        document.stamp.size,
        document.stamp.mtime_ns,
        data["build_id"],
        parse_time(data["timestamp"]).timestamp(),
        data["category"],
        data["subcategory"],
        context["component"] or "",
        context["file_path"] or "",
        data["test"]["nodeid"],
        data["test"]["outcome"],
        signature["hash"],
        data["test"]["cause_id"],
        data["status"],
        branch,
        lane(branch, signature["workflow"], signature["job"], environment["leg"] or ""),
        1 if data["resolution"].get("healed_at") else 0,
    )


def _cause_rows(documents: Iterable[Document]) -> list[tuple[Any, ...]]:
    # Most records of a batch share a few causes: one row each is enough.
    last: dict[tuple[str, str, str], tuple[str, float]] = {}
    for one in documents:
        data = one.data
        signature = data["signature"]
        key = (signature["hash"], data["category"], data["subcategory"])
        moment = parse_time(data["timestamp"]).timestamp()
        if key not in last or last[key][1] < moment:
            last[key] = (signature["token"], moment)
    return [(*key, token, moment) for key, (token, moment) in last.items()]


def _run_row(document: Document) -> tuple[Any, ...]:
    data = document.data
    return (
        document.name,
        document.stamp.size,
        document.stamp.mtime_ns,
        data["build_id"],
        str(data["environment"].get("commit") or ""),
        parse_time(data["started_at"]).timestamp(),
    )


def _pass_rows(document: Document) -> list[tuple[Any, ...]]:
    data = document.data
    environment = data["environment"]
    place = lane(
        str(environment.get("branch") or ""),
        # As signatures spell a name that is missing (C-6).
        data["workflow"] or "?",
        data["job"] or "?",
        data["leg"] or "",
    )
    moment = parse_time(data["started_at"]).timestamp()
    return [
        (document.name, nodeid, place, moment)
        for nodeid, outcome in data["outcomes"].items()
        if outcome == "passed"
    ]


RECORDS = Kind(
    table="records",
    key="failure_id",
    verify=verify_record,
    store=store_records,
    forget=("delete from records where failure_id = ?",),
    suffix=".json",
)
RUNS = Kind(
    table="runs",
    key="name",
    verify=verify_run,
    store=store_runs,
    forget=("delete from runs where name = ?", "delete from passes where name = ?"),
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
