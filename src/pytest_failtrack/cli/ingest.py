"""`failtrack ingest`: what other jobs recorded, and records of what other tools have seen."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from pytest_failtrack.cli.conclusion import show_conclusion
from pytest_failtrack.cli.options import part_of, places, reports, settings_from, signed_as
from pytest_failtrack.cli.run import PHASES
from pytest_failtrack.ingesting.arrived import Arrived
from pytest_failtrack.ingesting.ingestion import Ingested, ingest
from pytest_failtrack.recovering.recovery import describe_recovery
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count

SCHEMA_VERSION = "1.0"
NAMED_MAX = 20
PROGRESS_AFTER_SECONDS = 1.0
PROGRESS_STEP = 50


@click.command(
    "ingest",
    epilog="Example: failtrack ingest downloads/ build/test-results job.log --build 812",
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
@part_of("the failures are")
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
    """Take in what other jobs recorded, and record what other tools have seen; - reads stdin.

    PATHs are files, and folders and archives (.zip, .tar.gz) of them, such as downloaded artifacts
    of many jobs. Out of them come

    \b
    - evidence: records, run documents, changes and matches (`governance/events`, or its folders
      alone); each is verified and copied as it is, and aliases of signatures are joined
    - journals of runs that died (`.failtrack`), which become records
    - what `failtrack triage` reads: JUnit XML of any runner, logs, job lists, SARIF, coverage, ...;
      their failures become records, as if they had been tracked

    A document that is here already stays, and a record that was changed elsewhere since takes its
    place. A failure that `pytest --failtrack` has recorded of the same build and leg is not
    recorded twice, and neither is a file that is read again: ingest can be stopped and repeated.
    Without a build, that of the tracked run in which a report was written is taken, else one made
    of the content.

    Exit code 0 whatever failed: judgement is the gate's. 2 when something could not be read to its
    end, or was refused; the rest is taken in all the same. 3 when something could not be written.
    """
    from pytest_failtrack.extensions import Extensions

    settings = settings_from(dir=dir_, **options)
    extensions = Extensions.of_command(settings.table)
    with _progress() as tell:
        came = ingest(
            paths,
            settings=settings,
            extensions=extensions,
            coverage_min_percent=coverage_min,
            exit_status=exit_status,
            phase=(phase or "").upper(),
            tell=tell,
        )
    if as_json:
        click.echo(json.dumps(to_json(came), indent=2))
    else:
        for one in came.arrived.recovered:
            click.echo(f"failtrack: {plain(describe_recovery(one))}")
        for run in came.runs:
            if run.conclusion.records:
                show_conclusion(run.conclusion, settings, extensions, sys.stdout)
        click.echo(_summary(came))
    _say(str(one) for one in came.found.unread.values())
    _say(came.found.incomplete.values())
    _say(came.found.under_way)
    _say([came.found.doubt] if came.found.doubt else [])
    _say(came.arrived.kept)
    _say(came.arrived.problems)
    _say(dict.fromkeys(run.problem for run in came.runs if run.problem))
    unread = 2 if came.found.unread or came.found.incomplete else 0
    click.get_current_context().exit(unread if came.is_written else 3)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Show how far long work is, on a terminal alone."""
    if not sys.stderr.isatty():
        yield None
        return
    begun = time.monotonic()
    with ExitStack() as stack:
        bars: list[Any] = []
        shown = 0

        def tell(done: int, all_: int) -> None:
            nonlocal shown
            if not bars:
                if time.monotonic() - begun < PROGRESS_AFTER_SECONDS:
                    return
                made = click.progressbar(length=all_, label="reading", file=sys.stderr)
                bars.append(stack.enter_context(made))
            if done - shown >= PROGRESS_STEP or done == all_:
                bars[0].length = all_
                bars[0].update(done - shown)
                shown = done

        yield tell


def _say(sentences: Iterable[str]) -> None:
    """Print the first sentences on standard error, and how many others there are."""
    held = list(sentences)
    for one in held[:NAMED_MAX]:
        click.echo(f"failtrack: {plain(one)}", err=True)
    if len(held) > NAMED_MAX:
        click.echo(f"failtrack: {len(held) - NAMED_MAX:,} more like that", err=True)


def _summary(came: Ingested) -> str:
    """Return the last line: what was read, and how much of it is new."""
    arrived = came.arrived
    reported = sum(len(run.conclusion.records) for run in came.runs)
    parts = []
    if came.found.read_files or not (arrived.documents or arrived.journals):
        parts.append(f"read {count(len(came.found.read_files), 'file')}")
    if arrived.documents:
        parts.append(f"{'read ' if not parts else ''}{count(arrived.documents, 'document')}")
    if arrived.journals:
        parts.append(f"{'read ' if not parts else ''}{count(arrived.journals, 'dead run')}")
    if came.found.passed_over:
        parts.append(f"passed over {came.found.passed_over:,} that are no reports")
    if came.found.has_no_test:
        parts.append("no test ran")
    parts.append(f"{count(came.new_records, 'new record')}")
    if arrived.documents:
        parts.append(f"{count(arrived.runs.new, 'new run')}")
    if arrived.matches.new:
        parts.append(f"{count(arrived.matches.new, 'new match', 'new matches')}")
    shared = arrived.records.shared + arrived.runs.shared + arrived.aliases.shared
    if shared:
        parts.append(f"{shared:,} new in the shared history")
    if arrived.changes.new:
        parts.append(f"{count(arrived.changes.new, 'new change')}")
    if arrived.aliases.new:
        parts.append(f"{count(arrived.aliases.new, 'new alias', 'new aliases')}")
    if updated := arrived.records.updated + arrived.runs.updated + arrived.matches.updated:
        parts.append(f"{updated:,} updated")
    there = reported + arrived.there - (came.new_records - arrived.records.new)
    there += arrived.recovered_records
    if there > 0:
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
        "incomplete": dict(came.found.incomplete),
        "new_records": came.new_records,
        "evidence": _arrived_to_json(came.arrived),
        "runs": [
            {
                "document": run.document.stem if run.document else None,
                "records": [one for one, _ in run.conclusion.records],
                "digest": digest_to_json(run.digest),
            }
            for run in came.runs
        ],
    }


def _arrived_to_json(arrived: Arrived) -> dict[str, Any]:
    return {
        "documents": arrived.documents,
        "dead_runs": arrived.journals,
        "recovered_records": arrived.recovered_records,
        **{
            name: {"new": added.new, "updated": added.updated, "shared": added.shared}
            for name, added in (
                ("records", arrived.records),
                ("runs", arrived.runs),
                ("matches", arrived.matches),
                ("changes", arrived.changes),
                ("aliases", arrived.aliases),
            )
        },
        "there_already": arrived.there,
        "kept": list(arrived.kept),
        "problems": list(arrived.problems),
    }
