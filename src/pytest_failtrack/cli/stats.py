"""`failtrack stats`: how many failures there are, by any column; which causes matter most."""

from __future__ import annotations

from typing import Any

import click

from pytest_failtrack.cli.questions.asking import Request, asking, columns_of, wording
from pytest_failtrack.cli.questions.guarded import guarded_classes
from pytest_failtrack.cli.questions.table import Column, Table, day, duration, number, share
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions import causes, repeats, response, totals
from pytest_failtrack.history.questions.causes import CauseName
from pytest_failtrack.sinks.wording import count

WHAT = Column("headline", "WHAT", shrinks="end")
CAUSE = Column("cause", "CAUSE")


@click.command(
    "stats",
    epilog="Example: failtrack stats --by common --since 14d --branch main",
)
@click.option(
    "--by",
    metavar="WHAT",
    multiple=True,
    default=("category",),
    help=(
        "Columns, such as owner or week,severity; or common, cost, preventable or together: causes "
        "[default: category]."
    ),
)
@asking(limit=20)
def command(request: Request, by: tuple[str, ...]) -> None:
    """Count failures by any column, or rank their causes.

    common ranks causes by the builds in which they failed. cost ranks them by the minutes of CI
    and of open time that they took; a run's minutes are shared among its causes. preventable
    names those that a guard rule or a precondition could have caught. together names pairs that
    fail in the same builds.
    """
    if set(by) & set(RANKINGS):
        if len(by) > 1:
            raise InputError(f"--by {by[0]} ranks causes and stands alone; leave the others out")
        request.show(RANKINGS[by[0]](request))
    else:
        request.show(_counted(request, columns_of(by)))


def cause_row(cause: CauseName) -> dict[str, Any]:
    """Return what is known of a cause, by the names of columns."""
    return {
        "cause": cause.cause_id,
        "headline": cause.headline,
        "category": cause.category,
        "subcategory": cause.subcategory,
        "failure_type": cause.failure_type,
        "severity": cause.severity,
        "status": cause.status,
        "owner": cause.owner,
        "component": cause.component,
        "file": cause.file,
        "error_code": cause.error_code,
        "workflow": cause.workflow,
        "tenant": cause.tenant,
        "newest_record": cause.failure_id,
    }


def _counted(request: Request, by: tuple[str, ...]) -> Table:
    wanted = request.filter

    def asked(database: Database) -> tuple[Any, ...]:
        return (
            totals.summary(database, wanted),
            totals.totals(database, wanted, by, limit=request.limit),
            repeats.repeat_rate(database, wanted)[0],
            response.accuracy(database, wanted)[0],
        )

    found, listed, again, corrected = request.ask(asked)
    rows = [
        {
            **dict(zip(by, one.key, strict=True)),
            "failures": one.records,
            "causes": one.causes,
            "builds": one.builds,
            "open": one.open,
            "repeats": one.repeats,
        }
        for one in listed
    ]
    summary = {
        "failures": found.records,
        "causes": found.causes,
        "builds": found.builds,
        "open": found.open,
        "ended": found.ended,
        "healed": found.healed,
        "overdue": found.overdue,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "occurrences": again.occurrences,
        "repeat_rate": again.repeat_rate,
        "reclassified": corrected.reclassified,
        "reassigned": corrected.reassigned,
        "categorization": corrected.categorization,
        "routing": corrected.routing,
    }
    said = wording(request.filter)
    title: tuple[str, ...] = (
        f"{count(found.records, 'failure', 'failures')} of "
        f"{count(found.causes, 'cause', 'causes')} in {count(found.builds, 'build', 'builds')}, "
        f"{day(found.first_at)} to {day(found.last_at)}{': ' if said else ''}{said}",
        f"{found.open:,} open ({found.overdue:,} overdue), {found.ended:,} resolved or prevented, "
        f"{found.healed:,} healed; {share(again.repeat_rate)} of the occurrences are repeats",
    )
    if corrected.reclassified or corrected.reassigned:
        title += (
            f"{corrected.reclassified:,} reclassified ({share(corrected.categorization)} were "
            f"right), {corrected.reassigned:,} reassigned ({share(corrected.routing)} were right)",
        )
    columns = (
        *(Column(one, one.replace("_", " ").upper(), shrinks=_shrinks(one, by)) for one in by),
        Column("failures", "FAILURES", number),
        Column("causes", "CAUSES", number),
        Column("builds", "BUILDS", number),
        Column("open", "OPEN", number),
        Column("repeats", "REPEATS", number),
    )
    notes: tuple[str, ...] = ()
    if len(rows) == request.limit:
        notes = (f"the first {len(rows):,}; --limit shows more",)
    return Table("stats", columns, rows, summary if found.records else None, title, notes)


