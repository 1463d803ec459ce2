"""What was done so that failures do not come again, and whether they stayed away (S0-144, S0-146).

What was done and when is in the changes of the records; whether it worked, in the records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import DEBT

# Fields of a record that are lists of what was done, or texts about what is to be done.
MEASURE = "prevention.prevention_measures"
GOVERNANCE = "prevention.governance_updates"
PRECONDITION = "prevention.precondition_updates"
TEST = "prevention.test_additions"
DOCUMENTATION = "prevention.documentation_updates"
IMPLICATION = "learning.governance_implications"
EVOLUTION = "learning.fm_evolution_implications"
FIELDS = (MEASURE, GOVERNANCE, PRECONDITION, TEST, DOCUMENTATION, IMPLICATION, EVOLUTION)

_SPOKEN_OF = ('%"prevention.%', '%"learning.%')
_CHANGES = """
select epoch(at), actor, failure_id, document from changes
where tenant_id = ? and at >= to_timestamp(?) and at < to_timestamp(?)
and (document like ? or document like ?) order by at, event_id
"""
# Records that were filled in by hand have no event that says when.
_UNTOLD = """
select sum(measures), sum(governance_updates) from records
where tenant_id = ? and resolved_at >= to_timestamp(?) and resolved_at < to_timestamp(?)
and (measures > 0 or governance_updates > 0) and not exists (
    select 1 from changes where changes.tenant_id = records.tenant_id
    and changes.failure_id = records.failure_id and changes.document like ?
)
"""
_EFFECTS = f"""
with ended as (
    select tenant_id, hash, max(resolved_at) as last_end,
        max(case when measures + governance_updates + preconditions + test_additions > 0
            then 1 else 0 end) as is_prevented,
        max(case when status in ('OPEN', 'INVESTIGATING') then 1 else 0 end) as is_reopened
    from records
    where tenant_id = ? and resolved_at is not null and resolved_at < to_timestamp(?)
    group by tenant_id, hash
)
select is_prevented, count(*), sum(case when is_reopened = 1 or exists (
    select 1 from records where records.tenant_id = ended.tenant_id and records.hash = ended.hash
    and records.occurred_at > ended.last_end and records.occurred_at < to_timestamp(?)
    and records.outcome not in {DEBT}
) then 1 else 0 end)
from ended group by is_prevented order by is_prevented desc
"""
_RESOLUTIONS = """
select resolution_type, count(*), distinct_texts(hash) from records
where tenant_id = ? and resolved_at >= to_timestamp(?) and resolved_at < to_timestamp(?)
group by resolution_type order by 2 desc, 1
"""


@frozen
class Deed:
    """One entry that was added to a record's prevention or learning.

    Args:
        at: When, aware.
        by: Who.
        failure_id: Id of the record.
        field: One of `FIELDS`.
        text: What they wrote.
    """

    at: datetime
    by: str
    failure_id: str
    field: str
    text: str


@frozen
class Effect:
    """How many causes that were ended stayed away.

    Args:
        is_prevented: Whether measures, governance updates, preconditions or tests were recorded.
        causes: Signatures that were ended.
        recurred: Those of them that failed again, or were reopened.
    """

    is_prevented: bool
    causes: int
    recurred: int

    @property
    def held(self) -> float | None:
        """The share that stayed away, None where there was none."""
        return None if not self.causes else (self.causes - self.recurred) / self.causes


@frozen
class Resolution:
    """How many records ended in one way.

    Args:
        kind: Resolution type, such as `FIX`.
        records: Number of records.
        causes: Different signatures among them.
    """

    kind: str
    records: int
    causes: int


def deeds(database: Database, since: datetime, until: datetime) -> list[Deed]:
    """Return what was added to prevention and learning in a period, the oldest first."""
    rows = database.rows(
        _CHANGES, (database.tenant, since.timestamp(), until.timestamp(), *_SPOKEN_OF)
    )
    found: dict[tuple[str, str, str], Deed] = {}
    for at, actor, failure_id, document in rows:
        moment = datetime.fromtimestamp(float(at), timezone.utc)
        for name, text in _added(document):
            found.setdefault(
                (str(failure_id), name, text), Deed(moment, actor, str(failure_id), name, text)
            )
    return list(found.values())


def untold_deeds(database: Database, since: datetime, until: datetime) -> tuple[int, int]:
    """Return (measures, governance updates) of records that ended without an event about them."""
    values = (database.tenant, since.timestamp(), until.timestamp(), _SPOKEN_OF[0])
    ((measures, updates),) = database.rows(_UNTOLD, values)
    return int(measures or 0), int(updates or 0)


def effects(database: Database, until: datetime) -> list[Effect]:
    """Return whether ended causes stayed away, with and without prevention."""
    end = until.timestamp()
    rows = database.rows(_EFFECTS, (database.tenant, end, end))
    return [Effect(bool(row[0]), int(row[1]), int(row[2] or 0)) for row in rows]


def resolutions(database: Database, since: datetime, until: datetime) -> list[Resolution]:
    """Return how records ended that ended in a period."""
    values = (database.tenant, since.timestamp(), until.timestamp())
    return [
        Resolution(str(row[0]), *map(int, row[1:])) for row in database.rows(_RESOLUTIONS, values)
    ]


def _added(document: str) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of each entry that an event added; an event of another kind has none."""
    try:
        event: Any = json.loads(document)
    except (ValueError, RecursionError):
        return
    before, after = (
        event.get(name) if isinstance(event, dict) else None for name in ("from", "to")
    )
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    for name in FIELDS:
        old, new = _texts(before.get(name)), _texts(after.get(name))
        yield from ((name, text) for text in new if text not in old)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
