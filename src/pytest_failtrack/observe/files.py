"""What a command line names, file by file: folders and archives are opened, nothing is unpacked.

Artifacts of CI come as archives and folders in which reports lie among other things. What was
named must be readable; what merely lies beside it is left alone when it is no report.
"""

from __future__ import annotations

import calendar
import gzip
import hashlib
import io
import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Protocol, TypeAlias

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import REPORT_MAX_BYTES, Wanted, read

MEMBERS_MAX = 250_000
UNPACKED_MAX_BYTES = 4 * 1024 * 1024 * 1024
NESTED_MAX = 2
"""How deep archives lie in archives that are opened; they share the bounds of the outermost."""
STDIN = "-"
ENDINGS = (".xml", ".json", ".jsonl", ".ndjson", ".sarif", ".log", ".zip", ".tar", ".tgz")
"""Endings of what is opened in a folder; in an archive logs are called `.txt` as well."""
COMPRESSED = (".gz", ".bz2", ".xz")
"""Endings behind those."""

# What lies beside reports and is none: said only of a file that was named.
_NO_REPORT = frozenset({"unknown-kind", "binary", "empty", "not-junit", "archive", "shape"})
# The archive of a run's logs on GitHub holds each job whole, and again in a folder, step by step.
_JOB_LOG = re.compile(r"-?\d{1,4}_(?P<job>[^/]+)\.txt")

Members: TypeAlias = Iterator[tuple[str, bytes, float]]
"""Name, content and time of each member that is looked at."""


@frozen
class File:
    """One file that was found.

    Args:
        name: As it is called in messages; a member of an archive as `ARCHIVE!MEMBER`.
        what: Its path, or its content.
        is_named: Somebody named it, so that it must be a report or a log.
        job: Job whose log it is, where its name says so, else ``.
        mtime: When it was written, seconds since 1970; 0 where nobody knows.
    """

    name: str
    what: str | bytes
    is_named: bool
    job: str = ""
    mtime: float = 0.0


class Taker(Protocol):
    """Takes what is no report out of what was named, before it is read as one."""

    def wants(self, name: str) -> bool:
        """Return whether a file or hidden folder of this name is for the taker by its place."""

    def is_first(self, name: str) -> bool:
        """Return whether this file or folder is handed over before its neighbours."""

    def take(self, file: File) -> bool:
        """Return whether the file was taken; it is not read any more then.

        Raises:
            InputError: It is for the taker, and cannot be used.
        """


class NoTaker:
    """Takes nothing."""

    def wants(self, name: str) -> bool:
        """Want nothing."""
        return False

    def is_first(self, name: str) -> bool:
        """Prefer nothing."""
        return False

    def take(self, file: File) -> bool:
        """Leave it."""
        return False


NO_TAKER = NoTaker()


@frozen
class Passed:
    """A test that a report says to have passed.

    Args:
        file: Name of the report.
        nodeid: The test.
        timestamp: When, as the report says it, ``.
    """

    file: str
    nodeid: str
    timestamp: str = ""


@frozen
class Found:
    """What all files hold.

    Args:
        observed: Name of the file and failure, in the order read.
        unread: Files that could not be read, with the reason.
        files: Names of all files, read or not, without those that were passed over.
        passed_over: Number of files in folders and archives that are no reports.
        digest: SHA-256 over the content of the files that were read, whatever they are called.
        passed: The tests that passed; none where nobody asked for them.
    """

    observed: tuple[tuple[str, Observation], ...]
    unread: dict[str, InputError]
    files: tuple[str, ...]
    passed_over: int = 0
    digest: str = ""
    passed: tuple[Passed, ...] = ()

    @property
    def read_files(self) -> tuple[str, ...]:
        """Names of the files that could be read."""
        return tuple(one for one in self.files if one not in self.unread)


def read_all(
    named: Iterable[str],
    wanted: Wanted,
    stdin: Callable[[], bytes],
    taker: Taker = NO_TAKER,
    tell: Callable[[int, int], None] | None = None,
    *,
    keeps_passed: bool = False,
) -> Found:
    """Return the failures of everything that was named; what cannot be read is told, not raised.

    Args:
        named: Paths of files, folders and archives, and `-` for the standard input.
        wanted: What the readers are told.
        stdin: Returns the standard input.
        taker: Takes what is no report.
        tell: Receives how many files are done, and how many there are as far as is known.
        keeps_passed: Tests that passed are wanted as well.
    """
    passed: list[Passed] = []
    observed: list[tuple[str, Observation]] = []
    unread: dict[str, InputError] = {}
    files: dict[str, None] = {}
    passed_over = 0
    digests = []
    outers: Iterable[File] = _files_of(named, stdin, unread, taker)
    progress = Progress(tell)
    if tell is not None:
        outers = list(outers)
        progress.expect(len(outers))
    for outer in outers:
        try:
            for file in _members_or_itself(outer, taker, unread, progress):
                progress.step()
                try:
                    if taker.take(file):
                        continue
                    told: list[tuple[str, str]] = []
                    if keeps_passed:
                        wanted = replaced(wanted, saw_passed=lambda *one, to=told: to.append(one))
                    failures = read(file.what, wanted, source=_called(file.name))
                    passed += (Passed(file.name, *one) for one in told)
                except InputError as error:
                    if not file.is_named and error.slug in _NO_REPORT:
                        passed_over += 1
                        continue
                    unread[file.name], failures = error, []
                else:
                    digests.append(_digest_of(file.what))
                files[file.name] = None
                observed += [(file.name, _of_job(one, file.job)) for one in failures]
        except InputError as error:
            files[outer.name], unread[outer.name] = None, error
    digest = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
    names = dict.fromkeys([*files, *unread])
    return Found(tuple(observed), unread, tuple(names), passed_over, digest, tuple(passed))


