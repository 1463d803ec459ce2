"""Fixtures of the shop's tests."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from shop.db import connect


@pytest.fixture(scope="session")
def database_port() -> Iterator[int]:
    """The port of a database that is down: held, so that nothing else can answer on it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def database(database_port: int) -> Iterator[socket.socket]:
    """A connection to the stock database."""
    with connect("127.0.0.1", database_port) as connection:
        yield connection
