"""`failtrack record ID reopen`: it was not over."""

from __future__ import annotations

import click

from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.record.lifecycle import opened_again


@click.command("reopen", epilog="Example: failtrack record 0b9c7d1e reopen --reason 'seen again'")
@click.option("--reason", required=True, metavar="TEXT", help="Why it was not over.")
@acting
@click.pass_obj
def command(
    word: str,
    reason: str,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Make a record OPEN again; its resolution and prevention stay in it.

    A failure that recurs reopens its record by itself.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    was, reason = desk.status, desk.redacted(reason)
    desk.change(
        lambda record: opened_again(record, by=desk.by, reason=reason, at=desk.now),
        action="reopen",
        note=reason,
    )
    desk.tell("reopen", was, reason, reason=reason)
