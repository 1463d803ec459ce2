"""S0-37: rules of a configuration that contradict each other, and rules without effect."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from pytest_failtrack.policy.conflicts import Conflict, find_conflicts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PREFIX = "tool.failtrack."


def found(text: str) -> list[Conflict]:
    """Return the conflicts of a `[tool.failtrack]` that is written as the top of a file."""
    return find_conflicts(tomllib.loads(text))


def pairs(text: str) -> list[tuple[str, ...]]:
    """Return which rules contradict each other, without the name of the table."""
    return [tuple(rule.removeprefix(PREFIX) for rule in one.rules) for one in found(text)]


CONTRADICTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "an override of what nothing lifts": (
        '[types.secret_detected]\noverride = "allowed"',
        ("types.secret_detected.override", "the never-list (S1-40)"),
    ),
    "the same as a table": (
        '[types.generator_drift.override]\nclass = "approval"',
        ("types.generator_drift.override", "the never-list (S1-41)"),
    ),
    "infrastructure that nothing lifts": (
        "[types.authentication_change]\nis_infrastructure = true",
        ("types.authentication_change.is_infrastructure", "the never-list (S1-43)"),
    ),
    "a retry of what is never retried": (
        '[types.test_failure.retry]\nclass = "automatic"\nmax_attempts = 2',
        ("types.test_failure.retry", "failures that are never retried (S1-87)"),
    ),
    "infrastructure that is never overridden": (
        '[types.ci_runner]\noverride = "never"',
        ("types.ci_runner.is_infrastructure", "types.ci_runner.override"),
    ),
    "never and conditional": (
        '[auto_retry_policy]\nnever_retry = ["database_connectivity"]\n'
        "[auto_retry_policy.conditional_retry.database_connectivity]\n"
        'condition = "other jobs succeed"\nmax_attempts = 2',
        (
            "auto_retry_policy.never_retry",
            "auto_retry_policy.conditional_retry.database_connectivity",
        ),
    ),
    "automatic and never": (
        '[auto_retry_policy]\nnever_retry = ["infrastructure"]\n'
        "[auto_retry_policy.infrastructure_failures]\nmax_attempts = 3",
        ("auto_retry_policy.infrastructure_failures", "auto_retry_policy.never_retry"),
    ),
    "never in the policy and automatic in its row": (
        '[auto_retry_policy]\nnever_retry = ["ci_runner"]\n'
        '[types.ci_runner.retry]\nclass = "automatic"\nmax_attempts = 2',
        ("auto_retry_policy.never_retry", "types.ci_runner.retry"),
    ),
    "two routes": (
        "[failure_detection.notification_routing]\n"
        'immediate = ["build_error"]\nstandard = ["build_errors"]',
        (
            "failure_detection.notification_routing.immediate",
            "failure_detection.notification_routing.standard",
        ),
    ),
    "a route and a tier": (
        '[failure_detection.notification_routing]\nimmediate = ["build_error"]\n'
        '[types.build_error]\ntier = "standard"',
        ("failure_detection.notification_routing.immediate", "types.build_error.tier"),
    ),
    "two owners": (
        '[failure_detection.categorization]\ngenerator_drift = ["backend_dev", "frontend_dev"]\n'
        '[types.generator_drift]\nprimary = "qa_analyst"',
        ("failure_detection.categorization.generator_drift", "types.generator_drift.primary"),
    ),
    "more time for the more severe": (
        "[severity_sla_hours]\nHIGH = 200",
        ("severity_sla_hours.HIGH", "severity_sla_hours.MEDIUM"),
    ),
    "the same of one type": (
        "[types.build_error.sla_hours_by_severity]\nCRITICAL = 5\nHIGH = 1",
        (
            "types.build_error.sla_hours_by_severity.CRITICAL",
            "types.build_error.sla_hours_by_severity.HIGH",
        ),
    ),
    "a number within a smaller one": (
        "[gate]\nthird_occurrence = 2",
        ("gate.third_occurrence", "gate.repeats"),
    ),
    "any within a number": (
        '[gate]\nmax_debt = 4\ndebt_without_reason = "any"',
        ("gate.debt_without_reason", "gate.max_debt"),
    ),
    "a reason that nobody is asked for": (
        "[debt]\nrequire_reason = false\n[gate]\ndebt_without_reason = 0",
        ("debt.require_reason", "gate.debt_without_reason"),
    ),
    "a freeze that ends first": (
        '[[frozen]]\npath = "src"\nsince = 2026-10-01\nuntil = 2026-09-01',
        ("frozen[0].since", "frozen[0].until"),
    ),
    "a path that is frozen twice": (
        '[[frozen]]\npath = "src"\nsince = "v1"\n[[frozen]]\npath = "src"\nsince = "v2"',
        ("frozen[0].since", "frozen[1].since"),
    ),
}
WITHOUT_EFFECT: dict[str, tuple[str, tuple[str, ...]]] = {
    "a target beyond all severities": (
        "[types.build_error]\nsla_hours = 1000",
        ("types.build_error.sla_hours", "severity_sla_hours"),
    ),
    "unmapped without a mapping": ("[gate]\nunmapped = 0", ("gate.unmapped", "mapping")),
    "frozen_scope without a freeze": (
        "[gate]\nfrozen_scope = 0",
        ("gate.frozen_scope", "frozen"),
    ),
    "required anyway": (
        '[mapping]\nrequire = ["story"]\nrequire_any = ["story", "requirement"]',
        ("mapping.require", "mapping.require_any"),
    ),
}
FINE = {
    "nothing": "",
    "the defaults in so many words": "[gate]\nnew = 0\nrepeats = 0\nthird_occurrence = 0",
    "more repeats than third occurrences": '[gate]\nrepeats = "any"\nthird_occurrence = 0',
    "the narrower name of two": (
        '[failure_detection.notification_routing]\nstandard = ["test_failures"]\n'
        'investigation = ["complex_integration"]'
    ),
    "a row for one type of many": (
        '[auto_retry_policy]\nnever_retry = ["infrastructure"]\n'
        '[types.ci_runner.retry]\nclass = "automatic"\nmax_attempts = 1'
    ),
    "the same answer twice": (
        '[auto_retry_policy]\nnever_retry = ["build_error"]\n[types.build_error]\nretry = "never"'
    ),
    "falling deadlines": "[severity_sla_hours]\nCRITICAL = 2\nHIGH = 10",
    "a freeze of some weeks": '[[frozen]]\npath = "src"\nsince = 2026-10-01\nuntil = 2026-12-01',
    "two parts of one path": (
        '[[frozen]]\npath = "src/a"\nsince = "v1"\n[[frozen]]\npath = "src/b"\nsince = "v2"'
    ),
    "an owner that is none": "[failure_detection.categorization]\nbuild_error = []",
    "what is no configuration at all": "gate = 3\ntypes = 4\nfrozen = 5\nmapping = 6\ndebt = 7",
}


class TestContradictions:
    @pytest.mark.parametrize(
        ("text", "expected"), CONTRADICTIONS.values(), ids=list(CONTRADICTIONS)
    )
    def test_is_found(self, text: str, expected: tuple[str, ...]) -> None:
        assert expected in pairs(text)
        assert [one for one in found(text) if one.is_contradiction]

    def test_the_sentence_names_both_rules_and_their_answers(self) -> None:
        (one,) = found(CONTRADICTIONS["two owners"][0])

        assert one.sentence == (
            "the owner of generator_drift is 'backend_dev' by "
            "tool.failtrack.failure_detection.categorization.generator_drift and 'qa_analyst' by "
            "tool.failtrack.types.generator_drift.primary"
        )
        assert one.advice


class TestWithoutEffect:
    @pytest.mark.parametrize(
        ("text", "expected"), WITHOUT_EFFECT.values(), ids=list(WITHOUT_EFFECT)
    )
    def test_is_found_and_no_contradiction(self, text: str, expected: tuple[str, ...]) -> None:
        assert pairs(text) == [expected]
        assert not any(one.is_contradiction for one in found(text))


class TestWhatIsFine:
    @pytest.mark.parametrize("text", FINE.values(), ids=list(FINE))
    def test_is_left_alone(self, text: str) -> None:
        assert found(text) == []

    def test_a_part_that_is_invalid_hides_no_other(self) -> None:
        """Whoever reads that part names the error; the rest is looked at all the same."""
        table: dict[str, Any] = tomllib.loads("[gate]\nthird_occurrence = 2\n[mapping]\nx = 1")

        assert [one.rules[0] for one in find_conflicts(table)] == [f"{PREFIX}gate.third_occurrence"]
