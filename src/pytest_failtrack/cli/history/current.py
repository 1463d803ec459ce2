"""`failtrack history current`: which revision a shared history has."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.history.shared import shared_url
from pytest_failtrack.cli.options import places, settings_from


@click.command("current", epilog="Example: failtrack history current --history postgresql://db/ci")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(as_json: bool, dir_: str | None, state: str | None, history: str | None) -> None:
    """Say which revision a shared history has, and which one this failtrack needs.

    Exit code 0 when they are the same, 1 when `failtrack history migrate` is due or the history is
    of a newer failtrack.
    """
    url = shared_url(settings_from(dir=dir_, state=state, history=history))
    from pytest_failtrack.history.migrations.migrate import current
    from pytest_failtrack.history.postgres import REVISION, shown

    found = current(url)
    if as_json:
        click.echo(json.dumps({"revision": found or None, "needed": REVISION}))
    elif found == REVISION:
        click.echo(f"{shown(url)}: revision {found}")
    else:
        what = f"revision {found}" if found else "no tables"
        next_ = (
            "install a newer pytest-failtrack" if found > REVISION else "failtrack history migrate"
        )
        click.echo(f"{shown(url)}: {what}, {REVISION} is needed: {next_}")
    click.get_current_context().exit(0 if found == REVISION else 1)
