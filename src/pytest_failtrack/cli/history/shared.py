"""What the commands about a shared history have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.kept import open_shared

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase


def shared_url(settings: Settings) -> str:
    """Return the URL of the shared history.

    Raises:
        InputError: The history is a local index.
    """
    if not settings.is_shared:
        raise InputError(
            "this is for a shared history, and the history here is a local index; name one with "
            "--history postgresql://..., FAILTRACK_HISTORY or `history` in [tool.failtrack]",
            slug="history-local",
        )
    return settings.history


@contextmanager
def shared_database(settings: Settings) -> Iterator[PostgresDatabase]:
    """Yield the shared history, open.

    Raises:
        InputError: The history is a local index.
        StoreError: It cannot be used.
    """
    url = shared_url(settings)
    with closing(open_shared(url, settings.repository)) as database:
        yield database
