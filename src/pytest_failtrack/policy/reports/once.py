"""A history that is asked each question once: the parts of a report ask for the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pytest_failtrack.history.database import Database

Row = tuple[Any, ...]


class _Once:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers: dict[tuple[str, tuple[Any, ...]], list[Row]] = {}
        self.tenant = database.tenant
        self.name = database.name

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        key = (sql, tuple(values))
        if key not in self._answers:
            self._answers[key] = self._database.rows(sql, values)
        return self._answers[key]


def once(database: Database) -> Database:
    """Return a history that remembers what it was asked, for as long as it is held.

    Args:
        database: The history; it is only read.
    """
    return cast(Database, _Once(database))
