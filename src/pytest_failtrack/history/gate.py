"""Whose question is next: under extreme load recent events come before historical queries (NFR43).

For the threads of a process that ask one history, by one connection or by many. When more than 50
times as many questions come as usual, those about what happens now are answered first.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from pytest_failtrack.frozen import frozen

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


@frozen
class Ticket:
    """Somebody who waits.

    Args:
        kind: What the question is about.
        lane: Who answers it: a connection answers one question at a time.
    """

    kind: QueryKind
    lane: object


class Turns:
    """Who waits, who is being answered, and who may come."""

    def __init__(self) -> None:
        self._waiting: list[Ticket] = []
        self._answered: list[Ticket] = []

    def add(self, ticket: Ticket) -> None:
        """Let somebody wait."""
        self._waiting.append(ticket)

    def start(self, ticket: Ticket) -> None:
        """Let somebody who waits come."""
        self.remove(ticket)
        self._answered.append(ticket)

    def remove(self, ticket: Ticket) -> None:
        """Let somebody go, answered or not."""
        for some in (self._waiting, self._answered):
            some[:] = [one for one in some if one is not ticket]

    def may_start(self, ticket: Ticket, *, is_extreme: bool) -> bool:
        """Return whether it is somebody's turn.

        Args:
            ticket: Who waits.
            is_extreme: Questions about what happens now come first, whoever answers them.
        """
        if any(one.lane is ticket.lane for one in self._answered):
            return False
        rivals = self._waiting
        if is_extreme:
            everybody = (*self._answered, *self._waiting)
            rivals = [one for one in everybody if one.kind is QueryKind.RECENT] or rivals
        return next((one for one in rivals if one.lane is ticket.lane), None) is ticket


class QueryGate:
    """Lets questions through in the order that the load asks for.

    Each connection answers one at a time, in the order in which they came, and none waits for
    another connection; under extreme load those about the past wait until none about what happens
    now is left.

    Args:
        clock: Seconds, only forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turns = Turns()
        self._load = Load()
        self._changed = threading.Condition()
        self._mine = threading.local()

    def ask(
        self,
        question: Callable[[], T],
        kind: QueryKind = QueryKind.HISTORICAL,
        lane: object = None,
    ) -> T:
        """Return the answer to a question when its turn has come.

        Args:
            question: Asks the history; what it asks within belongs to it and does not wait.
            kind: What it is about.
            lane: Who answers it, one question at a time.
        """
        if getattr(self._mine, "is_asking", False):
            return question()
        ticket = Ticket(kind, lane)
        try:
            with self._changed:
                self._load.note(self._clock())
                self._turns.add(ticket)
                self._changed.wait_for(lambda: self._may_start(ticket))
                self._turns.start(ticket)
            self._mine.is_asking = True
            return question()
        finally:
            self._mine.is_asking = False
            with self._changed:
                self._turns.remove(ticket)
                self._changed.notify_all()

    def _may_start(self, ticket: Ticket) -> bool:
        extreme = self._load.is_extreme(self._clock())
        return self._turns.may_start(ticket, is_extreme=extreme)


_GATES: dict[str, QueryGate] = {}


def gate_of(place: str) -> QueryGate:
    """Return the gate of a history, the same for all threads of this process.

    Args:
        place: Its path or URL.
    """
    return _GATES.setdefault(place, QueryGate())


if hasattr(os, "register_at_fork"):
    # Whoever waited in the parent waits for ever in the child.
    os.register_at_fork(after_in_child=_GATES.clear)
