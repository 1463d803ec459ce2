"""The screen that a command writes to: its width, colours and characters."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

import click

from pytest_failtrack.frozen import frozen
from pytest_failtrack.sinks.terminal import takes_unicode, wants_color

# Wide enough for whole headlines where the output goes to a file or another program.
WIDTH_WITHOUT_TERMINAL = 200


@frozen
class Screen:
    """Where lines go.

    Args:
        width: Columns.
        color: ANSI colours are wanted.
        unicode: Its encoding takes every character.
    """

    width: int
    color: bool
    unicode: bool

    @classmethod
    def of_stdout(cls) -> Screen:
        """Return the screen behind the standard output of this process."""
        return cls(
            width=shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns,
            color=wants_color(sys.stdout, os.environ),
            unicode=takes_unicode(sys.stdout),
        )

    def write(self, lines: Iterable[str]) -> None:
        """Write lines as they are; `color` was decided when they were made."""
        click.echo("\n".join(lines), color=self.color)
