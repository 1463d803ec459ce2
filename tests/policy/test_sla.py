"""SLA: the earlier of severity and failure type rules, and the deadline says which one did."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.sla import Deadline, deadline, priority_of

OPENED = datetime(2026, 11, 21, 10, 0, tzinfo=timezone.utc)
MATRIX = load_matrix()


@pytest.mark.parametrize(
    ("severity", "hours"),
    [
        pytest.param("CRITICAL", 4, id="S0-102"),
        pytest.param("HIGH", 24, id="S0-104"),
        pytest.param("MEDIUM", 7 * 24, id="S0-106"),
        pytest.param("LOW", 30 * 24, id="S0-108"),
    ],
)
def test_severity_rules_where_the_type_asks_for_nothing(severity: str, hours: float) -> None:
    found = deadline("unknown", severity, OPENED, MATRIX)

    assert (found.due, found.source) == (OPENED + timedelta(hours=hours), "severity")


@pytest.mark.parametrize(
    ("failure_type", "severity", "hours", "source"),
    [
        pytest.param("integration_test_failure", "CRITICAL", 4, "severity", id="C-2 severity"),
        pytest.param("integration_test_failure", "HIGH", 8, "failure_type", id="C-2 type"),
        pytest.param("test_failure", "CRITICAL", 4, "failure_type", id="the same: the type"),
        pytest.param("performance_regression", "HIGH", 24, "failure_type", id="S1-62"),
        pytest.param("security_vulnerability", "MEDIUM", 168, "failure_type", id="S1-59"),
        pytest.param("critical_vulnerability", "CRITICAL", 4, "severity", id="S1-15 and S0-102"),
        pytest.param("test_debt", "LOW", 720, "severity", id="S0-107"),
    ],
)
def test_the_earlier_of_the_two_rules(
    failure_type: str, severity: str, hours: float, source: str
) -> None:
    found = deadline(failure_type, severity, OPENED, MATRIX)

    assert (found.hours, found.source) == (hours, source)


def test_it_keeps_both_targets_and_the_hard_one() -> None:
    """C-1: 30 minutes, hard at 60."""
    found = deadline("ci_runner", "HIGH", OPENED, MATRIX)

    assert found == Deadline(
        due=OPENED + timedelta(minutes=30),
        source="failure_type",
        hours=0.5,
        hard_due=OPENED + timedelta(minutes=60),
        severity_hours=24,
        type_hours=0.5,
    )


def test_the_hard_target_is_never_before_the_target() -> None:
    matrix = load_matrix({"types": {"build_error": {"sla_hours": 100}}})

    found = deadline("build_error", "HIGH", OPENED, matrix)

    assert found.hard_due == found.due == OPENED + timedelta(hours=24)


def test_any_time_zone_comes_out_as_utc() -> None:
    opened = OPENED.astimezone(timezone(timedelta(hours=9)))

    found = deadline("test_failure", "HIGH", opened, MATRIX)

    assert (found.due, found.due.tzinfo) == (OPENED + timedelta(hours=4), timezone.utc)


def test_a_project_may_set_the_hours_of_a_severity() -> None:
    matrix = load_matrix({"severity_sla_hours": {"HIGH": 1}})

    assert deadline("test_failure", "HIGH", OPENED, matrix).source == "severity"


@pytest.mark.parametrize(
    ("severity", "priority"),
    [("CRITICAL", "P0"), ("HIGH", "P1"), ("MEDIUM", "P2"), ("LOW", "P3")],
)
def test_priority_follows_severity(severity: str, priority: str) -> None:
    """S0-97, C-13."""
    assert priority_of(severity) == priority
