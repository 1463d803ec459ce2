"""How a project verifies that a failure is prevented: `[tool.failtrack.prevention]` (S0-131).

`prove.py` asks; the names of the shipped steps are here, what they do is there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.read import Reader

TABLE = "tool.failtrack.prevention"
STEPS = ("exists", "passes", "catches", "documented", "record")
KEYS = ("steps", "known_bad", "timeout_seconds", "pytest", "paths", "linked", "commands")
TIMEOUT_SECONDS = 300


@frozen
class Verification:
    """How a project verifies (S0-131): `[tool.failtrack.prevention]`.

    Args:
        steps: Names of the steps, in order.
        known_bad: Folder of the known-bad cases.
        timeout_seconds: Limit for each command.
        pytest: Command that runs pytest; empty for that of our own Python.
        paths: Folders from which modules are imported.
        linked: Folders that a copy of the tree has as links.
        commands: The project's own commands.
    """

    steps: tuple[str, ...]
    known_bad: Path
    timeout_seconds: int
    pytest: tuple[str, ...]
    paths: tuple[str, ...]
    linked: tuple[str, ...]
    commands: Mapping[str, tuple[str, ...]]


def verification_of(settings: Settings) -> Verification:
    """Return how a project verifies.

    Raises:
        ConfigError: A key is unknown, a value is not of its kind, or no step is left.
    """
    table = Reader(TABLE, settings.table.get("prevention", {}))
    table.only(*KEYS)
    commands = {name: table.table("commands").words(name) for name in table.table("commands")}
    for name, words in commands.items():
        if not words:
            table.table("commands").refuse(name, 'a list of words such as ["make", "check"]')
        if name in STEPS:
            raise ConfigError(f"{TABLE}.commands.{name}: a step of ours is called so; rename it")
    steps = table.choices("steps", (*STEPS, *commands)) if "steps" in table else tuple(STEPS)
    if not steps:
        raise ConfigError(f"{TABLE}.steps is empty: then nothing would be verified; name a step")
    beside = settings.evidence_dir.parent / "known-bad"
    known_bad = table.text("known_bad")
    return Verification(
        steps=tuple(dict.fromkeys(steps)),
        known_bad=settings.root / known_bad if known_bad else beside,
        timeout_seconds=table.count("timeout_seconds", TIMEOUT_SECONDS, at_least=1),
        pytest=table.words("pytest"),
        paths=_inner(settings.root, table, "paths"),
        linked=_inner(settings.root, table, "linked"),
        commands=commands,
    )


def known_bad_folder(settings: Settings, failure_id: str) -> Path:
    """Return the folder in which the known-bad case of a record is stored."""
    return verification_of(settings).known_bad / failure_id


def _inner(root: Path, table: Reader, key: str) -> tuple[str, ...]:
    words = table.words(key)
    for word in words:
        if not Path(os.path.normpath(root / word)).is_relative_to(root):
            table.refuse(key, "a list of folders of the project, relative to its root")
    return words
