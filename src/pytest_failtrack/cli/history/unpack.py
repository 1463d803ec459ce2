"""`failtrack history unpack`: brings packed evidence back out as files."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.history.moving import documents, progress_bar, size, to_json
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.history.archive.moved import Moved
from pytest_failtrack.history.archive.unpack import unpack
from pytest_failtrack.sinks.wording import count


@click.command("unpack", epilog="Example: failtrack history unpack --year 2025")
@click.option(
    "--year",
    metavar="YEAR",
    type=click.IntRange(1, 9_999),
    help="Only what happened in this year.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(
    year: int | None,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Bring what was packed back out as files, byte for byte.

    A file that lies outside stays as it is: it is newer than what is packed under its name. An
    archive goes when everything that is in it lies outside.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    with progress_bar("unpacking") as tell:
        moved = unpack(settings.evidence_dir, year=year, progress=tell)
    if as_json:
        click.echo(json.dumps(to_json(moved, settings), indent=2))
    else:
        click.echo(_said(moved, year))


def _said(moved: Moved, year: int | None) -> str:
    if not moved.archives:
        return "nothing is packed" + (f" of {year}" if year is not None else "")
    return (
        f"unpacked {documents(moved)} ({size(moved.unpacked_bytes)}) from "
        f"{count(len(moved.archives), 'archive')}"
    )
