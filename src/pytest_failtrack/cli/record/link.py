"""`failtrack record ID link`: which records belong together."""

from __future__ import annotations

import click

from pytest_failtrack.cli.record.desk import Desk, acting, found
from pytest_failtrack.errors import InputError
from pytest_failtrack.lives import append_changes, read_changes
from pytest_failtrack.record.change import make_change
from pytest_failtrack.record.links import INVERSES, LINK, RELATIONS, UNLINK, links


@click.command("link", epilog="Example: failtrack record 0b9c7d1e link duplicate-of 51f2aa07")
@click.argument("relation", metavar="RELATION", type=click.Choice(RELATIONS))
@click.argument("other", metavar="OTHER")
@click.option("--remove", is_flag=True, help="They do not belong together after all.")
@acting
@click.pass_obj
def command(
    word: str,
    relation: str,
    other: str,
    remove: bool,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Relate a record to another: RELATION is duplicate-of, caused-by or same-fix.

    Both records tell of it. OTHER is an id, as ID is.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    there = str(found(desk.evidence, other)["failure_id"])
    if there == desk.failure_id:
        raise InputError(f"record {desk.word} cannot be linked to itself", slug="lifecycle")
    back = INVERSES[relation]
    own = {(one.relation, one.other) for one in links(desk.changes())}
    if not remove and back != relation and (back, there) in own:
        raise InputError(
            f"record {there[:8]} is {relation} {desk.word} already; it cannot be both ways. Take "
            f"that back first: `failtrack record {there[:8]} link {relation} {desk.word} --remove`",
            slug="lifecycle",
        )
    events = []
    for failure_id, name, end in (
        (desk.failure_id, relation, there),
        (there, back, desk.failure_id),
    ):
        known = {
            (one.relation, one.other) for one in links(read_changes(desk.settings, failure_id))
        }
        if ((name, end) in known) == remove:
            told = make_change(
                failure_id,
                action=UNLINK if remove else LINK,
                by=desk.by,
                at=desk.now,
                note=desk.note,
                more={"relation": name, "other": end},
            )
            events.append(told)
    is_changed = append_changes(desk.settings, events) > 0 if events else False
    said = f"{'not ' if remove else ''}{relation} {there}"
    said += "" if is_changed else ", as before"
    action = UNLINK if remove else LINK
    desk.tell(action, desk.status, said, relation=relation, other=there, changed=is_changed)
