"""The stretch of time that a report is about, and the one before, with which it is compared."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.questions.filter import Filter


@frozen
class Period:
    """From one moment to another.

    Args:
        since: Start, aware, UTC.
        until: End, aware, UTC; not part of it.
        now: At which deadlines are read, aware; never before `until` where all is past.
    """

    since: datetime
    until: datetime
    now: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return Period(self.since - self.length, self.since, self.since)

    def failures(self, **more: Any) -> Filter:
        """Return the filter for failures of this period; findings of test debt are none."""
        return Filter(since=self.since, until=self.until, now=self.now, is_debt=False, **more)
