"""The escalation matrix: what each failure type means for people; data in matrix.toml.

The pipeline and the commands load it once; owners, SLA, escalation, retry and gate read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.read import Reader
from pytest_failtrack.policy.source_keys import from_source_keys

BUILT_FILE = Path(__file__).with_name("matrix.json")

TIERS = ("immediate", "standard", "investigation")
OVERRIDES = ("never", "approval", "conditional", "allowed")
RETRIES = ("never", "automatic", "conditional")
BACKOFFS = ("", "fixed", "linear", "exponential")
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
FINDERS = ("author", "committer", "component", "handle")

# S1-40..43: what no configuration and no other rule can lift.
NEVER_LIST = {
    "secret_detected": "S1-40",
    "generator_drift": "S1-41",
    "critical_vulnerability": "S1-42",
    "authentication_change": "S1-43",
}


@frozen
class Override:
    """Whether a failing gate may be overridden.

    Args:
        kind: `never`, `approval`, `conditional` or `allowed`.
        condition: What must hold, in words.
    """

    kind: str
    condition: str = ""


@frozen
class Retry:
    """Whether a failure may be tried again without a change.

    Args:
        kind: `never`, `automatic` or `conditional`.
        max_attempts: Attempts after the first one; 0 for `never`.
        backoff: ``, `fixed`, `linear` or `exponential`.
        conditions: Words of which one must hold (`automatic`) or all must (`conditional`).
    """

    kind: str = "never"
    max_attempts: int = 0
    backoff: str = ""
    conditions: tuple[str, ...] = ()


@frozen
class TypePolicy:
    """One row of the matrix.

    Args:
        name: Failure type.
        primary: Role that owns it.
        secondary: Second role; `` where nobody is named.
        qa: What QA must see before the fix counts, in words.
        tier: `immediate`, `standard` or `investigation` (C-4).
        override: Whether the gate may be overridden.
        retry: Whether it may be retried.
        sla_hours: Target in hours; None where the severity alone rules.
        sla_hard_hours: When escalation turns hard; None: the target itself.
        sla_hours_by_severity: Targets that replace `sla_hours` for some severities (S1-59).
        is_infrastructure: The gate may take it for infrastructure.
    """

    name: str
    primary: str
    secondary: str
    qa: str
    tier: str
    override: Override
    retry: Retry
    sla_hours: float | None = None
    sla_hard_hours: float | None = None
    sla_hours_by_severity: Mapping[str, float] = field(default_factory=dict)
    is_infrastructure: bool = False

    def sla_for(self, severity: str) -> float | None:
        """Return the target in hours for a severity, None where the severity alone rules."""
        return self.sla_hours_by_severity.get(severity, self.sla_hours)


@frozen
class Role:
    """Who stands behind a role.

    Args:
        name: Role, such as `backend_dev`.
        handle: Person or team, such as `@backend`; `` until the project names one.
        find: Where the person is looked for, in order (`author`, `committer`, `component`,
            `handle`).
    """

    name: str
    handle: str = ""
    find: tuple[str, ...] = ("handle",)


@frozen
class Matrix:
    """The whole matrix.

    Args:
        types: Rows by failure type.
        roles: Roles by name.
        severity_sla_hours: Target in hours by severity (S0-102..108).
    """

    types: Mapping[str, TypePolicy]
    roles: Mapping[str, Role]
    severity_sla_hours: Mapping[str, float]

    def policy(self, failure_type: str) -> TypePolicy:
        """Return the row of a failure type; a type without one gets the row `unknown`."""
        return self.types.get(failure_type) or self.types["unknown"]

    def refusal_of(self, failure_type: str) -> str:
        """Return why a failure type cannot be named, `` for one that has a row."""
        if failure_type in self.types:
            return ""
        return (
            f"failure_type {failure_type!r} has no row in the matrix: give it one,"
            f" [tool.failtrack.types.{failure_type}], or name one of {', '.join(self.types)}"
        )

    def is_infrastructure(self, category: str, failure_type: str) -> bool:
        """Return whether a failure may be taken for infrastructure: exit 75 instead of 1 (C-33).

        Both must say so. The category can be edited during a record's life, the failure type
        cannot; and a type of the never-list must not pass because of its category (C-5).
        """
        return category == "INFRA" and self.policy(failure_type).is_infrastructure

    def role(self, name: str) -> Role:
        """Return a role; one that nobody configured stands for itself."""
        return self.roles.get(name) or Role(name)


def load_matrix(table: Mapping[str, Any] | None = None) -> Matrix:
    """Return the shipped matrix, extended and overridden by a project.

    Args:
        table: `[tool.failtrack]`, of which `types`, `roles`, `severity_sla_hours` and the two
            tables of S1-160 (`failure_detection`, `auto_retry_policy`) are read; where `types`
            and these name the same key, `types` wins.

    Raises:
        ConfigError: A key or value is not allowed; the message names it and what is.
    """
    shipped = _shipped()
    given = table or {}
    where = Reader("tool.failtrack", given)
    types = {name: dict(row) for name, row in shipped["types"].items()}
    stated = where.tables("types")
    imported = from_source_keys(given, (*types, *stated))
    for name in (*stated, *(name for name in imported if name not in stated)):
        changes = {**imported.get(name, {}), **stated.get(name, {})}
        types[name] = _merged(types.get(name) or types["unknown"], changes)
        _refuse_loosening(name, types[name])
    return Matrix(
        types={name: _policy(name, row) for name, row in types.items()},
        roles=_roles(shipped["roles"], where.table("roles")),
        severity_sla_hours={
            **shipped["severity_sla_hours"],
            **_hours_by_severity("tool.failtrack.severity_sla_hours", given),
        },
    )


def _shipped() -> dict[str, Any]:
    """Return what `scripts/built-json` wrote of matrix.toml: a parser costs a failing run more."""
    table: dict[str, Any] = json.loads(BUILT_FILE.read_text(encoding="utf-8"))
    return table


def built_text() -> str:
    """Return the shipped matrix as JSON, read from matrix.toml."""
    from pytest_failtrack.toml import tomllib

    table = tomllib.loads(BUILT_FILE.with_suffix(".toml").read_text(encoding="utf-8"))
    return json.dumps(table, indent=1) + "\n"


def _merged(row: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with changes laid over it.

    A shorthand (`override = "never"`) replaces the whole sub-table: a condition that was
    written for another class must not survive it. The same holds for the SLA: a new target
    drops the targets by severity, and the hard target where that would now come earlier.
    """
    merged = {**row, **changes}
    if "sla_hours" in changes:
        if "sla_hours_by_severity" not in changes:
            merged.pop("sla_hours_by_severity", None)
        if "sla_hard_hours" not in changes:
            merged.pop("sla_hard_hours", None)
    return merged


