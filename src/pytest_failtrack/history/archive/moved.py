"""What `pack` and `unpack` come to: which documents moved, and what was left where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.archive.archives import (
    CHANGES,
    FAILURES,
    MATCHES,
    RUNS,
    Entry,
    FileStamp,
)

Progress = Callable[[int, int], None]
"""Is told how many documents are done, and of how many."""


class Move(NamedTuple):
    """One document that went into an archive."""

    name: str
    """`<kind>/<file name>`."""
    stamp: FileStamp
    """The file, as it was packed."""
    size: int
    crc: int


@frozen
class Moved:
    """What was moved, in or out.

    Args:
        records: Number of records.
        runs: Number of run documents.
        changes: Number of records' own histories.
        matches: Number of matches that programs kept.
        archives: The archives that were written, or taken apart, by path.
        unpacked_bytes: Size of the documents as files.
        problems: What was left where it is although its time had come, one sentence each.
        moves: Every document that went in.
    """

    records: int = 0
    runs: int = 0
    changes: int = 0
    matches: int = 0
    archives: tuple[str, ...] = ()
    unpacked_bytes: int = 0
    problems: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()

    @classmethod
    def of(
        cls,
        entries: Sequence[Entry],
        archives: Sequence[str],
        problems: Sequence[str] = (),
        moves: Sequence[Move] = (),
    ) -> Moved:
        """Return what it comes to that these members moved."""

        def number(kind: str) -> int:
            return sum(one.name.startswith(f"{kind}/") for one in entries)

        return cls(
            records=number(FAILURES),
            runs=number(RUNS),
            changes=number(CHANGES),
            matches=number(MATCHES),
            archives=tuple(archives),
            unpacked_bytes=sum(one.size for one in entries),
            problems=tuple(problems),
            moves=tuple(moves),
        )


def silent(done: int, total: int) -> None:
    """Say nothing."""
