"""Moments as people write them: `14d`, `12h`, `2w`, `today`, a date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from pytest_failtrack.errors import InputError
from pytest_failtrack.record.times import parse_time

_DAYS = {"h": 1 / 24, "d": 1, "w": 7}
_AGO = re.compile(r"([0-9]{1,6})\s*([hdw])", re.IGNORECASE)


def moment_of(given: str, now: datetime) -> datetime:
    """Return the moment that `14d`, `12h`, `2w`, `today` or a date names, aware.

    Args:
        given: What was written.
        now: The present, aware.

    Raises:
        InputError: It names none.
    """
    word = given.strip()
    ago = _AGO.fullmatch(word)
    try:
        if ago:
            return now - timedelta(days=int(ago[1]) * _DAYS[ago[2].lower()])
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if word.lower() in ("today", "yesterday"):
            return midnight - timedelta(days=word.lower() == "yesterday")
        return parse_time(word)
    except (ValueError, OverflowError):
        raise InputError(
            f"{given!r} is no time; write 12h, 14d, 2w, today, 2026-11-01 or 2026-11-01T08:00Z"
        ) from None
