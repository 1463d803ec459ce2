"""What a tracked run costs beside bare pytest, as ratios in interleaved rounds.

Example: python tests/benchmarks/overhead.py --rounds 10 -n 2
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median

from measure import Cost, run, spread
from suites import SUITES

GOALS = {
    "passing": "CPU <= 1.03, memory <= bare + 2 MiB",
    "one-percent": "CPU <= 1.06",
    "heavy": "CPU <= 1.08, <= 6 kB a record",
    "one-passing": "CPU <= 1.10",
    "one-failing": "CPU <= 1.6",
    "one-huge": "peak <= 1.05, record <= 100 kB",
}


def main() -> None:
    """Measure and print one row a suite."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", action="append", choices=list(SUITES))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("-n", type=int, default=0, help="xdist workers")
    parser.add_argument("--disabled", action="store_true", help="plugin loaded, not enabled")
    options = parser.parse_args()
    plugins = ("xdist",) if options.n else ()
    args = ("-n", str(options.n)) if options.n else ()
    print(
        "| suite | CPU x bare | of the fastest | wall x bare | peak MiB, bare -> tracked "
        "| bytes a record | goal |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.suite or SUITES:
            folder = Path(scratch) / name
            SUITES[name](folder)
            run(folder, *args, tracked=False, plugins=plugins)  # writes the .pyc files
            rounds = [
                _round(folder, args, plugins, options.disabled) for _ in range(options.rounds)
            ]
            print(_row(name, folder, rounds), flush=True)


def _round(
    folder: Path, args: tuple[str, ...], plugins: tuple[str, ...], disabled: bool
) -> tuple[Cost, Cost]:
    bare = run(folder, *args, tracked=False, plugins=plugins)
    if disabled:
        return bare, run(folder, *args, tracked=False, plugins=(*plugins, "failtrack"))
    return bare, run(folder, *args, tracked=True, plugins=plugins)


def _row(name: str, folder: Path, rounds: list[tuple[Cost, Cost]]) -> str:
    cpu = spread([tracked.cpu / bare.cpu for bare, tracked in rounds])
    # What else the machine does makes a round slower, never faster.
    fastest = min(one.cpu for _, one in rounds) / min(one.cpu for one, _ in rounds)
    wall = spread([tracked.wall / bare.wall for bare, tracked in rounds])
    peaks = [median(one.peak_mib for one in side) for side in zip(*rounds, strict=True)]
    sizes = [path.stat().st_size for path in (folder / "out" / "failures").glob("*.json")]
    size = f"{sum(sizes) / len(sizes):,.0f} ({len(sizes)} records)" if sizes else "-"
    peak = f"{peaks[0]:.1f} -> {peaks[1]:.1f}"
    return f"| {name} | {cpu} | {fastest:.3f} | {wall} | {peak} | {size} | {GOALS[name]} |"


if __name__ == "__main__":
    main()
