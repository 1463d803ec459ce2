"""The journals of a state folder, read: which runs died, and what their processes had seen."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_failtrack.observe.journal import GONE, JOURNAL_VERSION, MAIN, SUFFIX, FileLock
from pytest_failtrack.observe.slot import IDLE_SLOT, InFlight, read_slot

POLL_SECONDS = 0.1
# execnet gives a worker 5 s, interrupts it, gives it 10 s more, and ends it.
ORPHANS_WAIT_SECONDS = 20.0
EMPTY_SECONDS = 3_600  # how long a folder of a run may stay without a journal in it


@dataclass
class ProcessJournal:
    """What the journal of one process says.

    Args:
        process: Name of the process.
        start: The start mark; empty when even that could not be written.
        end: The end mark; None when the process did not come to its end.
        over: What was known at the end when not everything could be written then; else None.
        death: How the process ended, where its parent wrote that down; else None.
        entries: The entries between them, in order.
        in_flight: What it was doing last.
        torn_lines: Lines that are not JSON: cut by a death or a full disk.
    """

    process: str
    start: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] | None = None
    over: dict[str, Any] | None = None
    death: dict[str, Any] | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    in_flight: InFlight = IDLE_SLOT
    torn_lines: int = 0

    @property
    def is_foreign(self) -> bool:
        """Whether another version of failtrack wrote it; without a start mark nobody knows."""
        return bool(self.start) and self.start.get("version") != JOURNAL_VERSION


def read_journal(path: Path) -> ProcessJournal:
    """Return what one journal file says; lines that are cut or foreign are counted, not fatal.

    Raises:
        OSError: The file cannot be read.
    """
    journal = ProcessJournal(process=path.stem)
    with path.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                journal.torn_lines += 1
                continue
            if not isinstance(entry, dict):
                journal.torn_lines += 1
            elif entry.get("mark") in ("start", "end", "over", "death"):
                setattr(journal, entry["mark"], entry)
            else:
                journal.entries.append(entry)
    journal.in_flight = read_slot(path.with_suffix(".slot"))
    return journal


def read_run(folder: Path) -> list[ProcessJournal]:
    """Return the journals of all processes of one run, the main process first."""
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: (path.stem != MAIN, path.stem))
    journals = []
    for path in paths:
        try:
            journals.append(read_journal(path))
        except OSError:
            journals.append(ProcessJournal(process=path.stem, torn_lines=1))
    return journals


def dead_runs(state_dir: Path) -> Iterator[Path]:
    """Yield the folders of runs none of whose processes is alive, oldest first.

    Args:
        state_dir: The state folder, `.failtrack` by default.
    """
    try:
        folders = sorted(path for path in (state_dir / "journals").iterdir() if path.is_dir())
    except OSError:
        return
    for folder in folders:
        if folder.name.startswith(GONE):
            shutil.rmtree(folder, ignore_errors=True)
            continue
        paths = list(folder.glob(f"*{SUFFIX}"))
        # One without a journal is that of a run that begins just now.
        if not any(is_alive(path) for path in paths) and (paths or _is_old(folder)):
            yield folder


def _is_old(folder: Path) -> bool:
    try:
        return folder.stat().st_mtime < time.time() - EMPTY_SECONDS
    except OSError:
        return False


def orphaned_runs(state_dir: Path) -> list[Path]:
    """Return the folders of runs whose main process is gone while a worker of it still lives.

    Args:
        state_dir: The state folder.
    """
    found = []
    for main in sorted((state_dir / "journals").glob(f"*/{MAIN}{SUFFIX}")):
        workers = (path for path in main.parent.glob(f"*{SUFFIX}") if path != main)
        if main.parent.name.startswith(GONE) or is_alive(main):
            continue
        if any(is_alive(path) for path in workers):
            found.append(main.parent)
    return found


def live_runs(state_dir: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the folder and the start mark of each run whose main process still lives.

    Args:
        state_dir: The state folder.
    """
    for main in sorted((state_dir / "journals").glob(f"*/{MAIN}{SUFFIX}")):
        if not main.parent.name.startswith(GONE) and is_alive(main):
            yield main.parent, _start_of(main.parent)


def wait_for_orphans(state_dir: Path, seconds: float, parent: str = "") -> list[Path]:
    """Wait until the workers of dead controllers are gone, too, and return the runs that remain.

    Args:
        state_dir: The state folder.
        seconds: How long to wait at most.
        parent: Only runs that this parent started.
    """
    give_up_at = time.monotonic() + seconds
    while True:
        waiting = [
            folder
            for folder in orphaned_runs(state_dir)
            if not parent or _start_of(folder).get("parent") == parent
        ]
        if not waiting or time.monotonic() >= give_up_at:
            return waiting
        time.sleep(POLL_SECONDS)


def _start_of(folder: Path) -> dict[str, Any]:
    try:
        return read_journal(folder / f"{MAIN}{SUFFIX}").start
    except OSError:
        return {}


def is_alive(journal: Path) -> bool:
    """Return whether the process that writes this journal still lives."""
    lock = FileLock(journal.with_suffix(".lock"))
    try:
        if lock.is_own() or not lock.acquire():
            return True
    except OSError:
        return False
    lock.release()
    return False
