from datetime import date, datetime, timedelta, timezone

import pytest
from roomdesk import dates
from roomdesk.errors import Invalid


def at(text):
    return datetime.fromisoformat(text + "+00:00")


def test_parse_takes_z():
    assert dates.parse("2031-03-01T09:00:00Z") == at("2031-03-01T09:00:00")


def test_parse_converts_to_utc():
    assert dates.parse("2031-03-01T09:00:00+02:00") == at("2031-03-01T07:00:00")


@pytest.mark.parametrize("text", ["tomorrow", "2031-02-30T00:00:00Z", "2031-03-01T09:00:00"])
def test_parse_refuses(text):
    with pytest.raises(Invalid):
        dates.parse(text)


def test_show_is_utc():
    east = timezone(timedelta(hours=3))
    assert dates.show(datetime(2031, 3, 1, 2, 0, tzinfo=east)) == "2031-02-28T23:00:00Z"


def test_neighbours_do_not_overlap():
    nine, ten, eleven = (at(f"2031-03-01T{hour:02d}:00:00") for hour in (9, 10, 11))
    assert not dates.overlaps(nine, ten, ten, eleven)
    assert dates.overlaps(nine, eleven, ten, eleven)


def test_align_rounds_down():
    assert dates.align(at("2031-03-01T09:47:31"), 30) == at("2031-03-01T09:30:00")


@pytest.mark.parametrize(("minutes", "count"), [(30, 1), (60, 2), (61, 3), (240, 8)])
def test_slots(minutes, count):
    start = at("2031-03-01T09:00:00")
    assert dates.slots(start, start + timedelta(minutes=minutes), 30) == count


def test_month_end_of_leap_year():
    assert dates.month_end(date(2032, 2, 3)) == date(2032, 2, 29)


def test_add_months_stays_in_month():
    assert dates.add_months(date(2031, 1, 31), 1) == date(2031, 2, 28)


def test_add_months_crosses_year():
    assert dates.add_months(date(2031, 11, 15), 3) == date(2032, 2, 15)


def test_due_date_leaves_out_weekends():
    assert dates.due_date(date(2031, 3, 6), 3) == date(2031, 3, 11)
