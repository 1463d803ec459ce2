"""`failtrack trends`: what happened in each day, week or month."""

from __future__ import annotations

import click

from pytest_failtrack.cli.questions.asking import Request, asking, wording
from pytest_failtrack.cli.questions.table import Column, Table, bar, day, number, share
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.history.questions import totals


@click.command("trends", epilog="Example: failtrack trends --per day --since 14d")
@click.option(
    "--per",
    type=click.Choice(["day", "week", "month"]),
    default="week",
    show_default=True,
    help="Length of a row.",
)
@asking(limit=26)
def command(request: Request, per: str) -> None:
    """Show runs, failures and causes over time, the newest last.

    RED is the part of the runs that failed, NEW the causes that were seen for the first time,
    AGAIN those that had failed before. Runs heed --since, --until, --branch and --build, but no
    filter of failures.
    """
    found = request.ask(lambda one: totals.trend(one, request.filter, per))[-request.limit :]
    most = max((one.records for one in found), default=0)
    unicode = Screen.of_stdout().unicode
    rows = [
        {
            per: one.start,
            "runs": one.runs,
            "failing_runs": one.failing_runs,
            "red": one.failing_runs / one.runs if one.runs else None,
            "failures": one.records,
            "causes": one.causes,
            "new_causes": one.new_causes,
            "repeated_causes": one.repeated_causes,
            "repeats": one.repeats,
            "open": one.open,
            "tests": one.collected,
            "failed_tests": one.failed,
            "flaky_tests": one.flaky,
            "run_minutes": one.run_minutes,
        }
        for one in found
    ]
    bars = {one.start: bar(one.records, most, unicode=unicode) for one in found}
    columns = (
        Column(per, per.upper(), day),
        Column("runs", "RUNS", number),
        Column("red", "RED", share),
        Column("failures", "FAILURES", number),
        Column("causes", "CAUSES", number),
        Column("new_causes", "NEW", number),
        Column("repeated_causes", "AGAIN", number),
        Column(per, "", lambda start: bars.get(start, "")),
    )
    said = wording(request.filter)
    title = (f"failures per {per}{': ' if said else ''}{said}",)
    request.show(Table("trends", columns, rows, title=title))
