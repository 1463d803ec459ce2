"""What every test may count on, however the run was started."""

from __future__ import annotations

import os
import signal

import pytest

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


@pytest.fixture(scope="session", autouse=True)
def temporary_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give every run of pytest that a test starts a root for temporary folders of its own.

    Runs that share one clean up after each other when they end, get in each other's way, and
    then warn of it, which is one line more than the run beside them printed.
    """
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(tmp_path_factory.mktemp("root"))
