"""Figures: numbers as people read them, and how they stand to those before."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pytest_failtrack.policy.reports.document import COUNT, HOURS, MOMENT, SHARE, TEXT, Figure
from pytest_failtrack.sinks.figures import compared, shown, verdict


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1204, COUNT, "1,204"),
        (0.5, COUNT, "0.5"),
        (0.873, SHARE, "87%"),
        (0.002, SHARE, "0.2%"),
        (0.00001, SHARE, "<0.1%"),
        (0.999, SHARE, ">99%"),
        (0, SHARE, "0%"),
        (1, SHARE, "100%"),
        (0.5, HOURS, "30 min"),
        (0, HOURS, "0 min"),
        (3.25, HOURS, "3.2 h"),
        (50.0, HOURS, "50 h"),
        (100.0, HOURS, "4.2 days"),
        (2400.0, HOURS, "100 days"),
        (None, COUNT, "not known"),
        ("text", TEXT, "text"),
        (
            datetime(2026, 11, 22, 3, 10, tzinfo=timezone(timedelta(hours=1))),
            MOMENT,
            "2026-11-22 02:10Z",
        ),
    ],
)
def test_shown(value: Any, kind: str, expected: str) -> None:
    assert shown(value, kind) == expected


@pytest.mark.parametrize(
    ("figure", "sentence", "word"),
    [
        (Figure("a", "A", 4, COUNT, 6, "down"), "2 fewer than before (6)", "better"),
        (Figure("a", "A", 9, COUNT, 6, "down"), "3 more than before (6)", "worse"),
        (Figure("a", "A", 6, COUNT, 6, "down"), "as before", ""),
        (Figure("a", "A", 9, COUNT, 6), "3 more than before (6)", ""),
        (Figure("a", "A", 0.3, SHARE, 0.25, "up"), "5 points more than before (25%)", "better"),
        (Figure("a", "A", 0.24, SHARE, 0.25, "up"), "1 point less than before (25%)", "worse"),
        (Figure("a", "A", 2.0, HOURS, 5.0, "down"), "3.0 h less than before (5.0 h)", "better"),
        (Figure("a", "A", 4, COUNT, None, "down"), "", ""),
        (Figure("a", "A", None, COUNT, 4, "down"), "", ""),
    ],
)
def test_compared(figure: Figure, sentence: str, word: str) -> None:
    """A share is compared in points; a figure without its like before is not."""
    assert (compared(figure), verdict(figure)) == (sentence, word)
