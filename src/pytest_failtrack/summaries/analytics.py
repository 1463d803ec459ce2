"""The four analytics files: what the whole history comes to, for other programs (S0-140 to S0-143).

They follow from the evidence alone: made twice of the same evidence they are the same bytes, since
deadlines are read at the moment of the newest evidence and not at that of the clock.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.frozen import as_dict
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.files import write_beside
from pytest_failtrack.history.questions.causes import CommonCause, common_causes
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.questions.lived import deadlines_of, lived, resolution_of
from pytest_failtrack.history.questions.prevented import effects
from pytest_failtrack.history.questions.repeats import repeat_rate
from pytest_failtrack.history.questions.totals import summary, totals, trend
from pytest_failtrack.open_history import open_history
from pytest_failtrack.policy.reports.once import once

ANALYTICS_VERSION = "1.0"
FOLDER = "analytics"
TRENDS = "failure-trends.json"
CATEGORIES = "failure-by-category.json"
REPEATS = "repeat-failures.json"
MTTR = "mttr-metrics.json"
NAMES = (TRENDS, CATEGORIES, REPEATS, MTTR)
CAUSES_MAX = 100

Document = dict[str, Any]

_NEWEST = """
select max(at) from (
    select max(epoch(occurred_at)) as at from records where tenant_id = ?
    union all select max(epoch(finished_at)) from runs where tenant_id = ?
    union all select max(epoch(at)) from changes where tenant_id = ?
) as newest
"""


def analytics_dir(settings: Settings) -> Path:
    """Return the folder of the four files, `analytics` in that of the records."""
    return settings.evidence_dir / FOLDER


def write_analytics(
    settings: Settings,
    folder: Path | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[dict[str, Document], tuple[str, ...]]:
    """Write the four files and return them by name, with what could not be read.

    Args:
        settings: Where the evidence lies.
        folder: Where they are written; `analytics` in the folder of the records by default.
        since: Only what occurred then or later, aware; None takes everything.
        until: Only what occurred before then, aware.

    Raises:
        EvidenceError: The evidence cannot be read, or a file not be written.
        StoreError: The history cannot be asked.
    """
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        made = history.ask(
            lambda database: analytics(
                database, repository=settings.repository, since=since, until=until
            ),
            limit_seconds=None,  # of a whole history nobody expects an answer at once
        )
        problems = history.problems
    place = os.fspath(folder or analytics_dir(settings))
    for name, document in made.items():
        write_beside(place, name, content(document))
    return made, problems


def content(document: Document) -> bytes:
    """Return the bytes of a file."""
    # ASCII escapes: a message may hold lone surrogates, which UTF-8 cannot write.
    return (json.dumps(document, indent=2, sort_keys=False) + "\n").encode("ascii")


def analytics(
    database: Database,
    *,
    repository: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Document]:
    """Return the four documents by name; see docs/reports.md for their keys."""
    database = once(database)
    newest = newest_of(database)
    end = newest or datetime(1970, 1, 1, tzinfo=timezone.utc)
    asked = Filter(since=since, until=until, now=min(until, end) if until else end, is_debt=False)
    head = {
        "schema_version": ANALYTICS_VERSION,
        "repository": repository,
        "since": _plain(since),
        "until": _plain(until),
        "newest_evidence": _plain(newest),
    }
    return {
        TRENDS: {**head, **_trends(database, asked)},
        CATEGORIES: {**head, **_categories(database, asked)},
        REPEATS: {**head, **_repeats(database, asked, end)},
        MTTR: {**head, **_mttr(database, asked)},
    }


def newest_of(database: Database) -> datetime | None:
    """Return the moment of the newest evidence, None where there is none."""
    ((at,),) = database.rows(_NEWEST, (database.tenant,) * 3)
    return None if at is None else datetime.fromtimestamp(float(at), timezone.utc)


def _trends(database: Database, asked: Filter) -> Document:
    """How often failures come: in all, over time, and cause by cause (S4-35)."""
    return {
        "totals": _dict(summary(database, asked)),
        **{
            f"by_{step}": [_dict(one) for one in trend(database, asked, step)]
            for step in ("day", "month")
        },
        "causes": [_cause(one) for one in common_causes(database, asked, limit=CAUSES_MAX).causes],
    }


def _categories(database: Database, asked: Filter) -> Document:
    columns = ("category", "severity", "failure_type", "component", "owner")
    return {
        "totals": _dict(summary(database, asked)),
        **{f"by_{one}": _rows(totals(database, asked, (one,)), (one,)) for one in columns},
        "by_subcategory": _rows(
            totals(database, asked, ("category", "subcategory")), ("category", "subcategory")
        ),
    }


def _repeats(database: Database, asked: Filter, end: datetime) -> Document:
    values = {**as_dict(asked), "is_repeat": True}
    again = common_causes(database, Filter(**values), limit=CAUSES_MAX).causes
    return {
        "totals": next(iter(_rows(repeat_rate(database, asked), (), "repeat_rate")), {}),
        "by_week": _rows(repeat_rate(database, asked, ("week",)), ("week",), "repeat_rate"),
        "causes": [_cause(one) for one in again],
        "after_resolution": [_dict(one) for one in effects(database, asked.until or end)],
    }


def _mttr(database: Database, asked: Filter) -> Document:
    held = lived(database, asked)
    by = ("failure_type", "owner", "severity", "category", "month")
    return {
        "time_to_resolution": {
            "totals": _dict_without_key(resolution_of(held, asked)[0]),
            **{f"by_{one}": _rows(resolution_of(held, asked, one), (one,)) for one in by},
        },
        "deadlines": {
            "totals": _dict_without_key(deadlines_of(held, asked)[0], "hit_rate"),
            **{
                f"by_{one}": _rows(deadlines_of(held, asked, one), (one,), "hit_rate") for one in by
            },
        },
    }


def _cause(one: CommonCause) -> Document:
    named = as_dict(one.cause)
    kept = ("cause_id", "workflow", "headline", "category", "subcategory", "failure_type")
    data = {name: named[name] for name in (*kept, "severity", "status", "owner", "component")}
    numbers = {name: value for name, value in as_dict(one).items() if name != "cause"}
    return {**data, **_jsonable(numbers)}


def _rows(found: Iterable[Any], names: Iterable[str], *more: str) -> list[Document]:
    """Return values with a `key` as objects that have the names of the key's columns."""
    rows = []
    for one in found:
        data = as_dict(one)
        key = dict(zip(names, data.pop("key"), strict=True))
        rows.append(
            {**key, **_jsonable(data), **{name: _plain(getattr(one, name)) for name in more}}
        )
    return rows


def _dict_without_key(one: Any, *more: str) -> Document:
    return _rows([one], (), *more)[0]


def _dict(one: object) -> Document:
    return _jsonable(as_dict(one))


def _jsonable(data: Mapping[str, Any]) -> Document:
    return {name: _plain(value) for name, value in data.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        text = value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value
