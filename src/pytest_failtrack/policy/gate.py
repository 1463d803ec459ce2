"""The gate: turns one build's case into a verdict; pure, nothing is read or run here.

Which exit code a verdict has, from the strongest line to the weakest:

    | what was seen                                                          | exit |
    |------------------------------------------------------------------------|------|
    | evidence that cannot be trusted: missing, truncated, tampered, foreign | 3    |
    | a rule failed: the never-list, new, repeats, known, debt, ...          | 1    |
    | evidence that is incomplete: a run that died, a required run is absent | 3    |
    | infrastructure failures, and `allow_infra` is not set (C-33)           | 75   |
    | nothing of these                                                       | 0    |

A rule that fails beside a stronger line is reported all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_failtrack.policy.case import Case
from pytest_failtrack.policy.digest import MEND_FIRST, Digest
from pytest_failtrack.policy.digests import digests_of
from pytest_failtrack.policy.matrix import Matrix
from pytest_failtrack.policy.rules import GateRules
from pytest_failtrack.policy.rulings import RULES, Bench
from pytest_failtrack.policy.scope import ScopeReport
from pytest_failtrack.policy.sort import DEBT, FLAKY, INFRASTRUCTURE, Sorted, sort_causes
from pytest_failtrack.policy.verdict import (
    EVIDENCE,
    FAILED,
    INFRA_ONLY,
    PASSED,
    RuleOutcome,
    Verdict,
    count_of,
)

# The rules that others add: the digests of the build in, one a run; a mapping a rule out, with
# `name`, `passed`, `saw` and `limit`.
ExtraRules = Callable[[Sequence[Digest]], Iterable[Mapping[str, Any]]]


def judge(
    case: Case,
    rules: GateRules,
    matrix: Matrix,
    now: datetime,
    extra_rules: ExtraRules | None = None,
    scope: ScopeReport | None = None,
) -> Verdict:
    """Return the verdict about one build.

    Args:
        case: Runs and records of the build.
        rules: What the project allows.
        matrix: Escalation matrix: which types are infrastructure, which are never lifted.
        now: The moment of judgement, aware; deadlines are held against it.
        extra_rules: Rules that others add; they can close the gate and cannot open it.
        scope: What changed under frozen paths; None where nothing is frozen.
    """
    causes = sort_causes(case, matrix, rules.auth)
    outcomes = [rule(Bench(case, causes, rules, now, scope)) for rule in RULES]
    if extra_rules is not None:
        digests = digests_of(case, matrix, rules.auth)
        outcomes += [_answer(one) for one in extra_rules(digests)]
    return Verdict(
        build_id=case.build_id,
        exit_code=_exit_code(outcomes),
        headline=_headline(outcomes, causes),
        rules=tuple(outcomes),
        counted=tuple(one.cause for one in causes if one.is_counted),
        uncounted=tuple(one.cause for one in causes if not one.is_counted),
        never=tuple((one.cause.cause_id, one.never) for one in causes if one.never),
        runs=len(case.runs),
        records=len(case.findings),
    )


def _exit_code(outcomes: Iterable[RuleOutcome]) -> int:
    failed = [one for one in outcomes if not one.passed]
    if any(one.outranks for one in failed):
        return EVIDENCE
    codes = {one.exit_code for one in failed}
    return next((code for code in (FAILED, EVIDENCE, INFRA_ONLY) if code in codes), PASSED)


def _answer(answer: Mapping[str, Any]) -> RuleOutcome:
    """Return what a rule of others says; without a clear yes it has failed."""
    passed = answer.get("passed")
    saw = str(answer.get("saw") or "")
    if not isinstance(passed, bool):
        saw = f"it answered {passed!r} instead of true or false"
    name = str(answer.get("name") or "unnamed")
    return RuleOutcome(name, passed is True, saw, str(answer.get("limit") or ""))


def _headline(outcomes: Iterable[RuleOutcome], causes: tuple[Sorted, ...]) -> str:
    failed = [one for one in outcomes if not one.passed]
    counted = _tally(one for one in causes if one.is_counted)
    code = _exit_code(failed)
    if code == PASSED:
        return f"PASSED  {_aside(causes) or 'no failures'}"
    if code == INFRA_ONLY:
        return f"INFRASTRUCTURE ONLY  {_retry_of(causes)}"
    if code == EVIDENCE:
        failed.sort(key=lambda one: not one.outranks)
        first = next(one for one in failed if one.exit_code == EVIDENCE)
        more = f"  ({counted} beside it)" if counted else ""
        return f"INCOMPLETE  {first.saw}{more}"
    others = [one.name for one in failed if one.name not in NAMED_BY_CAUSES]
    parts = [counted, *(f"rule {name}" for name in others if name != "infrastructure")]
    return f"FAILED  {', '.join(part for part in parts if part)}"


def _retry_of(causes: tuple[Sorted, ...]) -> str:
    """Return how many causes infrastructure has, and whether another attempt may help."""
    infra = [one.cause for one in causes if one.kind == INFRASTRUCTURE and not one.never]
    broken = sum(not one.is_retryable for one in infra)
    number = count_of(len(infra), "cause")
    if not broken:
        return f"{number}, try again"
    if broken == len(infra):
        return f"{number}, {MEND_FIRST}"
    return f"{number}, {broken} of them {MEND_FIRST}"


# Rules whose failure the tally of causes tells already.
NAMED_BY_CAUSES = {"new", "repeats", "known"}


def _tally(causes: Iterable[Sorted]) -> str:
    words = {"NEW": "new cause", "FIRST": "new cause", "REPEAT": "repeat", "KNOWN": "known cause"}
    counts: dict[str, int] = {}
    for one in causes:
        word = words[one.cause.novelty]
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(count_of(number, word) for word, number in counts.items())


def _aside(causes: tuple[Sorted, ...]) -> str:
    kinds = {INFRASTRUCTURE: "infrastructure cause", FLAKY: "flaky cause", DEBT: "debt finding"}
    counts = {
        word: sum(one.kind == kind and not one.never for one in causes)
        for kind, word in kinds.items()
    }
    counts["allowed cause"] = sum(one.is_counted for one in causes)
    return ", ".join(count_of(number, word) for word, number in counts.items() if number)
