"""How complete the records are, and how runs went: the figures behind the scorecard (S0-163)."""

from __future__ import annotations

from datetime import datetime

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import DEBT
from pytest_failtrack.history.questions.group import NAMED_CAUSE

_RUNS = """
select count(*), sum(collected), sum(failed + errors),
    sum(case when is_red = 1 then 1 else 0 end),
    sum(case when is_red = 1 and has_record = 1 then 1 else 0 end)
from (
    select collected, failed, errors,
        case when failed + errors > 0 or (exit_status is not null and exit_status not in (0, 5))
            or not is_complete then 1 else 0 end as is_red,
        case when exists (
            select 1 from records where records.tenant_id = runs.tenant_id
            and records.build_id = runs.build_id
        ) then 1 else 0 end as has_record
    from runs
    where tenant_id = ? and started_at >= to_timestamp(?) and started_at < to_timestamp(?)
) as seen
"""
_RECORDS = f"""
select count(*), sum(case when category <> 'UNKNOWN' then 1 else 0 end),
    sum(case when is_repeat then 1 else 0 end),
    distinct_texts({NAMED_CAUSE}), distinct_texts(case when is_repeat then {NAMED_CAUSE} end),
    sum(case when outcome = 'flaky' then 1 else 0 end)
from records where tenant_id = ? and outcome not in {DEBT}
and occurred_at >= to_timestamp(?) and occurred_at < to_timestamp(?)
"""
_ENDED = f"""
select count(*), sum(case when analysis_status = 'COMPLETE' then 1 else 0 end),
    sum(case when measures + preconditions + test_additions + governance_updates > 0
        then 1 else 0 end)
from records where tenant_id = ? and outcome not in {DEBT}
and status in ('RESOLVED', 'PREVENTED')
and resolved_at >= to_timestamp(?) and resolved_at < to_timestamp(?)
"""


@frozen
class Completeness:
    """What one period holds; counts.

    Args:
        runs: Run documents.
        collected: Tests that they collected, in sum.
        failed: Tests that failed or broke in them, in sum.
        red_runs: Runs that failed, or did not come to their own end.
        recorded_runs: Red runs whose build has a record.
        records: Records of failures.
        categorized: Those whose category is known.
        repeats: Those that are repeats.
        causes: Different causes among them.
        repeated_causes: Different causes among the repeats.
        flaky: Records of tests that passed on another attempt.
        ended: Records that were resolved or prevented in the period.
        analysed: Those whose root cause analysis is complete.
        prevented: Those with a measure, precondition, test or governance update.
    """

    runs: int
    collected: int
    failed: int
    red_runs: int
    recorded_runs: int
    records: int
    categorized: int
    repeats: int
    causes: int
    repeated_causes: int
    flaky: int
    ended: int
    analysed: int
    prevented: int

    @property
    def repeat_rate(self) -> float | None:
        """Share of the causes that had been there before."""
        return share(self.repeated_causes, self.causes)

    @property
    def failure_rate(self) -> float | None:
        """Share of the collected tests that failed."""
        return share(self.failed, self.collected)


def completeness(database: Database, since: datetime, until: datetime) -> Completeness:
    """Return what a period holds."""
    values = (database.tenant, since.timestamp(), until.timestamp())
    numbers = [
        int(one or 0) for sql in (_RUNS, _RECORDS, _ENDED) for one in database.rows(sql, values)[0]
    ]
    return Completeness(*numbers)


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole, None where there is no whole."""
    return part / whole if whole else None
