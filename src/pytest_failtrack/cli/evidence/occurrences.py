"""The builds in which one cause was seen; for `show` and `rerun`."""

from __future__ import annotations

from pytest_failtrack.cli.evidence.causes import merged
from pytest_failtrack.cli.evidence.finding import Found
from pytest_failtrack.cli.evidence.reading import (
    Document,
    Evidence,
    causes_of_build,
    known_builds,
    runs_of_build,
)
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.digest import Cause


@frozen
class Occurrence:
    """One cause in one build: however many failures, it is one occurrence.

    Args:
        build_id: The build.
        at: ISO 8601 time at which its last run ended, or of its first record.
        cause: What the build's runs, or else its records, say of the cause.
    """

    build_id: str
    at: str
    cause: Cause


def occurrences(evidence: Evidence, found: Found) -> list[Occurrence]:
    """Return the builds in which a cause was seen, the newest last.

    Failures that were signed under an older version of the normalization (aliases) count, as
    do those of every workflow, unless a key of one workflow was given.
    """
    seen = []
    for build in known_builds(evidence):
        meant = [
            one
            for one in causes_of_build(evidence, build)
            if one.cause_id in found.ids and found.key in ("", one.key)
        ]
        if meant:
            seen.append(Occurrence(build, _moment(evidence, build), merged(meant)[0]))
    return seen


def records_of(evidence: Evidence, occurrence: Occurrence) -> list[Document]:
    """Return the records of an occurrence, the oldest first."""
    there = set(evidence.record_ids)
    return evidence.records(one for one in occurrence.cause.record_ids if one in there)


def _moment(evidence: Evidence, build: str) -> str:
    runs = runs_of_build(evidence, build)
    if runs:
        return str(runs[-1]["finished_at"] or runs[-1]["started_at"])
    return str(next(r["timestamp"] for r in evidence.loose_records if r["build_id"] == build))
