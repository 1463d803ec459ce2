"""Levels in other units."""

from decimal import ROUND_HALF_UP, Decimal

from .errors import InvalidReading

CM_PER = {"cm": Decimal(1), "m": Decimal(100), "ft": Decimal("30.48")}


def to_cm(text):
    """Return the centimetres of a text like `6.12 m`."""
    number, _, unit = text.strip().partition(" ")
    if unit not in CM_PER:
        raise InvalidReading(f"unknown unit {unit!r}")
    return int((Decimal(number) * CM_PER[unit]).quantize(Decimal(1), ROUND_HALF_UP))


def level_text(cm, language="en"):
    text = f"{Decimal(cm) / 100:.2f} m"
    return text.replace(".", ",") if language == "de" else text
