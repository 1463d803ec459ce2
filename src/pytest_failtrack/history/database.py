"""What a history is kept in: SQLite or PostgreSQL behind one small door; store.py asks.

sqlite.py and postgres.py are the two drivers; a statement is one text for both (dialect.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import resources
from itertools import islice
from typing import Any

from pytest_failtrack.errors import StoreError

SCHEMA_VERSION = 4
MEMORY = ":memory:"
# Values in one statement; SQLite before 3.32 takes 999.
CHUNK = 500


class Database(ABC):
    """One open history.

    Args:
        location: Path or URL, without a password.
        tenant: Slug of the repository whose rows are read and written; `` in a local index.
    """

    name: str
    """`sqlite` or `postgresql`."""

    def __init__(self, location: str, tenant: str = "") -> None:
        self.location = location
        self.tenant = tenant

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        Args:
            sql: Its text, as dialect.py has it.
            values: One for each `?`.

        Raises:
            StoreError: The history cannot be used.
        """
        with self.named_errors():
            return self._rows(sql, values)

    def rows_among(
        self, sql: str, names: Iterable[Any], values: Sequence[Any] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query over many names of the tenant, some hundred of them at a time.

        Args:
            sql: Its text; the tenant is its first value, `{marks}` stands for those of the names.
            names: One for each mark.
            values: What comes after the names.

        Raises:
            StoreError: The history cannot be used.
        """
        rest = iter(names)
        while chunk := tuple(islice(rest, CHUNK)):
            marks = ", ".join("?" * len(chunk))
            yield from self.rows(sql.replace("{marks}", marks), (self.tenant, *chunk, *values))

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; return how many rows it changed."""
        with self.named_errors():
            return self._run(sql, values)

    def run_many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        with self.named_errors():
            self._run_many(sql, values)

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turn what the driver raises into a StoreError that says what is wrong."""
        try:
            yield
        except self._driver_errors() as error:
            raise self._named(error) from error

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Keep everything when the block ends, nothing when it raises."""

    @abstractmethod
    def close(self) -> None:
        """Close it; a closed history is not used again."""

    @abstractmethod
    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def _run(self, sql: str, values: Sequence[Any]) -> int: ...

    @abstractmethod
    def _run_many(self, sql: str, values: Iterable[Sequence[Any]]) -> None: ...

    @abstractmethod
    def _driver_errors(self) -> tuple[type[BaseException], ...]: ...

    @abstractmethod
    def _named(self, error: BaseException) -> StoreError: ...


def open_database(location: str, tenant: str = "") -> Database:
    """Open a history.

    Args:
        location: Path of an SQLite file, `MEMORY`, or a `postgresql://` URL.
        tenant: Slug of the repository; a local index has none.

    Raises:
        StoreError: It cannot be opened, or is of another version, or of somebody else.
    """
    if "://" in location:
        from pytest_failtrack.history.postgres import PostgresDatabase

        return PostgresDatabase(location, tenant)
    from pytest_failtrack.history.sqlite import SqliteDatabase

    return SqliteDatabase(location)


def schema_text() -> str:
    """Return the commented schema, as it is shipped."""
    return resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
