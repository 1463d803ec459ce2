"""`failtrack sla`: which deadlines were met, and how fast failures were answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from pytest_failtrack.cli.questions.asking import Request, asking, columns_of, wording
from pytest_failtrack.cli.questions.table import Column, Table, duration, hours, number, share
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions import resolution, response
from pytest_failtrack.history.questions.resolution import Deadlines
from pytest_failtrack.history.questions.response import Response
from pytest_failtrack.sinks.wording import count

ROWS_MAX = 10_000
FIGURES = (
    Column("due", "DUE", number),
    Column("hit", "HIT", number),
    Column("missed", "MISSED", number),
    Column("running", "RUNNING", number),
    Column("hit_rate", "RATE", share),
    Column("late_hours", "LATE BY", hours),
)


@click.command("sla", epilog="Example: failtrack sla --by owner --since 30d")
@click.option(
    "--by",
    metavar="COLUMN",
    multiple=True,
    default=("failure_type",),
    help="Columns, such as owner or week [default: failure_type].",
)
@click.option(
    "--triage-minutes",
    metavar="N",
    type=click.FloatRange(0),
    default=response.TRIAGE_MINUTES,
    show_default=True,
    help="Time for the first change of status.",
)
@click.option(
    "--ack-minutes",
    metavar="N",
    type=click.FloatRange(0),
    default=response.ACK_MINUTES,
    show_default=True,
    help="Time until somebody is assigned or investigates.",
)
@asking(limit=50)
def command(
    request: Request, by: tuple[str, ...], triage_minutes: float, ack_minutes: float
) -> None:
    """Show how many deadlines were met, by failure type or any column.

    What counts is an incident: all failures of a cause until they end, however many tests it
    failed. It is HIT when it was resolved or healed in time, MISSED when that came late or is
    overdue, RUNNING while there is time. --since and --until bound the deadline.
    """
    names = columns_of(by)
    wanted = request.filter

    def asked(database: Database) -> tuple[Any, ...]:
        return (
            resolution.deadlines(database, wanted, names, limit=ROWS_MAX),
            response.response_times(
                database, wanted, triage_minutes=triage_minutes, ack_minutes=ack_minutes
            ),
        )

    found, answers = request.ask(asked)
    (triaged,), (acked,) = answers.triage, answers.acknowledgement
    whole = _together(found)
    rows = [
        {**dict(zip(names, one.key, strict=True)), **_row(one)} for one in found[: request.limit]
    ]
    notes = tuple(
        line
        for what, minutes, one in (
            ("triage", triage_minutes, triaged),
            ("acknowledgement", ack_minutes, acked),
        )
        for line in _answered(what, minutes, one)
    )
    summary = {
        **_row(whole),
        "triage_minutes": triage_minutes,
        "triage_rate": triaged.rate,
        "mean_minutes_to_triage": triaged.mean_minutes,
        "median_minutes_to_triage": triaged.median_minutes,
        "ack_minutes": ack_minutes,
        "ack_rate": acked.rate,
        "mean_minutes_to_ack": acked.mean_minutes,
        "median_minutes_to_ack": acked.median_minutes,
    }
    said = wording(wanted)
    title = (
        f"{whole.hit:,} of {count(whole.hit + whole.missed, 'deadline', 'deadlines')} hit "
        f"({share(whole.hit_rate)}), "
        f"{whole.overdue:,} overdue, {whole.running:,} running{': ' if said else ''}{said}",
    )
    columns = (*(Column(one, one.replace("_", " ").upper()) for one in names), *FIGURES)
    empty = "no deadline fell due then"
    is_known = whole.due or triaged.records
    table = Table("sla", columns, rows, summary if is_known else None, title, notes, empty)
    request.show(table)


def _together(found: Sequence[Deadlines]) -> Deadlines:
    missed = sum(one.missed for one in found)
    late = sum((one.late_hours or 0.0) * one.missed for one in found)
    return Deadlines(
        key=(),
        due=sum(one.due for one in found),
        hit=sum(one.hit for one in found),
        missed=missed,
        overdue=sum(one.overdue for one in found),
        late_hours=late / missed if missed else None,
    )


def _row(one: Deadlines) -> dict[str, Any]:
    return {
        "due": one.due,
        "hit": one.hit,
        "missed": one.missed,
        "overdue": one.overdue,
        "running": one.running,
        "hit_rate": one.hit_rate,
        "late_hours": one.late_hours,
    }


def _answered(what: str, minutes: float, one: Response) -> list[str]:
    if one.rate is None:
        return []
    line = f"{what}: {one.in_time:,} of {count(one.in_time + one.late, 'failure', 'failures')} "
    line += f"within {duration(minutes)}"
    if one.answered:
        line += f", median {duration(one.median_minutes)}"
    return [line]
