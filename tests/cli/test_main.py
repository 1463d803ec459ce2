"""The entry point: what it says and ends with when failtrack itself is broken."""

from __future__ import annotations

import subprocess
import sys

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
