"""Moves evidence that has ended into archives and back out; nothing is ever deleted (S0-138).

An archive is written beside, read back whole and renamed before the files that are in it go; so
whoever is killed loses nothing, and the next packer finds the same documents in two places and
removes the files. A file that was changed meanwhile stays, and wins over what is packed.
"""

from __future__ import annotations

import heapq
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import IO, Any, NamedTuple

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.archives import (
    CHANGES,
    FAILURES,
    MEMBER_MAX_BYTES,
    MEMBERS_MAX,
    PART_MAX_BYTES,
    RUNS,
    SUFFIXES,
    Archive,
    Entry,
    FileStamp,
    deflated,
    file_name,
    is_member,
    member_bytes,
    place_of,
    write_members,
)
from pytest_failtrack.history.edit_lock import EDIT_LOCK, WAIT_SECONDS, held
from pytest_failtrack.history.evidence import file_names
from pytest_failtrack.history.files import (
    RENAME_PAUSES,
    is_temporary,
    read_bytes,
    refused,
    write_beside,
)
from pytest_failtrack.history.packed import Shelf, archive_folder, shelf_in
from pytest_failtrack.record.lifecycle import REOPENED_TAG
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_record, verify_run

PACK_LOCK = ".pack.lock"
# Files that are removed, or written, while others wait to change a record.
BATCH = 200

Progress = Callable[[int, int], None]


class Move(NamedTuple):
    """One document that went into an archive."""

    name: str
    """`<kind>/<file name>`."""
    stamp: FileStamp
    """The file, as it was packed."""
    size: int
    crc: int


@frozen
class Moved:
    """What was moved, in or out.

    Args:
        records: Number of records.
        runs: Number of run documents.
        changes: Number of records' own histories.
        archives: The archives that were written, or taken apart, by path.
        unpacked_bytes: Size of the documents as files.
        problems: What was left where it is although its time had come, one sentence each.
        moves: Every document that went in.
    """

    records: int = 0
    runs: int = 0
    changes: int = 0
    archives: tuple[str, ...] = ()
    unpacked_bytes: int = 0
    problems: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()


class _Item(NamedTuple):
    """A document that goes into an archive: its packed bytes wait in the spool."""

    entry: Entry
    path: str
    stamp: FileStamp
    year: int


def pack(
    evidence_dir: str | os.PathLike[str], *, before: datetime, progress: Progress | None = None
) -> Moved:
    """Move what ended before a moment into the archives of its years.

    Records go that are RESOLVED or PREVENTED, or OPEN and healed (C-10), with their changes; and
    run documents of that age whose records are all packed. Never a record that is waited for.

    Args:
        evidence_dir: Folder of the records; runs, changes and archives lie beside it.
        before: A record's last event, or a run's end, must be earlier; aware.
        progress: Is told how many documents were looked at, and of how many.

    Raises:
        EvidenceError: Another packer is at work, an archive cannot be used, or something cannot
            be read or written; everything is still there.
    """
    folder = archive_folder(evidence_dir)
    if not os.path.isdir(os.path.dirname(folder)):
        return Moved()
    with _alone_in(folder) as shelf, _Spool(folder) as spool:
        chosen = _Chosen(os.path.abspath(evidence_dir), shelf, spool, before)
        chosen.look(progress or _silent)
        problems = list(chosen.problems)
        written = []
        for path, old, items in _plan(folder, shelf, chosen.items):
            _write_part(path, old, items, spool)
            written.append(path)
            problems += _remove(folder, items)
        problems += _remove(folder, chosen.there)
        both = (*chosen.items, *chosen.there)
        moved = [one.entry for one in both]
        return Moved(
            records=_count(moved, FAILURES),
            runs=_count(moved, RUNS),
            changes=_count(moved, CHANGES),
            archives=tuple(written),
            unpacked_bytes=sum(one.size for one in moved),
            problems=tuple(problems),
            moves=tuple(
                Move(one.entry.name, one.stamp, one.entry.size, one.entry.crc) for one in both
            ),
        )


