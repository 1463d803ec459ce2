"""Processes that tests run to their end: forked from one that has imported everything, or started.

`run` is `subprocess.run` with captured output. A test whose subject is the process itself (kills,
imports, memory, coverage) starts its own; so does every test with `INNER_RUNS=fresh`.
"""

from __future__ import annotations

import atexit
import io
import json
import math
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

# A run that takes longer hangs: a machine whose disk is asked for more than it can write may stand
# still for minutes.
HANGS_AFTER_SECONDS = 600

Readable = TypeVar("Readable", socket.socket, io.RawIOBase)

# Module or code that is run: what its server imports (inner_server.py).
FAILTRACK = "import sys; from pytest_failtrack.cli.main import main; main()"
TRACKED = (
    *("pytest", "_pytest.*", "pytest_failtrack.*", "pydantic_core", "sqlite3"),
    # pytest warns when it is asked for one by name that it cannot rewrite any more.
    *("-_pytest.pytester", "-pytest_failtrack.plugin"),
    # What few runs import, and what it takes long to import.
    *("-pytest_failtrack.history.migrations", "-pytest_failtrack.history.postgres"),
    *(f"-pytest_failtrack.record.{name}" for name in ("failure_match", "model", "run")),
)
SERVERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("-m", "pytest"): TRACKED,
    ("-c", FAILTRACK): TRACKED,
    ("-m", "failtrack_guard"): ("failtrack_guard.*", "libcst"),
}
STARTED_WITH = dict(os.environ)
IS_ON = (
    sys.platform == "linux"
    and STARTED_WITH.get("INNER_RUNS") != "fresh"
    and "PYTHONPATH" not in STARTED_WITH
)
# An interpreter reads these when it starts.
READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "HOME", "COV_", "COVERAGE_")


class Server:
    """A process that inner runs are forked from; see inner_server.py."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._channel, other = socket.socketpair()
        self._answered = b""
        self._in_use = threading.Lock()
        self.owner = os.getpid()
        with other:
            server = Path(__file__).with_name("inner_server.py")
            self._process = subprocess.Popen(
                [sys.executable, str(server), str(other.fileno()), *modules],
                env=STARTED_WITH,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )
        atexit.register(self.stop)
        self.modules = set(json.loads(self._answer()))

    def stop(self) -> None:
        """End the process, and wait for the run that it may be waiting for."""
        if self.owner == os.getpid():
            self._channel.close()
            self._process.wait()

    def run(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Fork, and return what the run printed and how it ended."""
        if not self._in_use.acquire(blocking=False):  # by another thread
            return run_fresh(command, cwd=cwd, env=env, timeout=timeout)
        try:
            out, out_end = os.pipe()
            err, err_end = os.pipe()
            with os.fdopen(out, "rb", 0) as stdout, os.fdopen(err, "rb", 0) as stderr:
                process = self._fork(command, cwd, env, (0, out_end, err_end))
                try:
                    give_up_at = time.monotonic() + timeout
                    said = _read_all((stdout, stderr), give_up_at)
                    ended = int(self._answer(give_up_at))
                except BaseException as error:
                    os.kill(process, signal.SIGKILL)
                    self._answer()
                    if isinstance(error, TimeoutError):
                        raise subprocess.TimeoutExpired(command, timeout) from None
                    raise
            return subprocess.CompletedProcess(command, ended, *said)
        finally:
            self._in_use.release()

    def _fork(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], streams: tuple[int, ...]
    ) -> int:
        """Ask for a process and return its id; its ends of the pipes are closed here."""
        asked = {"command": list(command), "cwd": str(cwd), "env": dict(env)}
        request = json.dumps(asked).encode()
        try:
            socket.send_fds(self._channel, [len(request).to_bytes(4, "big")], streams)
        finally:
            for end in streams[1:]:
                os.close(end)
        self._channel.sendall(request)
        return int(self._answer())

    def _answer(self, give_up_at: float = math.inf) -> bytes:
        """Return the next line that the server says."""
        while b"\n" not in self._answered:
            _wait_for([self._channel], give_up_at)
            data = self._channel.recv(65_536)
            if not data:
                raise RuntimeError(
                    "inner_server.py is over, its stderr says why; without it: INNER_RUNS=fresh"
                )
            self._answered += data
        line, _, self._answered = self._answered.partition(b"\n")
        return line


def _read_all(streams: Sequence[io.RawIOBase], give_up_at: float) -> list[bytes]:
    """Return what each stream says until its end."""
    said: dict[io.RawIOBase, list[bytes]] = {stream: [] for stream in streams}
    open_ones = list(streams)
    while open_ones:
        for stream in _wait_for(open_ones, give_up_at):
            data = stream.read(65_536)
            if data:
                said[stream].append(data)
            else:
                open_ones.remove(stream)
    return [b"".join(one) for one in said.values()]


def _wait_for(readable: Sequence[Readable], give_up_at: float) -> list[Readable]:
    """Return those that have something to say, once there are any."""
    left = None if give_up_at == math.inf else max(0.0, give_up_at - time.monotonic())
    with selectors.DefaultSelector() as selector:
        for one in readable:
            selector.register(one, selectors.EVENT_READ, one)
        found = [key.data for key, _ in selector.select(left)]
    if not found:
        raise TimeoutError
    return found


_RUNNING: dict[tuple[str, ...], Server] = {}


def run(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; a Python command is forked where that is no difference."""
    server = server_of(command, cwd, env) if IS_ON else None
    if server is not None:
        return server.run(command, cwd, env, timeout)
    return run_fresh(command, cwd=cwd, env=env, timeout=timeout)


def run_fresh(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end in a process that is started for it."""
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=timeout)


def as_text(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    """Return what a run said as `text=True` does."""
    said = (io.TextIOWrapper(io.BytesIO(one)).read() for one in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


def server_of(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Server | None:
    """Return the server of a command, None when only a fresh interpreter would do."""
    python, kind, what = command[:3] if len(command) > 2 else ("", "", "")
    modules = SERVERS.get((kind, what))
    if python != sys.executable or modules is None or _read_at_start(env) != BEFORE:
        return None
    # Plugins that are found by themselves are rewritten, ours among them.
    if what == "pytest" and "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in env:
        return None
    server = _RUNNING.get(modules)
    if server is None or server.owner != os.getpid():
        server = _RUNNING[modules] = Server(modules)
    path = [one for one in env.get("PYTHONPATH", "").split(os.pathsep) if one]
    if any(_is_shadowing(folder, server.modules) for folder in (cwd, *map(Path, path))):
        return None
    return server


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an interpreter reads when it starts."""
    return {
        name: value
        for name, value in env.items()
        if name.startswith(READ_AT_START) and name != "PYTHONPATH"
    }


def _is_shadowing(folder: Path, modules: set[str]) -> bool:
    """Return whether a folder has a module of its own in the place of one that is imported."""
    if not folder.is_dir():
        return False
    own = {
        one.name.partition(".")[0]
        for one in folder.iterdir()
        if one.suffix in (".py", ".pyc", ".so") or (one / "__init__.py").exists()
    }
    return bool(own & (modules | {"sitecustomize", "usercustomize"}))


BEFORE = _read_at_start(STARTED_WITH)
