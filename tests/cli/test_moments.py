"""Moments as people write them, for every `--since` and `--until`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pytest_failtrack.cli.questions.moments import moment_of
from pytest_failtrack.errors import InputError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("14d", NOW - timedelta(days=14)),
        ("12h", NOW - timedelta(hours=12)),
        (" 2W ", NOW - timedelta(days=14)),
        ("14 d", NOW - timedelta(days=14)),
        ("today", datetime(2026, 11, 22, tzinfo=timezone.utc)),
        ("yesterday", datetime(2026, 11, 21, tzinfo=timezone.utc)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=timezone.utc)),
        ("2026-11-01T08:00Z", datetime(2026, 11, 1, 8, tzinfo=timezone.utc)),
    ],
)
def test_a_span_a_day_or_a_date(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "14", "d", "-3d", "1.5d", "soon", "2026-13-01", "999999w"])
def test_others_are_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(InputError, match="is no time; write 12h, 14d"):
        moment_of(text, NOW)
