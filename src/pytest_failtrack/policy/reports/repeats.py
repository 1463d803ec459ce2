"""What came again: sections about repeats (S0-144, S0-146, S1-156)."""

from __future__ import annotations

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.causes import common_causes
from pytest_failtrack.history.questions.repeats import Repeats, repeat_rate
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    MOMENT,
    SHARE,
    Column,
    Figure,
    Plot,
    Section,
    Series,
    Table,
)
from pytest_failtrack.policy.reports.period import Period
from pytest_failtrack.policy.reports.totals import has_run, weeks_of

ROWS_MAX = 10
COUNTED = (
    ("repeats", "Occurrences of a known cause"),
    ("second", "Second occurrences"),
    ("third", "Third and later ones"),
)
NOTHING = Repeats((), 0, 0, 0, 0, 0, 0, 0)


def repeats_of(database: Database, period: Period) -> Repeats:
    """Return how much of a period had failed before; a cause counts once a build."""
    return next(iter(repeat_rate(database, period.failures())), NOTHING)


def repeat_figure(database: Database, period: Period) -> Figure:
    """Return the repeat rate beside that of the period before."""
    now, before = repeats_of(database, period), repeats_of(database, period.before)
    return Figure(
        "repeat_rate",
        "Repeat rate",
        now.repeat_rate,
        SHARE,
        before.repeat_rate,
        "down",
        f"{now.repeats:,} of {now.occurrences:,} occurrences",
    )


def repeat_failures(database: Database, period: Period) -> Section:
    """Return the causes that came again, those in most builds first."""
    now = repeats_of(database, period)
    before = repeats_of(database, period.before) if has_run(database, period.before) else None
    found = common_causes(database, period.failures(is_repeat=True), limit=ROWS_MAX)
    rows = tuple(
        (one.cause.cause_id, one.cause.headline, one.builds, one.records, one.cause.owner or None,
         one.last_at)
        for one in found.causes
    )  # fmt: skip
    return Section(
        "repeats",
        "Repeat failures",
        figures=tuple(
            Figure(
                key, title, getattr(now, key), COUNT, getattr(before, key) if before else None,
                "down",
            )
            for key, title in COUNTED
        ),
        table=Table(
            (
                Column("cause_id", "Cause", CODE),
                Column("headline", "What", is_wide=True),
                Column("builds", "Builds", COUNT),
                Column("failures", "Failures", COUNT),
                Column("owner", "Owner"),
                Column("last_at", "Last", MOMENT),
            ),
            rows,
            found.all_causes - len(found.causes),
        ),
        empty="Nothing came again.",
    )  # fmt: skip


def repeat_trend(database: Database, period: Period) -> Section:
    """Return the repeat rate of each of the last weeks (S0-146)."""
    weeks = repeat_rate(database, weeks_of(period).failures(), ("week",))
    return Section(
        "repeat_rate",
        "Repeat failure rate",
        text="Of the occurrences of a week, those of a cause that was known. A cause counts once "
        "a build, however many tests it fails there.",
        figures=(repeat_figure(database, period),),
        plot=Plot(
            title="Repeat rate by week",
            form="lines",
            labels=tuple(one.key[0] for one in weeks),
            series=(Series("repeat_rate", "repeats", tuple(one.repeat_rate for one in weeks)),),
            kind=SHARE,
            label_title="Week from",
        ),
    )
