"""The scorecard: the seven signs of success of S0-163, each with the figure behind it."""

from __future__ import annotations

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.completeness import Completeness, completeness, share
from pytest_failtrack.history.questions.prevented import GOVERNANCE, deeds, effects, untold_deeds
from pytest_failtrack.policy.reports.document import Column, Figure, Section, Table
from pytest_failtrack.policy.reports.period import Period

MET, NOT_MET, NOT_KNOWN = "yes", "no", "not known"


@frozen
class Line:
    """One of the seven.

    Args:
        key: Its name for programs.
        title: As the requirement words it.
        is_met: None where nothing can be said.
        figure: The figures behind it, in words.
    """

    key: str
    title: str
    is_met: bool | None
    figure: str


def lines(database: Database, period: Period) -> list[Line]:
    """Return the seven lines."""
    now = completeness(database, period.since, period.until)
    before = completeness(database, period.before.since, period.before.until)
    return [
        _of_all("recorded", "All failures recorded", now.recorded_runs, now.red_runs,
                "red runs have a record",
                "no run failed"),
        _of_all("categorized", "All failures categorized", now.categorized, now.records,
                "failures have a category",
                "nothing failed"),
        _of_all("analysed", "Root cause analysis complete", now.analysed, now.ended,
                "resolved records have a complete analysis",
                "nothing was resolved"),
        _of_all("prevented", "Prevention implemented", now.prevented, now.ended,
                "resolved records have a measure, precondition, test or governance update",
                "nothing was resolved"),
        _repeats(database, period, now),
        _governance(database, period),
        _quality(now, before),
    ]  # fmt: skip


def scorecard(database: Database, period: Period) -> tuple[tuple[Figure, ...], tuple[Section, ...]]:
    """Return the scorecard."""
    found = lines(database, period)
    met = sum(one.is_met is True for one in found)
    known = sum(one.is_met is not None for one in found)
    words = {True: MET, False: NOT_MET, None: NOT_KNOWN}
    figures = (
        Figure("met", "Signs of success that hold", met, note="of 7"),
        Figure("not_met", "Do not hold", known - met),
        Figure("not_known", "Not known yet", len(found) - known),
    )
    section = Section(
        "scorecard",
        "The seven signs of success",
        table=Table(
            (
                Column("title", "Sign"),
                Column("is_met", "Holds"),
                Column("figure", "Figures", is_wide=True),
            ),
            tuple((one.title, words[one.is_met], one.figure) for one in found),
        ),
    )
    return figures, (section,)


def _of_all(key: str, title: str, part: int, whole: int, what: str, nothing: str) -> Line:
    if not whole:
        return Line(key, title, None, f"{nothing} in this period")
    return Line(key, title, part == whole, f"{part:,} of {whole:,} {what}")


def _repeats(database: Database, period: Period, now: Completeness) -> Line:
    came = sum(one.recurred for one in effects(database, period.until) if one.is_prevented)
    title = "Repeat failures eliminated"
    if not now.causes:
        return Line("repeats", title, None, "nothing failed in this period")
    return Line(
        "repeats",
        title,
        not now.repeated_causes,
        f"{now.repeated_causes:,} of {now.causes:,} causes came again; {came:,} of all prevented "
        "ones did",
    )


def _governance(database: Database, period: Period) -> Line:
    now, before = (
        sum(one.field == GOVERNANCE for one in deeds(database, part.since, part.until))
        + untold_deeds(database, part.since, part.until)[1]
        for part in (period, period.before)
    )
    title = "Governance continuously improving"
    figure = f"{now:,} governance updates, {before:,} in the period before"
    if not now and not before:
        return Line("governance", title, None, "no governance update in either period")
    return Line("governance", title, now > 0, figure)


def _quality(now: Completeness, before: Completeness) -> Line:
    title = "Quality increasing over time"
    rate, rate_before = now.failure_rate, before.failure_rate
    if rate is None or rate_before is None:
        return Line("quality", title, None, "there are no runs in both periods to compare")
    red, red_before = share(now.red_runs, now.runs), share(before.red_runs, before.runs)
    return Line(
        "quality",
        title,
        rate < rate_before or rate == rate_before == 0,
        f"{rate * 1000:.1f} of 1,000 tests failed, {rate_before * 1000:.1f} before; "
        f"{(red or 0) * 100:.0f}% of the runs were red, {(red_before or 0) * 100:.0f}% before",
    )
