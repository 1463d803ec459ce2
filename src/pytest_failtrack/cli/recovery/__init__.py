"""`failtrack recovery`: what to do about a failure, and whether it helped."""

from __future__ import annotations

import click

from pytest_failtrack.cli.recovery import apply, list, mark, suggest


@click.group("recovery", epilog="Example: failtrack recovery suggest 'HTTP 429 Too Many Requests'")
def command() -> None:
    """Suggest how to recover from a failure, try it, and say whether it helped.

    What was tried before is counted for each error and each way to recover, and makes the
    confidence of the next suggestion.
    """


for each in (suggest, list, apply, mark):
    command.add_command(each.command)
