"""How often what was known came back: "learn from first, prevent second, never have third"."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import Filter, known_names, of_records
from pytest_failtrack.history.questions.group import CAUSE, GROUPS
from pytest_failtrack.history.questions.values import key, whole

LIMIT = 1_000

# A cause in a build is one occurrence, however many tests it fails there.
_REPEATS = f"""
with seen as (
    select tenant_id, workflow, {CAUSE} as cause, build_id{{keys}}, count(*) as many,
           max(case when is_repeat then 1 else 0 end) as is_repeat, max(occurrence) as times
    from records where {{where}} group by build_id, 3, workflow, tenant_id{{names}}
)
select {{first}} count(*), sum(is_repeat), sum(many),
       sum(case when is_repeat = 1 then many else 0 end),
       sum(case when times = 1 then 1 else 0 end), sum(case when times = 2 then 1 else 0 end),
       sum(case when times > 2 then 1 else 0 end)
from seen {{grouped}} limit ?
"""


@frozen
class Repeats:
    """How much of what failed had failed before.

    Args:
        key: Values of the columns that were asked for.
        occurrences: Causes, each counted once a build.
        repeats: Occurrences that are repeats: the cause had ended, or came in another build
            within 90 days (C-34).
        records: Records of the occurrences.
        repeat_records: Records of the repeats.
        first: Occurrences that were the first of their cause.
        second: Those that were the second.
        third: Those that were the third or a later one.
    """

    key: tuple[str, ...]
    occurrences: int
    repeats: int
    records: int
    repeat_records: int
    first: int
    second: int
    third: int

    @property
    def repeat_rate(self) -> float | None:
        """Of the occurrences, the part that are repeats, 0 to 1; None where there is none."""
        return self.repeats / self.occurrences if self.occurrences else None


def repeat_rate(
    database: Database, filter_: Filter, by: Sequence[str] = (), *, limit: int = LIMIT
) -> list[Repeats]:
    """Return how many occurrences were repeats (S0-128).

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred. For the rate of failures
            alone it says `is_debt=False`.
        by: Names of `GROUPS`; `week` gives the trend. One row for all where it is empty.
        limit: At most this many rows, in the order of their keys.
    """
    known_names(by, tuple(GROUPS), "column to count by")
    where = of_records(filter_, database.tenant)
    names = [f"k{at}" for at in range(len(by))]
    places = ", ".join(names)
    sql = _REPEATS.format(
        keys="".join(f", {GROUPS[one]} as k{at}" for at, one in enumerate(by)),
        where=where.text,
        names="".join(f", {at + 5}" for at in range(len(by))),
        first="".join(f"{name}, " for name in names),
        grouped=f"group by {places} order by {places}" if names else "",
    )
    return [
        Repeats(key(row, len(by)), *map(whole, row[len(by) :]))
        for row in database.rows(sql, (*where.values, limit))
    ]
