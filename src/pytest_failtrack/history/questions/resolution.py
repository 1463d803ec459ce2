"""How long it takes until a failure is gone (MTTR), and whether that is in time (SLA).

S1-148 and S1-155 ask for the hit rate by failure type and team, S1-154 for the time to resolution.
Both count incidents, see incidents.py: a cause that failed a hundred tests is repaired once.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import Filter, window
from pytest_failtrack.history.questions.incidents import HEALED, RESOLVED, incidents, key_of
from pytest_failtrack.history.questions.values import key, number, whole

LIMIT = 1_000

_TIMES = f"""
with fixed as (
    select way, case when ended > opened then (epoch(ended) - epoch(opened)) / 3600.0
           else 0.0 end as hours{{keys}}
    from ({{incidents}}) as incident where way in ('{RESOLVED}', '{HEALED}')
)
select {{first}} sum(case when way = '{RESOLVED}' then 1 else 0 end),
       avg(case when way = '{RESOLVED}' then hours end),
       median(case when way = '{RESOLVED}' then hours end),
       max(case when way = '{RESOLVED}' then hours end),
       count(*), avg(hours), median(hours)
from fixed {{grouped}} limit ?
"""
_DEADLINES = """
with due as (
    select epoch(due) as due, case when ended is null then null else epoch(ended) end as ended{keys}
    from ({incidents}) as incident where due is not null{window}
)
select {first} count(*),
       sum(case when ended <= due then 1 else 0 end),
       sum(case when ended > due or (ended is null and due < ?) then 1 else 0 end),
       sum(case when ended is null and due < ? then 1 else 0 end),
       avg(case when ended > due then (ended - due) / 3600.0
           when ended is null and due < ? then (? - due) / 3600.0 end)
from due {grouped} limit ?
"""


@frozen
class Resolution:
    """How long incidents lasted.

    Args:
        key: Values of the columns that were asked for.
        resolved: Incidents that ended RESOLVED or PREVENTED.
        mean_hours: Mean time from their first failure to their end; None for none.
        median_hours: Median of it.
        longest_hours: The longest.
        with_healed: Incidents that were resolved or healed (C-10).
        mean_hours_with_healed: Mean of these.
        median_hours_with_healed: Median of these.
    """

    key: tuple[str, ...]
    resolved: int
    mean_hours: float | None
    median_hours: float | None
    longest_hours: float | None
    with_healed: int
    mean_hours_with_healed: float | None
    median_hours_with_healed: float | None


@frozen
class Deadlines:
    """What became of the deadlines of incidents.

    Args:
        key: Values of the columns that were asked for.
        due: Incidents with a deadline.
        hit: Those that ended in time, by resolution or by healing.
        missed: Those that ended late, or are open behind their deadline.
        overdue: The open ones of the missed.
        late_hours: By how many hours the missed were late, or are by now, in the mean; None
            where none was.
    """

    key: tuple[str, ...]
    due: int
    hit: int
    missed: int
    overdue: int
    late_hours: float | None

    @property
    def running(self) -> int:
        """Incidents that are open and before their deadline."""
        return self.due - self.hit - self.missed

    @property
    def hit_rate(self) -> float | None:
        """Of the deadlines that are decided, the part that was hit, 0 to 1; None for none."""
        decided = self.hit + self.missed
        return self.hit / decided if decided else None


def time_to_resolution(
    database: Database, filter_: Filter, by: Sequence[str] = (), *, limit: int = LIMIT
) -> list[Resolution]:
    """Return how long incidents lasted, in hours, without and with healed ones (C-10, S1-154).

    An incident lasts from its first failure to the moment at which the last of its records was
    resolved or healed. Open ones do not count.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they ended, not when they occurred.
        by: Names of `GROUPS`, such as `failure_type` and `owner`; `day`, `week` and `month` are
            those of the end. One row for all where it is empty.
        limit: At most this many rows, in the order of their keys.
    """
    held = incidents(filter_, database.tenant, by, ended_in_window=True)
    names = [f"k{at}" for at in range(len(by))]
    sql = _TIMES.format(
        keys=key_of(by, "ended"),
        incidents=held.text,
        first="".join(f"{name}, " for name in names),
        grouped=_grouped(names),
    )
    rows = database.rows(sql, (*held.values, limit))
    return [
        Resolution(
            key=key(row, len(by)),
            resolved=whole(row[-7]),
            mean_hours=number(row[-6]),
            median_hours=number(row[-5]),
            longest_hours=number(row[-4]),
            with_healed=whole(row[-3]),
            mean_hours_with_healed=number(row[-2]),
            median_hours_with_healed=number(row[-1]),
        )
        for row in rows
    ]


def deadlines(
    database: Database, filter_: Filter, by: Sequence[str] = (), *, limit: int = LIMIT
) -> list[Deadlines]:
    """Return how many incidents met their deadline, missed it, or still have time.

    The deadline of an incident is the earliest of its records.

    Args:
        database: The history.
        filter_: Which records; its window bounds the deadline, not the occurrence.
        by: Names of `GROUPS`, such as `failure_type` and `owner`; `day`, `week` and `month` are
            those of the deadline. One row for all where it is empty.
        limit: At most this many rows, in the order of their keys.
    """
    held = incidents(replaced(filter_, since=None, until=None), database.tenant, by)
    bounds = window(filter_, "due")
    names = [f"k{at}" for at in range(len(by))]
    sql = _DEADLINES.format(
        keys=key_of(by, "due"),
        incidents=held.text,
        window="".join(f" and {one.text}" for one in bounds),
        first="".join(f"{name}, " for name in names),
        grouped=_grouped(names),
    )
    now = filter_.moment
    values = (*held.values, *(value for one in bounds for value in one.values), *(now,) * 4, limit)
    return [
        Deadlines(
            key=key(row, len(by)),
            due=whole(row[-5]),
            hit=whole(row[-4]),
            missed=whole(row[-3]),
            overdue=whole(row[-2]),
            late_hours=number(row[-1]),
        )
        for row in database.rows(sql, values)
    ]


def _grouped(names: Sequence[str]) -> str:
    places = ", ".join(names)
    return f"group by {places} order by {places}" if names else ""
