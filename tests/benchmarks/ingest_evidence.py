"""What it costs to take in the evidence of other jobs, beside a bare loop over the same files.

The bare loop reads each file, parses it with the standard library and writes it, and does nothing
else. Both are processes of their own, in turns; CPU is what tells on a machine that others use too.

Example: python tests/benchmarks/ingest_evidence.py --records 10000 100000
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from evidence_folder import make_record, make_run

from pytest_failtrack.history import run_file
from pytest_failtrack.record import build

RECORDS_OF_A_RUN = 50
BARE = """
import json, os, sys
for kind in ("failures", "runs"):
    source, target = (os.path.join(one, kind) for one in sys.argv[1:])
    os.makedirs(target)
    for name in os.listdir(source):
        with open(os.path.join(source, name), "rb") as file:
            content = file.read()
        json.loads(content)
        with open(os.path.join(target, name), "wb") as file:
            file.write(content)
"""
INGEST = "from pytest_failtrack.cli.main import main; main()"


def main() -> None:
    """Measure and print one row a number of records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="+", default=[10_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        "| records | bare CPU s | ingest CPU s | again CPU s | us a document | of bare | wall s |"
    )
    print("|---|---|---|---|---|---|---|")
    for count in options.records:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            grow(folder / "governance" / "events", count)
            _row(folder, count, options.rounds)


def _row(folder: Path, count: int, rounds: int) -> None:
    events = folder / "governance" / "events"
    costs: dict[str, list[float]] = {"bare": [], "new": [], "again": [], "wall": []}
    for _ in range(rounds):
        for name in ("bare", "here"):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / "here").mkdir()
        (folder / "here" / "pyproject.toml").touch()
        costs["bare"].append(_cpu(folder, BARE, str(events), str(folder / "bare")))
        begun = time.perf_counter()
        costs["new"].append(_cpu(folder / "here", INGEST, "ingest", str(events)))
        costs["wall"].append(time.perf_counter() - begun)
        costs["again"].append(_cpu(folder / "here", INGEST, "ingest", str(events)))
    bare, new, again, wall = (median(costs[name]) for name in ("bare", "new", "again", "wall"))
    each = new / (count + count / RECORDS_OF_A_RUN) * 1e6
    print(
        f"| {count:,} | {bare:.2f} | {new:.2f} | {again:.2f} | {each:.0f} "
        f"| {new / bare:.1f} | {wall:.1f} |",
        flush=True,
    )


def _cpu(folder: Path, code: str, *args: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", code, *args], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def grow(events: Path, count: int) -> None:
    """Write records that differ in id, test and build, and the runs that they belong to."""
    base = make_record("tests/test_a.py::test_0")
    text = build.to_json(build.validate(base)).decode()
    failures = events / "failures"
    failures.mkdir(parents=True)
    for start in range(0, count, RECORDS_OF_A_RUN):
        records = []
        for number in range(start, min(count, start + RECORDS_OF_A_RUN)):
            name = str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
            said = text.replace(base["failure_id"], name).replace("test_0", f"test_{number}")
            said = said.replace('"4711"', f'"{start}"')
            (failures / f"{name}.json").write_text(said, encoding="utf-8")
            records.append(json.loads(said))
        run_file.write_run(events / "runs", make_run(records, (), build_id=str(start)))
    os.sync()


if __name__ == "__main__":
    main()
