"""What the verdict costs, new or repeat, of 1,000 signatures at once.

Beside it, in turns, the indexed SQL that one would write by hand: it fetches what was seen of those
signatures within 90 days, and says nothing of it. `generate_history.py` makes a history.

Example: python tests/benchmarks/verdict.py /tmp/history.sqlite
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

from generate_history import END

from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.lookup import earlier_failures
from pytest_failtrack.record.repeat import Earlier, find_repetition

SIGNATURES = 1_000
WINDOW = timedelta(days=90)
BY_HAND = """
select failure_id, build_id, epoch(occurred_at), category, subcategory, component, file_path,
       hash, status, branch, is_healed, nodeid, cause_id
from records where tenant_id = ? and hash in ({marks}) and occurred_at >= to_timestamp(?)
"""
# The most frequent causes, and others from all over the rest.
DRAWN = """
select records.hash, max(records.category), max(records.subcategory), max(component),
       max(file_path), max(token)
from records join causes on causes.tenant_id = records.tenant_id and causes.hash = records.hash
where records.tenant_id = ? group by records.hash order by count(*) desc, records.hash
"""


def main() -> None:
    """Ask both in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", help="path or postgresql:// URL")
    parser.add_argument("--tenant", default="")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--similar", action="store_true", help="search similar causes too")
    parser.add_argument("--profile", action="store_true", help="show where our time goes")
    options = parser.parse_args()
    with closing(open_database(options.history, options.tenant)) as database:
        asked = candidates(database, with_tokens=options.similar)
        since = (END - WINDOW).timestamp()
        names = [one.hash for one in asked]

        def ours() -> int:
            return verdict(database, asked)

        def by_hand() -> int:
            return len(list(database.rows_among(BY_HAND, names, (since,))))

        print(f"{ours():,} of {len(asked):,} are repeats, of {by_hand():,} rows")
        print("| | CPU s | wall s |\n|---|---|---|")
        cpu, wall = interleaved((ours, by_hand), options.rounds)
        for name, one, other in zip(("verdict", "by hand"), cpu, wall, strict=True):
            print(f"| {name} | {one:.3f} | {other:.3f} |")
        print(f"| ratio | {cpu[0] / cpu[1]:.2f} | {wall[0] / wall[1]:.2f} |")
        if options.profile:
            with cProfile.Profile() as profile:
                ours()
            pstats.Stats(profile).sort_stats("tottime").print_stats(15)


def candidates(database: Database, *, with_tokens: bool = False) -> list[Earlier]:
    """Return the failures that are asked about: every twentieth was never seen.

    Args:
        with_tokens: Similar causes are searched too.
    """
    drawn = database.rows(DRAWN, (database.tenant,))
    every = max(1, len(drawn) // SIGNATURES)
    return [
        Earlier(
            failure_id="",
            build_id="now",
            timestamp=END,
            category=category,
            subcategory=subcategory,
            component=component,
            file_path=file_path,
            hash=f"{number:012x}" if number % 20 == 19 else name,
            token=token if with_tokens else "",
            branch="feature",
        )
        for number, (name, category, subcategory, component, file_path, token) in enumerate(
            drawn[::every][:SIGNATURES]
        )
    ]


def verdict(database: Database, asked: list[Earlier]) -> int:
    """Return how many of them are repeats."""
    found = earlier_failures(database, asked, (END - WINDOW).timestamp(), 0.8)
    return sum(
        find_repetition(one, found.get(one.hash, ()), now=END, branch="feature").is_repeat
        for one in asked
    )


def interleaved(
    works: tuple[Callable[[], object], ...], rounds: int
) -> tuple[list[float], list[float]]:
    """Return the median seconds of CPU and of the clock, of each."""
    cpu: list[list[float]] = [[] for _ in works]
    wall: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, cpus, walls in zip(works, cpu, wall, strict=True):
            spent, waited = time.process_time(), time.perf_counter()
            work()
            cpus.append(time.process_time() - spent)
            walls.append(time.perf_counter() - waited)
    return list(map(statistics.median, cpu)), list(map(statistics.median, wall))


if __name__ == "__main__":
    main()
