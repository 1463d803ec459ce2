"""`failtrack history months`: the partitions of a shared history and what is in them."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.history.shared import shared_database
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.history.partitions import months


@click.command("months", epilog="Example: failtrack history months")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(as_json: bool, dir_: str | None, state: str | None, history: str | None) -> None:
    """List the months of a shared history, each a partition, with their size.

    Sizes are what the database knows without counting; detached months are listed too.
    """
    with shared_database(settings_from(dir=dir_, state=state, history=history)) as database:
        found = months(database)
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found], indent=2))
        return
    if not found:
        click.echo("no month yet: nothing was recorded")
    for one in found:
        state_word = "attached" if one.is_attached else "detached"
        click.echo(f"{one.name}  {state_word}  about {one.rows:>12,} rows  {one.megabytes:>9,} MB")
