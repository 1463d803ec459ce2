"""What `failtrack doctor` finds, as values, and what its checks are given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.codeowners import CodeOwners, locations, parse_codeowners
from pytest_failtrack.policy.git import asked, folders_in_checkout

OK = "ok"
WARNING = "warning"
PROBLEM = "problem"
STATUSES = (OK, WARNING, PROBLEM)
FILES_MAX = 50_000
NOT_LOOKED_INTO = {".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"}


@frozen
class Remark:
    """One thing that a check found.

    Args:
        status: `ok`, `warning` or `problem`.
        sentence: What is so.
        advice: What to do next, `` for nothing.
        subcategory: What it is a failure of, where it is one; `doctor --record` records those.
        file: File that it is about, ``.
        rules: Rules of the configuration that it is about.
        headline: The sentence without what differs from day to day; `` when that is all of it.
    """

    status: str
    sentence: str
    advice: str = ""
    subcategory: str = ""
    file: str = ""
    rules: tuple[str, ...] = ()
    headline: str = ""


@frozen
class Checked:
    """What one check found.

    Args:
        name: Name of the check.
        remarks: What it found, at least one.
    """

    name: str
    remarks: tuple[Remark, ...]

    @property
    def status(self) -> str:
        """The worst of what was found."""
        return max((one.status for one in self.remarks), key=STATUSES.index)


def fine(sentence: str) -> Remark:
    """Return the remark of a check that found nothing wrong."""
    return Remark(OK, sentence)


def warning(sentence: str, advice: str = "") -> Remark:
    """Return a remark about what works, and not as well as it could."""
    return Remark(WARNING, sentence, advice)


def problem(sentence: str, advice: str = "") -> Remark:
    """Return a remark about what does not work."""
    return Remark(PROBLEM, sentence, advice)


def shortened(remarks: Iterable[Remark], most: int, more: str) -> list[Remark]:
    """Return the first remarks, and one that counts the others."""
    held = list(remarks)
    rest = len(held) - most
    if rest <= 1:
        return held
    return [*held[:most], Remark(held[most].status, f"{rest:,} {more}")]


class Checkup:
    """What the checks are given: where the project lies, and what was read of it once.

    Args:
        settings: Settings of the project; those of an empty table where it cannot be used.
        now: This moment, aware.
        error: Why the configuration cannot be used, None when it can.
        environ: Environment variables.
    """

    def __init__(
        self,
        settings: Settings,
        now: datetime,
        error: ConfigError | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.settings = settings
        self.now = now
        self.error = error
        self.environ = environ

    @property
    def table(self) -> Mapping[str, Any]:
        """`[tool.failtrack]`."""
        return self.settings.table

    @property
    def root(self) -> Path:
        """Root of the project."""
        return self.settings.root

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files of the project, relative to its root: those git knows or would, else all."""
        return _listed(self.root) or tuple(self._walked())

    @cached_property
    def ruled_files(self) -> tuple[str, ...]:
        """Files that CODEOWNERS speaks of, relative to the folder that its patterns are."""
        above = len(Path(self.codeowners.folder).parts)
        return _listed(self.root.resolve().parents[above - 1]) if above else self.files

    @cached_property
    def codeowners_files(self) -> tuple[str, ...]:
        """The files named CODEOWNERS that lie where one is looked for; the first one counts.

        Those of one folder alone: the service reads the root's, whatever lies further down.
        """
        found = [(one, folder) for one, folder in self._locations if self._is_file(one)]
        return tuple(one for one, folder in found if folder == found[0][1])

    @cached_property
    def codeowners(self) -> CodeOwners:
        """The rules of CODEOWNERS; none where it cannot be read."""
        for location in self.codeowners_files[:1]:
            try:
                text = (self.root.resolve() / location).read_text("utf-8", errors="replace")
            except OSError:
                break
            return parse_codeowners(text, location, dict(self._locations)[location])
        return CodeOwners(())

    @cached_property
    def _locations(self) -> tuple[tuple[str, str], ...]:
        return tuple(locations(folders_in_checkout(self.root)))

    def _is_file(self, location: str) -> bool:
        return (self.root.resolve() / location).is_file()

    def _walked(self) -> list[str]:
        found: list[str] = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(set(folders) - NOT_LOOKED_INTO)
            base = Path(folder).relative_to(self.root)
            found += [(base / name).as_posix() for name in sorted(names)]
            if len(found) > FILES_MAX:
                break
        return found[:FILES_MAX]

    def shown(self, path: Path) -> str:
        """Return a path as the user would write it."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)


def _listed(folder: Path) -> tuple[str, ...]:
    """Return the files below a folder that git knows or would, relative to it; none without git."""
    listed = asked(folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--")
    return tuple(sorted({one for one in (listed or "").split("\0") if one}))[:FILES_MAX]
