"""`failtrack record ID sign`: the reviews that a third occurrence demands (S0-127)."""

from __future__ import annotations

import click

from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.errors import InputError
from pytest_failtrack.record.reviews import DEMANDED_FROM, ITEMS, SIGN, signatures
from pytest_failtrack.sinks.wording import ordinal


@click.command(
    "sign", epilog="Example: failtrack record 0b9c7d1e sign governance-review --note 'ADR 41'"
)
@click.argument("items", metavar="ITEM...", nargs=-1, required=True, type=click.Choice(list(ITEMS)))
@acting
@click.pass_obj
def command(
    word: str,
    items: tuple[str, ...],
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Sign a review that the third occurrence of a failure demands.

    ITEM is governance-review, precondition-review or prevention-verification. The gate stays closed
    for the cause until all three are signed. A cause that ended and comes back is reviewed again.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    occurrence = desk.record["escalation"]["occurrence"]
    if occurrence < DEMANDED_FROM:
        raise InputError(
            f"record {desk.word} is the {ordinal(occurrence)} occurrence of its cause; reviews are "
            f"signed from the {ordinal(DEMANDED_FROM)} on",
            slug="lifecycle",
        )
    for item in dict.fromkeys(items):
        desk.event(action=SIGN, item=item)
    signed = signatures(desk.changes())
    due = [name for name in ITEMS.values() if name not in signed]
    said = f"signed {', '.join(ITEMS[one] for one in dict.fromkeys(items))}"
    said += f"; still due: {', '.join(due)}" if due else "; nothing is due any more"
    desk.tell(SIGN, desk.status, said, signed=list(signed), due=due)
