"""What each question to a history costs, in seconds; `generate_history.py` makes one.

Example: python tests/benchmarks/questions.py /tmp/history.sqlite --days 30
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

from generate_history import END

from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.questions import (
    causes,
    flaky,
    listing,
    owners,
    repeats,
    resolution,
    response,
    slow,
    totals,
)
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.sqlite import SqliteDatabase
from pytest_failtrack.policy.reports.kinds import make_report
from pytest_failtrack.policy.reports.period import Period

REPORTS = ("daily", "weekly", "monthly", "standup", "scorecard")

QUESTIONS: dict[str, Callable[[Database, Filter], Any]] = {
    "number of records": listing.count_records,
    "the newest 50": listing.newest_records,
    "summary": totals.summary,
    "totals by category": lambda one, wanted: totals.totals(one, wanted, ["category"]),
    "trend by week": lambda one, wanted: totals.trend(one, wanted, "week"),
    "common causes": causes.common_causes,
    "costly causes": causes.costly_causes,
    "preventable causes": lambda one, wanted: causes.preventable_causes(
        one, wanted, {"INFRA_NETWORK"}
    ),
    "causes together": causes.causes_together,
    "flaky tests": flaky.flaky_tests,
    "flaky share": flaky.flaky_share,
    "slow tests": slow.slow_tests,
    "long runs": slow.long_runs,
    "mttr by type and owner": lambda one, wanted: resolution.time_to_resolution(
        one, wanted, ["failure_type", "owner"]
    ),
    "deadlines by type": lambda one, wanted: resolution.deadlines(one, wanted, ["failure_type"]),
    "owners": owners.owner_load,
    "response times": response.response_times,
    "accuracy": response.accuracy,
    "repeat rate by week": lambda one, wanted: repeats.repeat_rate(one, wanted, ["week"]),
}


def main() -> None:
    """Ask everything once and print one row a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", help="path or postgresql:// URL")
    parser.add_argument("--tenant", default="")
    parser.add_argument(
        "--days", type=float, help="window before the end, also of reports; everything by default"
    )
    options = parser.parse_args()
    since = END - timedelta(days=options.days) if options.days else None
    wanted = Filter(since=since, now=END)
    print("| question | CPU s | wall s |\n|---|---|---|")
    with closing(open_database(options.history, options.tenant)) as database:
        if not isinstance(database, SqliteDatabase):
            database.run("set statement_timeout = 0")
        _timed({name: partial(ask, database, wanted) for name, ask in QUESTIONS.items()})
        if since:
            period = Period(since, END, END)
            _timed(
                {
                    f"{kind} report": partial(
                        make_report,
                        kind,
                        database,
                        period,
                        repository="",
                        recipients=(),
                        guarded=(),
                    )
                    for kind in REPORTS
                }
            )


def _timed(questions: Mapping[str, Callable[[], object]]) -> None:
    spent = waited = 0.0
    for name, ask in questions.items():
        cpu, wall = time.process_time(), time.perf_counter()
        ask()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        spent, waited = spent + cpu, waited + wall
        print(f"| {name} | {cpu:.2f} | {wall:.2f} |", flush=True)
    print(f"| all of them | {spent:.1f} | {waited:.1f} |")


if __name__ == "__main__":
    main()
