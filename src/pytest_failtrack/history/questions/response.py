"""How fast a team answers (S1-97, S1-117), and how well failures were sorted and sent (S1-151).

All of it is read from the events in the records' own histories, the table `changes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

# Actions that move a record to another status, those that take it up, and what corrects it.
TRIAGED = "action in ('investigate', 'resolve', 'prevent', 'reopen')"
ACKNOWLEDGED = "action in ('assign', 'investigate')"
RECLASSIFIED = "(action = 'reclassify')"
# `before` and `after` are the JSON objects of the fields that changed.
# Somebody had it before: the first assignment is no correction.
REASSIGNED = (
    '(after like \'%"metadata.owner":%\' and before like \'%"metadata.owner":"%\''
    ' and before not like \'%"metadata.owner":""%\')'
)

# One of the two answers: how long it took, and whether the record waited for too long before.
_TIMED = f"""
           case when {{at}} > occurred_at then (epoch({{at}}) - epoch(occurred_at)) / 60.0
           when {{at}} is not null then 0.0 end as {{name}},
           case when {{at}} is not null and {OPEN} and occurred_at < to_timestamp(?)
           then 1 else 0 end as {{name}}_waited"""
_FIGURES = """
       count({name}), avg({name}), median({name}), max({name}),
       sum(case when {name} <= ? then 1 else 0 end), sum({name}_waited)"""
# Events are few beside records, so that answers are read from them, and the rest is counted.
_ANSWERED = f"""
with answered as (
    select tenant_id as repo, failure_id as id, min(case when {TRIAGED} then at end) as triaged_at,
           min(case when {ACKNOWLEDGED} then at end) as acknowledged_at
    from changes where {{tenant}} and ({TRIAGED} or {ACKNOWLEDGED}) group by tenant_id, failure_id
), timed as (
    select {{timed}}{{keys}}
    from answered join records on tenant_id = repo and failure_id = id where {{where}}
)
select {{first}} {{figures}} from timed {{grouped}}
"""
_ANSWERS = (("triage", "triaged_at"), ("ack", "acknowledged_at"))
_WAITING = f"sum(case when {OPEN} and occurred_at < to_timestamp(?) then 1 else 0 end)"
_ALL = f"""
select {{first}} many, untriaged, unacknowledged from (
    select count(*) as many, {_WAITING} as untriaged, {_WAITING} as unacknowledged{{keys}}
    from records where {{where}} {{grouped}}
) as counted {{sorted}} limit ?
"""
_CORRECTED = f"""
with changed as (
    select tenant_id as repo, failure_id as id,
           max(case when {RECLASSIFIED} then 1 else 0 end) as is_reclassified,
           max(case when {REASSIGNED} then 1 else 0 end) as is_reassigned
    from changes where {{tenant}} and ({RECLASSIFIED} or {REASSIGNED})
    group by tenant_id, failure_id
), failed as (
    select is_reclassified, is_reassigned{{keys}}
    from changed join records on tenant_id = repo and failure_id = id where {{where}}
)
select {{first}} sum(is_reclassified), sum(is_reassigned) from failed {{grouped}}
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
class ResponseTimes:
    """How long records waited for their first change of status, and for somebody to take them up.

    Args:
        triage: One row for each key; one for all where no column was asked for.
        acknowledgement: The same, in the same order.
    """

    triage: tuple[Response, ...]
    acknowledgement: tuple[Response, ...]


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


