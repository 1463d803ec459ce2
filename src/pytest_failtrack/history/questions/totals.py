"""How many records, causes and builds there are: in all, by any column, and over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import (
    ENDED,
    OPEN,
    Filter,
    known_names,
    of_records,
    of_runs,
)
from pytest_failtrack.history.questions.group import GROUPS, NAMED_CAUSE, PERIODS
from pytest_failtrack.history.questions.values import key, moment, whole

LIMIT = 1_000
PERIODS_MAX = 5_000

_SUMMARY = f"""
select count(*), distinct_texts({NAMED_CAUSE}), distinct_texts(build_id),
       sum(case when {OPEN} then 1 else 0 end), sum(case when {ENDED} then 1 else 0 end),
       sum(case when is_healed then 1 else 0 end), sum(case when is_repeat then 1 else 0 end),
       sum(case when {OPEN} and due_at < to_timestamp(?) then 1 else 0 end),
       epoch(min(occurred_at)), epoch(max(occurred_at))
from records where {{where}}
"""
_TOTALS = f"""
select {{keys}}, count(*) as many, distinct_texts({NAMED_CAUSE}), distinct_texts(build_id),
       sum(case when {OPEN} then 1 else 0 end), sum(case when is_repeat then 1 else 0 end)
from records where {{where}}
group by {{places}} order by {{order}} limit ?
"""
_TREND = f"""
select {{period}}(occurred_at), count(*), distinct_texts({NAMED_CAUSE}),
       distinct_texts(case when novelty in ('NEW', 'FIRST') then {NAMED_CAUSE} end),
       distinct_texts(case when is_repeat then {NAMED_CAUSE} end),
       sum(case when is_repeat then 1 else 0 end), sum(case when {OPEN} then 1 else 0 end)
from records where {{where}} group by 1 order by 1 desc limit ?
"""
_RUNS = """
select {period}(started_at), count(*),
       sum(case when failed + errors > 0 or causes > 0 then 1 else 0 end),
       sum(collected), sum(failed + errors), sum(flaky),
       sum(case when finished_at is not null
           then (epoch(finished_at) - epoch(started_at)) / 60.0 else 0.0 end)
