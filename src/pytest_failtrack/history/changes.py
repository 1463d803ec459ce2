"""The record's own history: one file of JSON lines a record, appended to and never rewritten.

    governance/events/changes/<failure-id>.jsonl

Writers take a lock on the file, so that two at once lose nothing. A change of the record is first
noted beside it, so that a process which dies between the two files leaves no event untold: the
next writer finishes what it finds. What `failtrack history pack` took into an archive is read from
there; new events begin a new file.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.packed import packed_events
from pytest_failtrack.history.edit_lock import editing
from pytest_failtrack.history.evidence import read_records, update_record
from pytest_failtrack.history.files import (
    names_in,
    read_bytes,
    refused,
    remove_if_there,
)
from pytest_failtrack.lazily import lazily
from pytest_failtrack.record.change import (
    LINE_MAX_BYTES,
    Change,
    change_of,
    differences,
    line_of,
    make_change,
)

FOLDER = "changes"
SUFFIX = ".jsonl"
LOCK_SECONDS = 20.0
RACE_SECONDS = 60.0

_PAUSE_SECONDS = 0.01
_READ_ATTEMPTS = 3
# Far behind every end of file: on Windows a locked byte can be read by nobody else.
_LOCK_OFFSET = 1 << 40
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_FAILURE_ID = lazily("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Errors of file systems that have no locks; one write is whole there all the same.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, getattr(errno, "EOPNOTSUPP", -1)}

Tell = Callable[[str], None]
Edit = Callable[[dict[str, Any]], Mapping[str, Any]]


class Places(Protocol):
    """The part of the settings that is asked for: where the evidence lies."""

    @property
    def evidence_dir(self) -> Path:
        """Folder of the records."""


def changes_dir(settings: Places) -> Path:
    """Return the folder of the changes: `changes` beside the records."""
    return settings.evidence_dir.parent / FOLDER


def read_changes(
    where: Places | str | os.PathLike[str], failure_id: str, *, tell: Tell | None = None
) -> list[Change]:
    """Return the events of a record, the oldest first; each once, however often it is written.

    Args:
        where: Settings, or the folder of the changes itself.
        failure_id: Id of the record.
        tell: Is told one sentence for each line that cannot be used; the others are returned.

    Raises:
        EvidenceError: The file is there and cannot be read.
    """
    folder = where if isinstance(where, (str, os.PathLike)) else changes_dir(where)
    path = os.path.join(folder, _name(failure_id))
    # The file first: what is packed between the two looks is found among the packed ones then.
    outside = _content(path)
    sources = (("packed ", _packed(folder, failure_id, tell)), ("", outside))
    found: dict[str, Change] = {}
    for word, content in sources:
        for change in _events(content, f"{word}{path}", failure_id, tell):
            found.setdefault(change.event_id, change)
    return sorted(found.values(), key=lambda one: one.at)


def changed_ids(where: Places | str | os.PathLike[str]) -> list[str]:
    """Return the ids of the records that have events, sorted.

    Raises:
        EvidenceError: The folder is there and cannot be listed.
    """
    folder = where if isinstance(where, (str, os.PathLike)) else changes_dir(where)
    ids = (
        name.removesuffix(SUFFIX) for name in names_in(os.fspath(folder)) if name.endswith(SUFFIX)
    )
    return sorted(one for one in ids if _FAILURE_ID.fullmatch(one))


def append_event(
    settings: Places,
    failure_id: str,
    *,
    action: str,
    by: str,
    at: datetime,
    note: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **more: Any,
) -> bool:
    """Append an event that changes no field of the record.

    Args:
        settings: Where the evidence lies.
        failure_id: Id of the record.
        action: One word for what was done.
        by: Who.
        at: When, aware.
        note: What they said about it.
        before: What was so before, by name.
        after: What is so now.
        more: What else belongs to this kind of event, as JSON values.

    Returns:
        Whether it was written: False when the same event was there.

    Raises:
        EvidenceError: It cannot be written.
    """
    change = make_change(
        failure_id, action=action, by=by, at=at, before=before, after=after, note=note, more=more
    )
    return append_change(changes_dir(settings), change)


def append_change(folder: str | os.PathLike[str], change: Change) -> bool:
    """Append an event that was made elsewhere; False when it was there already.

    Raises:
        EvidenceError: It cannot be written.
    """
    line = line_of(change)
    with alone_with_changes(os.fspath(folder), change.failure_id) as file:
        return file.append(change.event_id, line)


def change_record(
    settings: Places,
    failure_id: str,
    change: Edit,
    *,
    action: str,
    by: str,
    at: datetime,
    note: str = "",
    **more: Any,
) -> bool:
    """Change a record and append the event that says so.

    Args:
        settings: Where the evidence lies.
        failure_id: Id of the record.
        change: Takes the record and returns it changed, or raises; capture blocks stay.
        action: One word for what is done.
        by: Who.
        at: When, aware; of two that change a record at once, the later one in the file is not
            told as the earlier one.
        note: What they say about it.
        more: What else belongs to this kind of event, as JSON values.

    Returns:
        Whether anything changed; without a change there is no event.

    Raises:
        EvidenceError: The record or its history cannot be read or written; nothing is changed.
        InputError: `change` refused.
    """
    folder = os.fspath(changes_dir(settings))
    made: list[Change] = []
    with alone_with_changes(folder, failure_id) as file:
        finish_interrupted(settings, failure_id, file)

        def edit(record: dict[str, Any]) -> Mapping[str, Any]:
            old = json.loads(json.dumps(record))
            new = change(record)
            before, after = differences(old, new)
            if before or after:
                one = make_change(
                    failure_id,
                    action=action,
                    by=by,
                    at=_after_others(at, file.path, failure_id),
                    before=before,
                    after=after,
                    note=note,
                    more=more,
                )
                _write_intent(os.path.join(folder, _intent_name(failure_id)), line_of(one))
                made.append(one)
            return new

        try:
            update_record(settings.evidence_dir, failure_id, edit)
        except BaseException:
            # Not written, unless the process itself ends: then the next writer looks.
            finish_interrupted(settings, failure_id, file)
            raise
        for one in made:
            file.append(one.event_id, line_of(one))
        remove_if_there(os.path.join(folder, _intent_name(failure_id)))
    return bool(made)


def _after_others(at: datetime, path: str, failure_id: str) -> datetime:
    """Return the moment of a change, put off to that of one which was a moment faster.

    What is further in the future is the word of a clock that is wrong, and not followed.
    """
    told = [one.at for one in _events(read_bytes(path), path, failure_id)]
    ahead = [one for one in told if at < one <= at + timedelta(seconds=RACE_SECONDS)]
    return max(ahead, default=at)


class ChangesFile:
    """An open, locked file of changes."""

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def append(self, event_id: str, line: bytes) -> bool:
        """Append a line, unless its event is there; after a torn line it begins a new one."""
        content = read_bytes(self.path)
        folder, name = os.path.split(self.path)
        if _holds(content, event_id):
            return False
        if _holds(_packed(folder, name.removesuffix(SUFFIX), None), event_id):
            return False
        if content and not content.endswith(b"\n"):
            line = b"\n" + line
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):
                raise OSError(errno.ENOSPC, "only a part could be written")
        except OSError as error:
            self._cut_to(len(content))
            raise refused("write", self.path, error) from error
        return True

    def take_back(self, content: bytes) -> None:
        """Append those lines of what was packed that are not there; readers sort them by time."""
        outside = read_bytes(self.path)
        known = set(outside.split(b"\n"))
        missing = [line + b"\n" for line in content.split(b"\n") if line and line not in known]
        start = b"" if not outside or outside.endswith(b"\n") else b"\n"
        view = memoryview((start + b"".join(missing) if missing else b"") if outside else content)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            self._cut_to(len(outside))
            raise refused("write", self.path, error) from error

    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return os.fstat(self._descriptor).st_size == 0

    def _cut_to(self, size: int) -> None:
        try:
            os.ftruncate(self._descriptor, size)
        except OSError:
            pass  # the reader names the half of a line, and the next writer steps over it


@contextmanager
def alone_with_changes(folder: str, failure_id: str) -> Iterator[ChangesFile]:
    """Hold the file of a record's changes alone; one that stays empty is removed again."""
    path = os.path.join(folder, _name(failure_id))
    with editing(folder):
        descriptor = _open_and_lock(folder, path)
        try:
            file = ChangesFile(path, descriptor)
            try:
                yield file
            finally:
                if file.is_empty():
                    remove_if_there(path)
        finally:
            os.close(descriptor)  # which lets go of the lock


