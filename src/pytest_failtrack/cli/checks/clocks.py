"""Checks of `failtrack doctor` about what the history has to say of itself: clocks and queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_failtrack.cli.checks.checkup import Checkup, Remark, fine, shortened, warning
from pytest_failtrack.clocks import CLOCK_SKEW, sentence_of
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.performance import OperationalEvent, events_since
from pytest_failtrack.observe.skew import BOUND, Skew, ahead_of, moments_of_ci
from pytest_failtrack.open_history import has_history, open_history
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.sinks.wording import count

DAYS = 14
NAMED_MAX = 5
ADVICE = "set the clocks by the network (NTP)"


def clocks(checkup: Checkup) -> Iterator[Remark]:
    """The clocks that dated the evidence agree."""
    try:
        events, ahead = _asked(checkup)
    except FailtrackError:
        return  # the check `index` says so
    skews = ahead_of(moments_of_ci(checkup.environ), checkup.now)
    skews += [_skew_of(one) for one in events if one.kind == CLOCK_SKEW]
    seen: dict[str, Skew] = {}
    for one in skews:
        seen.setdefault(one.source, one)
    remarks = [warning(sentence_of(one), ADVICE) for one in seen.values()]
    yield from shortened(remarks, NAMED_MAX, "more clocks are like that")
    if ahead:
        yield warning(f"{count(ahead, 'record')} dated later than now", ADVICE)
    if not remarks and not ahead:
        yield fine("no clock disagreed with this one")


def queries(checkup: Checkup) -> Iterator[Remark]:
    """The history answers in time (FR106)."""
    try:
        events, _ = _asked(checkup)
    except FailtrackError:
        return
    slow = [one for one in events if one.kind != CLOCK_SKEW]
    remarks = [
        warning(
            f"{one.detail.get('query_id')}{_about(one)} took "
            f"{one.detail.get('duration_seconds'):.1f} s on {one.at:%Y-%m-%d}",
            "failtrack history pack, or a shorter range",
        )
        for one in slow
    ]
    yield from shortened(remarks, NAMED_MAX, "more queries were like that")
    if not remarks:
        yield fine(f"no query was over its limit in {DAYS} days")


def _about(event: OperationalEvent) -> str:
    number = event.detail.get("event_count")
    return f" over {count(int(number), 'event')}" if number is not None else ""


def _asked(checkup: Checkup) -> tuple[list[OperationalEvent], int]:
    settings = checkup.settings
    if not has_history(settings):
        return [], 0

    def question(database: Database) -> tuple[list[OperationalEvent], int]:
        limit = (checkup.now + BOUND).timestamp()
        ((ahead,),) = database.rows(
            "select count(*) from records where tenant_id = ? and occurred_at > to_timestamp(?)",
            (database.tenant, limit),
        )
        return events_since(database, checkup.now - timedelta(days=DAYS)), int(ahead)

    with open_history(settings) as history:
        return history.ask(question)


def _skew_of(event: OperationalEvent) -> Skew:
    detail = event.detail
    return Skew(
        str(detail["source"]),
        parse_time(str(detail["said_at"])),
        parse_time(str(detail["received_at"])),
    )
