"""The lock between those who change a record and those who move it into an archive, or back out.

It is a file in the archive folder, there only while somebody holds it. Where there is no archive
folder nobody packs, and nothing is locked.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_failtrack.history.archive.packed import archive_folder
from pytest_failtrack.observe.journal import FileLock

EDIT_LOCK = ".edit.lock"
# A packer holds it for a moment, many times; whoever is stopped meanwhile must not stop others.
WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.005

# A process holds a lock of the system as a whole; its threads wait for each other here.
_THREADS = threading.RLock()
_HELD: dict[str, int] = {}


@contextmanager
def editing(evidence: str | os.PathLike[str]) -> Iterator[None]:
    """Keep packers away from a folder of evidence while one of its files is changed.

    A caller that holds it may take it again. It is not waited for longer than `WAIT_SECONDS`, and
    where it cannot be taken the change goes on without: a packer looks again before it removes.
    """
    folder = archive_folder(evidence)
    if not os.path.isdir(folder):
        yield
        return
    with held(folder, EDIT_LOCK, WAIT_SECONDS):
        yield


@contextmanager
def held(folder: str, name: str, wait_seconds: float) -> Iterator[bool]:
    """Hold a lock file; the value is False where it could not be taken in time, or at all."""
    path = os.path.join(folder, name)
    with _THREADS:
        if _HELD.get(path):
            yield True
            return
        lock = _taken(Path(path), wait_seconds)
        _HELD[path] = 1 if lock is not None else 0
        try:
            yield lock is not None
        finally:
            _HELD.pop(path, None)
            if lock is not None:
                _let_go(lock)


def _taken(path: Path, wait_seconds: float) -> FileLock | None:
    until = time.monotonic() + wait_seconds
    while True:
        lock = FileLock(path)
        try:
            if lock.acquire():
                lock.own()
                # Whoever held it before has removed the file: a lock on that keeps nobody away.
                if lock.is_own():
                    return lock
                lock.release()
                continue
        except FileNotFoundError:
            lock.release()
            if not path.parent.is_dir():
                return None
            continue
        except OSError:
            lock.release()
            return None
        if time.monotonic() >= until:
            return None
        time.sleep(_PAUSE_SECONDS)


def _let_go(lock: FileLock) -> None:
    try:
        if os.name != "nt":
            lock.path.unlink()
    except OSError:
        pass
    lock.release()
