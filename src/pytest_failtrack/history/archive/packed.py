"""What is packed beside an evidence folder; every reader of evidence asks here after the files.

A document that lies outside wins over its packed copy: it was brought back out and changed. Where
there is no archive, each question costs one look for the folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen

if TYPE_CHECKING:
    from pytest_failtrack.history.archive.archives import Archive, Entry

FOLDER = "archive"
# A folder's time is trusted once it is older than the coarsest clock of a file system.
SETTLED_NS = 2_000_000_000
_ATTEMPTS = 20
# The error of an archive that was replaced, or moved out of the way, while it was read.
_MOVED = ("archive-missing", "archive-replaced")


@frozen
class Shelf:
    """The archives beside an evidence folder."""

    folder: str
    archives: tuple[Archive, ...]
    refusals: tuple[tuple[str, EvidenceError], ...]
    """Path and error of each that cannot be used."""
    settled_ns: int
    """When the folder changed last, 0 when a change in the same moment could follow."""

    def find(self, name: str) -> tuple[Archive, Entry] | None:
        """Return where a member lies, None when it is in no archive."""
        for archive in reversed(self.archives):
            entry = archive.find(name)
            if entry is not None:
                return archive, entry
        return None

    def names(self, kind: str) -> list[str]:
        """Return the file names of all documents of a kind, each once, sorted."""
        start = len(kind) + 1
        found = {name for archive in self.archives for name in archive.names(kind)}
        return sorted(name[start:] for name in found)

    def stamps(self, kind: str) -> dict[str, tuple[int, int]]:
        """Return size and, negative, checksum of all documents of a kind, by file name."""
        found = {}
        for archive in self.archives:
            for name in archive.names(kind):
                entry = archive.find(name)
                if entry is not None:
                    found[name[len(kind) + 1 :]] = (entry.size, -1 - entry.crc)
        return found

    def unusable(self) -> Iterator[tuple[str, EvidenceError]]:
        """Yield path and error of each archive that cannot be used, or is not as failtrack writes.

        Each is walked through to its end; what `refusals` names was seen when it was opened.
        """
        yield from self.refusals
        for archive in self.archives:
            try:
                for _ in archive.entries():
                    pass
            except EvidenceError as error:
                yield archive.path, error


_SHELVES: dict[str, Shelf] = {}


def archive_folder(evidence: str | os.PathLike[str]) -> str:
    """Return where the archives lie: beside the folder of records, or of runs, or of changes."""
    return os.path.join(os.path.dirname(os.path.abspath(evidence)), FOLDER)


def shelf_beside(evidence: str | os.PathLike[str]) -> Shelf | None:
    """Return the archives beside a folder of evidence, None when there is no such folder."""
    return shelf_in(archive_folder(evidence))


def shelf_in(folder: str) -> Shelf | None:
    """Return the archives in a folder, None when there is no such folder.

    Those that did not change are not read again in this process.
    """
    try:
        changed = os.stat(folder).st_mtime_ns
    except OSError:
        return None
    known = _SHELVES.get(folder)
    if known is not None and changed == known.settled_ns:
        return known
    shelf = _read_shelf(folder, known, changed)
    _SHELVES[folder] = shelf
    return shelf


def packed_bytes(evidence: str | os.PathLike[str], name: str) -> tuple[str, bytes] | None:
    """Return a packed document with the path that it has in messages, None when there is none.

    Args:
        evidence: Folder that it would lie in.
        name: `<kind>/<file name>`.

    Raises:
        EvidenceError: It is there and cannot be read.
    """
    for attempt in range(_ATTEMPTS):
        shelf = shelf_beside(evidence)
        found = shelf.find(name) if shelf is not None else None
        if found is None:
            return None
        archive, entry = found
        try:
            return archive.path_of(name), archive.read(entry)
        except EvidenceError as error:
            if error.slug not in _MOVED or attempt == _ATTEMPTS - 1:
                raise
            _SHELVES.pop(archive_folder(evidence), None)
    return None


def is_moving(evidence: str | os.PathLike[str]) -> bool:
    """Return whether the archives beside a folder changed a moment ago, so that they may again."""
    shelf = shelf_beside(evidence)
    return shelf is not None and not shelf.settled_ns


def packed_events(changes: str | os.PathLike[str], failure_id: str) -> bytes:
    """Return the packed lines of a record's own history, b`` when none are packed.

    Lines that were appended since lie in the file of that name; a line may stand in both.

    Args:
        changes: Folder of the changes.
        failure_id: Id of the record.

    Raises:
        EvidenceError: They are there and cannot be read.
    """
    found = packed_bytes(changes, f"changes/{failure_id}.jsonl")
    return b"" if found is None else found[1]


def joined(first: bytes, second: bytes) -> bytes:
    """Return the lines of both, those of the second after the first, each once."""
    if not first or not second:
        return first or second
    lines = dict.fromkeys(line for line in first.split(b"\n") if line)
    lines.update(dict.fromkeys(line for line in second.split(b"\n") if line))
    return b"".join(line + b"\n" for line in lines)


def member_of(path: str) -> tuple[str, str] | None:
    """Return archive and member that a path names (`.../evidence-2025.zip/runs/x.json`)."""
    rest, name = os.path.split(path)
    archive, kind = os.path.split(rest)
    if not archive.endswith(".zip"):
        return None
    return archive, f"{kind}/{name}"


def home_of(path: str) -> str:
    """Return the folder above `failures` and `runs` for a document, packed or not."""
    member = member_of(path)
    return os.path.dirname(os.path.dirname(member[0] if member else path))


def member_bytes_at(path: str) -> bytes | None:
    """Return what a path into an archive names, None for a path that does not lead into one.

    Raises:
        EvidenceError: It cannot be read.
    """
    named = member_of(path)
    if named is None:
        return None
    file, name = named
    # What was packed a moment ago may lie in the next part by now, or outside again.
    found = packed_bytes(os.path.join(os.path.dirname(os.path.dirname(file)), "-"), name)
    return None if found is None else found[1]


def archives_state(evidence: str | os.PathLike[str]) -> str:
    """Return names, sizes and times of the archives beside a folder, `` when there are none.

    As long as it stays the same nothing was packed or brought out; none of them is opened.
    """
    found = []
    try:
        for place, path in archive_files(archive_folder(evidence)):
            status = os.stat(path)
            found.append((place, f"{status.st_size}:{status.st_mtime_ns}"))
    except OSError:
        return ""
    return " ".join(f"{year}.{part}={told}" for (year, part), told in sorted(found))


def archive_files(folder: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield year, part and path of each archive in a folder.

    Raises:
        OSError: The folder cannot be listed.
    """
    from pytest_failtrack.history.archive.archives import place_of

    for name in os.listdir(folder):
        place = place_of(name)
        if place is not None:
            yield place, os.path.join(folder, name)


def _read_shelf(folder: str, known: Shelf | None, changed: int) -> Shelf:
    from pytest_failtrack.history.archive.archives import Archive, FileStamp
    from pytest_failtrack.history.files import refused

    is_settled = time.time_ns() - changed > SETTLED_NS
    before = {one.path: one for one in known.archives} if known is not None else {}
    archives: list[Archive] = []
    refusals: list[tuple[str, EvidenceError]] = []
    try:
        files = sorted(archive_files(folder))
    except OSError as error:
        return Shelf(folder, (), ((folder, refused("list", folder, error)),), 0)
    for _, path in files:
        try:
            same = before.get(path)
            if same is None or FileStamp.of(os.stat(path)) != same.stamp:
                same = Archive(path)
            archives.append(same)
        except FileNotFoundError:
            continue
        except OSError as error:
            refusals.append((path, refused("read", path, error)))
        except EvidenceError as error:
            if error.slug != "archive-missing":
                refusals.append((path, error))
    settled = changed if is_settled else 0
    return Shelf(folder, tuple(archives), tuple(refusals), settled)
