"""What `history pack` and `history unpack` print while they work and when they are done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pytest_failtrack.cli.evidence.reading import shown_path
from pytest_failtrack.config import Settings
from pytest_failtrack.history.archive.moved import Moved, Progress
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count

SCHEMA_VERSION = "1.0"
EXIT_EVIDENCE = 3
PROBLEMS_NAMED = 5
STEP = 500
UNITS = ("bytes", "kB", "MB", "GB")


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Show on a terminal how far it is; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def tell(done: int, total: int) -> None:
            if done % STEP == 0 or done == total:
                bar.length = total
                bar.update(done - bar.pos)

        yield tell


def documents(moved: Moved) -> str:
    """Return what was moved: `3 records, 1 run document, 2 logs of changes`."""
    numbers = (
        (moved.records, "record", "records"),
        (moved.runs, "run document", "run documents"),
        (moved.changes, "log of changes", "logs of changes"),
        (moved.matches, "match", "matches"),
    )
    parts = [count(number, *words) for number, *words in numbers if number]
    return ", ".join(parts)


def size(number: int) -> str:
    """Return a number of bytes as people say it: `4.2 MB`."""
    value, unit = float(number), 0
    while value >= 1_000 and unit < len(UNITS) - 1:
        value, unit = value / 1_000, unit + 1
    return f"{value:,.1f} {UNITS[unit]}" if unit else f"{number:,} bytes"


def to_json(moved: Moved, settings: Settings) -> dict[str, Any]:
    """Return the document for programs."""
    return {
        "schema_version": SCHEMA_VERSION,
        "records": moved.records,
        "runs": moved.runs,
        "changes": moved.changes,
        "matches": moved.matches,
        "unpacked_bytes": moved.unpacked_bytes,
        "archives": [shown_path(Path(one), settings.root) for one in moved.archives],
        "problems": list(moved.problems),
    }


def report_problems(moved: Moved) -> None:
    """Say on standard error what stayed although its time had come."""
    for one in moved.problems[:PROBLEMS_NAMED]:
        click.echo(f"failtrack: left as it is: {plain(one)}", err=True)
    more = len(moved.problems) - PROBLEMS_NAMED
    if more > 0:
        click.echo(f"failtrack: left as they are: {more:,} more; `failtrack doctor`", err=True)
