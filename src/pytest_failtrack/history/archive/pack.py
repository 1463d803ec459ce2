"""Moves evidence that has ended into archives; nothing is ever deleted (S0-138).

An archive is written beside, read back whole and renamed before the files that are in it go; so
whoever is killed loses nothing, and the next packer finds the same documents in two places and
removes the files. A file that was changed meanwhile stays, and wins over what is packed.
unpack.py brings them back out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from pytest_failtrack.history.archive.archives import CHANGES, FileStamp
from pytest_failtrack.history.archive.ended import Ended
from pytest_failtrack.history.archive.lock import alone_in
from pytest_failtrack.history.archive.moved import Move, Moved, Progress, silent
from pytest_failtrack.history.archive.packed import archive_folder
from pytest_failtrack.history.archive.parts import plan, write_part
from pytest_failtrack.history.archive.spool import Item, Spool
from pytest_failtrack.history.changes import try_lock
from pytest_failtrack.history.edit_lock import EDIT_LOCK, WAIT_SECONDS, held
from pytest_failtrack.history.files import refused

# Files that are removed while others wait to change a record.
BATCH = 200


def pack(
    evidence_dir: str | os.PathLike[str], *, before: datetime, progress: Progress | None = None
) -> Moved:
    """Move what ended before a moment into the archives of its years.

    Records go that are RESOLVED or PREVENTED, or OPEN and healed (C-10), with their changes; and
    run documents of that age whose records are all packed; and matches of that age. Never a
    record that is waited for.

    Args:
        evidence_dir: Folder of the records; runs, changes, matches and archives lie beside it.
        before: A record's last event, a run's end, a match's last word must be earlier; aware.
        progress: Is told how many documents were looked at, and of how many.

    Raises:
        EvidenceError: Another packer is at work, an archive cannot be used, or something cannot
            be read or written; everything is still there.
    """
    folder = archive_folder(evidence_dir)
    if not os.path.isdir(os.path.dirname(folder)):
        return Moved()
    with alone_in(folder) as shelf, Spool(folder) as spool:
        ended = Ended(os.path.abspath(evidence_dir), shelf, spool, before)
        ended.look(progress or silent)
        problems = list(ended.problems)
        written = []
        for path, old, items in plan(folder, shelf, ended.items):
            write_part(path, old, items, spool)
            written.append(path)
            problems += _remove(folder, items)
        problems += _remove(folder, ended.there)
        both = (*ended.items, *ended.there)
        return Moved.of(
            [one.entry for one in both],
            written,
            problems,
            [Move(one.entry.name, one.stamp, one.entry.size, one.entry.crc) for one in both],
        )


def _remove(folder: str, items: Sequence[Item]) -> list[str]:
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


def _remove_file(item: Item) -> None:
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
        yield descriptor if try_lock(descriptor) else None
    finally:
        os.close(descriptor)
