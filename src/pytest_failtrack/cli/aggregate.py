"""`failtrack aggregate`: candidates for the catalog, from what it did not know."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import click

from pytest_failtrack.aggregate import (
    OUTPUT,
    document_of,
    unknown_errors,
    write_document,
)
from pytest_failtrack.classify.candidate import example_texts
from pytest_failtrack.cli.catalog.shelf import Shelf
from pytest_failtrack.cli.catalog.shown import write
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.history.performance import (
    BatchProgress,
    OperationalEvent,
    QueryPerformanceService,
    keep_event,
)
from pytest_failtrack.history.store import History
from pytest_failtrack.open_history import open_history
from pytest_failtrack.record.match import match_error
from pytest_failtrack.record.patterns import Pattern, Unknown, patterns_of
from pytest_failtrack.sinks.plain import cut, plain
from pytest_failtrack.sinks.wording import count

SHOWN = 20
LINE_MAX_CHARS = 120


@click.command(
    "aggregate", epilog="Example: failtrack aggregate --days 14 --min-occurrences 5 --json"
)
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=14,
    show_default=True,
    help="How far back is looked.",
)
@click.option(
    "--min-occurrences",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="How often a pattern must have come.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=OUTPUT,
    show_default=True,
    help="File that is written.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print what is written, too.")
@places
def command(
    days: int,
    min_occurrences: int,
    output: Path,
    wants_json: bool,
    dir_: str | None,
    **options: str | None,
) -> None:
    """Group what no catalog entry knew, and write candidates for the catalog.

    Failures of tests and commands, and errors that programs told of, are grouped by signature and
    similarity. Each group comes with a suggested category, a way to recover and a ready entry,
    which `failtrack catalog add` takes after review. What an entry of the project knows by now is
    left out.
    """
    settings = settings_from(dir=dir_, **options)
    shelf = Shelf.of(settings)
    now = datetime.now(timezone.utc)
    events: list[OperationalEvent] = []
    progress = Progress()
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        try:
            unknown, tokens = unknown_errors(
                history,
                QueryPerformanceService(events.append),
                since=now - timedelta(days=days),
                until=now + timedelta(days=1),  # clocks of others may be ahead
                tell=progress,
            )
        except KeyboardInterrupt:
            progress.stopped()
            raise
        finally:
            _keep(history, events)
        problems = history.problems
    found = patterns_of(
        unknown,
        tokens,
        least=min_occurrences,
        known_texts=example_texts(shelf.examples.values()),
        taken_ids=shelf.catalog.entries,
        is_known=_knows(shelf),
    )
    document = document_of(found, now)
    write_document(output, document)
    for problem in problems:
        click.echo(f"failtrack: {plain(problem)}", err=True)
    if wants_json:
        click.echo(json.dumps(document, indent=2))
        return
    write(list(_lines(found, unknown, days, output)))


class Progress:
    """Shows how far a question has come, where somebody looks on and it takes several steps."""

    def __init__(self) -> None:
        self._last: BatchProgress | None = None
        self._is_shown = sys.stderr.isatty()

    def __call__(self, progress: BatchProgress) -> None:
        """Show it."""
        is_many = self._last is not None and progress.processed_events < progress.total_events
        is_end = self._last is not None and not is_many and self._last.processed_events > 0
        self._last = progress
        if self._is_shown and (is_many or is_end):
            end = progress.estimated_completion
            left = (end - datetime.now(timezone.utc)).total_seconds() if end else 0
            told = f", {left:.0f} s left" if left >= 1 else ""
            click.echo(f"\r{self._words(progress)}{told}\x1b[K", nl=is_end, err=True)

    def stopped(self) -> None:
        """Say how far it has come."""
        if self._last is not None:
            click.echo(
                f"failtrack: stopped after {self._words(self._last)}; nothing was written", err=True
            )

    @staticmethod
    def _words(progress: BatchProgress) -> str:
        done, total = progress.processed_events, progress.total_events
        return f"{done:,} of {count(total, 'event')}"


def _knows(shelf: Shelf) -> Callable[[Unknown], bool]:
    """Return what says whether an entry of the project's own knows an error."""
    if not shelf.own:
        return lambda one: False

    def knows(one: Unknown) -> bool:
        found = match_error(shelf.catalog, one.error_code, one.error_message)
        return found.catalog_entry_id in shelf.own

    return knows


def _keep(history: History, events: list[OperationalEvent]) -> None:
    for event in events:
        try:
            history.ask(partial(keep_event, event=event))
        except FailtrackError as error:
            click.echo(f"failtrack: {plain(str(error))}", err=True)


def _lines(found: list[Pattern], unknown: list[Unknown], days: int, output: Path) -> Iterator[str]:
    total = sum(one.times for one in unknown)
    yield (
        f"{count(total, 'error')} in {count(days, 'day')} that no entry knew: "
        f"{count(len(found), 'pattern')}, written to {output}"
    )
    for one in found[:SHOWN]:
        yield ""
        times = count(one.total_occurrences, "time")
        said = cut(plain(one.examples[0].line), LINE_MAX_CHARS)
        yield f"{one.signature}  {said}  {times}"
        yield f"  {one.suggestion.category}, {one.suggestion.recovery.value}"
        yield f"  {one.command or 'too little in common for a pattern: look at the examples'}"
    if len(found) > SHOWN:
        yield f"{len(found) - SHOWN:,} more in the file"
