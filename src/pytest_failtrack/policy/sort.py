"""Sorting a case into causes: what counts as a failure, as infrastructure, as flaky, as debt."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.case import Case, Finding
from pytest_failtrack.policy.digest import CAUSE_NOVELTIES, Cause, count_tests
from pytest_failtrack.policy.matrix import NEVER_LIST, SEVERITIES, Matrix
from pytest_failtrack.policy.retry import may_retry
from pytest_failtrack.policy.rules import AuthScope
from pytest_failtrack.record.reviews import REQUIRED_REVIEWS
from pytest_failtrack.signature.cluster import gathered

FAILURE = "failure"
INFRASTRUCTURE = "infrastructure"
FLAKY = "flaky"
DEBT = "debt"

# What is most important to a reader comes first; a new cause is named first (C-33).
NOVELTY_ORDER = ("NEW", "FIRST", "REPEAT", "KNOWN")
# Legs of a matrix may know different histories; the one that knows most is right.
KNOWLEDGE_ORDER = ("REPEAT", "KNOWN", "NEW", "FIRST")


@frozen
class Sorted:
    """One cause and what the gate takes it for.

    Args:
        cause: The cause, with all its failures in all runs of the build.
        kind: `failure`, `infrastructure`, `flaky` or `debt`.
        never: Why nothing lifts it, such as `secret_detected (S1-40)`; `` when something may.
        is_superseded: It was seen in an earlier attempt of the build only.
    """

    cause: Cause
    kind: str
    never: str = ""
    is_superseded: bool = False

    @property
    def unsigned(self) -> tuple[str, ...]:
        """The reviews of S0-127 that nobody has signed, on none of its records."""
        return tuple(name for name in REQUIRED_REVIEWS if name not in self.cause.signed)

    @property
    def is_counted(self) -> bool:
        """Whether it counts against the gate by its kind, before any rule."""
        return self.kind == FAILURE or bool(self.never)


def sort_causes(case: Case, matrix: Matrix, auth: AuthScope) -> tuple[Sorted, ...]:
    """Return the causes of a case, new ones first, then by severity and number of failures.

    A cause is flaky, debt or infrastructure only when each of its failures is.
    """
    kinds = _Kinds(case.findings, matrix)
    current = [
        _sorted(group, {kinds.of(one) for one in group}, matrix, auth)
        for group in _by_cause(case.findings)
    ]
    seen = {one.cause.key for one in current if one.never}
    earlier = [
        _sorted(group, {FAILURE}, matrix, auth, is_superseded=True)
        for group in _by_cause(case.superseded)
        if group[0].key not in seen and _never(group, matrix, auth)
    ]
    return tuple(sorted((*current, *earlier), key=_importance))


class _Kinds:
    """What one record is taken for; a rerun is flaky only when its test passed in the end."""

    def __init__(self, findings: Iterable[Finding], matrix: Matrix) -> None:
        self._matrix = matrix
        self._passed_later = {
            (one.run_id, one.nodeid) for one in findings if one.outcome == "flaky"
        }

    def of(self, finding: Finding) -> str:
        if finding.is_debt:
            return DEBT
        if finding.is_recovered and self._matrix.policy(finding.failure_type).retry.kind != "never":
            return FLAKY
        is_attempt = finding.outcome == "rerun"
        if finding.outcome == "flaky" or (
            is_attempt and (finding.run_id, finding.nodeid) in self._passed_later
        ):
            return FLAKY
        if self._matrix.is_infrastructure(finding.category, finding.failure_type):
            return INFRASTRUCTURE
        return FAILURE


def _by_cause(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings by cause; causes of two runs that share a signature are one.

    Legs that run at once do not know of each other, and may call one cause by two names.
    """
    return gathered(findings, _names)


def _names(finding: Finding) -> tuple[tuple[str, str], ...]:
    workflow, _, _ = finding.key.rpartition("|")
    return ((workflow, finding.cause_id), (workflow, finding.hash or finding.cause_id))


def _novelty(group: list[Finding]) -> str:
    """Return the word of a cause, from what is known best of each of its signatures."""
    by_hash: dict[str, list[str]] = {}
    for finding in group:
        by_hash.setdefault(finding.hash, []).append(finding.novelty)
    words = (_first_of(KNOWLEDGE_ORDER, told, "NEW") for told in by_hash.values())
    return _first_of(CAUSE_NOVELTIES, words, "NEW")