def response_times(
    database: Database,
    filter_: Filter,
    by: Sequence[str] = (),
    *,
    triage_minutes: float = TRIAGE_MINUTES,
    ack_minutes: float = ACK_MINUTES,
    limit: int = LIMIT,
) -> ResponseTimes:
    """Return how long records waited for triage (S1-97) and for acknowledgement (S1-117).

    For the critical security findings of S1-117 give a filter with their failure types.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        by: Names of `GROUPS`. One row for all where it is empty.
        triage_minutes: Until then the first change of status is in time.
        ack_minutes: Until then it is in time that somebody is assigned or investigates.
        limit: At most this many rows, in the order of their keys.
    """
    keys = _Keys(by)
    where, changes = of_records(filter_, database.tenant), changes_of(filter_, database.tenant)
    sql = _ANSWERED.format(
        tenant=changes.text,
        where=where.text,
        keys=keys.made,
        timed=",".join(_TIMED.format(name=name, at=at) for name, at in _ANSWERS),
        figures=",".join(_FIGURES.format(name=name) for name, _ in _ANSWERS),
        first=keys.first,
        grouped=keys.grouped,
    )
    limits = (triage_minutes, ack_minutes)
    before = tuple(filter_.moment - one * 60 for one in limits)
    rows = database.rows(sql, (*changes.values, *before, *where.values, *limits))
    size = len(by)
    answered = {key(row, size): row[size:] for row in rows}
    counted = _counted(database, where, keys, before, limit)
    none = (0, None, None, None, 0, 0) * 2
    return ResponseTimes(
        triage=tuple(
            _response(name, records, waiting, answered.get(name, none)[:6])
            for name, records, waiting, _ in counted
        ),
        acknowledgement=tuple(
            _response(name, records, waiting, answered.get(name, none)[6:])
            for name, records, _, waiting in counted
        ),
    )


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
    where, changes = of_records(filter_, database.tenant), changes_of(filter_, database.tenant)
    sql = _CORRECTED.format(
        tenant=changes.text,
        where=where.text,
        keys=keys.made,
        first=keys.first,
        grouped=keys.grouped,
    )
    rows = database.rows(sql, (*changes.values, *where.values))
    corrected = {key(row, len(by)): tuple(map(whole, row[len(by) :])) for row in rows}
    return [
        Accuracy(name, records, *corrected.get(name, (0, 0)))
        for name, records, *_ in _counted(database, where, keys, (0.0, 0.0), limit)
    ]


def _counted(
    database: Database, where: Where, keys: _Keys, before: tuple[float, ...], limit: int
) -> list[tuple[tuple[str, ...], int, int, int]]:
    """Return the key, the number of records, and of open ones that occurred before two moments."""
    sql = _ALL.format(
        first=keys.first,
        keys=keys.made,
        where=where.text,
        grouped=keys.by_place,
        sorted=keys.ordered,
    )
    size = len(keys.names)
    return [
        (key(row, size), whole(row[size]), whole(row[size + 1]), whole(row[size + 2]))
        for row in database.rows(sql, (*before, *where.values, limit))
    ]


class _Keys:
    """The columns by which a question counts, as its parts need them."""

    def __init__(self, by: Sequence[str]) -> None:
        known_names(by, tuple(GROUPS), "column to count by")
        self.names = [f"k{at}" for at in range(len(by))]
        self.made = "".join(f", {GROUPS[one]} as k{at}" for at, one in enumerate(by))
        self.first = "".join(f"{name}, " for name in self.names)
        places = ", ".join(self.names)
        self.ordered = f"order by {places}" if by else ""
        self.grouped = f"group by {places} {self.ordered}" if by else ""
        # Behind the three figures of `_ALL`.
        self.by_place = "group by " + ", ".join(str(at + 4) for at in range(len(by))) if by else ""


def _response(name: tuple[str, ...], records: int, waiting: int, row: tuple[Any, ...]) -> Response:
    """Return what a row of answers, and the count of all records, come to.

    Args:
        name: The key.
        records: Number of records.
        waiting: Open ones that occurred too long ago, whether they were answered or not.
        row: Of those that were answered: how many, mean, median and longest time, how many were
            in time, and how many waited for too long.
    """
    answered, mean, median, longest, in_time, were_waiting = row
    return Response(
        key=name,
        records=records,
        answered=whole(answered),
        mean_minutes=number(mean),
        median_minutes=number(median),
        longest_minutes=number(longest),
        in_time=whole(in_time),
        late=whole(answered) - whole(in_time) + waiting - whole(were_waiting),
    )


def changes_of(filter_: Filter, tenant: str) -> Where:
    """Return the condition on `changes`: nothing is answered before it occurred."""
    where = of_tenant(filter_, tenant)
    if filter_.since is None:
        return where
    return Where(
        f"{where.text} and at >= to_timestamp(?)", (*where.values, filter_.since.timestamp())
    )
