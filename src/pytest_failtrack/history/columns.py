"""What is kept of a record and of a run, column by column; rows.py puts it into the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.record.error_code import error_code_of
from pytest_failtrack.record.times import parse_time

Row = tuple[Any, ...]

RECORD_COLUMNS = (
    *("tenant_id", "failure_id", "size", "mtime_ns", "build_id", "build_attempt", "occurred_at"),
    *("category", "subcategory", "severity", "failure_type", "error_code", "phase", "component"),
    *("file_path", "nodeid", "outcome", "attempt", "duration_seconds", "hash", "cause_id"),
    *("workflow", "job", "step", "leg", "branch", "lane", "revision", "pr", "confidence"),
    *("match_type", "catalog_entry_id", "is_retryable", "recovery_mode", "novelty", "occurrence"),
    *("is_repeat", "tier", "status", "analysis_status", "owner", "priority", "due_at"),
    *("sla_source", "is_healed", "healed_at", "resolved_at", "resolution_type", "resolved_by"),
    *("measures", "governance_updates", "preconditions", "test_additions"),
)
# What is edited in a record's life; all else was captured and stays.
LIFE_COLUMNS = (
    *("category", "subcategory", "severity", "tier", "is_repeat", "status", "analysis_status"),
    *("owner", "priority", "due_at", "sla_source", "is_healed", "healed_at", "resolved_at"),
    *("resolution_type", "resolved_by", "measures", "governance_updates", "preconditions"),
    "test_additions",
)
RUN_COLUMNS = (
    *("tenant_id", "name", "size", "mtime_ns", "build_id", "source", "revision", "workflow"),
    *("job", "leg", "branch", "started_at", "finished_at", "exit_status", "is_complete"),
    *("collected", "passed", "failed", "errors", "skipped", "flaky", "causes", "is_recovered"),
)
MATCH_COLUMNS = (
    *("id", "run_id", "tenant_id", "error_code", "error_message", "catalog_entry_id"),
    *("match_type", "confidence_score", "category", "severity", "is_retryable", "recovery_mode"),
    *("recovery_suggestion", "skill_id", "step_index", "context", "created_at"),
)
CHANGE_COLUMNS = (
    *("tenant_id", "event_id", "failure_id", "at", "actor", "action", "before", "after"),
    "document",
)
TIMES = frozenset(
    {"occurred_at", "due_at", "healed_at", "resolved_at", "started_at", "finished_at"}
    | {"created_at", "passed_at", "last_at", "at"}
)
NUL = "\\u0000"
"""As JSON spells it."""
_SURROGATES = lazily("[\ud800-\udfff]")
PHASES = ("AUTHORIZATION", "COMPILATION", "TESTING", "INTEGRATION", "DEPLOYMENT")


def lane(branch: str, workflow: str, job: str, leg: str) -> str:
    """Return where a run took place: a pass ends a failure of the same lane only."""
    return "\x1f".join((branch, workflow, job, leg))


def placeholders(columns: tuple[str, ...]) -> str:
    """Return `?, to_timestamp(?), ...`, one for each column."""
    return ", ".join("to_timestamp(?)" if one in TIMES else "?" for one in columns)


def record_row(
    data: Mapping[str, Any], tenant: str, size: int | None = None, mtime_ns: int | None = None
) -> Row:
    """Return the row of a record, in the order of `RECORD_COLUMNS`.

    Args:
        data: The whole record.
        tenant: Slug of the repository.
        size: Size of its file in bytes, None where it is in no file.
        mtime_ns: When its file was written.
    """
    context, signature, environment = data["context"], data["signature"], data["environment"]
    kind, test, escalation = data["classification"], data["test"], data["escalation"]
    resolution, metadata, prevention = data["resolution"], data["metadata"], data["prevention"]
    branch, leg = environment["branch"] or "", environment["leg"] or ""
    workflow, job = signature["workflow"], signature["job"]
    healed_at = resolution.get("healed_at")
    return (
        tenant,
        data["failure_id"],
        size,
        mtime_ns,
        data["build_id"],
        environment["build_attempt"],
        seconds(data["timestamp"]),
        data["category"],
        data["subcategory"],
        data["severity"],
        kind["failure_type"],
        error_code_of(data),
        context["phase"],
        context["component"] or "",
        context["file_path"] or "",
        test["nodeid"],
        test["outcome"],
        test["attempt"],
        float(test["duration_seconds"]),
        signature["hash"],
        test["cause_id"],
        workflow,
        job,
        signature["step"],
        leg,
        branch,
        lane(branch, workflow, job, leg),
        environment["commit"] or "",
        environment["pr"] or "",
        float(kind["confidence"]),
        kind["match_type"],
        kind["catalog_entry_id"] or "",
        kind["is_retryable"],
        kind["recovery_mode"] or "",
        escalation["novelty"],
        escalation["occurrence"],
        data["repetition_tracking"]["is_repeat"],
        escalation["tier"],
        data["status"],
        data["root_cause"]["analysis_status"],
        metadata["owner"] or "",
        metadata["priority"],
        seconds(metadata["sla_resolution_target"]),
        escalation["sla_source"] or "",
        bool(healed_at),
        seconds(healed_at),
        seconds(resolution["resolution_timestamp"]),
        resolution["resolution_type"] or "",
        resolution["resolved_by"] or "",
        len(prevention["prevention_measures"]),
        len(prevention["governance_updates"]),
        len(prevention["precondition_updates"]),
        len(prevention["test_additions"]),
    )


def match_row(data: Mapping[str, Any], tenant: str) -> Row:
    """Return the row of `failure_matches` of a record, in the order of `MATCH_COLUMNS`."""
    kind, test, context = data["classification"], data["test"], data["context"]
    told = {
        "nodeid": test["nodeid"],
        "hash": data["signature"]["hash"],
        "cause_id": test["cause_id"],
        "phase": context["phase"],
        "when": test["when"],
    }
    return (
        data["failure_id"],
        data["build_id"],
        tenant or None,
        error_code_of(data),
        data["failure_description"]["error_message"],
        kind["catalog_entry_id"],
        kind["match_type"],
        float(kind["confidence"]),
        data["category"],
        data["severity"],
        kind["is_retryable"],
        kind["recovery_mode"],
        kind["recovery_suggestion"],
        "pytest" if data["environment"]["pytest"] else data["signature"]["step"],
        PHASES.index(context["phase"]),
        json_column(told),
        seconds(data["timestamp"]),
    )


def run_row(
    data: Mapping[str, Any],
    name: str,
    tenant: str,
    size: int | None = None,
    mtime_ns: int | None = None,
) -> Row:
    """Return the row of a run document, in the order of `RUN_COLUMNS`.

    Args:
        data: The whole document.
        name: Name of its file.
        tenant: Slug of the repository.
        size: Size of its file in bytes, None where it is in no file.
        mtime_ns: When its file was written.
    """
    environment, totals = data["environment"], data["totals"]
    return (
        tenant,
        name,
        size,
        mtime_ns,
        data["build_id"],
        data["source"],
        str(environment.get("commit") or ""),
        # As signatures spell a name that is missing (C-6).
        data["workflow"] or "?",
        data["job"] or "?",
        data["leg"] or "",
        str(environment.get("branch") or ""),
        seconds(data["started_at"]),
        seconds(data["finished_at"]),
        data["exit_status"],
        data["is_complete"],
        totals["collected"],
        totals["passed"],
        totals["failed"],
        totals["errors"],
        totals["skipped"],
        totals["flaky"],
        len(data["causes"]),
        bool((data.get("retry") or {}).get("recovery_succeeded")),
    )


def pass_rows(data: Mapping[str, Any], name: str, tenant: str) -> list[Row]:
    """Return (tenant, name, node id, lane, moment) of each test that passed with an open record."""
    environment = data["environment"]
    place = lane(
        str(environment.get("branch") or ""),
        data["workflow"] or "?",
        data["job"] or "?",
        data["leg"] or "",
    )
    moment = seconds(data["started_at"])
    return [
        (tenant, name, nodeid, place, moment)
        for nodeid, outcome in data["outcomes"].items()
        if outcome == "passed"
    ]


def json_column(value: Mapping[str, Any]) -> str:
    """Return values as JSON that a column of JSON takes; PostgreSQL's has no place for NUL."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if NUL in text or _SURROGATES.search(text):
        return json.dumps(_cleaned(value), ensure_ascii=False, separators=(",", ":"))
    return text


def _cleaned(value: Any) -> Any:
    from pytest_failtrack.record.text import clean  # with much that a green run does without

    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(name): _cleaned(one) for name, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def seconds(text: str | None) -> float | None:
    """Return a moment of a document in seconds since 1970; None where there is none."""
    return parse_time(text).timestamp() if text else None
