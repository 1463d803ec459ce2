"""The closed words for kinds of failures; every stage, model and document spells them as here.

Three questions have three answers (decision C-5): `Category` and `Subcategory` say what kind of
failure it is, a failure type says which owner, deadline and retry it gets, a `RecoveryMode` says
what to do next.

Source: failure telemetry schema, section III; CI failure escalation matrix.
"""

from __future__ import annotations

from enum import Enum


class Category(str, Enum):
    """The seven categories of failures (S0-6..50); `OTHER_*` belongs to UNKNOWN."""

    ARCHITECTURE = "ARCHITECTURE"
    QA = "QA"
    SCOPE = "SCOPE"
    INFRA = "INFRA"
    GOVERNANCE = "GOVERNANCE"
    INTEGRATION = "INTEGRATION"
    UNKNOWN = "UNKNOWN"


class Subcategory(str, Enum):
    """The 36 subcategories of failures (S0-7..54)."""

    ARCHITECTURE_INCOMPLETE = "ARCHITECTURE_INCOMPLETE"
    ARCHITECTURE_AMBIGUOUS = "ARCHITECTURE_AMBIGUOUS"
    ARCHITECTURE_INCORRECT = "ARCHITECTURE_INCORRECT"
    ARCHITECTURE_DRIFT = "ARCHITECTURE_DRIFT"
    ARCHITECTURE_CONFLICT = "ARCHITECTURE_CONFLICT"
    QA_COVERAGE_INCOMPLETE = "QA_COVERAGE_INCOMPLETE"
    QA_ASSERTION_INCORRECT = "QA_ASSERTION_INCORRECT"
    QA_FALSE_POSITIVE = "QA_FALSE_POSITIVE"
    QA_FALSE_NEGATIVE = "QA_FALSE_NEGATIVE"
    QA_UNMAPPED = "QA_UNMAPPED"
    QA_TEST_DEBT = "QA_TEST_DEBT"
    SCOPE_AMBIGUOUS = "SCOPE_AMBIGUOUS"
    SCOPE_CREEP = "SCOPE_CREEP"
    SCOPE_CONFLICT = "SCOPE_CONFLICT"
    SCOPE_INCOMPLETE = "SCOPE_INCOMPLETE"
    SCOPE_NOT_FROZEN = "SCOPE_NOT_FROZEN"
    INFRA_ENVIRONMENT = "INFRA_ENVIRONMENT"
    INFRA_DEPENDENCY = "INFRA_DEPENDENCY"
    INFRA_TOOLING = "INFRA_TOOLING"
    INFRA_RESOURCE = "INFRA_RESOURCE"
    INFRA_NETWORK = "INFRA_NETWORK"
    INFRA_CREDENTIALS = "INFRA_CREDENTIALS"
    GOVERNANCE_RULE_CONFLICT = "GOVERNANCE_RULE_CONFLICT"
    GOVERNANCE_INTERPRETATION = "GOVERNANCE_INTERPRETATION"
    GOVERNANCE_ENFORCEMENT_GAP = "GOVERNANCE_ENFORCEMENT_GAP"
    GOVERNANCE_EXCEPTION_EXPIRED = "GOVERNANCE_EXCEPTION_EXPIRED"
    GOVERNANCE_CHECKLIST_INCOMPLETE = "GOVERNANCE_CHECKLIST_INCOMPLETE"
    INTEGRATION_API_MISMATCH = "INTEGRATION_API_MISMATCH"
    INTEGRATION_DATA_MISMATCH = "INTEGRATION_DATA_MISMATCH"
    INTEGRATION_TIMING = "INTEGRATION_TIMING"
    INTEGRATION_DEPENDENCY_ORDER = "INTEGRATION_DEPENDENCY_ORDER"
    INTEGRATION_STATE_MISMATCH = "INTEGRATION_STATE_MISMATCH"
    UNKNOWN_ROOT_CAUSE = "UNKNOWN_ROOT_CAUSE"
    OTHER_TRANSIENT = "OTHER_TRANSIENT"
    OTHER_EXTERNAL = "OTHER_EXTERNAL"
    OTHER_NOVEL = "OTHER_NOVEL"


_PREFIXES = {"OTHER": Category.UNKNOWN}


def category_of(subcategory: Subcategory | str) -> Category:
    """Return the category that a subcategory belongs to.

    Raises:
        ValueError: There is no such subcategory.
    """
    name = Subcategory(subcategory).value.split("_", 1)[0]
    return _PREFIXES.get(name) or Category(name)


SUBCATEGORIES: dict[Category, tuple[Subcategory, ...]] = {
    category: tuple(one for one in Subcategory if category_of(one) is category)
    for category in Category
}


