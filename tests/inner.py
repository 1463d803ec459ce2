"""Processes that tests run to their end: forked from one that has imported everything, or started.

`run` is `subprocess.run` with captured output. A test whose subject is the process itself (kills,
imports, memory, coverage) starts its own; so does every test with `FAILTRACK_TESTS_FORK=0`.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

# Module or code that is run: what its server imports (inner_server.py).
FAILTRACK = "import sys; from pytest_failtrack.cli.main import main; main()"
TRACKED = (
    *("pytest", "_pytest.*", "pytest_failtrack.*", "pydantic_core", "sqlite3"),
    # pytest warns when it is asked for one by name that it cannot rewrite any more.
    *("-_pytest.pytester", "-_pytest.pytester_assertions"),
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
    and STARTED_WITH.get("FAILTRACK_TESTS_FORK") != "0"
    and "PYTHONPATH" not in STARTED_WITH
)
# An interpreter reads these when it starts.
READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "HOME", "COV_", "COVERAGE_")


class Server:
    """A process that inner runs are forked from; see inner_server.py."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._channel, other = socket.socketpair()
        with other:
            server = Path(__file__).with_name("inner_server.py")
            self._process = subprocess.Popen(
                [sys.executable, str(server), str(other.fileno()), *modules],
                env=STARTED_WITH,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )
        self._answers = self._channel.makefile("rb")
        self.owner = os.getpid()
        self.modules = set(json.loads(self._answers.readline()))
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the process; a fork that still runs goes on."""
        if self.owner == os.getpid():
            self._answers.close()
            self._channel.close()
            self._process.wait()

    def run(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Fork, and return what the run printed and how it ended."""
        give_up_at = time.monotonic() + timeout
        request = json.dumps({"command": list(command), "cwd": str(cwd), "env": dict(env)}).encode()
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        socket.send_fds(self._channel, [len(request).to_bytes(4, "big")], [0, out_end, err_end])
        self._channel.sendall(request)
        os.close(out_end)
        os.close(err_end)
        process = int(self._answers.readline())
        said: dict[int, list[bytes]] = {out: [], err: []}
        try:
            with selectors.DefaultSelector() as selector:
                for descriptor in said:
                    selector.register(descriptor, selectors.EVENT_READ)
                while selector.get_map():
                    left = give_up_at - time.monotonic()
                    if left < 0:
                        raise subprocess.TimeoutExpired(command, timeout)
                    for key, _ in selector.select(left):
                        data = os.read(key.fd, 65_536)
                        if data:
                            said[key.fd].append(data)
                        else:
                            selector.unregister(key.fd)
        except BaseException:
            os.kill(process, signal.SIGKILL)
            self._answers.readline()
            raise
        finally:
            os.close(out)
            os.close(err)
        # One that has closed its output and goes on is waited for, too.
        self._channel.settimeout(None)
        ended = int(self._answers.readline())
        stdout, stderr = (b"".join(one) for one in said.values())
        return subprocess.CompletedProcess(command, ended, stdout, stderr)


_RUNNING: dict[tuple[str, ...], Server] = {}


def run(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; a Python command is forked where that is no difference."""
    server = _server_of(command, cwd, env) if IS_ON else None
    if server is not None:
        return server.run(command, cwd, env, timeout)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=timeout)


def _server_of(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Server | None:
    """Return the server of a command, None when only a fresh interpreter would do."""
    python, kind, what = command[:3] if len(command) > 2 else ("", "", "")
    modules = SERVERS.get((kind, what))
    if python != sys.executable or modules is None or _read_at_start(env) != BEFORE:
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
