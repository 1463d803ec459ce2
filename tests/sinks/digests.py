"""Digests for the tests of the sinks: the shop of the documentation, and its variations."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest

NEW = Cause(
    cause_id="9c41d07be2a5",
    key="CI|9c41d07be2a5",
    headline="KeyError: 'customer_id'",
    novelty="NEW",
    occurrence=1,
    category="INTEGRATION",
    subcategory="INTEGRATION_DATA_MISMATCH",
    failure_type="integration_test_failure",
    severity="HIGH",
    recovery="Compare the payload with the contract.",
    owner="@shop-team",
    file="src/shop/orders.py",
    line=88,
    function="build_order",
    due=datetime(2026, 11, 22, 14, 10, tzinfo=timezone.utc),
    failures=41,
    tests=41,
    nodeids=tuple(f"tests/test_orders.py::test_order[{number}]" for number in range(41)),
    record_ids=tuple(f"00000000-0000-5000-8000-{number:012}" for number in range(41)),
)
REPEAT = Cause(
    cause_id="1f0e88d3aa60",
    key="CI|1f0e88d3aa60",
    headline="AssertionError: total <num> != <num>",
    novelty="REPEAT",
    occurrence=2,
    days_since_last=12,
    reopened_from="RESOLVED",
    category="ARCHITECTURE",
    subcategory="ARCHITECTURE_DRIFT",
    failure_type="test_failure",
    severity="MEDIUM",
    owner="@tax",
    file="src/shop/tax.py",
    line=31,
    function="add_tax",
    due=datetime(2026, 11, 29, 14, 10, tzinfo=timezone.utc),
    tier=1,
    notify=("build_owner",),
    failures=9,
    tests=9,
    nodeids=tuple(f"tests/test_tax.py::test_tax[{number}]" for number in range(9)),
)
INFRA = Cause(
    cause_id="b7c2904e11fd",
    key="CI|b7c2904e11fd",
    headline="ConnectionRefusedError db:<port>",
    novelty="NEW",
    occurrence=1,
    category="INFRA",
    subcategory="INFRA_NETWORK",
    failure_type="database_connectivity",
    severity="HIGH",
    is_retryable=True,
    retry="3 attempts, exponential",
    owner="devops_specialist",
    failures=7,
    tests=7,
    nodeids=tuple(f"tests/test_db.py::test_db[{number}]" for number in range(7)),
)
FLAKY = replace(
    NEW,
    cause_id="aaaaaaaaaaaa",
    key="CI|aaaaaaaaaaaa",
    headline="TimeoutError",
    is_flaky=True,
    failures=1,
    tests=1,
    nodeids=("tests/test_mail.py::test_send",),
)
EXPIRED = replace(
    NEW,
    cause_id="bbbbbbbbbbbb",
    key="CI|bbbbbbbbbbbb",
    headline="skip expired on <time>: waiting for the new API",
    category="GOVERNANCE",
    subcategory="GOVERNANCE_EXCEPTION_EXPIRED",
    file="tests/test_api.py",
    line=12,
    function="test_api",
    is_debt=True,
    failures=1,
    tests=1,
)
DEBT = DebtSummary(counts={"skip": 12, "skipif": 2, "xfail": 3}, without_reason=2, expired=1)
SHOP = Digest(
    build_id="4711",
    workflow="CI",
    job="tests",
    step="pytest",
    run_url="https://github.com/shop/shop/actions/runs/4711",
    exit_status=1,
    totals={"passed": 120, "failed": 57, "skipped": 14},
    causes=(NEW, REPEAT, INFRA),
    debt=DEBT,
    records=57,
    evidence_dir="governance/events/failures",
)
GREEN = Digest(
    build_id="4712",
    exit_status=0,
    totals={"passed": 120, "failed": 0, "skipped": 14},
    debt=DebtSummary(counts={"skip": 14}),
)


def with_causes(*causes: Cause, **changes: Any) -> Digest:
    """Return the shop's digest with these causes in place of its own."""
    return replace(SHOP, causes=causes, **changes)


def many(number: int) -> Digest:
    """Return a digest of that many causes with one failure each."""
    causes = tuple(
        replace(NEW, cause_id=f"{index:012x}", failures=1, tests=1, nodeids=(f"t.py::t{index}",))
        for index in range(number)
    )
    return with_causes(*causes, records=number)