from runs where {where} group by 1 order by 1 desc limit ?
"""

# Fields of a Stretch, in the order of the columns.
_FAILED = ("records", "causes", "new_causes", "repeated_causes", "repeats", "open")
_RAN = ("runs", "failing_runs", "collected", "failed", "flaky")


@frozen
class Summary:
    """What a filter comes to.

    Args:
        records: Number of records: one a failing test and run.
        causes: Different causes among them.
        builds: Different builds among them.
        open: Records that are OPEN or INVESTIGATING and not healed.
        ended: Records that are RESOLVED or PREVENTED.
        healed: Records that were closed after a green while, ended or not.
        repeats: Records that are repeats.
        overdue: Open records whose deadline has passed.
        first_at: Moment of the oldest record, aware; None where there is none.
        last_at: Moment of the newest.
    """

    records: int
    causes: int
    builds: int
    open: int
    ended: int
    healed: int
    repeats: int
    overdue: int
    first_at: datetime | None
    last_at: datetime | None


@frozen
class Total:
    """Records that have the same values in some columns.

    Args:
        key: Their values, in the order in which the columns were asked for; `` is not known.
        records: Number of records.
        causes: Different causes among them.
        builds: Different builds among them.
        open: Records that are OPEN or INVESTIGATING and not healed.
        repeats: Records that are repeats.
    """

    key: tuple[str, ...]
    records: int
    causes: int
    builds: int
    open: int
    repeats: int


@frozen
class Stretch:
    """One day, week or month.

    Args:
        start: Its first day, UTC.
        records: Records that occurred in it.
        causes: Different causes among them.
        new_causes: Different causes among those that are NEW or FIRST.
        repeated_causes: Different causes among the repeats.
        repeats: Records that are repeats.
        open: Records of it that are open today.
        runs: Run documents of runs that started in it.
        failing_runs: Runs with a failure or a cause.
        collected: Tests that the runs collected, in sum.
        failed: Tests that failed or broke in them, in sum.
        flaky: Tests that passed on another attempt, in sum.
        run_minutes: Minutes that the runs took, in sum.
    """

    start: date
    records: int = 0
    causes: int = 0
    new_causes: int = 0
    repeated_causes: int = 0
    repeats: int = 0
    open: int = 0
    runs: int = 0
    failing_runs: int = 0
    collected: int = 0
    failed: int = 0
    flaky: int = 0
    run_minutes: float = 0.0


def summary(database: Database, filter_: Filter) -> Summary:
    """Return how many records there are, and what has become of them; counts, no units."""
    where = of_records(filter_, database.tenant)
    (row,) = database.rows(_SUMMARY.format(where=where.text), (filter_.moment, *where.values))
    records, causes, builds, still_open, ended, healed, repeats, overdue = map(whole, row[:8])
    return Summary(
        records=records,
        causes=causes,
        builds=builds,
        open=still_open,
        ended=ended,
        healed=healed,
        repeats=repeats,
        overdue=overdue,
        first_at=moment(row[8]),
        last_at=moment(row[9]),
    )


def totals(
    database: Database, filter_: Filter, by: Sequence[str], *, limit: int = LIMIT
) -> list[Total]:
    """Return the number of records, causes and builds for each value of some columns.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        by: Names of `GROUPS`; `day`, `week` (its Monday) and `month` are those of the occurrence.
        limit: At most this many values, those with most records first. Where the first name is a
            stretch of time, the newest of them, in the order of time.

    Raises:
        InputError: A name is none of `GROUPS`.
    """
    known_names(by, tuple(GROUPS), "column to count by")
    where = of_records(filter_, database.tenant)
    places = ", ".join(str(at + 1) for at in range(len(by)))
    is_in_time = by[0] in PERIODS
    order = "1 desc, many desc" if is_in_time else "many desc"
    sql = _TOTALS.format(
        keys=", ".join(GROUPS[name] for name in by),
        where=where.text,
        places=places,
        order=f"{order}, {places}",
    )
    rows = database.rows(sql, (*where.values, limit))
    size = len(by)
    found = [Total(key(row, size), *map(whole, row[size:])) for row in rows]
    return sorted(found, key=lambda one: one.key[0]) if is_in_time else found


def trend(database: Database, filter_: Filter, period: str) -> list[Stretch]:
    """Return what happened in each day, week or month, the oldest first, without gaps.

    The figures of runs heed what a filter says of runs (window, branch, workflow, job, leg, build,
    commit, tenant) and nothing that it says of failures.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred and when runs started.
        period: `day`, `week` or `month`, UTC.

    Raises:
        InputError: The period is none of them.
    """
    known_names((period,), PERIODS, "stretch of time")
    where = of_records(filter_, database.tenant)
    failed = database.rows(
        _TREND.format(period=period, where=where.text), (*where.values, PERIODS_MAX)
    )
    where = of_runs(filter_, database.tenant)
    ran = database.rows(_RUNS.format(period=period, where=where.text), (*where.values, PERIODS_MAX))
    seen: dict[str, dict[str, Any]] = {}
    for start, *numbers in failed:
        seen.setdefault(str(start), {}).update(zip(_FAILED, map(int, numbers), strict=True))
    for start, *numbers, minutes in ran:
        counted = dict(zip(_RAN, map(int, numbers), strict=True))
        seen.setdefault(str(start), {}).update(counted, run_minutes=float(minutes))
    return [Stretch(start, **seen.get(start.isoformat(), {})) for start in _starts(seen, period)]


def _starts(seen: dict[str, Any], period: str) -> Iterator[date]:
    if not seen:
        return
    last = date.fromisoformat(max(seen))
    starts = [last]
    first = date.fromisoformat(min(seen))
    while starts[-1] > first and len(starts) < PERIODS_MAX:
        starts.append(_before(starts[-1], period))
    yield from reversed(starts)


def _before(start: date, period: str) -> date:
    if period == "month":
        return (start - timedelta(days=1)).replace(day=1)
    return start - timedelta(days=7 if period == "week" else 1)
