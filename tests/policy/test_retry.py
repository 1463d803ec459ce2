"""Retry: what the matrix says about trying again; data only."""

from __future__ import annotations

import pytest

from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.retry import RetryPolicy, retry_policy

MATRIX = load_matrix()


@pytest.mark.parametrize("failure_type", ["infrastructure", "ci_runner"])
def test_infrastructure_is_tried_three_times_with_growing_pauses(failure_type: str) -> None:
    """S1-86."""
    assert retry_policy(failure_type, MATRIX) == RetryPolicy(
        is_allowed=True,
        max_attempts=3,
        backoff="exponential",
        conditions=("container_startup", "external_api_timeout", "network_connectivity"),
        words="3 attempts, exponential",
    )


@pytest.mark.parametrize(
    "failure_type",
    [
        "secret_detected",
        "critical_vulnerability",
        "security_vulnerability",
        "test_failure",
        "integration_test_failure",
        "database_test_failure",
        "generator_drift",
        "build_error",
        "authentication_change",
        "unknown",
        "no_such_type",
    ],
)
def test_never_retried(failure_type: str) -> None:
    """S1-87, C-14."""
    assert retry_policy(failure_type, MATRIX) == RetryPolicy(is_allowed=False)


@pytest.mark.parametrize(
    ("failure_type", "words"),
    [
        pytest.param(
            "database_connectivity", "2 attempts if other jobs succeeding", id="S1-88 C-14"
        ),
        pytest.param(
            "performance_regression", "1 attempt if infrastructure metrics normal", id="S1-89"
        ),
    ],
)
def test_retried_under_a_condition(failure_type: str, words: str) -> None:
    assert retry_policy(failure_type, MATRIX).words == words
