"""Brings the index up to the files of a folder: reads what changed, forgets what is gone.

What is packed beside the folder belongs to it. A packed document has the checksum of its content,
negative, in place of a time: of an archive that was written anew only what is new in it is read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.packed import archives_state, shelf_beside
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.evidence import FAILURES, RUNS, is_record_name, read_bytes
from pytest_failtrack.history.files import is_temporary, refused, remove_leftovers
from pytest_failtrack.history.own_writes import changed_at, taken_over, watch
from pytest_failtrack.history.rows import RECORDS as RECORDS_KIND
from pytest_failtrack.history.rows import RUNS as RUNS_KIND
from pytest_failtrack.history.rows import Document, Folder, Stamp
from pytest_failtrack.record.loading import gc_paused

if TYPE_CHECKING:
    from pytest_failtrack.history.archive.archives import Archive, Entry
    from pytest_failtrack.history.archive.moved import Move

# Locks are held for one batch, so that other processes of a CI job get their turn.
BATCH = 1_000
# Of very many at once each transaction writes the same pages of the indexes again: fewer, larger
# ones are many times faster.
MANY = 5_000
MANY_CACHE_KIB = 262_144
# The time of a folder is trusted once it is older than the coarsest clock of a file system, and
# for a day.
SETTLED_SECONDS = 2.0
TRUSTED_SECONDS = 86_400.0

INTO_UNUSABLE = "insert into unusable (path, size, mtime_ns, reason) values (?, ?, ?, ?)"

T = TypeVar("T")

_KINDS = {"records": FAILURES, "runs": RUNS}


class _Member(NamedTuple):
    """A packed document."""

    archive: Archive
    entry: Entry

    @property
    def stamp(self) -> Stamp:
        """What tells whether it must be read again."""
        return _packed_stamp(self.entry.size, self.entry.crc)


class _Read(NamedTuple):
    """A document as it was read, or why it could not be."""

    name: str
    stamp: Stamp
    path: str
    content: bytes | EvidenceError


def sync_folder(database: Database, folder: Folder) -> None:
    """Make the index say what the folder holds, and the archives beside it.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
        StoreError: The index cannot be used.
    """
    before, now = changed_at(folder.path), time.time()
    archives = archives_state(folder.path)
    is_packed_anew = archives != _told(database, _archives_name(folder))
    if before and not is_packed_anew and before == _trusted(database, folder, now)[0]:
        watch(folder.path, before)
        return
    files = _files(folder)
    known = _known(database, folder)
    gone = {
        name
        for name, stamp in known.items()
        if name not in files and (is_packed_anew or stamp.mtime_ns >= 0)
    }
    members, refusals = _members(folder, None if is_packed_anew else gone)
    packed = {
        name: member
        for name, member in members.items()
        if name not in files and known.get(name) != member.stamp
    }
    with gc_paused():
        changed = sorted(name for name, stamp in files.items() if known.get(name) != stamp)
        size = BATCH
        if len(changed) + len(packed) > MANY:
            size = MANY
            database.run(f"pragma cache_size = -{MANY_CACHE_KIB}")
        for batch in _batches(_read_files(folder, changed, files), size):
            _store(database, folder, batch)
        for batch in _batches(_read_members(packed), size):
            _store(database, folder, batch)
    # Of what is in an archive that cannot be read, nothing is known to be gone.
    _forget(database, folder, [] if refusals else sorted(gone - members.keys()))
    if is_packed_anew:
        _note_archives(database, folder, archives, refusals)
    is_settled = before and now - before / 1e9 > SETTLED_SECONDS and not refusals
    _remember(database, _state_name(folder), f"{before} {int(now)}" if is_settled else "")
    if is_settled:
        watch(folder.path, before)


def note_own(database: Database, folder: Folder) -> None:
    """Tell the index what this process wrote in a folder since, so that nobody lists it for that.

    Raises:
        StoreError: The index cannot be used.
    """
    taken = taken_over(folder.path)
    if taken is None:
        return
    changed, written = taken
    before, listed = _trusted(database, folder, time.time())
    if not before:
        return
    stamps = {}
    for name in sorted(filter(is_record_name, written)):
        try:
            status = os.stat(os.path.join(folder.path, name))
        except OSError:
            return
        stamps[name] = Stamp(status.st_size, status.st_mtime_ns)
    known = _known(database, folder, stamps)
    unread = [name for name, stamp in stamps.items() if known.get(name) != stamp]
    for batch in _batches(_read_files(folder, unread, stamps)):
        _store(database, folder, batch)
    if before != changed:
        _remember(database, _state_name(folder), f"{changed} {int(listed)}")
    watch(folder.path, changed)


def note_packed(database: Database, moves: Sequence[Move]) -> None:
    """Tell the index of documents that were packed as it knows them, so that none is read again.

    What it knows as another version, or not at all, the next sync reads.

    Raises:
        StoreError: The index cannot be used.
    """
    for kind in (RECORDS_KIND, RUNS_KIND):
        start = f"{_KINDS[kind.table]}/"
        rows = [
            (
                *_packed_stamp(one.size, one.crc),
                one.name[len(start) :].removesuffix(kind.suffix),
                one.stamp.size,
                one.stamp.mtime_ns,
            )
            for one in moves
            if one.name.startswith(start)
        ]
        for batch in _batches(rows):
            with database.transaction():
                database.run_many(
                    f"update {kind.table} set size = ?, mtime_ns = ?"
                    f" where tenant_id = '' and {kind.key} = ? and size = ? and mtime_ns = ?",
                    batch,
                )


def _packed_stamp(size: int, crc: int) -> Stamp:
    return Stamp(size, -1 - crc)


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


def _known(
    database: Database, folder: Folder, names: Collection[str] | None = None
) -> dict[str, Stamp]:
    """Return what the index knows, of all files or of some."""
    kind = folder.kind
    sql = f"select {kind.key}, size, mtime_ns from {kind.table}"
    if names is None:
        rows = iter(database.rows(sql))
    else:
        keys = [name.removesuffix(kind.suffix) for name in names]
        rows = database.rows_among(f"{sql} where tenant_id = ? and {kind.key} in ({{marks}})", keys)
    known = {key + kind.suffix: Stamp(size, mtime_ns) for key, size, mtime_ns in rows}
    start = f"{kind.table}/"
    for path, size, mtime_ns in database.rows("select path, size, mtime_ns from unusable"):
        if path.startswith(start):
            known[path[len(start) :]] = Stamp(size, mtime_ns)
    return known


def _members(
    folder: Folder, wanted: Collection[str] | None
) -> tuple[dict[str, _Member], list[tuple[str, EvidenceError]]]:
    """Return what is packed beside a folder by file name, and the archives that cannot be read.

    Args:
        folder: The folder.
        wanted: Names to look for; None for everything.
    """
    shelf = shelf_beside(folder.path)
    kind = _KINDS[folder.kind.table]
    if shelf is None:
        return {}, []
    found: dict[str, _Member] = {}
    if wanted is not None:
        for name in wanted:
            place = shelf.find(f"{kind}/{name}")
            if place is not None:
                found[name] = _Member(*place)
        return found, list(shelf.refusals)
    refusals = list(shelf.refusals)
    start = f"{kind}/"
    for archive in shelf.archives:
        try:
            for entry in archive.entries():
                if entry.name.startswith(start):
                    found[entry.name[len(start) :]] = _Member(archive, entry)
        except EvidenceError as error:
            refusals.append((archive.path, error))
    return found, refusals


def _read_files(
    folder: Folder, names: Iterable[str], files: Mapping[str, Stamp]
) -> Iterator[_Read]:
    for name in names:
        path = os.path.join(folder.path, name)
        content: bytes | EvidenceError
        try:
            content = read_bytes(path)
        except EvidenceError as error:
            content = error
        yield _Read(name, files[name], path, content)


def _read_members(members: Mapping[str, _Member]) -> Iterator[_Read]:
    """Yield packed documents, each archive in one go."""
    wanted: dict[str, tuple[Archive, list[tuple[str, _Member]]]] = {}
    for name, member in members.items():
        path = member.archive.path
        wanted.setdefault(path, (member.archive, []))[1].append((name, member))
    for archive, chosen in wanted.values():
        chosen.sort(key=lambda one: one[1].entry.offset)
        contents = archive.read_many(member.entry for _, member in chosen)
        try:
            for (name, member), (entry, content) in zip(chosen, contents, strict=True):
                yield _Read(name, member.stamp, archive.path_of(entry.name), content)
        except EvidenceError:
            continue  # it was replaced meanwhile: the next sync reads what is there then


def _store(database: Database, folder: Folder, batch: Sequence[_Read]) -> None:
    kind = folder.kind
    documents, refusals = [], []
    for one in batch:
        try:
            if isinstance(one.content, EvidenceError):
                raise one.content
            documents.append(Document(one.name, one.stamp, kind.verify(one.content, one.path)))
        except EvidenceError as error:
            refusals.append((one, error.message))
    with database.transaction():
        _clear_refusals(database, folder, [one.name for one in batch])
        # What was a document and is none any more is forgotten, not believed.
        _clear(database, folder, [one.name for one, _ in refusals])
        kind.store(database, documents)
        database.run_many(
            INTO_UNUSABLE,
            [
                (f"{kind.table}/{one.name}", one.stamp.size, one.stamp.mtime_ns, reason)
                for one, reason in refusals
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


def _trusted(database: Database, folder: Folder, now: float) -> tuple[int, float]:
    """Return the time of the folder at which the index knew all of it, and when it was listed;
    zeros where that is not known, or too long ago."""
    changed, _, listed = _told(database, _state_name(folder)).partition(" ")
    if not listed or not 0 <= now - float(listed) < TRUSTED_SECONDS:
        return 0, 0.0
    return int(changed), float(listed)


def _state_name(folder: Folder) -> str:
    return f"{folder.kind.table} {os.path.realpath(folder.path)}"


def _archives_name(folder: Folder) -> str:
    return f"{folder.kind.table}-archives {os.path.realpath(folder.path)}"


def _note_archives(
    database: Database,
    folder: Folder,
    archives: str,
    refusals: Sequence[tuple[str, EvidenceError]],
) -> None:
    """Keep which archives were read; those that cannot be are tried again, and named until then."""
    with database.transaction():
        database.run("delete from unusable where path like 'archive/%'")
        database.run_many(
            INTO_UNUSABLE,
            [(f"archive/{os.path.basename(path)}", 0, 0, one.message) for path, one in refusals],
        )
    _remember(database, _archives_name(folder), "" if refusals else archives)


def _told(database: Database, name: str) -> str:
    rows = database.rows("select value from state where name = ?", (name,))
    return str(rows[0][0]) if rows else ""


def _remember(database: Database, name: str, value: str) -> None:
    # Another folder that was synced before does not describe the tables any more.
    with database.transaction():
        database.run("delete from state where name like ?", (f"{name.partition(' ')[0]} %",))
        if value:
            database.run("insert into state (name, value) values (?, ?)", (name, value))


def _batches(documents: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    rest = iter(documents)
    while batch := list(islice(rest, size)):
        yield batch
