"""What a command line names, file by file: folders and archives are opened, nothing is unpacked.

Artifacts of CI come as archives and folders in which reports lie among other things. What was
named must be readable; what merely lies beside it is left alone when it is no report.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TypeAlias

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import REPORT_MAX_BYTES, Wanted, read

MEMBERS_MAX = 20_000
UNPACKED_MAX_BYTES = 1024 * 1024 * 1024
STDIN = "-"
ENDINGS = (".xml", ".json", ".jsonl", ".ndjson", ".sarif", ".log", ".zip", ".tar", ".tgz")
"""Endings of what is opened in a folder; in an archive logs are called `.txt` as well."""
COMPRESSED = (".gz", ".bz2", ".xz")
"""Endings behind those."""

# What lies beside reports and is none: said only of a file that was named.
_NO_REPORT = frozenset({"unknown-kind", "binary", "empty", "not-junit", "archive", "shape"})
_BROKEN = (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, tarfile.TarError)
# The archive of a run's logs on GitHub holds each job whole, and again in a folder, step by step.
_JOB_LOG = re.compile(r"-?\d{1,4}_(?P<job>[^/]+)\.txt")

Members: TypeAlias = Iterator[tuple[str, bytes]]


@frozen
class File:
    """One file that was found.

    Args:
        name: As it is called in messages; a member of an archive as `ARCHIVE!MEMBER`.
        what: Its path, or its content.
        is_named: Somebody named it, so that it must be a report or a log.
        job: Job whose log it is, where its name says so, else ``.
    """

    name: str
    what: str | bytes
    is_named: bool
    job: str = ""


@frozen
class Found:
    """What all files hold.

    Args:
        observed: Name of the file and failure, in the order read.
        unread: Files that could not be read, with the reason.
        files: Names of all files, read or not, without those that were passed over.
        passed_over: Number of files in folders and archives that are no reports.
        digest: SHA-256 over the content of the files that were read, whatever they are called.
    """

    observed: tuple[tuple[str, Observation], ...]
    unread: dict[str, InputError]
    files: tuple[str, ...]
    passed_over: int = 0
    digest: str = ""

    @property
    def read_files(self) -> tuple[str, ...]:
        """Names of the files that could be read."""
        return tuple(one for one in self.files if one not in self.unread)


def read_all(named: Iterable[str], wanted: Wanted, stdin: Callable[[], bytes]) -> Found:
    """Return the failures of everything that was named; what cannot be read is told, not raised.

    Args:
        named: Paths of files, folders and archives, and `-` for the standard input.
        wanted: What the readers are told.
        stdin: Returns the standard input.
    """
    observed: list[tuple[str, Observation]] = []
    unread: dict[str, InputError] = {}
    files: dict[str, None] = {}
    passed_over = 0
    digests = []
    for outer in _files_of(named, stdin, unread):
        try:
            for file in _opened(outer):
                try:
                    failures = read(file.what, wanted, source=_called(file.name))
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
    return Found(tuple(observed), unread, tuple(names), passed_over, digest)


def _digest_of(what: str | bytes) -> str:
    digest = hashlib.sha256()
    with _stream_of(what) as stream:
        while part := stream.read(1024 * 1024):
            digest.update(part)
    return digest.hexdigest()


def _files_of(
    named: Iterable[str], stdin: Callable[[], bytes], unread: dict[str, InputError]
) -> Iterator[File]:
    """Yield what was named, folders file by file."""
    for name in named:
        if name == STDIN:
            yield File(name, stdin(), is_named=True)
        elif os.path.isdir(name):
            paths = list(_below(name))
            if not paths:
                unread[name] = InputError(
                    f"{name}: a folder without reports; files that end with "
                    f"{', '.join(ENDINGS[:6])} and archives are looked for",
                    slug="folder",
                )
            yield from (File(path, path, is_named=False) for path in paths)
        else:
            yield File(name, name, is_named=True)


def _below(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if _may_be_report(name) and os.path.isfile(path):
                yield path


def _opened(file: File) -> Iterator[File]:
    """Yield a file, or the members of an archive.

    Raises:
        InputError: The archive is broken, locked or too large.
    """
    try:
        stream = _stream_of(file.what)
    except OSError:
        yield file  # its reader says why
        return
    with stream:
        try:
            members = _members_of(stream, file.name)
            if members is None:
                yield file
                return
            yield from _bounded(file, members)
        except _BROKEN as error:
            raise InputError(
                f"{_called(file.name)}: the archive cannot be read ({error}); fetch it again",
                slug="archive",
            ) from None
        except RuntimeError as error:  # zipfile says so of a password
            raise InputError(
                f"{_called(file.name)}: {error}; unpack it and hand in its files", slug="archive"
            ) from None


def _stream_of(what: str | bytes) -> IO[bytes]:
    return io.BytesIO(what) if isinstance(what, bytes) else open(what, "rb")


def _bounded(file: File, members: Members) -> Iterator[File]:
    room = UNPACKED_MAX_BYTES
    for number, (member, content) in enumerate(members):
        room -= len(content)
        if number >= MEMBERS_MAX or room < 0:
            raise _too_large(file.name)
        job = _JOB_LOG.fullmatch(member)
        # Compressed by itself, a file is still the one that was named.
        name = f"{file.name}!{member}" if member else file.name
        yield File(name, content, file.is_named and not member, job["job"] if job else "")


def _too_large(name: str) -> InputError:
    return InputError(
        f"{_called(name)}: an archive of more than {MEMBERS_MAX:,} files or "
        f"{UNPACKED_MAX_BYTES:,} bytes; hand in the reports in it alone",
        slug="archive-size",
    )


def _members_of(stream: IO[bytes], name: str) -> Members | None:
    """Return the members of an archive, None for a file that is none; told by content."""
    head = stream.read(262)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(stream)
    if not head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zX")) and head[257:] != b"ustar":
        return None
    try:
        return _tarred(tarfile.open(fileobj=stream, mode="r:*"), name)
    except tarfile.ReadError:
        stream.seek(0)
        return _compressed(stream) if head.startswith(b"\x1f\x8b") else None


def _zipped(stream: IO[bytes]) -> Members:
    with zipfile.ZipFile(stream) as archive:
        for name in _worth(one.filename for one in archive.infolist() if not one.is_dir()):
            with archive.open(name) as member:
                yield name, member.read(REPORT_MAX_BYTES + 1)


def _tarred(archive: tarfile.TarFile, called: str) -> Members:
    with archive:
        found, size = {}, 0
        for number, one in enumerate(archive):
            size += one.size
            if number >= MEMBERS_MAX or size > UNPACKED_MAX_BYTES:
                raise _too_large(called)  # before it is unpacked
            if one.isfile():
                found[one.name] = one
        for name in _worth(found):
            member = archive.extractfile(found[name])
            if member is not None:
                yield name, member.read(REPORT_MAX_BYTES + 1)


def _compressed(stream: IO[bytes]) -> Members:
    """Yield the one file that is compressed without an archive."""
    with gzip.open(stream) as member:
        yield "", member.read(REPORT_MAX_BYTES + 1)


def _worth(names: Iterable[str]) -> list[str]:
    """Return the members that may be reports or logs; nothing twice."""
    found = sorted(one for one in names if _may_be_report(one, ".txt"))
    if any(_JOB_LOG.fullmatch(one) for one in found):
        return [one for one in found if "/" not in one]
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
