"""The events of `go test -json` in the output of a command, read while it passes; `run` asks.

Most commands print none: the reader of events is imported when one shows.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_failtrack.observe.from_go import GoEvents

LINE_MAX_BYTES = 1024 * 1024
BEFORE_MAX_BYTES = 64 * 1024
MARK = b'"Action":'


class GoWatch:
    """Reads events along while the output of a command passes; threads may feed it.

    Until the first event shows, a little of what was printed is held: `go` may have said before
    what does not compile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: GoEvents | None = None
        self._before: list[tuple[str, bytes]] = []
        self._before_bytes = 0
        self._last = b""
        self._rests: dict[str, bytes] = {}

    def feed(self, stream: str, data: bytes) -> None:
        """Take the next piece of a stream, cut anywhere."""
        with self._lock:
            pieces = [(stream, data)]
            if self._events is None:
                self._before += pieces
                self._before_bytes += len(data)
                seen = self._last + data
                self._last = seen[-len(MARK) :]
                if MARK not in seen:
                    while self._before_bytes > BEFORE_MAX_BYTES and len(self._before) > 1:
                        self._before_bytes -= len(self._before.pop(0)[1])
                    return
                from pytest_failtrack.observe.from_go import GoEvents

                self._events = GoEvents()
                pieces, self._before = self._before, []
            for name, piece in pieces:
                *lines, rest = (self._rests.get(name, b"") + piece).split(b"\n")
                self._rests[name] = rest[-LINE_MAX_BYTES:]
                for line in lines:
                    self._events.feed(line.decode("utf-8", "replace"))

    def finish(self) -> GoEvents | None:
        """Return the events, None when there was none."""
        with self._lock:
            if self._events is None:
                return None
            for rest in self._rests.values():
                if rest:
                    self._events.feed(rest.decode("utf-8", "replace"))
            self._rests.clear()
            return self._events if self._events.is_any else None
