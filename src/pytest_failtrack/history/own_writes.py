"""Whether anybody but this process changed a folder since the index knew all that is in it.

The index trusts the time of a folder: while it stays, nothing in it is new. Our own writing changes
it, and a folder that grows for ever would have to be listed anew after every run. So each writing
looks at the time before and after: where it was as expected before, only our own file is new, and
the index is told of that one alone.

What somebody else writes in the very moment between two looks goes unseen until the folder changes
again or was listed a day ago (scan.py). Nothing is lost by it: the index is a cache.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

# Times of whole seconds are of a file system that knows no parts of them: too coarse to trust.
_COARSE = 1_000_000_000


class _Watched:
    """A folder that is watched.

    Args:
        changed: When it changed last, as far as that was seen.
    """

    def __init__(self, changed: int) -> None:
        self.changed = changed
        self.written: set[str] = set()


_WATCHED: dict[str, _Watched] = {}


def watch(folder: str, changed: int) -> None:
    """Watch a folder of which the index knows everything.

    Args:
        folder: Its path.
        changed: When it changed last, in nanoseconds since 1970.
    """
    if changed % _COARSE:
        _WATCHED[os.path.abspath(folder)] = _Watched(changed)


@contextmanager
def own_write(folder: str, name: str) -> Iterator[None]:
    """Write a file in the block; a folder that somebody else changed before is watched no more."""
    place = os.path.abspath(folder) if _WATCHED else ""
    watched = _WATCHED.get(place)
    if watched is None:
        yield
        return
    if changed_at(folder) != watched.changed:
        del _WATCHED[place]
        yield
        return
    watched.written.add(name)
    yield
    watched.changed = changed_at(folder)


def taken_over(folder: str) -> tuple[int, set[str]] | None:
    """Return what was written in a watched folder since, and when it changed last; once.

    Returns:
        The time in nanoseconds since 1970 and the names of the files; None when somebody else
        changed it, or it was not watched.
    """
    watched = _WATCHED.pop(os.path.abspath(folder), None)
    if watched is None or not watched.changed or changed_at(folder) != watched.changed:
        return None
    return watched.changed, watched.written


def changed_at(folder: str) -> int:
    """Return when a folder changed last, in nanoseconds since 1970; 0 when there is none."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0
