"""Runs of the judged build that have not come to their end; the gate asks.

What such a run finds is in no evidence yet. A run that the gate itself is a part of is none of
them: `failtrack run -- sh -c "make && failtrack gate"`, or a test that calls the gate.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_failtrack.observe.journal import PARENT
from pytest_failtrack.observe.journals import live_runs


def still_running(state_dir: Path, build: str) -> Iterator[str]:
    """Yield a sentence for each run of a build that has begun and not ended.

    Args:
        state_dir: The state folder: only runs of this checkout are known.
        build: The build that is judged.
    """
    if not (state_dir / "journals").is_dir():
        return
    runs = {folder.name: start for folder, start in live_runs(state_dir)}
    ours = {
        name
        for name, start in runs.items()
        if start and (start.get("settings", {}).get("build") or f"local-{name}") == build
    }
    around = _runs_around(runs) if ours else set()
    for name in sorted(ours - around):
        what = runs[name].get("command") or "a command"
        yield f"{what} of this build has not ended yet (run {name}); judge again when it has"


def _runs_around(runs: dict[str, dict[str, Any]]) -> set[str]:
    """Return the names of the runs that this process is a part of."""
    found = set()
    name = os.environ.get(PARENT, "")
    while name in runs and name not in found:
        found.add(name)
        name = runs[name].get("parent", "")
    others = {start.get("pid"): one for one, start in runs.items() if one not in found}
    if others:
        found.update(others[pid] for pid in _ancestors() if pid in others)
    return found


def _ancestors() -> Iterator[int]:
    """Yield the ids of this process and of those above it, as far as the system tells."""
    parents = {**_parents(), os.getpid(): os.getppid()}
    pid = os.getpid()
    while pid:
        yield pid
        pid = parents.pop(pid, 0)


def _parents() -> dict[int, int]:
    """Return the parent of each process; nothing where there is no `ps`, as on Windows."""
    try:
        told = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True, timeout=10
        ).stdout
        return {int(pid): int(parent) for pid, parent in map(str.split, told.splitlines())}
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
