"""What the tracked runs within a command leave for the `failtrack run` around them: notes.

A note lies in the state folder under what the command found in `FAILTRACK_PARENT`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from pytest_failtrack.frozen import frozen


@frozen
class InnerRun:
    """A tracked run of pytest that the command contained.

    Args:
        documents: Ids of its run documents.
        exit_status: Its exit status, None when it did not say.
        ended: `finished`, `interrupted` or `died`.
        evidence: Its evidence folder, `` when it did not say.
    """

    documents: tuple[str, ...]
    exit_status: int | None
    ended: str = "finished"
    evidence: str = ""


def inner_runs(state_dir: Path, token: str) -> list[InnerRun]:
    """Return what the tracked runs within a command say of their end.

    Args:
        state_dir: The state folder.
        token: What the command found in `FAILTRACK_PARENT`.
    """
    found = []
    for path in sorted((state_dir / "parents" / token).glob("*.json")):
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
            status = note.get("exit_status")
            found.append(
                InnerRun(
                    documents=tuple(str(one) for one in note.get("run_documents", ())),
                    exit_status=status if isinstance(status, int) else None,
                    ended=str(note.get("ended", "finished")),
                    evidence=str(note.get("evidence", "")),
                )
            )
        except (OSError, ValueError, AttributeError, TypeError):
            continue  # a note that is cut tells nothing: the command is recorded
    return found


def recorded(inner: Sequence[InnerRun]) -> list[InnerRun]:
    """Return the inner runs that have recorded why the command failed."""
    return [one for one in inner if one.exit_status not in (0, None) or one.ended == "died"]


def is_here(inner: InnerRun, evidence: Path) -> bool:
    """Return whether an inner run keeps its records in a folder.

    Args:
        inner: The run. A pytest whose rootdir is another keeps its records there, where a gate
            that reads this folder does not look.
        evidence: The evidence folder of the command.
    """
    return not inner.evidence or os.path.realpath(inner.evidence) == os.path.realpath(evidence)


def tell_outer(state_dir: Path, token: str, outer: str) -> None:
    """Hand the notes of inner runs to the `failtrack run` around us, and tidy them away."""
    folder = state_dir / "parents" / token
    if outer and folder.is_dir():
        target = state_dir / "parents" / outer
        target.mkdir(parents=True, exist_ok=True)
        for note in folder.glob("*.json"):
            shutil.copyfile(note, target / note.name)
    shutil.rmtree(folder, ignore_errors=True)
