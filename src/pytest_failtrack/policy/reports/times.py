"""How long things take and whether that is in time: MTTR, SLA and answers (S0-144, S1-148..155)."""

from __future__ import annotations

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.resolution import (
    Deadlines,
    Resolution,
    deadlines,
    time_to_resolution,
)
from pytest_failtrack.history.questions.response import (
    Response,
    response_times,
)
from pytest_failtrack.policy.reports.document import (
    COUNT,
    HOURS,
    SHARE,
    Column,
    Figure,
    Section,
    Table,
)
from pytest_failtrack.policy.reports.period import Period
from pytest_failtrack.policy.reports.totals import UNNAMED

ROWS_MAX = 15
NO_RESOLUTION = Resolution((), 0, None, None, None, 0, None, None)


def resolution_of(database: Database, period: Period) -> Resolution:
    """Return how long the incidents lasted that ended in a period."""
    return next(iter(time_to_resolution(database, period.failures())), NO_RESOLUTION)


def deadlines_of(database: Database, period: Period) -> Deadlines:
    """Return what became of the deadlines of a period."""
    # The failure type is part of what makes an incident, so the sums are those of all.
    found = deadlines(database, period.failures(), ("failure_type",))
    return Deadlines(
        (),
        sum(one.due for one in found),
        sum(one.hit for one in found),
        sum(one.missed for one in found),
        sum(one.overdue for one in found),
        None,
    )


def mttr_figure(database: Database, period: Period) -> Figure:
    """Return the mean time to resolution beside that of the period before."""
    now, before = resolution_of(database, period), resolution_of(database, period.before)
    said = f"{now.resolved:,} incident{'' if now.resolved == 1 else 's'} resolved"
    return Figure(
        "mttr_hours",
        "Mean time to resolution",
        now.mean_hours,
        HOURS,
        before.mean_hours,
        "down",
        said if now.resolved else "nothing was resolved",
    )


def sla_figure(database: Database, period: Period) -> Figure:
    """Return the share of deadlines that were met (S1-155)."""
    now, before = deadlines_of(database, period), deadlines_of(database, period.before)
    decided = now.hit + now.missed
    return Figure(
        "sla_hit_rate",
        "Resolved within SLA",
        now.hit_rate,
        SHARE,
        before.hit_rate,
        "up",
        f"{now.hit:,} of {decided:,} that fell due" if decided else "nothing fell due",
    )


def mttr(database: Database, period: Period) -> Section:
    """Return the time to resolution, by failure type and team (S0-144, S1-154, C-10)."""
    whole = resolution_of(database, period)
    rows = []
    for one in time_to_resolution(database, period.failures(), ("failure_type", "owner")):
        if one.with_healed:
            rows.append(
                (one.key[0] or UNNAMED, one.key[1] or UNNAMED, one.resolved, one.mean_hours,
                 one.median_hours, one.with_healed, one.mean_hours_with_healed)
            )  # fmt: skip
    rows.sort(key=lambda row: (-row[5], row[0], row[1]))
    return Section(
        "mttr",
        "Mean time to resolution",
        text="From the first failure of a cause to its resolution. A healed one was closed after "
        "a green while and nobody said why, so both are given.",
        figures=(
            mttr_figure(database, period),
            Figure("median_hours", "Median", whole.median_hours, HOURS),
            Figure("longest_hours", "Longest", whole.longest_hours, HOURS),
            Figure(
                "mttr_hours_with_healed",
                "Mean with healed ones",
                whole.mean_hours_with_healed,
                HOURS,
                note=f"{whole.with_healed:,} ended",
            ),
        ),
        table=Table(
            (
                Column("failure_type", "Failure type"),
                Column("owner", "Team"),
                Column("resolved", "Resolved", COUNT),
                Column("mean_hours", "Mean", HOURS),
                Column("median_hours", "Median", HOURS),
                Column("with_healed", "Ended", COUNT),
                Column("mean_hours_with_healed", "Mean with healed", HOURS),
            ),
            tuple(rows[:ROWS_MAX]),
            max(0, len(rows) - ROWS_MAX),
        ),
        empty="",
    )


def sla(database: Database, period: Period, by: str, key: str, title: str) -> Section:
    """Return the hit rate of deadlines by failure type or by team (S1-148).

    Args:
        database: The history.
        period: Its window bounds the deadlines.
        by: `failure_type` or `owner`.
        key: Key of the section.
        title: Its heading.
    """
    rows = [
        (one.key[0] or UNNAMED, one.hit_rate, one.hit, one.missed, one.overdue, one.running,
         one.late_hours)
        for one in deadlines(database, period.failures(), (by,))
        if one.due
    ]  # fmt: skip
    rows.sort(key=lambda row: (1.0 if row[1] is None else row[1], -row[3], row[0]))
    name = "Team" if by == "owner" else "Failure type"
    return Section(
        key,
        title,
        table=Table(
            (
                Column(by, name),
                Column("hit_rate", "In time", SHARE, has_bars=True),
                Column("hit", "Met", COUNT),
                Column("missed", "Missed", COUNT),
                Column("overdue", "Still open", COUNT),
                Column("running", "Time left", COUNT),
                Column("late_hours", "Late by, mean", HOURS),
            ),
            tuple(rows[:ROWS_MAX]),
            max(0, len(rows) - ROWS_MAX),
        ),
        empty="No deadline fell into this period.",
    )


def answers(database: Database, period: Period) -> tuple[Figure, ...]:
    """Return how fast people answered: triage (S1-97) and acknowledgement (S1-117)."""
    now, before = (response_times(database, one.failures()) for one in (period, period.before))
    (triage,), (acknowledgement,) = now.triage, now.acknowledgement
    (triage_before,), (acknowledgement_before,) = before.triage, before.acknowledgement
    return (
        _answer_figure("triage_in_time", "Triaged within 15 minutes", triage, triage_before),
        _answer_figure(
            "acknowledged_in_time",
            "Acknowledged within an hour",
            acknowledgement,
            acknowledgement_before,
        ),
    )


def _answer_figure(key: str, title: str, now: Response, before: Response) -> Figure:
    note = "nobody has answered"
    if now.answered:
        said = f"median {now.median_minutes or 0:,.0f} min"
        note = f"{said}, {now.answered:,} of {now.records:,} answered"
    return Figure(
        key,
        title,
        now.rate,
        SHARE,
        before.rate,
        "up",
        note,
    )
