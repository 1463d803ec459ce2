"""What a shared history answers, and how that grows with its size: on a real PostgreSQL.

Fills the tables in the database itself (documents are left out: no question reads them), with a
few causes that fail often and many that fail once, over two years; then asks what a failing session
asks, beside the SQL that one would write by hand.

Example: python tests/benchmarks/postgres_history.py --sizes 10000 100000 1000000
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from postgres import create_database, server
from pytest_failtrack.history.columns import RECORD_COLUMNS
from pytest_failtrack.history.lookup import earlier_failures
from pytest_failtrack.history.migrations.migrate import migrate
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.record.repeat import Earlier, find_repetition

TENANT = "bench/marks"
NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
DAYS = 730
SIGNATURES = 1_000
ROUNDS = 5
TEXTS = {
    "category": "'INTEGRATION'",
    "subcategory": "'SUBCATEGORY_' || (cause % 36)",
    "severity": "(array['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'])[1 + cause % 4]",
    "failure_type": "'test_failure'",
    "error_code": "'shop.errors.Error' || (cause % 200)",
    "phase": "'TESTING'",
    "component": "'component' || (cause % 40)",
    "file_path": "'src/shop/module_' || (cause % 400) || '.py'",
    "nodeid": "'tests/test_' || (cause % 400) || '.py::test_case[' || cause || ']'",
    "outcome": "'failed'",
    "hash": "lpad(to_hex(cause), 12, '0')",
    "cause_id": "lpad(to_hex(cause), 12, '0')",
    "workflow": "'CI'",
    "job": "'tests'",
    "step": "'pytest'",
    "leg": "'py3.' || (10 + n % 4)",
    "branch": "case when n % 3 = 0 then 'main' else 'feature-' || (n % 97) end",
    "revision": "md5((n / 20)::text)",
    "pr": "''",
    "match_type": "case when cause % 10 = 0 then 'unknown' else 'exact' end",
    "catalog_entry_id": "'entry-' || (cause % 150)",
    "recovery_mode": "'FIX_CODE'",
    "novelty": "'REPEAT'",
    # One cause of fifty was resolved; of the others most records were healed.
    "status": "case when cause % 50 = 7 then 'RESOLVED' else 'OPEN' end",
    "analysis_status": "'PENDING'",
    "owner": "'@team-' || (cause % 12)",
    "priority": "'P1'",
    "sla_source": "'severity'",
    "resolution_type": "''",
    "resolved_by": "''",
}
OTHERS = {
    "tenant_id": f"'{TENANT}'",
    "failure_id": "gen_random_uuid()",
    "size": "null",
    "mtime_ns": "null",
    "build_id": "'build-' || (n / 20)",
    "occurred_at": "at",
    "lane": "'main' || chr(31) || 'CI' || chr(31) || 'tests' || chr(31) || (n % 4)",
    "due_at": "at + interval '1 day'",
    "healed_at": "case when n % 5 > 1 then at + interval '1 day' end",
    "resolved_at": "case when cause % 50 = 7 then at + interval '3 days' end",
    "is_healed": "n % 5 > 1",
    "is_repeat": "true",
    "is_retryable": "false",
    "duration_seconds": "random()",
    "confidence": "0.8",
    "build_attempt": "1",
    "attempt": "1",
    "occurrence": "2",
    "tier": "1",
    "measures": "0",
    "governance_updates": "0",
    "preconditions": "0",
    "test_additions": "0",
}
COLUMNS = TEXTS | OTHERS
# The rarer the cause the higher its number: as many failures of 1 to 10 as of 10,000 to 100,000.
FILL = f"""
insert into records ({", ".join(RECORD_COLUMNS)})
select {", ".join(COLUMNS[one] for one in RECORD_COLUMNS)}
from (
    select n, floor(exp(random() * ln(?)))::bigint as cause,
           to_timestamp(?) - random() * interval '{DAYS} days' as at
    from generate_series(?::bigint, ?::bigint) as n
) as drawn
"""
CAUSES = """
insert into causes
select tenant_id, hash, category, subcategory, error_code || ': broken @ ' || file_path,
       max(occurred_at) from records group by 1, 2, 3, 4, 5
