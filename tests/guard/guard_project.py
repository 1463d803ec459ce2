"""A project for tests of the guard: files in a folder, and the command run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import inner

HALT = """
[tool.failtrack.guard.PV-003]
guard = "shop.halt.HaltGuard"
"""
SERVICE = "class OrderService:\n    pass\n"


class GuardProject:
    """A folder with a `pyproject.toml`.

    Args:
        folder: Where it is made.
        table: TOML of the guard's settings.
    """

    def __init__(self, folder: Path, table: str = HALT) -> None:
        self.folder = folder
        self.write("pyproject.toml", table)

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file of the project; text as UTF-8 with the line ends that it has."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `failtrack-guard` in the project, in a process of its own."""
        command = [sys.executable, "-m", "failtrack_guard", *arguments]
        done = inner.run(
            command,
            cwd=self.folder,
            env={**os.environ, **environ},
            timeout=inner.HANGS_AFTER_SECONDS,
        )
        return inner.as_text(done)

    def git(self, *arguments: str) -> str:
        """Run git in the project and return what it printed."""
        done = subprocess.run(
            ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()
