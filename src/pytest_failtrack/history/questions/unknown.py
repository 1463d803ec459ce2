"""What no entry of the catalog knows (S2-38): asked by the aggregation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pytest_failtrack.history.database import Database
from pytest_failtrack.record.patterns import Unknown

CHUNK = 500

_FROM = """
from failure_matches
left join records on records.tenant_id = ? and records.failure_id = failure_matches.id
where {whose} and failure_matches.match_type = 'unknown'
  and created_at >= to_timestamp(?) and created_at < to_timestamp(?)
  and (records.outcome is null or records.outcome not in ('debt', 'expired'))
"""
_COUNT = """
select count(*) from failure_matches
where {whose} and match_type = 'unknown'
  and created_at >= to_timestamp(?) and created_at < to_timestamp(?)
"""
_UNKNOWN = """
select failure_matches.error_code, coalesce(error_message, ''), coalesce(records.cause_id, ''),
       coalesce(records.hash, ''), count(*),
       sum(case when recovery_attempted then 1 else 0 end),
       sum(case when recovery_succeeded then 1 else 0 end),
       epoch(max(created_at)), max(cast(failure_matches.id as text)), max(run_id)
"""


def count_unknown(database: Database, since: datetime, until: datetime) -> int:
    """Return how many errors no entry knew, from one moment until before another."""
    whose, values = _whose(database)
    times = (since.timestamp(), until.timestamp())
    ((number,),) = database.rows(_COUNT.format(whose=whose), (*values, *times))
    return int(number)


def unknown_between(database: Database, since: datetime, until: datetime) -> list[Unknown]:
    """Return the errors that no entry knew, those of one text together.

    Args:
        database: The history.
        since: First moment, aware.
        until: The moment before which they came, aware.
    """
    whose, values = _whose(database)
    rows = database.rows(
        f"{_UNKNOWN} {_FROM.format(whose=whose)} group by 1, 2, 3, 4 order by 1, 2, 3, 4",
        (database.tenant, *values, since.timestamp(), until.timestamp()),
    )
    return [Unknown._make(row) for row in rows]


def tokens_of(database: Database, hashes: Collection[str]) -> dict[str, str]:
    """Return the token of each signature."""
    wanted = sorted(set(hashes) - {""})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        marks = ", ".join("?" * len(chunk))
        sql = f"select hash, min(token) from causes where tenant_id = ? and hash in ({marks})"
        found.update(database.rows(f"{sql} group by hash", (database.tenant, *chunk)))
    return found


def _whose(database: Database) -> tuple[str, tuple[str, ...]]:
    """Return the condition on the rows of `failure_matches`: a local index holds ours alone."""
    if not database.tenant:
        return "1 = 1", ()
    return "failure_matches.tenant_id = ?", (database.tenant,)
