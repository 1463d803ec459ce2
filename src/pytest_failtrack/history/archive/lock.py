"""The lock that keeps packers apart: one at a time moves evidence in or out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.packed import Shelf, shelf_in
from pytest_failtrack.history.edit_lock import held
from pytest_failtrack.history.files import is_temporary, refused, remove_if_there

PACK_LOCK = ".pack.lock"


@contextmanager
def alone_in(folder: str) -> Iterator[Shelf]:
    """Hold the archive folder, made when it is not there; leave none that is empty."""
    try:
        os.makedirs(folder, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise refused("write", folder, error) from error
    try:
        with held(folder, PACK_LOCK, 0.0) as is_held:
            if not is_held:
                raise _is_locked(folder)
            for name in os.listdir(folder):
                if is_temporary(name):  # of packers that were killed
                    remove_if_there(os.path.join(folder, name))
            yield _usable(folder)
    finally:
        try:
            os.rmdir(folder)
        except OSError:
            pass


def _is_locked(folder: str) -> EvidenceError:
    path = os.path.join(folder, PACK_LOCK)
    if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK):
        why = f"{path} belongs to somebody else; remove it when nobody packs"
    else:
        why = (
            f"another `failtrack history pack` or `unpack` is at work in {folder}; wait until it "
            "has ended"
        )
    return EvidenceError(why, slug="archive-locked")


def _usable(folder: str) -> Shelf:
    shelf = shelf_in(folder)
    assert shelf is not None
    for _, error in shelf.unusable():
        raise error
    return shelf
