"""`failtrack analytics`: the four files of aggregates over the whole history."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.reading import shown_path
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.questions.moments import moment_of
from pytest_failtrack.sinks.wording import count
from pytest_failtrack.summaries.analytics import analytics_dir, content, write_analytics


@click.command("analytics", epilog="Example: failtrack analytics --since 12w")
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write them [default: analytics in the folder of the records].",
)
@click.option(
    "--since",
    metavar="WHEN",
    help="Only what came since then: 12h, 14d, 2w ago, or a date (2026-11-01), UTC.",
)
@click.option("--until", metavar="WHEN", help="Only what came before then, in the same words.")
@click.option("--json", "as_json", is_flag=True, help="Print the four as one object as well.")
@places
def command(
    output: Path | None,
    since: str | None,
    until: str | None,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Write failure-trends, failure-by-category, repeat-failures and mttr-metrics as JSON.

    The same evidence gives the same bytes, whenever they are made.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    now = datetime.now(timezone.utc)
    folder = output.absolute() if output else analytics_dir(settings)
    made, problems = write_analytics(
        settings,
        folder,
        since=moment_of(since, now) if since else None,
        until=moment_of(until, now) if until else None,
    )
    for problem in problems:
        click.echo(f"failtrack: {problem}", err=True)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    for name, document in made.items():
        place = shown_path(folder / name, settings.root)
        click.echo(f"{place}  {count(len(content(document)), 'byte')}")
