from datetime import date, datetime, timezone

import pytest
from freezegun import freeze_time
from support import START
from tidelog import clock
from tidelog.errors import InvalidReading


def test_round_trip():
    assert clock.parse_utc(clock.format_utc(START)) == START


@pytest.mark.parametrize(
    "text", ["2031-03-01", "2031-03-01T12:00:00", "2031-03-01T12:00:00+01:00", ""]
)
def test_other_formats_are_refused(text):
    with pytest.raises(InvalidReading, match="not a UTC time"):
        clock.parse_utc(text)


@freeze_time("2031-07-01 10:30:00")
def test_now_is_utc():
    assert clock.utc_now() == datetime(2031, 7, 1, 10, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2031, 3, 1), 24), (date(2031, 3, 30), 23), (date(2031, 10, 26), 25)],
)
def test_length_of_a_day(day, hours):
    start, end = clock.day_bounds(day, "Europe/Berlin")
    assert (end - start).total_seconds() / 3600 == hours


def test_a_day_begins_at_local_midnight():
    start, _ = clock.day_bounds(date(2031, 7, 1), "Europe/Berlin")
    assert clock.format_utc(start) == "2031-06-30T22:00:00Z"


@pytest.mark.parametrize(
    ("language", "text"), [("en", "1 Mar 2031, 13:00"), ("de", "1. März 2031, 13:00 Uhr")]
)
def test_local_text(language, text):
    assert clock.local_text(START, "Europe/Berlin", language) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172800)]
)
def test_duration(text, seconds):
    assert clock.parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m15", "1.5h"])
def test_no_duration(text):
    with pytest.raises(ValueError, match="not a duration"):
        clock.parse_duration(text)
