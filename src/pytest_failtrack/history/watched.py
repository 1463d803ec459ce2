"""A connection to PostgreSQL that ends by itself when no answer comes; postgres.py opens it.

A server limits the time of a statement, but not one that is frozen, or behind a network which drops
packets: its client would wait for hours.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that is closed when it waits too long for one answer.

    `answer_seconds` is how long that may be; None is for ever.
    """

    answer_seconds: float | None = None
    is_unanswered = False
    """Whether it was closed for that."""

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Wait as psycopg does, which looks around every tenth of a second, but not for ever."""
        if self.answer_seconds is not None:
            gen = self._limited(gen, time.monotonic() + self.answer_seconds)
        return super().wait(gen, *args, **options)

    def _limited(self, gen: Generator[Any, Any, Any], until: float) -> Generator[Any, Any, Any]:
        """Pass on what is said to a generator of psycopg, until nothing was said for too long."""
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until:
                    self.is_unanswered = True
                    self.pgconn.finish()
                    raise psycopg.OperationalError("no answer came")
                wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value
