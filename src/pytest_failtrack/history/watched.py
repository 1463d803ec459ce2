"""A connection to PostgreSQL that ends by itself when no answer comes; postgres.py opens it.

A server limits the time of a statement, but not one that is frozen, or behind a network which drops
packets: its client would wait for hours.
"""

from __future__ import annotations

import socket
import threading
import time
import weakref
from typing import Any

import psycopg

LOOK_SECONDS = 0.5


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that is cut when it waits too long for one answer.

    `answer_seconds` is how long that may be; None is for ever.
    """

    answer_seconds: float | None = None
    is_unanswered = False
    """Whether it was cut."""

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Wait as psycopg does, watched by another thread."""
        if self.answer_seconds is None:
            return super().wait(gen, *args, **options)
        watch = self._watching()
        watch.begin(self.answer_seconds)
        try:
            return super().wait(gen, *args, **options)
        finally:
            watch.end()

    def close(self) -> None:
        """Close it, and send the watching thread home."""
        watch: _Watch | None = self.__dict__.get("_watch")
        if watch is not None:
            watch.is_over.set()
        super().close()

    def _watching(self) -> _Watch:
        watch: _Watch | None = self.__dict__.get("_watch")
        if watch is None:
            watch = self.__dict__["_watch"] = _Watch(self)
        return watch


class _Watch:
    """The thread that looks whether a connection has waited for too long."""

    def __init__(self, connection: WatchedConnection) -> None:
        self.is_over = threading.Event()
        self._connection = weakref.ref(connection)
        self._until: float | None = None
        # Held while the socket is shut: what is waited for cannot be closed, and its number given
        # to another file, meanwhile.
        self._lock = threading.Lock()
        threading.Thread(target=self._look, name="failtrack-postgres", daemon=True).start()

    def begin(self, seconds: float) -> None:
        """Begin to count."""
        with self._lock:
            self._until = time.monotonic() + seconds

    def end(self) -> None:
        """Stop counting: there was an answer, or an error."""
        with self._lock:
            self._until = None

    def _look(self) -> None:
        while not self.is_over.wait(LOOK_SECONDS):
            with self._lock:
                connection = self._connection()
                if connection is None:
                    return
                if self._until is not None and time.monotonic() > self._until:
                    connection.is_unanswered = True
                    _cut(connection.pgconn.socket)
                    return
                del connection  # it is not kept alive for this


def _cut(descriptor: int) -> None:
    """Shut a socket: who waits for it is told that it is over."""
    held = socket.socket(fileno=descriptor)
    try:
        held.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is over already
    finally:
        held.detach()