def _open_and_lock(folder: str, path: str) -> int:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            descriptor = _open(folder, path)
        except OSError as error:
            raise refused("write", path, error) from error
        try:
            # Whoever held it before may have removed it, being empty.
            if try_lock(descriptor) and _is_there(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if time.monotonic() > until:
            raise EvidenceError(
                f"cannot write {path}: another process has held it for {LOCK_SECONDS:g} seconds",
                slug="evidence-locked",
            )
        time.sleep(_PAUSE_SECONDS)


def _open(folder: str, path: str) -> int:
    try:
        return os.open(path, _FLAGS, 0o666)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        return os.open(path, _FLAGS, 0o666)


def _is_there(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


if os.name == "nt":  # pragma: no cover

    def try_lock(descriptor: int) -> bool:
        """Lock an open file; False when another has."""
        import msvcrt

        os.lseek(descriptor, _LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

else:

    def try_lock(descriptor: int) -> bool:
        """Lock an open file; False when another has."""
        import fcntl

        try:
            # Of this opening, not of the process: two threads keep each other out too.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno in _NO_LOCKS
        return True


def _write_intent(path: str, line: bytes) -> None:
    """Note what is about to change; half of a note is none, for nothing has changed yet."""
    try:
        with open(path, "wb", buffering=0) as file:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, "only a part could be written")
    except OSError as error:
        remove_if_there(path)
        raise refused("write", path, error) from error


def finish_interrupted(settings: Places, failure_id: str, file: ChangesFile) -> None:
    """Finish what a writer that died left: a change that the record shows is told, no other."""
    path = os.path.join(os.path.dirname(file.path), _intent_name(failure_id))
    try:
        content = read_bytes(path)
    except EvidenceError:
        return
    try:
        left = _parsed(content.strip(), path, failure_id)
    except EvidenceError:
        left = None
    if left is not None:
        for _, record in read_records(settings.evidence_dir, [failure_id]):
            if not isinstance(record, EvidenceError) and _shows(record, left):
                file.append(left.event_id, line_of(left))
    remove_if_there(path)


def _shows(record: Mapping[str, Any], change: Change) -> bool:
    """Return whether a record has the values that a change gave it."""
    return all(
        value_at(record, path) == (path in change.after, change.after.get(path))
        for path in {*change.before, *change.after}
    )


def value_at(record: Mapping[str, Any], path: str) -> tuple[bool, Any]:
    """Return whether a record has a field, by `field` or `block.field`, and its value."""
    block, _, name = path.partition(".")
    place = record.get(block) if name else record
    place = place if isinstance(place, dict) else {}
    return (name or block) in place, place.get(name or block)


def _events(
    content: bytes, source: str, failure_id: str, tell: Tell | None = None
) -> Iterator[Change]:
    """Yield the events of a file, in the order of its lines; `tell` hears of the bad ones."""
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield _parsed(line, f"{source}, line {number}", failure_id)
        except EvidenceError as error:
            if tell is not None:
                tell(error.message)


def _parsed(line: bytes, source: str, failure_id: str) -> Change:
    if len(line) > LINE_MAX_BYTES:
        raise EvidenceError(f"{source} is longer than any event", slug="event-invalid")
    try:
        document = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise EvidenceError(
            f"{source} is no event: it is cut off, or no JSON", slug="event-invalid"
        ) from None
    if not isinstance(document, dict):
        raise EvidenceError(f"{source} is no event: it is no object", slug="event-invalid")
    change = change_of(document, source)
    if change.failure_id != failure_id:
        raise EvidenceError(
            f"{source} is an event of record {change.failure_id[:40]}", slug="event-invalid"
        )
    return change


def _packed(folder: str | os.PathLike[str], failure_id: str, tell: Tell | None) -> bytes:
    """Return what is packed of a file; an archive that cannot be read loses nothing else."""
    try:
        return packed_events(folder, failure_id)
    except EvidenceError as error:
        if tell is not None:
            tell(error.message)
        return b""


def _content(path: str) -> bytes:
    """Return what is written; a line that is being written is waited for."""
    content = b""
    for attempt in range(_READ_ATTEMPTS):
        if not os.path.exists(path):
            return b""
        content = read_bytes(path)
        if not content or content.endswith(b"\n"):
            break
        time.sleep(_PAUSE_SECONDS * attempt)
    return content


def _holds(content: bytes, event_id: str) -> bool:
    """Return whether a whole line is this event; its id may be quoted in another."""
    if event_id.encode() not in content:
        return False
    for line in content.split(b"\n"):
        try:
            if event_id.encode() in line and change_of(json.loads(line), "").event_id == event_id:
                return True
        except (ValueError, RecursionError, TypeError, AttributeError, EvidenceError):
            continue
    return False


def _name(failure_id: str) -> str:
    if not _FAILURE_ID.fullmatch(failure_id):
        raise EvidenceError(f"{failure_id[:60]!r} is no failure id", slug="event-invalid")
    return failure_id + SUFFIX


def _intent_name(failure_id: str) -> str:
    return f".{failure_id}{SUFFIX}.intent"
