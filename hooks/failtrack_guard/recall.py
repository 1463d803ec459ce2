"""What a run over a tree found out, kept for the next run in which no file has changed.

What a file shows is cached for itself (`cache.py`); what other files answer to that is not, as any
of them may change. When none did, the whole result stands.
"""

from __future__ import annotations

import marshal
import os
import time
from _blake2 import blake2b

from failtrack_guard.cache import RACY_NS, Cache, write_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECONDS_A_DAY = 86_400


class Recall:
    """A value that stands as long as the files of a tree do.

    Args:
        cache: Where it is kept; its stamp stands for what is checked.
        name: Name of the value.
        state: State of the files, see `state_of`; empty when nothing is to be kept.
    """

    def __init__(self, cache: Cache, name: str, state: bytes) -> None:
        self._path = os.path.join(cache.folder, name) if cache.folder and state else ""
        self._state = state

    def find(self) -> Any:
        """Return the value, None when something changed."""
        if not self._path:
            return None
        try:
            with open(self._path, "rb") as file:
                state, value = marshal.loads(file.read())
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return value if state == self._state else None

    def keep(self, value: Any) -> None:
        """Keep a value that marshal can write; a failure loses nothing but time."""
        if not self._path:
            return
        try:
            write_beside(self._path, marshal.dumps((self._state, value)))
        except (OSError, ValueError):
            return


def state_of(judged: list[str], others: list[str]) -> bytes:
    """Return a digest of time and size of every source file and of the day.

    Args:
        judged: Absolute paths of the files that are judged, sorted.
        others: Those of the other source files, sorted.

    Returns:
        The digest; empty when a file cannot be seen, or has changed so shortly ago that it may
        change again unseen.
    """
    digest = blake2b(digest_size=16)
    # Findings may depend on the day: what was accepted until yesterday is not accepted today.
    digest.update(f"{int(time.time()) // SECONDS_A_DAY} {len(judged)}".encode())
    newest = 0
    try:
        for path in (*judged, *others):
            stat = os.stat(path)
            newest = max(newest, stat.st_mtime_ns)
            told = f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0"
            digest.update(told.encode("utf-8", "surrogateescape"))
    except OSError:
        return b""
    return b"" if newest > time.time_ns() - RACY_NS else digest.digest()