def _shrinks(name: str, by: tuple[str, ...]) -> str:
    return "start" if name in ("test", "file") and name == by[-1] else ""


def _common(request: Request) -> Table:
    found = request.ask(lambda one: causes.common_causes(one, request.filter, limit=request.limit))
    rows = [
        {
            **cause_row(one.cause),
            "builds": one.builds,
            "failures": one.records,
            "tests": one.tests,
            "open": one.open,
            "first_at": one.first_at,
            "last_at": one.last_at,
        }
        for one in found.causes
    ]
    columns = (
        CAUSE,
        Column("builds", "BUILDS", number),
        Column("failures", "FAILURES", number),
        Column("open", "OPEN", number),
        Column("last_at", "LAST", day),
        WHAT,
    )
    return Table("stats", columns, rows, title=(_title("the most common causes", request),))


def _cost(request: Request) -> Table:
    found = request.ask(lambda one: causes.costly_causes(one, request.filter, limit=request.limit))
    rows = [
        {
            **cause_row(one.cause),
            "builds": one.builds,
            "failures": one.records,
            "ci_minutes": one.ci_minutes,
            "open_minutes": one.open_minutes,
            "cost_minutes": one.cost_minutes,
        }
        for one in found.causes
    ]
    columns = (
        CAUSE,
        Column("cost_minutes", "COST", duration),
        Column("ci_minutes", "CI", duration),
        Column("open_minutes", "OPEN", duration),
        Column("builds", "BUILDS", number),
        WHAT,
    )
    return Table("stats", columns, rows, title=(_title("the most costly causes", request),))


def _preventable(request: Request) -> Table:
    classes = guarded_classes(request.settings.root)
    found = request.ask(
        lambda one: causes.preventable_causes(one, request.filter, classes, limit=request.limit)
    )
    rows = [
        {
            **cause_row(one.cause),
            "builds": one.builds,
            "failures": one.records,
            "is_guarded": one.is_guarded,
            "has_preconditions": one.has_preconditions,
            "by": _by_what(one),
        }
        for one in found.causes
    ]
    summary = {
        "failures": found.records,
        "preventable_failures": found.preventable_records,
        "causes": found.all_causes,
        "preventable_causes": found.preventable_causes,
        "guarded_classes": sorted(classes),
    }
    title = (
        f"{found.preventable_records:,} of {count(found.records, 'failure', 'failures')}, "
        f"{found.preventable_causes:,} of {count(found.all_causes, 'cause', 'causes')} could have "
        "been prevented",
    )
    columns = (
        CAUSE,
        Column("builds", "BUILDS", number),
        Column("failures", "FAILURES", number),
        Column("by", "BY"),
        WHAT,
    )
    empty = (
        "no rule of the guard is for a class of these failures, and no record of their causes "
        "names a precondition; see `failtrack guard suggest`"
    )
    return Table("stats", columns, rows, summary if found.records else None, title, empty=empty)


def _by_what(one: causes.PreventableCause) -> str:
    ways = ((one.is_guarded, "guard rule"), (one.has_preconditions, "precondition"))
    return ", ".join(word for is_so, word in ways if is_so)


def _together(request: Request) -> Table:
    found = request.ask(
        lambda one: causes.causes_together(one, request.filter, limit=request.limit)
    )
    rows = [
        {
            "cause": one.one.cause_id,
            "other": one.other.cause_id,
            "builds": one.builds,
            "cause_builds": one.one_builds,
            "other_builds": one.other_builds,
            "share": one.share,
            "lift": one.lift,
            "cause_headline": one.one.headline,
            "other_headline": one.other.headline,
            "headline": f"{_line(one.one)} | {_line(one.other)}",
        }
        for one in found
    ]
    columns = (
        CAUSE,
        Column("other", "AND"),
        Column("builds", "BUILDS", number),
        Column("share", "SHARE", share),
        WHAT,
    )
    empty = "no two causes failed together in three builds or more"
    title = (_title("causes that fail in the same builds", request),)
    return Table("stats", columns, rows, title=title, empty=empty)


def _line(cause: CauseName) -> str:
    return cause.headline.strip().partition("\n")[0]


def _title(what: str, request: Request) -> str:
    said = wording(request.filter)
    return f"{what}{': ' if said else ''}{said}"


RANKINGS = {
    "common": _common,
    "cost": _cost,
    "preventable": _preventable,
    "together": _together,
}
