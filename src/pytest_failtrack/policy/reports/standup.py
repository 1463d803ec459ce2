"""The daily standup: what is overdue without a plan, and what points at a systemic issue."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.open_causes import (
    SEVERITIES,
    OpenCause,
    open_causes,
)
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    HOURS,
    Column,
    Figure,
    Section,
    Table,
)
from pytest_failtrack.policy.reports.patterns import cluster_section, clusters
from pytest_failtrack.policy.reports.period import Period

ROWS_MAX = 25
NO_PLAN = "A plan is an owner, the status INVESTIGATING and an analysis that has begun."


def standup(database: Database, period: Period) -> tuple[tuple[Figure, ...], tuple[Section, ...]]:
    """Return what a standup talks about (S1-36, S1-37)."""
    causes = open_causes(database)
    late = [one for one in causes if one.due_at is not None and one.due_at < period.now]
    late.sort(key=_gravest_first)
    unplanned = [one for one in late if not one.has_plan]
    planned = [one for one in late if one.has_plan]
    found = clusters(causes)
    figures = (
        Figure("unplanned", "Overdue without a plan", len(unplanned)),
        Figure("overdue", "Overdue", len(late), note=f"of {len(causes):,} open"),
        Figure("clusters", "Clusters of similar failures", len(found)),
    )
    sections = (
        _overdue(unplanned, period, "unplanned", "Overdue without a resolution plan", NO_PLAN,
                 "Nothing is overdue without a plan."),
        _overdue(planned, period, "planned", "Overdue with a plan", "",
                 "Nothing else is overdue."),
        cluster_section(found),
    )  # fmt: skip
    return figures, sections


def overdue_section(database: Database, period: Period) -> Section:
    """Return everything that is overdue, for other reports."""
    late = [
        one for one in open_causes(database) if one.due_at is not None and one.due_at < period.now
    ]
    late.sort(key=_gravest_first)
    return _overdue(late, period, "overdue", "Overdue", "", "Nothing is overdue.")


def missing_in_plan(cause: OpenCause) -> str:
    """Return what a cause lacks to have a plan, in words; `` when it has one."""
    if cause.has_plan:
        return ""
    if not cause.owner:
        return "owner, investigation" if not cause.is_investigated else "owner"
    return "analysis" if cause.is_investigated else "investigation"


def _overdue(
    causes: Sequence[OpenCause], period: Period, key: str, title: str, text: str, empty: str
) -> Section:
    rows = tuple(
        (one.hash, one.headline or one.nodeid, one.severity, one.owner or None,
         _late(one, period), one.occurrences, missing_in_plan(one) or "nothing")
        for one in causes[:ROWS_MAX]
    )  # fmt: skip
    return Section(
        key,
        title,
        text=text if causes else "",
        table=Table(
            (
                Column("hash", "Cause", CODE),
                Column("headline", "What", is_wide=True),
                Column("severity", "Severity"),
                Column("owner", "Owner"),
                Column("late_hours", "Late by", HOURS),
                Column("occurrences", "Builds", COUNT),
                Column("missing", "Plan lacks"),
            ),
            rows,
            max(0, len(causes) - ROWS_MAX),
        ),
        empty=empty,
    )


def _gravest_first(cause: OpenCause) -> tuple[int, float]:
    return SEVERITIES.index(cause.severity), cause.due_at.timestamp() if cause.due_at else 0.0


def _late(cause: OpenCause, period: Period) -> float:
    assert cause.due_at is not None
    return (period.now - cause.due_at).total_seconds() / 3600
