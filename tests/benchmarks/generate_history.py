"""Makes a history as teams have one: a few causes fail most, weekends are quiet, things get mended.

Everything follows from the seed, and every record is one that could lie in the evidence.

    python tests/benchmarks/generate_history.py --records 1000000 /tmp/history.sqlite
"""

from __future__ import annotations

import argparse
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from pytest_failtrack.classify.taxonomy import category_of
from pytest_failtrack.history.changes_index import CHANGES_IN, change_row
from pytest_failtrack.history.columns import match_row, pass_rows, record_row, run_row
from pytest_failtrack.history.database import open_database
from pytest_failtrack.history.rows import (
    ALIASES_IN,
    CAUSES_IN,
    MATCHES_IN,
    PASSES_IN,
    RECORDS_IN,
    RUNS_IN,
    alias_rows,
    cause_rows,
)
from pytest_failtrack.record.change import Change, make_change

FIRST_BUILD = 1_000
END = datetime(2026, 11, 20, 18, 0, tzinfo=timezone.utc)
LEGS = ("py3.10-linux", "py3.13-linux")
OWNERS = ("@shop-team", "@tax-team", "@platform-team", "@search-team", "@data-team", "")
COMPONENTS = ("orders", "tax", "storage", "search", "billing", "catalog", "accounts", "export")
SLA_HOURS = {"CRITICAL": 4, "HIGH": 24, "MEDIUM": 168, "LOW": 720}
ANALYSIS = {"OPEN": "PENDING", "INVESTIGATING": "IN_PROGRESS"}
ANALYSIS |= {"RESOLVED": "COMPLETE", "PREVENTED": "COMPLETE"}
PRIORITIES = {"CRITICAL": "P0", "HIGH": "P1", "MEDIUM": "P2", "LOW": "P3"}
# Weight, subcategory, failure type, severities, error, catalog entry, recovery mode, retryable.
KINDS: tuple[tuple[int, str, str, tuple[str, ...], str, str, str, bool], ...] = (
    (30, "QA_ASSERTION_INCORRECT", "test_failure", ("HIGH", "MEDIUM"), "AssertionError",
     "assertion-failed", "FIX_CODE", False),
    (18, "INTEGRATION_DATA_MISMATCH", "integration_test_failure", ("HIGH",), "KeyError",
     "key-missing", "FIX_CODE", False),
    (12, "INTEGRATION_API_MISMATCH", "integration_test_failure", ("HIGH", "CRITICAL"), "TypeError",
     "arguments-differ", "FIX_CODE", False),
    (10, "ARCHITECTURE_INCOMPLETE", "build_error", ("HIGH",), "ImportError", "import-failed",
     "FIX_CODE", False),
    (9, "INFRA_NETWORK", "infrastructure", ("HIGH", "MEDIUM"), "ConnectionRefusedError",
     "connection-refused", "RETRY_EXPONENTIAL", True),
    (6, "INFRA_RESOURCE", "ci_runner", ("HIGH",), "MemoryError", "out-of-memory",
     "FIX_ENVIRONMENT", True),
    (5, "INTEGRATION_TIMING", "test_failure", ("MEDIUM",), "TimeoutError", "flaky-timing",
     "RETRY_LIMITED", True),
    (5, "GOVERNANCE_ENFORCEMENT_GAP", "security_vulnerability", ("CRITICAL", "HIGH"),
     "secret-in-log", "secret-found", "ROTATE_CREDENTIALS", False),
    (5, "UNKNOWN_ROOT_CAUSE", "unknown", ("MEDIUM",), "RuntimeError", "", "INVESTIGATE", False),
    (3, "QA_TEST_DEBT", "test_debt", ("LOW",), "debt", "test-debt", "FIX_TEST", False),
)  # fmt: skip


@dataclass
class Cause:
    """One way to fail.

    Args:
        hash: Its signature.
        record: What all its records have in common.
        tests: The tests that it fails.
        owner: Who it belongs to.
        is_flaky: It passes on another attempt as often as not.
        seconds: How long a failing test takes.
    """

    hash: str
    record: dict[str, Any]
    tests: list[str]
    owner: str
    is_flaky: bool
    seconds: float
    occurrence: int = 0
    last_at: datetime | None = None


