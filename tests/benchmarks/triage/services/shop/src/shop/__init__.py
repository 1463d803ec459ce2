"""A small shop, made to be broken by the faults of the triage benchmark."""

__version__ = "1.0"
