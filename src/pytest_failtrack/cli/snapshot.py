"""`failtrack snapshot`: write the open causes as a JSON array for dashboards and monitoring."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.reading import shown_path
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.sinks.plain import cut, plain
from pytest_failtrack.sinks.wording import count
from pytest_failtrack.summaries.snapshot import snapshot_path, write_snapshot

SHOWN_MAX = 20


@click.command("snapshot", epilog="Example: failtrack snapshot --output ci_failures_snapshot.json")
@click.option(
    "--output",
    metavar="PATH",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it [default: beside the evidence].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the array as well.")
@places
def command(
    output: Path | None,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Write ci_failures_snapshot.json: every cause that has an open record.

    A tracked run brings the file up to date by itself. This command makes it anew from the whole
    evidence, which is what a nightly job wants.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    path = output.absolute() if output else snapshot_path(settings)
    entries = write_snapshot(settings, path)
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    screen = Screen.of_stdout()
    place = shown_path(path, settings.root)
    lines = [f"{count(len(entries), 'open cause')} in {place}"]
    for one in entries[:SHOWN_MAX]:
        seen = f"{count(one['occurrences'], 'build')}, last {one['last_seen'][:10]}"
        healing = ", passes again" if one["is_healing"] else ""
        line = f"{one['severity']:<8}  {one['cause_id']}  {one['title']}  ({seen}{healing})"
        lines.append(cut(plain(line, unicode=screen.unicode), screen.width))
    if len(entries) > SHOWN_MAX:
        lines.append(f"{len(entries) - SHOWN_MAX:,} more")
    screen.write(lines)
