"""Settings of the shop, from the environment and a file."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from shop.errors import ConfigMissing

FILE = Path(__file__).with_name("settings.json")


@dataclass(frozen=True)
class Config:
    """What the shop needs to know to start."""

    currency: str
    tax_rate: int
    api_host: str
    api_key: str
    database: str


def read_file(path: Path = FILE) -> dict:
    """Return the settings of the file."""
    return json.loads(path.read_text(encoding="utf-8"))


def required(name: str, environ=os.environ) -> str:
    """Return a variable that has to be there."""
    value = environ.get(name)
    if not value:
        raise ConfigMissing(f"environment variable {name} is not set")
    return value


def load_config(environ=os.environ) -> Config:
    """Return the settings of this process."""
    told = read_file()
    return Config(
        currency=told["currency"],
        tax_rate=told["tax_rate"],
        api_host=environ.get("SHOP_API_HOST", "127.0.0.1"),
        api_key=required("SHOP_API_KEY", environ),
        database=environ["SHOP_DATABASE"],
    )
