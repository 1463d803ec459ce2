"""The sentences of all sinks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from digests import FLAKY, GREEN, INFRA, NEW, REPEAT, with_causes

from pytest_failtrack.policy.digest import Cause, DebtSummary
from pytest_failtrack.record.reviews import REQUIRED_REVIEWS
from pytest_failtrack.sinks import wording


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
        (1_002, "1,002nd"),
    ],
)
def test_ordinal(number: int, expected: str) -> None:
    assert wording.ordinal(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 tests"), (1, "1 test"), (5_000, "5,000 tests")]
)
def test_count(number: int, expected: str) -> None:
    assert wording.count(number, "test") == expected


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        pytest.param(NEW, "", id="first occurrence"),
        pytest.param(REPEAT, "2nd in 12 days, was RESOLVED -> OPEN", id="reopened"),
        pytest.param(replace(REPEAT, reopened_from=""), "2nd in 12 days", id="not reopened"),
        pytest.param(
            replace(REPEAT, reopened_from="", days_since_last=1), "2nd in 1 day", id="a day"
        ),
        pytest.param(
            replace(REPEAT, reopened_from="", days_since_last=0),
            "2nd in less than a day",
            id="today",
        ),
        pytest.param(
            replace(REPEAT, reopened_from="", days_since_last=None), "2nd", id="unknown time"
        ),
    ],
)
def test_since(cause: Cause, expected: str) -> None:
    """S0-89: days since the last occurrence are shown."""
    assert wording.since(cause) == expected


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        pytest.param(NEW, "", id="tier 0"),
        pytest.param(
            replace(REPEAT, notify=()),
            "2nd occurrence: escalated to build_owner; why did prevention fail?",
            id="tier 1 without a configured role",
        ),
        pytest.param(
            replace(REPEAT, occurrence=4, tier=2, notify=("@a", "@b")),
            "4th occurrence: escalated to @a, @b; "
            "governance review, precondition review, prevention verification are due",
            id="tier 2",
        ),
        pytest.param(
            replace(REPEAT, occurrence=3, tier=2, notify=(), record_ids=("0b9c7d1e", "x")),
            "3rd occurrence: escalated to authority; "
            "governance review, precondition review, prevention verification are due: "
            "failtrack record 0b9c7d1e sign "
            "governance-review precondition-review prevention-verification",
            id="tier 2 with a record to sign",
        ),
        pytest.param(
            replace(REPEAT, occurrence=3, tier=2, signed=REQUIRED_REVIEWS[1:], record_ids=("x",)),
            "3rd occurrence: escalated to build_owner; governance review is due: "
            "failtrack record x sign governance-review",
            id="tier 2 with two signed",
        ),
        pytest.param(
            replace(REPEAT, occurrence=3, tier=2, signed=REQUIRED_REVIEWS),
            "3rd occurrence: escalated to build_owner; its reviews are signed",
            id="tier 2 with all signed",
        ),
        pytest.param(replace(NEW, tier=1), "", id="a tier by type is no recurrence"),
    ],
)
def test_escalation(cause: Cause, expected: str) -> None:
    """S0-124 to S0-127."""
    assert wording.escalation(cause) == expected


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        pytest.param(NEW, "", id="not infrastructure"),
        pytest.param(
            INFRA,
            "retryable (3 attempts, exponential); by itself it ends the gate with 75",
            id="retryable",
        ),
        pytest.param(
            replace(INFRA, is_retryable=False, retry=""),
            "not to be retried before it is mended; by itself it ends the gate with 75",
            id="not retryable",
        ),
        pytest.param(
            replace(INFRA, subcategory="INFRA_TOOLING", is_infra_type=False, is_retryable=False),
            "to be mended in the project: the gate counts it",
            id="a tool that was called wrongly",
        ),
        pytest.param(
            replace(INFRA, is_infra_type=False, is_flaky=True), "", id="not counted, for flaky"
        ),
    ],
)
def test_retry(cause: Cause, expected: str) -> None:
    assert wording.retry(cause) == expected


@pytest.mark.parametrize(
    ("totals", "exit_status", "expected"),
    [
        pytest.param({"passed": 0, "collected": 0, "deselected": 3}, None, "no test ran", id="-k"),
        pytest.param({"passed": 0, "collected": 0}, None, "no test ran", id="an empty folder"),
        pytest.param({"passed": 0, "skipped": 2}, None, "0 passed, no failures", id="skipped"),
        pytest.param({"passed": 0, "collected": 0}, 0, "0 passed, no failures", id="a command"),
        pytest.param({"passed": 0, "collected": 0}, 5, "no test ran", id="exit status"),
    ],
)
def test_quiet(totals: dict[str, int], exit_status: int | None, expected: str) -> None:
    assert wording.quiet(replace(GREEN, totals=totals, exit_status=exit_status)) == expected


@pytest.mark.parametrize(
    ("nodeids", "line", "expected"),
    [
        pytest.param(("t/test_a.py::test_x[1]",), None, "t/test_a.py::test_x[1]", id="one"),
        pytest.param(
            ("t/test_a.py::test_x", "t/test_a.py::test_y"),
            None,
            "t/test_a.py::test_x and 1 more",
            id="two",
        ),
        pytest.param(("t/test_a.py",), None, "t/test_a.py", id="outside of a test"),
        pytest.param(("t/test_a.py::test_x",), 3, "t/test_a.py:3", id="the line is known"),
    ],
)
def test_a_place_that_is_only_a_file_names_the_test(
    nodeids: tuple[str, ...], line: int | None, expected: str
) -> None:
    """The test in flight, after a crash."""
    cause = replace(INFRA, file="t/test_a.py", line=line, function="", nodeids=nodeids)

    assert wording.place(cause) == expected


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (DebtSummary(), ""),
        (DebtSummary({"skip": 1}), "1 skip"),
        (DebtSummary({"skip": 10, "skipif": 3, "importorskip": 1}), "14 skips"),
        (DebtSummary({"skip": 0, "xfail": 3}), "3 xfail"),
        (DebtSummary({"xfail": 3}, 2, 1), "3 xfail (2 without a reason, 1 expired)"),
        (
            DebtSummary({"deselected": 1_200, "ignored": 1, "empty_parametrize": 2, "xpass": 1}),
            "1,200 deselected, 1 ignored path, 2 empty parametrizes, 1 xpass",
        ),
        (DebtSummary({}, 0, 2), "2 expired"),
    ],
)
def test_debt(summary: DebtSummary, expected: str) -> None:
    """S0-19: all kinds of skip are one word for people."""
    assert wording.debt(summary) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"blame": "product"}, ""),
        ({"blame": "test"}, "test"),
        ({"blame": "test", "category": "QA"}, ""),
        ({"blame": "flaky"}, "flaky"),
        ({"blame": "flaky", "is_flaky": True}, ""),
        ({"blame": "infra", "category": "INFRA"}, ""),
        ({"blame": "infra", "category": "UNKNOWN"}, "infra"),
        ({"blame": "unknown"}, ""),
        ({"blame": "product", "is_debt": True}, ""),
        ({}, ""),
    ],
    ids=[
        "product",
        "test",
        "test of QA",
        "flaky",
        "tagged flaky",
        "tagged infra",
        "external",
        "unknown",
        "debt",
        "old",
    ],
)
def test_where_it_lies_is_said_where_nothing_else_does(
    changes: dict[str, Any], expected: str
) -> None:
    """S1-116"""
    assert wording.blame(replace(NEW, **changes)) == expected


def test_flaky_tests_are_named_once_and_counted() -> None:
    names = tuple(f"t.py::t{number}" for number in range(5))
    digest = with_causes(replace(FLAKY, nodeids=names), replace(FLAKY, nodeids=names[:2]), NEW)

    assert wording.flaky(digest) == (
        "5 tests failed, then passed: t.py::t0, t.py::t1, t.py::t2, 2 more"
    )


@pytest.mark.parametrize(
    ("file", "line", "function", "expected"),
    [
        ("a.py", 3, "f", "a.py:3 in f"),
        ("a.py", None, "", "a.py"),
        ("a.py", 0, "f", "a.py in f"),
        ("", None, "f", "f"),
        ("", 7, "", ""),
    ],
)
def test_place(file: str, line: int | None, function: str, expected: str) -> None:
    assert wording.place(replace(NEW, file=file, line=line, function=function)) == expected
