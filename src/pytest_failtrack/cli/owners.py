"""`failtrack owners`: who has how much to do, and how much of it is late."""

from __future__ import annotations

import click

from pytest_failtrack.cli.questions.asking import Request, asking, wording
from pytest_failtrack.cli.questions.table import Column, Table, hours, number
from pytest_failtrack.history.questions import owners

COLUMNS = (
    Column("owner", "OWNER"),
    Column("open", "OPEN", number),
    Column("overdue", "OVERDUE", number),
    Column("oldest_hours", "OLDEST", hours),
    Column("open_records", "RECORDS", number),
    Column("resolved", "RESOLVED", number),
    Column("mean_hours", "MTTR", hours),
    Column("reassigned", "REASSIGNED", number),
)


@click.command("owners", epilog="Example: failtrack owners --since 30d")
@asking(limit=50)
def command(request: Request) -> None:
    """List the owners with what they have open and overdue, the most pressed first.

    OPEN and OVERDUE count causes, RECORDS the open records of them. MTTR is the mean time from
    the first failure to the resolution; REASSIGNED counts records that belonged to somebody else
    before.
    """
    found = request.ask(lambda one: owners.owner_load(one, request.filter, limit=request.limit))
    rows = [
        {
            "owner": one.owner,
            "open": one.open,
            "overdue": one.overdue,
            "open_records": one.open_records,
            "oldest_hours": one.oldest_hours,
            "resolved": one.resolved,
            "mean_hours": one.mean_hours,
            "reassigned": one.reassigned,
        }
        for one in found
    ]
    said = wording(request.filter)
    title = (f"owners of failures{': ' if said else ''}{said}",)
    request.show(Table("owners", COLUMNS, rows, title=title))
