"""What `list`, `show` and `rerun` read: the evidence, made into causes and a digest again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.sinks.json_digest import cause_from_json

Document = Mapping[str, Any]

BUILDS_NAMED = 5
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
NOVELTIES = ("NEW", "FIRST", "REPEAT", "KNOWN")
DEBT_OUTCOMES = {"debt", "expired"}
FLAKY_OUTCOMES = {"flaky", "rerun"}


@dataclass(frozen=True)
class Evidence:
    """Everything that lies in the evidence folder and beside it.

    Args:
        records: Records, the oldest first.
        runs: Run documents, the oldest first.
    """

    records: tuple[Document, ...] = ()
    runs: tuple[Document, ...] = ()


def load_digest(settings: Settings, build: str | None = None) -> Digest:
    """Return what one build comes to, of all its runs.

    Args:
        settings: Where the evidence lies, and the CI's build.
        build: Build id; by default the CI's if it has evidence, else the newest.

    Raises:
        EvidenceError: There is no evidence, or a file of it cannot be used.
        InputError: The build that was asked for has none.
    """
    return digest_of(read_evidence(settings), settings, build)


def read_evidence(settings: Settings) -> Evidence:
    """Return all records and run documents.

    Raises:
        EvidenceError: A file cannot be used; it is named.
    """
    records = sorted(_documents(settings.evidence_dir), key=lambda one: str(one["timestamp"]))
    runs = sorted(_documents(settings.runs_dir), key=_moment_of_run)
    return Evidence(tuple(records), tuple(runs))


def _documents(folder: Path) -> Iterable[Document]:
    for path in sorted(folder.glob("*.json")):
        try:
            yield json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise EvidenceError(f"{path} cannot be read: {error}") from error


def digest_of(evidence: Evidence, settings: Settings, build: str | None = None) -> Digest:
    """Return the digest of one build; see `load_digest`."""
    build = chosen_build(evidence, settings, build)
    runs = newest_attempts(run for run in evidence.runs if run["build_id"] == build)
    causes = merged(cause_from_json(one) for run in runs for one in run["causes"])
    records = records_of_build(evidence, build)
    if not runs:
        causes = causes_of_records(records)
    last: Document = runs[-1] if runs else {}
    environment = last.get("environment") or {}
    statuses = [run["exit_status"] for run in runs]
    return Digest(
        build_id=build,
        workflow=last.get("workflow") or "",
        job=_shared(runs, "job"),
        step=_shared(runs, "step"),
        leg=_shared(runs, "leg"),
        run_url=environment.get("run_url") or "",
        commit=environment.get("commit") or "",
        branch=environment.get("branch") or "",
        exit_status=next((one for one in statuses if one), statuses[-1] if statuses else None),
        is_complete=all(run["is_complete"] for run in runs),
        totals=_added(run["totals"] for run in runs),
        causes=causes,
        debt=DebtSummary(
            counts=_added(run["debt"]["counts"] for run in runs),
            without_reason=sum(run["debt"]["without_reason"] for run in runs),
            expired=sum(run["debt"]["expired"] for run in runs),
        ),
        records=len(records),
        evidence_dir=shown_path(settings.evidence_dir, settings.root),
        problems=tuple(problem for run in runs for problem in run["problems"]),
    )


def chosen_build(evidence: Evidence, settings: Settings, build: str | None = None) -> str:
    """Return the build that a command is about; see `load_digest`."""
    known = known_builds(evidence)
    if not known:
        raise EvidenceError(
            f"{settings.evidence_dir} holds no records and {settings.runs_dir} no run documents; "
            "run `pytest --failtrack` first, or name the folder with --dir",
            slug="evidence-none",
        )
    if build and build not in known:
        newest = ", ".join(reversed(known[-BUILDS_NAMED:]))
        raise InputError(f"no run or record of build {build!r} was found; newest builds: {newest}")
    return build or (settings.build if settings.build in known else known[-1])


def known_builds(evidence: Evidence) -> list[str]:
    """Return build ids, the newest last; builds that have a run document come after the others."""
    seen = dict.fromkeys(str(one["build_id"]) for one in evidence.records)
    for run in evidence.runs:
        seen.pop(str(run["build_id"]), None)
        seen[str(run["build_id"])] = None
    return list(seen)


def newest_attempts(runs: Iterable[Document]) -> list[Document]:
    """Return the runs of one build without those that a later attempt of the same job replaces.

    Two runs of one job in the same attempt both count: unit tests, then integration tests.
    """
    found = list(runs)
    newest: dict[tuple[Any, ...], int] = {}
    for run in found:
        newest[_post(run)] = max(newest.get(_post(run), 0), run["build_attempt"])
    return [run for run in found if run["build_attempt"] == newest[_post(run)]]


def records_of_build(evidence: Evidence, build: str) -> list[Document]:
    """Return the records of a build; those of replaced attempts are left out."""
    runs = [run for run in evidence.runs if run["build_id"] == build]
    kept = {name for run in newest_attempts(runs) for name in run["records"]}
    replaced = {name for run in runs for name in run["records"]} - kept
    return [
        one
        for one in evidence.records
        if one["build_id"] == build and one["failure_id"] not in replaced
    ]


def causes_of_records(records: Iterable[Document]) -> tuple[Cause, ...]:
    """Return the causes of records alone, for builds whose run documents are missing."""
    return merged(_cause_of_record(one) for one in records)


def merged(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return one cause for each key, the most important first.

    The same cause in two legs of a matrix is one cause with the failures of both.
    """
    by_key: dict[tuple[str, bool, bool], list[Cause]] = {}
    for one in causes:
        by_key.setdefault((one.key, one.is_debt, one.is_flaky), []).append(one)
    together = [_together(parts) for parts in by_key.values()]
    return tuple(sorted(together, key=importance))