def _refuse_loosening(name: str, row: Mapping[str, Any]) -> None:
    if name not in NEVER_LIST:
        return
    override = row["override"]
    kind = override.get("class") if isinstance(override, Mapping) else override
    if kind != "never":
        raise ConfigError(
            f"tool.failtrack.types.{name}.override: {kind!r} is not allowed, only 'never' is: "
            f"{name} is on the list that nothing lifts ({NEVER_LIST[name]})"
        )
    if row.get("is_infrastructure"):
        raise ConfigError(
            f"tool.failtrack.types.{name}.is_infrastructure: true is not allowed: {name} is on "
            f"the list that nothing lifts ({NEVER_LIST[name]})"
        )


def _policy(name: str, row: Mapping[str, Any]) -> TypePolicy:
    where = Reader(f"tool.failtrack.types.{name}", row)
    where.only(
        "primary",
        "secondary",
        "qa",
        "sla_hours",
        "sla_hard_hours",
        "sla_hours_by_severity",
        "tier",
        "override",
        "retry",
        "is_infrastructure",
    )
    policy = TypePolicy(
        name=name,
        primary=where.text("primary", allow_empty=False),
        secondary=where.text("secondary"),
        qa=where.text("qa"),
        tier=where.choice("tier", TIERS),
        override=_override(where),
        retry=_retry(where),
        sla_hours=where.hours("sla_hours"),
        sla_hard_hours=where.hours("sla_hard_hours"),
        sla_hours_by_severity=_hours_by_severity(f"{where.name}.sla_hours_by_severity", row),
        is_infrastructure=where.flag("is_infrastructure", False),
    )
    if policy.sla_hard_hours is not None and policy.sla_hard_hours < (policy.sla_hours or 0):
        raise ConfigError(
            f"{where.name}.sla_hard_hours: {policy.sla_hard_hours:g} is earlier than sla_hours "
            f"({policy.sla_hours:g}); it must be the same or later"
        )
    return policy


def _override(row: Reader) -> Override:
    where = row.table_or_word("override", "class")
    where.only("class", "condition")
    return Override(where.choice("class", OVERRIDES), where.text("condition"))


def _retry(row: Reader) -> Retry:
    where = row.table_or_word("retry", "class")
    where.only("class", "max_attempts", "backoff", "conditions")
    kind = where.choice("class", RETRIES)
    if kind == "never":
        return Retry()
    return Retry(
        kind=kind,
        max_attempts=where.count("max_attempts", 1, at_least=1),
        backoff=where.choice("backoff", BACKOFFS, ""),
        conditions=where.words("conditions"),
    )


def _roles(shipped: Mapping[str, Any], given: Reader) -> dict[str, Role]:
    roles = {name: Role(name, "", tuple(row["find"])) for name, row in shipped.items()}
    for name in given:
        where = given.table_or_word(name, "handle")
        where.only("handle", "find")
        before = roles.get(name) or Role(name)
        roles[name] = Role(
            name,
            handle=where.text("handle"),
            find=where.choices("find", FINDERS) or before.find,
        )
    return roles


def _hours_by_severity(name: str, table: Mapping[str, Any]) -> dict[str, float]:
    parent, _, key = name.rpartition(".")
    where = Reader(parent, table).table(key)
    where.only(*SEVERITIES)
    hours = {severity: where.hours(severity) for severity in where}
    return {severity: value for severity, value in hours.items() if value is not None}
