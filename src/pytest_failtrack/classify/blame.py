"""Where a failure lies in one word, for rapid triage: infra, product, test or flaky (S1-116)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory

Blame = Literal["infra", "product", "test", "flaky", "unknown"]

BY_SUBCATEGORY: dict[str, Blame] = {
    Subcategory.QA_FALSE_NEGATIVE.value: "flaky",
    Subcategory.INTEGRATION_TIMING.value: "flaky",
    Subcategory.OTHER_TRANSIENT.value: "flaky",
    Subcategory.OTHER_EXTERNAL.value: "infra",
}
BY_CATEGORY: dict[str, Blame] = {
    Category.INFRA.value: "infra",
    Category.QA.value: "test",
    Category.ARCHITECTURE.value: "product",
    Category.INTEGRATION.value: "product",
    Category.SCOPE.value: "product",
    Category.GOVERNANCE.value: "product",
}


def blame_of_record(record: Mapping[str, Any]) -> Blame:
    """Return where the failure of a record lies; it follows from its class of today."""
    mode = record["classification"]["recovery_mode"] or ""
    return blame_of(record["category"], record["subcategory"], mode)


def blame_of(category: str, subcategory: str, recovery_mode: str = "") -> Blame:
    """Return where a failure lies, as far as its class says; `unknown` where it does not.

    Args:
        category: Its category.
        subcategory: Its subcategory.
        recovery_mode: What is to be done about it: where the test is to be mended, it is the
            test's, whatever else the class is called.
    """
    if subcategory in BY_SUBCATEGORY:
        return BY_SUBCATEGORY[subcategory]
    if recovery_mode == RecoveryMode.FIX_TEST.value:
        return "test"
    return BY_CATEGORY.get(category, "unknown")
