"""`failtrack history rebuild`: make the local index again from the evidence."""

from __future__ import annotations

import json
import time

import click

from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.store import set_aside
from pytest_failtrack.open_history import index_path, open_history
from pytest_failtrack.sinks.wording import count


@click.command("rebuild", epilog="Example: failtrack history rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(as_json: bool, dir_: str | None, state: str | None, history: str | None) -> None:
    """Make the local index again from the evidence files, archives included.

    The evidence is the truth (nothing of it is touched); the old index is kept beside the new one
    as `.broken` until the next rebuild.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    if settings.is_shared:
        raise InputError(
            "a shared history is no index: it holds the records themselves; `failtrack ingest` "
            "sends it what it lacks, and --history FILE names a local index",
            slug="history-shared",
        )
    path = index_path(settings)
    if path.exists() and not set_aside(str(path)):
        raise InputError(f"{path} cannot be moved out of the way", slug="store-readonly")
    started = time.monotonic()
    with open_history(settings) as made:
        made.sync(settings.evidence_dir)
        made.ask(lambda database: database.rows("select 1"))
        records, runs = made.count(), made.count("runs")
        problems = made.problems
    seconds = time.monotonic() - started
    if as_json:
        told = {"path": str(path), "records": records, "runs": runs, "problems": list(problems)}
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(f"{path}: {count(records, 'record')}, {count(runs, 'run')} in {seconds:.1f} s")
    for problem in problems:
        click.echo(f"failtrack: left out: {problem}", err=True)
