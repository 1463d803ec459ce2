"""Records that ended long ago, for the tests of the commands that pack and export evidence."""

from __future__ import annotations

import copy
from typing import Any

from evidence_folder import make_record

AT = "2025-11-21T10:00:00Z"
OLD_RUN = {"started_at": "2025-11-21T09:59:00Z", "finished_at": "2025-11-21T10:01:00Z"}


def ended(made: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that is resolved, as long ago as it was seen."""
    made = copy.deepcopy(made)
    made["status"] = "RESOLVED"
    made["root_cause"].update(analysis_status="COMPLETE", root_cause_summary="a renamed column")
    made["resolution"].update(
        resolution_type="FIX",
        resolution_description="read both names",
        resolution_timestamp=made["timestamp"],
        resolved_by="ada",
    )
    return made


ONE = ended(make_record("tests/test_orders.py::test_a", at=AT))
TWO = ended(make_record("tests/test_orders.py::test_b", at=AT))
WAITS = make_record("tests/test_orders.py::test_c", build_id="4712", at=AT)
ID = ONE["failure_id"]

MATCH: dict[str, Any] = {
    "schema_version": "1.0",
    "failure_match_id": "9a1b5d2e-0c0f-4e43-8c8e-3f0a6d1f2b11",
    "run_id": "4711",
    "tenant_id": None,
    "error_code": "HTTP_429",
    "error_message": "Too Many Requests",
    "catalog_entry_id": "rate-limited",
    "match_type": "regex",
    "confidence_score": 0.7,
    "category": "UNKNOWN",
    "severity": "HIGH",
    "is_retryable": True,
    "recovery_mode": "RETRY_EXPONENTIAL",
    "recovery_suggestion": "Wait.",
    "recovery_attempted": False,
    "recovery_succeeded": False,
    "skill_id": None,
    "step_index": None,
    "context": {"shard": 10, "at": "db"},
    "created_at": "2025-11-21T10:00:00.125Z",
    "updated_at": "2025-11-21T10:00:00.125Z",
}
