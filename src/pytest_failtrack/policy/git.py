"""What is asked of git, bounded in time and silent where git cannot say, and where its root is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

GIT_TIMEOUT_SECONDS = 5.0
NAMES = ("--name-only", "--no-renames", "--relative", "-z")
"""How changed files are asked for: one that was moved is gone where it was."""


def git(root: Path, *words: str) -> str:
    """Return what git prints, `` when it is absent, too slow, or has nothing to say."""
    return asked(root, *words) or ""


def asked(root: Path, *words: str, timeout_seconds: float = GIT_TIMEOUT_SECONDS) -> str | None:
    """Return what git prints, None when it is absent, too slow, or ends with an error.

    Args:
        root: Folder that git is called in.
        words: Its command and arguments; what comes from a configuration must not begin with `-`.
        timeout_seconds: How long to wait at most.
    """
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command: Sequence[str] = ("git", "-C", str(root), "--no-pager", *words)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_seconds,
            env=environ,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def but(paths: Sequence[str]) -> list[str]:
    """Return the words behind `--` by which git leaves paths out; there is none without paths."""
    return [f":(exclude,literal){one}" for one in paths]


def folders_in_checkout(root: Path) -> tuple[str, ...]:
    """Return the names of the folders that lead from the root of the checkout to a folder in it.

    None when it is that root, and where no folder above it holds `.git`.
    """
    root = root.resolve()
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return root.relative_to(folder).parts
    return ()


def first_line(text: str) -> str:
    """Return the first line of what git printed."""
    return text.partition("\n")[0].strip()
