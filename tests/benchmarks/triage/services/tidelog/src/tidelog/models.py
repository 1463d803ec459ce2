"""Stations, readings and alerts."""

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from zoneinfo import ZoneInfo

from .clock import format_utc, parse_utc
from .errors import InvalidReading

LOWEST_CM, HIGHEST_CM = -500, 2000


class Quality(str, Enum):
    GOOD = "good"
    SUSPECT = "suspect"
    MISSING = "missing"


class Severity(IntEnum):
    INFO = 1
    WARNING = 2
    DANGER = 3


@dataclass(frozen=True)
class Station:
    code: str
    name: str
    zone: str = "Europe/Berlin"
    warn_cm: int = 650
    danger_cm: int = 800
    tags: list = field(default_factory=list)

    def __post_init__(self):
        if not re.fullmatch(r"[A-Z]{3,4}", self.code):
            raise ValueError(f"station code {self.code!r} is not three or four capitals")
        if self.danger_cm <= self.warn_cm:
            raise ValueError(f"{self.code}: danger level must be above the warning level")
        ZoneInfo(self.zone)

    def to_dict(self):
        return asdict(self)


@dataclass(frozen=True, order=True)
class Reading:
    station: str
    at: datetime
    level_cm: int
    quality: Quality = Quality.GOOD

    def __post_init__(self):
        if self.at.utcoffset() != timedelta(0):
            raise InvalidReading(f"time of a reading must be in UTC, not {self.at.isoformat()}")
        if not LOWEST_CM <= self.level_cm <= HIGHEST_CM:
            raise InvalidReading(f"level {self.level_cm} cm is out of range")

    def to_dict(self):
        return {
            "station": self.station,
            "at": format_utc(self.at),
            "level_cm": self.level_cm,
            "quality": self.quality.value,
        }

    @classmethod
    def from_dict(cls, data):
        missing = {"station", "at", "level_cm"} - set(data)
        if missing:
            raise InvalidReading(f"missing fields: {', '.join(sorted(missing))}")
        quality = Quality(data.get("quality", "good"))
        return cls(data["station"], parse_utc(data["at"]), int(data["level_cm"]), quality)


@dataclass(frozen=True)
class Alert:
    station: str
    at: datetime
    severity: Severity
    rule: str
    text: str

    def to_dict(self):
        return {
            "station": self.station,
            "at": format_utc(self.at),
            "severity": self.severity.name.lower(),
            "rule": self.rule,
            "text": self.text,
        }
