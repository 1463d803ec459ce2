"""Static guards for the patterns a project relies on; see `failtrack-guard --help`."""

from __future__ import annotations

__version__ = "0.1.0"
