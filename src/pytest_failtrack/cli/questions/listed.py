"""The records that `failtrack list` finds with filters, of all builds."""

from __future__ import annotations

from pytest_failtrack.cli.questions.asking import Request, wording
from pytest_failtrack.cli.questions.table import Column, Table, minute
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.questions.listing import count_records, newest_records
from pytest_failtrack.sinks.wording import count

COLUMNS = (
    Column("failure_id", "RECORD", lambda value: str(value)[:8]),
    Column("occurred_at", "WHEN", minute),
    Column("build", "BUILD"),
    Column("status", "STATUS"),
    Column("severity", "SEVERITY"),
    Column("test", "TEST", shrinks="start"),
)


def is_plain(request: Request) -> bool:
    """Whether nothing was asked but what a listing of one build answers."""
    return request.output != "csv" and request.filter == Filter(now=request.filter.now)


def records_table(request: Request) -> Table:
    """Return the newest records that match a request, and how many there are."""
    found, total = request.ask(
        lambda one: (
            newest_records(one, request.filter, limit=request.limit),
            count_records(one, request.filter),
        )
    )
    rows = [
        {
            **{_NAMES.get(name, name): value for name, value in one.texts.items()},
            "occurred_at": one.occurred_at,
            "due_at": one.due_at,
        }
        for one in found
    ]
    shown = f", the newest {len(rows):,}" if len(rows) < total else ""
    said = wording(request.filter)
    title = f"{count(total, 'record', 'records')}{shown}{': ' if said else ''}{said}"
    summary = {"records": total} if rows else None
    return Table("list", COLUMNS, rows, summary, title=(title,))


_NAMES = {
    "build_id": "build",
    "file_path": "file",
    "nodeid": "test",
    "hash": "signature",
    "cause_id": "cause",
    "tenant_id": "tenant",
}
