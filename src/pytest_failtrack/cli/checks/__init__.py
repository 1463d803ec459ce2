"""What `failtrack doctor` looks at, one file for each kind of thing."""

from pytest_failtrack.cli.checks import behind, fixes, places, rules

__all__ = ["behind", "fixes", "places", "rules"]
