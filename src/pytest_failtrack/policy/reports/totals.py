"""How many failures there were: sections about numbers, over time and by kind (S0-144, S0-146)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.completeness import share
from pytest_failtrack.history.questions.totals import Stretch, summary, totals, trend
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    SHARE,
    Column,
    Figure,
    Plot,
    Section,
    Series,
    Table,
)
from pytest_failtrack.policy.reports.period import Period

ROWS_MAX = 12
WEEKS = 12
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
UNNAMED = "(none)"


def failures_figure(database: Database, period: Period) -> Figure:
    """Return how many failures there were, and in how many causes."""
    now, before = (summary(database, one.failures()) for one in (period, period.before))
    causes = f"{now.causes:,} root cause{'' if now.causes == 1 else 's'}"
    known = before.records if has_run(database, period.before) else None
    return Figure("failures", "Failures", now.records, COUNT, known, "down", causes)


def has_run(database: Database, period: Period) -> bool:
    """Return whether anything is known of a period: where nothing ran, nothing became fewer."""
    return bool(trend(database, period.failures(), "month"))


def failures_over_time(database: Database, period: Period) -> Section:
    """Return how many failures there were, and on which day: new ones and repeats (S0-144)."""
    return Section(
        "totals",
        "Total failures",
        figures=_figures(database, period),
        plot=_plot(database, period, "day", "Failures by day"),
    )


def trend_by_week(database: Database, period: Period) -> Section:
    """Return how failures developed over the last weeks (S0-146)."""
    is_whole = period.until.weekday() == 0 and period.until.hour == period.until.minute == 0
    return Section(
        "trends",
        "Trends over time",
        text="" if is_whole else "The last week is not over.",
        figures=_figures(database, period),
        plot=_plot(database, weeks_of(period), "week", f"Failures by week, the last {WEEKS}"),
    )


def _figures(database: Database, period: Period) -> tuple[Figure, ...]:
    stretches = trend(database, period.failures(), "day")
    runs, red = sum(one.runs for one in stretches), sum(one.failing_runs for one in stretches)
    collected = sum(one.collected for one in stretches)
    failed = sum(one.failed for one in stretches)
    return (
        failures_figure(database, period),
        Figure("builds", "Builds with a failure", summary(database, period.failures()).builds),
        Figure("red_runs", "Runs with a failure", share(red, runs), SHARE, note=f"of {runs:,}"),
        Figure(
            "failed_tests",
            "Tests that failed",
            share(failed, collected),
            SHARE,
            note=f"of {collected:,} that ran",
        ),
    )


def _plot(database: Database, period: Period, step: str, title: str) -> Plot | None:
    found = trend(database, period.failures(), step)
    if not any(one.records for one in found):
        return None
    stretches = _filled(found, period, step)
    return Plot(
        title=title,
        form="columns",
        labels=tuple(one.start.isoformat() for one in stretches),
        series=(
            Series("first", "seen first", tuple(one.records - one.repeats for one in stretches)),
            Series("repeats", "repeats", tuple(one.repeats for one in stretches)),
        ),
        label_title="Day" if step == "day" else "Week from",
    )


def weeks_of(period: Period) -> Period:
    """Return the last weeks, from a Monday on."""
    last = (period.until - timedelta(microseconds=1)).date()
    monday = last - timedelta(days=last.weekday() + (WEEKS - 1) * 7)
    since = datetime.combine(monday, time(tzinfo=timezone.utc))
    return Period(since, period.until, period.now)


def by_column(
    database: Database,
    period: Period,
    column: str,
    key: str,
    title: str,
    *,
    others: Sequence[str] = (),
    order: Sequence[str] = (),
    limit: int = ROWS_MAX,
) -> Section:
    """Return the failures by a column of the records, beside those of the period before.

    Args:
        database: The history.
        period: The period.
        column: Name of `GROUPS`, such as `category`.
        key: Key of the section.
        title: Its heading.
        others: More columns that are part of a row, such as `subcategory`.
        order: Values in the order in which they are shown, even those without a failure.
        limit: At most this many rows.
    """
    by = (column, *others)
    found = {one.key: one for one in totals(database, period.failures(), by)}
    before = {one.key: one.records for one in totals(database, period.before.failures(), by)}
    total = sum(one.records for one in found.values())
    keys = list(found)
    if order:
        keys = [(one,) for one in order] + [one for one in keys if one[0] not in order]
    if not total:
        keys = []
    rows = []
    for one in keys[:limit]:
        records = found[one].records if one in found else 0
        causes = found[one].causes if one in found else 0
        names = tuple(value or UNNAMED for value in one)
        rows.append((*names, records, share(records, total), causes, before.get(one, 0)))
    heads = (Column(name, name.replace("_", " ").capitalize(), CODE) for name in by)
    table = Table(
        (
            *heads,
            Column("failures", "Failures", COUNT, has_bars=True),
            Column("share", "Share", SHARE),
            Column("causes", "Causes", COUNT),
            Column("before", "Before", COUNT),
        ),
        tuple(rows),
        max(0, len(keys) - limit),
    )
    return Section(key, title, table=table, empty="No failure in this period.")


def by_severity(database: Database, period: Period) -> Section:
    """Return the failures by severity, the gravest first (S0-144)."""
    return by_column(database, period, "severity", "by_severity", "By severity", order=SEVERITIES)


def _filled(stretches: Sequence[Stretch], period: Period, step: str) -> list[Stretch]:
    """Return the stretches of a whole period: days without anything are part of it."""
    known = {one.start: one for one in stretches}
    return [known.get(one, Stretch(one)) for one in _starts(period, step)]


def _starts(period: Period, step: str) -> Iterator[date]:
    last = (period.until - timedelta(microseconds=1)).date()
    start = period.since.date()
    if step == "week":
        start -= timedelta(days=start.weekday())
    while start <= last:
        yield start
        start += timedelta(days=7 if step == "week" else 1)
