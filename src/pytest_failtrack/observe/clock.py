"""The clock of a run: goes on while a test stops, mocks or moves time; asked by the tracker.

A report is made while the test's own patches are still there. What freezegun, time-machine or a
monkeypatched `time.time` would say then dates a failure years back: its deadline would be past and
its recurrence no repeat.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone


def now_text() -> str:
    """Return this moment by the system's clock as ISO 8601, UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


class Clock:
    """The time of day as it was once read, and what has passed since then.

    The counter is held in an attribute: freezegun replaces the names of modules, and time-machine
    leaves the counter alone. It may stand still while the computer sleeps, which is no harm.
    """

    def __init__(self) -> None:
        self._counter = time.perf_counter
        self._began_at = datetime.fromtimestamp(time.time(), timezone.utc)
        self._counted = self._counter()

    def now(self) -> datetime:
        """Return this moment, aware, UTC."""
        return self._began_at + timedelta(seconds=self._counter() - self._counted)

    def text(self) -> str:
        """Return this moment as ISO 8601, UTC, to the millisecond."""
        return self.now().isoformat(timespec="milliseconds")
