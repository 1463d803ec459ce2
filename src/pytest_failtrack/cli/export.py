"""`failtrack export`: copies evidence into a folder, byte for byte."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import click

from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.questions.moments import moment_of
from pytest_failtrack.history.export import Exported, LocalDocuments, Wanted, export
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count

SCHEMA_VERSION = "1.0"
EXIT_EVIDENCE = 3
NAMED_MAX = 5


@click.command("export", epilog="Example: failtrack export --output to-hand-over --since 14d")
@click.option(
    "--output",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to, made when it is not there.",
)
@click.option("--build", metavar="ID", help="Only runs and records of this build.")
@click.option(
    "--since",
    metavar="WHEN",
    help="Only what came since then: 12h, 14d, 2w, or a date (2026-11-01).",
)
@click.option("--overwrite", is_flag=True, help="Write over files that hold something else.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
@click.pass_context
def command(
    context: click.Context,
    output: Path,
    build: str | None,
    since: str | None,
    overwrite: bool,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Copy evidence into a folder, byte for byte: files, packed or not, or a shared history.

    Records come to DIR/failures, run documents to DIR/runs, the events of records' lives to
    DIR/changes, matches that programs kept to DIR/matches, and the aliases of signatures beside
    these: `failtrack list --dir DIR/failures` reads them there. Of a run its records come along, of
    a record its events. A file that is there and holds something else is left, unless --overwrite
    is given.

    Exit code 3: something could not be read, or a file was left.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    now = datetime.now(timezone.utc)
    wanted = Wanted(build or "", moment_of(since, now) if since else None)
    if settings.is_shared:
        from pytest_failtrack.cli.history.shared import shared_database
        from pytest_failtrack.history.shared_documents import SharedDocuments

        with shared_database(settings) as database:
            done = export(
                SharedDocuments(database, wanted.build), output, wanted, overwrite=overwrite
            )
    else:
        done = export(LocalDocuments(settings.evidence_dir), output, wanted, overwrite=overwrite)
    if as_json:
        data = {
            "schema_version": SCHEMA_VERSION,
            "output": str(output),
            "records": done.counts["failures"],
            "runs": done.counts["runs"],
            "changes": done.counts["changes"],
            "matches": done.counts["matches"],
            "aliases": done.counts["aliases"],
            "written": done.written,
            "replaced": done.replaced,
            "left": list(done.differing),
            "problems": list(done.problems),
        }
        click.echo(json.dumps(data, indent=2))
    else:
        click.echo(_said(done, output))
    left = [f"{one} holds something else; --overwrite replaces it" for one in done.differing]
    problems = [*done.problems, *left]
    for one in problems[:NAMED_MAX]:
        click.echo(f"failtrack: left out: {plain(one)}", err=True)
    if len(problems) > NAMED_MAX:
        click.echo(f"failtrack: left out: {len(problems) - NAMED_MAX:,} more", err=True)
    context.exit(EXIT_EVIDENCE if problems else 0)


def _said(done: Exported, output: Path) -> str:
    found = [count(done.counts["failures"], "record"), count(done.counts["runs"], "run document")]
    if done.counts["changes"]:
        found.append(count(done.counts["changes"], "log of changes", "logs of changes"))
    if done.counts["matches"]:
        found.append(count(done.counts["matches"], "match", "matches"))
    if done.counts["aliases"]:
        found.append("the aliases of signatures")
    there = sum(done.counts.values()) - done.written
    more = f"; {there:,} of them were there already" if there else ""
    more += f"; {count(done.replaced, 'file')} replaced" if done.replaced else ""
    return f"exported {', '.join(found)} to {output}{more}"
