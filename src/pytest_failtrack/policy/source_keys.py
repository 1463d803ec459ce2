"""The key names of the escalation matrix's own YAML, accepted as tables and turned into types.

[tool.failtrack.failure_detection.categorization]     generator_drift = ["backend_dev", ...]
[tool.failtrack.failure_detection.notification_routing]     immediate = ["security_secrets", ...]
[tool.failtrack.auto_retry_policy]     never_retry = ["test_failures", ...]

Source: S1-77..89, S1-160.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.read import Reader

TESTS = ("test_failure", "integration_test_failure", "database_test_failure")
VULNERABILITIES = ("security_vulnerability", "critical_vulnerability")

# What the YAML calls them, and which failure types that is. Other names are failure types.
SOURCE_NAMES: dict[str, tuple[str, ...]] = {
    "security_scan": VULNERABILITIES,
    "security_secrets": ("secret_detected",),
    "security_standard": ("security_vulnerability",),  # critical ones are immediate (S1-30)
    "security_vulnerabilities": VULNERABILITIES,
    "secret_detection": ("secret_detected",),
    "infrastructure": ("infrastructure", "ci_runner"),
    "infrastructure_critical": ("infrastructure", "ci_runner", "database_connectivity"),
    "infrastructure_failures": ("infrastructure", "ci_runner"),
    "test_failures": TESTS,
    "complex_integration": ("integration_test_failure",),
    "build_errors": ("build_error",),
    "performance": ("performance_regression",),
}

# The more specific comes later and wins: complex_integration after test_failures.
ROUTES = ("immediate", "standard", "investigation")


def from_source_keys(
    table: Mapping[str, Any], known_types: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return the changes by failure type that `failure_detection` and `auto_retry_policy` ask for.

    Args:
        table: A table that may hold the two keys; others are ignored.
        known_types: Failure types that may be named beside the names of the YAML.

    Returns:
        Rows as in `[tool.failtrack.types]`, with the keys primary, secondary, tier and retry.

    Raises:
        ConfigError: A key, name or value is not allowed.
    """
    where = Reader("tool.failtrack", table)
    names = _Names(known_types)
    changes = _Changes()
    detection = where.table("failure_detection")
    detection.only("categorization", "notification_routing")
    _categorization(detection.table("categorization"), names, changes)
    _routing(detection.table("notification_routing"), names, changes)
    _retries(where.table("auto_retry_policy"), names, changes)
    return changes.by_type


class _Names:
    def __init__(self, known_types: Iterable[str]) -> None:
        self._known = tuple(known_types)

    def types_of(self, name: str, where: str) -> tuple[str, ...]:
        if name in SOURCE_NAMES:
            return SOURCE_NAMES[name]
        if name in self._known:
            return (name,)
        allowed = sorted({*SOURCE_NAMES, *self._known})
        raise ConfigError(f"{where}: {name!r} is not allowed; allowed are {', '.join(allowed)}")


class _Changes:
    def __init__(self) -> None:
        self.by_type: dict[str, dict[str, Any]] = {}

    def lay(self, types: Iterable[str], **values: Any) -> None:
        for name in types:
            self.by_type.setdefault(name, {}).update(values)


def _categorization(where: Reader, names: _Names, changes: _Changes) -> None:
    for name in where:
        roles = where.words_or_text(name)
        if len(roles) not in (1, 2):
            where.refuse(name, "one role, or a primary and a secondary")
        values = dict(zip(("primary", "secondary"), roles, strict=False))
        changes.lay(names.types_of(name, where.name), **values)


def _routing(where: Reader, names: _Names, changes: _Changes) -> None:
    where.only(*ROUTES)
    for route in ROUTES:
        for name in where.words(route):
            changes.lay(names.types_of(name, f"{where.name}.{route}"), tier=route)


def _retries(where: Reader, names: _Names, changes: _Changes) -> None:
    where.only("infrastructure_failures", "never_retry", "conditional_retry")
    if "infrastructure_failures" in where:
        row = where.table("infrastructure_failures")
        row.only("max_attempts", "backoff", "conditions")
        retry = {"class": "automatic", **row.values()}
        changes.lay(SOURCE_NAMES["infrastructure_failures"], retry=retry)
    for name in where.words("never_retry"):
        types = names.types_of(name, f"{where.name}.never_retry")
        changes.lay(types, retry={"class": "never"})
    conditional = where.table("conditional_retry")
    for name in conditional:
        row = conditional.table(name)
        row.only("condition", "max_attempts")
        retry = {
            "class": "conditional",
            "conditions": [row.text("condition", allow_empty=False)],
            "max_attempts": row.count("max_attempts", 1, at_least=1),
        }
        changes.lay(names.types_of(name, conditional.name), retry=retry)
