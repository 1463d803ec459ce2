"""Notes clocks that disagree with ours, at the end of a run with failures and of an ingest (S3-82).

Occurrences are ordered by what each event says of itself; where a clock is wrong the order is, and
so are deadlines. It is kept as an operational event, which `failtrack doctor` shows.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone

from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.performance import OperationalEvent, keep_event
from pytest_failtrack.history.store import History
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.skew import BOUND, Skew, ahead_of, moments_of_ci
from pytest_failtrack.record.times import parse_time, time_text

CLOCK_SKEW = "clock-skew"

_LOG = logging.getLogger("pytest_failtrack")


def note_clocks(
    history: History,
    observations: Iterable[Observation],
    *,
    is_shared: bool,
    environ: Mapping[str, str] = os.environ,
    now: datetime | None = None,
) -> list[str]:
    """Keep an event for each clock that disagrees with ours; return a sentence for each.

    Args:
        history: Where events are kept.
        observations: What was seen, or read in reports.
        is_shared: The history is a database, whose own clock is asked.
        environ: Environment variables, in which a CI tells moments.
        now: This moment, aware; the clock's by default.
    """
    received_at = now or datetime.now(timezone.utc)
    said = [*_moments_of(observations), *moments_of_ci(environ)]
    found = ahead_of(said, received_at)
    try:
        if is_shared:
            found += history.ask(_of_database)
        for one in found:
            event = event_of(one)
            history.ask(lambda database, event=event: keep_event(database, event))  # type: ignore[misc]
    except FailtrackError as error:
        _LOG.warning("failtrack: clocks that disagree were not kept: %s", error)
    return [sentence_of(one) for one in found]


def event_of(skew: Skew) -> OperationalEvent:
    """Return the operational event of a clock that disagrees."""
    return OperationalEvent(
        CLOCK_SKEW,
        skew.received_at,
        {
            "source": skew.source,
            "said_at": time_text(skew.said_at),
            "received_at": time_text(skew.received_at),
            "seconds": round(skew.seconds, 3),
            "bound_seconds": BOUND.total_seconds(),
        },
    )


def sentence_of(skew: Skew) -> str:
    """Return what disagrees, in a sentence."""
    said = time_text(skew.said_at.replace(microsecond=0))
    way = "ahead of" if skew.seconds > 0 else "behind"
    return (
        f"clocks disagree: {skew.source} says {said}, {_span(abs(skew.seconds))} {way} the clock "
        "of this machine; the order of occurrences and deadlines follow what each said"
    )


def _moments_of(observations: Iterable[Observation]) -> Iterator[tuple[str, datetime]]:
    for one in observations:
        try:
            yield one.source, parse_time(one.timestamp)
        except ValueError:
            continue


def _of_database(database: Database) -> list[Skew]:
    """Return the clock of the database's server when it disagrees, in either way."""
    if database.name == "sqlite":
        return []  # it has ours
    before = datetime.now(timezone.utc)
    ((seconds,),) = database.rows("select epoch(clock_timestamp())")
    after = datetime.now(timezone.utc)
    said = datetime.fromtimestamp(seconds, timezone.utc)
    is_near = before - BOUND <= said <= after + BOUND
    return [] if is_near else [Skew("database", said, after)]


def _span(seconds: float) -> str:
    """Return a span in the two largest of its units."""
    left = timedelta(seconds=round(seconds))
    hours, rest = divmod(left.seconds, 3_600)
    parts = ((left.days, "d"), (hours, "h"), (rest // 60, "min"), (rest % 60, "s"))
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2])
