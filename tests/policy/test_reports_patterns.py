"""Clusters: several open causes that may be one problem (S1-37)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from pytest_failtrack.history.questions.open_causes import OpenCause
from pytest_failtrack.policy.reports.patterns import CLUSTER_MIN, cluster_section, clusters
from pytest_failtrack.policy.reports.standup import missing_in_plan

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


def cause(number: int, **changes: Any) -> OpenCause:
    values: dict[str, Any] = {
        "hash": f"{number:012x}",
        "workflow": "CI",
        "cause_id": f"{number:012x}",
        "token": f"Error{number}: nothing like another",
        "severity": "MEDIUM",
        "category": "INFRA",
        "subcategory": "INFRA_NETWORK",
        "failure_type": "infrastructure",
        "component": "",
        "owner": "@shop-team",
        "file_path": "",
        "nodeid": "tests/test_a.py::test_a",
        "tests": 1,
        "failures": 1,
        "occurrences": 1,
        "first_at": NOW - timedelta(days=number),
        "last_at": NOW,
    }
    return OpenCause(**values | changes)


def refused(number: int, **changes: Any) -> OpenCause:
    token = f"ConnectionRefusedError: connection to service refused by peer host{number}"
    return cause(number, token=token, **changes)


def test_similar_messages_make_one() -> None:
    found = clusters([refused(1), refused(2, severity="HIGH"), refused(3), cause(4)])

    assert [len(one.causes) for one in found] == [3]
    assert found[0].why.startswith("similar messages, such as ConnectionRefusedError")
    assert (found[0].severity, found[0].tests) == ("HIGH", 3)
    assert found[0].since == NOW - timedelta(days=3)


def test_two_are_no_cluster() -> None:
    assert CLUSTER_MIN == 3
    assert clusters([refused(1), refused(2)]) == []
    assert clusters([]) == []


def test_messages_of_another_class_are_not_similar() -> None:
    other = refused(3, category="INTEGRATION", subcategory="INTEGRATION_TIMING")

    assert clusters([refused(1), refused(2), other]) == []


def test_one_signature_in_three_workflows_is_one() -> None:
    found = clusters([cause(1, workflow=name) for name in ("CI", "Docker", "Nightly")])

    assert len(found) == 1
    assert len(found[0].causes) == 3


def test_a_component_or_a_file_is_one() -> None:
    in_component = [cause(number, component="orders") for number in (1, 2, 3)]
    in_file = [cause(number, file_path="src/tax.py") for number in (4, 5, 6, 7)]

    assert [one.why for one in clusters([*in_component, *in_file])] == [
        "file src/tax.py",
        "component orders",
    ]


def test_what_is_alike_is_not_shown_again_for_its_place() -> None:
    found = clusters([refused(number, component="orders") for number in (1, 2, 3)])

    assert [one.why.partition(",")[0] for one in found] == ["similar messages"]


def test_are_a_section_of_the_standup() -> None:
    section = cluster_section(clusters([refused(1), refused(2), refused(3)]))

    assert section.table is not None
    assert section.table.rows[0][1:5] == ("MEDIUM", 3, 3, "@shop-team")
    assert cluster_section([]).is_empty


def test_a_plan_lacks_what_nobody_did() -> None:
    """S1-36"""
    assert missing_in_plan(cause(1, owner="")) == "owner, investigation"
    assert missing_in_plan(cause(1)) == "investigation"
    assert missing_in_plan(cause(1, is_investigated=True)) == "analysis"
    assert missing_in_plan(cause(1, is_investigated=True, owner="")) == "owner"
    assert missing_in_plan(cause(1, has_plan=True)) == ""
