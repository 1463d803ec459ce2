"""The database is down: none of these tests gets its fixture."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("table", ["orders", "customers", "stock"])
def test_a_table_answers(database: socket.socket, table: str) -> None:
    database.sendall(f"select count(*) from {table};\n".encode())

    assert database.recv(1024)


def test_the_server_says_its_version(database: socket.socket) -> None:
    database.sendall(b"select version();\n")

    assert database.recv(1024).startswith(b"shopdb ")
