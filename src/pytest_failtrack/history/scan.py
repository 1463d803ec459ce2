"""Brings the index up to the files of a folder: reads what changed, forgets what is gone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from itertools import islice

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.evidence import is_record_name
from pytest_failtrack.history.files import is_temporary, read_bytes, refused, remove_leftovers
from pytest_failtrack.history.rows import Document, Folder, Stamp
from pytest_failtrack.record.loading import gc_paused

# Locks are held for one batch, so that other processes of a CI job get their turn.
BATCH = 1_000
# A folder's time is trusted once it is older than the coarsest clock of a file system.
SETTLED_SECONDS = 2.0


def sync_folder(database: Database, folder: Folder) -> None:
    """Make the index say what the folder holds.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
        StoreError: The index cannot be used.
    """
    before = _folder_time(folder)
    if before and before == _remembered(database, folder):
        return
    files = _files(folder)
    known = _known(database, folder)
    changed = [name for name, stamp in files.items() if known.get(name) != stamp]
    _forget(database, folder, [name for name in known if name not in files])
    with gc_paused():
        for names in _batches(sorted(changed)):
            _read(database, folder, names, files)
    _remember(database, folder, before)


def _files(folder: Folder) -> dict[str, Stamp]:
    found = {}
    has_leftovers = False
    try:
        with os.scandir(folder.path) as entries:
            for entry in entries:
                if not is_record_name(entry.name):
                    has_leftovers = has_leftovers or is_temporary(entry.name)
                    continue
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue
                found[entry.name] = Stamp(status.st_size, status.st_mtime_ns)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise refused("list", folder.path, error) from error
    if has_leftovers:
        remove_leftovers(folder.path)
    return found


def _known(database: Database, folder: Folder) -> dict[str, Stamp]:
    kind = folder.kind
    known = {
        key + kind.suffix: Stamp(size, mtime_ns)
        for key, size, mtime_ns in database.rows(
            f"select {kind.key}, size, mtime_ns from {kind.table}"
        )
    }
    start = f"{kind.table}/"
    for path, size, mtime_ns in database.rows("select path, size, mtime_ns from unusable"):
        if path.startswith(start):
            known[path[len(start) :]] = Stamp(size, mtime_ns)
    return known


def _read(
    database: Database, folder: Folder, names: Sequence[str], files: dict[str, Stamp]
) -> None:
    kind = folder.kind
    documents, refusals = [], []
    for name in names:
        path = os.path.join(folder.path, name)
        stamp = files[name]
        try:
            documents.append(Document(name, stamp, kind.verify(read_bytes(path), path)))
        except EvidenceError as error:
            refusals.append((name, stamp, error.message))
    with database.transaction():
        _clear_refusals(database, folder, names)
        # What was a document and is none any more is forgotten, not believed.
        _clear(database, folder, [name for name, _, _ in refusals])
        kind.store(database, documents)
        database.run_many(
            "insert into unusable (path, size, mtime_ns, reason) values (?, ?, ?, ?)",
            [
                (f"{kind.table}/{name}", stamp.size, stamp.mtime_ns, reason)
                for name, stamp, reason in refusals
            ],
        )


def _forget(database: Database, folder: Folder, names: Sequence[str]) -> None:
    if not names:
        return
    with database.transaction():
        _clear_refusals(database, folder, names)
        _clear(database, folder, names)


def _clear(database: Database, folder: Folder, names: Sequence[str]) -> None:
    suffix = folder.kind.suffix
    for statement in folder.kind.forget:
        database.run_many(statement, [(name.removesuffix(suffix),) for name in names])


def _clear_refusals(database: Database, folder: Folder, names: Sequence[str]) -> None:
    database.run_many(
        "delete from unusable where path = ?",
        [(f"{folder.kind.table}/{name}",) for name in names],
    )


def _folder_time(folder: Folder) -> int:
    """Return when the folder changed last, 0 when a change in the same moment could follow."""
    try:
        changed = os.stat(folder.path).st_mtime_ns
    except OSError:
        return 0
    return changed if time.time_ns() - changed > SETTLED_SECONDS * 1e9 else 0


def _state_name(folder: Folder) -> str:
    return f"{folder.kind.table} {os.path.realpath(folder.path)}"


def _remembered(database: Database, folder: Folder) -> int:
    rows = database.rows("select value from state where name = ?", (_state_name(folder),))
    return int(rows[0][0]) if rows else 0


def _remember(database: Database, folder: Folder, moment: int) -> None:
    # Another folder that was synced before does not describe the tables any more.
    with database.transaction():
        database.run("delete from state where name like ?", (f"{folder.kind.table} %",))
        if moment:
            database.run(
                "insert into state (name, value) values (?, ?)", (_state_name(folder), str(moment))
            )


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, BATCH)):
        yield batch
