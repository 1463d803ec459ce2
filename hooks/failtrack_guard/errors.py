"""Errors that end a run of the guard with exit status 2, each with what to do next.

`say` stands here, too: it is how every command prints, and may end in such an error.
"""

from __future__ import annotations

import sys


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


class OutputError(GuardError):
    """Standard output takes nothing more: the disk behind it is full, say."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"standard output cannot be written ({error.strerror}); make room, or send it "
            "elsewhere",
            slug="output",
        )


class Refused(Exception):
    """A fix that is not made; its text is the end of a sentence that says why."""


def say(text: str, end: str = "\n") -> None:
    """Print to standard output.

    Raises:
        OutputError: It cannot be written.
        BrokenPipeError: Nobody reads it any more.
    """
    try:
        sys.stdout.write(text + end)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error) from None


def flush() -> None:
    """Write what was printed and still waits; when the interpreter ends, nobody could answer.

    Raises:
        OutputError: It cannot be written.
        BrokenPipeError: Nobody reads it any more.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error) from None