def importance(cause: Cause) -> tuple[int, ...]:
    """Return the sort key of a cause: failures before flaky tests before debt, ours before
    the infrastructure's, new before repeated before known, severe and frequent ones first."""
    return (
        cause.is_debt,
        cause.is_flaky,
        cause.is_infra,
        _rank(NOVELTIES, cause.novelty),
        _rank(SEVERITIES, cause.severity),
        -cause.failures,
    )


def shown_path(path: Path, root: Path) -> str:
    """Return a path as people write it: relative to the root where it lies under it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _together(parts: Sequence[Cause]) -> Cause:
    if len(parts) == 1:
        return parts[0]
    nodeids = tuple(dict.fromkeys(name for one in parts for name in one.nodeids))
    return replace(
        parts[0],
        severity=min((one.severity for one in parts), key=lambda word: _rank(SEVERITIES, word)),
        occurrence=max(one.occurrence for one in parts),
        tier=max(one.tier for one in parts),
        notify=tuple(dict.fromkeys(role for one in parts for role in one.notify)),
        due=min((one.due for one in parts if one.due), default=None),
        failures=sum(one.failures for one in parts),
        tests=max(len(nodeids), *(one.tests for one in parts)),
        nodeids=nodeids,
        record_ids=tuple(dict.fromkeys(name for one in parts for name in one.record_ids)),
    )


def _cause_of_record(record: Document) -> Cause:
    classification, escalation = record["classification"], record["escalation"]
    repetition, metadata, test = (
        record["repetition_tracking"],
        record["metadata"],
        record["test"],
    )
    nodeid = test["nodeid"]
    is_open = record["status"] in ("OPEN", "INVESTIGATING")
    return Cause(
        cause_id=record["signature"]["hash"],
        key=record["signature"]["key"],
        headline=record["failure_description"]["summary"],
        novelty=escalation["novelty"],
        occurrence=escalation["occurrence"],
        days_since_last=repetition["days_since_last_occurrence"],
        category=record["category"],
        subcategory=record["subcategory"],
        failure_type=classification["failure_type"],
        severity=record["severity"],
        phase=record["context"]["phase"],
        is_retryable=classification["is_retryable"],
        recovery=classification["recovery_suggestion"] or "",
        owner=metadata["owner"] or "",
        file=record["context"]["file_path"] or "",
        line=record["context"]["line_number"],
        due=_time(metadata["sla_resolution_target"]) if is_open else None,
        sla_source=escalation["sla_source"] or "",
        tier=escalation["tier"],
        notify=tuple(escalation["notify"]),
        failures=1,
        tests=1 if nodeid else 0,
        nodeids=(nodeid,) if nodeid else (),
        record_ids=(record["failure_id"],),
        is_flaky=test["outcome"] in FLAKY_OUTCOMES,
        is_debt=test["outcome"] in DEBT_OUTCOMES,
    )


def _moment_of_run(run: Document) -> tuple[str, str]:
    return str(run["finished_at"] or run["started_at"]), str(run["document_id"])


def _post(run: Document) -> tuple[Any, ...]:
    return tuple(run[name] for name in ("workflow", "job", "step", "leg"))


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            total[name] = total.get(name, 0) + number
    return total


def _shared(runs: Sequence[Document], name: str) -> str:
    values = {run[name] or "" for run in runs}
    return str(values.pop()) if len(values) == 1 else ""


def _rank(words: Sequence[str], word: str) -> int:
    return words.index(word) if word in words else len(words)


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
