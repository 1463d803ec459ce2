"""Builds a record out of what the earlier stages say, and turns it into checked bytes.

Called by the pipeline once a failure; nothing here imports pydantic-core until `validate` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.identity import failure_id, kind_of
from pytest_failtrack.record.repeat import Repetition
from pytest_failtrack.record.text import (
    clean,
    details_of,
    error_message_of,
    stack_trace_of,
    summary_of,
)
from pytest_failtrack.record.times import parse_time, time_text
from pytest_failtrack.record.verify import validated

if TYPE_CHECKING:
    from pytest_failtrack.classify.classify import Classification
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.signature.signature import Signature

__all__ = [
    "Assignment",
    "RunFacts",
    "build_record",
    "failure_id",
    "failure_id_of",
    "kind_of",
    "to_json",
    "validate",
]

SCHEMA_VERSION = "1.0"

# S0-97, C-13.
PRIORITY_BY_SEVERITY = {"CRITICAL": "P0", "HIGH": "P1", "MEDIUM": "P2", "LOW": "P3"}

NODEID_MAX_CHARS = 2_000


@frozen
class RunFacts:
    """What all records of one run share.

    Args:
        build_id: Build that the run belongs to.
        reporter: Who reports, such as `pytest-failtrack 0.1.0`.
        leg: Leg of the matrix, ``.
        build_attempt: Attempt of the build, from 1.
        run_url: Link to the run; it is `logs_url` too.
        commit: Commit SHA, ``.
        branch: Branch, ``.
        pr: Number of the pull request, ``.
        python: Version of Python, ``.
        platform: Name of the platform, such as `linux`, ``.
        pytest: Version of pytest, `` for a command.
        tags: Tags of every record of the run (S0-99).
    """

    build_id: str
    reporter: str = "pytest-failtrack"
    leg: str = ""
    build_attempt: int = 1
    run_url: str = ""
    commit: str = ""
    branch: str = ""
    pr: str = ""
    python: str = ""
    platform: str = ""
    pytest: str = ""
    tags: tuple[str, ...] = ()


@frozen
class Assignment:
    """What policy says of one failure; the policy stage is to the right, so it comes as a value.

    Args:
        severity: Severity after policy; `` leaves the classification's.
        owner: Who it belongs to, `` when nobody could be found.
        sla_resolution_target: Deadline as ISO 8601 text in UTC, ``.
        sla_source: `severity` or `failure_type`: which of the two ruled (C-2), ``.
        tier: 0, 1 or 2 (S0-124..126).
        notify: Roles to be told.
    """

    severity: str = ""
    owner: str = ""
    sla_resolution_target: str = ""
    sla_source: str = ""
    tier: int = 0
    notify: tuple[str, ...] = ()


def failure_id_of(observation: Observation, run: RunFacts) -> str:
    """Return the id of an observed failure in a run."""
    return failure_id(
        run.build_id,
        run.leg,
        observation.nodeid,
        kind_of(observation),
        run.build_attempt,
        observation.attempt,
        observation.position,
    )


def build_record(
    observation: Observation,
    signature: Signature,
    classification: Classification,
    *,
    run: RunFacts,
    phase: str = "TESTING",
    component: str = "",
    repetition: Repetition | None = None,
    assignment: Assignment | None = None,
    tags: Iterable[str] = (),
    cause_id: str = "",
) -> dict[str, Any]:
    """Return the record of one failure as plain JSON values, every key of it present (C-9).

    Args:
        observation: What was seen.
        signature: Which failure it is.
        classification: What kind it is.
        run: What all records of the run share.
        phase: Phase by C-7.
        component: Affected component; the observation's own when it is ``.
        repetition: What is known of earlier occurrences; None when nothing was looked up.
        assignment: Owner, deadline and escalation; None leaves them empty.
        tags: Tags of this record beside the run's and the test's markers.
    """
    repetition = repetition or Repetition()
    assignment = assignment or Assignment()
    severity = assignment.severity or classification.severity
    return {
        "schema_version": SCHEMA_VERSION,
        "failure_id": failure_id_of(observation, run),
        "build_id": clean(run.build_id),
        "timestamp": _utc(observation.timestamp),
        "category": classification.category,
        "subcategory": classification.subcategory,
        "severity": severity,
        "status": "OPEN",
        "failure_description": {
            "summary": summary_of(observation),
            "details": details_of(observation),
            "error_message": error_message_of(observation),
            "stack_trace": stack_trace_of(observation) or None,
            "logs_url": run.run_url or None,
        },
        "context": {
            "phase": phase,
            "component": clean(component or observation.component) or None,
            "file_path": clean(observation.file) or None,
            "line_number": observation.line,
        },
        "root_cause": {
            "analysis_status": "PENDING",
            "root_cause_summary": None,
            "contributing_factors": [],
            "why_not_prevented": None,
        },
        "resolution": {
            "resolution_type": None,
            "resolution_description": None,
            "resolution_commit": None,
            "resolution_pr": None,
            "resolution_timestamp": None,
            "resolved_by": None,
        },
        "prevention": {
            "prevention_measures": [],
            "governance_updates": [],
            "precondition_updates": [],
            "test_additions": [],
            "documentation_updates": [],
        },
        "repetition_tracking": {
            "is_repeat": repetition.is_repeat,
            "previous_occurrence_ids": list(repetition.previous_occurrence_ids),
            "repeat_count": repetition.repeat_count,
            "days_since_last_occurrence": repetition.days_since_last_occurrence,
        },
        "learning": {
            "lessons_learned": [],
            "governance_implications": None,
            "fm_evolution_implications": None,
            "propagation_required": None,
            "propagation_status": None,
        },
        "metadata": {
            "reporter": run.reporter,
            "owner": assignment.owner or None,
            "priority": PRIORITY_BY_SEVERITY.get(severity, "P2"),
            "sla_resolution_target": assignment.sla_resolution_target or None,
            "tags": _tags(run.tags, observation.markers, tags),
        },
        "signature": {
            "hash": signature.hash,
            "key": clean(signature.key),
            "workflow": clean(signature.workflow),
            "job": clean(signature.job),
            "step": clean(signature.step),
            "token": clean(signature.token),
            "version": signature.version,
            "aliases": list(signature.aliases),
        },
        "classification": {
            "failure_type": classification.failure_type,
            "match_type": classification.match_type,
            "confidence": classification.confidence,
            "catalog_entry_id": classification.catalog_entry_id or None,
            "is_retryable": classification.is_retryable,
            "recovery_mode": classification.recovery_mode or None,
            "recovery_suggestion": clean(classification.recovery_suggestion) or None,
            "reasons": [clean(one) for one in classification.reasons],
            "best_guess": classification.best_guess or None,
        },
        "test": {
            "nodeid": clean(observation.nodeid[:NODEID_MAX_CHARS]),
            "when": observation.when,
            "outcome": observation.outcome,
            "attempt": observation.attempt,
            "worker": observation.worker or None,
            "duration_seconds": round(observation.duration_seconds, 6),
            "cause_id": cause_id or signature.hash,
        },
        "escalation": {
            "occurrence": repetition.occurrence,
            "novelty": repetition.novelty,
            "tier": assignment.tier,
            "notify": list(assignment.notify),
            "sla_source": assignment.sla_source or None,
        },
        "environment": {
            "python": run.python or None,
            "platform": run.platform or None,
            "pytest": run.pytest or None,
            "run_url": run.run_url or None,
            "commit": run.commit or None,
            "branch": clean(run.branch) or None,
            "pr": run.pr or None,
            "leg": clean(run.leg) or None,
            "build_attempt": run.build_attempt,
        },
    }


def validate(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record as checked plain values.

    Raises:
        EvidenceError: The record is not valid; the first field that is wrong is named.
    """
    return validated("record", record)


def to_json(document: Mapping[str, Any]) -> bytes:
    """Return a checked record or run document as the bytes of its file.

    One space of indentation: every value is on a line of its own, so that a diff of committed
    evidence can be read, for 300 bytes a record more than none.

    Raises:
        EvidenceError: A text of it cannot be written as UTF-8.
    """
    import pydantic_core

    try:
        return pydantic_core.to_json(document, indent=1) + b"\n"
    except ValueError as error:
        raise EvidenceError(f"a document cannot be written: {error}") from error


def _utc(text: str) -> str:
    return time_text(parse_time(text))


def _tags(*sources: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(clean(tag) for source in sources for tag in source if tag))
