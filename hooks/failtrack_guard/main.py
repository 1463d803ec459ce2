"""The command `failtrack-guard`: one place that turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys

from failtrack_guard.arguments import help_text, parse
from failtrack_guard.errors import GuardError, OutputError, flush, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CLEAN = 0
FOUND = 1
UNUSABLE = 2
INTERRUPTED = 130
STDOUT, STDERR = 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments without the program's name; those of the process by default.

    Returns:
        0 clean, 1 findings or files changed, 2 usage or a file that cannot be judged, 130
        interrupted.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None:  # closed by whoever called us, and is told by the exit status
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until the end)
    status = FOUND
    try:
        status = _status_of(given)
        flush()
    except BrokenPipeError:
        # Whoever read us has seen enough; nothing more can be said to it.
        _drop(STDOUT)
    except OutputError as error:
        _drop(STDOUT)
        _complain(error)
        return UNUSABLE
    return status


def _status_of(given: list[str]) -> int:
    try:
        return _run(given)
    except OutputError:
        raise
    except GuardError as error:
        _complain(error)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _complain(error: GuardError) -> None:
    """Print an error; where nobody can read it, the exit status has to do."""
    if sys.stderr is not None:
        try:
            print(f"failtrack-guard: {error}", file=sys.stderr)
        except OSError:
            _drop(STDERR)


def _drop(stream: int) -> None:
    """Let what is still to be printed go nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def _run(given: list[str]) -> int:
    if given in (["--version"], ["-V"]):
        from failtrack_guard import __version__

        say(f"failtrack-guard {__version__}")
        return CLEAN
    arguments = parse(given)
    if arguments.command is None or arguments.wants_help:
        say(help_text(arguments.command))
        return CLEAN
    name = arguments.command.name
    # A command is imported when it is called.
    module = __import__(f"failtrack_guard.commands.{name}", fromlist=["run"])
    status: int = module.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
