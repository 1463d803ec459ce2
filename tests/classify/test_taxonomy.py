"""The taxonomy is spelled exactly as the failure telemetry schema spells it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_failtrack.classify.taxonomy import (
    CATEGORY_MEANINGS,
    MEANINGS,
    SUBCATEGORIES,
    Category,
    FailureType,
    RecoveryMode,
    Severity,
    Subcategory,
    category_of,
)

ROWS = """
S0-7   ARCHITECTURE ARCHITECTURE_INCOMPLETE - architecture elements missing
S0-8   ARCHITECTURE ARCHITECTURE_AMBIGUOUS - elements unclear
S0-9   ARCHITECTURE ARCHITECTURE_INCORRECT - elements wrong
S0-10  ARCHITECTURE ARCHITECTURE_DRIFT - implementation diverged from architecture
S0-11  ARCHITECTURE ARCHITECTURE_CONFLICT - elements contradict
S0-14  QA QA_COVERAGE_INCOMPLETE - missing test coverage
S0-15  QA QA_ASSERTION_INCORRECT - test validates wrong thing
S0-16  QA QA_FALSE_POSITIVE - test passes when it should fail
S0-17  QA QA_FALSE_NEGATIVE - test fails when it should pass
S0-18  QA QA_UNMAPPED - tests don't trace to architecture
S0-19  QA QA_TEST_DEBT - skipped or disabled tests
S0-22  SCOPE SCOPE_AMBIGUOUS - unclear what is in scope
S0-23  SCOPE SCOPE_CREEP - scope expanded during build
S0-24  SCOPE SCOPE_CONFLICT - requirements contradict
S0-25  SCOPE SCOPE_INCOMPLETE - requirements missing
S0-26  SCOPE SCOPE_NOT_FROZEN - scope changed after freeze
S0-29  INFRA INFRA_ENVIRONMENT - build environment issue
S0-30  INFRA INFRA_DEPENDENCY - external dependency unavailable
S0-31  INFRA INFRA_TOOLING - build tool failure
S0-32  INFRA INFRA_RESOURCE - insufficient resources (CPU, memory, disk)
S0-33  INFRA INFRA_NETWORK - network connectivity issue
S0-34  INFRA INFRA_CREDENTIALS - authentication/authorization issue
S0-37  GOVERNANCE GOVERNANCE_RULE_CONFLICT - two governance rules contradict
S0-38  GOVERNANCE GOVERNANCE_INTERPRETATION - governance rule ambiguous
S0-39  GOVERNANCE GOVERNANCE_ENFORCEMENT_GAP - rule exists but not enforced
S0-40  GOVERNANCE GOVERNANCE_EXCEPTION_EXPIRED - temporary override expired
S0-41  GOVERNANCE GOVERNANCE_CHECKLIST_INCOMPLETE - checklist missing items
S0-44  INTEGRATION INTEGRATION_API_MISMATCH - API contract violated
S0-45  INTEGRATION INTEGRATION_DATA_MISMATCH - data format mismatch
S0-46  INTEGRATION INTEGRATION_TIMING - race condition or timing issue
S0-47  INTEGRATION INTEGRATION_DEPENDENCY_ORDER - incorrect initialization order
S0-48  INTEGRATION INTEGRATION_STATE_MISMATCH - state synchronization issue
S0-51  UNKNOWN UNKNOWN_ROOT_CAUSE - failure occurred but cause unknown
S0-52  UNKNOWN OTHER_TRANSIENT - transient failure (e.g. random timeout)
S0-53  UNKNOWN OTHER_EXTERNAL - external system failure
S0-54  UNKNOWN OTHER_NOVEL - first-time failure type
"""


def rows() -> list[tuple[str, str, str, str]]:
    found = []
    for line in ROWS.strip().splitlines():
        names, _, meaning = line.partition(" - ")
        row, category, subcategory = names.split()
        found.append((row, category, subcategory, meaning))
    return found


class TestTaxonomy:
    def test_there_are_7_categories(self):
        """S0-58."""
        assert [one.value for one in Category] == [
            "ARCHITECTURE",
            "QA",
            "SCOPE",
            "INFRA",
            "GOVERNANCE",
            "INTEGRATION",
            "UNKNOWN",
        ]

    def test_there_are_36_subcategories_in_the_order_of_the_schema(self):
        """S0-59."""
        assert [one.value for one in Subcategory] == [row[2] for row in rows()]
        assert len(Subcategory) == 36

    @pytest.mark.parametrize(
        ("row", "category", "subcategory", "meaning"), rows(), ids=[row[0] for row in rows()]
    )
    def test_a_subcategory_has_its_category_and_its_meaning(
        self, row, category, subcategory, meaning
    ):
        """S0-6..54; C-12: the long text is what is printed beside the name."""
        assert category_of(subcategory) is Category(category)
        assert Subcategory(subcategory) in SUBCATEGORIES[Category(category)]
        assert MEANINGS[Subcategory(subcategory)] == meaning

    def test_each_subcategory_belongs_to_one_category(self):
        listed = [one for group in SUBCATEGORIES.values() for one in group]
        assert sorted(listed) == sorted(Subcategory)

    def test_each_category_has_a_meaning(self):
        assert set(CATEGORY_MEANINGS) == set(Category)

    def test_a_name_that_is_no_subcategory_is_refused(self):
        with pytest.raises(ValueError, match="QA_FLAKY"):
            category_of("QA_FLAKY")

    def test_severities_go_from_p0_to_p3(self):
        """C-13."""
        assert [one.value for one in Severity] == ["CRITICAL", "HIGH", "MEDIUM", "LOW"]

    def test_values_are_plain_strings_to_everybody_else(self):
        assert Subcategory.QA_TEST_DEBT == "QA_TEST_DEBT"
        assert FailureType.TEST_FAILURE == "test_failure"
        assert RecoveryMode.RETRY_EXPONENTIAL == "RETRY_EXPONENTIAL"


def test_reading_the_taxonomy_imports_nothing_heavy():
    code = (
        "import sys, pytest_failtrack.classify.taxonomy;"
        "print(sorted({'pydantic', 'click', 'sqlite3', 'tomllib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
