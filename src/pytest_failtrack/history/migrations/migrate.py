"""Brings a shared history to this version, by Alembic; `failtrack history migrate` asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_failtrack.errors import StoreError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.postgres import REVISION, PostgresDatabase, shown

if TYPE_CHECKING:
    from alembic.config import Config

# Two who migrate at once wait for each other.
LOCK = 0x6661696C74726B
FOLDER = Path(__file__).parent


@frozen
class Migrated:
    """What a migration did.

    Args:
        before: Revision that the history had, `` for none.
        after: Revision that it has.
    """

    before: str
    after: str


def migrate(url: str) -> Migrated:
    """Bring a shared history to the newest revision, in one transaction a revision.

    Args:
        url: `postgresql://...`; its role must be able to make tables.

    Raises:
        StoreError: Alembic is missing, the server does not answer, or a revision failed; then the
            history is as it was before that revision.
    """
    from alembic import command
    from sqlalchemy.exc import DBAPIError

    with _connection(url) as connection:
        connection.exec_driver_sql(f"select pg_advisory_lock({LOCK})")
        connection.commit()
        before = _revision(connection)
        if before > REVISION:
            raise StoreError(
                f"the history {shown(url)} has revision {before} and this failtrack knows "
                f"{REVISION}; it was left alone: install a newer pytest-failtrack",
                slug="store-newer",
            )
        try:
            command.upgrade(_config(connection), "head")
        except DBAPIError as error:
            raise StoreError(
                f"the history {shown(url)} was not migrated: {_reason(error)}", slug="store-migrate"
            ) from error
        return Migrated(before, _revision(connection))


def current(url: str) -> str:
    """Return the revision that a shared history has, `` for none.

    Raises:
        StoreError: Alembic is missing, or the server does not answer.
    """
    with _connection(url) as connection:
        return _revision(connection)


def _revision(connection: Any) -> str:
    from alembic.runtime.migration import MigrationContext

    found = MigrationContext.configure(connection).get_current_revision() or ""
    connection.rollback()
    return found


@contextmanager
def _connection(url: str) -> Iterator[Any]:
    """Yield an SQLAlchemy connection over psycopg's, so that a URL means one thing."""
    try:
        import alembic  # noqa: F401 -- asked for, to say what is missing
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool
    except ImportError as error:
        raise StoreError(
            "migrations need Alembic: pip install 'pytest-failtrack[postgres]'", slug="store-driver"
        ) from error
    database = PostgresDatabase(url, "", checked=False)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: database.for_alembic(), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        database.close()


def _config(connection: Any) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _reason(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return str(origin).strip().splitlines()[0]
