"""The format of the archives: a zip file a year of ended evidence, found in without unpacking.

    governance/events/archive/evidence-<year>.zip       then evidence-<year>.2.zip, .3.zip, ...

Any zip program reads them. Members are `failures/<id>.json`, `runs/<name>.json`,
`changes/<id>.jsonl` and `matches/<id>.json`, sorted by name and without times, so that one is found
by halving and the same documents make the same bytes. Whatever else a file of this name holds is
refused: an archive is written by `failtrack history pack` alone.
"""

from __future__ import annotations

import os
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import IO, NamedTuple

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.files import check_is_file, refused
from pytest_failtrack.lazily import lazily

FOLDER = "archive"
CHANGES, FAILURES, MATCHES, RUNS = "changes", "failures", "matches", "runs"
SUFFIXES = {CHANGES: ".jsonl", FAILURES: ".json", MATCHES: ".json", RUNS: ".json"}

PART_MAX_BYTES = 45_000_000
"""Where an archive would grow beyond this, the next part begins: code hosts refuse large files."""
MEMBERS_MAX = 60_000
"""More members need another kind of zip file, which not every program reads."""
MEMBER_MAX_BYTES = 128_000_000
"""A larger document is neither packed nor unpacked."""

# The comment of the file ends with the checksum of its table of contents, 8 hex digits.
_MARK = b"failtrack evidence archive 1 "
_MARK_BYTES = len(_MARK) + 8
_LEVEL = 6
_CHUNK = 1 << 20

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCAL_SIGNATURE, _CENTRAL_SIGNATURE, _END_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION = 20
_MADE_BY = 3 << 8 | _VERSION  # Unix, so that the mode below is understood
_MODE = 0o100644 << 16
_DEFLATED = 8
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01, the first day that zip knows

# A line of the table of contents before the name; names of records are equally long.
_LINE = 46
_RECORD_NAME = len("failures/.json") + 36
_RECORD_LINE = _LINE + _RECORD_NAME
_RECORD_START, _BEHIND_RECORDS = b"failures/", b"failures0"
_STARTS = tuple(f"{kind}/".encode() for kind in SUFFIXES)

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_RUN = "[A-Za-z0-9_-]{1,160}[.][0-9a-f]{8}"
_NAMES = {
    CHANGES: f"changes/{_UUID}[.]jsonl",
    FAILURES: f"failures/{_UUID}[.]json",
    MATCHES: f"matches/{_UUID}[.]json",
    RUNS: f"runs/{_RUN}[.]json",
}
_MEMBER = lazily("|".join(_NAMES.values()))
_LISTED = {kind: lazily(pattern.encode()) for kind, pattern in _NAMES.items()}
_FILE = lazily(r"evidence-([0-9]{4})(?:[.]([1-9][0-9]{0,3}))?[.]zip")


class Entry(NamedTuple):
    """One member; a tuple, for there are 60,000 in a file."""

    name: str
    """`<kind>/<file name>`."""
    size: int
    crc: int
    packed_size: int
    offset: int
    """Where its own header lies in the file."""


