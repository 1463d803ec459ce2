"""`failtrack record ID assign`: whose a record is."""

from __future__ import annotations

import click

from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.record.lifecycle import assigned


@click.command("assign", epilog="Example: failtrack record 0b9c7d1e assign @shop-team")
@click.argument("owner")
@acting
@click.pass_obj
def command(
    word: str,
    owner: str,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Give a record to OWNER: a person, a team, a role.

    The first time that somebody is named, the failure is acknowledged; to name who owns it already
    acknowledges it too.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    was, before = desk.status, desk.record["metadata"]["owner"]
    if desk.change(lambda record: assigned(record, owner), action="assign"):
        said = f"owner {desk.record['metadata']['owner']}" + (f", was {before}" if before else "")
    else:
        desk.event(action="assign", owner=before)
        said = f"owner {before}, as before"
    desk.tell("assign", was, said, owner=desk.record["metadata"]["owner"], owner_before=before)
