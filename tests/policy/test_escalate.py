"""Escalation: by how often, by what kind, by how severe; the stronger wins."""

from __future__ import annotations

import pytest

from pytest_failtrack.policy.escalate import Escalation, escalate
from pytest_failtrack.policy.matrix import load_matrix

MATRIX = load_matrix()


def test_first_occurrence_is_the_standard_process() -> None:
    """S0-124."""
    assert escalate(1, "test_failure", "HIGH", MATRIX) == Escalation(
        occurrence=1,
        tier=0,
        urgency="standard",
        notify=("code_author", "qa_analyst"),
    )


def test_second_occurrence_goes_to_the_build_owner() -> None:
    """S0-125."""
    found = escalate(2, "test_failure", "HIGH", MATRIX)

    assert (found.tier, found.notify[0]) == (1, "build_owner")
    assert "why did prevention fail" in found.questions
    assert found.reviews == ()


@pytest.mark.parametrize("occurrence", [3, 4, 17])
def test_third_and_later_occurrences_go_to_the_authority_with_three_reviews(
    occurrence: int,
) -> None:
    """S0-126, S0-127."""
    found = escalate(occurrence, "test_failure", "LOW", MATRIX)

    assert (found.tier, found.urgency, found.reason) == (2, "immediate", "occurrence")
    assert found.notify[:2] == ("authority", "build_owner")
    assert found.reviews == (
        "governance review",
        "precondition review",
        "prevention verification",
    )


@pytest.mark.parametrize(
    ("occurrence", "failure_type", "severity", "urgency", "reason"),
    [
        pytest.param(1, "secret_detected", "LOW", "immediate", "failure_type", id="the type"),
        pytest.param(1, "test_failure", "CRITICAL", "immediate", "severity", id="S0-101"),
        pytest.param(3, "test_debt", "LOW", "immediate", "occurrence", id="the occurrence"),
        pytest.param(2, "test_debt", "LOW", "standard", "occurrence", id="the second time"),
        pytest.param(1, "test_debt", "LOW", "investigation", "failure_type", id="none"),
        pytest.param(2, "secret_detected", "LOW", "immediate", "failure_type", id="not lowered"),
    ],
)
def test_the_stronger_axis_wins(
    occurrence: int, failure_type: str, severity: str, urgency: str, reason: str
) -> None:
    """C-21."""
    found = escalate(occurrence, failure_type, severity, MATRIX)

    assert (found.urgency, found.reason) == (urgency, reason)


def test_nobody_is_told_twice() -> None:
    matrix = load_matrix({"types": {"build_error": {"primary": "build_owner"}}})

    assert escalate(2, "build_error", "HIGH", matrix).notify == ("build_owner",)


def test_an_occurrence_below_one_counts_as_the_first() -> None:
    assert escalate(0, "unknown", "LOW", MATRIX).tier == 0
