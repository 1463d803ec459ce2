"""SQLite: the local index over the evidence; opens it, makes its tables, names its errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pytest_failtrack.errors import StoreError
from pytest_failtrack.history.database import MEMORY, SCHEMA_VERSION, Database, schema_text
from pytest_failtrack.history.dialect import sqlite_text, statements

if TYPE_CHECKING:
    import sqlite3

# "FTRK"; a database that has tables and another id is somebody else's.
APPLICATION_ID = 0x4654524B
BUSY_TIMEOUT_SECONDS = 5.0
# One statement: between two of them another process may make the tables.
WHOSE = (
    "select user_version, application_id, (select count(*) from sqlite_master)"
    " from pragma_user_version, pragma_application_id"
)

# A part of SQLite's message -> slug, what it means. Python 3.10 gives no error numbers.
MEANINGS = (
    ("locked", "store-locked", "another process is writing to it"),
    ("busy", "store-locked", "another process is writing to it"),
    ("readonly", "store-readonly", "it cannot be written"),
    ("unable to open", "store-readonly", "it cannot be opened"),
    ("disk is full", "store-full", "the disk is full"),
    ("disk i/o", "store-io", "the disk reports an error"),
    ("not a database", "store-corrupt", "it is no database"),
    ("malformed", "store-corrupt", "it is damaged"),
    ("no such", "store-corrupt", "tables of it are missing"),
)


class _Median:
    """The aggregate `median(x)` of the statements (dialect.py)."""

    def __init__(self) -> None:
        self._values: list[float] = []

    def step(self, value: float | None) -> None:
        if value is not None:
            self._values.append(value)

    def finalize(self) -> float | None:
        values = sorted(self._values)
        if not values:
            return None
        return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


class SqliteDatabase(Database):
    """One open index.

    Args:
        path: The file, or `MEMORY`; its folder is made when it is not there.
        renews: Whether one of an older version is emptied, and its tables made anew.

    Raises:
        StoreError: It cannot be opened, or is of another version or of somebody else.
    """

    name = "sqlite"

    def __init__(self, path: str, *, renews: bool = False) -> None:
        super().__init__(path)
        self._renews = renews
        with self.named_errors():
            self._connection = self._opened()
        try:
            with self.named_errors():
                self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; keep everything when the block ends, nothing when it raises."""
        self.run("begin immediate")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise
        self.run("commit")

    def close(self) -> None:
        """Close the file; a closed index is not used again."""
        self._connection.close()

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(sqlite_text(sql), values).fetchall()

    def _run(self, sql: str, values: Sequence[Any]) -> int:
        return self._connection.execute(sqlite_text(sql), values).rowcount

    def _run_many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sqlite_text(sql), values)

    def _opened(self) -> sqlite3.Connection:
        sqlite = _sqlite()
        if self.location != MEMORY:
            try:
                Path(self.location).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"the folder of the index {self.location} cannot be made: {error.strerror}",
                    slug="store-readonly",
                ) from error
        # Transactions are ours (`isolation_level=None`).
        connection: sqlite3.Connection = sqlite.connect(
            self.location,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.create_aggregate("median", 1, cast("Any", _Median))
        return connection

    def _prepare(self) -> None:
        # No WAL: it needs shared memory, which network file systems lack, and a CI cache that
        # carries one file would lose its log. No waiting for the disk: a killed process loses
        # nothing by it, and after a power cut the index can be made anew.
        self._connection.execute("pragma journal_mode = delete")
        self._connection.execute("pragma synchronous = off")
        if self._is_current():
            return
        with self.transaction():
            # Another process may have made the tables while this one waited for the lock.
            if not self._is_current():
                self._create()

    def _is_current(self) -> bool:
        """Return whether the tables are there, and refuse tables that are not ours."""
        version, owner, tables = self._connection.execute(WHOSE).fetchone()
        if tables == 0:
            return False
        if owner != APPLICATION_ID:
            raise StoreError(
                f"{self.location} is a database of something else and was left alone; name "
                "another file for the index",
                slug="store-foreign",
            )
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"the index {self.location} has version {version} and this failtrack knows "
                f"{SCHEMA_VERSION}; it was left alone",
                slug="store-newer",
            )
        if version < SCHEMA_VERSION and self._renews:
            return False
        if version < SCHEMA_VERSION:
            raise StoreError(
                f"the index {self.location} has version {version}, this failtrack needs "
                f"{SCHEMA_VERSION}",
                slug="store-older",
            )
        return True

    def _create(self) -> None:
        # In place: were it moved away, who still has the old file open would take the journal of
        # the new one for its own, and roll it back.
        older = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        for (name,) in self._connection.execute(older).fetchall():
            self._connection.execute(f'drop table "{name}"')
        for statement in statements(schema_text(), self.name):
            self._connection.execute(statement)
        self._connection.execute(f"pragma application_id = {APPLICATION_ID}")
        self._connection.execute(f"pragma user_version = {SCHEMA_VERSION}")

    def _driver_errors(self) -> tuple[type[BaseException], ...]:
        return (_sqlite().Error,)

    def _named(self, error: BaseException) -> StoreError:
        text = str(error)
        for part, slug, meaning in MEANINGS:
            if part in text.lower():
                return StoreError(f"the index {self.location} cannot be used: {meaning}", slug=slug)
        return StoreError(f"the index {self.location} cannot be used: {text}", slug="store-corrupt")


def renew(path: str) -> None:
    """Make the tables of an index of an older version anew, empty; of many processes one does.

    Raises:
        StoreError: It cannot be done.
    """
    SqliteDatabase(path, renews=True).close()


def _sqlite() -> Any:
    # Imported when an index is opened: a run without failures never does.
    try:
        import sqlite3
    except ImportError as error:
        raise StoreError(
            "this Python was built without sqlite3, so nothing is known of earlier runs",
            slug="store-missing",
        ) from error
    return sqlite3
