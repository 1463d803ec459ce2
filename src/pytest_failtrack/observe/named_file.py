"""A file that was found in what a command line names, and who is asked about it.

`files.py` and `archive_members.py` find files; whoever takes what is no report is a `Taker`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import IO, Protocol

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen

STDIN = "-"
ENDINGS = (".xml", ".json", ".jsonl", ".ndjson", ".sarif", ".log", ".zip", ".tar", ".tgz")
"""Endings of what is opened in a folder; in an archive logs are called `.txt` as well."""
COMPRESSED = (".gz", ".bz2", ".xz")
"""Endings behind those."""

# What this process has open already, and what is always empty.
_OPEN_ONES = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/", "/dev/null")


@frozen
class File:
    """One file that was found.

    Args:
        name: As it is called in messages; a member of an archive as `ARCHIVE!MEMBER`.
        what: Its path, or its content.
        is_named: Somebody named it, so that it must be a report or a log.
        job: Job whose log it is, where its name says so, else ``.
        mtime: When it was written, seconds since 1970; 0 where nobody knows.
    """

    name: str
    what: str | bytes
    is_named: bool
    job: str = ""
    mtime: float = 0.0


class Taker(Protocol):
    """Takes what is no report out of what was named, before it is read as one."""

    def wants(self, name: str) -> bool:
        """Return whether a file or hidden folder of this name is for the taker by its place."""

    def is_first(self, name: str) -> bool:
        """Return whether this file or folder is handed over before its neighbours."""

    def take(self, file: File) -> bool:
        """Return whether the file was taken; it is not read any more then.

        Raises:
            InputError: It is for the taker, and cannot be used.
        """


class NoTaker:
    """Takes nothing."""

    def wants(self, name: str) -> bool:
        """Want nothing."""
        return False

    def is_first(self, name: str) -> bool:
        """Prefer nothing."""
        return False

    def take(self, file: File) -> bool:
        """Leave it."""
        return False


NO_TAKER = NoTaker()


class Progress:
    """How far it is.

    Args:
        tell: Receives how many files are done, and how many there are; None for nobody.
    """

    def __init__(self, tell: Callable[[int, int], None] | None = None) -> None:
        self._tell = tell
        self._done = 0
        self._all = 0

    def expect(self, count: int) -> None:
        """Note that so many more files are there."""
        self._all += count

    def step(self) -> None:
        """Note that a file is begun."""
        if self._tell is not None:
            self._done += 1
            self._tell(min(self._done, self._all), self._all)


def stream_of(what: str | bytes) -> IO[bytes]:
    """Return the content of a file to read from; a path is opened.

    Raises:
        OSError: It cannot be opened.
    """
    return io.BytesIO(what) if isinstance(what, bytes) else open(what, "rb")


def is_pipe(name: str) -> bool:
    """Return whether a name stands for something else than a file or a folder that is there."""
    return os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name))


def read_pipe(name: str) -> bytes:
    """Return what a pipe holds that is open already, as `/dev/stdin` and `<(command)` are.

    Raises:
        InputError: It is another one, which nobody may ever write to, or a device.
    """
    if not os.path.abspath(name).startswith(_OPEN_ONES):
        raise InputError(
            f"{name}: no regular file; name one, or send it here with `< {name}` and `-`",
            slug="not-a-file",
        )
    try:
        with open(name, "rb") as stream:
            return stream.read()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{name}: cannot be read ({reason})") from None


def may_be_report(name: str, *more: str) -> bool:
    """Whether a file is called as reports and logs are, by the endings above or more of them."""
    stem = name.lower()
    for ending in COMPRESSED:
        stem = stem.removesuffix(ending)
    return stem.endswith((*ENDINGS, *more))


def called(name: str) -> str:
    """Return what a file is called in messages."""
    return "<stdin>" if name == STDIN else name
