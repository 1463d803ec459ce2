"""Times of records: aware `datetime` in UTC inside, ISO 8601 text with `Z` in documents."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache


@lru_cache(maxsize=1_024)  # the stages ask about the same moments again and again
def parse_time(text: str) -> datetime:
    """Return the moment that ISO 8601 text names, in UTC.

    Args:
        text: Such as `2026-11-21T14:10:00Z`; any offset; a text without one is read as UTC.

    Raises:
        ValueError: The text is no ISO 8601 date and time.
    """
    # Python 3.10 knows no `Z` and only 3 or 6 digits of a second.
    head = text[:-1] if text[-1:] in ("Z", "z") else text
    try:
        moment = datetime.fromisoformat(head)
    except ValueError:
        moment = datetime.fromisoformat(_with_six_digits(head))
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def time_text(moment: datetime) -> str:
    """Return a moment as ISO 8601 text in UTC with `Z`; a naive one is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _with_six_digits(text: str) -> str:
    main, dot, rest = text.partition(".")
    if not dot:
        raise ValueError(f"no ISO 8601 time: {text!r}")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{main}.{digits[:6]:0<6}{rest[len(digits) :]}"
