"""Brings packed evidence back out as files, byte for byte; a file that is there stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.archives import (
    CHANGES,
    FAILURES,
    MATCHES,
    RUNS,
    SUFFIXES,
    Archive,
    Entry,
    FileStamp,
    place_of,
)
from pytest_failtrack.history.archive.lock import alone_in
from pytest_failtrack.history.archive.moved import Moved, Progress, silent
from pytest_failtrack.history.archive.packed import archive_folder
from pytest_failtrack.history.changes import alone_with_changes
from pytest_failtrack.history.edit_lock import EDIT_LOCK, WAIT_SECONDS, held
from pytest_failtrack.history.files import read_bytes, refused, write_beside

# Files that are written while others wait to change a record.
BATCH = 200


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
    tell = progress or silent
    with alone_in(folder) as shelf:
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
        return Moved.of(done, [one.path for one in archives])


def _bring_out(evidence_dir: str, folder: str, archive: Archive) -> Iterator[Entry]:
    """Write each member as a file, unless it lies outside; yield what is outside now."""
    home = os.path.dirname(evidence_dir)
    beside = {kind: os.path.join(home, kind) for kind in (CHANGES, MATCHES, RUNS)}
    places = {FAILURES: evidence_dir, **beside}
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
                    _write_changes(places[kind], name, content)
                elif not os.path.lexists(os.path.join(places[kind], name)):
                    write_beside(places[kind], name, content)
                    if read_bytes(os.path.join(places[kind], name)) != content:
                        raise EvidenceError(f"{name} was not written as it should be")
        for entry, _ in batch:
            yield entry


def _write_changes(folder: str, name: str, content: bytes) -> None:
    with alone_with_changes(folder, name.removesuffix(SUFFIXES[CHANGES])) as file:
        file.take_back(content)


def _remove_archive(archive: Archive) -> None:
    try:
        if hasattr(os, "sync"):
            os.sync()  # what was brought out outlives a power cut before the archive goes
        if FileStamp.of(os.stat(archive.path)) == archive.stamp:
            os.unlink(archive.path)
    except OSError as error:
        raise refused("remove", archive.path, error) from error
