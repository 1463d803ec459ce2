"""Whether a command that is run again would find on its standard input what it found before.

A file is rewound. What came through a pipe is gone once it was read; nobody tells who read it, so
a pipe that holds something else than before the command ran counts as read.
"""

from __future__ import annotations

import contextlib
import os
import stat

STDIN = 0


class StandardInput:
    """The standard input as it is before a command runs."""

    def __init__(self) -> None:
        self._kind = 0
        self._offset: int | None = None
        with contextlib.suppress(OSError):
            self._kind = stat.S_IFMT(os.fstat(STDIN).st_mode)
        if self._kind == stat.S_IFREG:
            with contextlib.suppress(OSError):
                self._offset = os.lseek(STDIN, 0, os.SEEK_CUR)
        self._waiting = self._look()

    def rewind(self) -> bool:
        """Return whether the next attempt finds what this one found; a file is set back to it."""
        if self._offset is not None:
            with contextlib.suppress(OSError):
                os.lseek(STDIN, self._offset, os.SEEK_SET)
                return True
            return False
        return self._look() == self._waiting

    def _look(self) -> tuple[int, bool] | None:
        """Return how many bytes wait in a pipe and whether its writer is gone, None elsewhere."""
        if os.name == "nt" or self._kind not in (stat.S_IFIFO, stat.S_IFSOCK):
            return None
        import array
        import fcntl
        import select
        import termios

        waiting = array.array("i", [0])
        try:
            fcntl.ioctl(STDIN, termios.FIONREAD, waiting)
            poll = select.poll()
            poll.register(STDIN, 0)
            events = [event for _, event in poll.poll(0)]
        except OSError:
            return None
        return waiting[0], any(event & select.POLLHUP for event in events)
