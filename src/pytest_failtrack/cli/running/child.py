"""Runs a command as if we were not there: its output, input and signals pass through.

`failtrack run` calls it. Where our standard output is a terminal the command gets a terminal of
its own (POSIX), so that colours and progress bars survive; else it gets pipes. On Windows, which
has no such terminals to give, it gets pipes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pytest_failtrack.frozen import frozen

PIECE_BYTES = 65_536
# What the command left running in the background may hold its output open; it is not waited for.
LINGER_SECONDS = 1.0
FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
# Keys send these, to every process in the terminal's foreground group.
FROM_KEYS = ("SIGINT", "SIGQUIT")

Sink = Callable[[str, bytes], None]


@frozen
class Ended:
    """How a command ended.

    Args:
        returncode: As `subprocess` gives it; 126 or 127 when it could not be started.
        duration_seconds: How long it ran.
        problem: Why it could not be started, ``.
        signals: Numbers of the signals that reached us meanwhile.
    """

    returncode: int
    duration_seconds: float
    problem: str = ""
    signals: tuple[int, ...] = ()


def run_child(argv: Sequence[str], environ: Mapping[str, str], sink: Sink) -> Ended:
    """Run a command to its end and return how it ended.

    Args:
        argv: The command and its arguments.
        environ: Its environment.
        sink: Receives each piece of output after it was passed on, with the name of its stream;
            called from several threads. What it raises ends the reading along, not the passing.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    started = time.monotonic()
    child = _Child(sink)
    try:
        with child.signals():
            try:
                child.start(argv, environ)
            except OSError as error:
                status, problem = _not_started(argv, error)
                return Ended(status, time.monotonic() - started, problem)
            returncode = child.wait()
        return Ended(returncode, time.monotonic() - started, signals=tuple(child.received))
    finally:
        child.close()


