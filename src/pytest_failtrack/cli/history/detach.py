"""`failtrack history detach`: take old months out of a shared history; nothing is deleted."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.history.shared import shared_database
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.partitions import attach, detach
from pytest_failtrack.lazily import lazily

_MONTH = lazily(r"20\d\d-(0[1-9]|1[0-2])")


@click.command("detach", epilog="Example: failtrack history detach --before 2024-01")
@click.option("--before", metavar="YYYY-MM", required=True, help="First month that stays.")
@click.option("--back", is_flag=True, help="Attach the months before it again instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(
    before: str,
    back: bool,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Detach the months before a given one: they stay as tables of their own (S0-138).

    Questions do not see them any more, and what is ingested again of them is not doubled. `--back`
    attaches them again. To move one to other storage: pg_dump of its table.
    """
    if not _MONTH.fullmatch(before):
        raise InputError(f"--before is {before!r}: it must be a month such as 2024-01")
    with shared_database(settings_from(dir=dir_, state=state, history=history)) as database:
        done = attach(database, before) if back else detach(database, before)
    word = "attached" if back else "detached"
    if as_json:
        click.echo(json.dumps({word: done}))
    else:
        click.echo(f"{word}: {', '.join(done) if done else f'nothing before {before}'}")
