"""What somebody else says about a failure, laid over our own answer; assessment.py asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from pytest_failtrack.classify.classify import MATCH_TYPES, Classification
from pytest_failtrack.classify.recovery import (
    RETRY_MODES,
    is_retryable,
    recovery_of,
    suggestion_of,
)
from pytest_failtrack.classify.severity import severity_of
from pytest_failtrack.classify.taxonomy import (
    Category,
    RecoveryMode,
    Severity,
    Subcategory,
    category_of,
)
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.observation import Observation

LINE_MAX_CHARS = 500
REASONS_MAX = 12
NAMES_SHOWN = 12
DEFAULT_REASON = "A pytest_failtrack_classify hook said so."


def amended(
    classification: Classification,
    answer: Mapping[str, Any],
    observation: Observation,
    refusal_of: Callable[[str], str] | None = None,
) -> Classification:
    """Return a classification with the fields that somebody else names.

    Whoever names the kind (`subcategory` or `failure_type`) speaks for the rest as well: what
    they leave out (severity, retry, recovery) follows from the kind by the tables, and nothing is
    left of the catalog's entry.

    Args:
        classification: Our own answer.
        answer: Fields by name; `category` follows from `subcategory`.
        observation: The failure.
        refusal_of: Returns why a failure type cannot be named, `` for one that can.

    Raises:
        ValueError: A field is unknown, or its value is none that the field takes; the message
            names both.
    """
    told = {name: _checked(name, value) for name, value in answer.items()}
    if not told:
        return classification
    refusal = refusal_of(told["failure_type"]) if refusal_of and "failure_type" in told else ""
    if refusal:
        raise ValueError(refusal)
    subcategory = told.get("subcategory", classification.subcategory)
    category = category_of(subcategory).value
    if told.get("category", category) != category:
        raise ValueError(f"category: {told['category']} is not that of {subcategory} ({category})")
    reasons = told.pop("reasons", None) or (DEFAULT_REASON,)
    if "subcategory" in told or "failure_type" in told:
        basis = _of_kind(classification, told, observation)
        return replaced(basis, **{**told, "category": category}, reasons=reasons)
    if "recovery_mode" in told:
        told.setdefault("recovery_suggestion", suggestion_of(RecoveryMode(told["recovery_mode"])))
    return replaced(classification, **told, reasons=(*reasons, *classification.reasons))


def _of_kind(
    classification: Classification, told: dict[str, Any], observation: Observation
) -> Classification:
    """Return what follows from the kind that was named; the rest of what was told is laid over."""
    subcategory = told.get("subcategory", classification.subcategory)
    failure_type = told.get("failure_type", classification.failure_type)
    is_assertion = any(one.type == "AssertionError" for one in observation.exceptions[:1])
    retryable = is_retryable(
        told.pop("is_retryable", False), failure_type, is_assertion=is_assertion
    )
    wanted = told.pop("recovery_mode", RETRY_MODES.get(failure_type, RecoveryMode.INVESTIGATE))
    mode = recovery_of(RecoveryMode(wanted).value, failure_type, retryable=retryable)
    return replaced(
        classification,
        severity=severity_of(observation, failure_type, subcategory)[0].value,
        confidence=1.0,
        match_type="exact",
        catalog_entry_id="",
        is_retryable=retryable,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode),
        best_guess="",
        evidence="",
    )


def _checked(name: str, value: Any) -> Any:
    check = FIELDS.get(name)
    if check is None:
        raise ValueError(f"{name!r} is no field; the fields are {', '.join(FIELDS)}")
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{name}: {_brief(value)} {error}") from None


def _word(words: type[Enum]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        names = [str(one.value) for one in words]
        if not isinstance(value, str) or value not in names:
            shown = ", ".join(names) if len(names) <= NAMES_SHOWN else f"the {len(names)}"
            raise ValueError(f"is none of {shown}")
        return str(words(value).value)

    return check


def _line(value: Any) -> str:
    if not isinstance(value, str) or len(value.splitlines()) != 1 or not value.strip():
        raise ValueError("is no text of one line")
    if len(value) > LINE_MAX_CHARS:
        raise ValueError(f"is longer than {LINE_MAX_CHARS} characters")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("cannot be written as UTF-8") from None
    return str(value.strip())


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError("is no number from 0 to 1")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither True nor False")
    return value


def _sentences(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > REASONS_MAX:
        raise ValueError(f"is no list of up to {REASONS_MAX} sentences")
    return tuple(_line(one) for one in value)


def _match_type(value: Any) -> str:
    if value not in (*MATCH_TYPES.values(), "unknown"):
        raise ValueError("is none of exact, regex, similar, unknown")
    return str(value)


def _brief(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


FIELDS: dict[str, Callable[[Any], Any]] = {
    "category": _word(Category),
    "subcategory": _word(Subcategory),
    "failure_type": _line,
    "severity": _word(Severity),
    "confidence": _share,
    "match_type": _match_type,
    "catalog_entry_id": _line,
    "is_retryable": _flag,
    "recovery_mode": _word(RecoveryMode),
    "recovery_suggestion": _line,
    "reasons": _sentences,
}
