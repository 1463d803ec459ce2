"""Whose question is next: under extreme load recent events come before historical queries (NFR43).

For a process whose threads share one history. Questions wait in the order in which they came; when
more than 50 times as many come as usual, those about what happens now are answered first.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

T = TypeVar("T")

EXTREME_LOAD_FACTOR = 50
"""Times the baseline, from which on the load is extreme (S3-80)."""
WINDOW_SECONDS = 60.0
WINDOWS_KEPT = 60


class QueryKind(str, Enum):
    """What a question is about."""

    RECENT = "recent"
    HISTORICAL = "historical"


class Load:
    """How many questions come, against how many usually do.

    The baseline is the median of the windows before the present one, at least one question each.
    """

    def __init__(self) -> None:
        self._counts: deque[int] = deque(maxlen=WINDOWS_KEPT)
        self._window = -1
        self._current = 0

    def note(self, now: float) -> None:
        """Count a question.

        Args:
            now: Seconds of a clock that only goes forward.
        """
        self._turn_to(now)
        self._current += 1

    def baseline(self) -> float:
        """Return how many questions usually come in a window."""
        # `statistics` takes 10 ms to import.
        ordered = sorted(self._counts)
        middle = len(ordered) // 2
        if not ordered:
            return 1.0
        usual = ordered[middle] if len(ordered) % 2 else sum(ordered[middle - 1 : middle + 1]) / 2
        return max(float(usual), 1.0)

    def is_extreme(self, now: float) -> bool:
        """Return whether more than 50 times as many come as usual."""
        self._turn_to(now)
        return self._current > EXTREME_LOAD_FACTOR * self.baseline()

    def _turn_to(self, now: float) -> None:
        window = int(now // WINDOW_SECONDS)
        if self._window < 0:
            self._window = window
        passed = window - self._window
        if passed <= 0:
            return
        self._counts.append(self._current)
        # Windows in which nobody asked are as usual as the others.
        self._counts.extend([0] * min(passed - 1, WINDOWS_KEPT))
        self._window = window
        self._current = 0


class Turns:
    """Who waits, and who is next."""

    def __init__(self) -> None:
        self._waiting: list[tuple[object, QueryKind]] = []

    def add(self, ticket: object, kind: QueryKind) -> None:
        """Let somebody wait."""
        self._waiting.append((ticket, kind))

    def remove(self, ticket: object) -> None:
        """Let somebody go."""
        self._waiting = [one for one in self._waiting if one[0] is not ticket]

    def next(self, *, is_extreme: bool) -> object | None:
        """Return who is next, None when nobody waits.

        Args:
            is_extreme: Questions about what happens now come first.
        """
        if is_extreme:
            for ticket, kind in self._waiting:
                if kind is QueryKind.RECENT:
                    return ticket
        return self._waiting[0][0] if self._waiting else None


class QueryGate:
    """Lets one question through at a time, in the order that the load asks for.

    Args:
        clock: Seconds, only forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turns = Turns()
        self._load = Load()
        self._is_busy = False
        self._changed = threading.Condition()

    def ask(self, question: Callable[[], T], kind: QueryKind = QueryKind.HISTORICAL) -> T:
        """Return the answer to a question when its turn has come.

        Args:
            question: Asks the history.
            kind: What it is about.
        """
        ticket = object()
        with self._changed:
            self._load.note(self._clock())
            self._turns.add(ticket, kind)
            try:
                self._changed.wait_for(lambda: not self._is_busy and self._is_next(ticket))
                self._is_busy = True
            finally:
                self._turns.remove(ticket)
                # Who waits behind one that was interrupted is next now.
                self._changed.notify_all()
        try:
            return question()
        finally:
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()

    def _is_next(self, ticket: object) -> bool:
        extreme = self._load.is_extreme(self._clock())
        return self._turns.next(is_extreme=extreme) is ticket
