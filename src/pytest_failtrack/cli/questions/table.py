"""Answers as tables for people, as CSV and as JSON; what asks the history prints so."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any

import click

from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.frozen import frozen
from pytest_failtrack.sinks.plain import cut, cut_start, display_width, plain

SCHEMA_VERSION = "1.0"
GAP = "  "
NOTHING = "-"
# A column of names may not push the one that shrinks off the screen.
NAME_MAX_CELLS = 28
SHRUNK_MIN_CELLS = 16
SENTENCE_MIN_CELLS = 20
BAR_CELLS = 20

Row = Mapping[str, Any]
Show = Callable[[Any], str]


def text(value: Any) -> str:
    """Return a text as one harmless line, the first of it; `-` for none."""
    return plain(str(value).strip().partition("\n")[0]) or NOTHING


def number(value: Any) -> str:
    """Return a count."""
    return f"{value:,}"


def share(value: float | None) -> str:
    """Return a part of 1 as per cent; `-` for none. Nearly all is not all, nor nearly none none."""
    if value is None:
        return NOTHING
    if 0 < value < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= value < 1 else f"{value:.0%}"


def duration(minutes: float | None) -> str:
    """Return minutes in the unit that reads best; `-` for none."""
    if minutes is None:
        return NOTHING
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    if minutes < 90:
        return f"{minutes:.0f} min"
    if minutes < 2 * 1440:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:,.1f} d"


def hours(value: float | None) -> str:
    """Return hours in the unit that reads best; `-` for none."""
    return duration(None if value is None else value * 60)


def seconds(value: float) -> str:
    """Return seconds as tests take them."""
    if value < 1:
        return f"{value * 1000:,.0f} ms"
    return f"{value:,.1f} s" if value < 90 else duration(value / 60)


def day(value: date | datetime | None) -> str:
    """Return the day of a moment in UTC; `-` for none."""
    return NOTHING if value is None else value.isoformat()[:10]


def minute(value: datetime | None) -> str:
    """Return a moment in UTC to the minute; `-` for none."""
    return NOTHING if value is None else f"{value.astimezone(timezone.utc):%Y-%m-%d %H:%MZ}"


# What stands on the right of its column, as figures do.
_RIGHT: tuple[Show, ...] = (number, share, duration, hours, seconds)


@frozen
class Column:
    """One column of a table.

    Args:
        name: Key of its value in the rows.
        heading: What stands above it.
        show: Turns a value into its text.
        shrinks: `end` or `start` is cut where the table is wider than the screen; at most one
            column of a table shrinks.
    """

    name: str
    heading: str
    show: Show = text
    shrinks: str = ""


@frozen
class Table:
    """An answer.

    Args:
        question: The name of the command, for programs.
        columns: What people see.
        rows: Everything, by name.
        summary: Figures about all of it, for programs.
        title: Lines above the table, for people.
        notes: Lines below it.
        empty: The sentence in place of a table without rows.
    """

    question: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    summary: Row | None = None
    title: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    empty: str = ""


def lines_of(table: Table, screen: Screen) -> Iterator[str]:
    """Yield the lines of a table for people, none wider than the screen where that is possible."""
    yield from _sentences(table.title, screen)
    if not table.rows:
        yield from _sentences((table.empty,), screen)
        yield from _sentences(table.notes, screen)
        return
    if table.title:
        yield ""
    cells = [[column.heading for column in table.columns]]
    cells += [[one.show(row.get(one.name)) for one in table.columns] for row in table.rows]
    widths = _widths(table.columns, cells, screen.width)
    for at, line in enumerate(cells):
        shown = _line(table.columns, line, widths, screen)
        yield click.style(shown, bold=True) if at == 0 and screen.color else shown
    if table.notes:
        yield ""
    yield from _sentences(table.notes, screen)


def csv_of(table: Table) -> str:
    """Return all rows as CSV with a line of names; what is not known is empty."""
    out = io.StringIO()
    names = _names(table)
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for row in table.rows:
        writer.writerow({name: _cell(row.get(name)) for name in names})
    return out.getvalue()


def json_of(table: Table, filter_: Row) -> str:
    """Return the answer as a JSON document for programs.

    Args:
        table: The answer.
        filter_: What was asked for.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "question": table.question,
        "filter": filter_,
        "summary": dict(table.summary or {}),
        "rows": [dict(one) for one in table.rows],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain_value)


def bar(value: float, most: float, *, unicode: bool) -> str:
    """Return a figure as a bar beside the largest one."""
    cells = round(BAR_CELLS * value / most) if most else 0
    return ("\u2588" if unicode else "#") * (max(cells, 1) if value else 0)


def _sentences(lines: Sequence[str], screen: Screen) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(
            plain(line, unicode=screen.unicode),
            max(screen.width, SENTENCE_MIN_CELLS),
            break_long_words=False,
            break_on_hyphens=False,
        )


def _names(table: Table) -> list[str]:
    first = list(table.rows[0]) if table.rows else [one.name for one in table.columns]
    return list(dict.fromkeys([*first, *(name for row in table.rows for name in row)]))


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    widths = [max(display_width(line[at]) for line in cells) for at in range(len(columns))]
    for at, column in enumerate(columns):
        if not column.shrinks and column.show is text:
            widths[at] = min(widths[at], NAME_MAX_CELLS)
    over = sum(widths) + len(GAP) * (len(widths) - 1) - width
    for at, column in enumerate(columns):
        if column.shrinks and over > 0:
            widths[at] = max(min(SHRUNK_MIN_CELLS, widths[at]), widths[at] - over)
    return widths


def _line(
    columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int], screen: Screen
) -> str:
    shown = []
    for column, cell, width in zip(columns, cells, widths, strict=True):
        one = plain(cell, unicode=screen.unicode)
        one = cut_start(one, width) if column.shrinks == "start" else cut(one, width)
        space = " " * (width - display_width(one))
        shown.append(space + one if column.show in _RIGHT else one + space)
    return GAP.join(shown).rstrip()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    return "" if value is None else _plain_value(value) if not isinstance(value, str) else value


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value