def unpack(
    evidence_dir: str | os.PathLike[str],
    *,
    year: int | None = None,
    progress: Progress | None = None,
) -> Moved:
    """Bring packed evidence back out as files, byte for byte; a file that is there stays.

    Args:
        evidence_dir: Folder of the records.
        year: Only the archives of this year.
        progress: Is told how many documents were brought out, and of how many.

    Raises:
        EvidenceError: As for `pack`; an archive goes when everything in it lies outside.
    """
    folder = archive_folder(evidence_dir)
    if not os.path.isdir(folder):
        return Moved()
    tell = progress or _silent
    with _alone_in(folder) as shelf:
        archives = [
            one
            for one in shelf.archives
            if year in (None, (place_of(os.path.basename(one.path)) or (None,))[0])
        ]
        total = sum(one.count for one in archives)
        done: list[Entry] = []
        for archive in archives:
            for entry in _bring_out(os.path.abspath(evidence_dir), folder, archive):
                done.append(entry)
                tell(len(done), total)
            _remove_archive(archive)
        return Moved(
            records=_count(done, FAILURES),
            runs=_count(done, RUNS),
            changes=_count(done, CHANGES),
            archives=tuple(one.path for one in archives),
            unpacked_bytes=sum(one.size for one in done),
        )


class _Chosen:
    """Finds what may go, and puts it into the spool."""

    def __init__(self, evidence_dir: str, shelf: Shelf, spool: _Spool, before: datetime) -> None:
        self.items: list[_Item] = []
        self.there: list[_Item] = []  # packed already, by somebody who was stopped
        self.problems: list[str] = []
        self._evidence_dir = evidence_dir
        home = os.path.dirname(evidence_dir)
        self._runs_dir = os.path.join(home, RUNS)
        self._changes_dir = os.path.join(home, CHANGES)
        self._shelf = shelf
        self._spool = spool
        self._before = before
        self._left: set[str] = set()
        self._going: set[str] = set()

    def look(self, progress: Progress) -> None:
        """Look at everything that lies outside."""
        records = file_names(self._evidence_dir)
        runs = file_names(self._runs_dir)
        changes = _names(self._changes_dir)
        total = len(records) + len(runs)
        for number, name in enumerate(records, 1):
            failure_id = name.removesuffix(SUFFIXES[FAILURES])
            is_going = self._take_record(failure_id, changes)
            (self._going if is_going else self._left).add(failure_id)
            progress(number, total)
        for name in sorted(changes):
            self._take_late_changes(name, changes)
        for number, name in enumerate(runs, len(records) + 1):
            self._take_run(name)
            progress(number, total)

    def _take_record(self, failure_id: str, changes: set[str]) -> bool:
        name, events_name = f"{failure_id}.json", f"{failure_id}.jsonl"
        if not is_member(f"{FAILURES}/{name}") or f".{events_name}.intent" in changes:
            return False  # an intent: somebody is about to change the record
        path = os.path.join(self._evidence_dir, name)
        try:
            content, stamp = _read(path)
            if not _may_have_ended(content):
                return False
            record = verify_record(content, path)
            events, events_stamp = b"", None
            if events_name in changes:
                events, events_stamp = _read(os.path.join(self._changes_dir, events_name))
            if not self._is_over(record, events):
                return False
            year = parse_time(record["timestamp"]).year
            if events_stamp is not None:
                self._add_changes(events_name, events, events_stamp, year)
            self._add(f"{FAILURES}/{name}", path, content, stamp, year)
        except EvidenceError as error:
            self.problems.append(error.message)
            return False
        except ValueError as error:
            self.problems.append(f"{path}: {error}")
            return False
        return True

    def _take_late_changes(self, name: str, changes: set[str]) -> None:
        """Take events that were appended to a record which is packed and stayed so."""
        failure_id = name.removesuffix(SUFFIXES[CHANGES])
        if not is_member(f"{CHANGES}/{name}") or failure_id in self._left | self._going:
            return
        found = self._shelf.find(f"{FAILURES}/{failure_id}.json")
        if found is None or f".{name}.intent" in changes:
            return
        try:
            events, stamp = _read(os.path.join(self._changes_dir, name))
            if all(one < self._before for one in _moments(events)):
                place = place_of(os.path.basename(found[0].path))
                assert place is not None
                self._add_changes(name, events, stamp, place[0])
        except EvidenceError as error:
            self.problems.append(error.message)

    def _take_run(self, name: str) -> None:
        if not is_member(f"{RUNS}/{name}"):
            return
        path = os.path.join(self._runs_dir, name)
        try:
            content, stamp = _read(path)
            run = verify_run(content, path)
            ended = parse_time(run["finished_at"] or run["started_at"])
            if ended < self._before and all(map(self._is_packed, run["records"])):
                year = parse_time(run["started_at"]).year
                self._add(f"{RUNS}/{name}", path, content, stamp, year)
        except EvidenceError as error:
            self.problems.append(error.message)
        except ValueError as error:
            self.problems.append(f"{path}: {error}")

    def _is_packed(self, failure_id: str) -> bool:
        if failure_id in self._left:
            return False
        member = f"{FAILURES}/{failure_id}.json"
        return failure_id in self._going or self._shelf.find(member) is not None

    def _is_over(self, record: Mapping[str, Any], events: bytes) -> bool:
        """Whether a record ended, and nothing happened to it since the moment."""
        resolution = record["resolution"]
        is_healed = record["status"] == "OPEN" and resolution.get("healed_at")
        if is_healed and REOPENED_TAG in record["metadata"]["tags"]:
            return False
        if not is_healed and record["status"] not in ("RESOLVED", "PREVENTED"):
            return False
        times = (
            record["timestamp"],
            resolution["resolution_timestamp"],
            resolution.get("healed_at"),
        )
        moments = [*(parse_time(one) for one in times if one), *_moments(events)]
        return max(moments) < self._before

    def _add_changes(self, name: str, events: bytes, stamp: FileStamp, year: int) -> None:
        member = f"{CHANGES}/{name}"
        found = self._shelf.find(member)
        packed = found[0].read(found[1]) if found is not None else b""
        content = joined(packed, events)
        path = os.path.join(self._changes_dir, name)
        self._add(member, path, content, stamp, year)

    def _add(self, member: str, path: str, content: bytes, stamp: FileStamp, year: int) -> None:
        if len(content) > MEMBER_MAX_BYTES:
            raise EvidenceError(f"{path} is larger than {MEMBER_MAX_BYTES:,} bytes and stays")
        found = self._shelf.find(member)
        if found is not None and found[0].read(found[1]) == content:
            self.there.append(_Item(found[1], path, stamp, year))
            return
        self.items.append(_Item(self._spool.add(member, content), path, stamp, year))