class FileStamp(NamedTuple):
    """A file as it was when it was read."""

    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        """Return the stamp of what `stat` says."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


class Archive:
    """One archive; its table of contents is in memory, its members are not.

    Args:
        path: The file.

    Raises:
        EvidenceError: It is missing, cannot be read, or is no archive of ours.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            check_is_file(path)
            with open(path, "rb") as file:
                self.stamp = FileStamp.of(os.fstat(file.fileno()))
                self.count, self._end, self._directory = _directory_of(file, path, self.stamp.size)
        except FileNotFoundError:
            raise EvidenceError(f"{path} is missing", slug="archive-missing") from None
        except OSError as error:
            raise refused("read", path, error) from error

    @property
    def data_bytes(self) -> int:
        """Bytes of all members with their headers."""
        return self._end

    def find(self, name: str) -> Entry | None:
        """Return a member by its name, None when it is not there."""
        wanted = name.encode("utf-8", "replace")
        if wanted.startswith(_RECORD_START) and len(wanted) == _RECORD_NAME:
            at = self._record(wanted)
        else:
            at = self._first_from(wanted)
        found, end = self._name_at(at)
        return self._entry(at, end) if wanted and found == wanted else None

    def _record(self, wanted: bytes) -> int:
        """Return where the line of a record would be: those of all records are equally long."""
        directory, first = self._directory, self._records[0] + _LINE
        number = bisect_left(
            range(self._records[1]),
            wanted,
            key=lambda one: directory[
                first + one * _RECORD_LINE : first + one * _RECORD_LINE + _RECORD_NAME
            ],
        )
        return self._records[0] + number * _RECORD_LINE

    @cached_property
    def _records(self) -> tuple[int, int]:
        """Where the lines of the records begin, and how many there are."""
        start, end = self._first_from(_RECORD_START), self._first_from(_BEHIND_RECORDS)
        return start, (end - start) // _RECORD_LINE

    def _first_from(self, wanted: bytes) -> int:
        """Return where the first line begins whose name is not less, or the end of all."""
        low, high = 0, len(self._directory)
        first = high
        while low < high:
            middle = (low + high) // 2
            at = self._header_from(middle, high)
            if at < 0:
                high = middle
                continue
            found, end = self._name_at(at)
            if found < wanted:
                low = end
            else:
                first, high = at, middle
        return first

    def entries(self) -> Iterator[Entry]:
        """Yield all members, by name.

        Raises:
            EvidenceError: The table of contents is not as it was written; the sentence says what
                is wrong with which member.
        """
        directory, at, before, end_of_data = self._directory, 0, "", 0
        for _ in range(self.count):
            if directory[at : at + 4] != _CENTRAL_SIGNATURE or at + 46 > len(directory):
                raise self._damaged("its table of contents is cut off")
            end = at + 46 + int.from_bytes(directory[at + 28 : at + 30], "little")
            entry = self._entry(at, end)
            self._check(entry, before, end_of_data)
            before, at = entry.name, end
            end_of_data = entry.offset + 30 + len(entry.name) + entry.packed_size
            yield entry
        if at != len(directory) or end_of_data != self._end:
            raise self._damaged("it holds more than its table of contents says")

    def names(self, kind: str) -> list[str]:
        """Return the names of all members of a kind, which nobody has checked further."""
        found = _LISTED[kind].findall(self._directory)
        return [name.decode("ascii") for name in found]

    def read(self, entry: Entry) -> bytes:
        """Return the content of a member.

        Raises:
            EvidenceError: The file is gone, is another one by now (slug `archive-replaced`), or
                the member is damaged.
        """
        for _, content in self.read_many([entry]):
            if isinstance(content, EvidenceError):
                raise content
            return content
        raise AssertionError("one entry, one content")

    def read_many(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes | EvidenceError]]:
        """Yield members with their content, or with the error in its place.

        Raises:
            EvidenceError: The file is gone, or is another one by now.
        """
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115 - closed below
        except FileNotFoundError:
            raise EvidenceError(f"{self.path} is missing", slug="archive-missing") from None
        except OSError as error:
            raise refused("read", self.path, error) from error
        with file:
            if FileStamp.of(os.fstat(file.fileno())) != self.stamp:
                raise EvidenceError(f"{self.path} was replaced", slug="archive-replaced")
            for entry in entries:
                try:
                    yield entry, self._content(file, entry)
                except EvidenceError as error:
                    yield entry, error
                except OSError as error:
                    yield entry, refused("read", self.path, error)

    def path_of(self, name: str) -> str:
        """Return how a member is called in messages: as if the archive were a folder."""
        return os.path.join(self.path, *name.split("/"))

    def copied(self, entry: Entry, file: IO[bytes]) -> bytes:
        """Return the packed bytes of a member, for another archive."""
        head = _local_header(entry)
        file.seek(entry.offset)
        whole = file.read(len(head) + entry.packed_size)
        if not whole.startswith(head):
            raise self._damaged(f"{entry.name} is not where its table of contents says")
        if len(whole) < len(head) + entry.packed_size:
            raise self._damaged(f"{entry.name} is cut off")
        return whole[len(head) :]

    def _content(self, file: IO[bytes], entry: Entry) -> bytes:
        if entry.size > MEMBER_MAX_BYTES:
            raise self._damaged(f"{entry.name} would be larger than {MEMBER_MAX_BYTES:,} bytes")
        inflating = zlib.decompressobj(-15)
        try:
            content = inflating.decompress(self.copied(entry, file), entry.size + 1)
        except zlib.error:
            raise self._damaged(f"{entry.name} cannot be unpacked") from None
        is_whole = inflating.eof and not inflating.unused_data and len(content) == entry.size
        if not is_whole or zlib.crc32(content) != entry.crc:
            raise self._damaged(f"{entry.name} is not what was packed")
        return content

    def _header_from(self, start: int, high: int) -> int:
        """Return where the first header at or after a place begins, -1 when none does."""
        directory = self._directory
        at = directory.find(_CENTRAL_SIGNATURE, start)
        while 0 <= at < high:
            # Any four bytes may lie in the numbers of a header; a header is followed by the next.
            end = at + 46 + int.from_bytes(directory[at + 28 : at + 30], "little")
            follows = end == len(directory) or directory.startswith(_CENTRAL_SIGNATURE, end)
            if follows and directory.startswith(_STARTS, at + 46):
                return at
            at = directory.find(_CENTRAL_SIGNATURE, at + 1)
        return -1

    def _name_at(self, at: int) -> tuple[bytes, int]:
        end = at + 46 + int.from_bytes(self._directory[at + 28 : at + 30], "little")
        return self._directory[at + 46 : end], end

    def _entry(self, at: int, end: int) -> Entry:
        values = _CENTRAL.unpack_from(self._directory, at)
        _, made, version, flags, method, time, date, crc, packed, size, length = values[:11]
        name = self._directory[at + 46 : end]
        rest = values[11:16]
        told = (made, version, flags, method, time, date, rest)
        if told != (_MADE_BY, _VERSION, 0, _DEFLATED, _TIME, _DATE, (0, 0, 0, 0, _MODE)):
            raise self._damaged(f"{name[:80]!a} was not put into it by failtrack")
        if length != len(name) or not name.isascii():
            raise self._damaged(f"{name[:80]!a} is no name of evidence")
        return Entry(name.decode("ascii"), size, crc, packed, values[16])

    def _check(self, entry: Entry, before: str, end_of_data: int) -> None:
        if not is_member(entry.name):
            raise self._damaged(f"{entry.name[:80]!a} is no name of evidence")
        if entry.name == before:
            raise self._damaged(f"{entry.name} is in it twice")
        if entry.name < before:
            raise self._damaged(f"{entry.name} is out of its order")
        if entry.size > MEMBER_MAX_BYTES:
            raise self._damaged(f"{entry.name} would be larger than {MEMBER_MAX_BYTES:,} bytes")
        if entry.offset != end_of_data:
            raise self._damaged(f"{entry.name} is not where it was put")

    def _damaged(self, what: str) -> EvidenceError:
        return EvidenceError(
            f"{self.path}: {what}; restore the archive from git or from a copy",
            slug="archive-damaged",
        )


