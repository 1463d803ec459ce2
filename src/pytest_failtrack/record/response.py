"""How fast people answered a failure: time to triage (S1-97) and to acknowledge (S1-117)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.change import Change
from pytest_failtrack.record.times import parse_time

TRIAGE_LIMIT = timedelta(minutes=15)
ACKNOWLEDGE_LIMIT = timedelta(hours=1)
# What says that somebody has taken it on.
ACKNOWLEDGED_BY = frozenset({"assign", "investigate"})


@frozen
class Answer:
    """Whether one limit was kept.

    Args:
        name: `triage` or `acknowledge`.
        taken: From the failure to the answer; None while there is none.
        limit: What is allowed.
        waited: `taken`, or how long it has been waited until now.
        by: Who answered, ``.
    """

    name: str
    taken: timedelta | None
    limit: timedelta
    waited: timedelta
    by: str = ""

    @property
    def is_late(self) -> bool:
        """Whether the limit is passed."""
        return self.waited > self.limit


def time_to_triage(record: Mapping[str, Any], changes: Iterable[Change]) -> timedelta | None:
    """Return the time from a failure to the first change of its status (S1-97).

    Args:
        record: The whole record.
        changes: Its events, the oldest first.

    Returns:
        Never negative, whatever the clocks say; None while the status is as it was captured.
    """
    return _since(record, _first(changes, _is_triage))


def time_to_acknowledge(record: Mapping[str, Any], changes: Iterable[Change]) -> timedelta | None:
    """Return the time from a failure to its first assignment or investigation (S1-117)."""
    return _since(record, _first(changes, _is_acknowledgement))


def answers(
    record: Mapping[str, Any], changes: Iterable[Change], now: datetime
) -> tuple[Answer, ...]:
    """Return both times, with their limits and what has passed until now."""
    events = list(changes)
    found = []
    for name, is_it, limit in (
        ("triage", _is_triage, TRIAGE_LIMIT),
        ("acknowledge", _is_acknowledgement, ACKNOWLEDGE_LIMIT),
    ):
        first = _first(events, is_it)
        taken = _since(record, first)
        waited = taken if taken is not None else _positive(now - parse_time(record["timestamp"]))
        found.append(Answer(name, taken, limit, waited, first.by if first else ""))
    return tuple(found)


def _is_triage(change: Change) -> bool:
    return change.moves is not None


def _is_acknowledgement(change: Change) -> bool:
    return change.action in ACKNOWLEDGED_BY


def _first(changes: Iterable[Change], is_it: Callable[[Change], bool]) -> Change | None:
    return next((one for one in changes if is_it(one)), None)


def _since(record: Mapping[str, Any], change: Change | None) -> timedelta | None:
    if change is None:
        return None
    return _positive(change.at - parse_time(record["timestamp"]))


def _positive(span: timedelta) -> timedelta:
    return max(span, timedelta())
