"""Opens the history that settings name; asked by the spine and by every command that looks back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_failtrack.config import Settings

if TYPE_CHECKING:
    from pytest_failtrack.history.store import History

INDEX = "history.sqlite"


def open_history(settings: Settings) -> History:
    """Return the shared history that `history` names, else the local index, not yet synced.

    Where the shared one does not answer, the index stands in.
    """
    # A first green run asks whether there is a history, and opens none.
    from pytest_failtrack.history.gate import gate_of
    from pytest_failtrack.history.store import History

    shared = settings.history if settings.is_shared else ""
    path = index_path(settings)
    return History(
        path, shared=shared, tenant=settings.repository, gate=gate_of(shared or str(path))
    )


def has_history(settings: Settings) -> bool:
    """Return whether there is a history to ask; a first green run makes none."""
    return settings.is_shared or index_path(settings).exists()


def index_path(settings: Settings) -> Path:
    """Return where the local index lies: what `history` names, else beside the journals."""
    named = settings.history
    if named and not settings.is_shared:
        return settings.root / named.removeprefix("sqlite:///")
    return settings.state_dir / INDEX
