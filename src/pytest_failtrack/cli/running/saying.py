"""What `failtrack run` says of its own, beside the command; run.py and attempts.py ask."""

from __future__ import annotations

from contextlib import suppress

import click


def say(sentence: str) -> None:
    """Say a sentence on standard error; where nobody can read it, the command ends as it ended."""
    with suppress(OSError):
        click.echo(f"failtrack: {sentence}", err=True)
