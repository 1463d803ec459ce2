"""The entry point: what it says and ends with when failtrack itself is broken."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

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
