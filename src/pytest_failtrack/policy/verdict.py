"""What the gate answers: the outcome of each rule, and the verdict made of them."""

from __future__ import annotations

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.digest import Cause

PASSED = 0
FAILED = 1
EVIDENCE = 3
INFRA_ONLY = 75


@frozen
class RuleOutcome:
    """What one rule came to.

    Args:
        name: Name of the rule, as in `[tool.failtrack.gate]` where it can be set there.
        passed: It holds.
        saw: What it saw, in words.
        limit: What it allows, in words.
        causes: Ids of the causes that it is about.
        exit_code: Exit code that it asks for when it does not hold: 1, 3 or 75.
        outranks: It rules out any other verdict (evidence that cannot be trusted).
    """

    name: str
    passed: bool
    saw: str
    limit: str
    causes: tuple[str, ...] = ()
    exit_code: int = FAILED
    outranks: bool = False


@frozen
class Verdict:
    """What the gate says about one build.

    Args:
        build_id: The build.
        exit_code: 0, 1, 3 or 75, by the table above.
        headline: One line, such as `FAILED  2 new causes, 1 repeat`.
        rules: Every rule's outcome, in the order in which they are explained.
        counted: Causes that count, new ones first.
        uncounted: Causes that are reported and do not count: infrastructure, flaky, debt.
        never: Why nothing lifts it, by cause id.
        runs: Number of runs that were judged.
        records: Number of records that were judged.
    """

    build_id: str
    exit_code: int
    headline: str
    rules: tuple[RuleOutcome, ...]
    counted: tuple[Cause, ...]
    uncounted: tuple[Cause, ...]
    never: tuple[tuple[str, str], ...] = ()
    runs: int = 0
    records: int = 0

    @property
    def passed(self) -> bool:
        """Whether the gate is open."""
        return self.exit_code == PASSED


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: `1 run`, `2 runs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