class Severity(str, Enum):
    """Severity of a failure; CRITICAL = P0, HIGH = P1, MEDIUM = P2, LOW = P3 (C-13)."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class RecoveryMode(str, Enum):
    """What to do next about a failure (S2-25)."""

    RETRY_EXPONENTIAL = "RETRY_EXPONENTIAL"
    RETRY_LIMITED = "RETRY_LIMITED"
    FIX_CODE = "FIX_CODE"
    FIX_TEST = "FIX_TEST"
    FIX_ENVIRONMENT = "FIX_ENVIRONMENT"
    FIX_CONFIGURATION = "FIX_CONFIGURATION"
    INSTALL_DEPENDENCY = "INSTALL_DEPENDENCY"
    ROTATE_CREDENTIALS = "ROTATE_CREDENTIALS"
    ROLLBACK = "ROLLBACK"
    ESCALATE = "ESCALATE"
    INVESTIGATE = "INVESTIGATE"
    NONE = "NONE"


class FailureType(str, Enum):
    """The failure types that ship with us; the list is open, projects add names of their own."""

    GENERATOR_DRIFT = "generator_drift"
    TEST_FAILURE = "test_failure"
    INTEGRATION_TEST_FAILURE = "integration_test_failure"
    DATABASE_TEST_FAILURE = "database_test_failure"
    SECRET_DETECTED = "secret_detected"
    CRITICAL_VULNERABILITY = "critical_vulnerability"
    SECURITY_VULNERABILITY = "security_vulnerability"
    AUTHENTICATION_CHANGE = "authentication_change"
    INFRASTRUCTURE = "infrastructure"
    CI_RUNNER = "ci_runner"
    DATABASE_CONNECTIVITY = "database_connectivity"
    BUILD_ERROR = "build_error"
    PERFORMANCE_REGRESSION = "performance_regression"
    TEST_DEBT = "test_debt"
    UNKNOWN = "unknown"


INFRA_FAILURE_TYPES = frozenset(
    {
        FailureType.INFRASTRUCTURE.value,
        FailureType.CI_RUNNER.value,
        FailureType.DATABASE_CONNECTIVITY.value,
    }
)
"""Failure types that point at the surroundings instead of the code (S1-116)."""

CATEGORY_MEANINGS: dict[Category, str] = {
    Category.ARCHITECTURE: "incomplete, incorrect or ambiguous architecture",
    Category.QA: "inadequate, incorrect or missing QA coverage",
    Category.SCOPE: "scope ambiguity, creep or conflicts",
    Category.INFRA: "build environment, dependencies or tooling issues",
    Category.GOVERNANCE: "conflicting governance rules or enforcement gaps",
    Category.INTEGRATION: "integration between modules, services or systems",
    Category.UNKNOWN: "does not fit other categories, or the root cause is unclear",
}

MEANINGS: dict[Subcategory, str] = {
    Subcategory.ARCHITECTURE_INCOMPLETE: "architecture elements missing",
    Subcategory.ARCHITECTURE_AMBIGUOUS: "elements unclear",
    Subcategory.ARCHITECTURE_INCORRECT: "elements wrong",
    Subcategory.ARCHITECTURE_DRIFT: "implementation diverged from architecture",
    Subcategory.ARCHITECTURE_CONFLICT: "elements contradict",
    Subcategory.QA_COVERAGE_INCOMPLETE: "missing test coverage",
    Subcategory.QA_ASSERTION_INCORRECT: "test validates wrong thing",
    Subcategory.QA_FALSE_POSITIVE: "test passes when it should fail",
    Subcategory.QA_FALSE_NEGATIVE: "test fails when it should pass",
    Subcategory.QA_UNMAPPED: "tests don't trace to architecture",
    Subcategory.QA_TEST_DEBT: "skipped or disabled tests",
    Subcategory.SCOPE_AMBIGUOUS: "unclear what is in scope",
    Subcategory.SCOPE_CREEP: "scope expanded during build",
    Subcategory.SCOPE_CONFLICT: "requirements contradict",
    Subcategory.SCOPE_INCOMPLETE: "requirements missing",
    Subcategory.SCOPE_NOT_FROZEN: "scope changed after freeze",
    Subcategory.INFRA_ENVIRONMENT: "build environment issue",
    Subcategory.INFRA_DEPENDENCY: "external dependency unavailable",
    Subcategory.INFRA_TOOLING: "build tool failure",
    Subcategory.INFRA_RESOURCE: "insufficient resources (CPU, memory, disk)",
    Subcategory.INFRA_NETWORK: "network connectivity issue",
    Subcategory.INFRA_CREDENTIALS: "authentication/authorization issue",
    Subcategory.GOVERNANCE_RULE_CONFLICT: "two governance rules contradict",
    Subcategory.GOVERNANCE_INTERPRETATION: "governance rule ambiguous",
    Subcategory.GOVERNANCE_ENFORCEMENT_GAP: "rule exists but not enforced",
    Subcategory.GOVERNANCE_EXCEPTION_EXPIRED: "temporary override expired",
    Subcategory.GOVERNANCE_CHECKLIST_INCOMPLETE: "checklist missing items",
    Subcategory.INTEGRATION_API_MISMATCH: "API contract violated",
    Subcategory.INTEGRATION_DATA_MISMATCH: "data format mismatch",
    Subcategory.INTEGRATION_TIMING: "race condition or timing issue",
    Subcategory.INTEGRATION_DEPENDENCY_ORDER: "incorrect initialization order",
    Subcategory.INTEGRATION_STATE_MISMATCH: "state synchronization issue",
    Subcategory.UNKNOWN_ROOT_CAUSE: "failure occurred but cause unknown",
    Subcategory.OTHER_TRANSIENT: "transient failure (e.g. random timeout)",
    Subcategory.OTHER_EXTERNAL: "external system failure",
    Subcategory.OTHER_NOVEL: "first-time failure type",
}
