"""What a failing session costs over a long history.

Copies one record as often as asked, under other ids, builds, days and causes, and times a session
with one failure: without history, with an index that must be made first, and with a warm index.

Example: python tests/benchmarks/history.py --records 100000
"""

from __future__ import annotations

import argparse
import json
import tempfile
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from measure import Cost, run
from suites import one_failing

CAUSES = 500
DAYS = 200


def main() -> None:
    """Measure and print one row a state of the index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
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
