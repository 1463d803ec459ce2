"""A terminal for a command whose output we pass on to our own; POSIX only, `child.py` asks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import termios
import threading
import tty
from typing import Any

STDIN, STDOUT = 0, 1


class ChildTerminal:
    """A pseudo-terminal; its slave is the command's output and, where ours is one, its input.

    While our input is a terminal it is set to raw: every key goes to the command's terminal, which
    then makes signals of Ctrl-C and its like. Otherwise the command's terminal leaves line ends
    alone, for ours will add what it needs.
    """

    def __init__(self) -> None:
        import pty

        self.master, self._slave = pty.openpty()
        self._takes_keys = _is_our_terminal(STDIN)
        self._before: list[Any] | None = None
        self._copy_size()
        modes = termios.tcgetattr(self._slave)
        if self._takes_keys:
            with contextlib.suppress(termios.error):
                modes = termios.tcgetattr(STDIN)
        else:
            modes[tty.OFLAG] &= ~termios.OPOST
        termios.tcsetattr(self._slave, termios.TCSANOW, modes)

    def keywords(self) -> dict[str, Any]:
        """Return what `subprocess.Popen` is told so that the command has this terminal."""
        found: dict[str, Any] = {
            "stdout": self._slave,
            "start_new_session": True,
            "preexec_fn": _take_as_controlling,
        }
        if self._takes_keys:
            found["stdin"] = self._slave
        return found

    def close_slave(self) -> None:
        """Let go of the command's side, so that its end is seen."""
        os.close(self._slave)

    def attach(self) -> None:
        """Send our keys to the command from now on."""
        if not self._takes_keys:
            return
        with contextlib.suppress(termios.error):
            self._before = termios.tcgetattr(STDIN)
            tty.setraw(STDIN, termios.TCSADRAIN)
        threading.Thread(target=self._carry_keys, daemon=True).start()

    def restore(self) -> None:
        """Set our terminal back to how it was."""
        if self._before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(STDIN, termios.TCSADRAIN, self._before)

    def follow_size(self, before: dict[int, Any]) -> None:
        """Keep the command's terminal as large as ours; note the handler that was there."""
        with contextlib.suppress(ValueError):
            before[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, self._resized)

    def _resized(self, _number: int, _frame: object) -> None:
        self._copy_size()

    def _copy_size(self) -> None:
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(STDOUT, termios.TIOCGWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def _carry_keys(self) -> None:
        with contextlib.suppress(OSError):
            while keys := os.read(STDIN, 1024):
                os.write(self.master, keys)


def _take_as_controlling() -> None:
    """Make the command's standard output the controlling terminal of its new session."""
    fcntl.ioctl(STDOUT, termios.TIOCSCTTY, 0)


def _is_our_terminal(descriptor: int) -> bool:
    """Return whether it is a terminal from which we may read: we are in its foreground."""
    try:
        return os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
