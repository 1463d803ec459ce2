"""`failtrack slowest`: the failing tests that take longest, and the longest runs."""

from __future__ import annotations

import click

from pytest_failtrack.cli.questions.asking import Request, asking, wording
from pytest_failtrack.cli.questions.table import Column, Table, duration, minute, number, seconds
from pytest_failtrack.history.questions import slow

TESTS = (
    Column("longest_seconds", "LONGEST", seconds),
    Column("mean_seconds", "MEAN", seconds),
    Column("total_seconds", "TOTAL", seconds),
    Column("failures", "FAILURES", number),
    Column("builds", "BUILDS", number),
    Column("test", "TEST", shrinks="start"),
)
RUNS = (
    Column("minutes", "TOOK", duration),
    Column("started_at", "STARTED", minute),
    Column("tests", "TESTS", number),
    Column("failed_tests", "FAILED", number),
    Column("branch", "BRANCH"),
    Column("build", "BUILD"),
    Column("place", "JOB", shrinks="end"),
)


@click.command("slowest", epilog="Example: failtrack slowest --runs --since 14d")
@click.option("--runs", "wants_runs", is_flag=True, help="List the longest runs, not tests.")
@asking(limit=20)
def command(request: Request, wants_runs: bool) -> None:
    """List the failing tests that took longest.

    The history keeps how long a test took when it failed; how long it takes when it passes is not
    known. With --runs the runs are listed that took longest, those that passed among them; they
    heed --since, --until, --branch and --build, but no filter of failures.
    """
    request.show(_runs(request) if wants_runs else _tests(request))


def _tests(request: Request) -> Table:
    found = request.ask(lambda one: slow.slow_tests(one, request.filter, limit=request.limit))
    rows = [
        {
            "test": one.nodeid,
            "owner": one.owner,
            "failures": one.records,
            "builds": one.builds,
            "mean_seconds": one.mean_seconds,
            "longest_seconds": one.longest_seconds,
            "total_seconds": one.total_seconds,
            "tenant": one.tenant,
        }
        for one in found
    ]
    said = wording(request.filter)
    title = (f"the failing tests that took longest{': ' if said else ''}{said}",)
    return Table("slowest", TESTS, rows, title=title)


def _runs(request: Request) -> Table:
    found = request.ask(lambda one: slow.long_runs(one, request.filter, limit=request.limit))
    rows = [
        {
            "build": one.build_id,
            "workflow": one.workflow,
            "job": one.job,
            "leg": one.leg,
            "branch": one.branch,
            "started_at": one.started_at,
            "minutes": one.minutes,
            "tests": one.collected,
            "failed_tests": one.failed,
            "exit_status": one.exit_status,
            "place": " ".join(word for word in (one.job, one.leg) if word not in ("", "?")),
            "name": one.name,
            "tenant": one.tenant,
        }
        for one in found
    ]
    empty = "no run document is known that says when its run ended"
    return Table("slowest", RUNS, rows, title=("the longest runs",), empty=empty)
