"""Times: stored in UTC, shown in the zone and language of a station."""

import re
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from .errors import InvalidReading

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),  # noqa: SIM905
    "de": [
        "Jan.",
        "Feb.",
        "März",
        "Apr.",
        "Mai",
        "Juni",
        "Juli",
        "Aug.",
        "Sep.",
        "Okt.",
        "Nov.",
        "Dez.",
    ],
}
PATTERNS = {
    "en": "{day} {month} {year}, {hour:02}:{minute:02}",
    "de": "{day}. {month} {year}, {hour:02}:{minute:02} Uhr",
}


def utc_now():
    return datetime.now(timezone.utc)


def parse_utc(text):
    """Return the moment of a text like 2031-03-01T12:00:00Z."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise InvalidReading(f"not a UTC time: {text!r}") from None
    return moment.replace(tzinfo=timezone.utc)


def format_utc(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_bounds(day, zone):
    """Return first and last moment (exclusive) of a local day, in UTC."""
    place = ZoneInfo(zone)
    start = datetime.combine(day, time(), place)
    end = datetime.combine(day + timedelta(days=1), time(), place)
    return start.astimezone(timezone.utc), end.astimezone(timezone.utc)


def local_text(moment, zone, language="en"):
    local = moment.astimezone(ZoneInfo(zone))
    month = MONTHS[language][local.month - 1]
    return PATTERNS[language].format(
        day=local.day, month=month, year=local.year, hour=local.hour, minute=local.minute
    )


def parse_duration(text):
    """Return the seconds of a text like 90s, 15m or 1h30m."""
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", text))
