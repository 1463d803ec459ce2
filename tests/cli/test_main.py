"""The entry point: what it says and ends with when failtrack itself is broken."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

BROKEN_CLICK = """
import sys
import click

def broken(*_args, **_keywords):
    raise TypeError("echo() is broken")

click.echo = broken
from pytest_failtrack.cli import main

sys.argv = ["failtrack", "schema"]
main.main()
"""


def test_a_mistake_of_our_own_is_one_sentence_and_70_even_if_click_is_what_is_broken() -> None:
    """In the checkout of click itself, a fault in click must not look like a failed gate."""
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_CLICK], capture_output=True, text=True, check=False
    )

    assert done.returncode == 70
    assert "failtrack: internal error: TypeError: echo() is broken" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_history_that_does_not_answer_is_69(tmp_path: Path) -> None:
    """Neither a mistake of ours (70), nor evidence that cannot be trusted (3)."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://nobody@127.0.0.1:{taken.getsockname()[1]}/none"
        done = subprocess.run(
            [
                *(sys.executable, "-c", "from pytest_failtrack.cli.main import main; main()"),
                *("history", "current", "--history", url),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    assert done.returncode == 69, done.stdout + done.stderr
    assert done.stderr.startswith("failtrack: ")
    assert "internal" not in done.stderr


COMMAND = (sys.executable, "-c", "from pytest_failtrack.cli.main import main; main()")
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")


@needs_full
@pytest.mark.parametrize("words", [("gate",), ("gate", "--json"), ("list",), ("--help",)])
def test_an_output_that_cannot_be_written_is_the_users_to_mend(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        # Of a run that is not there, `list` prints nothing and ends with its own error.
        run = [*COMMAND, "run", "--", sys.executable, "-c", "pass"]
        subprocess.run(run, cwd=tmp_path, check=True, capture_output=True)
        done = subprocess.run(
            [*COMMAND, *words], cwd=tmp_path, check=False, stdout=full, stderr=PIPE, text=True
        )

    assert done.returncode == 2
    assert done.stderr.startswith("failtrack: standard output cannot be written (")
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_went_away_is_told_nothing(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(
            [*COMMAND, "--help"], cwd=tmp_path, check=False, stdout=closed, stderr=PIPE, text=True
        )

    assert done.stderr == ""


@needs_full
def test_a_command_ends_as_it_ended_where_nothing_can_be_said_of_it(tmp_path: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        argv = [*COMMAND, "run", "--", sys.executable, "-c", "raise SystemExit(5)"]
        done = subprocess.run(argv, cwd=tmp_path, check=False, stderr=full)

    assert done.returncode == 5
    assert list((tmp_path / "governance/events/failures").glob("*.json"))
