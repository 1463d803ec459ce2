"""The records that a filter finds, the newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import Filter, of_records
from pytest_failtrack.history.questions.values import certain_moment, moment

LIMIT = 50
TEXTS = (
    *("failure_id", "build_id", "category", "subcategory", "severity", "failure_type", "status"),
    *("owner", "component", "file_path", "nodeid", "outcome", "hash", "cause_id", "branch"),
    *("workflow", "job", "leg", "novelty", "error_code", "tenant_id"),
)

_NEWEST = f"""
select {", ".join(TEXTS)}, epoch(occurred_at), epoch(due_at)
from records where {{where}} order by occurred_at desc, failure_id limit ?
"""
_COUNT = "select count(*) from records where {where}"


@frozen
class Listed:
    """One record, as far as the history keeps it in columns.

    Args:
        texts: Its texts by the name of their column.
        occurred_at: When it occurred, aware.
        due_at: Its deadline, aware; None for none.
    """

    texts: dict[str, str]
    occurred_at: datetime
    due_at: datetime | None


def newest_records(database: Database, filter_: Filter, *, limit: int = LIMIT) -> list[Listed]:
    """Return the records that a filter finds, the newest first, at most `limit`."""
    where = of_records(filter_, database.tenant)
    rows = database.rows(_NEWEST.format(where=where.text), (*where.values, limit))
    return [_listed(row) for row in rows]


def count_records(database: Database, filter_: Filter) -> int:
    """Return the number of records that a filter finds."""
    where = of_records(filter_, database.tenant)
    ((count,),) = database.rows(_COUNT.format(where=where.text), where.values)
    return int(count)


def _listed(row: tuple[Any, ...]) -> Listed:
    *texts, occurred, due = row
    named = dict(zip(TEXTS, map(str, texts), strict=True))
    return Listed(named, certain_moment(occurred), moment(due))
