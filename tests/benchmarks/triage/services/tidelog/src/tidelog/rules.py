"""Rules that make alerts, and the plugins that bring them."""

import importlib

from .errors import PluginError


class Registry:
    def __init__(self):
        self._rules = {}

    def __contains__(self, name):
        return name in self._rules

    def add(self, name, check):
        if name in self._rules:
            raise PluginError(f"rule {name} is there twice")
        self._rules[name] = check

    def names(self):
        return sorted(self._rules)

    def check(self, station, before, reading):
        """Return the alerts that a reading causes, the most severe first."""
        alerts = []
        for name in self.names():
            alert = self._rules[name](station, before, reading)
            if alert is not None:
                alerts.append(alert)
        return sorted(alerts, key=lambda alert: (-alert.severity, alert.rule))


def load(names, package="tidelog.plugins"):
    """Return a registry with the rules of these plugins."""
    registry = Registry()
    for name in names:
        try:
            module = importlib.import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{name}":
                raise
            raise PluginError(f"no plugin {name}") from error
        module.register(registry)
    return registry
