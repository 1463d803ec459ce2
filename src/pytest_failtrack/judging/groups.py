"""The failures of one run that have one cause, and the cause as the digest tells it.

judgement.py asks, and fills in between what history and policy say of each cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_failtrack.frozen import replaced
from pytest_failtrack.judging.assessment import Case
from pytest_failtrack.policy.digest import CAUSE_NOVELTIES, Cause, count_tests
from pytest_failtrack.policy.escalate import Escalation
from pytest_failtrack.policy.matrix import SEVERITIES, Matrix
from pytest_failtrack.policy.retry import may_retry, retry_policy
from pytest_failtrack.record.repeat import Repetition
from pytest_failtrack.signature.cluster import clusters, known_clusters
from pytest_failtrack.signature.kind import failure_of
from pytest_failtrack.signature.token import headline, place_of

# Signatures of nothing but these outcomes are causes of their own.
NOT_GROUPED = frozenset({"debt", "expired", "flaky"})


class Group:
    """The failures of one cause.

    Args:
        cause_id: 12 hex digits that last.
        members: Its failures by signature; the signature of most failures comes first.
        repetitions: What history says of each signature.
        why: Why its signatures belong together, `` when it has one.
    """

    def __init__(
        self,
        cause_id: str,
        members: Iterable[list[Case]],
        repetitions: Mapping[str, Repetition],
        why: str = "",
    ) -> None:
        self.cause_id = cause_id
        self.why = why
        parts = sorted(members, key=lambda part: (-len(part), part[0].signature.hash))
        self.cases = [case for part in parts for case in part]
        self.signatures = tuple(sorted(part[0].signature.hash for part in parts))
        self.repetition = combined([repetitions.get(one, Repetition()) for one in self.signatures])
        self.escalation: Escalation | None = None
        self.owner = ""
        self.secondary = ""
        self.due: datetime | None = None
        self.sla_source = ""

    @property
    def severity(self) -> str:
        """The highest severity among its failures."""
        return min((one.classification.severity for one in self.cases), key=SEVERITIES.index)


def grouped(
    by_signature: Mapping[str, list[Case]],
    repetitions: Mapping[str, Repetition],
    known: Iterable[tuple[str, str, str]],
) -> list[Group]:
    """Lay signatures that have one cause together; debt and flaky tests keep to themselves.

    Args:
        by_signature: The failures of the run.
        repetitions: What history says of each signature.
        known: Cause, signature and token of each failure that history has of them.
    """
    alone = {
        digits: cases
        for digits, cases in by_signature.items()
        if all(case.observation.outcome in NOT_GROUPED for case in cases)
    }
    failures = [
        failure_of(case.observation, case.signature)
        for digits, cases in by_signature.items()
        if digits not in alone
        for case in _telling(cases)
    ]
    made = clusters(failures, known_clusters(known)) if failures else []
    groups = [Group(digits, [cases], repetitions) for digits, cases in alone.items()]
    for one in made:
        members = [by_signature[digits] for digits in one.hashes]
        groups.append(Group(one.id, members, repetitions, one.why if len(members) > 1 else ""))
    return groups


def _telling(cases: Sequence[Case]) -> Iterator[Case]:
    """Yield the failures of one signature that tell of its cause: one test, and every fixture."""
    yield min(cases, key=lambda case: (case.observation.nodeid, case.observation.when))
    for case in cases:
        if case.observation.when in ("setup", "teardown"):
            yield case


def combined(repetitions: Sequence[Repetition]) -> Repetition:
    """Return what history says of a cause from what it says of each of its signatures.

    The word is that of the first in `CAUSE_NOVELTIES`: a signature that is new never hides behind
    one that is known on the base branch.

    Args:
        repetitions: One a signature, at least one.
    """
    first = min(repetitions, key=lambda one: (CAUSE_NOVELTIES.index(one.novelty), -one.occurrence))
    if len(repetitions) == 1:
        return first
    reopens = dict.fromkeys(name for one in repetitions for name in one.reopens)
    reopened_from = next((one.reopened_from for one in repetitions if one.reopened_from), "")
    return replaced(first, reopens=tuple(reopens), reopened_from=reopened_from)


def cause_of(group: Group, matrix: Matrix, signed: tuple[str, ...]) -> Cause:
    """Return a cause as the digest tells it.

    Args:
        group: Its failures, with what was decided about them.
        matrix: Escalation matrix.
        signed: Reviews of a third occurrence that are signed.
    """
    first = next((one for one in group.cases if not _is_infra(one, matrix)), group.cases[0])
    kind = first.classification
    place = place_of(first.observation)
    nodeids = tuple(dict.fromkeys(case.observation.nodeid for case in group.cases))
    observations = [case.observation for case in group.cases if case is not first]
    outcomes = {case.observation.outcome for case in group.cases}
    kinds = (case.classification for case in group.cases)
    is_retryable = may_retry(((one.is_retryable, one.failure_type) for one in kinds), matrix)
    is_debt = outcomes <= {"debt", "expired"}
    return Cause(
        cause_id=group.cause_id,
        key=f"{first.signature.workflow}|{group.cause_id}",
        signatures=group.signatures,
        why=group.why,
        headline=first.observation.text if is_debt else headline(first.observation, observations),
        novelty=group.repetition.novelty,
        occurrence=group.repetition.occurrence,
        category=kind.category,
        subcategory=kind.subcategory,
        failure_type=kind.failure_type,
        severity=group.severity,
        phase=first.phase,
        days_since_last=group.repetition.days_since_last_occurrence,
        reopened_from=group.repetition.reopened_from,
        is_retryable=is_retryable,
        recovery=kind.recovery_suggestion,
        retry=retry_policy(kind.failure_type, matrix).words if is_retryable else "",
        owner=group.owner,
        secondary=group.secondary,
        file=place.file if place is not None else first.observation.file,
        line=place.line if place is not None else first.observation.line,
        function=place.function if place is not None else "",
        due=group.due,
        sla_source=group.sla_source,
        tier=group.escalation.tier if group.escalation else 0,
        notify=group.escalation.notify if group.escalation else (),
        failures=len(group.cases),
        tests=count_tests(nodeids),
        nodeids=nodeids,
        record_ids=tuple(case.record_id for case in group.cases if case.record_id),
        is_flaky=outcomes == {"flaky"},
        is_debt=is_debt,
        blame=kind.blame,
        evidence=kind.evidence,
        signed=signed,
        is_infra_type=_is_infra(first, matrix),
    )


def _is_infra(case: Case, matrix: Matrix) -> bool:
    """Whether a failure is infrastructure; a cause is only where each of its failures is."""
    kind = case.classification
    return matrix.is_infrastructure(kind.category, kind.failure_type)


def importance(cause: Cause) -> tuple[Any, ...]:
    """Return the place of a cause among others.

    Failures before flaky tests before debt, new first, infrastructure last, then size.
    """
    novelty = {"NEW": 0, "FIRST": 0, "REPEAT": 1, "KNOWN": 2}.get(cause.novelty, 3)
    return (
        cause.is_debt,
        cause.is_flaky,
        cause.is_infra,
        novelty,
        SEVERITIES.index(cause.severity),
        -cause.failures,
        cause.cause_id,
    )
