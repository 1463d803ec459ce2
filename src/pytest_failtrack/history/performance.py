"""How long questions take, and what follows: batches for large ranges, events for slow ones.

FR106: a question over up to 10,000 events is answered within 30 s; a larger range is asked about in
batches, with progress, and can be interrupted between two. What took longer is an operational
event, kept in the history and told by `logging`.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from pytest_failtrack.errors import StoreError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database

T = TypeVar("T")

QUERY_SLA_THRESHOLD_EVENTS = 10_000
QUERY_SLA_TIMEOUT_SECONDS = 30
QUERY_SLOW = "query-slow"
QUERY_TIMEOUT = "query-timeout"
# A range is not cut smaller than this; what happened within it is one batch, however much it is.
SLICE_MIN_SECONDS = 1.0
TRACKED_MAX = 1_000

_LOG = logging.getLogger("pytest_failtrack")
# uuid5 of an event's content, so that the same event is kept once.
_EVENTS = uuid.UUID("6f6f5b0e-6a53-5a4b-9d1c-6a8a6f4d3c11")


@frozen
class BatchProgress:
    """How far a question has come (S3-49).

    Args:
        total_events: How many events it is about.
        processed_events: How many it has been through.
        estimated_completion: When it will be through, aware; None while nothing can be said.
    """

    total_events: int
    processed_events: int
    estimated_completion: datetime | None = None


@frozen
class OperationalEvent:
    """What the history has to say of itself.

    Args:
        kind: `query-slow`, `query-timeout`, `clock-skew`.
        at: When, aware.
        detail: The rest, as JSON values.
    """

    kind: str
    at: datetime
    detail: Mapping[str, Any]

    @property
    def event_id(self) -> str:
        """UUID of its content."""
        text = json.dumps([self.kind, self.at.isoformat(), self.detail], sort_keys=True)
        return str(uuid.uuid5(_EVENTS, text))


@frozen
class _Tracked:
    """One question and how long it took."""

    event_count: int
    duration_seconds: float


class QueryPerformanceService:
    """Measures questions to the history against FR106 (S3-46..49, S3-102).

    Args:
        tell: Receives an event for each question over its limit; by default it is logged alone.
        now: Tells the time of day, aware.
    """

    def __init__(
        self,
        tell: Callable[[OperationalEvent], None] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._tell = tell
        self._now = now or (lambda: datetime.now(timezone.utc))
        self._tracked: dict[str, _Tracked] = {}
        self._batches: dict[str, tuple[datetime, BatchProgress]] = {}

    def track_query(self, query_id: str, event_count: int, duration_ms: float) -> None:
        """Note how long a question took; one over its limit is an operational event.

        Args:
            query_id: Name of the question; the last word about it counts.
            event_count: How many events it was about.
            duration_ms: How long it took, in milliseconds.
        """
        one = _Tracked(event_count, duration_ms / 1_000)
        self._tracked.pop(query_id, None)
        self._tracked[query_id] = one
        if len(self._tracked) > TRACKED_MAX:
            del self._tracked[next(iter(self._tracked))]
        if not _complies(one):
            self.report(QUERY_SLOW, query_id, event_count, one.duration_seconds)

    def check_compliance(
        self, event_count: int | None = None, duration_seconds: float | None = None
    ) -> bool:
        """Return whether a question kept to FR106; without arguments, whether all tracked did.

        Args:
            event_count: How many events it was about; over 10,000 there is no limit.
            duration_seconds: How long it took.

        Raises:
            ValueError: Only one of the two is given.

        Source: S3-102, C-17: 10,000 is still within.
        """
        if event_count is None and duration_seconds is None:
            return all(map(_complies, self._tracked.values()))
        if event_count is None or duration_seconds is None:
            raise ValueError("give both event_count and duration_seconds, or neither")
        return _complies(_Tracked(event_count, duration_seconds))

    def get_batch_progress(self, query_id: str) -> BatchProgress:
        """Return how far a question has come.

        Raises:
            KeyError: No question of this name was asked in batches.
        """
        return self._batches[query_id][1]

    def advance(self, query_id: str, total_events: int, processed_events: int) -> BatchProgress:
        """Note how far a question has come; return it with the time of its end.

        Args:
            query_id: Name of the question.
            total_events: How many events it is about.
            processed_events: How many it has been through; 0 begins anew.
        """
        now = self._now()
        is_new = not processed_events or query_id not in self._batches
        started = now if is_new else self._batches[query_id][0]
        done = min(processed_events, total_events)
        end = None
        if done >= total_events:
            end = now
        elif done:
            end = now + (now - started) * ((total_events - done) / done)
        progress = BatchProgress(total_events, done, end)
        self._batches[query_id] = (started, progress)
        return progress

    def report(self, kind: str, query_id: str, event_count: int, seconds: float) -> None:
        """Tell of a question that took too long."""
        detail = {
            "query_id": query_id,
            "event_count": event_count,
            "duration_seconds": round(seconds, 3),
            "limit_seconds": QUERY_SLA_TIMEOUT_SECONDS,
        }
        _LOG.warning(
            "failtrack: %s: %s over %d events took %.1f s (limit %d s)",
            *(kind, query_id, event_count, seconds, QUERY_SLA_TIMEOUT_SECONDS),
        )
        if self._tell is not None:
            self._tell(OperationalEvent(kind, self._now(), detail))


def in_batches(
    service: QueryPerformanceService,
    query_id: str,
    count: Callable[[datetime, datetime], int],
    ask: Callable[[datetime, datetime], T],
    *,
    since: datetime,
    until: datetime,
    tell: Callable[[BatchProgress], None] | None = None,
    threshold: int = QUERY_SLA_THRESHOLD_EVENTS,
) -> Iterator[T]:
    """Yield the answers to a question, one for each part of its range with few enough events.

    A part that the history does not answer in time is asked about in halves.

    Args:
        service: Is told how long each part took, and how far the question has come.
        query_id: Name of the question.
        count: Returns the number of events from one moment until before another.
        ask: Answers the question about the same.
        since: Start of the range, aware.
        until: Its end, aware, which does not belong to it.
        tell: Receives the progress before the first part and after each.
        threshold: Events of a part, at most.

    Raises:
        StoreError: The history cannot be asked.
    """
    total = count(since, until)
    done = 0
    _said(tell, service.advance(query_id, total, 0))
    parts = [(since, until, total)]
    while parts:
        start, end, number = parts.pop()
        if not number and total:
            continue
        if number > threshold and _is_divisible(start, end):
            parts += _halves(start, end, number, count)
            continue
        began = time.monotonic()
        try:
            answer = ask(start, end)
        except StoreError as error:
            if error.slug != "store-slow" or not _is_divisible(start, end):
                raise
            service.report(QUERY_TIMEOUT, query_id, number, time.monotonic() - began)
            parts += _halves(start, end, number, count)
            continue
        service.track_query(query_id, number, (time.monotonic() - began) * 1_000)
        yield answer
        done += number
        _said(tell, service.advance(query_id, total, done))


def note_slow(
    database: Database,
    question: Callable[..., object],
    seconds: float,
    *,
    is_timeout: bool = False,
) -> None:
    """Note a question that took too long, as an event and in the log; nothing is raised.

    Args:
        database: Where it was asked.
        question: What was asked.
        seconds: How long it took.
        is_timeout: It was not answered.
    """
    name = getattr(question, "__qualname__", type(question).__name__)
    kind = QUERY_TIMEOUT if is_timeout else QUERY_SLOW
    _LOG.warning("failtrack: %s: %s took %.1f s", kind, name, seconds)
    detail = {
        "query_id": name,
        "event_count": None,
        "duration_seconds": round(seconds, 3),
        "limit_seconds": QUERY_SLA_TIMEOUT_SECONDS,
    }
    try:
        keep_event(database, OperationalEvent(kind, datetime.now(timezone.utc), detail))
    except StoreError as error:
        _LOG.warning("failtrack: it was not kept: %s", error)


def keep_event(database: Database, event: OperationalEvent) -> None:
    """Put an operational event into the history; one that is there stays.

    Raises:
        StoreError: The history did not take it.
    """
    detail = json.dumps(event.detail, ensure_ascii=False, sort_keys=True)
    database.run(
        "insert into operational_events (tenant_id, event_id, at, kind, detail)"
        " values (?, ?, to_timestamp(?), ?, ?) on conflict (tenant_id, event_id) do nothing",
        (database.tenant, event.event_id, event.at.timestamp(), event.kind, detail),
    )


def events_since(database: Database, since: datetime) -> list[OperationalEvent]:
    """Return the operational events from a moment on, the newest first."""
    rows = database.rows(
        "select kind, epoch(at), detail from operational_events"
        " where tenant_id = ? and at >= to_timestamp(?) order by at desc, event_id",
        (database.tenant, since.timestamp()),
    )
    return [
        OperationalEvent(kind, datetime.fromtimestamp(at, timezone.utc), json.loads(detail))
        for kind, at, detail in rows
    ]


def _complies(one: _Tracked) -> bool:
    if one.event_count > QUERY_SLA_THRESHOLD_EVENTS:
        return True
    return one.duration_seconds <= QUERY_SLA_TIMEOUT_SECONDS


def _is_divisible(start: datetime, end: datetime) -> bool:
    return (end - start).total_seconds() >= 2 * SLICE_MIN_SECONDS


def _halves(
    start: datetime, end: datetime, number: int, count: Callable[[datetime, datetime], int]
) -> list[tuple[datetime, datetime, int]]:
    """Return both halves of a range, the older one last, which is taken first."""
    middle = start + timedelta(seconds=int((end - start).total_seconds() / 2))
    older = count(start, middle)
    return [(middle, end, number - older), (start, middle, older)]


def _said(tell: Callable[[BatchProgress], None] | None, progress: BatchProgress) -> None:
    if tell is not None:
        tell(progress)
