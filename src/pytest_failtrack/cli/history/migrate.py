"""`failtrack history migrate`: make or renew the tables of a shared history."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.history.shared import shared_url
from pytest_failtrack.cli.options import places, settings_from


@click.command("migrate", epilog="Example: failtrack history migrate --history postgresql://db/ci")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(as_json: bool, dir_: str | None, state: str | None, history: str | None) -> None:
    """Bring the tables of a shared history to this version.

    Each revision is one transaction: one that is interrupted changes nothing, and two at once wait
    for each other. The role must own the tables; examples/postgres has roles and grants.
    """
    url = shared_url(settings_from(dir=dir_, state=state, history=history))
    from pytest_failtrack.history.migrations.migrate import migrate
    from pytest_failtrack.history.postgres import shown

    done = migrate(url)
    if as_json:
        click.echo(json.dumps({"before": done.before or None, "after": done.after}))
    elif done.before == done.after:
        click.echo(f"{shown(url)} has revision {done.after} already")
    else:
        was = f"revision {done.before}" if done.before else "no tables"
        click.echo(f"{shown(url)} had {was} and has revision {done.after}")
