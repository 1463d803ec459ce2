"""One event in the life of a record: who, when, what, from, to; made and checked here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.record.text import clean
from pytest_failtrack.record.times import parse_time

# uuid5(NAMESPACE_URL, "https://pytest-failtrack.readthedocs.io/change"), fixed for ever: a change
# of it would give every event that is already in evidence a second id.
CHANGE_NAMESPACE = uuid.UUID("387cbd62-ee6d-57f6-8cb3-e267e76797a9")
LINE_MAX_BYTES = 1_000_000
STATUS = "status"

_TEXTS = ("event_id", "failure_id", "at", "by", "action")
_NAMES = (*_TEXTS, "from", "to", "note")
_ACTION = lazily(r"[a-z][a-z-]{0,40}")


@frozen
class Change:
    """One event.

    Args:
        event_id: UUIDv5 of everything else, so that the same event has one id wherever it is read.
        failure_id: Id of the record.
        at: When, aware, UTC, to the millisecond.
        by: Who: a person, an account of a CI, or `pytest-failtrack <version>`.
        action: What was done, one word: `assign`, `resolve`, `reopen`, `sign`, ...
        before: Values of the fields that changed, by `field` or `block.field`.
        after: The same fields afterwards; a field that is not in it was not there.
        note: What people said about it, ``.
        more: What else belongs to this kind of event, by name.
    """

    event_id: str
    failure_id: str
    at: datetime
    by: str
    action: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moves(self) -> tuple[str, str] | None:
        """The status before and after, None when the status stayed."""
        old, new = self.before.get(STATUS), self.after.get(STATUS)
        return None if old == new else (str(old), str(new))


def make_change(
    failure_id: str,
    *,
    action: str,
    by: str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    more: Mapping[str, Any] | None = None,
) -> Change:
    """Return an event with its id.

    Raises:
        EvidenceError: A value cannot be an event's.
    """
    if not by.strip():
        raise EvidenceError("an event needs a name: say who does it", slug="event-invalid")
    document = {
        "failure_id": failure_id,
        "at": event_time(at),
        "by": clean(by.strip()),
        "action": action,
        "from": dict(before or {}),
        "to": dict(after or {}),
        "note": clean(note.strip()),
    }
    taken = [name for name in more or {} if name in _NAMES]
    if taken:
        raise EvidenceError(f"an event has a {taken[0]} of its own", slug="event-invalid")
    document |= more or {}
    return change_of({"event_id": event_id_of(document), **document}, "event")


def change_of(document: Mapping[str, Any], source: str) -> Change:
    """Return the event that a JSON object describes.

    Args:
        document: The object.
        source: Where it stands, for the message.

    Raises:
        EvidenceError: A field is missing or of the wrong kind, or its id is not that of its
            content: it was changed after it was written.
    """
    for name in _TEXTS:
        if not isinstance(document.get(name), str) or not document[name]:
            raise _invalid(source, f"{name} is missing or no text")
    for name in ("from", "to"):
        if not isinstance(document.get(name), dict):
            raise _invalid(source, f"{name} is missing or no object")
    note = document.get("note", "")
    if not isinstance(note, str):
        raise _invalid(source, "note is no text")
    if not _ACTION.fullmatch(document["action"]):
        raise _invalid(source, "action is no word of lower-case letters")
    try:
        at = parse_time(document["at"])
    except (ValueError, OverflowError):
        raise _invalid(source, "at is no date and time") from None
    content = {name: value for name, value in document.items() if name != "event_id"}
    if event_id_of(content) != document["event_id"]:
        raise _invalid(source, "its id is not that of its content; it was changed, or cut")
    return Change(
        event_id=document["event_id"],
        failure_id=document["failure_id"],
        at=at,
        by=document["by"],
        action=document["action"],
        before=document["from"],
        after=document["to"],
        note=note,
        more={name: value for name, value in content.items() if name not in _NAMES},
    )


def document_of(change: Change) -> dict[str, Any]:
    """Return an event as the JSON object of its line."""
    return {
        "event_id": change.event_id,
        "failure_id": change.failure_id,
        "at": event_time(change.at),
        "by": change.by,
        "action": change.action,
        "from": dict(change.before),
        "to": dict(change.after),
        "note": change.note,
        **change.more,
    }


def line_of(change: Change) -> bytes:
    """Return the line of an event, its end included.

    Raises:
        EvidenceError: It is too long, or holds what JSON cannot.
    """
    try:
        text = json.dumps(
            document_of(change), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        line = text.encode("utf-8") + b"\n"
    except (TypeError, ValueError) as error:
        raise EvidenceError(f"an event cannot be written: {error}", slug="event-invalid") from None
    if len(line) > LINE_MAX_BYTES:
        raise EvidenceError(
            f"an event of {len(line):,} bytes is too long; {LINE_MAX_BYTES:,} are allowed",
            slug="event-invalid",
        )
    return line


def event_id_of(content: Mapping[str, Any]) -> str:
    """Return the id of an event: a UUIDv5 of its content, `event_id` left out."""
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise EvidenceError(f"an event cannot be written: {error}", slug="event-invalid") from None
    return str(uuid.uuid5(CHANGE_NAMESPACE, text))


def event_time(at: datetime) -> str:
    """Return a moment as events write it: UTC, milliseconds, `Z`."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    text = at.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields in which two states of a record differ, with the values of both.

    Fields of a block are named `block.field`, all others by their name.
    """
    old, new = _flat(before), _flat(after)
    changed = [name for name in (old | new) if old.get(name, _ABSENT) != new.get(name, _ABSENT)]
    return (
        {name: old[name] for name in changed if name in old},
        {name: new[name] for name in changed if name in new},
    )


def applied(record: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """Return a copy of a record in which the fields of an event have their later values."""
    made = {
        name: dict(value) if isinstance(value, dict) else value for name, value in record.items()
    }
    for path in (*change.before, *change.after):
        block, _, name = path.partition(".")
        place = made.setdefault(block, {}) if name else made
        if path in change.after:
            place[name or block] = change.after[path]
        else:
            place.pop(name or block, None)
    return made


_ABSENT = object()


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found.update({f"{name}.{key}": inner for key, inner in value.items()})
        else:
            found[name] = value
    return found


def _invalid(source: str, what: str) -> EvidenceError:
    return EvidenceError(f"{source}: {what}", slug="event-invalid")
