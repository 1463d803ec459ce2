"""The result of a run over a tree, kept for the next run in which no file has changed.

What a file shows is cached for itself (`cache.py`); what other files answer to that is not, as any
of them may change. When none did, the whole result stands.
"""

from __future__ import annotations

import marshal
import os
import time
from _blake2 import blake2b

from failtrack_guard.cache import RACY_NS, Cache, write_beside
from failtrack_guard.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "result"
SECONDS_A_DAY = 86_400


class Recall:
    """The memory of one run.

    Args:
        cache: Where it is kept; its stamp stands for what is checked.
        files: Absolute paths of the files that are judged.
        others: Those of the other source files.
    """

    def __init__(self, cache: Cache, files: Iterable[str], others: Iterable[str]) -> None:
        self._path = os.path.join(cache.folder, NAME) if cache.folder else ""
        self._key = _key_of(sorted(files), sorted(others)) if self._path else b""

    def find(self) -> tuple[list[Finding], list[str]] | None:
        """Return the findings and the files with suppressions, None when something changed."""
        if not self._key:
            return None
        try:
            with open(self._path, "rb") as file:
                key, findings, allowing = marshal.loads(file.read())
        except (OSError, ValueError, EOFError, TypeError):
            return None
        if key != self._key:
            return None
        return [Finding.of(path, plain) for path, plain in findings], [*allowing]

    def keep(self, findings: Iterable[Finding], allowing: Iterable[str]) -> None:
        """Keep a result; a failure loses nothing but time."""
        if not self._key:
            return
        plain = [(one.path, one.plain()) for one in findings]
        try:
            write_beside(self._path, marshal.dumps((self._key, plain, [*allowing])))
        except (OSError, ValueError):
            return


def _key_of(judged: list[str], others: list[str]) -> bytes:
    """Return a digest of time and size of every source file and of the day.

    Empty when one cannot be seen, or has changed so shortly ago that it may change again unseen.
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
