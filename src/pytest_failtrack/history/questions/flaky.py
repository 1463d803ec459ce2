"""Which tests are flaky: what passes and fails without anybody changing it."""

from __future__ import annotations

from datetime import datetime

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import (
    DEBT,
    Filter,
    Where,
    of_records,
    of_tenant,
    window,
)
from pytest_failtrack.history.questions.values import certain_moment, whole

LIMIT = 20
LOCAL = "local-%"
FLIPS_MIN = 2
# An attempt that failed and was run again says of itself nothing of the end: where the test passed
# then, there is a `flaky` record of it.
FLAKY = "flaky"
ATTEMPTS = "('flaky', 'rerun')"

# One row for each test, place and build: ten attempts in a build are one outcome of it.
_FLAKY = f"""
with failed as (
    select tenant_id, nodeid, lane, build_id, max(occurred_at) as at, max(owner) as owner,
           max(case when outcome = '{FLAKY}' then 1 else 0 end) as is_flaky,
           case when max(case when outcome in {ATTEMPTS} then 0 else 1 end) = 1
                  or max(case when outcome = '{FLAKY}' then 1 else 0 end) = 0
                then 1 else 0 end as is_failed
    from records where {{where}} and nodeid <> '' and outcome not in {DEBT}
    group by build_id, nodeid, lane, tenant_id
), told as (
    select tenant_id, nodeid, lane, at, 1 as has_failed from failed
    where is_failed = 1 and build_id not like ?
    union all
    select tenant_id, nodeid, lane, passed_at, 0 from passes
    where {{passes}} and name not like ?
), turned as (
    select tenant_id, nodeid, lane, has_failed, lag(has_failed) over (
        partition by nodeid, lane, tenant_id order by at, has_failed
    ) as before from told
), turns as (
    select tenant_id, nodeid, sum(1 - has_failed) as passed,
           sum(case when has_failed = 1 and before = 0 then 1 else 0 end) as flips
    from turned group by nodeid, tenant_id
), counted as (
    select tenant_id, nodeid, count(*) as builds, sum(is_failed) as failures,
           sum(is_flaky) as flaky, max(at) as at, max(owner) as owner
    from failed group by nodeid, tenant_id
)
select counted.tenant_id, counted.nodeid, owner, builds, failures, flaky,
       coalesce(flips, 0) as flips, coalesce(passed, 0), epoch(at)
from counted left join turns
    on turns.tenant_id = counted.tenant_id and turns.nodeid = counted.nodeid
where flaky > 0 or flips >= ?
order by flaky + coalesce(flips, 0) desc, builds desc, counted.nodeid limit ?
"""
_SHARE = f"""
select count(*), sum(case when outcome = '{FLAKY}' then 1 else 0 end),
       distinct_texts(nodeid), distinct_texts(case when outcome = '{FLAKY}' then nodeid end)
from records where {{where}} and nodeid <> '' and outcome not in {DEBT}
"""


@frozen
class FlakyTest:
    """A test that goes up and down.

    Args:
        tenant: Its repository in a shared history.
        nodeid: The test.
        owner: An owner of its records, `` for none.
        builds: Builds and places (branch, workflow, job, leg) in which it failed or was flaky.
        failures: Those of them in which it failed to the end.
        flaky: Those of them in which it failed and then passed on another attempt.
        flips: How often it passed in a build and failed in the next one that is known of the same
            place; builds on somebody's own machine do not count.
        passed: Builds of those places in which it passed while it had an open record.
        last_at: Its last failure, aware.
    """

    tenant: str
    nodeid: str
    owner: str
    builds: int
    failures: int
    flaky: int
    flips: int
    passed: int
    last_at: datetime

    @property
    def share(self) -> float:
        """Of the builds in which it failed, the part in which that was flaky or a flip, 0 to 1."""
        return min(1.0, (self.flaky + self.flips) / self.builds)


@frozen
class FlakyShare:
    """How much of what failed was flaky.

    Args:
        records: Records of tests.
        flaky_records: Those of them whose test passed on another attempt.
        tests: Different tests among them.
        flaky_tests: Different tests that passed on another attempt at least once.
    """

    records: int
    flaky_records: int
    tests: int
    flaky_tests: int

    @property
    def share(self) -> float | None:
        """Of the records of tests, the part that was flaky, 0 to 1; None where there is none."""
        return self.flaky_records / self.records if self.records else None


def flaky_tests(
    database: Database, filter_: Filter, *, flips_min: int = FLIPS_MIN, limit: int = LIMIT
) -> list[FlakyTest]:
    """Return the tests with most flaky outcomes and flips together.

    A test that broke, stayed broken and was repaired has neither: a flip is a pass that is
    followed by a failure.

    Args:
        database: The history.
        filter_: Which records; its window bounds failures and passes. Test debt never counts.
        flips_min: Least number of flips of a test without a flaky outcome: what was repaired and
            broke again flips once.
        limit: At most this many tests.
    """
    where = of_records(filter_, database.tenant)
    passes = [of_tenant(filter_, database.tenant), *window(filter_, "passed_at")]
    told = Where(
        " and ".join(one.text for one in passes),
        tuple(value for one in passes for value in one.values),
    )
    rows = database.rows(
        _FLAKY.format(where=where.text, passes=told.text),
        (*where.values, LOCAL, *told.values, LOCAL, flips_min, limit),
    )
    return [
        FlakyTest(
            tenant=row[0],
            nodeid=row[1],
            owner=row[2],
            builds=int(row[3]),
            failures=int(row[4]),
            flaky=int(row[5]),
            flips=int(row[6]),
            passed=int(row[7]),
            last_at=certain_moment(row[8]),
        )
        for row in rows
    ]


def flaky_share(database: Database, filter_: Filter) -> FlakyShare:
    """Return how many of the failures of tests, and of the tests, were flaky.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred. Test debt never counts.
    """
    where = of_records(filter_, database.tenant)
    (row,) = database.rows(_SHARE.format(where=where.text), where.values)
    return FlakyShare(*map(whole, row))
