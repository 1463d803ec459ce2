"""How bad a failure is: each row of the visible table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.severity import SEVERITY_RULES, severity_of

FAILED = observation_of({"type": "AssertionError"})


@pytest.mark.parametrize(
    ("change", "failure_type", "subcategory", "severity"),
    [
        ({}, "test_failure", "ARCHITECTURE_DRIFT", "HIGH"),
        ({"when": "command"}, "build_error", "ARCHITECTURE_DRIFT", "HIGH"),
        ({"when": "collect", "file": "tests/test_a.py"}, "build_error", "QA_UNMAPPED", "HIGH"),
        ({"when": "collect", "file": "tests/conftest.py"}, "build_error", "", "CRITICAL"),
        ({"when": "import", "outcome": "error"}, "build_error", "", "CRITICAL"),
        ({"when": "session", "outcome": "error"}, "infrastructure", "INFRA_TOOLING", "CRITICAL"),
        ({"when": "session", "outcome": "crashed"}, "unknown", "", "CRITICAL"),
        ({"when": "collect", "outcome": "crashed"}, "unknown", "", "CRITICAL"),
        ({"when": "collect", "outcome": "crashed", "worker": "gw0"}, "unknown", "", "HIGH"),
        ({"outcome": "crashed"}, "unknown", "", "HIGH"),
        ({"when": "session", "outcome": "interrupted"}, "unknown", "", "MEDIUM"),
        ({}, "secret_detected", "GOVERNANCE_ENFORCEMENT_GAP", "CRITICAL"),
        ({}, "critical_vulnerability", "GOVERNANCE_ENFORCEMENT_GAP", "CRITICAL"),
        ({}, "security_vulnerability", "GOVERNANCE_ENFORCEMENT_GAP", "HIGH"),
        ({}, "generator_drift", "INTEGRATION_API_MISMATCH", "CRITICAL"),
        ({}, "authentication_change", "", "CRITICAL"),
        ({}, "performance_regression", "UNKNOWN_ROOT_CAUSE", "MEDIUM"),
        ({"outcome": "xpassed"}, "test_failure", "QA_FALSE_POSITIVE", "MEDIUM"),
        ({"outcome": "debt"}, "test_debt", "QA_TEST_DEBT", "LOW"),
        ({"outcome": "flaky"}, "test_failure", "QA_FALSE_NEGATIVE", "LOW"),
        ({"outcome": "expired"}, "test_debt", "GOVERNANCE_EXCEPTION_EXPIRED", "MEDIUM"),
    ],
)
def test_severity_follows_from_what_is_blocked(change, failure_type, subcategory, severity):
    """S0-101..107."""
    found, because = severity_of(replace(FAILED, **change), failure_type, subcategory)
    assert found == severity
    assert because


def test_each_row_of_the_table_says_why():
    assert all(rule.because for rule in SEVERITY_RULES)