@dataclass
class Incident:
    """A cause from the build in which it starts to fail to its end."""

    cause: Cause
    builds: list[int]
    legs: tuple[int, ...]
    status: str
    ended_at: datetime | None
    is_healed: bool
    wait: timedelta
    owner_before: str = ""
    is_reclassified: bool = False
    passes_at: int | None = None
    occurrence: int = 0
    days_since: float | None = None


@dataclass
class Build:
    """One build: when, where, and what fails in it."""

    id: str
    at: datetime
    branch: str
    commit: str
    fails: list[Incident] = field(default_factory=list)
    passes: list[Incident] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One build's documents.

    Args:
        runs: (name of its file, run document).
        records: Its records.
        changes: The events of these records.
    """

    runs: list[tuple[str, dict[str, Any]]]
    records: list[dict[str, Any]]
    changes: list[Change]


def generate(
    records: int, *, seed: int = 1, days: int = 365, end: datetime = END, events: bool = True
) -> Iterator[Step]:
    """Yield a history, build after build, the oldest first.

    Args:
        records: Number of records; the last build may bring some more.
        seed: The same seed gives the same history.
        days: How long it goes back.
        end: Its last moment.
        events: Whether the records have histories of their own.
    """
    chance = Random(seed)
    builds = _builds(chance, max(12, records // 16), days, end)
    causes = [_cause(chance, number) for number in range(max(8, records // 120))]
    _plan(chance, builds, causes, records, end)
    for build in builds:
        yield _step(chance, build, events)


def records_of(steps: Iterable[Step]) -> Iterator[dict[str, Any]]:
    """Yield the records of a history one by one."""
    for step in steps:
        yield from step.records


def fill_sqlite(path: str, steps: Iterable[Step], *, batch: int = 2_000) -> int:
    """Put a history into an index of its own; return the number of records."""
    database = open_database(path)
    rest, count = iter(steps), 0
    try:
        while some := list(islice(rest, batch)):
            made = [one for step in some for one in step.records]
            runs = [one for step in some for one in step.runs]
            count += len(made)
            with database.transaction():
                database.run_many(RECORDS_IN, (record_row(one, "", 1, 1) for one in made))
                database.run_many(MATCHES_IN, (match_row(one, "") for one in made))
                database.run_many(ALIASES_IN, alias_rows(made, ""))
                database.run_many(CAUSES_IN, cause_rows(made, ""))
                database.run_many(RUNS_IN, (run_row(one, name, "", 1, 1) for name, one in runs))
                database.run_many(
                    PASSES_IN, (row for name, one in runs for row in pass_rows(one, name, ""))
                )
                database.run_many(
                    CHANGES_IN, (change_row(one, "") for step in some for one in step.changes)
                )
    finally:
        database.close()
    return count


def _builds(chance: Random, count: int, days: int, end: datetime) -> list[Build]:
    """Return builds, most of them on working days and in working hours, sorted by time."""
    first = (end - timedelta(days=days)).date()
    dates = [first + timedelta(days=number) for number in range(1, days + 1)]
    weights = list(accumulate(0.15 if one.weekday() > 4 else 1.0 for one in dates))
    moments = []
    for date in chance.choices(dates, cum_weights=weights, k=count):
        hour = min(23.9, max(0.1, chance.gauss(13.5, 3.5)))
        start = datetime(date.year, date.month, date.day, tzinfo=timezone.utc)
        moments.append(min(end, start + timedelta(hours=hour)))
    features = [f"feature/{number}" for number in range(max(2, count // 12))]
    builds = []
    for number, at in enumerate(sorted(moments)):
        near = number * len(features) // count
        branch = "main" if chance.random() < 0.5 else features[max(0, near - chance.randrange(3))]
        builds.append(
            Build(str(FIRST_BUILD + number), at, branch, f"{chance.getrandbits(160):040x}")
        )
    return builds


def _cause(chance: Random, number: int) -> Cause:
    kind = chance.choices(KINDS, weights=[one[0] for one in KINDS])[0]
    _, subcategory, failure_type, severities, error, entry, mode, is_retryable = kind
    component = chance.choice(COMPONENTS)
    file = f"src/shop/{component}/part_{number % 40}.py"
    hash_ = f"{chance.getrandbits(48):012x}"
    severity = chance.choice(severities)
    message = f"{error}: part {number} of {component} is not what it was"
    size = min(60, int(chance.paretovariate(1.3)))
    module = f"tests/{component}/test_part_{number % 40}.py"
    tests = [f"{module}::test_{number}_{at}" for at in range(size)]
    record = {
        "schema_version": "1.0",
        "category": category_of(subcategory).value,
        "subcategory": subcategory,
        "severity": severity,
        "context": {
            "phase": "COMPILATION" if error == "ImportError" else "TESTING",
            "component": component,
            "file_path": file,
            "line_number": number % 300 + 1,
        },
        "signature": {
            "hash": hash_,
            "key": f"shop|{hash_}",
            "workflow": "shop",
            "job": "tests",
            "step": "pytest",
            "token": f"{message} @ {file}:load_{number}",
            "version": 2,
            "aliases": [f"{chance.getrandbits(48):012x}"] if number % 50 == 0 else [],
        },
        "classification": {
            "failure_type": failure_type,
            "match_type": "exact" if entry else "unknown",
            "confidence": round(chance.uniform(0.4, 1.0), 2) if entry else 0.0,
            "catalog_entry_id": entry or None,
            "is_retryable": is_retryable,
            "recovery_mode": mode,
            "recovery_suggestion": "Look at the place that it names.",
            "reasons": ["It says so."],
            "best_guess": None,
        },
        "failure_description": {
            "summary": f"{tests[0]} failed: {message}",
            "details": message,
            "error_message": message,
            "stack_trace": f"  {file}:{number % 300 + 1} in load_{number}\n{message}",
            "logs_url": None,
        },
        "learning": {
            "lessons_learned": [],
            "governance_implications": None,
            "fm_evolution_implications": None,
            "propagation_required": None,
            "propagation_status": None,
        },
    }
    owner = OWNERS[COMPONENTS.index(component) % len(OWNERS)]
    is_flaky = subcategory in ("INTEGRATION_TIMING", "INFRA_NETWORK") and chance.random() < 0.7
    return Cause(hash_, record, tests, owner, is_flaky, chance.lognormvariate(-0.5, 1.4))


def _plan(
    chance: Random, builds: list[Build], causes: Sequence[Cause], records: int, end: datetime
) -> None:
    """Spread incidents over the builds until they come to the number of records."""
    by_branch: dict[str, list[int]] = defaultdict(list)
    for at, build in enumerate(builds):
        by_branch[build.branch].append(at)
    # Zipf: the second cause fails half as often as the first, the third a third.
    popular = list(accumulate(1 / (rank + 1) for rank in range(len(causes))))
    planned: list[Incident] = []
    while records > 0:
        incident = _incident(chance, builds, by_branch, chance.choices(
            causes, cum_weights=popular)[0], end)  # fmt: skip
        planned.append(incident)
        records -= len(incident.builds) * len(incident.legs) * len(incident.cause.tests)
    for incident in sorted(planned, key=lambda one: one.builds[0]):
        cause, at = incident.cause, builds[incident.builds[0]].at
        cause.occurrence += 1
        incident.occurrence = cause.occurrence
        if cause.last_at is not None:
            incident.days_since = max(0.0, (at - cause.last_at).total_seconds() / 86_400)
        cause.last_at = builds[incident.builds[-1]].at
        for number in incident.builds:
            builds[number].fails.append(incident)
        if incident.passes_at is not None:
            builds[incident.passes_at].passes.append(incident)


def _incident(
    chance: Random, builds: list[Build], by_branch: dict[str, list[int]], cause: Cause,
    end: datetime,
) -> Incident:  # fmt: skip
    first = chance.randrange(len(builds))
    same = by_branch[builds[first].branch]
    at = bisect_left(same, first)
    length = 1 if cause.is_flaky else 1 + int(chance.expovariate(1 / 3))
    numbers = same[at : at + length]
    follows = same[at + length] if at + length < len(same) else None
    legs = (0, 1) if chance.random() < 0.7 else (chance.randrange(2),)
    incident = Incident(cause, numbers, legs, "OPEN", None, False, timedelta())
    last = builds[numbers[-1]].at
    fate = chance.random()
    ended = last + timedelta(hours=chance.lognormvariate(1.5, 1.2))
    if follows is not None and ended < end:
        incident.passes_at = follows
        if fate < 0.55:
            incident.status, incident.ended_at = "RESOLVED", ended
            if chance.random() < 0.15:
                incident.status = "PREVENTED"
        elif fate < 0.80:
            incident.is_healed, incident.ended_at = True, last + timedelta(hours=24)
    elif fate < 0.4:
        incident.status = "INVESTIGATING"
    incident.wait = timedelta(minutes=chance.lognormvariate(3, 1.3))
    if chance.random() < 0.07:
        incident.owner_before = chance.choice(OWNERS[:-1])
    incident.is_reclassified = chance.random() < 0.04
    return incident


def _step(chance: Random, build: Build, events: bool) -> Step:
    runs: list[tuple[str, dict[str, Any]]] = []
    records: list[dict[str, Any]] = []
    changes: list[Change] = []
    for leg, name in enumerate(LEGS):
        failing = [one for one in build.fails if leg in one.legs]
        made = []
        for incident in failing:
            for nodeid in incident.cause.tests:
                record = _record(chance, build, incident, nodeid, name)
                made.append(record)
                if events:
                    changes += _events(record, incident)
        runs.append(_run(chance, build, failing, made, name, leg))
        records += made
    return Step(runs, records, changes)


def _record(
    chance: Random, build: Build, incident: Incident, nodeid: str, leg: str
) -> dict[str, Any]:
    cause = incident.cause
    at = build.at + timedelta(seconds=round(chance.uniform(5, 500), 3))
    is_first = incident.builds[0] + FIRST_BUILD == int(build.id)
    came_back = incident.days_since is not None and incident.days_since <= 90
    novelty = "REPEAT" if came_back else "NEW" if is_first else "KNOWN"
    severity = cause.record["severity"]
    has_ended = incident.status in ("RESOLVED", "PREVENTED")
    ended = None if incident.ended_at is None else _text(max(incident.ended_at, at))
    owner = cause.owner or ("@on-call" if incident.status != "OPEN" else "")
    prevention: dict[str, list[str]] = {
        "prevention_measures": [],
        "governance_updates": [],
        "precondition_updates": [],
        "test_additions": [],
        "documentation_updates": [],
    }
    if incident.status == "PREVENTED":
        prevention["prevention_measures"] = ["a contract test"]
        prevention["precondition_updates"] = ["contract"]
        prevention["test_additions"] = ["tests/test_contract.py::test_columns"]
    resolution: dict[str, Any] = {
        "resolution_type": "FIX" if has_ended else None,
        "resolution_description": "both names are read" if has_ended else None,
        "resolution_commit": None,
        "resolution_pr": None,
        "resolution_timestamp": ended if has_ended else None,
        "resolved_by": owner if has_ended else None,
    }
    if incident.is_healed:
        resolution["healed_at"] = ended
    passes_again = cause.is_flaky and chance.random() < 0.7
    is_debt = cause.record["subcategory"] == "QA_TEST_DEBT"
    return {
        **cause.record,
        "failure_id": str(UUID(int=chance.getrandbits(128), version=5)),
        "build_id": build.id,
        "timestamp": _text(at),
        "status": incident.status,
        "root_cause": {
            "analysis_status": ANALYSIS[incident.status],
            "root_cause_summary": "a column was renamed" if has_ended else None,
            "contributing_factors": [],
            "why_not_prevented": "nothing looked" if incident.status == "PREVENTED" else None,
        },
        "resolution": resolution,
        "prevention": prevention,
        "repetition_tracking": {
            "is_repeat": came_back,
            "previous_occurrence_ids": [],
            "repeat_count": incident.occurrence - 1 if came_back else 0,
            "days_since_last_occurrence": int(incident.days_since or 0) if came_back else None,
        },
        "metadata": {
            "reporter": "pytest-failtrack 0.1.0",
            "owner": owner or None,
            "priority": PRIORITIES[severity],
            "sla_resolution_target": _text(at + timedelta(hours=SLA_HOURS[severity])),
            "tags": [],
        },
        "test": {
            "nodeid": nodeid,
            "when": "call",
            "outcome": "debt" if is_debt else "flaky" if passes_again else "failed",
            "attempt": 1,
            "worker": None,
            "duration_seconds": round(cause.seconds * chance.uniform(0.7, 1.6), 6),
            "cause_id": cause.hash,
        },
        "escalation": {
            "occurrence": incident.occurrence,
            "novelty": novelty,
            "tier": min(2, incident.occurrence - 1),
            "notify": ["code_author"],
            "sla_source": "severity",
        },
        "environment": {
            "python": leg[2:].partition("-")[0],
            "platform": "linux",
            "pytest": "9.0.0",
            "run_url": None,
            "commit": build.commit,
            "branch": build.branch,
            "pr": None if build.branch == "main" else build.branch.rpartition("/")[2],
            "leg": leg,
            "build_attempt": 1,
        },
    }


def _events(record: dict[str, Any], incident: Incident) -> Iterator[Change]:
    captured = datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00"))
    failure_id, owner = record["failure_id"], record["metadata"]["owner"]

    def event(action: str, at: datetime, before: dict[str, Any], after: dict[str, Any]) -> Change:
        by = owner or "ci"
        return make_change(failure_id, action=action, by=by, at=at, before=before, after=after)

    at = captured + incident.wait
    if incident.owner_before and incident.owner_before != owner:
        moved = ({"metadata.owner": incident.owner_before}, {"metadata.owner": owner})
        yield event("assign", at, *moved)
    if incident.is_reclassified:
        yield event("reclassify", at, {"severity": "LOW"}, {"severity": record["severity"]})
    if incident.status != "OPEN":
        yield event("investigate", at, {"status": "OPEN"}, {"status": "INVESTIGATING"})
    if incident.status in ("RESOLVED", "PREVENTED"):
        ended = max(incident.ended_at or at, at)
        yield event("resolve", ended, {"status": "INVESTIGATING"}, {"status": "RESOLVED"})


def _run(
    chance: Random,
    build: Build,
    failing: Sequence[Incident],
    records: Sequence[dict[str, Any]],
    leg: str,
    place: int,
) -> tuple[str, dict[str, Any]]:
    document_id = f"{build.id}.{chance.getrandbits(32):08x}"
    outcomes = [one["test"]["outcome"] for one in records]
    flaky, failed = outcomes.count("flaky"), outcomes.count("failed")
    names = "collected errors skipped xfailed xpassed rerun deselected crashed"
    passed = {nodeid: "passed" for one in build.passes if place in one.legs
              for nodeid in one.cause.tests}  # fmt: skip
    run = {
        "schema_version": "1.0",
        "document_id": document_id,
        "run_id": build.id,
        "build_id": build.id,
        "build_attempt": 1,
        "source": "pytest",
        "workflow": "shop",
        "job": "tests",
        "step": "pytest",
        "leg": leg,
        "started_at": _text(build.at),
        "finished_at": _text(build.at + timedelta(minutes=chance.lognormvariate(2.4, 0.4))),
        "exit_status": 1 if failed else 0,
        "is_complete": True,
        "ended": "finished",
        "signal": None,
        "command": "pytest --failtrack",
        "totals": {
            **dict.fromkeys(names.split(), 0),
            "collected": 4_000,
            "passed": 4_000 - failed,
            "failed": failed,
            "flaky": flaky,
        },
        "failures": len(records),
        "files": {},
        "outcomes": passed | {one["test"]["nodeid"]: one["test"]["outcome"] for one in records},
        "causes": [{"cause_id": one.cause.hash} for one in failing],
        "debt": {"counts": {}, "without_reason": 0, "expired": 0, "items": []},
        "records": [one["failure_id"] for one in records],
        "records_digest": "0" * 64,
        "lost_workers": 0,
        "internal_errors": 0,
        "reopened": [],
        "environment": {"branch": build.branch, "commit": build.commit},
        "generator": "pytest-failtrack 0.1.0",
        "problems": [],
    }
    return f"{document_id}.json", run


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main() -> None:
    """Write a history into an SQLite file and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.perf_counter()
    steps = generate(options.records, seed=options.seed, days=options.days)
    count = fill_sqlite(options.path, steps)
    seconds = time.perf_counter() - started
    size = Path(options.path).stat().st_size / 2**20
    print(f"{count:,} records in {seconds:.0f} s, {size:.0f} MiB")


if __name__ == "__main__":
    main()
