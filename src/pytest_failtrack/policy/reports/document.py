"""A report as a value: figures first, then sections of text, table and plot; renderers read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from pytest_failtrack.frozen import frozen

KINDS = ("daily", "weekly", "monthly", "standup", "scorecard")

# How a raw value is shown: figures.py of the sinks knows each of these words.
TEXT, CODE, COUNT, SHARE, HOURS, MOMENT = "text", "code", "count", "share", "hours", "moment"
NUMBERS = (COUNT, SHARE, HOURS)


@frozen
class Column:
    """One column of a table.

    Args:
        key: Its name for programs.
        title: Its name for people.
        kind: How its values are shown: `text`, `code`, `count`, `share`, `hours`, `moment`.
        has_bars: A bar beside each number shows its size; one column of a table at most.
        is_wide: It takes the room that others leave: what failed, what was written.
    """

    key: str
    title: str
    kind: str = TEXT
    has_bars: bool = False
    is_wide: bool = False


@frozen
class Table:
    """Rows of raw values; None is what nobody knows.

    Args:
        columns: What stands in a row, in this order.
        rows: One tuple a row.
        left_out: Rows that were cut off, a number that is always shown.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    left_out: int = 0


@frozen
class Series:
    """One line of a plot, or one part of its columns.

    Args:
        key: Its name for programs.
        title: Its name for people.
        values: One for each label; None where there is none.
    """

    key: str
    title: str
    values: tuple[float | None, ...]


@frozen
class Plot:
    """Values over time.

    Args:
        title: What is shown.
        form: `columns`, stacked, or `lines`.
        labels: One a point, such as `2026-11-22`.
        series: At most three.
        kind: How values are shown, as in `Column`.
        label_title: Name of the labels, such as `Day`.
    """

    title: str
    form: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    kind: str = COUNT
    label_title: str = "Day"


@frozen
class Figure:
    """One number that a reader in a hurry wants.

    Args:
        key: Its name for programs.
        title: Its name for people.
        value: The number; None when it is not known.
        kind: How it is shown, as in `Column`.
        before: The same number of the period before, None when there is none.
        better: `down` or `up`: which way is an improvement; `` when neither is.
        note: What else is to be known, one clause.
    """

    key: str
    title: str
    value: float | None
    kind: str = COUNT
    before: float | None = None
    better: str = ""
    note: str = ""


@frozen
class Section:
    """One part of a report.

    Args:
        key: Its name for programs, and its anchor.
        title: Its heading.
        text: What is to be said of it, `` for nothing.
        figures: Numbers, shown as a list.
        plot: Values over time, None for none.
        table: The rows, None for none.
        items: Sentences.
        empty: What is said where there is no row and no sentence.
    """

    key: str
    title: str
    text: str = ""
    figures: tuple[Figure, ...] = ()
    plot: Plot | None = None
    table: Table | None = None
    items: tuple[str, ...] = ()
    empty: str = "Nothing in this period."

    @property
    def is_empty(self) -> bool:
        """Whether there is neither number, point, row nor sentence."""
        has_points = self.plot is not None and bool(self.plot.labels)
        has_rows = self.table is not None and bool(self.table.rows)
        return not (self.figures or self.items or has_points or has_rows)


@frozen
class Report:
    """A whole report.

    Args:
        kind: One of `KINDS`.
        title: Its heading.
        repository: Whose it is.
        since: Start of the period, aware, UTC.
        until: End of the period, aware, UTC; not part of it.
        audience: Who it is for, in words.
        recipients: Names of `[tool.failtrack.reports]`.
        figures: The three that are seen first.
        sections: What follows.
        problems: What could not be read, one sentence each.
        extra: What programs may want beside it, as JSON values.
    """

    kind: str
    title: str
    repository: str
    since: datetime
    until: datetime
    audience: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    problems: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
