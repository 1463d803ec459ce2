"""One connection to a shared history for a whole run, or a whole command.

Between opening and closing others may ask: the judge, the run document, the life of a record. All
of them `open_shared`, and within `kept_open` they get the same connection.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_failtrack.errors import StoreError

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase


class _Kept(threading.local):
    """What a thread keeps open: a connection is asked by one thread at a time."""

    by_place: dict[tuple[str, str], PostgresDatabase] | None = None


_KEPT = _Kept()


@contextmanager
def kept_open() -> Iterator[None]:
    """Keep what this thread opens within the block open, until the outermost block ends."""
    if _KEPT.by_place is not None:
        yield
        return
    _KEPT.by_place = {}
    try:
        yield
    finally:
        let_go()
        _KEPT.by_place = None


def let_go() -> None:
    """Close what is kept open: nobody is going to ask for long; who asks again connects again."""
    held = _KEPT.by_place or {}
    while held:
        _, database = held.popitem()
        database.is_kept = False
        database.close()


def open_shared(url: str, tenant: str) -> PostgresDatabase:
    """Return the open history of a repository; who is done with it closes it.

    Args:
        url: `postgresql://...`.
        tenant: Slug of the repository.

    Raises:
        StoreError: It cannot be opened.
    """
    from pytest_failtrack.history.postgres import PostgresDatabase

    held = _KEPT.by_place
    if held is None:
        return PostgresDatabase(url, tenant)
    database = held.get((url, tenant))
    if database is not None:
        try:
            database.check_revision()
            return database
        except StoreError:
            # It was cut meanwhile; what else is wrong shows on a new connection.
            del held[url, tenant]
            database.is_kept = False
            database.close()
    database = PostgresDatabase(url, tenant)
    database.is_kept = True
    held[url, tenant] = database
    return database
