"""How cost grows with the number of failures and of causes, and what the summary looks like then.

Example: python tests/benchmarks/growth.py --scale 0.1
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import run
from suites import many_causes, one_cause

STEPS = (0.02, 0.1, 1.0)


def main() -> None:
    """Measure and print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of 50,000 failures, 5,000 causes")
    options = parser.parse_args()
    print("| suite | failures | bare CPU s | tracked CPU s | ms a failure | peak MiB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, write, most in (("one cause", one_cause, 50_000), ("causes", many_causes, 5_000)):
            for step in STEPS:
                failures = max(100, round(most * step * options.scale))
                _row(Path(scratch) / f"{name}-{failures}", name, write, failures)
        _show(Path(scratch))


def _row(folder: Path, name: str, write: Callable[[Path, int], None], failures: int) -> None:
    write(folder, failures)
    bare = run(folder, "--tb=no", tracked=False)
    tracked = run(folder, "--tb=no", tracked=True)
    each = (tracked.cpu - bare.cpu) / failures * 1e3
    print(
        f"| {name} | {failures:,} | {bare.cpu:.1f} | {tracked.cpu:.1f} | {each:.2f} "
        f"| {bare.peak_mib:.0f} -> {tracked.peak_mib:.0f} |",
        flush=True,
    )


def _show(scratch: Path) -> None:
    """Print what a person sees of the largest number of causes."""
    folder = max(scratch.glob("causes-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "--no-summary", "--failtrack"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    start = next((n for n, line in enumerate(lines) if "= failtrack =" in line), 0)
    print("\n".join(lines[start:]))


if __name__ == "__main__":
    main()
