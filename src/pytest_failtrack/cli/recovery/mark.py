"""`failtrack recovery mark`: say whether recovering from a failure helped."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.record.desk import actor
from pytest_failtrack.cli.recovery.subject import named, what_was_tried
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.match_desk import Desk


@click.command("mark", epilog="Example: failtrack recovery mark 9c41d07be2a5 --succeeded")
@click.argument("what", metavar="ID")
@click.option("--succeeded/--failed", "succeeded", default=None, help="Whether it helped.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
@places
def command(
    what: str,
    succeeded: bool | None,
    wants_json: bool,
    dir_: str | None,
    **options: str | None,
) -> None:
    """Say whether recovering from a failure helped.

    ID is a record, a match, or a cause, whose newest record is meant. The last word counts. It is
    an event of the record's own history, and makes the confidence of the next suggestion.
    """
    if succeeded is None:
        raise InputError("did it help? give --succeeded or --failed")
    settings = settings_from(dir=dir_, **options)
    desk = Desk(settings, actor(settings))
    subject = named(settings, desk, what)
    assert subject.case is not None
    failure_id = subject.case.id
    mark(settings, desk, failure_id, succeeded=succeeded)
    found = subject.candidates(what_was_tried(settings))
    candidate = next((one for one in found if one.is_catalogs), None)
    if wants_json:
        document = {
            "id": failure_id,
            "recovery_succeeded": succeeded,
            "recovery_mode": candidate.recovery_mode if candidate else None,
            "confidence": candidate.confidence if candidate else None,
        }
        click.echo(json.dumps(document))
        return
    word = "succeeded" if succeeded else "failed"
    now = f"; {candidate.recovery_mode} is now at {candidate.confidence:.2f}" if candidate else ""
    click.echo(f"{failure_id}: recovery {word}{now}")


def mark(settings: Settings, desk: Desk, failure_id: str, *, succeeded: bool) -> None:
    """Keep whether it helped.

    Raises:
        EvidenceError: It could not be kept.
    """
    import warnings

    with warnings.catch_warnings(), desk:
        warnings.simplefilter("ignore")  # its problems are told below
        is_known = desk.update(failure_id, succeeded)
    for problem in desk.problems:
        click.echo(f"failtrack: {problem}", err=True)
    if not is_known:
        raise EvidenceError(
            f"{failure_id} is in the index of {settings.root} and not in its evidence: it was not "
            "marked; `failtrack doctor` says what is wrong"
        )
