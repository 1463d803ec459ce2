"""The journal: what a process observed, on disk before the next test starts.

One folder a run, one append-only file of JSON lines a process, between a start and an end mark.
A process holds the lock of its journal as long as it lives, so a journal whose lock is free is
that of a process that is gone; if it has no end mark, the run died and its observations still
have to become records.

    .failtrack/journals/<run>/<process>.jsonl   observations and marks
    .failtrack/journals/<run>/<process>.lock    held while the process lives
    .failtrack/journals/<run>/<process>.slot    what it is doing now (slot.py)

Written here, read by journals.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

JOURNAL_VERSION = 1
PARENT = "FAILTRACK_PARENT"
"""Variable in which what `failtrack run` runs finds the name of that run."""
MAIN = "main"
SUFFIX = ".jsonl"
# Lock files of this process by device and inode, under whatever path they are met: a POSIX lock
# is no obstacle to the process that holds it, and is lost when that process closes the file again.
_OWN: set[tuple[int, int]] = set()
GONE = ".gone-"  # how the name of a folder begins that is being removed


class Journal:
    """The journal of this process.

    A line that cannot be written stays in memory, is tried again before the next one, and is told
    in `problem`; the run goes on.

    Args:
        folder: Folder of the run; the main process makes it. Where it is missing for a worker the
            run is gone, or is on another host, and nobody would ever read its journal.
        process: Name of this process: `main`, `gw0`, ...
    """

    def __init__(self, folder: Path, process: str = MAIN) -> None:
        self.folder = folder
        self.process = process
        self.path = folder / f"{process}.jsonl"
        self.problem = ""
        # A test may put something else in their place while its failure is written.
        self._encode = json.JSONEncoder(separators=(",", ":")).encode
        self._write = os.write
        self._process_id = os.getpid
        self.pid = self._process_id()
        self._descriptor = -1
        self._lock: FileLock | None = None
        self._needs_newline = False
        self._waiting: list[bytes] = []
        try:
            if process == MAIN:
                folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / f"{process}.lock")
            if not self._lock.acquire():
                raise OSError("another process holds it")
            self._lock.own()
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.path, flags, 0o600)
        except OSError as error:
            self.problem = f"the journal {self.path} cannot be written: {error}"

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append one entry in one write; in a forked child this does nothing."""
        self.write_line(self._encode(entry))

    def write_line(self, line: str) -> None:
        """Append one line of ASCII JSON without its newline, in one write."""
        if self._descriptor < 0 or self._process_id() != self.pid:
            return
        self._waiting.append(line.encode("ascii", "backslashreplace") + b"\n")
        try:
            while self._waiting:
                self._append(self._waiting[0])
                del self._waiting[0]
        except OSError as error:
            self.problem = self.problem or f"the journal {self.path} is incomplete: {error}"

    def _append(self, data: bytes) -> None:
        data = b"\n" + data if self._needs_newline else data
        written = self._write(self._descriptor, data)
        if written != len(data):
            self._needs_newline = True
            raise OSError("only a part of a line could be written")
        self._needs_newline = False

    def start(self, facts: Mapping[str, Any]) -> None:
        """Write the start mark with what is needed to make records after a death."""
        self.write({"mark": "start", "version": JOURNAL_VERSION, "pid": self.pid, **facts})

    def end(self, facts: Mapping[str, Any]) -> None:
        """Write the end mark: nothing of this process is left to do."""
        self.write({"mark": "end", **facts})

    def over(self, facts: Mapping[str, Any]) -> None:
        """Write that the process came to its end, and what it knew, but not all was written."""
        self.write({"mark": "over", **facts})

    def close(self) -> None:
        """Close the file and let go of the lock."""
        if self._process_id() != self.pid:
            return
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._lock is not None:
            self._lock.release()


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Append one entry to the journal of a process that is gone, on a line of its own.

    Raises:
        OSError: It cannot be written.
    """
    with path.open("ab") as file:
        file.write(b"\n" + json.dumps(entry, separators=(",", ":")).encode("ascii") + b"\n")


class FileLock:
    """A lock that the system lets go when its process dies, on a file of its own.

    POSIX record locks are used where there are any: they are not inherited by forked children,
    which would keep a dead run's journal locked.

    Args:
        path: The lock file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def acquire(self) -> bool:
        """Take the lock without waiting and return whether it was free."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def own(self) -> None:
        """Remember that this process holds the lock for as long as it lives."""
        _OWN.add(_identity(os.fstat(self._descriptor)))

    def is_own(self) -> bool:
        """Return whether this process holds the lock, under whatever path.

        Raises:
            OSError: There is no such file.
        """
        return _identity(os.stat(self.path)) in _OWN

    def release(self) -> None:
        """Let go of the lock, if it was taken."""
        if self._descriptor >= 0:
            _OWN.discard(_identity(os.fstat(self._descriptor)))
            os.close(self._descriptor)
            self._descriptor = -1


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


if os.name == "nt":  # pragma: no cover

    def _try_lock(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

else:

    def _try_lock(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def remove_run(folder: Path) -> None:
    """Remove the journals of a run whose records are written; what cannot go is left.

    The folder is renamed first: whoever is killed in the middle, or comes by, sees all journals of
    a run or none.
    """
    gone = folder.with_name(f"{GONE}{folder.name}-{os.urandom(3).hex()}")
    try:
        os.rename(folder, gone)
    except OSError:  # Windows, while somebody reads in it
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


def has_other_runs(folder: Path) -> bool:
    """Return whether other journals than those of one run lie beside them, dead or alive.

    Args:
        folder: Folder of that run.
    """
    try:
        return any(name != folder.name for name in os.listdir(folder.parent))
    except OSError:
        return False


def prepare_state(state_dir: Path) -> None:
    """Make the state folder with its CACHEDIR.TAG and .gitignore.

    Raises:
        OSError: The folder cannot be made; that a file in it cannot is no reason to do without.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    for name, text in STATE_FILES.items():
        path = state_dir / name
        if path.exists():
            continue
        beside = state_dir / f"{name}.{os.getpid()}"
        with contextlib.suppress(OSError):
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, path)
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


STATE_FILES = {
    ".gitignore": "# Made by pytest-failtrack: local state, safe to delete between runs.\n*\n",
    "CACHEDIR.TAG": (
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# This file marks a cache directory made by pytest-failtrack.\n"
        "# See https://bford.info/cachedir/ for what it means.\n"
    ),
}
