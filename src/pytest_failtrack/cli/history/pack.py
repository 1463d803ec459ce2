"""`failtrack history pack`: moves what ended long ago into yearly archives."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.reading import shown_path
from pytest_failtrack.cli.history.moving import (
    EXIT_EVIDENCE,
    documents,
    progress_bar,
    report_problems,
    size,
    to_json,
)
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import StoreError
from pytest_failtrack.history.archive.moved import Moved
from pytest_failtrack.history.archive.pack import pack
from pytest_failtrack.history.database import open_database
from pytest_failtrack.history.scan import note_packed
from pytest_failtrack.open_history import index_path
from pytest_failtrack.sinks.wording import count

DAYS_MAX = 36_500


@click.command("pack", epilog="Example: failtrack history pack --older-than 180")
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.IntRange(0, DAYS_MAX),
    required=True,
    help="Pack what ended more than DAYS ago.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
@click.pass_context
def command(
    context: click.Context,
    days: int,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Move what ended, records and runs and matches, into yearly archives.

    What goes: records that are RESOLVED or PREVENTED, or OPEN and healed, when nothing happened to
    them for DAYS, with the events of their life; run documents of that age none of whose records
    is left outside; and matches of errors that programs kept, of that age. A record that somebody
    waits for never goes.

    Nothing is deleted: every command reads the archives in governance/events/archive like the
    files, a record that is reopened lies outside again, and `failtrack history unpack` brings
    back all of them, byte for byte. It may be stopped at any moment and called again. Commit the
    folder as you commit the rest.

    Exit code 3: documents that cannot be read were left where they are, or nothing could be
    packed.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    before = datetime.now(timezone.utc) - timedelta(days=days)
    with progress_bar("packing") as tell:
        moved = pack(settings.evidence_dir, before=before, progress=tell)
    _tell_index(settings, moved)
    if as_json:
        click.echo(json.dumps(to_json(moved, settings), indent=2))
    else:
        click.echo(_said(moved, days, settings))
    report_problems(moved)
    context.exit(EXIT_EVIDENCE if moved.problems else 0)


def _said(moved: Moved, days: int, settings: Settings) -> str:
    if not moved.moves:
        return f"nothing to pack: nothing ended more than {count(days, 'day')} ago"
    sentence = f"packed {documents(moved)} ({size(moved.unpacked_bytes)} as files)"
    if not moved.archives:
        return f"{sentence}; they were in the archives already, and their files are gone now"
    archives = [
        f"{shown_path(Path(one), settings.root)} ({size(os.path.getsize(one))})"
        for one in moved.archives
    ]
    return f"{sentence} into {', '.join(archives)}"


def _tell_index(settings: Settings, moved: Moved) -> None:
    """Spare the next run from reading again what it knows; where that fails, it does."""
    path = index_path(settings)
    if not moved.moves or not path.exists():
        return
    try:
        index = open_database(str(path))
    except StoreError:
        return
    try:
        note_packed(index, moved.moves)
    except StoreError:
        return
    finally:
        index.close()
