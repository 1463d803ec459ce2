"""What `inner.py` forks cannot be told from a process that was started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import inner

pytestmark = pytest.mark.skipif(not inner.IS_ON, reason="inner runs are not forked here")

COMMAND = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
# What an interpreter says of itself; ids that differ between any two processes are left out.
SAY = """
import __main__, faulthandler, gc, json, os, signal, sys, threading, time, warnings

def seen():
    return {
        "argv": sys.argv,
        "orig_argv": sys.orig_argv,
        "path": sys.path,
        "flags": list(sys.flags),
        "warnings": sys.warnoptions,
        "cwd": os.getcwd(),
        "environ": dict(os.environ),
        "main": [__main__.__name__, getattr(__main__, "__file__", None)],
        "streams": [(one.encoding, one.errors, one.line_buffering) for one in
            (sys.__stdin__, sys.__stdout__, sys.__stderr__)],
        "signals": {str(one): str(getattr(signal.getsignal(one), "__name__", signal.getsignal(one)))
            for one in signal.valid_signals()},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "group": [os.getpgrp(), os.getsid(0)],
        "threads": threading.active_count(),
        "collector": [gc.isenabled(), gc.get_threshold()],
        "zone": time.tzname,
        "open": sorted(int(one) for one in os.listdir("/proc/self/fd"))[:3],
        "is_open": [one for one in os.listdir("/proc/self/fd") if "socket:" in
            os.path.realpath(f"/proc/self/fd/{one}")],
        "input": os.read(0, 10).decode(),
        "tests": sorted(one for one in sys.modules if "test" in one.partition(".")[0]
            and not one.startswith(("pytest", "_pytest", "unittest", "doctest"))),
        "plugins": sorted({"xdist", "conftest", "project", "inner"} & set(sys.modules)),
    }
"""
CONFTEST = SAY + "\njson.dump(seen(), open('seen.json', 'w'))\n"


@pytest.fixture
def environ() -> dict[str, str]:
    kept = {name: one for name, one in os.environ.items() if not name.startswith("PYTEST_")}
    return kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def forked(
    folder: Path,
    environ: dict[str, str],
    command: list[str] = COMMAND,
    timeout: float = inner.HANGS_AFTER_SECONDS,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a fork; fails where it would be run in a process that is started."""
    assert inner.server_of(command, folder, environ) is not None
    return inner.run(command, cwd=folder, env=environ, timeout=timeout)


def fresh(
    folder: Path, environ: dict[str, str], command: list[str] = COMMAND
) -> subprocess.CompletedProcess[bytes]:
    return inner.run_fresh(command, cwd=folder, env=environ, timeout=inner.HANGS_AFTER_SECONDS)


def test_is_the_process_that_would_have_been_started(folder: Path, environ: dict[str, str]) -> None:
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text("def test_it(): pass\n")
    environ |= {"TZ": "Asia/Tokyo", "SHOP": "\udcff"}
    seen: list[dict[str, Any]] = []

    for run in (fresh, forked, forked):
        assert run(folder, environ).returncode == 0
        seen.append(json.loads((folder / "seen.json").read_text()))

    assert seen[1] == seen[0]
    assert seen[2] == seen[0]


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(): print('out'); assert 0",
        "import sys\nsys.__stderr__.write('err')\ndef test_it(): pass",
        "import pytest\ndef test_it(): pytest.exit('enough', 7)",
        "import os\ndef test_it(): os.write(1, b'raw'); os._exit(9)",
        "import os, signal\ndef test_it(): os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal\ndef test_it(): os.kill(os.getpid(), signal.SIGINT)",
        "import atexit\natexit.register(print, 'late')\ndef test_it(): pass",
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), print('later'))).start()\n"
        "def test_it(): pass",
    ],
    ids=["red", "stderr", "exit", "os._exit", "killed", "interrupted", "atexit", "thread"],
)
def test_ends_and_says_the_same(folder: Path, environ: dict[str, str], body: str) -> None:
    (folder / "test_it.py").write_text(body + "\n")
    expected, found = (run(folder, environ, COMMAND) for run in (fresh, forked))

    assert found.returncode == expected.returncode
    assert without_time(found.stdout) == without_time(expected.stdout)
    assert found.stderr == expected.stderr
    assert found.args == expected.args == COMMAND


