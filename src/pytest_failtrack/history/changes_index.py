"""Brings the index up to the changes of the records; asked before a question, not in a test run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.packed import shelf_beside
from pytest_failtrack.history.changes import SUFFIX, read_changes
from pytest_failtrack.history.columns import CHANGE_COLUMNS, Row, placeholders
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.files import refused
from pytest_failtrack.history.rows import Stamp
from pytest_failtrack.record.change import Change, document_of

BATCH = 500
KIND = "changes"

CHANGES_IN = (
    f"insert into changes ({', '.join(CHANGE_COLUMNS)}) values ({placeholders(CHANGE_COLUMNS)})"
    " on conflict (tenant_id, event_id) do nothing"
)
# What came of trying to recover is asked of the match, too (S2-27, S2-28).
RECOVERED = (
    "update failure_matches set recovery_attempted = ?, recovery_succeeded = ?,"
    " updated_at = to_timestamp(?) where id = ?"
)
_SEEN = (
    "insert into change_files (name, size, mtime_ns) values (?, ?, ?)"
    " on conflict (name) do update set size = excluded.size, mtime_ns = excluded.mtime_ns"
)


def sync_changes(database: Database, folder: str) -> None:
    """Put the events of a folder, and of the archives beside it, into the index.

    Args:
        database: The index.
        folder: Folder of the changes; one that is not there holds nothing.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
        StoreError: The index cannot be used.
    """
    files = _files(folder)
    known = {
        name: Stamp(size, mtime_ns)
        for name, size, mtime_ns in database.rows("select name, size, mtime_ns from change_files")
    }
    shelf = shelf_beside(folder)
    packed = shelf.stamps(KIND) if shelf is not None else {}
    stamps = {**packed, **files}
    changed = sorted(name for name, stamp in stamps.items() if known.get(name) != stamp)
    for start in range(0, len(changed), BATCH):
        names = changed[start : start + BATCH]
        events = [one for name in names for one in _events(folder, name)]
        with database.transaction():
            store_changes(database, events)
            database.run_many(_SEEN, [(name, *stamps[name]) for name in names])


def store_changes(database: Database, events: Iterable[Change]) -> None:
    """Put events into the tables; one that is there stays as it is."""
    held = list(events)
    database.run_many(CHANGES_IN, sorted(change_row(one, database.tenant) for one in held))
    recovered = [one for one in held if one.action == "recovery"]
    recovered.sort(key=lambda one: (one.failure_id, one.at))
    database.run_many(
        RECOVERED,
        [
            (True, bool(one.after.get("recovery_succeeded")), one.at.timestamp(), one.failure_id)
            for one in recovered
        ],
    )


def change_row(change: Change, tenant: str) -> Row:
    """Return the row of an event, in the order of `CHANGE_COLUMNS`."""
    return (
        tenant,
        change.event_id,
        change.failure_id,
        change.at.timestamp(),
        change.by,
        change.action,
        _json(change.before),
        _json(change.after),
        _json(document_of(change)),
    )


def _events(folder: str, name: str) -> list[Change]:
    try:
        return read_changes(folder, name.removesuffix(SUFFIX))
    except EvidenceError:
        return []  # it was packed or removed since, or doctor says what is wrong with it


def _files(folder: str) -> dict[str, Stamp]:
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) and not entry.name.startswith("."):
                    status = entry.stat()
                    found[entry.name] = Stamp(status.st_size, status.st_mtime_ns)
    except FileNotFoundError:
        return found
    except OSError as error:
        raise refused("list", folder, error) from error
    return found


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
