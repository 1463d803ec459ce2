"""What becomes of a run on its way through the stages, where the doors do not tell."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.config import load
from pytest_failtrack.observe.from_pytest import UNDESCRIBED
from pytest_failtrack.pipeline import RunSeen, observations_of

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
DRAFT = {
    "source": "pytest",
    "when": "call",
    "nodeid": "tests/test_a.py::test_a",
    "outcome": "failed",
    "text": "E   assert 1 == 2",
    "timestamp": "2026-11-21T11:59:00Z",
}


@pytest.mark.parametrize(
    "tampered",
    [
        pytest.param({"markers": None}, id="no list"),
        pytest.param({"exceptions": [None]}, id="no exception"),
        pytest.param({"exceptions": [{"type": "E"}], "timestamp": None}, id="no time"),
    ],
)
def test_a_failure_that_cannot_be_read_costs_no_other_one(
    tmp_path: Path, tampered: dict[str, Any]
) -> None:
    other = {**DRAFT, "nodeid": "tests/test_b.py::test_b"}
    settings = load({}, root=tmp_path, environ={}, table={})
    seen = RunSeen(start={"settings": {}, "run": "r"}, drafts=[{**DRAFT, **tampered}, other])

    one, whole = observations_of(seen, settings, NOW)

    assert (one.nodeid, one.when, one.outcome) == (DRAFT["nodeid"], "call", "failed")
    assert (one.file, one.text) == ("tests/test_a.py", UNDESCRIBED)
    assert one.timestamp == (tampered.get("timestamp", DRAFT["timestamp"]) or NOW.isoformat())
    assert whole.text == other["text"]