on conflict do nothing
"""
BY_HAND = """
select failure_id, build_id, epoch(occurred_at), category, subcategory, component, file_path,
       hash, status, branch, is_healed, nodeid, cause_id
from records where tenant_id = ? and hash in ({marks}) and occurred_at >= to_timestamp(?)
"""


def main() -> None:
    """Fill and ask, one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--url", help="A server; by default one is started.")
    options = parser.parse_args()
    with _server(options.url) as url:
        name = create_database(url, "failtrack_benchmark")
        migrate(name)
        with closing(PostgresDatabase(name, TENANT)) as database:
            database.run("set statement_timeout = 0")
            _measure(database, options.sizes)


@contextmanager
def _server(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder, server(Path(folder).name, {}) as started:
        yield started


def _measure(database: PostgresDatabase, sizes: list[int]) -> None:
    database.make_months((NOW - timedelta(days=day)).timestamp() for day in range(DAYS + 1))
    there = 0
    print("| records | verdict of 1,000 | by hand | ratio | 10,000 events | fill, rows/s |")
    print("|---|---|---|---|---|---|")
    for size in sizes:
        started = time.perf_counter()
        for first in range(there + 1, size + 1, 500_000):
            last = min(first + 499_999, size)
            # Ten records a cause on the whole, a tenth of them in the most frequent ones.
            database.run(FILL, (size / 2, NOW.timestamp(), first, last))
        rate = (size - there) / (time.perf_counter() - started)
        there = size
        database.run(CAUSES)
        database.run("analyze")
        ours, by_hand = _interleaved(lambda: _verdict(database), lambda: _by_hand(database))
        events, _ = _interleaved(lambda: _newest(database), lambda: None)
        print(
            f"| {size:,} | {ours:.3f} s | {by_hand:.3f} s | {ours / by_hand:.2f} |"
            f" {events:.3f} s | {rate:,.0f} |",
            flush=True,
        )
    print(_plan(database))


def _interleaved(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the median seconds of both, measured in turns."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, times in zip((one, other), took, strict=True):
            started = time.perf_counter()
            work()
            times.append(time.perf_counter() - started)
    return statistics.median(took[0]), statistics.median(took[1])


def _hashes() -> list[str]:
    """Return signatures of which some failed often, some seldom, some never."""
    return [f"{round(1.012**number * 3 + number):012x}" for number in range(SIGNATURES)]


def _candidates() -> list[Earlier]:
    return [
        Earlier(
            failure_id="",
            build_id="now",
            timestamp=NOW,
            category="INTEGRATION",
            subcategory=f"SUBCATEGORY_{int(one, 16) % 36}",
            component=f"component{int(one, 16) % 40}",
            file_path=f"src/shop/module_{int(one, 16) % 400}.py",
            hash=one,
            branch="feature",
        )
        for one in _hashes()
    ]


def _verdict(database: PostgresDatabase) -> int:
    since = NOW - timedelta(days=90)
    candidates = _candidates()
    found = earlier_failures(database, candidates, since.timestamp(), 0.8)
    return sum(
        find_repetition(one, found.get(one.hash, ()), now=NOW, branch="feature").is_repeat
        for one in candidates
    )


def _by_hand(database: PostgresDatabase) -> int:
    since = (NOW - timedelta(days=90)).timestamp()
    hashes = _hashes()
    sql = BY_HAND.replace("{marks}", ", ".join("?" * len(hashes)))
    return len(database.rows(sql, (TENANT, *hashes, since)))


def _newest(database: PostgresDatabase) -> int:
    """FR106: a question over 10,000 events."""
    sql = (
        "select category, subcategory, severity, day(occurred_at), count(*) from ("
        " select * from records where tenant_id = ? order by occurred_at desc limit 10000"
        ") as newest group by 1, 2, 3, 4"
    )
    return len(database.rows(sql, (TENANT,)))


def _plan(database: PostgresDatabase) -> str:
    from pytest_failtrack.history.lookup import RECENT

    hashes = _hashes()[:50]
    sql = "explain (analyze, costs off, timing off) " + RECENT.replace(
        "{marks}", ", ".join("?" * len(hashes))
    )
    since = (NOW - timedelta(days=90)).timestamp()
    return "\n".join(line for (line,) in database.rows(sql, (TENANT, *hashes, since, "now")))


if __name__ == "__main__":
    main()
