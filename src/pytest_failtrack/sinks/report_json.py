"""A report as one documented JSON object, with raw values."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pytest_failtrack.frozen import as_dict
from pytest_failtrack.policy.reports.document import Figure, Plot, Report, Section, Table
from pytest_failtrack.record.times import time_text

REPORT_VERSION = "1.0"


def render(report: Report) -> str:
    """Return the report as JSON text that ends with a line end."""
    return json.dumps(to_json(report), indent=2, ensure_ascii=True) + "\n"


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values; keys are only ever added to it.

    Keys: `schema_version`, `kind`, `title`, `repository`, `since`, `until` (ISO 8601, UTC),
    `audience`, `recipients`, `figures` {key: {title, value, kind, before, better, note}},
    `sections` {key: {title, text, figures, plot, items, rows, rows_left_out}}, `problems`. Values
    are raw: shares from 0 to 1, spans in hours, moments in ISO 8601; null is not known.
    """
    return {
        "schema_version": REPORT_VERSION,
        "kind": report.kind,
        "title": report.title,
        "repository": report.repository,
        "since": time_text(report.since),
        "until": time_text(report.until),
        "audience": list(report.audience),
        "recipients": list(report.recipients),
        "figures": {one.key: _figure(one) for one in report.figures},
        "sections": {one.key: _section(one) for one in report.sections},
        "problems": list(report.problems),
        **{name: _plain(value) for name, value in report.extra.items()},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    data = as_dict(figure)
    del data["key"]
    data["value"], data["before"] = _plain(figure.value), _plain(figure.before)
    return data


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "text": section.text,
        "figures": {one.key: _figure(one) for one in section.figures},
        "plot": _plot(section.plot),
        "items": list(section.items),
        "rows": _rows(section.table),
        "rows_left_out": section.table.left_out if section.table else 0,
    }


def _plot(plot: Plot | None) -> dict[str, Any] | None:
    if plot is None:
        return None
    return {
        "title": plot.title,
        "kind": plot.kind,
        "labels": list(plot.labels),
        "series": {one.key: [_plain(value) for value in one.values] for one in plot.series},
    }


def _rows(table: Table | None) -> list[dict[str, Any]]:
    if table is None:
        return []
    names = [one.key for one in table.columns]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in table.rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    return round(value, 4) if isinstance(value, float) else value
