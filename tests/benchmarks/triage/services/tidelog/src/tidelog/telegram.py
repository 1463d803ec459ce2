"""The line that a gauge sends: $TIDE,HUS,2031-03-01T12:00:00Z,612,good*5A."""

from functools import reduce

from .clock import format_utc, parse_utc
from .errors import TelegramError
from .models import Quality, Reading


def checksum(body):
    return f"{reduce(lambda total, byte: total ^ byte, body.encode('ascii'), 0):02X}"


def encode(reading):
    body = ",".join(
        (
            "TIDE",
            reading.station,
            format_utc(reading.at),
            str(reading.level_cm),
            reading.quality.value,
        )
    )
    return f"${body}*{checksum(body)}"


def decode(line):
    if not line.startswith("$") or "*" not in line:
        raise TelegramError(f"not a telegram: {line!r}")
    body, _, given = line[1:].strip().rpartition("*")
    if checksum(body) != given:
        raise TelegramError(f"checksum is {checksum(body)}, telegram says {given}")
    parts = body.split(",")
    if len(parts) != 5 or parts[0] != "TIDE":
        raise TelegramError(f"telegram has {len(parts)} fields")
    _, station, at, level, quality = parts
    return Reading(station, parse_utc(at), int(level), Quality(quality))
