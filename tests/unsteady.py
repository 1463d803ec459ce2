"""A door to a PostgreSQL that can fall silent, or be cut, at a chosen moment; for tests.

It stands between the client and a real server, on loopback, and reads what the client says.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

PIECE = 65_536
# What becomes of what the client says next.
PASSED = "passed"
SILENT_BEFORE = "never reaches the server, and nobody answers"
SILENT_AFTER = "reaches the server, and its answer gets lost"
CUT_BEFORE = "never reaches the server, and the connection ends"
CUT_AFTER = "reaches the server, and the connection ends before its answer"


class Door:
    """A door that is open until something is said.

    Args:
        server: URL of the real server, None for one that accepts and never answers.
    """

    def __init__(self, server: str | None) -> None:
        self._server = server
        self._mode = PASSED
        self._word = b""
        self._times = 1
        self._sockets: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        """How many were accepted."""
        self.is_reached = False
        """Whether the chosen moment has come."""
        self.delay = 0.0
        """How long each piece of an answer is held back, in seconds."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """URL of the history behind the door."""
        if self._server is None:
            return f"postgresql://ada@127.0.0.1:{self.port}/x"
        parts = urlsplit(self._server)
        rest = urlencode([one for one in parse_qsl(parts.query) if one[0] not in ("host", "port")])
        user = parts.netloc.rpartition("@")[0] or "postgres:"
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}", query=rest))

    def at(self, word: str, mode: str, times: int = 1) -> None:
        """Say what happens once the client has said a word so often: part of a statement.

        It is written in small letters.
        """
        self._word, self._mode, self.is_reached = word.encode(), mode, False
        self._times = times

    def close(self) -> None:
        """Close it, and every connection through it."""
        for one in (self._listening, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(client)
            if self._server is not None:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = self._connected()
        self._sockets.append(server)
        answering = threading.Thread(target=self._answer, args=(server, client), daemon=True)
        answering.start()
        said = b""
        with suppress(OSError):
            while piece := client.recv(PIECE):
                said = (said + piece)[-PIECE:]
                if self._mode is not PASSED and said.lower().count(self._word) >= self._times:
                    self.is_reached = True
                if not self.is_reached or self._mode in (SILENT_AFTER, CUT_AFTER):
                    server.sendall(piece)
                if self.is_reached and self._mode in (CUT_BEFORE, CUT_AFTER):
                    if self._mode is CUT_AFTER:
                        time.sleep(0.3)  # the server works on it
                    break
        for one in (client, server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(PIECE):
                time.sleep(self.delay)
                if not self.is_reached:
                    client.sendall(piece)

    def _connected(self) -> socket.socket:
        parts = urlsplit(self._server or "")
        given = dict(parse_qsl(parts.query))
        port = int(given.get("port") or parts.port or 5432)
        host = given.get("host") or parts.hostname or "127.0.0.1"
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, port))


@contextmanager
def door_to(server: str | None) -> Iterator[Door]:
    """Hold a door open within a block."""
    door = Door(server)
    try:
        yield door
    finally:
        door.close()
