"""PostgreSQL: the shared history of an organization; connects, names its errors, bulk inserts."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from pytest_failtrack.errors import StoreError
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.dialect import postgres_text

if TYPE_CHECKING:
    import psycopg

    from pytest_failtrack.history.watched import WatchedConnection

REVISION = "0001"
"""Newest Alembic revision that this failtrack knows."""
CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 15
WORK_MEMORY = "32MB"
ANSWER_SECONDS = 40
"""A server that has ended no statement by then is frozen, or cannot be reached any more."""
CROWDED_PAUSE_SECONDS = (0.02, 0.2)
YEARS = range(2000, 2101)
"""Months outside of these get no partition: a clock that says so is wrong."""

_LOST = re.compile("closed the connection|connection is lost|EOF detected|reset by peer")
_CROWDED = re.compile("too many (?:clients|connections)|remaining connection slots")
_PASSWORD = re.compile(r"(?<=://)([^/@:?]*):[^/@]+@")
_PASSWORD_PARAMETER = re.compile(r"([?&]password=)[^&]*")

# SQLSTATE, or how it starts -> slug, what it means.
MEANINGS = (
    ("42P01", "store-missing", "its tables are missing; run `failtrack history migrate`"),
    ("42703", "store-older", "its tables are of another version; run `failtrack history migrate`"),
    ("42501", "store-readonly", "the role may not do that"),
    ("25006", "store-readonly", "it is read-only"),
    ("53100", "store-full", "its disk is full"),
    ("53300", "store-locked", "it has too many connections"),
    ("55P03", "store-locked", "another process holds what is needed for too long"),
    ("40P01", "store-locked", "it ended a deadlock"),
    ("23514", "store-detached", "a month of it was detached; `failtrack history detach --back`"),
    ("57014", "store-slow", f"it took longer than {STATEMENT_TIMEOUT_SECONDS} s to answer"),
    ("57P", "store-down", "it is going down or starting up"),
    ("28", "store-refused", "it refuses the user or the password"),
    ("3D000", "store-missing", "there is no such database"),
    ("XX", "store-corrupt", "it reports damage"),
    ("58", "store-io", "it reports an error of its system"),
)


class PostgresDatabase(Database):
    """One connection to a shared history.

    Args:
        url: `postgresql://...`; a password comes from the environment (`PGPASSWORD`, `PGPASSFILE`)
            or a service file (`?service=`).
        tenant: Slug of the repository.
        checked: Whether the version of the tables is looked at first.

    Raises:
        StoreError: psycopg is not installed, the server does not answer, or its tables are not of
            this version.
    """

    name = "postgresql"
    is_kept = False
    """Whoever keeps it open for others closes it (kept.py)."""

    def __init__(self, url: str, tenant: str, *, checked: bool = True) -> None:
        super().__init__(shown(url), tenant)
        self._psycopg = _driver()
        self._months: set[tuple[int, int]] = set()
        self._is_connected = False
        with self.named_errors():
            self._connection = self._connected(url)
        self._is_connected = True
        if checked:
            try:
                self.check_revision()
            except BaseException:
                self.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything when the block ends, nothing when it raises."""
        is_ending = False
        try:
            with self.named_errors(), self._connection.transaction():
                yield
                is_ending = True
        except StoreError as error:
            if is_ending and error.slug == "store-down":
                raise StoreError(
                    f"{error.message}; it was about to confirm a change, which may be in: look "
                    "before you repeat it",
                    slug=error.slug,
                ) from error
            raise

    def close(self) -> None:
        """Close the connection, but where it is kept open for others."""
        if not self.is_kept:
            self._connection.close()

    def copy(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Send rows by `COPY ... FROM STDIN`.

        Raises:
            StoreError: The server does not take them.
        """
        with self.named_errors(), self._connection.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(_storable(row))

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query as they come, some at a time: there may be 10,000,000."""
        with (
            self.named_errors(),
            self._connection.transaction(),
            self._connection.cursor(name="failtrack") as cursor,
        ):
            cursor.itersize = size
            cursor.execute(postgres_text(sql), _storable(values))
            yield from cursor

    def for_alembic(self) -> psycopg.Connection[Any]:
        """Return the connection as Alembic wants it: transactions are its own, none is hurried."""
        self._connection.execute("set statement_timeout = 0")
        self._connection.execute("set lock_timeout = 0")
        self._connection.answer_seconds = None
        self._connection.autocommit = False
        return self._connection

    def make_months(self, moments: Iterable[float]) -> None:
        """Make sure that there is a partition for each moment, in seconds since 1970.

        Raises:
            StoreError: The month is outside of `YEARS`, or cannot be made.
        """
        for moment in sorted({_month(one) for one in moments} - self._months):
            start = datetime(*moment, 1, tzinfo=timezone.utc).timestamp()
            self.rows("select failtrack_make_month(to_timestamp(?))", (start,))
            self._months.add(moment)

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(postgres_text(sql), _storable(values)).fetchall()

    def _run(self, sql: str, values: Sequence[Any]) -> int:
        return self._connection.execute(postgres_text(sql), _storable(values)).rowcount

    def _run_many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(postgres_text(sql), map(_storable, values))

    def _connected(self, url: str) -> WatchedConnection:
        from psycopg.conninfo import conninfo_to_dict

        given = conninfo_to_dict(url)
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s"
        options += f" -c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c timezone=UTC"
        # Questions sort and group a million short texts; compiling them takes longer than it saves.
        options += f" -c work_mem={WORK_MEMORY} -c jit=off"
        defaults = {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": "failtrack",
            "options": options,
        }
        missing: dict[str, Any] = {k: v for k, v in defaults.items() if k not in given}
        connection = self._admitted(url, missing)
        # What SQLite gives: texts for ids, numbers for numbers.
        connection.adapters.register_loader("uuid", self._psycopg.types.string.TextLoader)
        connection.adapters.register_loader("jsonb", self._psycopg.types.string.TextLoader)
        connection.adapters.register_loader("numeric", self._psycopg.types.numeric.FloatLoader)
        # Who names a time for statements of their own may wait for longer.
        if "statement_timeout" not in str(given.get("options")):
            connection.answer_seconds = ANSWER_SECONDS
        return connection

    def _admitted(self, url: str, given: Mapping[str, Any]) -> WatchedConnection:
        """Return a connection; where too many others have one, wait until one of them is done."""
        from pytest_failtrack.history.watched import WatchedConnection

        until = time.monotonic() + LOCK_TIMEOUT_SECONDS
        while True:
            try:
                return WatchedConnection.connect(url, autocommit=True, **given)
            except self._psycopg.OperationalError as error:
                # While it connects, the driver gives no SQLSTATE.
                if not _CROWDED.search(str(error)) or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(*CROWDED_PAUSE_SECONDS))

    def check_revision(self) -> None:
        """Make sure that the server answers and that its tables are of this version.

        Raises:
            StoreError: It does not, or they are not.
        """
        ((version,),) = self.rows("select max(version_num) from alembic_version") or [("",)]
        if version == REVISION:
            return
        if version and version > REVISION:
            raise StoreError(
                f"the history {self.location} has revision {version} and this failtrack knows "
                f"{REVISION}; it was left alone: install a newer pytest-failtrack",
                slug="store-newer",
            )
        raise StoreError(
            f"the history {self.location} has revision {version or 'none'}, this failtrack needs "
            f"{REVISION}; run `failtrack history migrate`",
            slug="store-older",
        )

    def _driver_errors(self) -> tuple[type[BaseException], ...]:
        return (self._psycopg.Error,)

    def _named(self, error: BaseException) -> StoreError:
        state = getattr(error, "sqlstate", None) or ""
        if not state and _CROWDED.search(str(error)):
            state = "53300"
        subject = f"the history {self.location} cannot be used"
        for start, slug, meaning in MEANINGS:
            if state.startswith(start):
                return StoreError(f"{subject}: {meaning}", slug=slug)
        if self._is_connected and self._connection.is_unanswered:
            why = f"it has not answered for {ANSWER_SECONDS} s"
            return StoreError(f"{subject}: {why}", slug="store-down")
        if not state and _LOST.search(str(error)):
            return StoreError(f"{subject}: the connection was lost", slug="store-down")
        said = getattr(getattr(error, "diag", None), "message_primary", None)
        lines = [said] if said else str(error).strip().splitlines() or [type(error).__name__]
        is_connecting = isinstance(error, self._psycopg.OperationalError) and not state
        slug = "store-down" if is_connecting else "store"
        return StoreError(f"{subject}: {shown(lines[-1].strip())}", slug=slug)


