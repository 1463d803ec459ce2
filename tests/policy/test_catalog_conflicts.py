"""S0-37: entries of a project's catalog that contradict each other or the matrix."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.policy.catalog_conflicts import catalog_conflicts
from pytest_failtrack.policy.matrix import load_matrix

ENTRY: dict[str, Any] = {
    "id": "sandbox-down",
    "title": "The sandbox does not answer",
    "subcategory": "OTHER_EXTERNAL",
    "failure_type": "infrastructure",
    "confidence": 0.8,
    "types": ["pay.errors.SandboxUnavailable"],
    "retryable": True,
    "recovery_mode": "RETRY_EXPONENTIAL",
    "example": {"type": "pay.errors.SandboxUnavailable", "message": "503 from sandbox"},
}
NEVER = {"types": {"infrastructure": {"retry": "never"}}}


def rules(*entries: dict[str, Any], table: dict[str, Any] | None = None) -> list[tuple[str, ...]]:
    return [one.rules for one in catalog_conflicts(entries, load_matrix(table))]


class TestConflicts:
    def test_a_single_entry_has_none(self) -> None:
        assert rules(ENTRY) == []

    def test_an_id_that_is_given_twice(self) -> None:
        other = {"entry": [ENTRY | {"confidence": 0.9}]}

        assert rules(ENTRY, other) == [("catalog entry 'sandbox-down'",) * 2]

    def test_two_entries_that_call_one_example_two_things(self) -> None:
        other = ENTRY | {
            "id": "sandbox-refused",
            "subcategory": "INTEGRATION_API_MISMATCH",
            "failure_type": "integration_test_failure",
            "retryable": False,
            "recovery_mode": "FIX_CODE",
            "confidence": 0.9,
        }

        found = catalog_conflicts([ENTRY, other], load_matrix())

        assert len(found) == 1
        assert set(found[0].rules) == {
            "catalog entry 'sandbox-down'",
            "catalog entry 'sandbox-refused'",
        }
        assert "is won by" in found[0].sentence

    def test_a_failure_type_that_the_matrix_lacks(self) -> None:
        own = ENTRY | {"failure_type": "sandbox", "retryable": False, "recovery_mode": "FIX_CODE"}

        (found,) = catalog_conflicts([own], load_matrix())

        assert "failure_type 'sandbox' has no row in the matrix" in found.sentence
        assert found.advice.startswith("give it one, [tool.failtrack.types.sandbox], or name one")
        assert rules(own, table={"types": {"sandbox": {"primary": "backend_dev"}}}) == []

    def test_two_entries_that_call_it_the_same(self) -> None:
        assert rules(ENTRY, ENTRY | {"id": "sandbox-away", "confidence": 0.9}) == []

    @pytest.mark.parametrize(
        ("change", "table", "expected"),
        [
            pytest.param(
                {"failure_type": "test_failure"},
                None,
                "failures that are never retried (S1-87)",
                id="never-retried",
            ),
            pytest.param({}, NEVER, "tool.failtrack.types.infrastructure.retry", id="by-matrix"),
            pytest.param(
                {"assertion": True},
                None,
                "catalog entry 'sandbox-down': assertion",
                id="assertion",
            ),
        ],
    )
    def test_a_retry_that_is_taken_back(
        self, change: dict[str, Any], table: dict[str, Any] | None, expected: str
    ) -> None:
        others = [other for _, other in rules(ENTRY | change, table=table)]

        assert others[0] == expected
