"""The rules of the gate as a project states them: `[tool.failtrack.gate]`, `[tool.failtrack.auth]`.

[tool.failtrack.gate]                        [tool.failtrack.auth]
known = "any"                                paths = ["src/auth/", "tests/login/**"]
required_runs = ["tests", "tests/py3*"]      markers = ["auth"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.codeowners import CodeOwners, rules_from_map
from pytest_failtrack.policy.matrix import SEVERITIES
from pytest_failtrack.policy.read import Reader

ANY = "any"
RATCHET = "ratchet"

# Each is the number that still passes, or "any": key -> default (C-33). None is "any".
ALLOWED_COUNTS: dict[str, int | None] = {
    "new": 0,  # causes seen for the first time, or without any history to tell
    "repeats": 0,  # causes that had ended, or came in another build within the window
    "known": 0,  # causes open on the base branch already
    "third_occurrence": 0,  # repeats seen three times or more, reviews not signed (S0-127)
    "overdue": None,  # causes past their deadline (S0-102)
    "flaky": None,  # causes whose tests all passed on another attempt
    "debt_without_reason": None,
    "expired_debt": 0,
    "unmapped": None,  # tests without the marks of [tool.failtrack.mapping]
    "frozen_scope": 0,  # files changed under what [[tool.failtrack.frozen]] lists (S0-26)
    "empty_runs": 0,  # pytest runs that collected nothing (exit status 5)
}


@frozen
class AuthScope:
    """What belongs to authentication, where nothing may be lifted (S1-43).

    Args:
        paths: gitignore-like patterns of files.
        markers: Names of markers.
    """

    paths: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()

    @cached_property
    def patterns(self) -> CodeOwners:
        """The paths as rules that can be asked often."""
        return rules_from_map(dict.fromkeys(self.paths, "auth"))

    def holds(self, files: Iterable[str], markers: Iterable[str] = ()) -> bool:
        """Return whether one of the files or markers belongs to authentication."""
        if not set(self.markers).isdisjoint(markers):
            return True
        return bool(self.paths) and any(self.patterns.owners_of(file) for file in files)


@frozen
class GateRules:
    """What passes the gate; a number is how many still pass, None is any number.

    Args:
        new: Causes that are NEW or FIRST (C-34).
        repeats: Causes that are REPEAT.
        known: Causes that are KNOWN.
        third_occurrence: Repeats seen for the third time or more, with reviews not signed.
        overdue: Causes past their deadline.
        flaky: Causes of flaky tests.
        debt_without_reason: Items of test debt that give no reason.
        expired_debt: Items of test debt past their date.
        unmapped: Tests without the marks that the project asks for.
        frozen_scope: Files that changed under a frozen path.
        empty_runs: pytest runs that collected nothing.
        max_severity: Highest severity of a counted cause that passes; `` for any.
        max_debt: Items of test debt that pass; None for any.
        is_ratchet: `max_debt` is a baseline that should be lowered when debt shrinks.
        required_runs: Patterns of `job` or `job/leg` of which each needs a complete run.
        allow_infra: Infrastructure alone passes (0) instead of asking for a retry (75).
        auth: What belongs to authentication.
    """

    new: int | None = 0
    repeats: int | None = 0
    known: int | None = 0
    third_occurrence: int | None = 0
    overdue: int | None = None
    flaky: int | None = None
    debt_without_reason: int | None = None
    expired_debt: int | None = 0
    unmapped: int | None = None
    frozen_scope: int | None = 0
    empty_runs: int | None = 0
    max_severity: str = ""
    max_debt: int | None = None
    is_ratchet: bool = False
    required_runs: tuple[str, ...] = ()
    allow_infra: bool = False
    auth: AuthScope = AuthScope()


def gate_rules(
    gate: Mapping[str, Any] | None = None, auth: Mapping[str, Any] | None = None
) -> GateRules:
    """Return the rules that a project states, with the defaults of C-33 for the rest.

    Args:
        gate: `[tool.failtrack.gate]`.
        auth: `[tool.failtrack.auth]`.

    Raises:
        ConfigError: A key or value is not allowed; the message names it and what is.
    """
    where = Reader("tool.failtrack.gate", gate or {})
    where.only(
        *ALLOWED_COUNTS, "max_severity", "max_debt", "debt_baseline", "required_runs", "allow_infra"
    )
    counts = {key: _allowed(where, key, default) for key, default in ALLOWED_COUNTS.items()}
    max_debt, is_ratchet = _debt_budget(where)
    return GateRules(
        **counts,
        max_severity=where.choice("max_severity", ("", *SEVERITIES), ""),
        max_debt=max_debt,
        is_ratchet=is_ratchet,
        required_runs=where.words("required_runs"),
        allow_infra=where.flag("allow_infra", False),
        auth=auth_scope(auth),
    )


def auth_scope(table: Mapping[str, Any] | None = None) -> AuthScope:
    """Return what `[tool.failtrack.auth]` lists.

    Raises:
        ConfigError: A key or value is not allowed.
    """
    where = Reader("tool.failtrack.auth", table or {})
    where.only("paths", "markers")
    return AuthScope(where.words("paths"), where.words("markers"))


def _allowed(where: Reader, key: str, default: int | None) -> int | None:
    if key not in where:
        return default
    if where.is_word(key, ANY):
        return None
    return where.count(key, 0, otherwise=f", or '{ANY}'")


def _debt_budget(where: Reader) -> tuple[int | None, bool]:
    """Return the number of items that pass, and whether it is a ratchet."""
    if where.is_word("max_debt", RATCHET):
        if "debt_baseline" not in where:
            raise ConfigError(
                "tool.failtrack.gate.max_debt: 'ratchet' needs debt_baseline, the number of "
                "items of test debt that there are now (`failtrack gate --explain` counts them)"
            )
        return where.count("debt_baseline", 0), True
    if "debt_baseline" in where:
        raise ConfigError(
            "tool.failtrack.gate.debt_baseline is read only with max_debt = 'ratchet'; "
            "set that, or give the number as max_debt"
        )
    if "max_debt" not in where or where.is_word("max_debt", ANY):
        return None, False
    return where.count("max_debt", 0, otherwise=f", '{RATCHET}' or '{ANY}'"), False
