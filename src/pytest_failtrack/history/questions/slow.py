"""What is slow: the failing tests that took longest, and the longest runs."""

from __future__ import annotations

from datetime import datetime

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import DEBT, Filter, of_records, of_runs
from pytest_failtrack.history.questions.values import certain_moment

LIMIT = 20

_TESTS = f"""
select tenant_id, nodeid, max(owner), count(*) as many, distinct_texts(build_id),
       avg(duration_seconds), max(duration_seconds) as longest, sum(duration_seconds)
from records where {{where}} and nodeid <> '' and outcome not in {DEBT}
group by tenant_id, nodeid order by longest desc, many desc, nodeid limit ?
"""
_RUNS = """
select tenant_id, name, build_id, workflow, job, leg, branch, epoch(started_at),
       (epoch(finished_at) - epoch(started_at)) / 60.0 as minutes, collected, failed + errors,
       exit_status
from runs where {where} and finished_at is not null
order by minutes desc, name limit ?
"""


@frozen
class SlowTest:
    """A test that failed, and how long it took each time that it did.

    Args:
        tenant: Its repository in a shared history.
        nodeid: The test.
        owner: An owner of its records, `` for none.
        records: Its failures.
        builds: Builds in which it failed.
        mean_seconds: Mean duration of a failure.
        longest_seconds: Longest one.
        total_seconds: All of them together.
    """

    tenant: str
    nodeid: str
    owner: str
    records: int
    builds: int
    mean_seconds: float
    longest_seconds: float
    total_seconds: float


@frozen
class LongRun:
    """A run.

    Args:
        tenant: Its repository in a shared history.
        name: Name of its document.
        build_id: Its build.
        workflow: Its workflow; `?` is not known.
        job: Its job; `?` is not known.
        leg: Leg of the matrix.
        branch: Its branch.
        started_at: When it started, aware.
        minutes: From its start to its end.
        collected: Tests that it collected.
        failed: Tests that failed or broke.
        exit_status: How it ended; None is not known.
    """

    tenant: str
    name: str
    build_id: str
    workflow: str
    job: str
    leg: str
    branch: str
    started_at: datetime
    minutes: float
    collected: int
    failed: int
    exit_status: int | None


def slow_tests(database: Database, filter_: Filter, *, limit: int = LIMIT) -> list[SlowTest]:
    """Return the tests whose failures took longest, by their longest one, in seconds.

    The history keeps durations of failures alone: how long a test takes when it passes is not
    known.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred. Test debt never counts.
        limit: At most this many tests.
    """
    where = of_records(filter_, database.tenant)
    rows = database.rows(_TESTS.format(where=where.text), (*where.values, limit))
    return [
        SlowTest(
            tenant=row[0],
            nodeid=row[1],
            owner=row[2],
            records=int(row[3]),
            builds=int(row[4]),
            mean_seconds=float(row[5]),
            longest_seconds=float(row[6]),
            total_seconds=float(row[7]),
        )
        for row in rows
    ]


def long_runs(database: Database, filter_: Filter, *, limit: int = LIMIT) -> list[LongRun]:
    """Return the runs that took longest, in minutes, whether they failed or not.

    Args:
        database: The history.
        filter_: What it says of runs (window, branch, workflow, job, leg, build, commit, tenant)
            is heeded; what it says of failures is not.
        limit: At most this many runs.
    """
    where = of_runs(filter_, database.tenant)
    rows = database.rows(_RUNS.format(where=where.text), (*where.values, limit))
    return [
        LongRun(
            tenant=row[0],
            name=row[1],
            build_id=row[2],
            workflow=row[3],
            job=row[4],
            leg=row[5],
            branch=row[6],
            started_at=certain_moment(row[7]),
            minutes=float(row[8]),
            collected=int(row[9]),
            failed=int(row[10]),
            exit_status=row[11],
        )
        for row in rows
    ]
