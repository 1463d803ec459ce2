"""`failtrack mttr`: how long it takes until a failure is gone."""

from __future__ import annotations

from typing import Any

import click

from pytest_failtrack.cli.questions.asking import Request, asking, columns_of, wording
from pytest_failtrack.cli.questions.table import Column, Table, hours, number
from pytest_failtrack.history.questions import resolution
from pytest_failtrack.history.questions.resolution import Resolution

FIGURES = (
    Column("resolved", "RESOLVED", number),
    Column("mean_hours", "MEAN", hours),
    Column("median_hours", "MEDIAN", hours),
    Column("longest_hours", "LONGEST", hours),
    Column("with_healed", "+ HEALED", number),
    Column("mean_hours_with_healed", "MEAN", hours),
)


@click.command("mttr", epilog="Example: failtrack mttr --by owner --since 90d")
@click.option(
    "--by",
    metavar="COLUMN",
    multiple=True,
    default=("failure_type",),
    help="Columns, such as owner or month [default: failure_type].",
)
@asking(limit=50)
def command(request: Request, by: tuple[str, ...]) -> None:
    """Show the time to resolution, by failure type or any column.

    What counts is an incident: all failures of a cause, from the first to its end, however many
    tests it failed. RESOLVED are those with a resolution; + HEALED counts those as well that were
    closed after a green while. --since and --until bound the end.
    """
    names = columns_of(by)
    wanted = request.filter
    found, whole = request.ask(
        lambda one: (
            resolution.time_to_resolution(one, wanted, names, limit=request.limit),
            resolution.time_to_resolution(one, wanted)[0],
        )
    )
    rows = [{**dict(zip(names, one.key, strict=True)), **_row(one)} for one in found]
    said = wording(wanted)
    title = (
        f"{whole.resolved:,} resolved in {hours(whole.mean_hours)} (mean), "
        f"{hours(whole.median_hours)} (median); with healed ones {whole.with_healed:,} in "
        f"{hours(whole.mean_hours_with_healed)}{': ' if said else ''}{said}",
    )
    columns = (*(Column(one, one.replace("_", " ").upper()) for one in names), *FIGURES)
    empty = "nothing was resolved or healed then; `failtrack record ID resolve` says that it was"
    summary = _row(whole) if whole.with_healed else None
    request.show(Table("mttr", columns, rows, summary, title, empty=empty))


def _row(one: Resolution) -> dict[str, Any]:
    return {
        "resolved": one.resolved,
        "mean_hours": one.mean_hours,
        "median_hours": one.median_hours,
        "longest_hours": one.longest_hours,
        "with_healed": one.with_healed,
        "mean_hours_with_healed": one.mean_hours_with_healed,
        "median_hours_with_healed": one.median_hours_with_healed,
    }
