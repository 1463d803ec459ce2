"""`failtrack ingest`: records of failures that other tools have seen."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from pytest_failtrack.cli.options import places, reports, settings_from, signed_as
from pytest_failtrack.cli.run import PHASES, show_conclusion
from pytest_failtrack.ingestion import Ingested, ingest
from pytest_failtrack.sinks.wording import count

SCHEMA_VERSION = "1.0"


@click.command(
    "ingest",
    epilog="Example: failtrack ingest build/test-results job.log --build 812 --job integration",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document for programs.")
@reports
@click.option(
    "--phase",
    type=click.Choice(PHASES, case_sensitive=False),
    help="Phase of the build [default: what each failure shows].",
)
@signed_as
@click.option("--build", metavar="ID", help="Build that the failures are a part of.")
@click.option("--leg", metavar="NAME", help="Leg of the CI's matrix.")
@places
def command(
    paths: tuple[str, ...],
    as_json: bool,
    coverage_min: float | None,
    exit_status: int | None,
    phase: str | None,
    dir_: str | None,
    **options: str | None,
) -> None:
    """Record the failures in reports and logs, as if they had been tracked; - reads stdin.

    PATHs are what `failtrack triage` reads: JUnit XML of any runner, logs, job lists, SARIF,
    coverage, ..., and folders and archives (.zip, .tar.gz) of them. A failure that
    `pytest --failtrack` has recorded of the same build and leg is not recorded twice, and neither
    is a file that is read again. Without a build, that of the tracked run in which a report was
    written is taken, else one made of the content.

    Exit code 0 whatever failed: judgement is the gate's. 2 when a PATH could not be read; the
    others are recorded all the same. 3 when something could not be written.
    """
    from pytest_failtrack.extensions import Extensions

    settings = settings_from(dir=dir_, **options)
    extensions = Extensions.of_command()
    came = ingest(
        paths,
        settings=settings,
        extensions=extensions,
        coverage_min_percent=coverage_min,
        exit_status=exit_status,
        phase=(phase or "").upper(),
    )
    if as_json:
        click.echo(json.dumps(to_json(came), indent=2))
    else:
        for run in came.runs:
            if run.conclusion.records:
                show_conclusion(run.conclusion, settings, extensions, sys.stdout)
        click.echo(_summary(came))
    for why in came.found.unread.values():
        click.echo(f"failtrack: {why}", err=True)
    for problem in dict.fromkeys(run.problem for run in came.runs if run.problem):
        click.echo(f"failtrack: {problem}", err=True)
    unread = 2 if came.found.unread else 0
    click.get_current_context().exit(unread if came.is_written else 3)


def _summary(came: Ingested) -> str:
    """Return the last line: what was read, and how much of it is new."""
    there = sum(len(run.conclusion.records) for run in came.runs) - came.new_records
    parts = [f"read {count(len(came.found.read_files), 'file')}"]
    if came.found.passed_over:
        parts.append(f"passed over {came.found.passed_over:,} that are no reports")
    parts.append(f"{count(came.new_records, 'new record')}")
    if there:
        parts.append(f"{there:,} there already")
    builds = {run.digest.build_id for run in came.runs}
    parts += [f"build {one}" for one in sorted(builds)]
    return "; ".join(parts)


def to_json(came: Ingested) -> dict[str, Any]:
    """Return the document for programs."""
    from pytest_failtrack.sinks.json_digest import to_json as digest_to_json

    return {
        "schema_version": SCHEMA_VERSION,
        "files": list(came.found.read_files),
        "unread": {name: str(error) for name, error in came.found.unread.items()},
        "new_records": came.new_records,
        "runs": [
            {
                "document": run.document.stem if run.document else None,
                "records": [one for one, _ in run.conclusion.records],
                "digest": digest_to_json(run.digest),
            }
            for run in came.runs
        ],
    }
