"""The aggregation: what no entry of the catalog knows becomes candidates for it (S2-49..59).

`failtrack aggregate`, or `python -m pytest_failtrack.aggregate`; nightly is often enough.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.history.database import Database
from pytest_failtrack.history.files import write_output
from pytest_failtrack.history.performance import (
    BatchProgress,
    QueryPerformanceService,
    in_batches,
)
from pytest_failtrack.history.questions.unknown import (
    count_unknown,
    tokens_of,
    unknown_between,
)
from pytest_failtrack.history.store import History
from pytest_failtrack.record.patterns import Pattern, Unknown

QUERY_ID = "aggregate"
OUTPUT = "candidate_failure_patterns.json"


def unknown_errors(
    history: History,
    service: QueryPerformanceService,
    *,
    since: datetime,
    until: datetime,
    tell: Callable[[BatchProgress], None] | None = None,
) -> tuple[list[Unknown], dict[str, str]]:
    """Return the errors that no entry knew, and the tokens of their signatures.

    A range with more than 10,000 of them is asked about in batches (FR106).

    Args:
        history: Brought up to date.
        service: Is told how long it took.
        since: First moment, aware.
        until: The moment before which they came, aware.
        tell: Receives the progress.
    """

    def question(database: Database) -> tuple[list[Unknown], dict[str, str]]:
        parts = in_batches(
            service,
            QUERY_ID,
            lambda start, end: count_unknown(database, start, end),
            lambda start, end: unknown_between(database, start, end),
            since=since,
            until=until,
            tell=tell,
        )
        found = merged(one for part in parts for one in part)
        return found, tokens_of(database, [one.hash for one in found])

    return history.ask(question, limit_seconds=None)


def merged(found: Iterable[Unknown]) -> list[Unknown]:
    """Return errors of one text together, in their order."""
    together: dict[tuple[str, ...], Unknown] = {}
    for one in found:
        key = one[:4]
        there = together.get(key)
        if there is None:
            together[key] = one
            continue
        newer = max(there, one, key=lambda each: each.last_at)
        together[key] = newer._replace(
            times=there.times + one.times,
            recoveries=there.recoveries + one.recoveries,
            recovered=there.recovered + one.recovered,
        )
    return list(together.values())


def document_of(patterns: Sequence[Pattern], now: datetime) -> dict[str, Any]:
    """Return what is written: the keys of S2-56 and S2-57, and a catalog entry for each.

    Args:
        patterns: The patterns.
        now: This moment, aware.
    """
    return {
        "generated_at": _time(now),
        "pattern_count": len(patterns),
        "patterns": [
            {
                "signature": one.signature,
                "primary_error_code": one.primary_error_code,
                "total_occurrences": one.total_occurrences,
                "suggested_category": one.suggestion.category,
                "suggested_recovery": one.suggestion.recovery.value,
                "examples": [_example(each) for each in one.examples],
                "catalog_entry": {"entry": dict(one.entry), "command": one.command}
                if one.entry
                else None,
            }
            for one in patterns
        ],
    }


def write_document(path: str | os.PathLike[str], document: dict[str, Any]) -> None:
    """Write the document, in place of an older one, in one step.

    Raises:
        EvidenceError: It cannot be written.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_output(path, text.encode("utf-8"))


def _example(one: Unknown) -> dict[str, Any]:
    return {
        "failure_match_id": one.match_id,
        "run_id": one.run_id,
        "error_code": one.error_code,
        "error_message": one.error_message or None,
        "occurrences": one.times,
        "last_seen": _time(datetime.fromtimestamp(one.last_at, timezone.utc)),
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    from pytest_failtrack.cli.main import main

    sys.argv[:1] = ["failtrack", "aggregate"]
    main()
