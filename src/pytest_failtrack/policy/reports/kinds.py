"""The five reports: for whom each is, how long it looks back, and what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.causes import common_causes, costly_causes
from pytest_failtrack.history.questions.causes import preventable_causes as preventable_of
from pytest_failtrack.history.questions.completeness import completeness, share
from pytest_failtrack.history.questions.open_causes import open_causes
from pytest_failtrack.history.questions.prevented import effects
from pytest_failtrack.history.questions.resolution import deadlines
from pytest_failtrack.history.questions.response import response_times
from pytest_failtrack.history.questions.totals import totals
from pytest_failtrack.policy.reports import advice, patterns, prevention, repeats, times
from pytest_failtrack.policy.reports import totals as numbers
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    Column,
    Figure,
    Report,
    Section,
    Table,
)
from pytest_failtrack.policy.reports.once import once
from pytest_failtrack.policy.reports.period import Period
from pytest_failtrack.policy.reports.priorities import LIMIT, priorities
from pytest_failtrack.policy.reports.scorecard import scorecard
from pytest_failtrack.policy.reports.standup import overdue_section, standup

Parts = tuple[tuple[Figure, ...], tuple[Section, ...]]
NEW_MAX = 15


@frozen
class Kind:
    """One kind of report.

    Args:
        title: Its heading.
        days: How long it looks back.
        audience: Who it is for.
        make: Puts it together: the figures that are seen first, and the sections.
    """

    title: str
    days: int
    audience: tuple[str, ...]
    make: Callable[[Database, Period, Collection[str]], Parts]


def make_report(
    kind: str,
    database: Database,
    period: Period,
    *,
    repository: str = "",
    recipients: tuple[str, ...] = (),
    guarded: Collection[str] = (),
) -> Report:
    """Return a report.

    Args:
        kind: `daily`, `weekly`, `monthly`, `standup` or `scorecard`.
        database: The history.
        period: What it is about.
        repository: Whose it is.
        recipients: Who gets it.
        guarded: Classes of failures for which a guard rule exists.
    """
    made = KINDS[kind]
    figures, sections = made.make(once(database), period, guarded)
    return Report(
        kind=kind,
        title=made.title,
        repository=repository,
        since=period.since,
        until=period.until,
        audience=made.audience,
        recipients=recipients,
        figures=figures,
        sections=sections,
    )


def daily(database: Database, period: Period, _: Collection[str]) -> Parts:
    """Return the hit rate by failure type and team, and what is new (S1-148)."""
    figures = (
        numbers.failures_figure(database, period),
        times.sla_figure(database, period),
        times.mttr_figure(database, period),
    )
    sections = (
        times.sla(database, period, "failure_type", "sla_by_type", "SLA by failure type"),
        times.sla(database, period, "owner", "sla_by_team", "SLA by team"),
        _new_causes(database, period),
        overdue_section(database, period),
    )
    return figures, sections


def weekly(database: Database, period: Period, _: Collection[str]) -> Parts:
    """Return the seven parts of S0-144, and S1-149, S1-151, S1-153 to S1-156."""
    figures = (
        numbers.failures_figure(database, period),
        repeats.repeat_figure(database, period),
        times.mttr_figure(database, period),
    )
    sections = (
        numbers.failures_over_time(database, period),
        numbers.by_column(database, period, "category", "by_category", "By category"),
        numbers.by_severity(database, period),
        repeats.repeat_failures(database, period),
        times.mttr(database, period),
        prevention.prevention_measures(database, period),
        prevention.governance_updates(database, period),
        _escalation(database, period),
        prevention.overrides(),
        patterns.sorting(database, period),
        patterns.together(database, period),
        prevention.process_improvement(database, period),
    )
    return figures, sections


def monthly(database: Database, period: Period, guarded: Collection[str]) -> Parts:
    """Return the six parts of S0-146, and S1-150, S1-152, S1-156."""
    figures = (
        numbers.failures_figure(database, period),
        repeats.repeat_figure(database, period),
        prevention.held_figure(database, period),
    )
    facts = facts_of(database, period, guarded)
    sections = (
        numbers.trend_by_week(database, period),
        numbers.by_column(
            database,
            period,
            "category",
            "common_categories",
            "Most common categories",
            others=("subcategory",),
        ),
        repeats.repeat_trend(database, period),
        prevention.effectiveness(database, period),
        prevention.governance_evolution(database, period),
        priorities(database, period, guarded),
        _effectiveness_of_process(database, period),
        patterns.cluster_section(patterns.clusters(open_causes(database))),
        prevention.process_improvement(database, period),
        advice.section(advice.advice(facts)),
    )
    return figures, sections


def facts_of(database: Database, period: Period, guarded: Collection[str]) -> advice.Facts:
    """Return the figures that recommendations are made of."""
    failures = period.failures()
    held = completeness(database, period.since, period.until)
    by_category = {one.key[0]: one.records for one in totals(database, failures, ("category",))}
    due = times.deadlines_of(database, period)
    by_type = deadlines(database, failures, ("failure_type",))
    worst = max(by_type, key=lambda one: one.missed, default=None)
    has_worst = worst is not None and worst.missed > 0
    prevented = next((one for one in effects(database, period.until) if one.is_prevented), None)
    sorting = patterns.accuracy_of(database, period)
    costly = costly_causes(database, failures, limit=LIMIT)
    top = next(iter(costly.causes), None)
    (triage,) = response_times(database, failures).triage
    preventable = preventable_of(database, failures, guarded, limit=LIMIT)
    return advice.Facts(
        records=held.records,
        unknown=share(held.records - held.categorized, held.records),
        infra=share(by_category.get("INFRA", 0), held.records),
        flaky=share(held.flaky, held.records),
        repeat_rate=repeats.repeats_of(database, period).repeat_rate,
        repeat_rate_before=repeats.repeats_of(database, period.before).repeat_rate,
        decided=due.hit + due.missed,
        sla_hit_rate=due.hit_rate,
        worst_type=worst.key[0] if worst is not None and has_worst else "",
        worst_type_missed=worst.missed if worst is not None else 0,
        ended=held.ended,
        without_prevention=share(held.ended - held.prevented, held.ended),
        without_analysis=share(held.ended - held.analysed, held.ended),
        prevented=prevented.causes if prevented else 0,
        prevented_held=prevented.held if prevented else None,
        reclassified=share(sorting.reclassified, sorting.records),
        reassigned=share(sorting.reassigned, sorting.records),
        triage_in_time=triage.rate,
        unowned=sum(not one.owner for one in open_causes(database)),
        top_cause=f"{top.cause.cause_id} {top.cause.headline}"[:120] if top else "",
        top_cost=share(top.cost_minutes, costly.minutes) if top else None,
        preventable=share(preventable.preventable_records, preventable.records),
    )


def _escalation(database: Database, period: Period) -> Section:
    """Return the share of issues resolved within SLA (S1-155), and how fast people answered."""
    held = times.sla(database, period, "failure_type", "escalation", "Escalation effectiveness")
    return Section(
        held.key,
        held.title,
        figures=(times.sla_figure(database, period), *times.answers(database, period)),
        table=held.table,
        empty="",
    )


def _effectiveness_of_process(database: Database, period: Period) -> Section:
    """Return whether the process works: deadlines, answers, sorting (S1-150)."""
    return Section(
        "process_effectiveness",
        "Process effectiveness",
        figures=(
            times.sla_figure(database, period),
            times.mttr_figure(database, period),
            *times.answers(database, period),
            *patterns.sorting(database, period).figures,
        ),
    )


def _new_causes(database: Database, period: Period) -> Section:
    """Return the causes that were seen for the first time."""
    wanted = period.failures(novelty=("NEW", "FIRST"))
    found = common_causes(database, wanted, limit=NEW_MAX)
    ids = tuple(one.cause.cause_id for one in found.causes)
    # They may have come again in the same period, and are no longer new there.
    whole = common_causes(database, period.failures(cause=ids)).causes if ids else ()
    counted = {(one.cause.workflow, one.cause.cause_id): one for one in whole}
    shown = [counted.get((one.cause.workflow, one.cause.cause_id), one) for one in found.causes]
    return Section(
        "new_causes",
        "New causes",
        table=Table(
            (
                Column("cause_id", "Cause", CODE),
                Column("headline", "What", is_wide=True),
                Column("severity", "Severity"),
                Column("owner", "Owner"),
                Column("builds", "Builds", COUNT),
                Column("failures", "Failures", COUNT),
            ),
            tuple(
                (
                    one.cause.cause_id,
                    one.cause.headline,
                    one.cause.severity,
                    one.cause.owner or None,
                    one.builds,
                    one.records,
                )
                for one in shown
            ),
            found.all_causes - len(found.causes),
        ),
        empty="Nothing new failed.",
    )


KINDS: Mapping[str, Kind] = {
    "daily": Kind("Daily report", 1, ("the teams",), daily),
    "weekly": Kind(
        "Weekly report", 7, ("build owners", "governance team", "the authority"), weekly
    ),
    "monthly": Kind("Monthly report", 30, ("leadership", "governance team"), monthly),
    "standup": Kind(
        "Daily standup", 1, ("the teams",), lambda database, period, _: standup(database, period)
    ),
    "scorecard": Kind(
        "Scorecard",
        30,
        ("governance team",),
        lambda database, period, _: scorecard(database, period),
    ),
}
