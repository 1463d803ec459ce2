"""Loads pydantic and the models: once a process, late, and in the cheapest way there is."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from pytest_failtrack.frozen import frozen

if TYPE_CHECKING:
    from pytest_failtrack.record.failure_match import FailureMatch
    from pytest_failtrack.record.model import FailureRecord
    from pytest_failtrack.record.run import RunDocument


@frozen
class Models:
    """The models, once they are built."""

    record: type[FailureRecord]
    run: type[RunDocument]
    match: type[FailureMatch]


@cache
def models() -> Models:
    """Return the models, built when they are asked for the first time."""
    with gc_paused(), _without_pydantic_plugins():
        from pytest_failtrack.record.failure_match import FailureMatch
        from pytest_failtrack.record.model import FailureRecord
        from pytest_failtrack.record.run import RunDocument
    return Models(FailureRecord, RunDocument, FailureMatch)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Hold the garbage collector while much is made that lives on, or that has no cycles.

    In a process that holds 10,000 tests each collection walks all of them: building the models
    takes 57 ms with it paused, and 210 to 320 ms without.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _without_pydantic_plugins() -> Iterator[None]:
    # The user's pydantic plugins have no business in our models, and looking for them reads
    # the metadata of every installed distribution.
    name = "PYDANTIC_DISABLE_PLUGINS"
    before = os.environ.get(name)
    os.environ[name] = "__all__"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
