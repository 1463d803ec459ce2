"""How many failures there were: sections about numbers, over time and by kind (S0-144, S0-146)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

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
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
UNNAMED = "(none)"


def failures_figure(database: Database, period: Period) -> Figure:
    """Return how many failures there were, and in how many causes."""
    now, before = (summary(database, one.failures()) for one in (period, period.before))
    causes = f"{now.causes:,} root cause{'' if now.causes == 1 else 's'}"
    # Where nothing ran before, nothing became more or fewer.
    has_run = before.records or trend(database, period.before.failures(), "month")
    known = before.records if has_run else None
    return Figure("failures", "Failures", now.records, COUNT, known, "down", causes)


def failures_over_time(database: Database, period: Period, *, step: str = "day") -> Section:
    """Return the failures of each day or week, new ones and repeats."""
    stretches = _filled(trend(database, period.failures(), step), period, step)
    total = summary(database, period.failures())
    plot = Plot(
        title=f"Failures by {step}",
        form="columns",
        labels=tuple(one.start.isoformat() for one in stretches),
        series=(
            Series("first", "seen first", tuple(one.records - one.repeats for one in stretches)),
            Series("repeats", "repeats", tuple(one.repeats for one in stretches)),
        ),
        label_title=step.capitalize(),
    )
    runs, red = sum(one.runs for one in stretches), sum(one.failing_runs for one in stretches)
    collected = sum(one.collected for one in stretches)
    failed = sum(one.failed for one in stretches)
    return Section(
        "totals",
        "Total failures" if step == "day" else "Trend over time",
        figures=(
            failures_figure(database, period),
            Figure("builds", "Builds with a failure", total.builds),
            Figure("red_runs", "Runs with a failure", share(red, runs), SHARE, note=f"of {runs:,}"),
            Figure(
                "failed_tests",
                "Tests that failed",
                share(failed, collected),
                SHARE,
                note=f"of {collected:,} that ran",
            ),
        ),
        plot=plot if total.records else None,
    )


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
