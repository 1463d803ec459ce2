"""By what records can be counted: names of columns and of stretches of time, and their SQL."""

from __future__ import annotations

from pytest_failtrack.history.questions.filter import FLAGS, TEXT_COLUMNS

# Cause of a record; one that was never part of a run document has its signature alone.
CAUSE = "case when cause_id <> '' then cause_id else hash end"
NAMED_CAUSE = f"workflow || '|' || {CAUSE}"
PERIODS = ("day", "week", "month")


def _flag(condition: str) -> str:
    return f"case when {condition} then 'yes' else 'no' end"


# Name -> expression over `records`, always a text.
GROUPS = {
    **{name: column for name, column in TEXT_COLUMNS.items() if name != "failure_id"},
    "cause": CAUSE,
    "tenant": "tenant_id",
    "tier": "cast(tier as text)",
    **{name.partition("_")[2]: _flag(condition) for name, condition in FLAGS.items()},
    **{name: f"{name}(occurred_at)" for name in PERIODS},
}
