"""Runs a command whose output is wanted, with a limit of time and of output; nothing outlives it.

For commands that verify something (`preconditions.py`, `prove.py`). What a person watches is
run by `cli/running/child.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_failtrack.frozen import frozen

OUTPUT_MAX_BYTES = 32 * 1024 * 1024
LOOK_SECONDS = 0.2


@frozen
class Ended:
    """How a command ended.

    Args:
        status: Its exit status, minus the number of a signal, None when it did not end by itself.
        output: What it printed on both streams.
        problem: Why it was ended or not even started, as the end of a sentence, ``.
    """

    status: int | None
    output: str
    problem: str = ""


def run_bounded(
    argv: Sequence[str], folder: Path, environ: Mapping[str, str], timeout_seconds: float
) -> Ended:
    """Run a command to its end, at most for the time that is given.

    Args:
        argv: The command and its arguments.
        folder: Where it runs.
        environ: Its environment.
        timeout_seconds: After this it is killed, with everything that it started.
    """
    # A file: a pipe would be held open by what the command leaves running.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return Ended(None, "", f"could not be started: {argv[0]}: {reason}")
        try:
            problem = _waited(process, output.fileno(), timeout_seconds)
        finally:
            _kill_all(process)
        output.seek(0)
        text = output.read(OUTPUT_MAX_BYTES).decode("utf-8", "replace")
        return Ended(None if problem else process.returncode, text, problem)


def _waited(process: subprocess.Popen[bytes], output: int, timeout_seconds: float) -> str:
    """Wait for the end; return why it cannot be waited for."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        left = deadline - time.monotonic()
        try:
            process.wait(max(0.0, min(LOOK_SECONDS, left)))
            return ""
        except subprocess.TimeoutExpired:
            if left <= 0:
                return f"did not end within {timeout_seconds:g} s"
            if os.fstat(output).st_size > OUTPUT_MAX_BYTES:
                return f"printed more than {OUTPUT_MAX_BYTES // 1024**2} MiB"


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    try:
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass  # nobody is left
    process.wait()
