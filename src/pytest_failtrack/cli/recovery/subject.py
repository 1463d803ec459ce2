"""What a recovery is about: a record, a match, a cause, or an error that is named on the spot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.cli.questions.asking import asked
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.recovery import (
    Candidate,
    Case,
    Tried,
    candidates_for,
    case_named,
    refreshed,
)
from pytest_failtrack.match_desk import Desk
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.retry import Failed, RetryDecision, decide_retry
from pytest_failtrack.record.error_code import UNKNOWN
from pytest_failtrack.record.match import MatchResult

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12}")


@frozen
class Subject:
    """What is to be recovered from.

    Args:
        error_code: Type of the exception, or code of the tool.
        error_message: What it said.
        catalog_entry_id: Entry that matched, ``.
        match_type: `exact`, `regex`, `similar` or `unknown`.
        confidence: How sure the class is.
        subcategory: One of the 36.
        failure_type: Row of the matrix.
        is_retryable: The catalog allows another attempt.
        recovery_mode: What the catalog suggests, ``.
        recovery_suggestion: The same as a sentence.
        case: Its row in the history, None for an error that is named on the spot.
    """

    error_code: str
    error_message: str
    catalog_entry_id: str
    match_type: str
    confidence: float
    subcategory: str
    failure_type: str
    is_retryable: bool
    recovery_mode: str
    recovery_suggestion: str
    case: Case | None = None

    def decide(self, settings: Settings, conditions: tuple[str, ...] = ()) -> RetryDecision:
        """Return what the matrix says about trying again (S1-86..89)."""
        failed = Failed(
            cause_id=self.case.cause_id if self.case else "",
            headline=self.error_message or self.error_code,
            subcategory=self.subcategory,
            failure_type=self.failure_type,
            is_retryable=self.is_retryable,
        )
        return decide_retry([failed], load_matrix(settings.table), conditions)

    def candidates(self, tried: list[Tried]) -> list[Candidate]:
        """Return the ways to recover, the likeliest first."""
        return candidates_for(
            tried,
            error_code=self.error_code,
            entry=self.catalog_entry_id,
            mode=self.recovery_mode,
            said=self.confidence,
        )


def what_was_tried(settings: Settings) -> list[Tried]:
    """Return what was tried, for which errors; the table of candidates is brought up to it."""
    now = datetime.now(timezone.utc)
    return asked(settings, lambda database: refreshed(database, now))


def is_id(word: str) -> bool:
    """Return whether a word has the form of an id."""
    return _ID.fullmatch(word.strip().lower()) is not None


def subject_of(settings: Settings, desk: Desk, word: str) -> Subject:
    """Return what an id stands for, or what the catalog says of a text.

    Raises:
        InputError: The id is not known, or there is no text.
    """
    if is_id(word):
        return named(settings, desk, word)
    if not word.strip():
        raise InputError("there is nothing to recover from: give an id, a code or a text")
    return _of_result(desk.match(word), word.strip())


def named(settings: Settings, desk: Desk, word: str) -> Subject:
    """Return what an id stands for.

    Raises:
        InputError: Nothing is known under it.
    """
    name = word.strip().lower()
    case = asked(settings, lambda database: case_named(database, name)) if is_id(name) else None
    if case is None:
        raise InputError(
            f"no record, match or cause is known as {word!r}; `failtrack recovery list` prints ids"
        )
    return _of_case(case, desk)


def first_line(code: str, message: str) -> str:
    """Return an error as one line: its code, and the first line of what it said."""
    line = message.partition("\n")[0]
    if code in line or code == UNKNOWN:
        return line or code
    return f"{code}: {line}" if line else code


def as_json(subject: Subject) -> dict[str, Any]:
    """Return a subject for programs."""
    case = subject.case
    return {
        "id": case.id if case else None,
        "cause_id": (case.cause_id or None) if case else None,
        "run_id": case.run_id if case else None,
        "error_code": subject.error_code,
        "error_message": subject.error_message or None,
        "catalog_entry_id": subject.catalog_entry_id or None,
        "match_type": subject.match_type,
        "confidence_score": subject.confidence,
        "subcategory": subject.subcategory or None,
        "failure_type": subject.failure_type or None,
        "is_retryable": subject.is_retryable,
        "recovery_mode": subject.recovery_mode or None,
        "recovery_suggestion": subject.recovery_suggestion or None,
    }


def retry_json(decision: RetryDecision) -> Mapping[str, Any]:
    """Return what the matrix says about trying again, for programs."""
    return {
        "is_allowed": decision.is_allowed,
        "max_attempts": decision.max_attempts,
        "backoff": list(decision.backoffs),
        "reason": decision.reason,
    }


def retry_words(decision: RetryDecision) -> str:
    """Return the same for people."""
    if not decision.is_allowed:
        return f"not to be tried again: {decision.reason}"
    times = "once more" if decision.max_attempts == 1 else f"up to {decision.max_attempts} times"
    how = f", pauses {' and '.join(decision.backoffs)}" if any(decision.backoffs) else ""
    return f"try again {times}{how}"


def _of_result(result: MatchResult, said: str) -> Subject:
    return Subject(
        error_code=result.error_code,
        error_message=said,
        catalog_entry_id=result.catalog_entry_id or "",
        match_type=result.match_type,
        confidence=result.confidence,
        subcategory=result.subcategory or "",
        failure_type=result.failure_type or "",
        is_retryable=result.is_retryable,
        recovery_mode=result.recovery_mode or "",
        recovery_suggestion=result.recovery_suggestion or "",
    )


def _of_case(case: Case, desk: Desk) -> Subject:
    """Return a row of the history; what only records have of the class is the entry's."""
    entry = desk.catalog.entries.get(case.catalog_entry_id)
    subcategory, failure_type = case.subcategory, case.failure_type
    if not failure_type and entry is not None:
        subcategory, failure_type = entry.subcategory, entry.failure_type
    return Subject(
        error_code=case.error_code,
        error_message=case.error_message,
        catalog_entry_id=case.catalog_entry_id,
        match_type=case.match_type,
        confidence=case.confidence,
        subcategory=subcategory,
        failure_type=failure_type or "unknown",
        is_retryable=case.is_retryable,
        recovery_mode=case.recovery_mode,
        recovery_suggestion=case.recovery_suggestion,
        case=case,
    )
