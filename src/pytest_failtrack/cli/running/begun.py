"""The journal of a command that runs: who is killed with it, or instead of it, leaves this behind.

It is begun before the command with next to nothing in it, and gone when its end is written. What
`recovering/` finds of it later becomes the record of a command of which nobody saw the end.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.observe.journal import MAIN, Journal, prepare_state, remove_run


class Begun:
    """The journal of one attempt.

    Args:
        settings: Settings of the run.
        facts: Of the attempt: `run` (unique), `started_at`, `phase`, `parent`.
        program: The program; its name is redacted, its arguments are kept when they were.
    """

    def __init__(self, settings: Settings, facts: Mapping[str, str], program: str) -> None:
        self.problem = ""
        self._settings = settings
        self._facts = facts
        try:
            prepare_state(settings.state_dir)
        except OSError as error:
            self.problem = f"the state folder cannot be made: {error}"
        self._journal = Journal(settings.state_dir / "journals" / facts["run"])
        name = _name_of(program, settings)
        self._journal.start({**self.start_mark(name), "is_running": True})

    def start_mark(self, command: str) -> dict[str, Any]:
        """Return what the journal and the run document say of the run.

        Args:
            command: The command, redacted.
        """
        settings = self._settings
        return {
            "process": MAIN,
            "source": "command",
            "settings": settings.told | {"phase": self._facts["phase"]},
            "command": command,
            **{name: self._facts[name] for name in ("parent", "started_at")},
            "python": platform.python_version(),
            "platform": sys.platform,
            "root": str(settings.root),
            "evidence": settings.told_evidence,
        }

    def ended(self, command: str, drafts: list[dict[str, Any]]) -> None:
        """Keep what was seen of the command, whatever becomes of us from here on.

        Args:
            command: The command, redacted.
            drafts: Its failures.
        """
        self._journal.start(self.start_mark(command))
        for draft in drafts:
            self._journal.write({"observation": draft})

    def close(self, exit_status: int, *, is_written: bool) -> None:
        """Let the journal go where its end is in the evidence, else leave it to a recovery.

        Args:
            exit_status: Exit code of the command.
            is_written: Records and run document are written, by us or by runs within the command.
        """
        if is_written:
            self._journal.end({"exit_status": exit_status})
        self._journal.close()
        if is_written:
            remove_run(self._journal.folder)


def _name_of(program: str, settings: Settings) -> str:
    """Return the name of a program, redacted; a value that holds a slash is seen in its path."""
    from pytest_failtrack.observe.redact import Redactor

    return os.path.basename(Redactor.of(settings.table)(program))
