"""What a failing session costs over a long history.

Copies one record as often as asked, under other ids, builds, days and causes, and times a session
with one failure: without history, with an index that must be made first, and with a warm index.
With `--index` a copy of an index of `generate_history.py` takes the place of the files: it is told
that the folder of the evidence, which is empty, holds what it knows. Then a green session is timed
as well.

Example: python tests/benchmarks/history.py --records 100000
         python tests/benchmarks/history.py --index /tmp/h1m.sqlite
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import tempfile
import time
import uuid
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median

from measure import Cost, run
from suites import one_failing, one_passing

from pytest_failtrack.open_history import INDEX

ROUNDS = 10
CAUSES = 500
DAYS = 200


def main() -> None:
    """Measure and print one row a state of the index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--index", type=Path, help="an index, in place of files")
    options = parser.parse_args()
    if options.index:
        _beside(options.index)
        return
    print("| history | CPU s | wall s | peak MiB |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        one_failing(folder)
        _row("bare pytest", run(folder, tracked=False))
        _row("no history", _again(folder))
        _grow(folder / "evidence/failures", options.records)
        _row(f"{options.records:,} records, no index yet", _again(folder))
        for _ in range(3):
            _row(f"{options.records:,} records, warm index", _again(folder))


def _beside(index: Path) -> None:
    """Time sessions without a history and beside an index in turns, and print the medians."""
    print("| session | history | CPU s | wall s | adds, wall s |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, suite in (("one failing", one_failing), ("one passing", one_passing)):
            places = [Path(scratch, f"{name} {kind}") for kind in ("none", "index")]
            for place in places:
                suite(place)
                _again(place)
            _put(index, places[1])
            _again(places[1])
            costs: list[tuple[Cost, Cost]] = []
            for _ in range(ROUNDS):
                # Without a history means without what the session before left.
                shutil.rmtree(places[0] / "state")
                shutil.rmtree(places[0] / "evidence")
                costs.append((_again(places[0]), _again(places[1])))
            walls = [median(one.wall for one in kind) for kind in zip(*costs, strict=True)]
            cpus = [median(one.cpu for one in kind) for kind in zip(*costs, strict=True)]
            for kind, cpu, wall in zip(("none", index.name), cpus, walls, strict=True):
                print(f"| {name} | {kind} | {cpu:.3f} | {wall:.3f} | {wall - walls[0]:+.3f} |")


def _put(index: Path, place: Path) -> None:
    """Make an index that of a suite, with all of its folders as they are."""
    target = place / "state" / INDEX
    target.parent.mkdir(exist_ok=True)
    shutil.copy(index, target)
    with closing(sqlite3.connect(target)) as database, database:
        database.execute("delete from state")
        for table, folder in (("records", "failures"), ("runs", "runs")):
            path = place / "evidence" / folder
            path.mkdir(parents=True, exist_ok=True)
            before = time.time_ns() - 60_000_000_123
            os.utime(path, ns=(before, before))
            database.execute(
                "insert into state (name, value) values (?, ?)",
                (f"{table} {os.path.realpath(path)}", f"{before} {int(time.time())}"),
            )


def _again(folder: Path) -> Cost:
    args = (
        "-p",
        "failtrack",
        "--failtrack",
        "--failtrack-dir=evidence/failures",
        "--failtrack-state=state",
    )
    return run(folder, *args, tracked=False)


def _row(what: str, cost: Cost) -> None:
    print(f"| {what} | {cost.cpu:.2f} | {cost.wall:.2f} | {cost.peak_mib:.0f} |", flush=True)


def _grow(folder: Path, count: int) -> None:
    record = json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8"))
    now = datetime.now(timezone.utc)
    for number in range(count):
        digits = f"{number % CAUSES:012x}"
        record["failure_id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
        record["build_id"] = f"build-{number // 20}"
        record["timestamp"] = (now - timedelta(days=number % DAYS + 1)).isoformat()
        record["signature"] |= {"hash": digits, "key": f"ci|{digits}"}
        record["signature"]["token"] = f"Error{digits}: broken @ src/module_{digits}.py:load"
        record["test"]["cause_id"] = digits
        path = folder / f"{record['failure_id']}.json"
        path.write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main()