class _Spool:
    """Packed bytes that wait for their archive, in a file that goes when the packer ends."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, f".spool.{os.urandom(6).hex()}.tmp")

    def __enter__(self) -> _Spool:
        try:
            self._file = open(self._path, "x+b")
        except OSError as error:
            raise refused("write", self._path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        _unlink(self._path)

    def add(self, name: str, content: bytes) -> Entry:
        """Put a document in; return where it lies."""
        entry, packed = deflated(name, content)
        try:
            offset = self._file.seek(0, os.SEEK_END)
            self._file.write(packed)
        except OSError as error:
            raise refused("write", self._path, error) from error
        return entry._replace(offset=offset)

    def packed(self, entry: Entry) -> bytes:
        """Return the packed bytes of a document."""
        self._file.seek(entry.offset)
        return self._file.read(entry.packed_size)


def joined(first: bytes, second: bytes) -> bytes:
    """Return the lines of both, those of the second after the first, each once."""
    if not first or not second:
        return first or second
    lines = dict.fromkeys(line for line in first.split(b"\n") if line)
    lines.update(dict.fromkeys(line for line in second.split(b"\n") if line))
    return b"".join(line + b"\n" for line in lines)


@contextmanager
def _alone_in(folder: str) -> Iterator[Shelf]:
    """Hold the archive folder, made when it is not there; leave none that is empty."""
    try:
        os.makedirs(folder, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise refused("write", folder, error) from error
    try:
        with held(folder, PACK_LOCK, 0.0) as is_held:
            if not is_held:
                raise _is_locked(folder)
            for name in os.listdir(folder):
                if is_temporary(name):  # of packers that were killed
                    _unlink(os.path.join(folder, name))
            yield _usable(folder)
    finally:
        try:
            os.rmdir(folder)
        except OSError:
            pass


def _is_locked(folder: str) -> EvidenceError:
    path = os.path.join(folder, PACK_LOCK)
    if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK):
        why = f"{path} belongs to somebody else; remove it when nobody packs"
    else:
        why = (
            f"another `failtrack history pack` or `unpack` is at work in {folder}; wait until it "
            "has ended"
        )
    return EvidenceError(why, slug="archive-locked")


def _usable(folder: str) -> Shelf:
    shelf = shelf_in(folder)
    assert shelf is not None
    for _, error in shelf.unusable():
        raise error
    return shelf


def _plan(
    folder: str, shelf: Shelf, items: Sequence[_Item]
) -> Iterator[tuple[str, Archive | None, list[_Item]]]:
    """Yield each archive that is to be written, what it is made from, and what is new in it."""
    parts: dict[str, list[_Item]] = {}
    new: dict[int, list[_Item]] = {}
    for item in items:
        found = shelf.find(item.entry.name)
        if found is not None:
            parts.setdefault(found[0].path, []).append(item)
        else:
            new.setdefault(item.year, []).append(item)
    archives = {one.path: one for one in shelf.archives}
    for year, wanted in new.items():
        part = max([1, *(place[1] for place in _places(shelf) if place[0] == year)])
        path = os.path.join(folder, file_name(year, part))
        room, count = _room(archives.get(path))
        for item in sorted(wanted, key=lambda one: one.entry.name):
            size = member_bytes(item.entry)
            if count >= MEMBERS_MAX or (size > room and count):
                part += 1
                path = os.path.join(folder, file_name(year, part))
                room, count = _room(None)
            room -= size
            count += 1
            parts.setdefault(path, []).append(item)
    for path, wanted in sorted(parts.items()):
        yield path, archives.get(path), sorted(wanted, key=lambda one: one.entry.name)


def _places(shelf: Shelf) -> Iterator[tuple[int, int]]:
    for one in shelf.archives:
        place = place_of(os.path.basename(one.path))
        if place is not None:
            yield place


def _room(archive: Archive | None) -> tuple[int, int]:
    """Return how many bytes more a part takes, and how many members it has."""
    if archive is None:
        return PART_MAX_BYTES, 0
    return PART_MAX_BYTES - archive.stamp.size, archive.count


def _write_part(path: str, old: Archive | None, items: Sequence[_Item], spool: _Spool) -> None:
    """Write an archive beside, read it back whole, and put it in the place of the old one."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.urandom(6).hex()}.tmp")
    try:
        with open(temporary, "xb") as file:
            if old is None:
                written = write_members(file, _spooled(items, spool))
            else:
                with open(old.path, "rb") as source:
                    written = write_members(file, _merged(old, source, items, spool))
            file.flush()
            os.fsync(file.fileno())
        _read_back(temporary, path, written)
        _rename(temporary, path)
        _flush_folder(folder)
    except OSError as error:
        raise refused("write", path, error) from error
    finally:
        _unlink(temporary)


