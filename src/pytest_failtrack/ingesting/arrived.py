"""What became of evidence that came from elsewhere; arrivals.py says so when all is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, NamedTuple

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.destination import Added
from pytest_failtrack.pipeline import Conclusion
from pytest_failtrack.record.times import parse_time


class Origin(NamedTuple):
    """A tracked run whose document came in: reports that were written during it are its own.

    Args:
        home: Folder or archive that its evidence lies in.
        started: When it began, seconds since 1970, a whole number: reports are no more precise.
        ended: When it ended.
        told: Its build, leg, attempt, workflow, job and step, as settings name them.
    """

    home: str
    started: float
    ended: float
    told: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, home: str, run: Mapping[str, Any]) -> Origin:
        """Return the run of a document that lies in a folder or archive."""
        names = ("build_attempt", "leg", "workflow", "job", "step")
        told = {"build": run["build_id"]} | {name: run[name] or "" for name in names}
        started, ended = parse_time(run["started_at"]), parse_time(run["finished_at"])
        return cls(home, float(int(started.timestamp())), ended.timestamp(), tuple(told.items()))


@frozen
class Arrived:
    """What became of the evidence in what was named.

    Args:
        documents: Number of records, run documents and files of changes that could be read.
        journals: Number of dead runs whose journals could be read.
        records: What became of the records.
        runs: What became of the run documents.
        matches: What became of matches that programs kept.
        changes: What became of the events that came without their record.
        aliases: What became of pairs of old and new digits of signatures.
        recovered: What came of the journals of dead runs.
        problems: What could not be written, and what went wrong beside that.
        is_written: Everything that could be read is where it belongs.
        kept: A sentence for each document that is here in another version, which stays.
        there: Number of records and run documents that were here already.
        recovered_records: Number of new records that the journals of dead runs came to.
        origins: The tracked runs among the run documents, by where they lie.
    """

    documents: int = 0
    journals: int = 0
    records: Added = Added()
    runs: Added = Added()
    matches: Added = Added()
    changes: Added = Added()
    aliases: Added = Added()
    recovered: tuple[Conclusion, ...] = ()
    problems: tuple[str, ...] = ()
    is_written: bool = True
    kept: tuple[str, ...] = ()
    there: int = 0
    recovered_records: int = 0
    origins: Mapping[str, Sequence[Origin]] = field(default_factory=dict)
