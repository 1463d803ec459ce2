"""A report as Markdown: for a terminal, a job summary, an issue or a chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.policy.reports.document import (
    CODE,
    NUMBERS,
    Column,
    Figure,
    Plot,
    Report,
    Section,
    Table,
)
from pytest_failtrack.sinks.figures import compared, shown, verdict
from pytest_failtrack.sinks.markdown import code, escape, table_row
from pytest_failtrack.sinks.wording import count, moment

CELL_MAX_CHARS = 300
POINTS_MAX = 31
# What is safe between backticks, and easier to read there than as entities.
_PLAIN_NAME = lazily(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*")
_MENTION = lazily(r"@[A-Za-z0-9][A-Za-z0-9_./-]*")


def render(report: Report) -> str:
    """Return the report as a Markdown document that ends with a line end."""
    return "\n\n".join(one for one in _blocks(report) if one) + "\n"


def _blocks(report: Report) -> Iterator[str]:
    yield f"# {escape(report.title)}: {escape(report.repository)}"
    yield f"{moment(report.since)} to {moment(report.until)}"
    if report.audience:
        line = escape(f"For {', '.join(report.audience)}")
        if report.recipients:
            line += f": {', '.join(map(_name, report.recipients))}"
        yield line
    if report.figures:
        yield "\n".join(f"- {_fact(one)}" for one in report.figures)
    for section in report.sections:
        yield from _section(section)
    if report.problems:
        yield "## Not everything could be read"
        yield "\n".join(f"- {escape(one)}" for one in report.problems)


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.title)}"
    yield escape(section.text)
    if section.figures:
        yield "\n".join(f"- {_fact(one)}" for one in section.figures)
    if section.plot is not None and section.plot.labels:
        yield _table(_as_table(section.plot))
    if section.items:
        yield "\n".join(f"- {escape(one)}" for one in section.items)
    if section.table is not None and section.table.rows:
        yield _table(section.table)
        if section.table.left_out:
            yield f"{count(section.table.left_out, 'more row')} not shown."
    if section.is_empty:
        yield escape(section.empty)


def _fact(figure: Figure) -> str:
    change, better = compared(figure), verdict(figure)
    said = ", ".join(filter(None, (change, better, figure.note)))
    value = escape(shown(figure.value, figure.kind))
    return f"{escape(figure.title)}: **{value}**" + (f" ({escape(said)})" if said else "")


def _as_table(plot: Plot) -> Table:
    """Return the values of a plot, the newest points of a long one."""
    columns = (
        Column("label", plot.label_title),
        *(Column(one.key, one.title, plot.kind) for one in plot.series),
    )
    rows = tuple(zip(plot.labels, *(one.values for one in plot.series), strict=True))
    return Table(columns, rows[-POINTS_MAX:])


def _table(table: Table) -> str:
    lines = [
        table_row([escape(one.title) for one in table.columns]),
        table_row(["---:" if one.kind in NUMBERS else "---" for one in table.columns]),
    ]
    for row in table.rows:
        pairs = zip(row, table.columns, strict=True)
        lines.append(table_row([_cell(value, column) for value, column in pairs]))
    return "\n".join(lines)


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return "-"
    text = shown(value, column.kind)[:CELL_MAX_CHARS]
    if column.kind == CODE:
        return f"`{text}`" if _PLAIN_NAME.fullmatch(text) else code(text)
    return _name(text)


def _name(text: str) -> str:
    """Return a text; a name that would call somebody as code, which calls nobody."""
    return f"`{text}`" if _MENTION.fullmatch(text) else escape(text)