def _spooled(items: Iterable[_Item], spool: _Spool) -> Iterator[tuple[Entry, bytes]]:
    for item in items:
        yield item.entry, spool.packed(item.entry)


def _merged(
    old: Archive, source: IO[bytes], items: Sequence[_Item], spool: _Spool
) -> Iterator[tuple[Entry, bytes]]:
    replaced = {one.entry.name for one in items}
    kept = (one for one in old.entries() if one.name not in replaced)
    before = ((one, old.copied(one, source)) for one in kept)
    yield from heapq.merge(before, _spooled(items, spool), key=lambda one: one[0].name)


def _read_back(temporary: str, path: str, written: Sequence[Entry]) -> None:
    archive = Archive(temporary)
    if list(archive.entries()) != list(written):
        raise EvidenceError(f"{path} was not written as it should be; nothing was removed")
    for _, content in archive.read_many(written):
        if isinstance(content, EvidenceError):
            raise content


def _remove(folder: str, items: Sequence[_Item]) -> list[str]:
    """Remove files that are packed; return why some stay. One that was changed stays and wins."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        with held(folder, EDIT_LOCK, WAIT_SECONDS) as is_held:
            if not is_held:
                return [
                    f"{folder} is held by another process: files that are packed were left where "
                    "they are too; pack again later"
                ]
            for item in batch:
                try:
                    _remove_file(item)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    return [
                        f"{refused('remove', item.path, error).message}; it is packed, and what "
                        "lies outside is read"
                    ]
    return []


def _remove_file(item: _Item) -> None:
    if item.entry.name.startswith(CHANGES):
        with _locked_changes(item.path) as descriptor:
            if descriptor is not None and FileStamp.of(os.fstat(descriptor)) == item.stamp:
                os.unlink(item.path)
    elif FileStamp.of(os.stat(item.path, follow_symlinks=False)) == item.stamp:
        os.unlink(item.path)


@contextmanager
def _locked_changes(path: str) -> Iterator[int | None]:
    """Hold the changes of a record as those who append to them do; None when they are held."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        yield descriptor if _try_lock(descriptor) else None
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows removes no file that is open elsewhere
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _bring_out(evidence_dir: str, folder: str, archive: Archive) -> Iterator[Entry]:
    """Write each member as a file, unless it lies outside; yield what is outside now."""
    home = os.path.dirname(evidence_dir)
    places = {FAILURES: evidence_dir, RUNS: os.path.join(home, RUNS)}
    members = archive.read_many(archive.entries())
    while batch := list(islice(members, BATCH)):
        with held(folder, EDIT_LOCK, WAIT_SECONDS) as is_held:
            if not is_held:
                raise EvidenceError(
                    f"{folder} is held by another process; unpack again later",
                    slug="archive-locked",
                )
            for entry, content in batch:
                if isinstance(content, EvidenceError):
                    raise content
                kind, _, name = entry.name.partition("/")
                if kind == CHANGES:
                    _write_changes(os.path.join(home, CHANGES), name, content)
                elif not os.path.lexists(os.path.join(places[kind], name)):
                    write_beside(places[kind], name, content)
                    if read_bytes(os.path.join(places[kind], name)) != content:
                        raise EvidenceError(f"{name} was not written as it should be")
        for entry, _ in batch:
            yield entry


