"""How bad a failure is: one visible table, read from the top; `classify` asks it.

CRITICAL: the build is completely blocked. HIGH: it is blocked or significantly delayed. MEDIUM:
degraded, the build can proceed. LOW: tracked, not urgent (S0-101..107).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pytest_failtrack.classify.taxonomy import FailureType, Severity, Subcategory
from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.observation import Observation

_T = FailureType
_S = Subcategory


class _Seen(NamedTuple):
    """What the rows ask for; few of a run's thousand failures differ in it."""

    failure_type: str
    subcategory: str
    outcome: str
    when: str
    file: str
    is_in_worker: bool


@frozen
class SeverityRule:
    """One row: every condition that is not empty must hold.

    Args:
        severity: What follows.
        because: The reason in words, for people.
        failure_types: Failure types that the row speaks of.
        subcategories: Subcategories that the row speaks of.
        outcomes: Outcomes of the observation.
        when: Phases of the observation.
        file: Last part of the path where the failure shows.
        in_main_process: The observation comes from no xdist worker.
    """

    severity: Severity
    because: str
    failure_types: frozenset[str] = frozenset()
    subcategories: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    when: frozenset[str] = frozenset()
    file: str = ""
    in_main_process: bool = False

    def holds(self, seen: _Seen) -> bool:
        """Whether the row speaks of this failure."""
        return (
            (not self.failure_types or seen.failure_type in self.failure_types)
            and (not self.subcategories or seen.subcategory in self.subcategories)
            and (not self.outcomes or seen.outcome in self.outcomes)
            and (not self.when or seen.when in self.when)
            and (not self.file or seen.file == self.file)
            and not (self.in_main_process and seen.is_in_worker)
        )


SEVERITY_RULES: tuple[SeverityRule, ...] = (
    SeverityRule(
        Severity.LOW,
        "test debt is tracked, not urgent",
        outcomes=frozenset({"debt"}),
    ),
    SeverityRule(
        Severity.LOW,
        "the test passed when it was run again",
        outcomes=frozenset({"flaky"}),
    ),
    SeverityRule(
        Severity.MEDIUM,
        "an exception to a rule ran out; the build can proceed",
        outcomes=frozenset({"expired"}),
    ),
    SeverityRule(
        Severity.MEDIUM,
        "the run was stopped on purpose or from outside, and can be started again",
        outcomes=frozenset({"interrupted"}),
    ),
    SeverityRule(
        Severity.MEDIUM,
        "the product is better than the test says; the build can proceed",
        subcategories=frozenset({_S.QA_FALSE_POSITIVE.value}),
    ),
    SeverityRule(
        Severity.CRITICAL,
        "secrets, critical vulnerabilities, contract drift and changes of authentication block"
        " everything",
        failure_types=frozenset(
            {
                _T.SECRET_DETECTED.value,
                _T.CRITICAL_VULNERABILITY.value,
                _T.GENERATOR_DRIFT.value,
                _T.AUTHENTICATION_CHANGE.value,
            }
        ),
    ),
    SeverityRule(
        Severity.CRITICAL,
        "the session cannot run: no test says anything",
        outcomes=frozenset({"failed", "error", "crashed"}),
        when=frozenset({"session", "import"}),
    ),
    SeverityRule(
        Severity.CRITICAL,
        "the process died while it collected: no test ran",
        outcomes=frozenset({"crashed"}),
        when=frozenset({"collect"}),
        in_main_process=True,
    ),
    SeverityRule(
        Severity.CRITICAL,
        "a conftest.py that does not load takes every test below it along",
        when=frozenset({"collect"}),
        file="conftest.py",
    ),
    SeverityRule(
        Severity.MEDIUM,
        "slower than before, and still working",
        failure_types=frozenset({_T.PERFORMANCE_REGRESSION.value}),
    ),
    SeverityRule(Severity.HIGH, "a failing test or build blocks or delays the change"),
)


def severity_of(
    observation: Observation, failure_type: str, subcategory: str
) -> tuple[Severity, str]:
    """Return the severity of a failure, and why, by the first row that holds.

    Source: failure telemetry schema, section V (S0-101..107).
    """
    file = observation.file.rpartition("/")[2]
    outcome, when = observation.outcome, observation.when
    return _ruling(_Seen(failure_type, subcategory, outcome, when, file, bool(observation.worker)))


@lru_cache(maxsize=1_024)
def _ruling(seen: _Seen) -> tuple[Severity, str]:
    for rule in SEVERITY_RULES:
        if rule.holds(seen):
            return rule.severity, rule.because
    raise AssertionError("the last row of SEVERITY_RULES has no condition")  # pragma: no cover
