"""The connection to the stock database."""

from __future__ import annotations

import socket


def connect(host: str, port: int, timeout_seconds: float = 5.0) -> socket.socket:
    """Return an open connection to the database server."""
    return socket.create_connection((host, port), timeout=timeout_seconds)
