"""The moves of a record's life (S0-109, S0-110): which are allowed, and what each of them changes.

All are pure: a record in, a changed copy out. `history.changes.change_record` writes one and tells
of it; the commands of `failtrack record` call both.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pytest_failtrack.classify.taxonomy import Severity, Subcategory, category_of
from pytest_failtrack.errors import InputError
from pytest_failtrack.record.build import PRIORITY_BY_SEVERITY
from pytest_failtrack.record.profile import unmet
from pytest_failtrack.record.text import clean
from pytest_failtrack.record.times import time_text

# from: to. OPEN is reached from every state, "can reopen if recurs" (S0-110).
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "OPEN": ("INVESTIGATING",),
    "INVESTIGATING": ("RESOLVED", "OPEN"),
    "RESOLVED": ("PREVENTED", "OPEN"),
    "PREVENTED": ("OPEN",),
}
REOPENED_TAG = "reopened"
OWNER_MAX_CHARS = 200


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


def assigned(record: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Return a copy of a record that belongs to somebody (S0-111).

    Raises:
        InputError: The name is empty or too long.
    """
    name = " ".join(clean(owner).split())
    if not name:
        raise InputError("the name of an owner is empty", slug="lifecycle")
    if len(name) > OWNER_MAX_CHARS:
        raise InputError(
            f"{name[:20]}... is too long for an owner; {OWNER_MAX_CHARS} characters are allowed",
            slug="lifecycle",
        )
    copied = copy.deepcopy(dict(record))
    copied["metadata"]["owner"] = name
    return copied


def investigated(record: Mapping[str, Any], *, owner: str = "") -> dict[str, Any]:
    """Return a copy of a record whose analysis has begun (S0-112).

    Args:
        record: An OPEN record.
        owner: Who analyses it; `` leaves the owner that it has.

    Raises:
        InputError: It is not OPEN, or has no owner.
    """
    require_allowed(str(record.get("status")), "INVESTIGATING", str(record.get("failure_id", "")))
    copied = assigned(record, owner) if owner else copy.deepcopy(dict(record))
    if copied["root_cause"]["analysis_status"] == "PENDING":
        copied["root_cause"]["analysis_status"] = "IN_PROGRESS"
    return moved(copied, "INVESTIGATING")


def resolved(
    record: Mapping[str, Any],
    *,
    kind: str,
    description: str,
    by: str,
    at: datetime,
    commit: str = "",
    pr: str = "",
) -> dict[str, Any]:
    """Return a copy of a record whose cause is mended (S0-75..80, S0-113).

    Args:
        record: An INVESTIGATING record whose analysis is complete.
        kind: Resolution type, such as `FIX`.
        description: What was done.
        by: Who did it.
        at: When, aware.
        commit: SHA of the commit, ``.
        pr: Number of the pull request, ``.

    Raises:
        InputError: The move is not allowed, or the analysis is not complete.
    """
    require_allowed(str(record.get("status")), "RESOLVED", str(record.get("failure_id", "")))
    copied = copy.deepcopy(dict(record))
    copied["resolution"].update(
        resolution_type=kind,
        resolution_description=clean(description.strip()),
        resolution_commit=commit or None,
        resolution_pr=pr or None,
        resolution_timestamp=time_text(at.replace(microsecond=0)),
        resolved_by=clean(by.strip()),
    )
    return moved(copied, "RESOLVED")


def strengthened(
    record: Mapping[str, Any], additions: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    """Return a copy of a record with more in its prevention; nothing is listed twice (S0-81..85).

    Args:
        record: The whole record.
        additions: Entries by field of the block.
    """
    copied = copy.deepcopy(dict(record))
    for name, entries in additions.items():
        there = copied["prevention"][name]
        new = (clean(one.strip()) for one in entries if one.strip())
        copied["prevention"][name] = list(dict.fromkeys((*there, *new)))
    return copied


def opened_again(
    record: Mapping[str, Any], *, by: str, reason: str, at: datetime
) -> dict[str, Any]:
    """Return a copy of a record that a person has opened again; its end is kept in it.

    Raises:
        InputError: It is OPEN, or no reason is given.
    """
    before = str(record.get("status"))
    require_allowed(before, "OPEN", str(record.get("failure_id", "")))
    if not reason.strip():
        raise InputError("a record is reopened for a reason: say it", slug="lifecycle")
    copied = copy.deepcopy(dict(record))
    copied["status"] = "OPEN"
    cause = copied["root_cause"]
    cause["analysis_status"] = "PENDING"
    said = f"reopened at {time_text(at.replace(microsecond=0))} by {by}: {reason.strip()}"
    cause["contributing_factors"] = [
        *cause["contributing_factors"],
        clean(f"{said}; it was {before}"),
    ]
    tags = copied["metadata"]["tags"]
    if REOPENED_TAG not in tags:
        copied["metadata"]["tags"] = [*tags, REOPENED_TAG]
    return copied


def reclassified(
    record: Mapping[str, Any],
    *,
    category: str = "",
    subcategory: str = "",
    severity: str = "",
    due: str = "",
) -> dict[str, Any]:
    """Return a copy of a record of another class; what the tool said stays in `classification`.

    Args:
        record: The whole record.
        category: Category; it must be that of the subcategory.
        subcategory: Subcategory, `` leaves it.
        severity: Severity, `` leaves it; the priority follows from it (C-13).
        due: Deadline that follows from the severity, ISO 8601, `` leaves it.

    Raises:
        InputError: A word is not of the taxonomy, or the two do not belong together.
    """
    copied = copy.deepcopy(dict(record))
    known = [one.value for one in Subcategory]
    if subcategory and subcategory not in known:
        raise InputError(f"{subcategory!r} is no subcategory{_near(subcategory, known)}")
    if severity and severity not in PRIORITY_BY_SEVERITY:
        levels = ", ".join(one.value for one in Severity)
        raise InputError(f"{severity!r} is no severity; it is one of {levels}")
    wanted = subcategory or str(record["subcategory"])
    expected = category_of(wanted).value
    if category and category != expected:
        raise InputError(f"subcategory {wanted} belongs to category {expected}, not to {category}")
    copied["category"], copied["subcategory"] = expected, wanted
    if severity:
        copied["severity"] = severity
        copied["metadata"]["priority"] = PRIORITY_BY_SEVERITY[severity]
    if due:
        copied["metadata"]["sla_resolution_target"] = due
    return copied


def _near(word: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word.upper(), list(known), n=1)
    return f"; did you mean {near[0]}?" if near else "; `failtrack record ID reclassify --help`"
