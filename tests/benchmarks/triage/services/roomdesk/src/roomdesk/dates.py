"""Date arithmetic of slots and invoices."""

import calendar
from datetime import date, datetime, timedelta, timezone

from .errors import Invalid


def parse(text):
    """Return an aware UTC datetime of an ISO text."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise Invalid(f"not a date: {text!r}") from error
    if moment.tzinfo is None:
        raise Invalid(f"no time zone: {text!r}")
    return moment.astimezone(timezone.utc)


def show(moment):
    """Return the ISO text of an aware datetime, in UTC with a Z."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def overlaps(start, end, other_start, other_end):
    """Tell whether two half-open intervals share a moment."""
    return start < other_end and other_start < end


def align(moment, minutes):
    """Round down to the start of a slot."""
    return moment.replace(minute=moment.minute - moment.minute % minutes, second=0, microsecond=0)


def slots(start, end, minutes):
    """Return how many slots an interval takes, started ones included."""
    seconds = (end - start).total_seconds()
    return -int(-seconds // (minutes * 60))


def month_end(day):
    """Return the last day of the month of a date."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day, count):
    """Return the same day some months later, or the last one of a shorter month."""
    at = day.month - 1 + count
    first = date(day.year + at // 12, at % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))


def due_date(issued, days):
    """Return when an invoice is due: some working days later."""
    day = issued
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day
