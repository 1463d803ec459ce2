"""Errors that end a run of the guard with exit status 2, each with what to do next."""

from __future__ import annotations


class GuardError(Exception):
    """Bad usage, a bad configuration, or a file that cannot be read.

    Args:
        message: What is wrong, where, and what to do next.
        slug: Short name of the kind, for programs.
    """

    def __init__(self, message: str, slug: str = "usage") -> None:
        super().__init__(message)
        self.slug = slug


class ConfigError(GuardError):
    """A value of `[tool.failtrack.guard]` that cannot be used."""

    def __init__(self, message: str, slug: str = "config") -> None:
        super().__init__(message, slug)


class Refused(Exception):
    """A fix that is not made; its text is the end of a sentence that says why."""
