"""What `failtrack doctor` looks at, one file for each kind of thing."""

from pytest_failtrack.cli.checks import fixes, places, rules

__all__ = ["fixes", "places", "rules"]
