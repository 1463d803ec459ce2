"""The members of an archive, and of archives in it, one at a time; nothing is unpacked to disk.

`files.py` asks. What an archive is, its content says; what may come out of one is bounded.
"""

from __future__ import annotations

import calendar
import gzip
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, TypeAlias

from pytest_failtrack.errors import InputError
from pytest_failtrack.observe.named_file import (
    File,
    Progress,
    Taker,
    called,
    may_be_report,
    stream_of,
)
from pytest_failtrack.observe.reading import REPORT_MAX_BYTES

MEMBERS_MAX = 250_000
UNPACKED_MAX_BYTES = 4 * 1024 * 1024 * 1024
NESTED_MAX = 2
"""How deep archives lie in archives that are opened; they share the bounds of the outermost."""

# The archive of a run's logs on GitHub holds each job whole, and again in a folder, step by step.
_JOB_LOG = re.compile(r"-?\d{1,4}_(?P<job>[^/]+)\.txt")

Members: TypeAlias = Iterator[tuple[str, bytes, float]]
"""Name, content and time of each member that is looked at."""


def members_of(
    file: File, taker: Taker, unread: dict[str, InputError], progress: Progress
) -> Iterator[File]:
    """Yield a file, or the members of an archive.

    Raises:
        InputError: The archive is broken, locked or too large.
    """
    if taker.wants(file.name):  # known by its name: no need to look whether it is an archive
        return iter((file,))
    return _opened(file, taker, unread, _Room(progress))


class _Room:
    """What may still come out of one archive, with those in it."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.members = MEMBERS_MAX
        self.size = UNPACKED_MAX_BYTES

    def take(self, size: int, name: str) -> None:
        self.members -= 1
        self.size -= size
        if self.members < 0 or self.size < 0:
            raise _too_large(name)


def _opened(
    file: File, taker: Taker, unread: dict[str, InputError], room: _Room, depth: int = 0
) -> Iterator[File]:
    try:
        stream = stream_of(file.what)
    except OSError:
        yield file  # its reader says why
        return
    with stream:
        for member, content, mtime in _members_named(file, stream, taker, room.progress):
            if content is None:
                yield file
                return
            room.take(len(content), file.name)
            job = _JOB_LOG.fullmatch(member)
            # Compressed by itself, a file is still the one that was named.
            name = f"{file.name}!{member}" if member else file.name
            is_named = file.is_named and not member
            inner = File(name, content, is_named, job["job"] if job else "", mtime)
            if depth < NESTED_MAX and not taker.wants(name):
                yield from _nested(inner, taker, unread, room, depth + 1)
            else:
                yield inner


def _nested(
    file: File, taker: Taker, unread: dict[str, InputError], room: _Room, depth: int
) -> Iterator[File]:
    """Yield what an archive in an archive holds; a broken one does not hide what follows it."""
    try:
        yield from _opened(file, taker, unread, room, depth)
    except InputError as error:
        if error.slug == "archive-size":
            raise
        unread[file.name] = error


def _members_named(
    file: File, stream: IO[bytes], taker: Taker, progress: Progress
) -> Iterator[tuple[str, bytes | None, float]]:
    """Yield members, one without content for a file that is no archive.

    Raises:
        InputError: The archive is broken or locked.
    """
    try:
        members = _members_in(stream, file.name, taker, progress)
        if members is None:
            yield "", None, 0.0
            return
        yield from members
    except InputError:
        raise
    except RuntimeError as error:  # zipfile says so of a password
        raise InputError(
            f"{called(file.name)}: {error}; unpack it and hand in its files", slug="archive"
        ) from None
    except Exception as error:  # the parsers of archives raise anything on damaged ones
        raise InputError(
            f"{called(file.name)}: the archive cannot be read ({error}); fetch it again",
            slug="archive",
        ) from None


def _too_large(name: str) -> InputError:
    return InputError(
        f"{called(name)}: an archive of more than {MEMBERS_MAX:,} files or "
        f"{UNPACKED_MAX_BYTES:,} bytes; hand in the reports in it alone",
        slug="archive-size",
    )


def _members_in(stream: IO[bytes], name: str, taker: Taker, progress: Progress) -> Members | None:
    """Return the members of an archive, None for a file that is none; told by content."""
    head = stream.read(262)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(stream, taker, progress)
    if not head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zX")) and head[257:] != b"ustar":
        return None
    return _tarred_or_compressed(stream, head, name, taker, progress)


def _tarred_or_compressed(
    stream: IO[bytes], head: bytes, name: str, taker: Taker, progress: Progress
) -> Members | None:
    try:
        return _tarred(tarfile.open(fileobj=stream, mode="r:*"), name, taker, progress)
    except tarfile.ReadError:
        stream.seek(0)
        return _compressed(stream) if head.startswith(b"\x1f\x8b") else None


def _zipped(stream: IO[bytes], taker: Taker, progress: Progress) -> Members:
    with zipfile.ZipFile(stream) as archive:
        found = {one.filename: one for one in archive.infolist() if not one.is_dir()}
        names = _worth(found, taker)
        progress.expect(len(names) - 1)  # in place of the archive itself
        for name in sorted(names, key=lambda one: (not taker.is_first(one), one)):
            with archive.open(found[name]) as member:
                yield name, member.read(REPORT_MAX_BYTES + 1), _time_of(found[name].date_time)


def _tarred(archive: tarfile.TarFile, called: str, taker: Taker, progress: Progress) -> Members:
    with archive:
        found, size = {}, 0
        for number, one in enumerate(archive):
            size += one.size
            if number >= MEMBERS_MAX or size > UNPACKED_MAX_BYTES:
                raise _too_large(called)  # before it is unpacked
            if one.isfile():
                if taker.is_first(one.name):
                    progress.expect(1)
                    yield from _read(archive, one)
                else:
                    found[one.name] = one
        # In the order in which they lie there: whoever goes back unpacks all from the beginning.
        names = _worth(found, taker)
        progress.expect(len(names) - 1)
        for name in sorted(names, key=lambda one: found[one].offset_data):
            yield from _read(archive, found[name])


def _read(archive: tarfile.TarFile, one: tarfile.TarInfo) -> Members:
    member = archive.extractfile(one)
    if member is not None:
        yield one.name, member.read(REPORT_MAX_BYTES + 1), float(one.mtime)


def _compressed(stream: IO[bytes]) -> Members:
    """Yield the one file that is compressed without an archive."""
    with gzip.open(stream) as member:
        yield "", member.read(REPORT_MAX_BYTES + 1), 0.0


def _time_of(written: tuple[int, ...]) -> float:
    try:
        return float(calendar.timegm((*written, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0


def _worth(names: Iterable[str], taker: Taker) -> list[str]:
    """Return the members that may be reports or logs, or are for the taker."""
    found = sorted(one for one in names if may_be_report(one, ".txt") or taker.wants(one))
    if any(_JOB_LOG.fullmatch(one) for one in found):
        return [one for one in found if "/" not in one or taker.wants(one)]
    return found
