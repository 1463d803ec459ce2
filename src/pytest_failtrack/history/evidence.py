"""The evidence files: records and run documents, one file each, written beside and renamed.

They are the truth (C-11); everything else can be made from them. Nothing is deleted (S0-138).
A reader sees a whole file or none: no lock is needed, and no fsync is paid for, since a finished
`write` outlives the process.

What `failtrack history pack` moved into archives is read like the files (packed.py); a file wins
over what is packed under its name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history import files
from pytest_failtrack.history.archive import packed
from pytest_failtrack.history.files import refused, remove_leftovers, write_beside
from pytest_failtrack.history.run_file import slug_of

__all__ = [
    "Found",
    "file_names",
    "is_record_name",
    "read_bytes",
    "read_records",
    "read_run",
    "read_runs",
    "record_names",
    "refused",
    "remove_leftovers",
    "update_record",
    "write_record",
]

Found: TypeAlias = "dict[str, Any] | EvidenceError"

FAILURES, MATCHES, RUNS = "failures", "matches", "runs"

# How often evidence is looked for that is packed and brought out again meanwhile.
LOOKS_MAX = 50

_SUFFIX = ".json"


def write_record(directory: str | os.PathLike[str], content: bytes, failure_id: str) -> bool:
    """Write one record; a valid record that is there already, or packed, stays as it is.

    Args:
        directory: Evidence folder, made when it is not there.
        content: The bytes that `record.build.to_json` made.
        failure_id: Id of the record, which names the file (S0-137).

    Returns:
        Whether a file was written: False when the record was there.

    Raises:
        EvidenceError: The file cannot be written.
    """
    folder = os.fspath(directory)
    name = failure_id + _SUFFIX
    path = os.path.join(folder, name)
    if os.path.lexists(path):
        if _is_valid(path):
            return False
    elif _is_packed(folder, name):
        return False
    write_beside(folder, name, content)
    return True


def read_records(
    directory: str | os.PathLike[str], ids: Iterable[str] | None = None
) -> Iterator[tuple[Path, Found]]:
    """Yield each record with its path; an error in place of a record that cannot be used.

    Args:
        directory: Evidence folder; one that is not there holds nothing.
        ids: Ids to read, in this order, a missing one is an error; None reads all, by name.
    """
    from pytest_failtrack.record.verify import verify_record

    folder = os.fspath(directory)
    shelf = packed.shelf_beside(folder) if ids is None else None
    if shelf is not None:
        yield from ((Path(path), error) for path, error in shelf.unusable())
    names = _names(folder, FAILURES) if ids is None else [one + _SUFFIX for one in ids]
    for name in names:
        yield _read(folder, FAILURES, name, verify_record)


def update_record(
    directory: str | os.PathLike[str],
    failure_id: str,
    change: Callable[[dict[str, Any]], Mapping[str, Any]],
) -> bool:
    """Replace a record by what `change` makes of it, in one step; for edits of its life.

    A packed record lies outside again afterwards, where it wins over the packed one.

    Args:
        directory: Evidence folder.
        failure_id: Id of the record.
        change: Takes the record and returns it changed; it may not change the capture blocks.

    Returns:
        Whether anything changed.

    Raises:
        EvidenceError: The record cannot be read or written, or its capture blocks would change.
    """
    from pytest_failtrack.history.edit_lock import editing
    from pytest_failtrack.record.build import to_json
    from pytest_failtrack.record.verify import verify_record

    folder = os.fspath(directory)
    name = failure_id + _SUFFIX
    with editing(folder):
        before = verify_record(_content(folder, FAILURES, name)[1], name)
        record = edited_record(before, change, name)
        if record is None:
            return False
        write_beside(folder, name, to_json(record))
    return True


def edited_record(
    before: Mapping[str, Any], change: Callable[[dict[str, Any]], Mapping[str, Any]], name: str
) -> dict[str, Any] | None:
    """Return what an edit makes of a record, None when it leaves it as it is.

    Args:
        before: The record.
        change: Takes a copy and returns it changed; it may not change the capture blocks.
        name: Name of the record, for the message.

    Raises:
        EvidenceError: What comes out is no record, or its capture blocks would change.
    """
    from pytest_failtrack.record.build import validate
    from pytest_failtrack.record.digest import capture_digest

    after = dict(change(json.loads(json.dumps(before))))
    if after == before:
        return None
    record = validate(after)
    if capture_digest(after) != capture_digest(before):
        raise EvidenceError(
            f"{name}: what was captured of a failure is never edited; only its status, "
            "category, root cause, resolution, prevention, learning and metadata are",
            slug="evidence-capture",
        )
    return record


def read_runs(
    directory: str | os.PathLike[str], build_id: str | None = None
) -> Iterator[tuple[Path, Found]]:
    """Yield each run document with its path; an error in place of one that cannot be used.

    Args:
        directory: Folder of the run documents; one that is not there holds nothing.
        build_id: Only the documents of this build, found by the start of their names.
    """
    from pytest_failtrack.record.verify import verify_run

    folder = os.fspath(directory)
    start = "" if build_id is None else slug_of(build_id) + "."
    shelf = packed.shelf_beside(folder)
    if shelf is not None:
        yield from ((Path(path), error) for path, error in shelf.refusals)
    for name in _names(folder, RUNS):
        if not name.startswith(start):
            continue
        path, found = _read(folder, RUNS, name, verify_run)
        if build_id is None or isinstance(found, EvidenceError) or found["build_id"] == build_id:
            yield path, found


def read_run(path: str | os.PathLike[str]) -> Found:
    """Return one run document, packed or not; an error in its place when it cannot be used."""
    from pytest_failtrack.record.verify import verify_run

    folder, name = os.path.split(os.fspath(path))
    return _read(folder, RUNS, name, verify_run)[1]


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a document: of the file, or of what is packed under its name.

    Args:
        path: The file, or a path into an archive, as readers of evidence give them.

    Raises:
        EvidenceError: It is missing or cannot be read.
    """
    told = os.fspath(path)
    inside = packed.member_bytes_at(told)
    if inside is not None:
        return inside
    folder, name = os.path.split(told)
    return _content(folder, _kind_of(folder), name)[1]