def _sorted(
    group: list[Finding],
    kinds: set[str],
    matrix: Matrix,
    auth: AuthScope,
    *,
    is_superseded: bool = False,
) -> Sorted:
    kind = kinds.pop() if len(kinds) == 1 else _strictest(kinds)
    return Sorted(
        cause=_cause(group, kind, matrix),
        kind=kind,
        never="" if kind == DEBT else _never(group, matrix, auth),
        is_superseded=is_superseded,
    )


def _strictest(kinds: set[str]) -> str:
    return next(kind for kind in (FAILURE, INFRASTRUCTURE, FLAKY, DEBT) if kind in kinds)


def _never(group: list[Finding], matrix: Matrix, auth: AuthScope) -> str:
    """Return why nothing lifts a cause (S1-40..43), `` when something may."""
    for finding in group:
        if finding.is_debt:
            continue
        if reason := never_reason(finding.failure_type, finding.severity, matrix):
            return reason
        if auth.holds(finding.files, finding.tags):
            return f"authentication_change ({NEVER_LIST['authentication_change']})"
    return ""


def never_reason(failure_type: str, severity: str, matrix: Matrix) -> str:
    """Return why a failure type is never lifted, `` when it may be.

    Args:
        failure_type: Failure type.
        severity: A vulnerability that is CRITICAL is a critical vulnerability (C-3).
        matrix: Its types with override `never` are on the list too.
    """
    if failure_type == "security_vulnerability" and severity == "CRITICAL":
        failure_type = "critical_vulnerability"
    if failure_type in NEVER_LIST:
        return f"{failure_type} ({NEVER_LIST[failure_type]})"
    if matrix.policy(failure_type).override.kind == "never":
        return f"{failure_type} (override = never)"
    return ""


def _cause(group: list[Finding], kind: str, matrix: Matrix) -> Cause:
    first = min(
        group,
        key=lambda one: (
            one.cause_id,
            matrix.is_infrastructure(one.category, one.failure_type),
            one.key,
        ),
    )
    signatures = tuple(sorted({one.hash for one in group if one.hash}))
    due = [one.due for one in group if one.due is not None]
    nodeids = tuple(dict.fromkeys(one.nodeid for one in group))
    return Cause(
        cause_id=first.cause_id,
        key=first.key,
        headline=first.headline,
        novelty=_novelty(group),
        occurrence=max(one.occurrence for one in group),
        category=first.category,
        subcategory=first.subcategory,
        failure_type=first.failure_type,
        severity=_first_of(SEVERITIES, (one.severity for one in group), "CRITICAL"),
        phase=first.phase,
        owner=next((one.owner for one in group if one.owner), ""),
        file=first.files[0] if first.files else "",
        line=first.line,
        function=first.function,
        due=min(due) if due else None,
        tier=max(one.tier for one in group),
        failures=len(group),
        tests=count_tests(nodeids),
        nodeids=nodeids,
        is_retryable=may_retry(((one.is_retryable, one.failure_type) for one in group), matrix),
        record_ids=tuple(one.record_id for one in group),
        is_flaky=kind == FLAKY,
        is_debt=kind == DEBT,
        signatures=signatures,
        why=next((one.why for one in group if one.why), "") if len(signatures) > 1 else "",
        blame=first.blame,
        evidence=next((one.evidence for one in group if one.evidence), ""),
        # One record speaks for all of its cause.
        signed=tuple(sorted(frozenset().union(*(one.signed for one in group)))),
    )


def _first_of(order: tuple[str, ...], words: Iterable[str], otherwise: str) -> str:
    """Return the first word of an order that occurs; a word that is in no order is `otherwise`."""
    given = {word if word in order else otherwise for word in words}
    return next(word for word in order if word in given)


def _importance(one: Sorted) -> tuple[bool, int, int, int, str]:
    cause = one.cause
    return (
        not one.is_counted,
        NOVELTY_ORDER.index(cause.novelty),
        SEVERITIES.index(cause.severity),
        -cause.failures,
        cause.cause_id,
    )
