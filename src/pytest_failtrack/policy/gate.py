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

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from pytest_failtrack.policy.case import Case
from pytest_failtrack.policy.digest import Digest
from pytest_failtrack.policy.matrix import Matrix
from pytest_failtrack.policy.rules import GateRules
from pytest_failtrack.policy.rulings import RULES, Bench, debt_of
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

# A rule that others add: the digest of the build in, an outcome (or None: nothing to say) out.
ExtraRule = Callable[[Digest], "RuleOutcome | None"]


def judge(
    case: Case,
    rules: GateRules,
    matrix: Matrix,
    now: datetime,
    extra_rules: Iterable[ExtraRule] = (),
) -> Verdict:
    """Return the verdict about one build.

    Args:
        case: Runs and records of the build.
        rules: What the project allows.
        matrix: Escalation matrix: which types are infrastructure, which are never lifted.
        now: The moment of judgement, aware; deadlines are held against it.
        extra_rules: Rules that others add; they can fail the gate and cannot open it. One that
            raises is reported and changes nothing else.
    """
    causes = sort_causes(case, matrix, rules.auth)
    outcomes = [rule(Bench(case, causes, rules, now)) for rule in RULES]
    more, problems = _ask(extra_rules, case, causes)
    outcomes += more
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
        problems=tuple(problems),
    )


def _exit_code(outcomes: Iterable[RuleOutcome]) -> int:
    failed = [one for one in outcomes if not one.passed]
    if any(one.outranks for one in failed):
        return EVIDENCE
    codes = {one.exit_code for one in failed}
    return next((code for code in (FAILED, EVIDENCE, INFRA_ONLY) if code in codes), PASSED)


def _ask(
    extra_rules: Iterable[ExtraRule], case: Case, causes: tuple[Sorted, ...]
) -> tuple[list[RuleOutcome], list[str]]:
    digest = Digest(
        build_id=case.build_id,
        is_complete=all(run.is_complete for run in case.runs),
        causes=tuple(one.cause for one in causes),
        debt=debt_of(case),
        records=len(case.findings),
    )
    outcomes: list[RuleOutcome] = []
    problems: list[str] = []
    for rule in extra_rules:
        try:
            outcome = rule(digest)
        except Exception as error:  # somebody else's code: reported, and nothing else changes
            name = getattr(rule, "__qualname__", repr(rule))
            problems.append(f"gate rule {name} raised {type(error).__name__}: {error}")
            continue
        if outcome is not None:
            # Whatever it asks for, a rule that fails closes the gate: it cannot ask for 0.
            outcomes.append(replace(outcome, exit_code=FAILED, outranks=False))
    return outcomes, problems


def _headline(outcomes: Iterable[RuleOutcome], causes: tuple[Sorted, ...]) -> str:
    failed = [one for one in outcomes if not one.passed]
    counted = _tally(one for one in causes if one.is_counted)
    infra = sum(one.kind == INFRASTRUCTURE and not one.never for one in causes)
    code = _exit_code(failed)
    if code == PASSED:
        return f"PASSED  {_aside(causes) or 'no failures'}"
    if code == INFRA_ONLY:
        return f"INFRASTRUCTURE ONLY  {count_of(infra, 'cause')}, try again"
    if code == EVIDENCE:
        failed.sort(key=lambda one: not one.outranks)
        first = next(one for one in failed if one.exit_code == EVIDENCE)
        more = f"  ({counted} beside it)" if counted else ""
        return f"INCOMPLETE  {first.saw}{more}"
    others = [one.name for one in failed if one.name not in NAMED_BY_CAUSES]
    parts = [counted, *(f"rule {name}" for name in others if name != "infrastructure")]
    return f"FAILED  {', '.join(part for part in parts if part)}"


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
