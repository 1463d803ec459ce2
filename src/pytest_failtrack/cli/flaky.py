"""`failtrack flaky`: the tests that go up and down."""

from __future__ import annotations

import click

from pytest_failtrack.cli.questions.asking import Request, asking
from pytest_failtrack.cli.questions.table import Column, Table, day, number, share
from pytest_failtrack.history.questions import flaky

COLUMNS = (
    Column("flaky", "FLAKY", number),
    Column("flips", "FLIPS", number),
    Column("builds", "OF", number),
    Column("share", "SHARE", share),
    Column("last_at", "LAST", day),
    Column("owner", "OWNER"),
    Column("test", "TEST", shrinks="start"),
)


@click.command("flaky", epilog="Example: failtrack flaky --since 30d --branch main")
@asking(limit=20)
def command(request: Request) -> None:
    """List the tests that pass and fail without a reason, the worst first.

    FLAKY counts builds in which a test failed and passed on another attempt, FLIPS how often it
    passed in one build and failed in the next one of the same branch, job and leg. A test that
    was repaired and broke again flips once; it is listed from two flips on. OF is the number of
    builds, one a leg, in which it failed or was flaky. Runs on somebody's own machine have no
    flips: there a test goes up and down while somebody edits.
    """
    found, whole = request.ask(
        lambda one: (
            flaky.flaky_tests(one, request.filter, limit=request.limit),
            flaky.flaky_share(one, request.filter),
        )
    )
    rows = [
        {
            "test": one.nodeid,
            "owner": one.owner,
            "flaky": one.flaky,
            "flips": one.flips,
            "builds": one.builds,
            "failures": one.failures,
            "passed": one.passed,
            "share": one.share,
            "last_at": one.last_at,
            "tenant": one.tenant,
        }
        for one in found
    ]
    summary = {
        "failures": whole.records,
        "flaky_failures": whole.flaky_records,
        "share": whole.share,
        "tests": whole.tests,
        "flaky_tests": whole.flaky_tests,
    }
    title = (
        f"{whole.flaky_tests:,} of {whole.tests:,} tests that failed passed on another attempt; "
        f"{share(whole.share)} of the failures were flaky",
    )
    empty = (
        "no test passed on another attempt, and in CI none passed and failed again twice; "
        "runs on developers' machines are not compared"
    )
    table = Table("flaky", COLUMNS, rows, summary if whole.records else None, title, empty=empty)
    request.show(table)
