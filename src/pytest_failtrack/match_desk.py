"""Where errors are matched and kept, for one project; matching.py and `failtrack recovery` ask.

A match is a file of the evidence first; a shared history that does not answer gets it from
`failtrack ingest` later.
"""

from __future__ import annotations

import json
import logging
import math
import time
import uuid
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pytest_failtrack import __version__
from pytest_failtrack.classify.catalog import Catalog, find_project_packages, load_catalog
from pytest_failtrack.classify.own import own_documents
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import ConfigError, EvidenceError, FailtrackError
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
        self._redact = Redactor.of(settings.table)
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
            warn(sentence)

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


def warn(sentence: str) -> None:
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
