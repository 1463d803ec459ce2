"""Plugins: modules with a function `price_change(order)`."""

import importlib
from types import ModuleType

from shop.orders import Order


def load_plugins(names: list[str]) -> list[ModuleType]:
    """Import plugins by name."""
    return [importlib.import_module(name) for name in names]


def apply_all(plugins: list[ModuleType], order: Order) -> int:
    """Return the cents that all plugins together take off an order."""
    return sum(plugin.price_change(order) for plugin in plugins)
