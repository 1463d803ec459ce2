"""Recommendations that follow from figures, each with its reason (S1-150); no rule guesses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.reports.document import Section

# What must have happened before a share says anything.
ENOUGH = 5


@frozen
class Facts:
    """The figures that recommendations are made of; shares from 0 to 1, None is not known.

    Args:
        records: Failures.
        unknown: Share of them whose category is not known.
        infra: Share of them that are infrastructure.
        flaky: Share of them that passed on another attempt.
        repeat_rate: Share of occurrences that are repeats.
        repeat_rate_before: The same of the period before.
        decided: Deadlines that are decided.
        sla_hit_rate: Share of them that was met.
        worst_type: Failure type that missed most, ``.
        worst_type_missed: How often.
        ended: Records that were resolved.
        without_prevention: Share of them without any prevention.
        without_analysis: Share of them without a complete analysis.
        prevented: Causes that were ended with prevention.
        prevented_held: Share of them that stayed away.
        reclassified: Share of the records that were reclassified.
        reassigned: Share of the records that were reassigned.
        triage_in_time: Share triaged in time.
        unowned: Open causes without an owner.
        top_cause: Cause that took most time, ``.
        top_cost: Its share of all time that was lost.
        preventable: Share of the failures that a rule or precondition could have caught.
    """

    records: int
    unknown: float | None = None
    infra: float | None = None
    flaky: float | None = None
    repeat_rate: float | None = None
    repeat_rate_before: float | None = None
    decided: int = 0
    sla_hit_rate: float | None = None
    worst_type: str = ""
    worst_type_missed: int = 0
    ended: int = 0
    without_prevention: float | None = None
    without_analysis: float | None = None
    prevented: int = 0
    prevented_held: float | None = None
    reclassified: float | None = None
    reassigned: float | None = None
    triage_in_time: float | None = None
    unowned: int = 0
    top_cause: str = ""
    top_cost: float | None = None
    preventable: float | None = None


@frozen
class Advice:
    """One recommendation.

    Args:
        key: Name of its rule.
        do: What to do.
        reason: The figure that asks for it.
    """

    key: str
    do: str
    reason: str

    @property
    def sentence(self) -> str:
        """Both in one line."""
        return f"{self.do} Reason: {self.reason}."


def advice(facts: Facts) -> list[Advice]:
    """Return the recommendations whose rule holds, in the order of the table."""
    return list(_held(facts))


def section(found: list[Advice]) -> Section:
    """Return the recommendations as a section."""
    return Section(
        "recommendations",
        "Recommendations",
        items=tuple(one.sentence for one in found),
        empty="No rule asks for anything: no figure of this period is out of bounds.",
    )


def _held(facts: Facts) -> Iterator[Advice]:
    for key, holds, do, reason in RULES:
        if holds(facts):
            yield Advice(key, do(facts), reason(facts))


def _percent(value: float | None) -> str:
    return f"{(value or 0) * 100:.0f}%"


def _over(value: float | None, bound: float) -> bool:
    return value is not None and value > bound


def _has_enough(facts: Facts) -> bool:
    return facts.records >= ENOUGH


_Rule = tuple[str, Callable[[Facts], Any], Callable[[Facts], str], Callable[[Facts], str]]

# name, whether it holds, what to do, the figure that asks for it
RULES: tuple[_Rule, ...] = (
    (
        "sla",
        lambda one: one.decided >= ENOUGH and (one.sla_hit_rate or 0) < 0.8,
        lambda one: "Give more hands to "
        + (f"{one.worst_type}, or agree on a longer SLA for it." if one.worst_type
           else "what is overdue, or agree on longer SLAs."),
        lambda one: f"{_percent(one.sla_hit_rate)} of {one.decided:,} deadlines were met, 80% are "
        "expected"
        + (f"; {one.worst_type} missed {one.worst_type_missed:,}" if one.worst_type else ""),
    ),
    (
        "repeats",
        lambda one: _has_enough(one) and (
            _over(one.repeat_rate, 0.2)
            or (one.repeat_rate_before is not None and one.repeat_rate is not None
                and one.repeat_rate - one.repeat_rate_before > 0.05)
        ),
        lambda one: "Do not close a record before a measure keeps its cause away.",
        lambda one: f"{_percent(one.repeat_rate)} of the occurrences are repeats, "
        f"{_percent(one.repeat_rate_before)} in the period before",
    ),
    (
        "prevention-missing",
        lambda one: one.ended >= ENOUGH and _over(one.without_prevention, 0.5),
        lambda one: "Name a measure, a precondition or a test whenever a record is resolved.",
        lambda one: f"{_percent(one.without_prevention)} of {one.ended:,} resolved records have "
        "none",
    ),
    (
        "prevention-weak",
        lambda one: one.prevented >= ENOUGH and (one.prevented_held or 0) < 0.8,
        lambda one: "Review the measures of causes that came again: what did they not cover?",
        lambda one: f"{_percent(one.prevented_held)} of {one.prevented:,} prevented causes stayed "
        "away",
    ),
    (
        "analysis-missing",
        lambda one: one.ended >= ENOUGH and _over(one.without_analysis, 0.2),
        lambda one: "Finish the root cause analysis before resolving: failtrack record ID rca.",
        lambda one: f"{_percent(one.without_analysis)} of {one.ended:,} resolved records have no "
        "complete analysis",
    ),
    (
        "classes",
        lambda one: _has_enough(one) and _over(one.reclassified, 0.1),
        lambda one: "Add catalog entries for what people reclassify: failtrack catalog add.",
        lambda one: f"{_percent(one.reclassified)} of the records were reclassified by hand",
    ),
    (
        "unknown",
        lambda one: _has_enough(one) and _over(one.unknown, 0.1),
        lambda one: "Look at what no entry knows: failtrack catalog candidates.",
        lambda one: f"{_percent(one.unknown)} of the failures have no known category",
    ),
    (
        "routing",
        lambda one: _has_enough(one) and _over(one.reassigned, 0.1),
        lambda one: "Correct CODEOWNERS or the owners map.",
        lambda one: f"{_percent(one.reassigned)} of the records went to another owner",
    ),
    (
        "unowned",
        lambda one: one.unowned > 0,
        lambda one: "Give every open cause an owner.",
        lambda one: f"{one.unowned:,} open without one",
    ),
    (
        "triage",
        lambda one: _has_enough(one) and one.triage_in_time is not None
        and one.triage_in_time < 0.5,
        lambda one: "Agree on who looks first: a rota, or an alert on new causes.",
        lambda one: f"{_percent(one.triage_in_time)} were triaged within 15 minutes",
    ),
    (
        "flaky",
        lambda one: _has_enough(one) and _over(one.flaky, 0.1),
        lambda one: "Mend or quarantine flaky tests before adding new ones.",
        lambda one: f"{_percent(one.flaky)} of the failures passed on another attempt",
    ),
    (
        "infra",
        lambda one: _has_enough(one) and _over(one.infra, 0.3),
        lambda one: "Put work into the build environment.",
        lambda one: f"{_percent(one.infra)} of the failures are infrastructure",
    ),
    (
        "costliest",
        lambda one: bool(one.top_cause) and _over(one.top_cost, 0.25),
        lambda one: f"Begin with {one.top_cause}.",
        lambda one: f"it took {_percent(one.top_cost)} of all the time that was lost",
    ),
    (
        "preventable",
        lambda one: _has_enough(one) and _over(one.preventable, 0.2),
        lambda one: "Run the guard before commits: failtrack guard check, in pre-commit.",
        lambda one: f"{_percent(one.preventable)} of the failures could have been caught before "
        "the build",
    ),
)  # fmt: skip
