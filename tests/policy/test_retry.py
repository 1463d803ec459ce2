"""Retry: what the matrix says about trying again; data only."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.retry import (
    INFRA_NORMAL,
    OTHER_JOBS_OK,
    Failed,
    RetryDecision,
    RetryPolicy,
    decide_retry,
    failed_of,
    may_retry,
    retry_policy,
)

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


NETWORK = Failed("aaaaaaaaaaaa", "refused", "INFRA_NETWORK", "infrastructure", True)
CONTAINER = Failed("bbbbbbbbbbbb", "unhealthy", "INFRA_ENVIRONMENT", "ci_runner", True)
DATABASE = Failed("cccccccccccc", "lost", "INFRA_NETWORK", "database_connectivity", True)
SLOWER = Failed("dddddddddddd", "slower", "UNKNOWN_ROOT_CAUSE", "performance_regression", True)
DISK_FULL = Failed("eeeeeeeeeeee", "disk full", "INFRA_RESOURCE", "infrastructure", False)
WRONG = Failed("ffffffffffff", "assert 1 == 2", "QA_FALSE_NEGATIVE", "test_failure", False)
ODD = Failed("999999999999", "odd", "QA_UNMAPPED", "infrastructure", True)


class TestDecision:
    @pytest.mark.parametrize(
        ("failures", "conditions", "most"),
        [
            pytest.param([NETWORK], [], 3, id="S1-86 network"),
            pytest.param([NETWORK, CONTAINER], [], 3, id="S1-86 two conditions"),
            pytest.param([DATABASE], [OTHER_JOBS_OK], 2, id="S1-88"),
            pytest.param([SLOWER], [INFRA_NORMAL], 1, id="S1-89"),
            pytest.param([NETWORK, DATABASE], [OTHER_JOBS_OK], 2, id="the smaller number"),
        ],
    )
    def test_allowed(self, failures: list[Failed], conditions: list[str], most: int) -> None:
        decision = decide_retry(failures, MATRIX, conditions)

        assert decision.is_allowed
        assert decision.max_attempts == most

    @pytest.mark.parametrize(
        ("failures", "conditions", "reason"),
        [
            pytest.param([], [], "nothing says what failed", id="nothing known"),
            pytest.param(
                [NETWORK, WRONG],
                [],
                "1 cause is test_failure, which is never retried (assert 1 == 2)",
                id="S1-87 C-14 one assertion",
            ),
            pytest.param(
                [DISK_FULL],
                [],
                "1 cause is infrastructure of a kind that another attempt cannot help: "
                "INFRA_RESOURCE (disk full)",
                id="of the infrastructure, and lasting",
            ),
            pytest.param(
                [DATABASE],
                [INFRA_NORMAL],
                "1 cause is database_connectivity, retried only on the condition "
                "other_jobs_succeeding (lost)",
                id="S1-88 the other condition",
            ),
            pytest.param(
                [ODD],
                [],
                "1 cause is infrastructure, retried only on the condition container_startup or "
                "external_api_timeout or network_connectivity (odd)",
                id="S1-86 none of the three",
            ),
        ],
    )
    def test_refused(self, failures: list[Failed], conditions: list[str], reason: str) -> None:
        assert decide_retry(failures, MATRIX, conditions) == RetryDecision(False, reason=reason)

    def test_failures_of_one_cause_are_one_and_causes_are_counted(self) -> None:
        other = Failed("888888888888", "assert 2 == 3", "QA_FALSE_NEGATIVE", "test_failure", False)

        reason = decide_retry([WRONG, WRONG, other], MATRIX).reason

        assert reason.startswith("2 causes are test_failure")

    def test_an_assertion_within_the_cause_of_a_lost_network_is_seen(self) -> None:
        """C-14: a cause may hold failures of several kinds, and each of them must allow it."""
        same = Failed("aaaaaaaaaaaa", "assert 1 == 2", "QA_FALSE_NEGATIVE", "test_failure", False)

        assert not decide_retry([NETWORK, same], MATRIX).is_allowed
        assert not decide_retry([same, NETWORK], MATRIX).is_allowed

    @pytest.mark.parametrize(
        ("backoffs", "pauses"),
        [
            pytest.param(("exponential",), [4, 8, 16, 32, 60, 60], id="exponential S1-86"),
            pytest.param(("linear",), [4, 8, 12, 16, 20, 24], id="linear"),
            pytest.param(("fixed",), [4, 4, 4, 4, 4, 4], id="fixed"),
            pytest.param(("",), [4, 4, 4, 4, 4, 4], id="none named S1-88"),
            pytest.param(("", "exponential"), [4, 8, 16, 32, 60, 60], id="the longest"),
        ],
    )
    def test_pauses_grow_up_to_the_longest(
        self, backoffs: tuple[str, ...], pauses: list[float]
    ) -> None:
        decision = RetryDecision(True, 3, backoffs)

        assert [decision.pause_seconds(number, 4, 60) for number in range(1, 7)] == pauses
        assert decision.pause_seconds(10_000, 4, 60) == (4 if pauses[1] == 4 else 60)


def record(outcome: str, **kind: Any) -> dict[str, Any]:
    return {
        "subcategory": "INFRA_NETWORK",
        "failure_description": {"error_message": "", "summary": "refused"},
        "classification": {"failure_type": "infrastructure", "is_retryable": True, **kind},
        "test": {"outcome": outcome, "cause_id": "aaaaaaaaaaaa"},
    }


@pytest.mark.parametrize("outcome", ["debt", "expired", "flaky"])
def test_what_is_no_failure_decides_nothing(outcome: str) -> None:
    assert failed_of(record(outcome)) is None


def test_a_record_tells_what_decides() -> None:
    assert failed_of(record("failed")) == NETWORK


def test_an_interrupted_run_is_never_retried() -> None:
    found = failed_of(record("interrupted"))

    assert found is not None
    assert not found.is_retryable


def test_a_cause_may_be_tried_again_when_each_of_its_failures_may() -> None:
    network, assertion = (True, "infrastructure"), (False, "infrastructure")
    assert may_retry([network, network], MATRIX)
    assert not may_retry([network, (True, "secret_detected")], MATRIX)
    assert not may_retry([network, assertion], MATRIX)
