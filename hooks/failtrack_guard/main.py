"""The command `failtrack-guard`: one place that turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys

from failtrack_guard.arguments import help_text, parse
from failtrack_guard.errors import GuardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CLEAN = 0
FOUND = 1
UNUSABLE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments without the program's name; those of the process by default.

    Returns:
        0 clean, 1 findings or files changed, 2 usage or a file that cannot be judged, 130
        interrupted.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(given)
    except GuardError as error:
        print(f"failtrack-guard: {error}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has seen enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FOUND


def _run(given: list[str]) -> int:
    if given in (["--version"], ["-V"]):
        from failtrack_guard import __version__

        print(f"failtrack-guard {__version__}")
        return CLEAN
    arguments = parse(given)
    if arguments.command is None or arguments.wants_help:
        print(help_text(arguments.command))
        return CLEAN
    name = arguments.command.name
    # A command is imported when it is called.
    module = __import__(f"failtrack_guard.commands.{name}", fromlist=["run"])
    status: int = module.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
