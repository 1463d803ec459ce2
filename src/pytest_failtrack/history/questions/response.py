"""How fast a team answers (S1-97, S1-117), and how well failures were sorted and sent (S1-151).

All of it is read from the events in the records' own histories, the table `changes`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import (
    OPEN,
    Filter,
    Where,
    known_names,
    of_records,
    of_tenant,
)
from pytest_failtrack.history.questions.group import GROUPS
from pytest_failtrack.history.questions.values import key, number, whole

TRIAGE_MINUTES = 15
"""S1-97: triage within 15 minutes."""
ACK_MINUTES = 60
"""S1-117: critical security findings are answered within an hour."""
LIMIT = 1_000

# `after` is the JSON object of the fields that changed.
TRIAGED = "(after like '%\"status\":%')"
ACKNOWLEDGED = "(action in ('assign', 'investigate'))"
RECLASSIFIED = "(action = 'reclassify')"
# Somebody had it before: the first assignment is no correction.
REASSIGNED = (
    '(after like \'%"metadata.owner":%\' and before like \'%"metadata.owner":"%\''
    ' and before not like \'%"metadata.owner":""%\')'
)

_TIMES = f"""
with answered as (
    select tenant_id as repo, failure_id as id, min(at) as at
    from changes where {{tenant}} and {{event}} group by 1, 2
), failed as (
    select tenant_id, failure_id, occurred_at, case when {OPEN} then 1 else 0 end as is_open{{keys}}
    from records where {{where}}
), timed as (
    select is_open, occurred_at{{names}}, case when at is null then null when at > occurred_at
           then (epoch(at) - epoch(occurred_at)) / 60.0 else 0.0 end as minutes
    from failed left join answered
        on answered.repo = failed.tenant_id and answered.id = failed.failure_id
), placed as (
    select is_open, occurred_at, minutes{{names}}, count(minutes) over {{all}} as many,
           row_number() over {{sorted}} as place
    from timed
)
select {{first}} count(*), count(minutes), avg(minutes),
       avg(case when place in ((many + 1) / 2, (many + 2) / 2) then minutes end), max(minutes),
       sum(case when minutes <= ? then 1 else 0 end),
       sum(case when minutes > ? or (minutes is null and is_open = 1
           and epoch(occurred_at) < ?) then 1 else 0 end)