class Progress:
    """How far it is.

    Args:
        tell: Receives how many files are done, and how many there are; None for nobody.
    """

    def __init__(self, tell: Callable[[int, int], None] | None = None) -> None:
        self._tell = tell
        self._done = 0
        self._all = 0

    def expect(self, count: int) -> None:
        """Note that so many more files are there."""
        self._all += count

    def step(self) -> None:
        """Note that a file is begun."""
        if self._tell is not None:
            self._done += 1
            self._tell(min(self._done, self._all), self._all)


def _digest_of(what: str | bytes) -> str:
    digest = hashlib.sha256()
    with _stream_of(what) as stream:
        while part := stream.read(1024 * 1024):
            digest.update(part)
    return digest.hexdigest()


def _files_of(
    named: Iterable[str], stdin: Callable[[], bytes], unread: dict[str, InputError], taker: Taker
) -> Iterator[File]:
    """Yield what was named, folders file by file."""
    for name in named:
        if name == STDIN:
            yield File(name, stdin(), is_named=True)
        elif os.path.isdir(name):
            is_empty = True
            for path in _below(name, taker):
                is_empty = False
                yield File(path, path, is_named=False)
            if is_empty:
                unread[name] = InputError(
                    f"{name}: a folder without reports; files that end with "
                    f"{', '.join(ENDINGS[:6])} and archives are looked for",
                    slug="folder",
                )
        else:
            yield File(name, name, is_named=True)


def _below(folder: str, taker: Taker) -> Iterator[str]:
    """Yield the files below a folder that may be of use; links that lead out of it are not."""
    home = os.path.realpath(folder)
    for parent, folders, names in os.walk(folder):
        shown = [
            one
            for one in folders
            if not one.startswith(".") or taker.wants(os.path.join(parent, one))
        ]
        folders[:] = sorted(shown, key=lambda one: (not taker.is_first(one), one))
        is_hidden = f"{os.sep}." in parent[len(folder) :]
        for name in sorted(names):
            path = os.path.join(parent, name)
            if (is_hidden or not _may_be_report(name)) and not taker.wants(path):
                continue
            if os.path.islink(path) and not _lies_in(os.path.realpath(path), home):
                continue
            if os.path.isfile(path):
                yield path


def _lies_in(path: str, home: str) -> bool:
    return path.startswith(home.rstrip(os.sep) + os.sep)


def _members_or_itself(
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
        stream = _stream_of(file.what)
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
        members = _members_of(stream, file.name, taker, progress)
        if members is None:
            yield "", None, 0.0
            return
        yield from members
    except InputError:
        raise
    except RuntimeError as error:  # zipfile says so of a password
        raise InputError(
            f"{_called(file.name)}: {error}; unpack it and hand in its files", slug="archive"
        ) from None
    except Exception as error:  # the parsers of archives raise anything on damaged ones
        raise InputError(
            f"{_called(file.name)}: the archive cannot be read ({error}); fetch it again",
            slug="archive",
        ) from None


def _stream_of(what: str | bytes) -> IO[bytes]:
    return io.BytesIO(what) if isinstance(what, bytes) else open(what, "rb")


def _too_large(name: str) -> InputError:
    return InputError(
        f"{_called(name)}: an archive of more than {MEMBERS_MAX:,} files or "
        f"{UNPACKED_MAX_BYTES:,} bytes; hand in the reports in it alone",
        slug="archive-size",
    )


def _members_of(stream: IO[bytes], name: str, taker: Taker, progress: Progress) -> Members | None:
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
    found = sorted(one for one in names if _may_be_report(one, ".txt") or taker.wants(one))
    if any(_JOB_LOG.fullmatch(one) for one in found):
        return [one for one in found if "/" not in one or taker.wants(one)]
    return found


def _may_be_report(name: str, *more: str) -> bool:
    stem = name.lower()
    for ending in COMPRESSED:
        stem = stem.removesuffix(ending)
    return stem.endswith((*ENDINGS, *more))


def _of_job(observation: Observation, job: str) -> Observation:
    return replaced(observation, job=job) if job and not observation.job else observation


def _called(name: str) -> str:
    return "standard input" if name == STDIN else name
