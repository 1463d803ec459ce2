"""A report as one HTML page that needs no network and no script: opened, mailed, printed, kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from typing import Any

from pytest_failtrack.policy.reports.document import (
    CODE,
    MOMENT,
    NUMBERS,
    SHARE,
    Column,
    Figure,
    Plot,
    Report,
    Section,
    Table,
)
from pytest_failtrack.sinks.charts import bar_svg, plot_svg
from pytest_failtrack.sinks.figures import UNKNOWN, compared, shown, verdict
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count, moment

CELL_MAX_CHARS = 400
# A name or a time of so few characters is not broken at its hyphens.
SHORT_MAX_CHARS = 20
# Nothing is fetched and nothing runs, whatever a failure message says.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render(report: Report) -> str:
    """Return the page; every text of the report is escaped."""
    body = "\n".join(_body(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="generator" content="pytest-failtrack">\n'
        f"<title>{_text(f'{report.title}: {report.repository}')}</title>\n"
        f"<style>\n{style()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def style() -> str:
    """Return the style sheet, as it is shipped."""
    return resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")


def _body(report: Report) -> Iterator[str]:
    yield "<header>"
    yield f'<p class="eyebrow">{_text(report.repository)}</p>'
    yield f"<h1>{_text(report.title)}</h1>"
    yield f'<p class="period">{_text(moment(report.since))} to {_text(moment(report.until))}</p>'
    yield from _audience(report)
    yield "</header>"
    yield "<main>"
    if report.figures:
        yield '<section class="figures" aria-label="In short">'
        for figure in report.figures:
            yield _figure(figure)
        yield "</section>"
    yield from _contents(report.sections)
    for section in report.sections:
        yield from _section(section)
    if report.problems:
        yield '<section class="problems"><h2>Not everything could be read</h2><ul>'
        yield from (f"<li>{_text(one)}</li>" for one in report.problems)
        yield "</ul></section>"
    yield "</main>"
    yield "<footer><p>Made by pytest-failtrack from the records of this project. Times are UTC.</p>"
    yield "</footer>"


def _audience(report: Report) -> Iterator[str]:
    if report.audience:
        line = f"For {', '.join(report.audience)}"
        if report.recipients:
            line += f": {', '.join(report.recipients)}"
        yield f'<p class="audience">{_text(line)}</p>'


def _contents(sections: Sequence[Section]) -> Iterator[str]:
    if len(sections) > 3:
        links = "".join(
            f'<li><a href="#{_text(one.key)}">{_text(one.title)}</a></li>' for one in sections
        )
        yield f'<nav aria-label="Contents"><ul>{links}</ul></nav>'


def _figure(figure: Figure) -> str:
    change, better = compared(figure), verdict(figure)
    shown_change = f"{change}, {better}" if better else change
    lines = [
        f'<p class="label">{_text(figure.title)}</p>',
        f'<p class="value{" unknown" if figure.value is None else ""}">'
        f"{_text(shown(figure.value, figure.kind))}</p>",
    ]
    if shown_change:
        lines.append(f'<p class="change {better}">{_text(shown_change)}</p>')
    if figure.note:
        lines.append(f'<p class="note">{_text(figure.note)}</p>')
    return f'<div class="figure">{"".join(lines)}</div>'


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{_text(section.key)}">'
    yield f"<h2>{_text(section.title)}</h2>"
    if section.text:
        yield f"<p>{_text(section.text)}</p>"
    if section.figures:
        yield '<dl class="facts">'
        for one in section.figures:
            yield f"<div><dt>{_text(one.title)}</dt><dd>{_fact(one)}</dd></div>"
        yield "</dl>"
    if section.plot is not None and section.plot.labels:
        yield from _plot(section.plot, section.key)
    if section.items:
        yield "<ul>"
        yield from (f"<li>{_text(one)}</li>" for one in section.items)
        yield "</ul>"
    if section.table is not None and section.table.rows:
        yield from _table(section.table)
    if section.is_empty and section.empty:
        yield f'<p class="empty">{_text(section.empty)}</p>'
    yield "</section>"


def _fact(figure: Figure) -> str:
    change, better = compared(figure), verdict(figure)
    text = f"<b>{_text(shown(figure.value, figure.kind))}</b>"
    if change:
        text += f' <span class="change {better}">{_text(change)}</span>'
    if figure.note:
        text += f' <span class="note">{_text(figure.note)}</span>'
    return text


def _plot(plot: Plot, name: str) -> Iterator[str]:
    yield "<figure>"
    yield f"<figcaption>{_text(plot.title)}"
    if len(plot.series) > 1:
        yield '<span class="legend">'
        for place, series in enumerate(plot.series):
            yield f'<span><i class="swatch{place}"></i>{_text(series.title)}</span>'
        yield "</span>"
    yield "</figcaption>"
    yield plot_svg(plot, _text(name))
    yield "<details><summary>The values</summary>"
    columns = (
        Column("label", plot.label_title),
        *(Column(one.key, one.title, plot.kind) for one in plot.series),
    )
    values = zip(plot.labels, *(one.values for one in plot.series), strict=True)
    yield from _table(Table(columns, tuple(values)), plot.title)
    yield "</details></figure>"


def _table(table: Table, caption: str = "") -> Iterator[str]:
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    if caption:
        yield f'<caption class="unseen">{_text(caption)}</caption>'
    heads = "".join(
        f'<th scope="col"{_class(one)}{" colspan=2" if one.has_bars else ""}>'
        f"{_text(one.title)}</th>"
        for one in table.columns
    )
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    highest = {
        # A share is a part of the whole, whatever the other rows have.
        place: 1.0 if one.kind == SHARE else max((row[place] or 0 for row in table.rows), default=0)
        for place, one in enumerate(table.columns)
        if one.has_bars
    }
    for row in table.rows:
        cells = []
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            tag = 'th scope="row"' if place == 0 else "td"
            cells.append(f"<{tag}{_class(column)}>{_cell(value, column)}</{tag.split()[0]}>")
            if column.has_bars:
                cells.append(f'<td class="bars">{bar_svg(value, highest[place])}</td>')
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"
    if table.left_out:
        yield f'<p class="note">{_text(count(table.left_out, "more row"))} not shown.</p>'


def _class(column: Column) -> str:
    if column.kind in NUMBERS:
        return ' class="number"'
    return ' class="wide"' if column.is_wide else ""


def _cell(value: Any, column: Column) -> str:
    text = shown(value, column.kind)
    if value is None:
        return f'<span class="unknown" title="{UNKNOWN}">&ndash;</span>'
    if _is_short(text, column):
        tag = "code" if column.kind == CODE else "span"
        return f'<{tag} class="short">{_text(text)}</{tag}>'
    if len(text) > CELL_MAX_CHARS:
        text = f"{text[:CELL_MAX_CHARS]}..."
    return f"<code>{_text(text)}</code>" if column.kind == CODE and text else _text(text)


def _is_short(text: str, column: Column) -> bool:
    return len(text) <= SHORT_MAX_CHARS and (column.kind == MOMENT or " " not in text)


def _text(text: str) -> str:
    return escape(plain(text), quote=True)
