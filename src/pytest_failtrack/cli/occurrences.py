"""The builds in which one cause was seen; for `show` and `rerun`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_failtrack.cli.finding import Found
from pytest_failtrack.cli.reading import (
    Document,
    Evidence,
    causes_of_records,
    known_builds,
    merged,
    newest_attempts,
    records_of_build,
)
from pytest_failtrack.policy.digest import Cause
from pytest_failtrack.sinks.json_digest import cause_from_json


@dataclass(frozen=True)
class Occurrence:
    """One cause in one build: however many failures, it is one occurrence.

    Args:
        build_id: The build.
        at: ISO 8601 time of its first record or of the end of its run.
        cause: What the build's runs, or else its records, say of the cause.
        records: Its records, the oldest first; none when they were not kept.
    """

    build_id: str
    at: str
    cause: Cause
    records: tuple[Document, ...]


def occurrences(evidence: Evidence, found: Found) -> list[Occurrence]:
    """Return the builds in which a cause was seen, the newest last.

    Failures that were signed under an older version of the normalization (aliases) count, as
    do those of every workflow, unless a key of one workflow was given.
    """
    ids = _ids(evidence.records, found.cause_id)
    seen = []
    for build in known_builds(evidence):
        one = _occurrence(evidence, found, ids, build)
        if one is not None:
            seen.append(one)
    return seen


def _occurrence(evidence: Evidence, found: Found, ids: set[str], build: str) -> Occurrence | None:
    runs = newest_attempts(run for run in evidence.runs if run["build_id"] == build)
    listed = [
        cause_from_json(one)
        for run in runs
        for one in run["causes"]
        if _is_meant(found, ids, one["cause_id"], one["key"])
    ]
    records = [
        one
        for one in records_of_build(evidence, build)
        if _is_meant(found, ids, one["signature"]["hash"], one["signature"]["key"])
    ]
    causes = merged(listed) or causes_of_records(records)
    if not causes:
        return None
    at = records[0]["timestamp"] if records else runs[-1]["finished_at"] or runs[-1]["started_at"]
    return Occurrence(build, str(at), causes[0], tuple(records))


def _ids(records: Iterable[Document], cause_id: str) -> set[str]:
    ids = {cause_id}
    for one in records:
        signature = one["signature"]
        if signature["hash"] == cause_id:
            ids.update(signature["aliases"])
    return ids


def _is_meant(found: Found, ids: set[str], cause_id: str, key: str) -> bool:
    return cause_id in ids and found.key in ("", key)
