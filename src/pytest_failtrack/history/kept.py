"""One connection to a shared history for a whole run, or a whole command.

Between opening and closing others may ask: the judge, the run document, the life of a record. All
of them `open_shared`, and within `kept_open` they get the same connection. One that does not answer
is waited for once: whoever meets that notes it, and nobody asks again for a while.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_failtrack.errors import StoreError

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase

RETRY_SECONDS = 60.0
"""A shared history that did not answer is not asked again for so long."""
_UNANSWERED: dict[str, tuple[float, str]] = {}
SLOW = "store-slow"
# What a document holds says nothing of the next one.
_OF_ONE_DOCUMENT = (StoreError.default_slug, "store-time")


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


def note_unanswered(url: str, error: StoreError, *, is_by_key: bool = False) -> None:
    """Note that a shared history could not be used, where that says something of the next time.

    Args:
        url: `postgresql://...`.
        error: What was met.
        is_by_key: One row was asked for by its key. Where that is slow all is; of other questions
            a slow one says nothing of the next.
    """
    if error.slug not in _OF_ONE_DOCUMENT and (is_by_key or error.slug != SLOW):
        # The first one says why; those that follow, that the connection is closed.
        message = why_unanswered(url) or error.message
        _UNANSWERED[url] = (time.monotonic(), message)


def is_worth_asking(url: str) -> bool:
    """Return whether a shared history did not just fail to answer this process."""
    return not why_unanswered(url)


def why_unanswered(url: str) -> str:
    """Return what was said when a shared history just failed to answer, `` when it did not fail."""
    since, message = _UNANSWERED.get(url, (0.0, ""))
    return message if time.monotonic() - since <= RETRY_SECONDS else ""
