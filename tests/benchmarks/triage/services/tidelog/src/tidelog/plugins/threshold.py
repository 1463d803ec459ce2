"""Warns of a level."""

from tidelog.models import Alert, Severity
from tidelog.units import level_text


def check(station, before, reading):
    if reading.level_cm >= station.danger_cm:
        severity = Severity.DANGER
    elif reading.level_cm >= station.warn_cm:
        severity = Severity.WARNING
    else:
        return None
    text = f"{station.name} is at {level_text(reading.level_cm)}"
    return Alert(station.code, reading.at, severity, "threshold", text)


def register(registry):
    registry.add("threshold", check)
