"""Settings: a JSON file, overridden by the environment."""

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path

from .errors import Invalid

PREFIX = "ROOMDESK_"


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults."""

    database: str = ":memory:"
    host: str = "127.0.0.1"
    port: int = 0
    billing_url: str = ""
    billing_key: str = ""
    billing_timeout: float = 2.0
    export_dir: str = "exports"
    currency: str = "EUR"
    workers: int = 2
    cache_seconds: float = 30.0
    time_zone: str = "UTC"
    max_days_ahead: int = 90
    slot_minutes: int = 30


def load(path, environ=None):
    """Read settings from a JSON file and apply ROOMDESK_* variables."""
    environ = os.environ if environ is None else environ
    values = json.loads(Path(path).read_text(encoding="utf-8"))
    known = {field.name: field.type for field in fields(Settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise Invalid(f"unknown settings: {', '.join(unknown)}")
    for name, kind in known.items():
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            values[name] = kind(text)
    return check(Settings(**values))


def check(settings):
    """Return the settings when they go together."""
    if settings.workers < 1:
        raise Invalid("workers must be at least 1")
    if 60 % settings.slot_minutes:
        raise Invalid(f"slot_minutes {settings.slot_minutes} does not divide an hour")
    if settings.billing_url and not settings.billing_key:
        raise Invalid("billing_url needs billing_key")
    return settings