def without_time(said: bytes) -> bytes:
    return said.rpartition(b" in ")[0] or said


def test_nothing_is_left_of_the_run_before(folder: Path, environ: dict[str, str]) -> None:
    (folder / "conftest.py").write_text("import sys, json\njson.SPOILED = sys.spoiled = 1\n")
    (folder / "test_it.py").write_text("def test_it(): pass\n")
    forked(folder, environ)
    (folder / "conftest.py").write_text("")
    (folder / "test_it.py").write_text(
        "import sys, json\ndef test_it(): assert not hasattr(json, 'SPOILED') and "
        "not hasattr(sys, 'spoiled')\n"
    )

    assert forked(folder, environ).returncode == 0


def test_a_run_that_hangs_is_killed(folder: Path, environ: dict[str, str]) -> None:
    (folder / "test_it.py").write_text(
        "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )

    with pytest.raises(subprocess.TimeoutExpired):
        forked(folder, environ, timeout=5)

    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)
    (folder / "test_it.py").write_text("def test_it(): pass\n")
    assert forked(folder, environ).returncode == 0


def test_one_that_hangs_in_silence_is_killed(folder: Path, environ: dict[str, str]) -> None:
    (folder / "test_it.py").write_text("import os, time\nos.closerange(0, 3)\ntime.sleep(60)\n")

    with pytest.raises(subprocess.TimeoutExpired):
        forked(folder, environ, [*COMMAND, "-s"], timeout=5)


def test_two_at_a_time(folder: Path, environ: dict[str, str]) -> None:
    (folder / "test_it.py").write_text("import time\ndef test_it(): time.sleep(0.5)\n")
    ended = []
    threads = [
        threading.Thread(target=lambda: ended.append(forked(folder, environ).returncode))
        for _ in range(2)
    ]
    forked(folder, environ)

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended == [0, 0]


def test_the_command_line(folder: Path, environ: dict[str, str]) -> None:
    command = [sys.executable, "-c", inner.FAILTRACK, "gate", "--no-such-option"]

    expected, found = (run(folder, environ, command) for run in (fresh, forked))

    assert (found.returncode, found.stdout, found.stderr) == (
        expected.returncode,
        expected.stdout,
        expected.stderr,
    )


class TestWhatIsStarted:
    """Only where a fork would be another process than the one that was asked for."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PYTHONHASHSEED", "1"),
            ("PYTHONWARNINGS", "error"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("LC_ALL", "C"),
            ("COVERAGE_PROCESS_START", "x"),
        ],
    )
    def test_what_an_interpreter_reads_when_it_starts(
        self, folder: Path, environ: dict[str, str], name: str, value: str
    ) -> None:
        assert inner.server_of(COMMAND, folder, environ | {name: value}) is None

    def test_plugins_that_are_found(self, folder: Path, environ: dict[str, str]) -> None:
        del environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]

        assert inner.server_of(COMMAND, folder, environ) is None

    @pytest.mark.parametrize("words", [("-X", "dev"), ("-W", "error"), ("-c", "1"), ("-m", "pip")])
    def test_other_commands(
        self, folder: Path, environ: dict[str, str], words: tuple[str, str]
    ) -> None:
        command = [sys.executable, *words, *COMMAND[1:]]

        assert inner.server_of(command, folder, environ) is None

    @pytest.mark.parametrize("name", ["json.py", "click/__init__.py", "sitecustomize.py"])
    def test_a_module_in_the_place_of_another(
        self, folder: Path, environ: dict[str, str], name: str
    ) -> None:
        file = folder / "site" / name
        file.parent.mkdir(parents=True)
        file.write_text("")

        assert inner.server_of(COMMAND, folder, environ) is not None
        assert inner.server_of(COMMAND, folder / "site", environ) is None
        path = environ | {"PYTHONPATH": str(folder / "site")}
        assert inner.server_of(COMMAND, folder, path) is None