def _storable(values: Sequence[Any]) -> Sequence[Any]:
    """Return values as PostgreSQL takes them: no text there holds NUL, or half a surrogate pair.

    What is asked for is spelled as what is kept.
    """
    texts = (one for one in values if isinstance(one, str))
    if all(one.isascii() and "\0" not in one for one in texts):
        return values
    from pytest_failtrack.record.text import clean  # with much that a green run does without

    return [clean(one) if isinstance(one, str) else one for one in values]


def shown(url: str) -> str:
    """Return a URL without its password, for messages."""
    return _PASSWORD_PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def _month(moment: float) -> tuple[int, int]:
    try:
        when = datetime.fromtimestamp(moment, timezone.utc)
    except (OverflowError, ValueError, OSError):
        when = None
    if when is None or when.year not in YEARS:
        raise StoreError(
            f"a record says that it is of {when.year if when else moment}; the shared history "
            f"takes {YEARS[0]} to {YEARS[-1]}: set the clock of that machine",
            slug="store-time",
        )
    return (when.year, when.month)


def _driver() -> Any:
    # Imported for a postgresql:// history alone: it takes 120 ms.
    try:
        import psycopg
        import psycopg.types.numeric
        import psycopg.types.string
    except ImportError as error:
        raise StoreError(
            "a postgresql:// history needs psycopg: pip install 'pytest-failtrack[postgres]'",
            slug="store-driver",
        ) from error
    return psycopg
