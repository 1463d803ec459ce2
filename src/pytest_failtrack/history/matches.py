"""Matches that programs keep (S2-44..48): one evidence file each, and its row in the history.

A record has its row already; a match stands for an error outside of any test. The files lie in
`matches`, beside `failures`, or packed like the rest of the evidence, and are read into the index
before a question is asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.packed import shelf_beside
from pytest_failtrack.history.columns import MATCH_COLUMNS, Row, json_column, seconds
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.edit_lock import editing
from pytest_failtrack.history.evidence import file_names, read_bytes
from pytest_failtrack.history.files import remove_leftovers, write_beside
from pytest_failtrack.history.rows import Stamp
from pytest_failtrack.lazily import lazily
from pytest_failtrack.record.verify import parse, require_version, validated

FOLDER = "matches"
SCHEMA_VERSION = "1.0"
BATCH = 500

_SUFFIX = ".json"
_ID = lazily(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COLUMNS = (*MATCH_COLUMNS, "updated_at", "recovery_attempted", "recovery_succeeded")
_TIMES = ("created_at", "updated_at")
_STATE = "match/"
# Fields between the names of a match and its context, in the order of its file.
_TOLD = (
    *("error_code", "error_message", "catalog_entry_id", "match_type", "confidence_score"),
    *("category", "severity", "is_retryable", "recovery_mode", "recovery_suggestion"),
    *("recovery_attempted", "recovery_succeeded", "skill_id", "step_index"),
)

MATCH_IN = (
    f"insert into failure_matches ({', '.join(_COLUMNS)}) values"
    f" ({', '.join('to_timestamp(?)' if one in _TIMES else '?' for one in _COLUMNS)})"
    " on conflict (id) do update set recovery_attempted = excluded.recovery_attempted,"
    " recovery_succeeded = excluded.recovery_succeeded, updated_at = excluded.updated_at"
    # What another machine has said since stays.
    " where excluded.updated_at >= failure_matches.updated_at"
)
# Matches that are no records' rows: those that programs kept.
OF_PROGRAMS = (
    f"select {', '.join(f'epoch({one})' if one in _TIMES else one for one in _COLUMNS)}"
    " from failure_matches where tenant_id = ? and not exists (select 1 from record_keys"
    " where record_keys.tenant_id = ? and record_keys.failure_id = failure_matches.id)"
    " and (? = '' or run_id = ?) order by id"
)
_SEEN = (
    "insert into state (name, value) values (?, ?)"
    " on conflict (name) do update set value = excluded.value"
)


def matches_dir(evidence_dir: str | os.PathLike[str]) -> Path:
    """Return the folder of the matches: `matches` beside the records."""
    return Path(evidence_dir).parent / FOLDER


def is_match_id(text: str) -> bool:
    """Return whether a text has the form of a match's or a record's id."""
    return _ID.fullmatch(text) is not None


def verify_match(data: Mapping[str, Any] | bytes, source: str) -> dict[str, Any]:
    """Return a match as plain values after every check, unknown fields kept.

    Args:
        data: The parsed match, or the bytes of its file.
        source: Name of the file; where it ends with `.json` it must be named after the match.

    Raises:
        EvidenceError: It cannot be used; file, field and reason are named.
    """
    document = parse(data, source) if isinstance(data, bytes) else dict(data)
    require_version(document, source)
    checked = validated("match", document, source)
    try:
        for name in ("created_at", "updated_at"):
            seconds(checked[name])
    except (ValueError, OverflowError) as error:
        raise EvidenceError(f"{source}: {error}", slug="evidence-invalid") from None
    name = os.path.basename(source)
    if name.endswith(_SUFFIX) and name != checked["failure_match_id"] + _SUFFIX:
        raise EvidenceError(
            f"{source}: failure_match_id is {checked['failure_match_id']}: the file was renamed, "
            "or its id was changed",
            slug="evidence-tampered",
        )
    return checked


def write_match(folder: str | os.PathLike[str], document: Mapping[str, Any]) -> bool:
    """Write a match, in place of an earlier state of it; return True.

    Raises:
        EvidenceError: It is no match, or cannot be written.
    """
    checked = verify_match(document, "match")
    name = checked["failure_match_id"] + _SUFFIX
    with editing(folder):
        write_beside(os.fspath(folder), name, match_content(checked))
    return True


def match_content(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of the file of a match."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def read_match(folder: str | os.PathLike[str], failure_match_id: str) -> dict[str, Any] | None:
    """Return a match, packed or not, None where there is none.

    Raises:
        EvidenceError: It cannot be read, or is no match.
    """
    if not is_match_id(failure_match_id):
        return None
    path = os.path.join(folder, failure_match_id + _SUFFIX)
    try:
        content = read_bytes(path)
    except EvidenceError as error:
        if error.slug == "evidence-missing":
            return None
        raise
    return verify_match(content, path)


def recovered(document: Mapping[str, Any], *, succeeded: bool, at: str) -> dict[str, Any]:
    """Return a match after an attempt to recover.

    Args:
        document: The match.
        succeeded: Whether it helped.
        at: When, ISO 8601, UTC.
    """
    told = {"recovery_attempted": True, "recovery_succeeded": succeeded, "updated_at": at}
    return {**document, **told}


def match_values(document: Mapping[str, Any], tenant: str) -> Row:
    """Return the row of a match.

    Args:
        document: The match.
        tenant: Slug of the repository, for a match that names no tenant.
    """
    named = {
        **document,
        "id": document["failure_match_id"],
        "tenant_id": document["tenant_id"] or tenant or None,
        "context": json_column(document["context"]),
        "created_at": seconds(document["created_at"]),
        "updated_at": seconds(document["updated_at"]),
    }
    return tuple(named[one] for one in _COLUMNS)


def match_of(row: Row, tenant: str) -> dict[str, Any]:
    """Return the match of a row of `OF_PROGRAMS`, as its file tells it.

    Args:
        row: The row.
        tenant: Slug of the repository, which a file does not name.
    """
    held = dict(zip(_COLUMNS, row, strict=True))
    return {
        "schema_version": SCHEMA_VERSION,
        "failure_match_id": held["id"],
        "run_id": held["run_id"],
        "tenant_id": None if held["tenant_id"] == tenant else held["tenant_id"],
        **{one: held[one] for one in _TOLD},
        "context": json.loads(held["context"]),
        "created_at": _moment(held["created_at"]),
        "updated_at": _moment(held["updated_at"]),
    }


def store_matches(database: Database, documents: Iterable[Mapping[str, Any]]) -> int:
    """Put matches into a history; of one that is there what came of recovering is brought up.

    Returns:
        How many were given.

    Raises:
        StoreError: The history did not take them.
    """
    rows = sorted((match_values(one, database.tenant) for one in documents), key=lambda row: row[0])
    database.run_many(MATCH_IN, rows)
    return len(rows)


def sync_matches(database: Database, folder: str) -> None:
    """Put the matches of a folder, and of the archives beside it, into the index.

    Those that are gone are forgotten.

    Args:
        database: The index.
        folder: Folder of the matches; one that is not there holds nothing.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
        StoreError: The index cannot be used.
    """
    files = _files(folder)
    known = {
        name[len(_STATE) :]: value
        for name, value in database.rows(
            "select name, value from state where name like ?", (f"{_STATE}%",)
        )
    }
    shelf = shelf_beside(folder)
    packed = shelf.stamps(FOLDER) if shelf is not None else {}
    stamps = {**packed, **files}
    # What is in an archive that cannot be read is not gone.
    is_lost = shelf is not None and bool(shelf.refusals)
    gone = [one for one in known if one not in stamps and not (is_lost and " -" in known[one])]
    changed = sorted(name for name, stamp in stamps.items() if known.get(name) != _text(stamp))
    for start in range(0, len(gone), BATCH):
        names = gone[start : start + BATCH]
        with database.transaction():
            _forget(database, names)
            database.run_many("delete from state where name = ?", [(_STATE + n,) for n in names])
    if changed:
        remove_leftovers(folder)
    for start in range(0, len(changed), BATCH):
        names = changed[start : start + BATCH]
        held = {name: _read(folder, name) for name in names}
        with database.transaction():
            _forget(database, [one for one in held if isinstance(held[one], EvidenceError)])
            store_matches(database, (one for one in held.values() if isinstance(one, dict)))
            database.run_many(_SEEN, [(_STATE + name, _text(stamps[name])) for name in names])


def _forget(database: Database, names: Sequence[str]) -> None:
    database.run_many(
        "delete from failure_matches where id = ?",
        [(name.removesuffix(_SUFFIX),) for name in names],
    )


def _files(folder: str) -> dict[str, Stamp]:
    found = {}
    for name in file_names(folder):
        try:
            status = os.stat(os.path.join(folder, name))
        except FileNotFoundError:
            continue
        found[name] = Stamp(status.st_size, status.st_mtime_ns)
    return found


def _read(folder: str, name: str) -> dict[str, Any] | EvidenceError:
    path = os.path.join(folder, name)
    try:
        return verify_match(read_bytes(path), path)
    except EvidenceError as error:
        return error


def _moment(seconds_: float) -> str:
    moment = datetime.fromtimestamp(seconds_, timezone.utc)
    precision = "microseconds" if moment.microsecond % 1_000 else "milliseconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def _text(stamp: tuple[int, int]) -> str:
    return f"{stamp[0]} {stamp[1]}"
