"""Observations, records and run documents that the tests of record and history start from."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.record.build import RunFacts, build_record, to_json, validate
from pytest_failtrack.record.repeat import Earlier
from pytest_failtrack.record.times import time_text
from pytest_failtrack.signature.signature import sign

NOW = datetime(2026, 11, 21, 14, 10, tzinfo=timezone.utc)

FRAMES = (
    Frame("tests/test_orders.py", 12, "test_total", is_project=True, is_test=True),
    Frame("src/shop/orders.py", 88, "build_order", is_project=True),
)
OBSERVATION = Observation(
    source="pytest",
    when="call",
    nodeid="tests/test_orders.py::test_total",
    outcome="failed",
    exceptions=(Raised("KeyError", "'customer_id'", FRAMES),),
    file="src/shop/orders.py",
    line=88,
    text="    def build_order(row):\n>       row['customer_id']\nE       KeyError: 'customer_id'\n",
    captured={"stdout": "loading\n"},
    duration_seconds=0.25,
    timestamp="2026-11-21T14:10:00+00:00",
    markers=("slow",),
)
CLASSIFICATION = Classification(
    category="INTEGRATION",
    subcategory="INTEGRATION_DATA_MISMATCH",
    failure_type="integration_test_failure",
    severity="HIGH",
    confidence=0.6,
    match_type="regex",
    catalog_entry_id="data-mismatch",
    is_retryable=False,
    recovery_mode="MANUAL_FIX",
    recovery_suggestion="look at the data",
    reasons=("a KeyError in project code",),
    best_guess="",
)
RUN = RunFacts(build_id="100", reporter="pytest-failtrack 0.1.0", branch="main", python="3.11.7")


def days_ago(days: float) -> datetime:
    """Return a moment before NOW."""
    return NOW - timedelta(days=days)


def record(
    *,
    build: str = "100",
    at: datetime = NOW,
    run: RunFacts = RUN,
    hash_: str = "",
    status: str = "OPEN",
    classification: Classification = CLASSIFICATION,
    **observed: Any,
) -> dict[str, Any]:
    """Return a valid record; fields of the observation can be given by name."""
    observation = replace(OBSERVATION, timestamp=time_text(at), **observed)
    signature = sign(observation, workflow="CI", job="Tests", step="pytest")
    if hash_:
        signature = replace(signature, hash=hash_)
    made = build_record(observation, signature, classification, run=replace(run, build_id=build))
    return with_status(made, status)


def with_status(made: dict[str, Any], status: str) -> dict[str, Any]:
    """Return a copy that has everything that a status demands."""
    made = copy.deepcopy(made)
    made["status"] = status
    if status != "OPEN":
        made["root_cause"]["analysis_status"] = "COMPLETE"
        made["metadata"]["owner"] = "@shop-team"
    if status in ("RESOLVED", "PREVENTED"):
        made["root_cause"]["root_cause_summary"] = "the export renamed a column"
        made["resolution"].update(
            resolution_type="FIX",
            resolution_description="read both names",
            resolution_timestamp="2026-11-20T10:00:00Z",
            resolved_by="ada",
        )
    if status == "PREVENTED":
        made["root_cause"]["why_not_prevented"] = "no contract test"
        made["prevention"].update(
            prevention_measures=["contract test of the export"],
            test_additions=["tests/test_contract.py::test_columns"],
        )
    return made


def content(made: dict[str, Any]) -> bytes:
    """Return the bytes of a record's file."""
    return to_json(validate(made))


def run_document(**changes: Any) -> dict[str, Any]:
    """Return a valid run document of a green run; top-level fields can be given by name."""
    names = "collected passed failed errors skipped xfailed xpassed rerun flaky deselected crashed"
    document: dict[str, Any] = {
        "schema_version": "1.0",
        "document_id": "100.0123abcd",
        "run_id": "100",
        "build_id": "100",
        "build_attempt": 1,
        "source": "pytest",
        "workflow": "CI",
        "job": "Tests",
        "step": "pytest",
        "leg": None,
        "started_at": "2026-11-21T14:00:00Z",
        "finished_at": "2026-11-21T14:10:00Z",
        "exit_status": 0,
        "is_complete": True,
        "ended": "finished",
        "signal": None,
        "command": "pytest --failtrack",
        "totals": dict.fromkeys(names.split(), 0),
        "failures": 0,
        "files": {"tests/test_orders.py": {"passed": 3}},
        "outcomes": {},
        "causes": [],
        "debt": {"counts": {"skip": 1}, "without_reason": 0, "expired": 0, "items": []},
        "records": [],
        "records_digest": "0" * 64,
        "lost_workers": 0,
        "internal_errors": 0,
        "reopened": [],
        "environment": {"branch": "main"},
        "generator": "pytest-failtrack 0.1.0",
        "problems": [],
    }
    return document | changes


def earlier(**changes: Any) -> Earlier:
    """Return an earlier failure of ten days ago, of the sample's cause."""
    values: dict[str, Any] = {
        "failure_id": "00000000-0000-5000-8000-000000000001",
        "build_id": "90",
        "timestamp": days_ago(10),
        "category": "INTEGRATION",
        "subcategory": "INTEGRATION_DATA_MISMATCH",
        "component": "orders",
        "file_path": "src/shop/orders.py",
        "hash": "9c41d07be2a5",
        "token": "KeyError: 'customer_id' @ src/shop/orders.py:build_order",
        "branch": "main",
    }
    return Earlier(**values | changes)