from placed {{grouped}} limit ?
"""
_ACCURACY = f"""
with changed as (
    select tenant_id as repo, failure_id as id,
           max(case when {RECLASSIFIED} then 1 else 0 end) as is_reclassified,
           max(case when {REASSIGNED} then 1 else 0 end) as is_reassigned
    from changes where {{tenant}} and (action = 'reclassify' or after like ?) group by 1, 2
), failed as (
    select tenant_id, failure_id{{keys}} from records where {{where}}
)
select {{first}} count(*), sum(coalesce(is_reclassified, 0)), sum(coalesce(is_reassigned, 0))
from failed left join changed
    on changed.repo = failed.tenant_id and changed.id = failed.failure_id
{{grouped}} limit ?
"""


@frozen
class Response:
    """How long records waited for an answer.

    Args:
        key: Values of the columns that were asked for.
        records: Records that were asked about.
        answered: Those of them that were answered.
        mean_minutes: Mean time from occurrence to answer; None for none.
        median_minutes: Median of it.
        longest_minutes: The longest.
        in_time: Records that were answered within the limit.
        late: Records that were answered later, or are open and still wait behind it.
    """

    key: tuple[str, ...]
    records: int
    answered: int
    mean_minutes: float | None
    median_minutes: float | None
    longest_minutes: float | None
    in_time: int
    late: int

    @property
    def rate(self) -> float | None:
        """Of the records that are decided, the part that was in time, 0 to 1; None for none."""
        decided = self.in_time + self.late
        return self.in_time / decided if decided else None


@frozen
class Accuracy:
    """How often people corrected what was said of a failure (S1-151).

    Args:
        key: Values of the columns that were asked for.
        records: Records that were asked about.
        reclassified: Those whose class was changed: categorization was wrong.
        reassigned: Those that went from one owner to another: routing was wrong.
    """

    key: tuple[str, ...]
    records: int
    reclassified: int
    reassigned: int

    @property
    def categorization(self) -> float | None:
        """The part that kept its class, 0 to 1; None where there is no record."""
        return 1 - self.reclassified / self.records if self.records else None

    @property
    def routing(self) -> float | None:
        """The part that kept its owner, 0 to 1; None where there is no record."""
        return 1 - self.reassigned / self.records if self.records else None


def time_to_triage(
    database: Database,
    filter_: Filter,
    by: Sequence[str] = (),
    *,
    limit_minutes: float = TRIAGE_MINUTES,
    limit: int = LIMIT,
) -> list[Response]:
    """Return how long records waited for their first change of status, in minutes (S1-97).

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        by: Names of `GROUPS`. One row for all where it is empty.
        limit_minutes: What is in time.
        limit: At most this many rows, in the order of their keys.
    """
    return _times(database, filter_, by, TRIAGED, limit_minutes, limit)


def time_to_ack(
    database: Database,
    filter_: Filter,
    by: Sequence[str] = (),
    *,
    limit_minutes: float = ACK_MINUTES,
    limit: int = LIMIT,
) -> list[Response]:
    """Return how long records waited until somebody was assigned or investigated them (S1-117).

    For the critical security findings of S1-117 give a filter with their failure types.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        by: Names of `GROUPS`. One row for all where it is empty.
        limit_minutes: What is in time.
        limit: At most this many rows, in the order of their keys.
    """
    return _times(database, filter_, by, ACKNOWLEDGED, limit_minutes, limit)


def accuracy(
    database: Database, filter_: Filter, by: Sequence[str] = (), *, limit: int = LIMIT
) -> list[Accuracy]:
    """Return how many records were reclassified, and how many were reassigned (S1-151).

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred, not when they were changed.
        by: Names of `GROUPS`. One row for all where it is empty.
        limit: At most this many rows, in the order of their keys.
    """
    keys = _Keys(by)
    where, changes = of_records(filter_, database.tenant), _changes(database, filter_)
    sql = _ACCURACY.format(
        tenant=changes.text,
        where=where.text,
        keys=keys.made,
        first=keys.first,
        grouped=keys.grouped,
    )
    values = (*changes.values, '%"metadata.owner"%', *where.values, limit)
    return [
        Accuracy(key(row, len(by)), *map(whole, row[len(by) :]))
        for row in database.rows(sql, values)
    ]


class _Keys:
    """The columns by which a question counts, as its parts need them."""

    def __init__(self, by: Sequence[str]) -> None:
        known_names(by, tuple(GROUPS), "column to count by")
        self.names = [f"k{at}" for at in range(len(by))]
        self.made = "".join(f", {GROUPS[one]} as k{at}" for at, one in enumerate(by))
        self.listed = "".join(f", {name}" for name in self.names)
        self.first = "".join(f"{name}, " for name in self.names)
        places = ", ".join(self.names)
        self.partition = f"partition by {places}" if by else ""
        self.grouped = f"group by {places} order by {places}" if by else ""


def _times(
    database: Database,
    filter_: Filter,
    by: Sequence[str],
    event: str,
    limit_minutes: float,
    limit: int,
) -> list[Response]:
    keys = _Keys(by)
    where, changes = of_records(filter_, database.tenant), _changes(database, filter_)
    sql = _TIMES.format(
        tenant=changes.text,
        event=event,
        where=where.text,
        keys=keys.made,
        names=keys.listed,
        all=f"({keys.partition})",
        # Nulls come first on one database and last on the other; here they are last.
        sorted=f"({keys.partition} order by case when minutes is null then 1 else 0 end, minutes)",
        first=keys.first,
        grouped=keys.grouped,
    )
    waited_since = filter_.moment - limit_minutes * 60
    values = (*changes.values, *where.values, limit_minutes, limit_minutes, waited_since, limit)
    return [
        Response(
            key=key(row, len(by)),
            records=int(row[-7]),
            answered=int(row[-6]),
            mean_minutes=number(row[-5]),
            median_minutes=number(row[-4]),
            longest_minutes=number(row[-3]),
            in_time=whole(row[-2]),
            late=whole(row[-1]),
        )
        for row in database.rows(sql, values)
    ]


def _changes(database: Database, filter_: Filter) -> Where:
    """Return the condition on `changes`: nothing is answered before it occurred."""
    where = of_tenant(filter_, database.tenant)
    if filter_.since is None:
        return where
    return Where(
        f"{where.text} and at >= to_timestamp(?)", (*where.values, filter_.since.timestamp())
    )