def _write_changes(folder: str, name: str, content: bytes) -> None:
    """Append the packed events to those that lie outside; readers sort them by time."""
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder, exist_ok=True)
        descriptor = _open_locked(path)
        try:
            outside = read_bytes(path)
            known = set(outside.split(b"\n"))
            missing = [line for line in content.split(b"\n") if line and line not in known]
            if not outside:
                _append(descriptor, content)
            elif missing:
                start = b"" if outside.endswith(b"\n") else b"\n"
                _append(descriptor, start + b"".join(line + b"\n" for line in missing))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refused("write", path, error) from error


def _open_locked(path: str) -> int:
    """Open the changes of a record to append to them, alone."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    until = time.monotonic() + WAIT_SECONDS
    while True:
        descriptor = os.open(path, flags, 0o666)
        is_locked = _try_lock(descriptor)
        try:
            # Whoever held it before may have removed it, being empty.
            if is_locked and os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)
        if time.monotonic() > until:
            raise TimeoutError(f"another process has held it for {WAIT_SECONDS:g} seconds")
        time.sleep(0.01)


def _append(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _remove_archive(archive: Archive) -> None:
    try:
        if hasattr(os, "sync"):
            os.sync()  # what was brought out outlives a power cut before the archive goes
        if FileStamp.of(os.stat(archive.path)) == archive.stamp:
            os.unlink(archive.path)
    except OSError as error:
        raise refused("remove", archive.path, error) from error


def _may_have_ended(content: bytes) -> bool:
    """Whether it is worth to check a record: it does not say that it is being worked on."""
    try:
        record = json.loads(content)
        healed = record["resolution"].get("healed_at")
        return record["status"] in ("RESOLVED", "PREVENTED") or bool(healed)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return True  # the check says what is wrong with it


def _moments(events: bytes) -> Iterator[datetime]:
    for line in events.split(b"\n"):
        try:
            yield parse_time(json.loads(line)["at"])
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            continue


def _read(path: str) -> tuple[bytes, FileStamp]:
    try:
        with open(path, "rb", buffering=0) as file:
            stamp = FileStamp.of(os.fstat(file.fileno()))
            return file.read(), stamp
    except OSError as error:
        raise refused("read", path, error) from error


def _names(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        raise refused("list", folder, error) from error


def _count(entries: Iterable[Entry], kind: str) -> int:
    return sum(one.name.startswith(f"{kind}/") for one in entries)


def _rename(temporary: str, path: str) -> None:
    for pause in RENAME_PAUSES:
        try:
            return os.replace(temporary, path)
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(pause)  # somebody reads the old one
    return os.replace(temporary, path)


def _flush_folder(folder: str) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _silent(done: int, total: int) -> None:
    """Say nothing."""
