"""The check of `failtrack doctor` about open records whose test passes now: what its fix tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_failtrack.cli.checks.checkup import WARNING, Checkup, Remark, fine, shortened
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.evidence import read_records, read_runs, update_record
from pytest_failtrack.policy.hindsight import (
    COMMIT_CHARS,
    annotated,
    fix_of,
    in_hindsight,
    is_asked_about,
)
from pytest_failtrack.record.times import parse_time

FIXES_MAX = 200
SHOWN_MAX = 5


@frozen
class Fixed:
    """A record that its fix showed in another light.

    Args:
        failure_id: Its id.
        nodeid: Its test.
        was: Its subcategory.
        subcategory: What the fix shows.
        passed: Commit that passed.
    """

    failure_id: str
    nodeid: str
    was: str
    subcategory: str
    passed: str


def fixes(checkup: Checkup) -> Iterator[Remark]:
    """No open record waits whose test was the fault: only tests changed until it passed."""
    found = [
        Remark(
            WARNING,
            f"{one.nodeid} passed at {one.passed[:COMMIT_CHARS]} after a change of tests alone: "
            f"{one.subcategory}, not {one.was}",
            "failtrack doctor --record notes it on the record",
        )
        for one in fixed_records(checkup)
    ]
    yield from shortened(found, SHOWN_MAX, "more records are like that")
    if not found:
        yield fine("no open record waits whose test alone was changed")


def note_fixes(checkup: Checkup) -> list[str]:
    """Write on each record what its fix showed; return why some were not, one sentence each."""
    refused = []
    for one in fixed_records(checkup):

        def change(record: dict[str, Any], one: Fixed = one) -> Mapping[str, Any]:
            return annotated(record, one.subcategory, one.passed)

        try:
            update_record(checkup.settings.evidence_dir, one.failure_id, change)
        except EvidenceError as error:
            refused.append(error.message)
    return refused


def fixed_records(checkup: Checkup) -> list[Fixed]:
    """Return the open records of whose fix git says that it touched tests alone."""
    try:
        return _fixed_records(checkup)
    except EvidenceError:
        return []  # a folder cannot be listed: the check `evidence` says so


def _fixed_records(checkup: Checkup) -> list[Fixed]:
    settings = checkup.settings
    passes = _passes(checkup)
    if not passes:
        return []
    found: list[Fixed] = []
    known: dict[tuple[str, str], Any] = {}
    for _, record in read_records(settings.evidence_dir):
        if isinstance(record, EvidenceError) or not is_asked_about(record):
            continue
        failed = record["environment"]["commit"]
        at = parse_time(record["timestamp"])
        later = [one for one in passes.get(record["test"]["nodeid"], ()) if one[0] > at]
        if not later:
            continue
        passed = min(later)[1]
        if (failed, passed) not in known:
            if len(known) == FIXES_MAX:
                break
            known[failed, passed] = fix_of(checkup.root, failed, passed, settings.own_paths)
        kind = in_hindsight(record, known[failed, passed])
        if kind:
            nodeid, was = record["test"]["nodeid"], record["subcategory"]
            found.append(Fixed(record["failure_id"], nodeid, was, kind, passed))
    return found


def _passes(checkup: Checkup) -> dict[str, list[tuple[Any, str]]]:
    """Return when and at which commit tests passed that had an open record."""
    found: dict[str, list[tuple[Any, str]]] = {}
    for _, run in read_runs(checkup.settings.runs_dir):
        if isinstance(run, EvidenceError):
            continue
        commit = run["environment"].get("commit")
        for nodeid, outcome in run["outcomes"].items():
            if commit and outcome == "passed":
                found.setdefault(nodeid, []).append((parse_time(run["started_at"]), commit))
    return found
