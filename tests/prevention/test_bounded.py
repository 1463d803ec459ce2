"""A command that verifies something has limits, and nothing that it started outlives it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from pytest_failtrack.prevention import bounded
from pytest_failtrack.prevention.bounded import run_bounded


def run(tmp_path: Path, code: str, seconds: float = 30.0) -> bounded.Ended:
    return run_bounded([sys.executable, "-c", code], tmp_path, os.environ, seconds)


def test_status_and_both_streams_are_returned(tmp_path: Path) -> None:
    ended = run(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")

    assert (ended.status, sorted(ended.output.split()), ended.problem) == (3, ["err", "out"], "")


def test_it_runs_in_its_folder_without_input(tmp_path: Path) -> None:
    ended = run(tmp_path, "import os, sys; print(os.getcwd(), repr(sys.stdin.read()))")

    assert ended.output.split() == [os.path.realpath(tmp_path), "''"]


@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
def test_a_signal_is_a_negative_status(tmp_path: Path) -> None:
    assert run(tmp_path, "import os; os.kill(os.getpid(), 9)").status == -9


def test_after_its_time_it_is_killed(tmp_path: Path) -> None:
    started = time.monotonic()

    ended = run(tmp_path, "import time; print('begun', flush=True); time.sleep(60)", 1)

    assert (ended.status, ended.problem) == (None, "did not end within 1 s")
    assert "begun" in ended.output
    assert time.monotonic() - started < 20


@pytest.mark.skipif(os.name == "nt", reason="process groups are those of POSIX")
@pytest.mark.parametrize("after", ["time.sleep(60)", "pass"], ids=["hangs", "ends"])
def test_what_it_started_is_killed_with_it(tmp_path: Path, after: str) -> None:
    """Also what it leaves running in the background, which holds its output open."""
    child = "import time; time.sleep(3); open('survived', 'w')"
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"{after}\n"
    )

    run(tmp_path, code, 1.5)

    time.sleep(3)
    assert not (tmp_path / "survived").exists()


def test_a_flood_of_output_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "OUTPUT_MAX_BYTES", 1024**2)

    ended = run(tmp_path, "while True: print('x' * 10_000)")

    assert (ended.status, ended.problem) == (None, "printed more than 1 MiB")
    assert len(ended.output) <= 1024**2


@pytest.mark.parametrize("name", ["no-such-command", "./file", "."])
def test_what_cannot_be_started_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("no program")

    ended = run_bounded([name], tmp_path, os.environ, 5)

    assert ended.status is None
    assert ended.problem.startswith(f"could not be started: {name}: ")


def test_output_that_is_no_text_is_read_all_the_same(tmp_path: Path) -> None:
    ended = run(tmp_path, "import sys; sys.stdout.buffer.write(b'a\\xff\\x00b')")

    assert ended.output == "a\ufffd\x00b"
