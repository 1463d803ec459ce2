"""What programs call about errors at run time: what is it, keep it, did recovering help.

    from pytest_failtrack import match_and_persist, update_recovery_status

    result = match_and_persist(str(error), run_id=run.id, skill_id="mailer")
    if result.is_retryable and send_again():
        update_recovery_status(result.failure_match_id, succeeded=True)

It is called where something has failed already, so nothing here raises: what cannot be kept is
told once, by `logging` and as a warning. A match is a file of the evidence first; a shared history
that does not answer gets it from `failtrack ingest` later.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pytest_failtrack import __version__
from pytest_failtrack.classify.catalog import Catalog, find_project_packages, load_catalog
from pytest_failtrack.classify.own import own_documents
from pytest_failtrack.config import Settings, find_root, load
from pytest_failtrack.errors import ConfigError, EvidenceError, FailtrackError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import matches
from pytest_failtrack.history.changes import append_change, changes_dir
from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.evidence import read_records
from pytest_failtrack.history.gate import QueryKind, gate_of
from pytest_failtrack.observe.redact import Redactor, redact_and_cut
from pytest_failtrack.record.change import Change, make_change
from pytest_failtrack.record.match import MatchResult, match_error
from pytest_failtrack.record.text import clean

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase

T = TypeVar("T")

ERROR_MESSAGE_MAX_CHARS = 2_000
NAME_MAX_CHARS = 300
CONTEXT_MAX_CHARS = 8_000
CONTEXT_MAX_DEPTH = 8
CONTEXT_MAX_ITEMS = 200
# A shared history that did not answer is left alone for a while: each try can take seconds.
PAUSE_SECONDS = 60.0

_LOG = logging.getLogger("pytest_failtrack")


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


class Desk:
    """Where errors are matched and kept: the settings of a project, and what is made of them once.

    Args:
        settings: Settings of the project.
        by: Who says that recovering helped.
    """

    def __init__(self, settings: Settings, by: str = "") -> None:
        self.settings = settings
        self.by = by or f"pytest-failtrack {__version__}"
        self.problems: list[str] = []
        self._redact = Redactor(os.environ, settings.table.get("redact", ()))
        self._gate = gate_of(settings.history)
        self._database: Database | None = None
        self._silent_until = 0.0

    @cached_property
    def catalog(self) -> Catalog:
        """What is known about failures; the shipped entries alone where the project's are wrong."""
        root = self.settings.root
        packages = find_project_packages(root)
        try:
            own = own_documents(self.settings.table.get("catalog", ()), root)
            return load_catalog(own, project_packages=packages)
        except ConfigError as error:
            self._tell(f"{error}; the shipped catalog is used")
            return load_catalog(project_packages=packages)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def match(self, code_or_message: str, error_message: str = "") -> MatchResult:
        """Return what the catalog says of an error; nothing is kept."""
        code, _ = redact_and_cut(self._redact, code_or_message, ERROR_MESSAGE_MAX_CHARS, "head")
        said, _ = redact_and_cut(self._redact, error_message, ERROR_MESSAGE_MAX_CHARS, "head")
        return match_error(self.catalog, clean(code), clean(said))

    def persist(
        self,
        run_id: str,
        result: MatchResult,
        error_code: str,
        error_message: str | None = None,
        tenant_id: str | None = None,
        skill_id: str | None = None,
        step_index: int | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Keep what was said of an error; return its id, None where it could not be kept."""
        now = _text_of(datetime.now(timezone.utc))
        failure_match_id = str(uuid.uuid4())
        document = {
            "schema_version": matches.SCHEMA_VERSION,
            "failure_match_id": failure_match_id,
            "run_id": self._name(run_id) or "",
            "tenant_id": self._name(tenant_id),
            "error_code": self._name(error_code) or result.error_code,
            "error_message": self._text(error_message, ERROR_MESSAGE_MAX_CHARS),
            "catalog_entry_id": result.catalog_entry_id,
            "match_type": result.match_type,
            "confidence_score": float(result.confidence),
            "category": result.category,
            "severity": result.severity,
            "is_retryable": result.is_retryable,
            "recovery_mode": result.recovery_mode,
            "recovery_suggestion": result.recovery_suggestion,
            "recovery_attempted": False,
            "recovery_succeeded": False,
            "skill_id": self._name(skill_id),
            "step_index": step_index,
            "context": self._context(context or {}),
            "created_at": now,
            "updated_at": now,
        }
        return failure_match_id if self._keep(document) else None

    def update(self, failure_match_id: str, succeeded: bool) -> bool:
        """Say whether recovering helped; return whether such a match or record is known."""
        name = failure_match_id.strip().lower()
        if not matches.is_match_id(name):
            return False
        folder = matches.matches_dir(self.settings.evidence_dir)
        document = self._tried(lambda: matches.read_match(folder, name))
        at = datetime.now(timezone.utc)
        if document is not None:
            changed = matches.recovered(document, succeeded=succeeded, at=_text_of(at))
            return self._keep(changed)
        change = make_change(
            name,
            action="recovery",
            by=self.by,
            at=at,
            before={"recovery_attempted": False},
            after={"recovery_attempted": True, "recovery_succeeded": succeeded},
        )
        is_known = self._tried(lambda: self._append(change))
        is_shared = self._shared(lambda one: _change_shared(one, change, succeeded))
        return bool(is_known or is_shared)

    def close(self) -> None:
        """Close the connection to a shared history."""
        self._gate.ask(self._drop, QueryKind.RECENT, self)

    def _keep(self, document: Mapping[str, Any]) -> bool:
        """Write a match, here and where others read it; return whether it is in either place."""
        folder = matches.matches_dir(self.settings.evidence_dir)
        is_written = self._tried(lambda: matches.write_match(folder, document))
        is_shared = self._shared(lambda one: matches.store_matches(one, [document]) == 1)
        return bool(is_written or is_shared)

    def _append(self, change: Change) -> bool:
        """Append an event to a record that lies here."""
        for _, record in read_records(self.settings.evidence_dir, [change.failure_id]):
            if isinstance(record, EvidenceError):
                if record.slug == "evidence-missing":
                    return False
                raise record
        append_change(changes_dir(self.settings), change)
        return True

    def _tried(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except FailtrackError as error:
            self._tell(str(error))
            return None

    def _shared(self, work: Callable[[Database], T]) -> T | None:
        """Return what work on the shared history comes to; None without one, or when it is down."""
        if not self.settings.is_shared or time.monotonic() < self._silent_until:
            return None
        return self._gate.ask(lambda: self._on_database(work), QueryKind.RECENT, self)

    def _on_database(self, work: Callable[[Database], T]) -> T | None:
        try:
            if self._database is None:
                settings = self.settings
                self._database = open_database(settings.history, settings.repository)
            return work(self._database)
        except FailtrackError as error:
            self._drop()
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            self._tell(f"{error}; it is in the evidence, and `failtrack ingest` sends it later")
            return None

    def _drop(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _tell(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)
            _warn(sentence)

    def _name(self, text: object) -> str | None:
        return self._text(text, NAME_MAX_CHARS)

    def _text(self, text: object, max_chars: int) -> str | None:
        if text is None:
            return None
        return clean(redact_and_cut(self._redact, str(text), max_chars, "head")[0])

    def _context(self, context: Mapping[str, Any]) -> dict[str, Any]:
        plain: dict[str, Any] = self._plain(context, "")
        size = len(json.dumps(plain, ensure_ascii=False))
        if size <= CONTEXT_MAX_CHARS:
            return plain
        kept: dict[str, Any] = {}
        for name, value in plain.items():
            kept[name] = value
            if len(json.dumps(kept, ensure_ascii=False)) > CONTEXT_MAX_CHARS:
                del kept[name]
        return {**kept, "left_out": f"{len(plain) - len(kept)} of {len(plain)}: too long"}

    def _plain(self, value: object, name: str, depth: int = 0) -> Any:
        """Return a value as JSON has it, redacted: a name says what its value is."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and abs(value) < 2**63:
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        if depth < CONTEXT_MAX_DEPTH and isinstance(value, Mapping):
            return {
                self._name(key) or "": self._plain(one, str(key), depth + 1)
                for key, one in islice(value.items(), CONTEXT_MAX_ITEMS)
            }
        if depth < CONTEXT_MAX_DEPTH and isinstance(value, (list, tuple, set, frozenset)):
            return [self._plain(one, name, depth + 1) for one in islice(value, CONTEXT_MAX_ITEMS)]
        text = str(value)
        told = self._text(f"{name}={text}", ERROR_MESSAGE_MAX_CHARS) or ""
        kept = told.removeprefix(f"{name}=")
        return kept if told.startswith(f"{name}=") else told


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
        _warn(f"the error was not kept: {type(error).__name__}: {error}")
        return default


def _warn(sentence: str) -> None:
    """Tell of a problem where programs tell theirs; a warning that is an error stays a warning."""
    _LOG.warning("failtrack: %s", sentence)
    try:
        warnings.warn(f"failtrack: {sentence}", RuntimeWarning, stacklevel=2)
    except RuntimeWarning:
        pass


def _change_shared(database: Database, change: Change, succeeded: bool) -> bool:
    """Say in a shared history what came of recovering; return whether it knows the match."""
    from pytest_failtrack.history.changes_index import RECOVERED
    from pytest_failtrack.history.shared import missing_records, share_changes

    shared = cast("PostgresDatabase", database)
    if not missing_records(shared, [change.failure_id]):
        share_changes(shared, [change])
        return True
    values = (True, succeeded, change.at.timestamp(), change.failure_id)
    return database.run(RECOVERED, values) > 0


def _text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
