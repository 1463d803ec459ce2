"""Escalation: who is told, by how often a cause was seen and by what kind of failure it is."""

from __future__ import annotations

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.matrix import Matrix
from pytest_failtrack.record.reviews import REQUIRED_REVIEWS

# S0-124..126: the first time, the second, the third and later.
TIER_BY_OCCURRENCE = (0, 1, 2)
ROLES_BY_TIER: tuple[tuple[str, ...], ...] = ((), ("build_owner",), ("authority", "build_owner"))

# S0-125: what the second occurrence asks.
REPEAT_QUESTIONS = ("why did prevention fail", "strengthen prevention", "update governance")

# From the weakest to the strongest (C-4).
URGENCIES = ("investigation", "standard", "immediate")


@frozen
class Escalation:
    """What one cause calls for in one build.

    Args:
        occurrence: 1 for the first build in which it was seen, 2 for the second, ...
        tier: 0 standard process, 1 second occurrence, 2 third and later (S0-124..126).
        urgency: `immediate`, `standard` or `investigation`: the stronger of what the failure
            type, the severity and the occurrence ask for (C-21).
        notify: Roles to be told, the most senior first.
        reviews: Reviews that are mandatory now (S0-127).
        questions: What has to be answered now (S0-125).
        reason: Which axis ruled: `occurrence`, `severity` or `failure_type`.
    """

    occurrence: int
    tier: int
    urgency: str
    notify: tuple[str, ...]
    reviews: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    reason: str = "failure_type"


def escalate(occurrence: int, failure_type: str, severity: str, matrix: Matrix) -> Escalation:
    """Return the escalation of a cause.

    Args:
        occurrence: Number of builds in which it was seen within the window, this one included.
        failure_type: Failure type; one without a row counts as `unknown`.
        severity: `CRITICAL`, `HIGH`, `MEDIUM` or `LOW`.
        matrix: Escalation matrix.

    Source: S0-101, S0-124..127, S1-29..35, C-4, C-21.
    """
    count = max(occurrence, 1)
    tier = TIER_BY_OCCURRENCE[min(count, len(TIER_BY_OCCURRENCE)) - 1]
    policy = matrix.policy(failure_type)
    urgency, reason = _stronger(
        (policy.tier, "failure_type"),
        ("immediate" if severity == "CRITICAL" else "investigation", "severity"),
        (("investigation", "standard", "immediate")[tier], "occurrence"),
    )
    owners = (policy.primary, policy.secondary)
    return Escalation(
        occurrence=count,
        tier=tier,
        urgency=urgency,
        notify=_distinct((*ROLES_BY_TIER[tier], *owners)),
        reviews=REQUIRED_REVIEWS if tier == 2 else (),
        questions=REPEAT_QUESTIONS if tier >= 1 else (),
        reason=reason,
    )


def _stronger(*axes: tuple[str, str]) -> tuple[str, str]:
    """Return the strongest axis; on a tie the first one given."""
    return max(axes, key=lambda axis: URGENCIES.index(axis[0]))


def _distinct(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for role in roles if role))
