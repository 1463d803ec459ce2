"""Times in documents."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.record.times import parse_time, time_text

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T12:00:00Z", NOON),
        ("2026-11-21T12:00:00", NOON),
        ("2026-11-21T14:00:00+02:00", NOON),
        ("2026-11-21T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-11-21T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2026-11-21T14:00:00.5+02:00", NOON + timedelta(milliseconds=500)),
    ],
)
def test_iso_8601_is_read_as_utc(text, moment):
    assert parse_time(text) == moment
    assert parse_time(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30T00:00:00Z", "12:00.x"])
def test_other_text_is_refused(text):
    with pytest.raises(ValueError):
        parse_time(text)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_text_comes_back_as_the_same_moment(moment):
    assert time_text(moment).endswith("Z")
    assert parse_time(time_text(moment)) == moment
