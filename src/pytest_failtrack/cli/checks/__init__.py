"""What `failtrack doctor` looks at, one file for each kind of thing."""

from pytest_failtrack.cli.checks import behind, clocks, fixes, places, rules

__all__ = ["behind", "clocks", "fixes", "places", "rules"]
