"""Columns of an answer made into values of Python; PostgreSQL gives decimals and UUIDs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any


def moment(seconds: Any) -> datetime | None:
    """Return seconds since 1970 as an aware moment; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(float(seconds), timezone.utc)


def certain_moment(seconds: Any) -> datetime:
    """Return seconds since 1970 as an aware moment, of a column that is never null."""
    return datetime.fromtimestamp(float(seconds), timezone.utc)


def number(value: Any) -> float | None:
    """Return a figure; None stays None."""
    return None if value is None else float(value)


def whole(value: Any) -> int:
    """Return a count; that of nothing is 0."""
    return int(value or 0)


def key(row: Sequence[Any], size: int) -> tuple[str, ...]:
    """Return the first columns of an answer as texts."""
    return tuple(str(one) for one in row[:size])
