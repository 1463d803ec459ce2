"""A project with evidence, for the tests of the commands that read it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.cli.main import main
from pytest_failtrack.history import evidence, run_file
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.policy.digest import Cause
from pytest_failtrack.record import build
from pytest_failtrack.record.digest import capture_digest, records_digest
from pytest_failtrack.signature.signature import Signature
from pytest_failtrack.sinks.json_digest import cause_to_json

KEY_ERROR = "9c41d07be2a5"
REFUSED = "b7c2904e11fd"
# Variables in which a CI, or the one who runs these tests, could speak to the commands.
SPOKEN_BY_CI = ("GITHUB_", "CI", "GITLAB", "BUILD", "FAILTRACK_", "PYTEST_ADDOPTS", "COLUMNS")
CLASSIFICATION = Classification(
    category="INTEGRATION",
    subcategory="INTEGRATION_DATA_MISMATCH",
    failure_type="integration_test_failure",
    severity="HIGH",
    confidence=0.8,
    match_type="exact",
    catalog_entry_id="data-mismatch",
    is_retryable=False,
    recovery_mode="FIX_CODE",
    recovery_suggestion="Compare the payload with the contract.",
    reasons=("A key is missing.",),
)
TOTALS = [
    "collected",
    "passed",
    "failed",
    "errors",
    "skipped",
    "xfailed",
    "xpassed",
    "rerun",
    "flaky",
    "deselected",
    "crashed",
]


def make_record(
    nodeid: str,
    *,
    cause_id: str = KEY_ERROR,
    build_id: str = "4711",
    at: str = "2026-11-21T10:00:00Z",
    when: str = "call",
    aliases: tuple[str, ...] = (),
    workflow: str = "CI",
    text: str = "E   KeyError: 'customer_id'",
    build_attempt: int = 1,
    message: str = "'customer_id'",
) -> dict[str, Any]:
    """Return a valid record."""
    observation = Observation(
        source="pytest",
        when=when,
        nodeid=nodeid,
        outcome="failed",
        exceptions=(Raised("KeyError", message),),
        file="tests/test_orders.py",
        line=7,
        text=text,
        timestamp=at,
    )
    signature = Signature(workflow, "tests", "pytest", "KeyError", cause_id, aliases=aliases)
    assignment = build.Assignment(owner="@shop-team", notify=("build_owner",))
    run = build.RunFacts(build_id=build_id, build_attempt=build_attempt)
    return build.build_record(
        observation, signature, CLASSIFICATION, run=run, assignment=assignment
    )


def make_cause(records: Sequence[dict[str, Any]], **changes: Any) -> Cause:
    """Return the cause of some records, as a run document lists it."""
    nodeids = tuple(dict.fromkeys(one["test"]["nodeid"] for one in records))
    given = {
        "cause_id": records[0]["signature"]["hash"],
        "key": records[0]["signature"]["key"],
        "headline": "KeyError: 'customer_id'",
        "novelty": "NEW",
        "occurrence": 1,
        "category": "INTEGRATION",
        "subcategory": "INTEGRATION_DATA_MISMATCH",
        "failure_type": "integration_test_failure",
        "severity": "HIGH",
        "owner": "@shop-team",
        "file": "src/shop/orders.py",
        "line": 88,
        "failures": len(records),
        "tests": len(nodeids),
        "nodeids": nodeids,
        "record_ids": tuple(one["failure_id"] for one in records),
    }
    return Cause(**{**given, **changes})


def make_run(
    records: Sequence[dict[str, Any]], causes: Sequence[Cause], **changes: Any
) -> dict[str, Any]:
    """Return a valid run document over some records."""
    document = {
        "schema_version": "1.0",
        "document_id": "",
        "run_id": "4711",
        "build_id": "4711",
        "build_attempt": 1,
        "source": "pytest",
        "workflow": "CI",
        "job": "tests",
        "step": "pytest",
        "leg": None,
        "started_at": "2026-11-21T09:59:00Z",
        "finished_at": "2026-11-21T10:01:00Z",
        "exit_status": 1,
        "is_complete": True,
        "ended": "finished",
        "signal": None,
        "command": "pytest",
        "totals": dict.fromkeys(TOTALS, 0) | {"passed": 120, "failed": len(records)},
        "failures": len(records),
        "files": {},
        "outcomes": {},
        "causes": [cause_to_json(one) for one in causes],
        "debt": {"counts": {"skip": 14}, "without_reason": 2, "expired": 0, "items": []},
        "records": [one["failure_id"] for one in records],
        "record_digests": [capture_digest(one)[:8] for one in records],
        "records_digest": records_digest(records),
        "lost_workers": 0,
        "internal_errors": 0,
        "reopened": [],
        "environment": {"run_url": "https://ci.example/4711"},
        "generator": "pytest-failtrack",
        "problems": [],
    }
    document = {**document, **changes}
    # One for each post and time, as each invocation of pytest has its own.
    parts = ("job", "leg", "build_attempt", "finished_at")
    document["document_id"] = ":".join(str(document[name]) for name in parts)
    return document


@dataclass
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str


class Project:
    """A project folder with its evidence, in which commands are called.

    Args:
        root: Its folder.
        monkeypatch: Moves into it, away from what a CI says.
        capfd: Takes what commands and their processes print.
    """

    def __init__(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.root = root
        self.evidence_dir = root / "governance" / "events" / "failures"
        self.runs_dir = root / "governance" / "events" / "runs"
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
        monkeypatch.chdir(root)
        # pytest in pytest: the plugins of this environment have no part in it.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        for name in list(os.environ):
            if name.startswith(SPOKEN_BY_CI):
                monkeypatch.delenv(name)

    def add_records(self, *records: dict[str, Any]) -> None:
        """Write records that belong to no run document."""
        for one in records:
            content = build.to_json(build.validate(one))
            evidence.write_record(self.evidence_dir, content, one["failure_id"])

    def add_run(
        self, *records: dict[str, Any], causes: Sequence[Cause] | None = None, **changes: Any
    ) -> None:
        """Write a run with its records; by default their only cause is that of all of them."""
        self.add_records(*records)
        listed = causes if causes is not None else [make_cause(records)] if records else []
        run_file.write_run(self.runs_dir, make_run(records, listed, **changes))

    def run(self, *arguments: str) -> Result:
        """Call `failtrack ARGUMENTS` and return what it came to."""
        self._monkeypatch.setattr(sys, "argv", ["failtrack", *arguments])
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as exited:
            main()
        out, err = self._capfd.readouterr()
        return Result(int(exited.value.code or 0), out, err)
