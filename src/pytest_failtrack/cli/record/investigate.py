"""`failtrack record ID investigate`: the analysis begins."""

from __future__ import annotations

import click

from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.record.lifecycle import investigated

ASSESS = "assess"


@click.command("investigate", epilog="Example: failtrack record 0b9c7d1e investigate")
@click.option("--owner", metavar="NAME", help="Who analyses it [default: its owner, else you].")
@click.option("--impact", metavar="TEXT", default="", help="Which teams it holds up, and how.")
@acting
@click.pass_obj
def command(
    word: str,
    owner: str | None,
    impact: str,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Begin the analysis of an OPEN record: it becomes INVESTIGATING.

    --impact is the cross-team impact assessment; it can be given later again.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    was, impact = desk.status, desk.redacted(impact).strip()
    if was == "INVESTIGATING" and impact and not owner:
        desk.event(action=ASSESS, impact=impact)
        desk.tell(ASSESS, was, f"impact: {impact}", impact=impact)
        return
    begin(desk, owner=owner or "", impact=impact)
    owner = desk.record["metadata"]["owner"]
    desk.tell("investigate", was, f"owner {owner}", owner=owner, impact=impact)


def begin(desk: Desk, *, owner: str = "", impact: str = "") -> None:
    """Make an OPEN record INVESTIGATING.

    Raises:
        InputError: It is not OPEN.
    """
    fallback = "" if desk.record["metadata"]["owner"] else desk.by
    more = {"impact": impact} if impact else {}
    desk.change(
        lambda record: investigated(record, owner=owner or fallback), action="investigate", **more
    )
