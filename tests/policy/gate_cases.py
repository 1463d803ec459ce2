"""Records and run documents of one build, for the tests of the gate; made by the real builder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.case import Case, make_case
from pytest_failtrack.policy.gate import judge
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.policy.verdict import RuleOutcome, Verdict
from pytest_failtrack.record.build import Assignment, RunFacts, build_record
from pytest_failtrack.record.repeat import Repetition
from pytest_failtrack.signature.signature import Signature

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
MATRIX = load_matrix()
BUILD = "build-7"

Document = dict[str, Any]


def a_record(
    cause: str = "tax",
    *,
    novelty: str = "NEW",
    occurrence: int = 1,
    failure_type: str = "test_failure",
    category: str = "ARCHITECTURE",
    subcategory: str = "ARCHITECTURE_DRIFT",
    severity: str = "HIGH",
    outcome: str = "failed",
    nodeid: str = "",
    file: str = "src/shop/tax.py",
    text: str = "",
    markers: tuple[str, ...] = (),
    due: str = "2026-11-22T12:00:00Z",
    attempt: int = 1,
    leg: str = "",
) -> Document:
    """Return the record of one failure of a cause."""
    observation = Observation(
        source="pytest",
        when="call",
        nodeid=nodeid or f"tests/test_{cause}.py::test_{cause}",
        outcome=outcome,
        file=file,
        line=31,
        text=text or f"E   ValueError: {cause}",
        timestamp="2026-11-21T11:00:00Z",
        attempt=attempt,
        markers=markers,
    )
    digits = hashlib.sha256(cause.encode()).hexdigest()[:12]
    return build_record(
        observation,
        Signature("CI", "tests", "pytest", cause, digits, 1),
        Classification(
            category=category,
            subcategory=subcategory,
            failure_type=failure_type,
            severity=severity,
            confidence=0.9,
            match_type="catalog",
            catalog_entry_id="",
            is_retryable=False,
            recovery_mode="",
            recovery_suggestion="",
            reasons=(),
        ),
        run=RunFacts(build_id=BUILD, leg=leg),
        repetition=Repetition(novelty=novelty, occurrence=occurrence),
        assignment=Assignment(owner="@shop-team", sla_resolution_target=due),
    )


def infra(cause: str = "database", **changes: Any) -> Document:
    """Return the record of a failure that lies in the infrastructure."""
    values = {
        "category": "INFRA",
        "subcategory": "INFRA_NETWORK",
        "failure_type": "database_connectivity",
        "file": "src/shop/db.py",
    }
    return a_record(cause, **{**values, **changes})


def debt(cause: str = "skip", outcome: str = "debt", **changes: Any) -> Document:
    """Return the finding about a skip without a reason, or past its date."""
    is_expired = outcome == "expired"
    values = {
        "category": "GOVERNANCE" if is_expired else "QA",
        "subcategory": "GOVERNANCE_EXCEPTION_EXPIRED" if is_expired else "QA_TEST_DEBT",
        "failure_type": "test_debt",
        "severity": "LOW",
        "outcome": outcome,
    }
    return a_record(cause, **{**values, **changes})


def a_run(records: Iterable[Document] = (), document_id: str = "", **changes: Any) -> Document:
    """Return the run document of a run that lists these records."""
    records = list(records)
    ids = [one["failure_id"] for one in records]
    leg = changes.get("leg", "")
    lifted = ("flaky", "debt", "expired")
    is_red = any(one["test"]["outcome"] not in lifted for one in records)
    document = {
        "document_id": document_id or f"run-{leg or 'only'}-{changes.get('build_attempt', 1)}",
        "build_id": BUILD,
        "build_attempt": 1,
        "source": "pytest",
        "workflow": "CI",
        "job": "tests",
        "step": "pytest",
        "leg": leg,
        "exit_status": 1 if is_red else 0,
        "is_complete": True,
        "ended": "finished",
        "signal": "",
        "records": ids,
        "lost_workers": 0,
        "internal_errors": 0,
        "debt": {"counts": {}, "without_reason": 0, "expired": 0, "items": []},
        "totals": {"passed": 10},
        "environment": {},
        "problems": [],
    }
    return {**document, **changes}


def debt_census(*reasons: str, kind: str = "skip", expired: int = 0) -> Document:
    """Return the debt of a run: one item for each reason given, `` for an item without one."""
    items = [
        {"kind": kind, "nodeid": f"tests/test_x.py::test_{n}", "file": "tests/test_x.py",
         "line": n, "reason": reason, "owner": "", "ticket": "", "until": ""}
        for n, reason in enumerate(reasons)
    ]  # fmt: skip
    return {
        "counts": {kind: len(items)},
        "without_reason": sum(not reason for reason in reasons),
        "expired": expired,
        "items": items,
    }


def a_case(
    *records: Document,
    broken: Iterable[str] = (),
    signed: Mapping[str, Iterable[str]] | None = None,
    **run: Any,
) -> Case:
    """Return the case of a build with one run that lists all the records."""
    return make_case(BUILD, [a_run(records, **run)], records, broken, signed)


def verdict_on(case: Case, gate: Document | None = None, auth: Document | None = None) -> Verdict:
    """Return the verdict by the rules that a project states."""
    return judge(case, gate_rules(gate, auth), MATRIX, NOW)


def rule(verdict: Verdict, name: str) -> RuleOutcome:
    """Return the outcome of one rule."""
    return next(one for one in verdict.rules if one.name == name)
