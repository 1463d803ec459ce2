"""Where work pays most: the most common, the most costly, the most preventable (S0-136, S0-146)."""

from __future__ import annotations

from collections.abc import Collection

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.causes import (
    CauseName,
    common_causes,
    costly_causes,
    preventable_causes,
)
from pytest_failtrack.history.questions.prevented import EVOLUTION, deeds
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    HOURS,
    SHARE,
    Column,
    Figure,
    Section,
    Table,
)
from pytest_failtrack.policy.reports.period import Period

LIMIT = 8


def priorities(database: Database, period: Period, guarded: Collection[str]) -> Section:
    """Return what to evolve first: causes by what they are worst at, and what analyses asked for.

    Args:
        database: The history.
        period: The period.
        guarded: Classes for which a guard rule exists.
    """
    failures = period.failures()
    common = common_causes(database, failures, limit=LIMIT).causes
    costly = costly_causes(database, failures, limit=LIMIT).causes
    preventable = preventable_causes(database, failures, guarded, limit=LIMIT)
    names: dict[str, CauseName] = {}
    points: dict[str, int] = {}
    places: dict[str, dict[str, int]] = {}
    ranked = (
        ("common", [one.cause for one in common]),
        ("costly", [one.cause for one in costly]),
        ("preventable", [one.cause for one in preventable.causes]),
    )
    for word, causes in ranked:
        for place, cause in enumerate(causes):
            names.setdefault(cause.cause_id, cause)
            points[cause.cause_id] = points.get(cause.cause_id, 0) + LIMIT - place
            places.setdefault(cause.cause_id, {})[word] = place + 1
    builds = {one.cause.cause_id: one.builds for one in common}
    hours = {one.cause.cause_id: one.cost_minutes / 60 for one in costly}
    order = sorted(points, key=lambda one: (-points[one], one))[:LIMIT]
    rows = tuple(
        (
            one,
            names[one].headline,
            *(places[one].get(word) for word, _ in ranked),
            builds.get(one),
            hours.get(one),
            names[one].owner or None,
        )
        for one in order
    )
    wishes = [one for one in deeds(database, period.since, period.until) if one.field == EVOLUTION]
    return Section(
        "priorities",
        "Evolution priorities",
        text="Causes that stand high in several of three lists come first: the most common, the "
        "most costly in minutes of CI and of open time, the most preventable. The numbers are "
        "their places in each.",
        figures=(
            Figure(
                "preventable",
                "Failures that a rule or a precondition could have caught",
                preventable.preventable_records / preventable.records
                if preventable.records
                else None,
                SHARE,
                note=f"{preventable.preventable_records:,} of {preventable.records:,}",
            ),
        ),
        items=tuple(f"Asked for in an analysis by {one.by}: {one.text}" for one in wishes),
        table=Table(
            (
                Column("cause_id", "Cause", CODE),
                Column("headline", "What", is_wide=True),
                Column("common", "Common", COUNT),
                Column("costly", "Costly", COUNT),
                Column("preventable", "Preventable", COUNT),
                Column("builds", "Builds", COUNT),
                Column("cost_hours", "Cost", HOURS),
                Column("owner", "Owner"),
            ),
            rows,
        ),
        empty="No failure in this period.",
    )
