"""Collects the water levels that tide gauges send, and warns."""

__version__ = "2.3.0"
