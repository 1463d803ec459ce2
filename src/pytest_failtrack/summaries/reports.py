"""Puts a report together: settings and history in, a `Report` out; `failtrack report` asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta, timezone
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.open_history import open_history
from pytest_failtrack.policy.read import Reader
from pytest_failtrack.policy.reports.document import KINDS as NAMES
from pytest_failtrack.policy.reports.document import Report
from pytest_failtrack.policy.reports.kinds import KINDS, make_report
from pytest_failtrack.policy.reports.period import Period

TABLE = "tool.failtrack.reports"


def report(
    kind: str,
    settings: Settings,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime | None = None,
    guarded: Collection[str] = (),
) -> Report:
    """Return a report over the whole evidence.

    Args:
        kind: `daily`, `weekly`, `monthly`, `standup` or `scorecard`.
        settings: Where the evidence lies, and who gets the report.
        since: Start of the period, aware; by default so many days before its end as the kind has.
        until: End of the period, aware; by default this moment.
        now: This moment, aware; the clock's by default.
        guarded: Classes of failures that a guard rule is about.

    Raises:
        ConfigError: The recipients cannot be used.
        EvidenceError: The evidence cannot be read.
        InputError: The period ends before it begins.
        StoreError: The history cannot be asked.
    """
    recipients = recipients_of(settings.table.get("reports", {})).get(kind, ())
    period = period_of(kind, since, until, now or datetime.now(timezone.utc))
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        made = history.ask(
            lambda database: make_report(
                kind,
                database,
                period,
                repository=settings.repository,
                recipients=recipients,
                guarded=guarded,
            )
        )
        return replaced(made, problems=history.problems)


def period_of(kind: str, since: datetime | None, until: datetime | None, now: datetime) -> Period:
    """Return the period of a report.

    Whole days in UTC where nothing is said: a week is today and the six days before. A report of
    one day takes the last 24 hours.

    Raises:
        InputError: It ends before it begins.
    """
    end = until or now
    if since is None:
        days = KINDS[kind].days
        since = end - timedelta(days=days)
        if days > 1:
            # The day on which it ends is one of them.
            midnight = time(tzinfo=timezone.utc)
            last = (end.astimezone(timezone.utc) - timedelta(microseconds=1)).date()
            since = datetime.combine(last - timedelta(days=days - 1), midnight)
    if since >= end:
        raise InputError(
            f"the period is empty: it begins {since:%Y-%m-%d %H:%M} and ends {end:%Y-%m-%d %H:%M}"
        )
    return Period(since.astimezone(timezone.utc), end.astimezone(timezone.utc), min(now, end))


def recipients_of(table: Any) -> dict[str, tuple[str, ...]]:
    """Return who gets each kind of report, from `[tool.failtrack.reports]` (S0-145, S0-147).

    Raises:
        ConfigError: It names an unknown report, or its recipients are no texts.
    """
    reader = Reader(TABLE, table)
    reader.only(*NAMES)
    return {name: reader.words_or_text(name) for name in reader}
