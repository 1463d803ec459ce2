"""What programs call about errors at run time: what is it, keep it, did recovering help.

    from pytest_failtrack import match_and_persist, update_recovery_status

    result = match_and_persist(str(error), run_id=run.id, skill_id="mailer")
    if result.is_retryable and send_again():
        update_recovery_status(result.failure_match_id, succeeded=True)

It is called where something has failed already, so nothing here raises: what cannot be kept is
told once, by `logging` and as a warning. Where a match is kept is match_desk.py.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pytest_failtrack.config import find_root, load
from pytest_failtrack.frozen import replaced
from pytest_failtrack.match_desk import Desk, warn
from pytest_failtrack.record.match import MatchResult

T = TypeVar("T")


def configure(root: str | os.PathLike[str] | None = None, **options: str) -> None:
    """Say where the errors of this process are kept; without it, where the current folder says.

    Args:
        root: Folder of the project, whose pyproject.toml and catalog are read.
        options: Settings by name, as on the command line: `dir`, `history`, `repository`, ...

    Raises:
        ConfigError: The configuration cannot be used.
    """
    folder = None if root is None else Path(root).absolute()
    settings = load(options, root=folder and find_root(folder), cwd=folder)
    _DESKS.use(Desk(settings))


def match_and_persist(
    code_or_message: str,
    run_id: str,
    tenant_id: str | None = None,
    skill_id: str | None = None,
    step_index: int | None = None,
    context: Mapping[str, Any] | None = None,
    error_message: str | None = None,
) -> MatchResult:
    """Return what the catalog says of an error, and keep it.

    Args:
        code_or_message: A code (`HTTP_429`, `ConnectionResetError`), the id of a catalog entry, or
            what the error says.
        run_id: Run in which it came.
        tenant_id: Whose error it is; the repository's by default.
        skill_id: Plugin, tool or part of the program that failed.
        step_index: Number of the step that failed.
        context: What else is worth knowing, as JSON values.
        error_message: What the error says, where the first is a code.

    Returns:
        The result; its `failure_match_id` is None where it could not be kept.
    """

    told = str(code_or_message)
    result = _guarded(lambda desk: desk.match(told, str(error_message or "")), MatchResult())
    said = error_message
    if said is None and told.strip() != result.error_code:
        said = told
    kept = persist_failure_match(
        run_id, result, result.error_code, said, tenant_id, skill_id, step_index, context
    )
    return replaced(result, failure_match_id=kept)


def persist_failure_match(
    run_id: str,
    result: MatchResult,
    error_code: str,
    error_message: str | None = None,
    tenant_id: str | None = None,
    skill_id: str | None = None,
    step_index: int | None = None,
    context: Mapping[str, Any] | None = None,
) -> str | None:
    """Keep what was said of an error; return its id, None where it could not be kept.

    Args:
        run_id: Run in which it came.
        result: What was said of it, by `match_and_persist` or by whoever knows better.
        error_code: Type of the exception, or code of the tool or service.
        error_message: What the error says; redacted before it is kept.
        tenant_id: Whose error it is; the repository's by default.
        skill_id: Plugin, tool or part of the program that failed.
        step_index: Number of the step that failed.
        context: What else is worth knowing, as JSON values; redacted.
    """
    return _guarded(
        lambda desk: desk.persist(
            run_id, result, error_code, error_message, tenant_id, skill_id, step_index, context
        ),
        None,
    )


def update_recovery_status(failure_match_id: str, succeeded: bool) -> bool:
    """Say whether recovering from an error helped; return whether it is known.

    Args:
        failure_match_id: Id of a match, or of a record: they are one (C-27).
        succeeded: Whether it helped.
    """
    return _guarded(lambda desk: desk.update(str(failure_match_id), bool(succeeded)), False)


async def match_and_persist_async(
    code_or_message: str,
    run_id: str,
    tenant_id: str | None = None,
    skill_id: str | None = None,
    step_index: int | None = None,
    context: Mapping[str, Any] | None = None,
    error_message: str | None = None,
) -> MatchResult:
    """Do what `match_and_persist` does, beside the event loop."""
    return await asyncio.to_thread(
        match_and_persist,
        code_or_message,
        run_id,
        tenant_id,
        skill_id,
        step_index,
        context,
        error_message,
    )


async def persist_failure_match_async(
    run_id: str,
    result: MatchResult,
    error_code: str,
    error_message: str | None = None,
    tenant_id: str | None = None,
    skill_id: str | None = None,
    step_index: int | None = None,
    context: Mapping[str, Any] | None = None,
) -> str | None:
    """Do what `persist_failure_match` does, beside the event loop."""
    return await asyncio.to_thread(
        persist_failure_match,
        run_id,
        result,
        error_code,
        error_message,
        tenant_id,
        skill_id,
        step_index,
        context,
    )


async def update_recovery_status_async(failure_match_id: str, succeeded: bool) -> bool:
    """Do what `update_recovery_status` does, beside the event loop."""
    return await asyncio.to_thread(update_recovery_status, failure_match_id, succeeded)


class _Desks:
    """The desk of this process: the one that was configured, else that of the current folder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._configured: Desk | None = None
        self._found: dict[tuple[Any, ...], Desk] = {}
        self._pid = os.getpid()

    def use(self, desk: Desk | None) -> None:
        with self._lock:
            self._configured = desk

    def desk(self) -> Desk:
        with self._lock:
            if self._pid != os.getpid():
                # A connection belongs to the process that opened it.
                self._pid = os.getpid()
                self._found.clear()
                if self._configured is not None:
                    self._configured = Desk(self._configured.settings)
            if self._configured is not None:
                return self._configured
            told = (one for one in os.environ.items() if one[0].startswith("FAILTRACK_"))
            key = (os.getcwd(), *sorted(told))
            found = self._found.get(key)
            if found is None:
                self._let_go()
                found = self._found[key] = Desk(load())
            return found

    def close(self) -> None:
        """Close every connection; the next error opens one again."""
        with self._lock:
            self._let_go()
            if self._configured is not None:
                self._configured.close()

    def _let_go(self) -> None:
        for one in self._found.values():
            one.close()
        self._found.clear()


_DESKS = _Desks()


def _guarded(work: Callable[[Desk], T], default: T) -> T:
    """Return what work comes to; the default where anything at all goes wrong."""
    try:
        return work(_DESKS.desk())
    except Exception as error:  # it is called while another error is handled
        warn(f"the error was not kept: {type(error).__name__}: {error}")
        return default
