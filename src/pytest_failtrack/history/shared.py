"""A shared history holds the documents themselves; puts them in, by COPY, and gives them out.

A record, a run document or a change that is there already stays as it is: reading a thing twice,
or on two machines at once, adds it once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.changes_index import store_changes
from pytest_failtrack.history.columns import (
    LIFE_COLUMNS,
    MATCH_COLUMNS,
    RECORD_COLUMNS,
    RUN_COLUMNS,
    TIMES,
    match_row,
    pass_rows,
    placeholders,
    record_row,
    run_row,
)
from pytest_failtrack.history.database import CHUNK
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.rows import (
    ALIASES_IN,
    CAUSES_IN,
    PASSES_IN,
    RETRIED,
    alias_rows,
    cause_rows,
    retried_rows,
)
from pytest_failtrack.history.versions import Outcome, decided
from pytest_failtrack.record.change import Change, change_of
from pytest_failtrack.record.verify import verify_record

RecordFile = tuple[bytes, Mapping[str, Any]]
LivedFile = tuple[bytes, Mapping[str, Any], Sequence[Change]]
"""A record with all events of its life."""
RunFile = tuple[str, bytes, Mapping[str, Any]]

BATCH = 2_000
# Of a match, what the record's row does not say already.
_MATCH_ONLY = tuple(
    one for one in MATCH_COLUMNS if one not in (*RECORD_COLUMNS, "id", "run_id", "created_at")
)
_NUMBERS = {"attempt", "build_attempt", "occurrence", "tier", "measures", "governance_updates"}
_NUMBERS |= {"preconditions", "test_additions", "step_index"}
_FLOATS = TIMES | {"duration_seconds", "confidence", "confidence_score"}
_SWITCHES = {"is_retryable", "is_repeat", "is_healed"}
_INCOMING = tuple(one for one in RECORD_COLUMNS if one not in ("size", "mtime_ns"))
_COPIED = (*_INCOMING, *_MATCH_ONLY, "document")


def _type(column: str) -> str:
    if column in _FLOATS:
        return "double precision"
    if column in _NUMBERS:
        return "integer"
    if column in _SWITCHES:
        return "boolean"
    return "uuid" if column == "failure_id" else "text"


def _given(column: str) -> str:
    """Return how a column of the incoming rows is written into its table."""
    return f"to_timestamp({column})" if column in TIMES else column


INCOMING = (
    "create temporary table if not exists incoming"
    f" ({', '.join(f'{one} {_type(one)}' for one in _COPIED)}) on commit delete rows"
)
COPY = f"copy incoming ({', '.join(_COPIED)}) from stdin"
_MATCH_FROM = {"id": "failure_id", "run_id": "build_id", "created_at": "to_timestamp(occurred_at)"}
_MATCH_FROM |= {"confidence_score": "confidence", "context": "context::jsonb"}
_MATCH_FROM |= {one: f"nullif({one}, '')" for one in ("catalog_entry_id", "recovery_mode")}
# The keys decide which are new, in one order, so that writers who meet wait instead of deadlock.
TAKE_IN = f"""
with fresh as (
    insert into record_keys (tenant_id, failure_id, occurred_at)
    select tenant_id, failure_id, to_timestamp(occurred_at) from incoming order by failure_id
    on conflict do nothing returning failure_id
), new as (
    select incoming.* from incoming join fresh using (failure_id)
), kept as (
    insert into records ({", ".join(_INCOMING)})
    select {", ".join(map(_given, _INCOMING))} from new
), whole as (
    insert into documents (tenant_id, failure_id, occurred_at, document)
    select tenant_id, failure_id, to_timestamp(occurred_at), document from new
), matched as (
    insert into failure_matches ({", ".join(MATCH_COLUMNS)})
    select {", ".join(_MATCH_FROM.get(one, one) for one in MATCH_COLUMNS)} from new
    on conflict (id) do nothing
)
select failure_id from fresh
"""


def share_records(database: PostgresDatabase, records: Iterable[RecordFile]) -> int:
    """Put records in, with their rows; return how many were new.

    Args:
        database: The shared history.
        records: Each as the bytes of its file and what they say; a generator may be long.

    Raises:
        StoreError: The database did not take them; the batches before are in.
    """
    lived = ((*one, ()) for one in records)
    return sum(len(_take_in(database, batch)) for batch in _batches(lived))


def share_lives(database: PostgresDatabase, records: Iterable[LivedFile]) -> int:
    """Put records in with the events of their life; return how many were new.

    Of a record that is there in another version, that which knows more stays (versions.py); the
    events of both are kept.

    Args:
        database: The shared history.
        records: Each as the bytes of its file, what they say and its events.

    Raises:
        StoreError: The database did not take them; the batches before are in.
    """
    new = 0
    for batch in _batches(records):
        fresh = _take_in(database, batch)
        new += len(fresh)
        lived = {name: one for name, one in batch.items() if one[2] and name not in fresh}
        for name, content in documents_of(database, list(lived)).items():
            if content != lived[name][0]:
                _renew(database, name, lived[name])
        share_changes(database, (event for one in lived.values() for event in one[2]))
    return new


def _batches(records: Iterable[LivedFile]) -> Iterator[dict[str, LivedFile]]:
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        yield {one[1]["failure_id"]: one for one in batch}


def _renew(database: PostgresDatabase, failure_id: str, theirs: LivedFile) -> None:
    """Put another version of a record that is there in its place, if it knows more."""
    new, data, events = theirs

    def edit(content: bytes) -> LivedFile | None:
        try:
            ours = verify_record(content, failure_id)
        except EvidenceError:
            return None  # of a newer version, perhaps
        known = changes_of(database, failure_id)
        is_taken = decided(ours, known, data, events) is Outcome.TAKEN
        return (new, data, events) if is_taken else None

    _edit(database, failure_id, edit)


def _take_in(database: PostgresDatabase, batch: Mapping[str, LivedFile]) -> set[str]:
    """Put in what is not there; return the ids of that."""
    tenant = database.tenant
    database.run(INCOMING)
    rows = [_incoming_row(content, data, tenant) for content, data, _ in batch.values()]
    at = _INCOMING.index("occurred_at")
    database.make_months({row[at] for row in rows})
    with database.transaction():
        database.copy(COPY, rows)
        fresh = {one for (one,) in database.rows(TAKE_IN)}
        new = [data for name, (_, data, _) in batch.items() if name in fresh]
        database.run_many(CAUSES_IN, cause_rows(new, tenant))
        database.run_many(ALIASES_IN, alias_rows(new, tenant))
        store_changes(database, (one for name in fresh for one in batch[name][2]))
    return fresh


def _incoming_row(content: bytes, data: Mapping[str, Any], tenant: str) -> tuple[Any, ...]:
    record = record_row(data, tenant)
    match = match_row(data, tenant)
    kept = (*record[:2], *record[4:])  # without size and mtime_ns
    rest = tuple(match[at] for at in _MATCH_PLACES)
    return (*kept, *rest, content.decode("utf-8"))


_MATCH_PLACES = tuple(MATCH_COLUMNS.index(one) for one in _MATCH_ONLY)

_RUN_KEPT = tuple(one for one in RUN_COLUMNS if one not in ("size", "mtime_ns"))
RUN_IN = (
    f"insert into runs ({', '.join(_RUN_KEPT)})"
    f" values ({placeholders(_RUN_KEPT)})"
    " on conflict (tenant_id, name) do nothing"
)
DOCUMENT_IN = (
    "insert into run_documents (tenant_id, name, document) values (?, ?, ?)"
    " on conflict (tenant_id, name) do nothing"
)


def share_runs(database: PostgresDatabase, runs: Iterable[RunFile]) -> int:
    """Put run documents in; return how many were new.

    Args:
        database: The shared history.
        runs: Each as the name of its file, its bytes and what they say.

    Raises:
        StoreError: The database did not take them; those before are in.
    """
    new = 0
    for name, content, data in runs:
        tenant = database.tenant
        row = run_row(data, name, tenant)
        passes = pass_rows(data, name, tenant)
        database.make_months({one[-1] for one in passes})
        with database.transaction():
            if database.run(RUN_IN, (*row[:2], *row[4:])):
                new += 1
                database.run(DOCUMENT_IN, (tenant, name, content.decode("utf-8")))
                if passes:
                    database.run_many(PASSES_IN, passes)
                database.run_many(RETRIED, sorted(retried_rows([data]), key=str))
    return new


def share_changes(database: PostgresDatabase, events: Iterable[Change]) -> int:
    """Put events of records in; return how many were new.

    Raises:
        StoreError: The database did not take them.
    """
    held = {one.event_id: one for one in events}
    with database.transaction():
        new = missing_changes(database, sorted(held))
        store_changes(database, held.values())
    return len(new)


def change_shared(
    database: PostgresDatabase,
    failure_id: str,
    edit: Callable[[bytes], tuple[bytes, Mapping[str, Any], Change] | None],
) -> bool:
    """Change a record where it lives; writers of one record wait for each other.

    Args:
        database: The shared history.
        failure_id: Id of the record.
        edit: Takes the record as the bytes of its file; returns its new bytes, what they say, and
            the event, or None to leave it.

    Returns:
        Whether it changed.

    Raises:
        EvidenceError: The history does not hold it.
        StoreError: The database did not take the change; nothing of it is in.
    """

    def edited(content: bytes) -> LivedFile | None:
        made = edit(content)
        return None if made is None else (made[0], made[1], [made[2]])

    return _edit(database, failure_id, edited)


def _edit(
    database: PostgresDatabase,
    failure_id: str,
    edit: Callable[[bytes], LivedFile | None],
) -> bool:
    key = (database.tenant, failure_id)
    with database.transaction():
        held = database.rows(
            "select epoch(occurred_at) from record_keys"
            " where tenant_id = ? and failure_id = ? for update",
            key,
        )
        content = documents_of(database, [failure_id]).get(failure_id) if held else None
        if content is None:
            raise EvidenceError(
                f"{database.location} holds no record {failure_id} of {database.tenant}",
                slug="evidence-missing",
            )
        made = edit(content)
        if made is None:
            return False
        new, data, events = made
        row = dict(zip(RECORD_COLUMNS, record_row(data, database.tenant), strict=True))
        sets = ", ".join(
            f"{one} = {'to_timestamp(?)' if one in TIMES else '?'}" for one in LIFE_COLUMNS
        )
        where = "tenant_id = ? and failure_id = ? and occurred_at = to_timestamp(?)"
        place = (*key, held[0][0])
        database.run(
            f"update records set {sets} where {where}",
            (*(row[one] for one in LIFE_COLUMNS), *place),
        )
        database.run(
            f"update documents set document = ? where {where}", (new.decode("utf-8"), *place)
        )
        store_changes(database, events)
    return True


def changes_of(database: PostgresDatabase, failure_id: str) -> list[Change]:
    """Return the events of a record."""
    sql = "select document from changes where tenant_id = ? and failure_id = ?"
    rows = database.rows(sql, (database.tenant, failure_id))
    return [change_of(json.loads(text), database.location) for (text,) in rows]


def missing_records(database: PostgresDatabase, ids: Collection[str]) -> list[str]:
    """Return those of some records that the history does not have, in their order."""
    sql = "select failure_id from record_keys where tenant_id = ? and failure_id in ({marks})"
    known = {one for (one,) in database.rows_among(sql, ids)}
    return [one for one in ids if one not in known]


def missing_runs(database: PostgresDatabase, names: Collection[str]) -> list[str]:
    """Return those of some run documents that the history does not have, in their order."""
    sql = "select name from runs where tenant_id = ? and name in ({marks})"
    known = {one for (one,) in database.rows_among(sql, names)}
    return [one for one in names if one not in known]


def missing_matches(database: PostgresDatabase, ids: Sequence[str]) -> list[str]:
    """Return those of some matches that the history does not have, in their order.

    A match may name a tenant of its own: its id says which it is.
    """
    known: set[str] = set()
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        sql = f"select id from failure_matches where id in ({', '.join('?' * len(some))})"
        known.update(one for (one,) in database.rows(sql, some))
    return [one for one in ids if one not in known]


def missing_changes(database: PostgresDatabase, ids: Collection[str]) -> list[str]:
    """Return those of some events that the history does not have, in their order."""
    sql = "select event_id from changes where tenant_id = ? and event_id in ({marks})"
    known = {one for (one,) in database.rows_among(sql, ids)}
    return [one for one in ids if one not in known]


def documents_of(database: PostgresDatabase, ids: Sequence[str]) -> dict[str, bytes]:
    """Return records as the bytes of their files, by id; one that is not there is left out."""
    sql = (
        "select documents.failure_id, document from documents join record_keys"
        " on documents.tenant_id = record_keys.tenant_id"
        " and documents.failure_id = record_keys.failure_id"
        " and documents.occurred_at = record_keys.occurred_at"
        " where record_keys.tenant_id = ? and record_keys.failure_id in ({marks})"
    )
    return {name: text.encode("utf-8") for name, text in database.rows_among(sql, ids)}


def run_content(database: PostgresDatabase, name: str) -> bytes:
    """Return a run document as the bytes of its file, empty when it is not there."""
    sql = "select document from run_documents where tenant_id = ? and name = ?"
    rows = database.rows(sql, (database.tenant, name))
    return str(rows[0][0]).encode("utf-8") if rows else b""
