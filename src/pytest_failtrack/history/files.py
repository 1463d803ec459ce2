"""Files that are read whole and written beside and renamed; with what is said when that fails."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Collection

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.own_writes import own_write

LEFTOVER_SECONDS = 3_600
RENAME_PAUSES = (0.01, 0.05, 0.2)
_TEMPORARY = ".tmp"
_RANDOM_BYTES = 6
_RANDOM_CHARS = 1 + 2 * _RANDOM_BYTES  # a dot and hex digits
# O_BINARY keeps Windows from turning line ends; elsewhere there is no such flag.
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
# What a process has open already, be it a file: whoever gave it to the process reads on there.
_OPEN_ONES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")

# What a person can do about it, by the error's number.
REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT if hasattr(errno, "EDQUOT") else -1: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "it is a folder, not a file",
    errno.ENOENT: "there is no such file or folder",
    errno.EMFILE: "too many files are open",
}


def write_beside(folder: str, name: str, content: bytes) -> None:
    """Write a file under another name and rename it; nobody ever sees a half of it."""
    # Other processes, and other hosts on a shared folder, may have our process id.
    temporary = os.path.join(folder, f".{name}.{os.urandom(_RANDOM_BYTES).hex()}{_TEMPORARY}")
    try:
        with own_write(folder, name):
            _write_new(folder, temporary, content)
            rename_over(temporary, os.path.join(folder, name))
    except OSError as error:
        remove_if_there(temporary)
        raise refused("write", os.path.join(folder, name), error) from error
    except BaseException:
        remove_if_there(temporary)
        raise


def write_output(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file that a person named: in one step, in place of an older one.

    A link stays one; a pipe or a device, `/dev/stdout` among them, is written to, never replaced.

    Raises:
        EvidenceError: It cannot be written.
    """
    named = os.path.abspath(path)
    is_special = named.startswith(_OPEN_ONES) or not os.path.isfile(named)
    if os.path.exists(named) and is_special:
        try:
            with open(named, "wb") as file:
                file.write(content)
        except OSError as error:
            raise refused("write", named, error) from error
        return
    write_beside(*os.path.split(os.path.realpath(named)), content)


def create_beside(folder: str, name: str, content: bytes) -> bool:
    """Write a file that is not there yet, whole or not at all; of many writers one succeeds.

    Returns:
        Whether it was written: False when a file of this name is there, which stays.

    Raises:
        EvidenceError: It cannot be written.
    """
    path = os.path.join(folder, name)
    temporary = os.path.join(folder, f".{name}.{os.urandom(_RANDOM_BYTES).hex()}{_TEMPORARY}")
    try:
        _write_new(folder, temporary, content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except (OSError, NotImplementedError):  # a file system without links
            if os.path.lexists(path):
                return False
            rename_over(temporary, path)
        return True
    except OSError as error:
        raise refused("write", path, error) from error
    finally:
        remove_if_there(temporary)


def read_bytes(path: str) -> bytes:
    """Return the content of a file.

    Raises:
        EvidenceError: It is missing or cannot be read.
    """
    try:
        check_is_file(path)
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        raise EvidenceError(
            f"{path} is missing; it was removed, or was not carried over to this place",
            slug="evidence-missing",
        ) from None
    except OSError as error:
        raise refused("read", path, error) from error


def check_is_file(path: str) -> None:
    """Refuse a pipe, which would be waited for without end, a socket and a device.

    Raises:
        EvidenceError: It is one.
        OSError: It is missing, or nobody may look at it.
    """
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise EvidenceError(
            f"cannot read {path}: it is no regular file; remove it", slug="evidence-read"
        )


def names_in(folder: str) -> list[str]:
    """Return the names in a folder; one that is not there holds nothing.

    Raises:
        EvidenceError: It is there and cannot be listed.
    """
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise refused("list", folder, error) from error


def refused(action: str, path: str, error: OSError) -> EvidenceError:
    """Return the error that says what could not be done with a file, and why."""
    reason = REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
    return EvidenceError(f"cannot {action} {path}: {reason}", slug=f"evidence-{action}")


def is_temporary(name: str) -> bool:
    """Return whether a file of this name is being written, or was when its writer was killed."""
    return name.startswith(".") and name.endswith(_TEMPORARY)


def remove_leftovers(directory: str | os.PathLike[str], now: float | None = None) -> int:
    """Remove what writers that were killed left behind an hour ago or earlier; return how many."""
    before = (time.time() if now is None else now) - LEFTOVER_SECONDS
    removed = 0
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if is_temporary(entry.name) and entry.stat(follow_symlinks=False).st_mtime < before:
                    os.unlink(entry.path)
                    removed += 1
    except OSError:
        # Somebody else removed it first, or may not be disturbed; it is only tidying.
        return removed
    return removed


def remove_unfinished(directory: str | os.PathLike[str], names: Collection[str]) -> None:
    """Remove what is left of an interrupted writing of these files; the files themselves stay.

    Args:
        directory: Folder of the files.
        names: Names of files that nobody else writes now.
    """
    try:
        for entry in os.listdir(directory):
            if is_temporary(entry) and entry[1:].removesuffix(_TEMPORARY)[:-_RANDOM_CHARS] in names:
                remove_if_there(os.path.join(directory, entry))
    except OSError:
        return  # it is only tidying


def rename_over(temporary: str, path: str) -> None:
    """Give a file its name, in place of the one that has it.

    Raises:
        OSError: It cannot be done.
    """
    for pause in RENAME_PAUSES:
        try:
            return os.replace(temporary, path)
        except PermissionError:
            # Windows refuses while somebody, such as a virus scanner, has the old file open.
            if os.name != "nt":
                raise
            time.sleep(pause)
    return os.replace(temporary, path)


def _write_new(folder: str, path: str, content: bytes) -> None:
    try:
        descriptor = os.open(path, _FLAGS, 0o666)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(path, _FLAGS, 0o666)
    try:
        _write_all(descriptor, content)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def remove_if_there(path: str) -> None:
    """Remove a file; one that cannot be removed stays."""
    try:
        os.unlink(path)
    except OSError:
        pass
