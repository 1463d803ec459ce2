"""Warns of water that rises fast."""

from tidelog.models import Alert, Quality, Severity

CM_PER_HOUR = 120


def check(station, before, reading):
    if before is None or Quality.GOOD not in (before.quality, reading.quality):
        return None
    hours = (reading.at - before.at).total_seconds() / 3600
    if hours <= 0:
        return None
    speed = (reading.level_cm - before.level_cm) / hours
    if speed < CM_PER_HOUR:
        return None
    text = f"{station.name} rises by {speed:.0f} cm an hour"
    return Alert(station.code, reading.at, Severity.WARNING, "surge", text)


def register(registry):
    registry.add("surge", check)
