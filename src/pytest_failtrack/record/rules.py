"""What must hold beyond each field of a document; asked by the check of documents and the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_failtrack.classify.taxonomy import Subcategory, category_of
from pytest_failtrack.record.profile import unmet
from pytest_failtrack.record.times import parse_time

_CATEGORIES = {one.value: category_of(one).value for one in Subcategory}


def contradiction(record: Mapping[str, Any]) -> str:
    """Return what contradicts itself in a record, as one sentence; `` when all is well.

    A subcategory belongs to one category (S0-59), times are days of the calendar, and a status
    demands what it stands for (C-9).

    Args:
        record: The record as plain JSON values, each of which is valid by itself.
    """
    expected = _CATEGORIES[record["subcategory"]]
    if expected != record["category"]:
        return (
            f"subcategory {record['subcategory']} belongs to category {expected}, "
            f"not to {record['category']}"
        )
    for name, text in (
        ("timestamp", record["timestamp"]),
        ("resolution.resolution_timestamp", record["resolution"]["resolution_timestamp"]),
        ("metadata.sla_resolution_target", record["metadata"]["sla_resolution_target"]),
    ):
        if text is not None and not _is_time(text):
            return f"{name} is {text!r}, which is no date and time"
    missing = unmet(record, record["status"])
    if missing:
        return f"status {record['status']} demands {', '.join(map(str, missing))}"
    return ""


def run_contradiction(run: Mapping[str, Any]) -> str:
    """Return what cannot be in a run document, as one sentence; `` when all is well.

    Args:
        run: The document as plain JSON values, each of which is valid by itself.
    """
    for name in ("started_at", "finished_at"):
        if run[name] is not None and not _is_time(run[name]):
            return f"{name} is {run[name]!r}, which is no date and time"
    return ""


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except (ValueError, OverflowError):
        return False
    return True
