"""`failtrack record ID`: the life of one record, from its owner to the proof that it is over."""

from __future__ import annotations

import click

from pytest_failtrack.cli.record import (
    assign,
    investigate,
    link,
    prevent,
    rca,
    reclassify,
    reopen,
    resolve,
    sign,
)
from pytest_failtrack.cli.record.show import command as show
from pytest_failtrack.errors import InputError


class OfRecord(click.Group):
    """A group whose commands follow the id that they are about."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; where it stands in place of the id, say so."""
        first = ctx.params.get("failure")
        if first in self.commands:
            raise InputError(f"the record comes first: `failtrack record ID {first}`")
        return super().resolve_command(ctx, args)


@click.group(
    "record",
    cls=OfRecord,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: failtrack record 0b9c7d1e show",
)
@click.argument("failure", metavar="ID")
@click.pass_context
def command(context: click.Context, failure: str) -> None:
    """Show and move one record through its life: OPEN, INVESTIGATING, RESOLVED, PREVENTED.

    ID is that of a record, its first 4 characters or more, or that of a cause with one record.
    Whatever changes is told in the record's own history, which `show` prints. Without a COMMAND,
    `show` is meant.
    """
    if failure in command.commands:
        raise InputError(f"the record comes first: `failtrack record ID {failure}`")
    context.obj = failure
    if context.invoked_subcommand is None:
        context.invoke(show)


command.add_command(show)
for each in (assign, investigate, rca, resolve, prevent, reopen, reclassify, link, sign):
    command.add_command(each.command)
