"""Where a failure lies in one word, for rapid triage: infra, product, test or flaky (S1-116)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory

Blame = Literal["infra", "product", "test", "flaky", "unknown"]

FLAKY_ENTRIES = frozenset({"flaky", "hypothesis-flaky"})
"""Entries of the catalog that speak of tests which fail and pass; others fail each time."""
STEADY_ENTRIES = frozenset({"coroutine-never-awaited"})
"""Entries of a class of failures that come and go, which speak of what fails each time."""
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
    known = record["classification"]
    mode, entry = known["recovery_mode"] or "", known["catalog_entry_id"] or ""
    return blame_of(record["category"], record["subcategory"], mode, entry)


def blame_of(category: str, subcategory: str, recovery_mode: str = "", entry: str = "") -> Blame:
    """Return where a failure lies, as far as its class says; `unknown` where it does not.

    Args:
        category: Its category.
        subcategory: Its subcategory.
        recovery_mode: What is to be done about it: where the test is to be mended, it is the
            test's, whatever else the class is called.
        entry: Entry of the catalog that knew it, `` for none: a mark that nobody has registered
            fails a test that should pass (QA_FALSE_NEGATIVE), and is not flaky; a forgotten `await`
            is of INTEGRATION_TIMING, and no second run makes it up.
    """
    is_steady = entry and entry not in FLAKY_ENTRIES
    if subcategory == Subcategory.QA_FALSE_NEGATIVE.value and is_steady:
        return "test"
    if subcategory in BY_SUBCATEGORY and entry not in STEADY_ENTRIES:
        return BY_SUBCATEGORY[subcategory]
    if recovery_mode == RecoveryMode.FIX_TEST.value:
        return "test"
    return BY_CATEGORY.get(category, "unknown")
