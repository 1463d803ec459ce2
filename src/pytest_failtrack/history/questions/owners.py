"""Who has how much to do, how much of it is late, and how long things take with whom."""

from __future__ import annotations

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import Filter, of_records
from pytest_failtrack.history.questions.incidents import NOT_ENDED, RESOLVED, incidents
from pytest_failtrack.history.questions.response import REASSIGNED, changes_of
from pytest_failtrack.history.questions.values import number

LIMIT = 1_000

_INCIDENTS = f"""
select whose, sum(case when way = '{NOT_ENDED}' then 1 else 0 end) as open,
       sum(case when way = '{NOT_ENDED}' then failures else 0 end),
       sum(case when way = '{NOT_ENDED}' and epoch(due) < ? then 1 else 0 end) as overdue,
       sum(case when way = '{RESOLVED}' then 1 else 0 end),
       avg(case when way = '{RESOLVED}' then case when ended > opened
           then (epoch(ended) - epoch(opened)) / 3600.0 else 0.0 end end),
       min(case when way = '{NOT_ENDED}' then epoch(opened) end)
from ({{incidents}}) as incident
group by whose order by overdue desc, open desc, whose limit ?
"""
_REASSIGNED = f"""
select owner, count(*) from (
    select distinct tenant_id as repo, failure_id as id
    from changes where {{tenant}} and {REASSIGNED}
) as moved join records on tenant_id = repo and failure_id = id
where {{where}} group by owner
"""


@frozen
class OwnerLoad:
    """What one owner has.

    Args:
        owner: The owner as records spell it, `` for none.
        open: Open incidents: causes that wait for this owner.
        open_records: Open records of them.
        overdue: Open incidents whose deadline has passed.
        resolved: Incidents that ended RESOLVED or PREVENTED.
        mean_hours: Mean time from first failure to end of the resolved; None for none.
        oldest_hours: Age of the oldest open incident; None for none.
        reassigned: Records of this owner that belonged to somebody else before.
    """

    owner: str
    open: int
    open_records: int
    overdue: int
    resolved: int
    mean_hours: float | None
    oldest_hours: float | None
    reassigned: int


def owner_load(database: Database, filter_: Filter, *, limit: int = LIMIT) -> list[OwnerLoad]:
    """Return what each owner has open, overdue and resolved, the most pressed first.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        limit: At most this many owners.
    """
    held = incidents(filter_, database.tenant)
    now = filter_.moment
    rows = database.rows(_INCIDENTS.format(incidents=held.text), (now, *held.values, limit))
    where = of_records(filter_, database.tenant)
    changes = changes_of(filter_, database.tenant)
    sql = _REASSIGNED.format(tenant=changes.text, where=where.text)
    moved = dict(database.rows(sql, (*changes.values, *where.values)))
    return [
        OwnerLoad(
            owner=row[0],
            open=int(row[1]),
            open_records=int(row[2]),
            overdue=int(row[3]),
            resolved=int(row[4]),
            mean_hours=number(row[5]),
            oldest_hours=None if row[6] is None else max(0.0, now - float(row[6])) / 3600,
            reassigned=int(moved.get(row[0], 0)),
        )
        for row in rows
    ]