class _Child:
    """The command and the threads that carry its output."""

    def __init__(self, sink: Sink) -> None:
        self._sink: Sink | None = sink
        self._process: subprocess.Popen[bytes] | None = None
        self._carriers: list[threading.Thread] = []
        self._last_output = 0.0
        self._terminal: Any = None
        self._to_close: list[int] = []
        self._outputs = _outputs()
        self._early_signals: list[int] = []
        self.received: list[int] = []
        if os.name != "nt" and 1 in self._outputs and os.isatty(1):
            from pytest_failtrack.cli.running.terminal_of_child import ChildTerminal

            self._terminal = ChildTerminal()
            self._to_close.append(self._terminal.master)
        # Where no keys reach it, a signal to us goes to it and all that it started, once.
        self._has_own_group = os.name != "nt" and (
            self._terminal is not None or not _is_in_foreground()
        )

    def start(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start the command and begin to carry its output.

        Raises:
            OSError: It cannot be started.
        """
        keywords: dict[str, Any] = {"env": dict(environ), "start_new_session": self._has_own_group}
        if os.name == "nt":
            argv = [shutil.which(argv[0]) or argv[0], *argv[1:]]
        if self._terminal is not None:
            keywords.update(self._terminal.keywords())
        reads, write_ends = self._connect(keywords)
        try:
            self._process = subprocess.Popen(argv, **keywords)
        finally:
            for descriptor in write_ends:
                os.close(descriptor)
            if self._terminal is not None:
                self._terminal.close_slave()
        self._last_output = time.monotonic()
        if self._terminal is not None:
            self._terminal.attach()
        for source, (target, name) in reads.items():
            thread = threading.Thread(target=self._carry, args=(source, target, name), daemon=True)
            thread.start()
            self._carriers.append(thread)
        for number in self._early_signals:
            self._send(number)

    def _connect(self, keywords: dict[str, Any]) -> tuple[dict[int, tuple[int, str]], list[int]]:
        """Give the command a pipe for each output that has no terminal.

        Returns:
            What to read, each with the output it goes to and its name; and the ends of pipes
            that are the command's alone.
        """
        reads: dict[int, tuple[int, str]] = {}
        write_ends = []
        if self._terminal is not None:
            reads[self._terminal.master] = (1, "stdout")
            if os.isatty(2):
                keywords["stderr"] = keywords["stdout"]
        for target, name in self._outputs.items():
            if name in keywords:
                continue
            if name == "stderr" and 1 in self._outputs and os.path.sameopenfile(1, 2):
                # One pipe for both keeps their order exactly.
                keywords["stderr"] = subprocess.STDOUT
                continue
            read_end, write_end = os.pipe()
            self._to_close.append(read_end)
            write_ends.append(write_end)
            keywords[name] = write_end
            reads[read_end] = (target, name)
        return reads, write_ends

    def _carry(self, source: int, target: int, name: str) -> None:
        while True:
            try:
                piece = os.read(source, PIECE_BYTES)
            except OSError:  # Linux says EIO when the last user of a terminal is gone
                return
            if not piece:
                return
            self._last_output = time.monotonic()
            try:
                _write_all(target, piece)
            except OSError:
                # Our reader went away: so must the command learn, from its next write.
                with contextlib.suppress(OSError, ValueError):
                    self._to_close.remove(source)
                    os.close(source)
                return
            if self._sink is not None:
                try:
                    self._sink(name, piece)
                except Exception:
                    self._sink = None

    def wait(self) -> int:
        """Wait for the command and for the rest of its output."""
        assert self._process is not None
        while True:
            try:
                # Windows does not wake up from an endless wait to call a signal handler.
                returncode = self._process.wait(timeout=0.5 if os.name == "nt" else None)
                break
            except subprocess.TimeoutExpired:
                continue
        ended = time.monotonic()
        for carrier in self._carriers:
            while carrier.is_alive():
                carrier.join(0.05)
                quiet_since = max(ended, self._last_output)
                if time.monotonic() - quiet_since > LINGER_SECONDS:
                    break
        return returncode

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Pass signals on to the command while it runs, and live longer than it."""
        before: dict[int, Any] = {}
        for name in (*FORWARDED, *FROM_KEYS):
            number = getattr(signal, name, None)
            # What was ignored when we were started stays ignored, for the command too (nohup).
            if number is None or signal.getsignal(number) in (signal.SIG_IGN, None):
                continue
            with contextlib.suppress(ValueError, OSError):  # not in the main thread
                before[number] = signal.signal(number, self._pass_on)
        if self._terminal is not None:
            self._terminal.follow_size(before)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pass_on(self, number: int, _frame: object) -> None:
        self.received.append(number)
        if self._process is None:
            self._early_signals.append(number)
        elif self._has_own_group or signal.Signals(number).name in FORWARDED:
            self._send(number)
        # else the keys that sent it to us sent it to the command as well

    def _send(self, number: int) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(OSError):
            if self._has_own_group and sys.platform != "win32":
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)

    def close(self) -> None:
        """Restore the terminal and let go of what is left."""
        if self._terminal is not None:
            self._terminal.restore()
        for descriptor in self._to_close:
            if not any(carrier.is_alive() for carrier in self._carriers):
                with contextlib.suppress(OSError):
                    os.close(descriptor)


def _outputs() -> dict[int, str]:
    """Return our outputs that are open, by number."""
    found = {}
    for number, name in ((1, "stdout"), (2, "stderr")):
        with contextlib.suppress(OSError):
            os.fstat(number)
            found[number] = name
    return found


def _is_in_foreground() -> bool:
    """Return whether a terminal's keys send their signals to us."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _write_all(target: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:  # somebody made our output non-blocking
            time.sleep(0.01)


def _not_started(argv: Sequence[str], error: OSError) -> tuple[int, str]:
    """Return exit status and reason as a shell gives them."""
    name = argv[0]
    found = shutil.which(name) or (name if os.path.exists(name) else "")
    if isinstance(error, FileNotFoundError):
        if found and os.path.isfile(found):
            return 127, f"{name}: its interpreter was not found"
        return 127, f"{name}: command not found"
    reason = error.strerror or str(error)
    return 126, f"{name}: cannot execute: {reason}"
