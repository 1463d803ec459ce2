"""SLA: by when a failure has to be resolved, and its priority; used when a record is built."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.matrix import Matrix

# S0-97, C-13
PRIORITY_BY_SEVERITY = {"CRITICAL": "P0", "HIGH": "P1", "MEDIUM": "P2", "LOW": "P3"}

BY_SEVERITY = "severity"
BY_TYPE = "failure_type"


@frozen
class Deadline:
    """The moment at which an open record misses its SLA.

    Args:
        due: Target, aware, UTC.
        source: `severity` or `failure_type`: which of the two ruled (C-2).
        hours: Hours between the first occurrence and `due`.
        hard_due: When escalation turns hard; never before `due`.
        severity_hours: What the severity asks for.
        type_hours: What the failure type asks for; None where it asks for nothing.
    """

    due: datetime
    source: str
    hours: float
    hard_due: datetime
    severity_hours: float
    type_hours: float | None


def deadline(failure_type: str, severity: str, opened_at: datetime, matrix: Matrix) -> Deadline:
    """Return the deadline of a failure: the earlier of severity's and failure type's.

    Args:
        failure_type: Failure type; one without a row counts as `unknown`.
        severity: `CRITICAL`, `HIGH`, `MEDIUM` or `LOW`, after any manual change.
        opened_at: First occurrence, aware.
        matrix: Escalation matrix with the hours of both.

    Returns:
        The deadline in UTC; on a tie the failure type is named, being the more specific.

    Source: S0-102..108, S1-53..62, C-2, C-25.
    """
    opened = opened_at.astimezone(timezone.utc)
    policy = matrix.policy(failure_type)
    severity_hours = matrix.severity_sla_hours[severity]
    type_hours = policy.sla_for(severity)
    if type_hours is not None and type_hours <= severity_hours:
        hours, source = type_hours, BY_TYPE
    else:
        hours, source = severity_hours, BY_SEVERITY
    hard_hours = max(hours, policy.sla_hard_hours or hours)
    return Deadline(
        due=opened + timedelta(hours=hours),
        source=source,
        hours=hours,
        hard_due=opened + timedelta(hours=hard_hours),
        severity_hours=severity_hours,
        type_hours=type_hours,
    )


def priority_of(severity: str) -> str:
    """Return `P0` to `P3` (S0-97)."""
    return PRIORITY_BY_SEVERITY[severity]
