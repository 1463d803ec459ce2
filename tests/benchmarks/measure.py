"""Runs pytest as a process of its own and returns what it cost; used by every benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# A module without hooks, for the bare side: by its name pytest reads the entry points of what is
# installed, as it does in every run that loads its plugins by itself.
NO_PLUGIN = "colorsys"
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly")


@dataclass(frozen=True)
class Cost:
    """What one process cost, its children that it waited for included.

    Args:
        cpu: User and system seconds.
        wall: Seconds.
        peak_mib: Largest resident size of one process, MiB.
        exit_status: How it ended.
    """

    cpu: float
    wall: float
    peak_mib: float
    exit_status: int


def run(
    folder: Path, *args: str, tracked: bool, plugins: tuple[str, ...] = (), out: str = "out"
) -> Cost:
    """Run pytest in a folder and return its cost.

    Args:
        folder: Folder of the suite.
        args: Further arguments.
        tracked: With `--failtrack`, evidence and state in a fresh folder `out`; what an earlier run
            left there is moved beside the suite's folder.
        plugins: Entry points of plugins to load; autoloading is off, so that nothing else runs.
        out: Name of the folder for evidence and state.
    """
    place = folder / out
    if tracked and place.exists():
        # Beside the suite, and not removed: ext4 without a journal does not use the inodes again
        # that were freed in the last minute, and passes over all of them at each new file.
        place.rename(folder.parent / f"{folder.name}-{out}-{time.time_ns()}")
    command = [sys.executable, "-m", "pytest", *QUIET]
    for plugin in plugins:
        command += ["-p", plugin]
    if tracked:
        command += ["-p", "failtrack", "--failtrack", f"--failtrack-dir={out}/failures"]
        command += [f"--failtrack-state={out}/state"]
    elif not plugins:
        command += ["-p", NO_PLUGIN]
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "FAILTRACK", "GITHUB_", "CI"))
    }
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or an edited module is compiled each time
    environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONHASHSEED": "0", "TERM": "dumb"}
    return cost_of([*command, *args], folder, environ)


def cost_of(command: list[str], folder: Path, environ: dict[str, str]) -> Cost:
    """Run a command without output and return what it cost.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        environ: All of its environment variables.
    """
    started = time.perf_counter()
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit, process.returncode)


def spread(values: list[float], digits: int = 3) -> str:
    """Return the median and the range of some values."""
    return f"{median(values):.{digits}f} ({min(values):.2f}-{max(values):.2f})"
