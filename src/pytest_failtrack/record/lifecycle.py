"""The moves of a record's life (S0-109, S0-110): which are allowed, and what reopening changes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.record.profile import unmet
from pytest_failtrack.record.times import time_text

# from: to. OPEN is reached from every state, "can reopen if recurs" (S0-110).
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "OPEN": ("INVESTIGATING",),
    "INVESTIGATING": ("RESOLVED", "OPEN"),
    "RESOLVED": ("PREVENTED", "OPEN"),
    "PREVENTED": ("OPEN",),
}
REOPENED_TAG = "reopened"


def is_allowed(before: str, after: str) -> bool:
    """Return whether a record may go from one status to another."""
    return after in TRANSITIONS.get(before, ())


def require_allowed(before: str, after: str, failure_id: str = "") -> None:
    """Refuse a move that the lifecycle does not have.

    Raises:
        InputError: The sentence names the record, both states and what is possible instead.
    """
    if is_allowed(before, after):
        return
    subject = f"record {failure_id}" if failure_id else "a record"
    if after not in TRANSITIONS:
        known = ", ".join(TRANSITIONS)
        raise InputError(f"{after!r} is no status; it is one of {known}", slug="lifecycle")
    ways = " or ".join(TRANSITIONS.get(before, ())) or "nothing"
    raise InputError(
        f"{subject} cannot go from {before} to {after}; from {before} it can go to {ways}",
        slug="lifecycle",
    )


def moved(record: Mapping[str, Any], status: str) -> dict[str, Any]:
    """Return a copy of a record in another status.

    Args:
        record: The whole record, with everything already filled in that the status demands.
        status: The status to move to.

    Raises:
        InputError: The move is not allowed, or the record lacks what the status demands.
    """
    failure_id = str(record.get("failure_id", ""))
    require_allowed(str(record.get("status")), status, failure_id)
    missing = unmet(record, status)
    if missing:
        names = ", ".join(map(str, missing))
        raise InputError(
            f"record {failure_id} cannot become {status} before it has {names}", slug="lifecycle"
        )
    copied = copy.deepcopy(dict(record))
    copied["status"] = status
    return copied


def reopened(record: Mapping[str, Any], *, by: str, build_id: str, at: datetime) -> dict[str, Any]:
    """Return a copy of a record that is OPEN again because its failure recurred (S0-110).

    What was resolved and prevented stays in it: it is what the new analysis starts from ("why
    did prevention fail"). Analysis is PENDING again, and the recurrence is a contributing
    factor. A record that is not RESOLVED or PREVENTED is returned as it is.

    Args:
        record: The whole record.
        by: Id of the failure that recurred.
        build_id: Build in which it recurred.
        at: When, aware.
    """
    copied = copy.deepcopy(dict(record))
    before = copied.get("status")
    if before not in ("RESOLVED", "PREVENTED"):
        return copied
    copied["status"] = "OPEN"
    cause = copied["root_cause"]
    cause["analysis_status"] = "PENDING"
    cause["contributing_factors"] = [
        *cause["contributing_factors"],
        f"recurred in build {build_id} at {time_text(at)} as {by}; it was {before}",
    ]
    tags = copied["metadata"]["tags"]
    if REOPENED_TAG not in tags:
        copied["metadata"]["tags"] = [*tags, REOPENED_TAG]
    return copied
