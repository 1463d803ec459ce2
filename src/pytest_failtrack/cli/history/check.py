"""`failtrack history check`: whether a history has the tables, columns and indexes it should."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.check import check_schema
from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.kept import open_shared
from pytest_failtrack.open_history import index_path
from pytest_failtrack.sinks.wording import count

EXIT_WRONG = 1


@click.command("check", epilog="Example: failtrack history check --history postgresql://db/ci")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(as_json: bool, dir_: str | None, state: str | None, history: str | None) -> None:
    """Check the tables of the history: columns, types, defaults and indexes.

    Exit code 0 when all is as it should be, 1 when something is missing or other than it should be:
    each is named. A local index is made anew by `failtrack history rebuild`, a shared history is
    brought up by `failtrack history migrate`.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    database = _opened(settings)
    try:
        found = check_schema(database)
    finally:
        database.close()
    if as_json:
        document = {
            "history": database.location,
            "engine": database.name,
            "tables": found.tables,
            "columns": found.columns,
            "indexes": found.indexes,
            "problems": list(found.problems),
        }
        click.echo(json.dumps(document, indent=2))
    else:
        for problem in found.problems:
            click.echo(problem)
        click.echo(
            f"{database.location}: {count(found.tables, 'table')}; failure_matches has "
            f"{count(found.columns, 'column')} and {count(found.indexes, 'index', 'indexes')}; "
            f"{count(len(found.problems), 'problem')}"
        )
    click.get_current_context().exit(EXIT_WRONG if found.problems else 0)


def _opened(settings: Settings) -> Database:
    if settings.is_shared:
        return open_shared(settings.history, settings.repository)
    path = index_path(settings)
    if not path.exists():
        raise InputError(f"there is no index {path}; `failtrack history rebuild` makes it")
    return open_database(str(path))
