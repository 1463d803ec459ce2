"""Clocks that disagree: what is told to have happened after it was heard of (S3-82)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from pytest_failtrack.frozen import frozen

BOUND = timedelta(minutes=2)
"""Clocks that are set by the network differ by less."""
EVENT_MAX_BYTES = 4_000_000
# Moments at which a CI's server did something before the job began.
VARIABLES = ("CI_JOB_STARTED_AT", "CI_PIPELINE_CREATED_AT")
EVENT_VARIABLE = "GITHUB_EVENT_PATH"
EVENT_FIELDS = (
    ("pull_request", "updated_at"),
    ("workflow_run", "created_at"),
    ("repository", "pushed_at"),
)


@frozen
class Skew:
    """One clock that disagrees with ours.

    Args:
        source: Whose clock it is: a variable of the CI, a kind of report, `database`.
        said_at: What it said, aware.
        received_at: What ours said when we heard of it, aware.
    """

    source: str
    said_at: datetime
    received_at: datetime

    @property
    def seconds(self) -> float:
        """By how much it is ahead; negative when it is behind."""
        return (self.said_at - self.received_at).total_seconds()


def ahead_of(
    said: Iterable[tuple[str, datetime]], received_at: datetime, bound: timedelta = BOUND
) -> list[Skew]:
    """Return the clocks that are ahead of ours, the worst moment of each.

    What happened longer ago says nothing: it may have been heard of late.

    Args:
        said: Whose clock, and a moment that it told, aware.
        received_at: When we heard of it, aware.
        bound: What clocks may differ by.
    """
    worst: dict[str, datetime] = {}
    for source, moment in said:
        if moment - received_at > bound and moment > worst.get(source, received_at):
            worst[source] = moment
    return [Skew(source, moment, received_at) for source, moment in worst.items()]


def moments_of_ci(environ: Mapping[str, str]) -> Iterator[tuple[str, datetime]]:
    """Yield the moments that a CI tells of things that its server did before this job.

    Args:
        environ: Environment variables.
    """
    for name in VARIABLES:
        if (moment := _parsed(environ.get(name))) is not None:
            yield name, moment
    event = _event(environ.get(EVENT_VARIABLE, ""))
    for block, field in EVENT_FIELDS:
        held = event.get(block)
        if isinstance(held, dict) and (moment := _parsed(held.get(field))) is not None:
            yield f"{EVENT_VARIABLE} {block}.{field}", moment


def _event(path: str) -> dict[str, Any]:
    """Return the event that GitHub started the workflow for, empty when there is none."""
    if not path:
        return {}
    try:
        if os.path.getsize(path) > EVENT_MAX_BYTES:
            return {}
        with open(path, encoding="utf-8") as file:
            event = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _parsed(value: object) -> datetime | None:
    """Return a moment as a CI tells it: ISO 8601, or seconds since 1970."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, timezone.utc)
        if isinstance(value, str) and value:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError, OSError):
        pass
    return None
