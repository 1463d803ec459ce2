"""All incidents of a history in one reading, for those who want many figures of their times.

Each question of resolution.py reads the records anew; twelve of them would take a minute of a
million records. What an incident is, and what its figures mean, is said there and in incidents.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from statistics import fmean, median
from typing import Any, NamedTuple

from pytest_failtrack.frozen import replaced
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.questions.incidents import HEALED, RESOLVED, incidents
from pytest_failtrack.history.questions.resolution import Deadlines, Resolution

COLUMNS = ("severity", "category")


class Incident(NamedTuple):
    """One incident; times in seconds since 1970."""

    failure_type: str
    owner: str
    way: str
    severity: str
    category: str
    opened: float
    due: float | None
    ended: float | None


def lived(database: Database, filter_: Filter) -> list[Incident]:
    """Return all incidents; the window of the filter is left to the figures.

    Args:
        database: The history.
        filter_: Which records.
    """
    held = incidents(replaced(filter_, since=None, until=None), database.tenant, COLUMNS)
    sql = (
        "select kind, whose, way, k0, k1, epoch(opened), epoch(due), epoch(ended)"
        f" from ({held.text}) as incident"
    )
    return [
        Incident(row[0], row[1], row[2], row[3], row[4], float(row[5]), *map(_number, row[6:8]))
        for row in database.rows(sql, held.values)
    ]


def resolution_of(found: Iterable[Incident], filter_: Filter, by: str = "") -> list[Resolution]:
    """Return how long the incidents lasted that ended in the window, as `time_to_resolution`."""
    groups: dict[str, list[Incident]] = {}
    for one in found:
        if one.ended is not None and one.way in (RESOLVED, HEALED) and _lies_in(one.ended, filter_):
            groups.setdefault(_key(one, by, one.ended), []).append(one)
    if not by:
        groups.setdefault("", [])
    return [_resolution((key,) if by else (), groups[key]) for key in sorted(groups)]


def deadlines_of(found: Iterable[Incident], filter_: Filter, by: str = "") -> list[Deadlines]:
    """Return what became of the deadlines that lie in the window, as `deadlines`."""
    groups: dict[str, list[Incident]] = {}
    for one in found:
        if one.due is not None and _lies_in(one.due, filter_):
            groups.setdefault(_key(one, by, one.due), []).append(one)
    if not by:
        groups.setdefault("", [])
    now = filter_.moment
    return [_deadlines((key,) if by else (), groups[key], now) for key in sorted(groups)]


def _resolution(key: tuple[str, ...], held: list[Incident]) -> Resolution:
    hours = [(one.way, max(0.0, (one.ended or 0.0) - one.opened) / 3600) for one in held]
    resolved = [value for way, value in hours if way == RESOLVED]
    both = [value for _, value in hours]
    return Resolution(
        key,
        len(resolved),
        fmean(resolved) if resolved else None,
        median(resolved) if resolved else None,
        max(resolved) if resolved else None,
        len(both),
        fmean(both) if both else None,
        median(both) if both else None,
    )


def _deadlines(key: tuple[str, ...], held: list[Incident], now: float) -> Deadlines:
    hit = overdue = 0
    late: list[float] = []
    for one in held:
        due = one.due or 0.0
        if one.ended is not None:
            hit += one.ended <= due
            if one.ended > due:
                late.append((one.ended - due) / 3600)
        elif due < now:
            overdue += 1
            late.append((now - due) / 3600)
    return Deadlines(key, len(held), hit, len(late), overdue, fmean(late) if late else None)


def _lies_in(at: float, filter_: Filter) -> bool:
    if filter_.since is not None and at < filter_.since.timestamp():
        return False
    return filter_.until is None or at < filter_.until.timestamp()


def _key(one: Incident, by: str, at: float) -> str:
    if by != "month":
        return str(getattr(one, by)) if by else ""
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-01")


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
