"""Incidents: the records of one cause from its first failure to its end; for time to resolution."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.history.questions.filter import (
    ENDED,
    Filter,
    Where,
    known_names,
    of_records,
    window,
)
from pytest_failtrack.history.questions.group import CAUSE, GROUPS, PERIODS

RESOLVED = "resolved"
HEALED = "healed"
NOT_ENDED = "open"

_LIVED = f"""
select tenant_id as repo, workflow as flow, {CAUSE} as cause, failure_type as kind,
       owner as whose, occurred_at, due_at{{keys}},
       case when {ENDED} and resolved_at is not null then '{RESOLVED}'
            when is_healed and healed_at is not null then '{HEALED}'
            else '{NOT_ENDED}' end as way,
       case when {ENDED} and resolved_at is not null then resolved_at
            when is_healed and healed_at is not null then healed_at end as ended_at
from records where {{where}}
"""
# The names that differ most come first: a sort compares no more than it must.
_INCIDENTS = """
select repo, flow, cause, kind, whose, way{names}, min(occurred_at) as opened,
       min(due_at) as due, max(ended_at) as ended, count(*) as failures
from ({lived}) as lived{narrowed}
group by cause, day(ended_at), whose, kind, way{names}, flow, repo
"""


def incidents(
    filter_: Filter, tenant: str, by: Sequence[str] = (), *, ended_in_window: bool = False
) -> Where:
    """Return a subquery with one row an incident.

    An incident is all records of one cause, failure type and owner that ended on the same day
    (UTC) in the same way, or that are still open. It opens with its first failure and ends with
    the last of its records. Its columns: repo, flow, cause, kind, whose, way (`resolved`,
    `healed`, `open`), opened, due (the earliest deadline), ended, failures, and `k0`, `k1`, ...
    for the columns of `by`; stretches of time are the asker's, see `key_of`.

    Args:
        filter_: Which records.
        tenant: Repository of the database.
        by: Names of `GROUPS`; they are part of what makes an incident.
        ended_in_window: The window of the filter bounds the end, and incidents that are open
            are left out; False bounds the occurrence.
    """
    known_names(by, tuple(GROUPS), "column to count by")
    where = of_records(filter_, tenant, in_window=not ended_in_window)
    columns = [(f"k{at}", GROUPS[name]) for at, name in enumerate(by) if name not in PERIODS]
    lived = _LIVED.format(
        keys="".join(f", {expression} as {name}" for name, expression in columns),
        where=where.text,
    )
    bounds = window(filter_, "ended_at") if ended_in_window else []
    conditions = [*(["ended_at is not null"] if ended_in_window else []), *(b.text for b in bounds)]
    text = _INCIDENTS.format(
        names="".join(f", {name}" for name, _ in columns),
        lived=lived,
        narrowed=" where " + " and ".join(conditions) if conditions else "",
    )
    return Where(text, (*where.values, *(value for b in bounds for value in b.values)))


def key_of(by: Sequence[str], moment: str) -> str:
    """Return the key columns of a question over incidents, each after a comma.

    Args:
        by: As it was given to `incidents`.
        moment: Column that days, weeks and months are taken from.
    """
    return "".join(
        f", {name}({moment}) as k{at}" if name in PERIODS else f", k{at}"
        for at, name in enumerate(by)
    )
