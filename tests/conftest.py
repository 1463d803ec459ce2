"""What every test may count on, however the run was started."""

from __future__ import annotations

import os
import signal

# Tests start many processes; where none may keep what it compiled, each compiles the whole project.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure() -> None:
    """Let interrupts work: a run in the background of a script is started with them ignored, and
    every process that a test starts would inherit that."""
    for name in ("SIGINT", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            handler = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, handler)
