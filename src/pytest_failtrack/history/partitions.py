"""The months of a shared history: what is in each, and taking old ones out without deleting any."""

from __future__ import annotations

from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.postgres import PostgresDatabase

PARENTS = {"records": "occurred_at", "documents": "occurred_at", "passes": "passed_at"}

# The name says the month, whether the table is a partition or was one.
_TABLES = """
select substring(relname from '_y(....)m..$'), substring(relname from '_y....m(..)$'),
       substring(relname from '^(.*)_y....m..$'), relispartition,
       greatest(reltuples, 0)::bigint, pg_total_relation_size(oid)::bigint
from pg_class where relkind = 'r' and relname ~ '^(records|documents|passes)_y[0-9]{4}m[0-9]{2}$'
and relnamespace = current_schema()::regnamespace
order by 1, 2, 3
"""


@frozen
class Month:
    """One month.

    Args:
        name: Such as `2026-11`.
        is_attached: Questions see it.
        rows: Records in it, as the database estimates them.
        megabytes: Of all its tables and indexes, rounded up.
    """

    name: str
    is_attached: bool
    rows: int
    megabytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "month": self.name,
            "is_attached": self.is_attached,
            "rows": self.rows,
            "megabytes": self.megabytes,
        }


def months(database: PostgresDatabase) -> list[Month]:
    """Return the months that there are, the oldest first."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for year, month, *rest in database.rows(_TABLES):
        found.setdefault(f"{year}-{month}", []).append(tuple(rest))
    return [
        Month(
            name=name,
            is_attached=all(is_attached for _, is_attached, _, _ in tables),
            rows=next((rows for parent, _, rows, _ in tables if parent == "records"), 0),
            megabytes=-(-sum(size for _, _, _, size in tables) // 1_000_000),
        )
        for name, tables in found.items()
    ]


def detach(database: PostgresDatabase, before: str) -> list[str]:
    """Take the months before one out; their tables stay. Return their names.

    Args:
        database: The shared history; its role must own the tables.
        before: First month that stays, such as `2024-01`.

    Raises:
        StoreError: The database refuses; a month is out as a whole or not at all.
    """
    done = []
    for one in months(database):
        if one.name < before and one.is_attached:
            with database.transaction():
                for parent in PARENTS:
                    database.run(f"alter table {parent} detach partition {_table(parent, one)}")
            done.append(one.name)
    return done


def attach(database: PostgresDatabase, before: str) -> list[str]:
    """Put detached months before one back; return their names.

    Raises:
        StoreError: The database refuses; a month is in as a whole or not at all.
    """
    done = []
    for one in months(database):
        if one.name < before and not one.is_attached:
            start, end = _bounds(one.name)
            with database.transaction():
                for parent in PARENTS:
                    database.run(
                        f"alter table {parent} attach partition {_table(parent, one)}"
                        f" for values from ('{start}') to ('{end}')"
                    )
            done.append(one.name)
    return done


def _table(parent: str, month: Month) -> str:
    return f"{parent}_y{month.name[:4]}m{month.name[5:]}"


def _bounds(name: str) -> tuple[str, str]:
    year, month = int(name[:4]), int(name[5:])
    following = f"{year + month // 12}-{month % 12 + 1:02d}"
    return f"{name}-01 00:00:00+00", f"{following}-01 00:00:00+00"
