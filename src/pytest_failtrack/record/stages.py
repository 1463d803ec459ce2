"""The five stages of a failure's way through a team (S1-38), from a record and its events.

What follows from the record alone has no event: a run captures thousands of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.change import Change
from pytest_failtrack.record.times import parse_time

DETECTION = "Failure Detection"
NOTIFICATION = "Domain Expert Notification"
IMPACT = "Cross-Team Impact Assessment"
SLA_TIMER = "SLA Timer Activation"
TRACKING = "Resolution Tracking"
STAGES = (DETECTION, NOTIFICATION, IMPACT, SLA_TIMER, TRACKING)

_OWNER = "metadata.owner"
_DUE = "metadata.sla_resolution_target"


@frozen
class Stage:
    """One stage of one record.

    Args:
        name: One of `STAGES`.
        at: When it was reached, aware; None while it is ahead.
        by: Who reached it, ``.
        says: What is known of it, one clause.
    """

    name: str
    at: datetime | None
    by: str
    says: str


def stages(record: Mapping[str, Any], changes: Iterable[Change]) -> tuple[Stage, ...]:
    """Return the five stages in their order.

    Args:
        record: The whole record.
        changes: Its events, the oldest first.
    """
    events = list(changes)
    captured = parse_time(record["timestamp"])
    reporter = record["metadata"]["reporter"]
    return (
        Stage(DETECTION, captured, reporter, f"in build {record['build_id']}"),
        _notification(record, events, captured),
        _impact(events),
        _timer(record, events, captured),
        _tracking(record, events),
    )


def _notification(record: Mapping[str, Any], events: Sequence[Change], captured: datetime) -> Stage:
    notify = record["escalation"]["notify"]
    owner = _at_capture(record, events, _OWNER, record["metadata"]["owner"])
    told = ", ".join(dict.fromkeys([*([owner] if owner else []), *notify]))
    if told:
        return Stage(NOTIFICATION, captured, record["metadata"]["reporter"], f"to {told}")
    first = next((one for one in events if one.after.get(_OWNER)), None)
    if first is None:
        return Stage(NOTIFICATION, None, "", "nobody is known to be told: `assign` an owner")
    return Stage(NOTIFICATION, first.at, first.by, f"to {first.after[_OWNER]}")


def _impact(events: Sequence[Change]) -> Stage:
    for one in reversed(events):
        said = one.more.get("impact")
        if isinstance(said, str) and said.strip():
            return Stage(IMPACT, one.at, one.by, said.strip())
    return Stage(IMPACT, None, "", "not assessed: `investigate --impact`, or `rca`")


def _timer(record: Mapping[str, Any], events: Sequence[Change], captured: datetime) -> Stage:
    due = record["metadata"]["sla_resolution_target"]
    reset = next((one for one in reversed(events) if _DUE in one.after), None)
    if not due:
        return Stage(SLA_TIMER, None, "", "no deadline is known")
    due = f"{parse_time(due):%Y-%m-%d %H:%MZ}"
    if reset is not None:
        return Stage(SLA_TIMER, reset.at, reset.by, f"due {due}, set anew by {reset.action}")
    source = record["escalation"]["sla_source"]
    why = f", by {source.replace('_', ' ')}" if source else ""
    return Stage(SLA_TIMER, captured, record["metadata"]["reporter"], f"due {due}{why}")


def _tracking(record: Mapping[str, Any], events: Sequence[Change]) -> Stage:
    moved = [(one, one.moves) for one in events if one.moves is not None]
    if not moved:
        begun = "nobody has begun" if record["status"] == "OPEN" else "when is not told"
        return Stage(TRACKING, None, "", f"{record['status']}, {begun}")
    first, (start, _) = moved[0]
    way = [start, *(after for _, (_, after) in moved)]
    return Stage(TRACKING, first.at, first.by, " -> ".join(way))


def _at_capture(record: Mapping[str, Any], events: Sequence[Change], path: str, now: Any) -> Any:
    """Return the value that a field had before the first event that changed it."""
    return next((one.before.get(path) for one in events if path in one.after), now)
