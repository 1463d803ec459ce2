"""A report that has everything a report can have, for the tests of its renderers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    HOURS,
    MOMENT,
    SHARE,
    Column,
    Figure,
    Plot,
    Report,
    Section,
    Series,
    Table,
)

UNTIL = datetime(2026, 11, 22, tzinfo=timezone.utc)
HOSTILE = (
    "</style><script>alert(1)</script> | [x](javascript:alert(2)) \u202eevil\x1b[31m @everyone"
)


def report(hostile: str = "KeyError: 'customer_id'") -> Report:
    """Return the report; `hostile` stands wherever a text can stand."""
    return Report(
        kind="weekly",
        title="Weekly report",
        repository=hostile,
        since=UNTIL - timedelta(days=7),
        until=UNTIL,
        audience=("build owners", "the authority"),
        recipients=("@shop-team", hostile),
        figures=(
            Figure("failures", "Failures", 1204, COUNT, 1300, "down", "57 root causes"),
            Figure("repeat_rate", "Repeat rate", 0.31, SHARE, 0.25, "down"),
            Figure("mttr_hours", "Mean time to resolution", None, HOURS, 5.0, "down", hostile),
        ),
        sections=(
            Section(
                "totals",
                "Total failures",
                text=hostile,
                figures=(Figure("builds", "Builds", 3, note=hostile),),
                plot=Plot(
                    title=f"Failures by day, {hostile}",
                    form="columns",
                    labels=("2026-11-20", "2026-11-21"),
                    series=(
                        Series("first", "seen first", (3, 0)),
                        Series("repeats", hostile, (1, 2)),
                    ),
                ),
            ),
            Section(
                "rate",
                "Rate",
                plot=Plot(
                    title="Repeat rate",
                    form="lines",
                    labels=("2026-11-09", "2026-11-16", "2026-11-23"),
                    series=(Series("rate", "repeats", (0.5, None, 0.25)),),
                    kind=SHARE,
                    label_title="Week from",
                ),
            ),
            Section(
                "causes",
                "Causes",
                items=(hostile, "second"),
                table=Table(
                    (
                        Column("cause_id", "Cause", CODE),
                        Column("headline", "What", is_wide=True),
                        Column("failures", "Failures", COUNT, has_bars=True),
                        Column("share", "Share", SHARE),
                        Column("hours", "Late by", HOURS),
                        Column("at", "Last", MOMENT),
                    ),
                    (
                        ("9c41d07be2a5", hostile, 41, 0.5, 2.25, UNTIL),
                        ("b7c2904e11fd", "x" * 1_000, 0, None, None, None),
                    ),
                    left_out=3,
                ),
            ),
            Section("nothing", "Nothing here", empty="Nothing failed."),
        ),
        problems=(f"a.json cannot be read: {hostile}",),
    )
