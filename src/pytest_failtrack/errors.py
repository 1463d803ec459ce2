"""The one family of errors; raised by every stage, turned into messages by the doors.

Each error carries a slug, which is stable and can be searched for, and a message that says
what failed, on what, and what to do next.
"""

from __future__ import annotations


class FailtrackError(Exception):
    """The base of every error that is raised on purpose.

    Args:
        message: What failed, on what, and what to do next.
        slug: A stable word for the kind of failure, such as ``store-locked``.
    """

    default_slug = "failtrack"

    def __init__(self, message: str, *, slug: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.slug = slug or self.default_slug

    def __str__(self) -> str:
        return f"{self.message} [{self.slug}]"


class ConfigError(FailtrackError):
    """The configuration or the command line cannot be used (exit 2 at the doors)."""

    default_slug = "config"


class EvidenceError(FailtrackError):
    """A record or run document is missing, unreadable, tampered with or of a foreign version."""

    default_slug = "evidence"


class InputError(FailtrackError):
    """A file or argument given to a command cannot be used (exit 2 at the doors)."""

    default_slug = "input"


class OutputError(FailtrackError):
    """Standard output takes nothing more: the disk behind it is full, say (exit 2 at the doors)."""

    default_slug = "output"


class StoreError(FailtrackError):
    """A history cannot be opened, asked or written; evidence files are untouched (exit 69)."""

    default_slug = "store"
