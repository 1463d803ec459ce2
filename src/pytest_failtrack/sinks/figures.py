"""Numbers of a report as people read them; every renderer of reports asks here."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.policy.reports.document import COUNT, HOURS, MOMENT, SHARE, Figure

UNKNOWN = "not known"
HOURS_IN_DAY = 24
DAYS_FROM_HOURS = 72
WHOLE_DAYS_FROM = 30


def shown(value: Any, kind: str) -> str:
    """Return a raw value as text: `1,204`, `87%`, `3.5 h`, `2026-11-22 14:10Z`.

    Args:
        value: The value; None is not known.
        kind: `text`, `code`, `count`, `share` (0 to 1), `hours` or `moment`.
    """
    if value is None:
        return UNKNOWN
    if kind == COUNT:
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    if kind == SHARE:
        return _share(float(value))
    if kind == HOURS:
        return _hours(float(value))
    if kind == MOMENT and isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%MZ")
    return str(value)


def compared(figure: Figure) -> str:
    """Return how a figure stands to the period before: `12 more than before (28)`; `` for nothing.

    Shares are compared in points, since a percentage of a percentage misleads.
    """
    if figure.value is None or figure.before is None:
        return ""
    change = figure.value - figure.before
    before = shown(figure.before, figure.kind)
    if shown(figure.value, figure.kind) == before:
        return "as before"
    if figure.kind == SHARE:
        points = f"{abs(change) * 100:.0f}" if abs(change) >= 0.01 else f"{abs(change) * 100:.1f}"
        size = f"{points} {'point' if points == '1' else 'points'}"
    else:
        size = shown(abs(change), figure.kind)
    word = "more" if change > 0 else "less" if figure.kind in (SHARE, HOURS) else "fewer"
    return f"{size} {word} than before ({before})"


def verdict(figure: Figure) -> str:
    """Return `better` or `worse` than before, `` where neither can be said."""
    if figure.value is None or figure.before is None or not figure.better:
        return ""
    if shown(figure.value, figure.kind) == shown(figure.before, figure.kind):
        return ""
    return "better" if (figure.value > figure.before) == (figure.better == "up") else "worse"


def _share(value: float) -> str:
    percent = value * 100
    if 0 < percent < 1:
        return f"{percent:.1g}%" if percent >= 0.1 else "<0.1%"
    if 99 < percent < 100:
        return ">99%"
    return f"{percent:.0f}%"


def _hours(value: float) -> str:
    if value >= DAYS_FROM_HOURS:
        days = value / HOURS_IN_DAY
        return f"{days:,.0f} days" if days >= WHOLE_DAYS_FROM else f"{days:,.1f} days"
    if value >= 10:
        return f"{value:.0f} h"
    if value >= 1:
        return f"{value:.1f} h"
    minutes = value * 60
    return f"{minutes:.0f} min" if minutes >= 1 or not minutes else "<1 min"