def record_names(directory: str | os.PathLike[str]) -> list[str]:
    """Return the names of the documents of a folder, packed ones too, sorted, each once.

    Args:
        directory: Folder of records; one that is called `runs` is that of run documents, one that
            is called `matches` that of matches.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
    """
    folder = os.fspath(directory)
    return _names(folder, _kind_of(folder))


def file_names(directory: str | os.PathLike[str]) -> list[str]:
    """Return the names of the files that are documents, sorted; temporary ones are not.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
    """
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise refused("list", os.fspath(directory), error) from error
    return sorted(name for name in names if is_record_name(name))


def is_record_name(name: str) -> bool:
    """Return whether a file of this name is a document; a dot at the start hides it.

    A name that is no text is none of ours, and neither index nor terminal could hold it.
    """
    is_ours = name.endswith(_SUFFIX) and not name.startswith(".")
    return is_ours and (name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name))


def _kind_of(folder: str) -> str:
    name = os.path.basename(folder)
    return name if name in (MATCHES, RUNS) else FAILURES


def _names(folder: str, kind: str) -> list[str]:
    names = set(file_names(folder))
    for _ in range(LOOKS_MAX):
        state = packed.archives_state(folder)
        shelf = packed.shelf_beside(folder)
        if shelf is None:
            break
        names.update(shelf.names(kind))
        if shelf.settled_ns:
            break
        # Where something moves, what was brought out meanwhile is in no archive now.
        names.update(file_names(folder))
        if packed.archives_state(folder) == state:
            break
    return sorted(names)


def _read(
    folder: str, kind: str, name: str, check: Callable[[bytes, str], dict[str, Any]]
) -> tuple[Path, Found]:
    path = os.path.join(folder, name)
    try:
        path, content = _content(folder, kind, name)
        return Path(path), check(content, path)
    except EvidenceError as error:
        return Path(path), error


def _content(folder: str, kind: str, name: str) -> tuple[str, bytes]:
    """Return a document with its path, outside first.

    Raises:
        EvidenceError: It is missing or cannot be read.
    """
    path = os.path.join(folder, name)
    for _ in range(LOOKS_MAX):
        try:
            return path, files.read_bytes(path)
        except EvidenceError as error:
            if error.slug != "evidence-missing":
                raise
        found = packed.packed_bytes(folder, f"{kind}/{name}")
        if found is not None:
            return found
        if not packed.is_moving(folder):
            break
    # It may have been brought back out between the two looks.
    return path, files.read_bytes(path)


def _is_packed(folder: str, name: str) -> bool:
    """Whether a valid record of this name is in an archive."""
    from pytest_failtrack.record.verify import verify_record

    try:
        found = packed.packed_bytes(folder, f"{FAILURES}/{name}")
        if found is not None:
            verify_record(found[1], found[0])
    except EvidenceError:
        return False
    return found is not None


def _is_valid(path: str) -> bool:
    from pytest_failtrack.record.verify import verify_record

    try:
        verify_record(files.read_bytes(path), path)
    except EvidenceError:
        return False
    return True