def deflated(name: str, content: bytes) -> tuple[Entry, bytes]:
    """Return a member, at no place yet, and its packed bytes."""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    packed = packing.compress(content) + packing.flush()
    return Entry(name, len(content), zlib.crc32(content), len(packed), 0), packed


def member_bytes(entry: Entry) -> int:
    """Return how many bytes a member takes in an archive, its line in the table included."""
    return 30 + 46 + 2 * len(entry.name) + entry.packed_size


def write_members(file: IO[bytes], members: Iterable[tuple[Entry, bytes]]) -> list[Entry]:
    """Write an archive.

    Args:
        file: Where to, empty.
        members: Entry and packed bytes, by name.

    Returns:
        The members, where they lie now.
    """
    written: list[Entry] = []
    at = 0
    for entry, packed in members:
        placed = entry._replace(offset=at)
        head = _local_header(placed)
        file.write(head)
        file.write(packed)
        at += len(head) + len(packed)
        written.append(placed)
    crc = size = 0
    for entry in written:
        line = _central_header(entry)
        file.write(line)
        size += len(line)
        crc = zlib.crc32(line, crc)
    count = len(written)
    file.write(_END.pack(_END_SIGNATURE, 0, 0, count, count, size, at, _MARK_BYTES))
    file.write(_MARK + b"%08x" % crc)
    return written


def is_member(name: str) -> bool:
    """Return whether a document of this name, `<kind>/<file name>`, can be in an archive."""
    return _MEMBER.fullmatch(name) is not None


def file_name(year: int, part: int = 1) -> str:
    """Return the name of an archive."""
    return f"evidence-{year:04d}.zip" if part == 1 else f"evidence-{year:04d}.{part}.zip"


def place_of(name: str) -> tuple[int, int] | None:
    """Return year and part of a file name, None when it is none of an archive."""
    found = _FILE.fullmatch(name)
    if found is None or found[2] == "1":
        return None
    return int(found[1]), int(found[2] or 1)


def _directory_of(file: IO[bytes], path: str, size: int) -> tuple[int, int, bytes]:
    """Return number of members, end of the data, and the table of contents."""
    tail_bytes = _END.size + _MARK_BYTES
    if size < tail_bytes:
        raise _no_archive(path)
    file.seek(size - tail_bytes)
    tail = file.read(tail_bytes)
    sign, disk, first, here, count, length, start, comment = _END.unpack_from(tail)
    told = (sign, disk, first, here, comment, start + length)
    if told != (_END_SIGNATURE, 0, 0, count, _MARK_BYTES, size - tail_bytes):
        raise _no_archive(path)
    file.seek(start)
    directory = file.read(length)
    if tail[_END.size :] != _MARK + b"%08x" % zlib.crc32(directory):
        raise _no_archive(path)
    return count, start, directory


def _no_archive(path: str) -> EvidenceError:
    return EvidenceError(
        f"{path} is no whole archive of failtrack: it was cut off, or written by another program; "
        "restore it from git or from a copy",
        slug="archive-damaged",
    )


def _local_header(entry: Entry) -> bytes:
    name = entry.name.encode("ascii")
    return (
        _LOCAL.pack(
            *(_LOCAL_SIGNATURE, _VERSION, 0, _DEFLATED, _TIME, _DATE),
            *(entry.crc, entry.packed_size, entry.size, len(name), 0),
        )
        + name
    )


def _central_header(entry: Entry) -> bytes:
    name = entry.name.encode("ascii")
    return (
        _CENTRAL.pack(
            *(_CENTRAL_SIGNATURE, _MADE_BY, _VERSION, 0, _DEFLATED, _TIME, _DATE),
            *(entry.crc, entry.packed_size, entry.size, len(name)),
            *(0, 0, 0, 0, _MODE, entry.offset),
        )
        + name
    )
