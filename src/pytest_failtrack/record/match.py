"""What the catalog says of an error that a program names by a code or a message.

For errors at run time, outside of any test: `matching.py` and `failtrack recovery` ask.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from pytest_failtrack.classify.catalog import Catalog
from pytest_failtrack.classify.classify import Classification, classify
from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.classify.recovery import is_retryable, recovery_of, suggestion_of
from pytest_failtrack.classify.severity import severity_of
from pytest_failtrack.classify.taxonomy import Category, FailureType, RecoveryMode, Subcategory
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.record.error_code import UNKNOWN, code_in

SOURCE = "api"
SPELLED_PENALTY = 0.1
"""Off the confidence when an entry matched the words of a code, and not what was said."""

_CODE = lazily(r"[A-Za-z_][\w.:-]{0,199}")
_TYPED = lazily(r"(?P<type>[A-Za-z_][\w.]{0,199})(?:: (?P<said>.*))?", re.DOTALL)
_STATUS = lazily(r"(?<![0-9])[45][0-9]{2}(?![0-9])")
_BETWEEN_WORDS = lazily(r"[_:.-]+")


@frozen
class MatchResult:
    """What the catalog says of one error (S2-48).

    Args:
        error_code: Type of the exception, or code of the tool or service.
        match_type: `exact`, `regex`, `similar` or `unknown`.
        confidence: 0 to 1: how sure the class is.
        catalog_entry_id: The entry that matched, None for none.
        category: One of the seven categories.
        subcategory: One of the 36 subcategories.
        failure_type: Row of the escalation matrix, which decides the retry.
        severity: CRITICAL, HIGH, MEDIUM or LOW.
        is_retryable: Another attempt could be allowed; the matrix says how often.
        recovery_mode: What to do next.
        recovery_suggestion: The same as a sentence.
        reasons: Why, in sentences.
        best_guess: The subcategory that was not sure enough, None for none.
        failure_match_id: Id of the row that was kept of it, None while there is none.
    """

    error_code: str = UNKNOWN
    match_type: str = "unknown"
    confidence: float = 0.0
    catalog_entry_id: str | None = None
    category: str | None = None
    subcategory: str | None = None
    failure_type: str | None = None
    severity: str | None = None
    is_retryable: bool = False
    recovery_mode: str | None = None
    recovery_suggestion: str | None = None
    reasons: tuple[str, ...] = ()
    best_guess: str | None = None
    failure_match_id: str | None = None

    @property
    def matched(self) -> bool:
        """Whether an entry of the catalog speaks of the error."""
        return self.match_type != "unknown"


def match_error(catalog: Catalog, code_or_message: str, error_message: str = "") -> MatchResult:
    """Return what the catalog says of an error.

    A code that no entry knows is asked about once more by its words: `RATE_LIMIT_EXCEEDED` as
    "rate limit exceeded", `HTTP_429` as "429 Too Many Requests".

    Args:
        catalog: What is known about failures.
        code_or_message: Id of a catalog entry, a code, the type of an exception, or what the error
            says.
        error_message: What it says, where the first is a code.
    """
    code, message = taken_apart(code_or_message, error_message)
    entry = catalog.entries.get(code_or_message.strip())
    if entry is not None:
        return _of_entry(entry)
    found = _asked(catalog, observation_of(code, message))
    if not found.matched and code:
        spelled = _asked(catalog, _observed(f"{_in_words(code)}\n{message}".strip()))
        if spelled.matched:
            sure = round(max(spelled.confidence - SPELLED_PENALTY, 0.0), 2)
            found = replaced(spelled, match_type="similar", confidence=sure)
    return replaced(found, error_code=code or UNKNOWN)


def taken_apart(code_or_message: str, error_message: str = "") -> tuple[str, str]:
    """Return the code of an error, `` when it has none, and what it says.

    Args:
        code_or_message: A code, or what the error says.
        error_message: What it says, where the first is a code.
    """
    first, message = code_or_message.strip(), error_message.strip()
    if _CODE.fullmatch(first):
        return first, message
    said = "\n".join(one for one in (first, message) if one)
    return code_in(first) or code_in(message), said


def observation_of(code: str, message: str) -> Observation:
    """Return an error as an observation: an exception where its code is the type of one."""
    found = _TYPED.fullmatch(message)
    if code and not code.isupper() and code_in(code) == code:
        said = (found["said"] or "") if found is not None and found["type"] == code else message
        return _observed(f"{code}: {said}" if said else code, Raised(code, said))
    text = message if message.startswith(code) else f"{code}: {message}"
    return _observed(text or code)


def _observed(text: str, raised: Raised | None = None) -> Observation:
    return Observation(
        source=SOURCE,
        when="call",
        nodeid="",
        outcome="failed",
        exceptions=(raised,) if raised else (),
        text=text,
    )


def _asked(catalog: Catalog, observation: Observation) -> MatchResult:
    kind = classify(observation, catalog)
    entry = catalog.entries.get(kind.catalog_entry_id)
    if kind.match_type == "unknown" or entry is None or not entry.has_way:
        # An entry that speaks of a place alone knows nothing of an error at run time.
        return _unknown(observation, kind)
    return MatchResult(
        match_type=kind.match_type,
        confidence=kind.confidence,
        catalog_entry_id=kind.catalog_entry_id,
        category=kind.category,
        subcategory=kind.subcategory,
        failure_type=kind.failure_type,
        severity=kind.severity,
        is_retryable=kind.is_retryable,
        recovery_mode=kind.recovery_mode,
        recovery_suggestion=kind.recovery_suggestion,
        reasons=kind.reasons,
    )


def _unknown(observation: Observation, kind: Classification) -> MatchResult:
    subcategory = Subcategory.UNKNOWN_ROOT_CAUSE.value
    failure_type = FailureType.UNKNOWN.value
    severity, because = severity_of(observation, failure_type, subcategory)
    guess = kind.best_guess if kind.match_type == "unknown" else ""
    return MatchResult(
        category=Category.UNKNOWN.value,
        subcategory=subcategory,
        failure_type=failure_type,
        severity=severity.value,
        recovery_mode=RecoveryMode.INVESTIGATE.value,
        recovery_suggestion=suggestion_of(RecoveryMode.INVESTIGATE),
        reasons=("No entry of the catalog speaks of this error.", f"{severity.value}: {because}."),
        best_guess=guess or None,
    )


def _of_entry(entry: Entry) -> MatchResult:
    """Return the result for an error that a program names by an entry itself."""
    observation = _observed(entry.title)
    severity, because = severity_of(observation, entry.failure_type, entry.subcategory)
    retryable = is_retryable(
        entry.is_retryable, entry.failure_type, is_assertion=entry.is_assertion
    )
    mode = recovery_of(entry.recovery_mode, entry.failure_type, retryable=retryable)
    return MatchResult(
        error_code=entry.id,
        match_type="exact",
        confidence=entry.confidence,
        catalog_entry_id=entry.id,
        category=entry.category,
        subcategory=entry.subcategory,
        failure_type=entry.failure_type,
        severity=entry.severity or severity.value,
        is_retryable=retryable,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode, entry.recovery_suggestion),
        reasons=(
            f"{entry.title.removesuffix('.')}.",
            *(() if entry.severity else (f"{severity.value}: {because}.",)),
        ),
    )


def _in_words(code: str) -> str:
    """Return a code as people would say it."""
    words = _BETWEEN_WORDS.sub(" ", code).strip()
    status = _STATUS.search(words)
    if status:
        try:
            return f"{words}\n{status[0]} {HTTPStatus(int(status[0])).phrase}"
        except ValueError:
            pass
    return words.lower()
