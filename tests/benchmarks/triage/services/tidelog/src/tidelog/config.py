"""Settings: defaults, then a TOML file, then variables."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

from .clock import parse_duration
from .errors import ConfigError

PREFIX = "TIDELOG_"


@dataclass(frozen=True)
class Config:
    secret: str
    database: str = ":memory:"
    forecast_url: str = "http://127.0.0.1:8600"
    forecast_token: str = ""
    forecast_timeout: float = 2.0
    cache_seconds: int = 300
    batch_size: int = 20
    language: str = "en"
    rules: tuple = field(default=("threshold", "surge"))

    def __post_init__(self):
        if not self.secret:
            raise ConfigError("TIDELOG_SECRET is not set")
        if self.batch_size < 1:
            raise ConfigError("batch_size must be at least 1")
        if self.language not in ("en", "de"):
            raise ConfigError(f"no such language: {self.language}")


def load(path=None, environ=None):
    """Return the settings of a file and the environment."""
    environ = os.environ if environ is None else environ
    values = _read(Path(path)) if path else {}
    for one in fields(Config):
        text = environ.get(PREFIX + one.name.upper())
        if text is not None:
            values[one.name] = _convert(one, text)
    unknown = set(values) - {one.name for one in fields(Config)}
    if unknown:
        raise ConfigError(f"unknown settings: {', '.join(sorted(unknown))}")
    return Config(**{"secret": "", **values})


def _read(path):
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    if isinstance(values.get("cache_seconds"), str):
        values["cache_seconds"] = parse_duration(values["cache_seconds"])
    if "rules" in values:
        values["rules"] = tuple(values["rules"])
    return values


def _convert(one, text):
    if one.name == "rules":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return one.type(text)
    except ValueError as error:
        raise ConfigError(f"{PREFIX}{one.name.upper()}: {error}") from error
