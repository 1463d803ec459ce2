"""What was done about it, and whether it helped: measures, governance, effectiveness, overrides."""

from __future__ import annotations

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.completeness import completeness
from pytest_failtrack.history.questions.prevented import (
    DOCUMENTATION,
    EVOLUTION,
    GOVERNANCE,
    IMPLICATION,
    MEASURE,
    PRECONDITION,
    TEST,
    Deed,
    deeds,
    effects,
    resolutions,
    untold_deeds,
)
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    MOMENT,
    SHARE,
    Column,
    Figure,
    Section,
    Table,
)
from pytest_failtrack.policy.reports.period import Period

ROWS_MAX = 20
KINDS = {
    MEASURE: "measure",
    PRECONDITION: "precondition",
    TEST: "test",
    DOCUMENTATION: "documentation",
    GOVERNANCE: "governance update",
    IMPLICATION: "implication",
    EVOLUTION: "evolution",
}
NO_OVERRIDES = (
    "Not recorded: this version of failtrack keeps no record of overrides, so neither their use "
    "nor their abuse can be told. A zero here would be invented."
)


def prevention_measures(database: Database, period: Period) -> Section:
    """Return the prevention measures that were implemented (S0-144)."""
    return _deeds(
        database,
        period,
        (MEASURE, PRECONDITION, TEST, DOCUMENTATION),
        key="prevention",
        title="Prevention measures implemented",
        place=0,
        empty="No prevention measure was recorded in this period.",
    )


def governance_updates(database: Database, period: Period) -> Section:
    """Return the governance updates that were made (S0-144)."""
    return _deeds(
        database,
        period,
        (GOVERNANCE,),
        key="governance",
        title="Governance updates made",
        place=1,
        empty="No governance update was recorded in this period.",
    )


def governance_evolution(database: Database, period: Period) -> Section:
    """Return how governance changed in a month: updates, and what they imply (S0-146)."""
    done = _of(deeds(database, period.since, period.until), (GOVERNANCE, IMPLICATION))
    before = _of(deeds(database, period.before.since, period.since), (GOVERNANCE, IMPLICATION))
    untold = untold_deeds(database, period.since, period.until)[1]
    updates = sum(one.field == GOVERNANCE for one in done)
    ways = resolutions(database, period.since, period.until)
    by_rule = sum(one.records for one in ways if one.kind == "GOVERNANCE_UPDATE")
    return Section(
        "governance_evolution",
        "Governance evolution",
        figures=(
            Figure(
                "governance_updates",
                "Governance updates made",
                updates + untold,
                COUNT,
                sum(one.field == GOVERNANCE for one in before)
                + untold_deeds(database, period.before.since, period.since)[1],
                "up",
            ),
            Figure(
                "implications",
                "Implications named in analyses",
                sum(one.field == IMPLICATION for one in done),
            ),
            Figure("resolved_by_governance", "Records resolved by a governance update", by_rule),
        ),
        table=_table(done),
        empty="",
    )


def effectiveness(database: Database, period: Period) -> Section:
    """Return whether what was ended stayed away, with and without prevention (S0-146)."""
    found = effects(database, period.until)
    held = next((one for one in found if one.is_prevented), None)
    rows = tuple(
        ("with prevention" if one.is_prevented else "without",
         one.held, one.causes, one.causes - one.recurred, one.recurred)
        for one in found
    )  # fmt: skip
    return Section(
        "prevention_effectiveness",
        "Prevention effectiveness",
        text="Causes that were ever resolved, and whether they failed again since. With "
        "prevention: a measure, a precondition, a test or a governance update was recorded.",
        figures=(held_figure(database, period),) if held else (),
        table=Table(
            (
                Column("how", "How they ended"),
                Column("held", "Stayed away", SHARE, has_bars=True),
                Column("causes", "Causes", COUNT),
                Column("stayed_away", "Stayed away", COUNT),
                Column("recurred", "Came again", COUNT),
            ),
            rows,
        ),
        empty="Nothing was resolved yet.",
    )


def held_figure(database: Database, period: Period) -> Figure:
    """Return the share of prevented causes that stayed away."""
    now, before = (
        next((one for one in effects(database, end) if one.is_prevented), None)
        for end in (period.until, period.since)
    )
    note = "no prevention was recorded yet"
    if now is not None:
        note = f"{now.causes - now.recurred:,} of {now.causes:,} prevented causes"
    return Figure(
        "prevention_held",
        "Prevention that held",
        now.held if now else None,
        SHARE,
        before.held if before else None,
        "up",
        note,
    )


def overrides() -> Section:
    """Return the use of overrides (S1-149): nothing is known of it as yet, and that is said."""
    return Section("overrides", "Override usage", text=NO_OVERRIDES, empty="")


def process_improvement(database: Database, period: Period) -> Section:
    """Return whether repeats and overrides become fewer (S1-156)."""
    now = completeness(database, period.since, period.until)
    before = completeness(database, period.before.since, period.before.until)
    return Section(
        "process_improvement",
        "Process improvement",
        figures=(
            Figure(
                "repeated_causes",
                "Causes that came again",
                now.repeated_causes,
                COUNT,
                before.repeated_causes,
                "down",
                f"of {now.causes:,}",
            ),
            Figure("override_usage", "Overrides used", None, note="not recorded yet"),
        ),
    )


def _deeds(
    database: Database,
    period: Period,
    fields: tuple[str, ...],
    *,
    key: str,
    title: str,
    place: int,
    empty: str,
) -> Section:
    done = _of(deeds(database, period.since, period.until), fields)
    before = _of(deeds(database, period.before.since, period.since), fields)
    untold = untold_deeds(database, period.since, period.until)[place]
    untold_before = untold_deeds(database, period.before.since, period.since)[place]
    total = len(done) + untold
    figure = Figure(
        f"{key}_total",
        title,
        total,
        COUNT,
        len(before) + untold_before,
        "up",
        f"{untold:,} of them in records without an event, by their number alone" if untold else "",
    )
    return Section(
        key,
        title,
        figures=(figure,) if total or figure.before else (),
        table=_table(done),
        empty="" if total or figure.before else empty,
    )


def _of(done: list[Deed], fields: tuple[str, ...]) -> list[Deed]:
    return [one for one in done if one.field in fields]


def _table(done: list[Deed]) -> Table:
    newest = sorted(done, key=lambda one: one.at, reverse=True)
    return Table(
        (
            Column("text", "What", is_wide=True),
            Column("kind", "Kind"),
            Column("by", "By"),
            Column("at", "When", MOMENT),
            Column("failure_id", "Record", CODE),
        ),
        tuple(
            (one.text, KINDS[one.field], one.by, one.at, one.failure_id[:8])
            for one in newest[:ROWS_MAX]
        ),
        max(0, len(done) - ROWS_MAX),
    )
