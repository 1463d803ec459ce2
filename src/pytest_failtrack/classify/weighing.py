"""What evidence beyond the message may do to a classification; each kind of evidence has a file.

It makes us surer or less sure, or moves a failure to another kind, and always says why. What a
message proves, and infrastructure, stays as it is.
"""

from __future__ import annotations

from pytest_failtrack.classify.classify import CONFIDENCE_THRESHOLD, Classification
from pytest_failtrack.classify.recovery import suggestion_of
from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory, category_of
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.observation import Observation

OPEN_UP_TO = 0.75
"""What is surer than this is known by its message, and no evidence turns it elsewhere."""
TEST_SOURCES = frozenset({"pytest", "junit", "go-test"})
TEST_TYPES = frozenset(
    {"test_failure", "integration_test_failure", "database_test_failure", "build_error"}
)
OF_CODE = frozenset(
    one.value
    for one in Subcategory
    if category_of(one) in (Category.ARCHITECTURE, Category.INTEGRATION)
)


def is_failed_test(observation: Observation) -> bool:
    """Whether a test failed, and was neither flaky nor a finding of debt."""
    return observation.source in TEST_SOURCES and observation.outcome in ("failed", "error")


def is_unsure(classification: Classification) -> bool:
    """Whether a class is known, but not proven by its message."""
    return 0 < classification.confidence <= OPEN_UP_TO


def is_open(classification: Classification, observation: Observation) -> bool:
    """Whether evidence beyond the message may move the classification of a failing test."""
    return (
        is_failed_test(observation)
        and bool(observation.nodeid)
        and classification.failure_type in TEST_TYPES
        and is_unsure(classification)
        and (classification.subcategory in OF_CODE or classification.category == "QA")
    )


def moved_to(
    kind: Subcategory,
    classification: Classification,
    mode: RecoveryMode,
    confidence: float,
    reason: str,
    suggestion: str = "",
) -> Classification:
    """Return a classification of another kind; type and retry stay as they are.

    Args:
        kind: What it is now; the category follows from it.
        classification: What it was.
        mode: How to recover.
        confidence: How sure that is, 0 to 1.
        reason: One sentence that says why.
        suggestion: What to do next; the mode's own sentence by default.
    """
    return replaced(
        because(classification, reason),
        category=category_of(kind).value,
        subcategory=kind.value,
        confidence=confidence,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode, suggestion),
        best_guess="",
    )


def surer(classification: Classification, more: float, reason: str) -> Classification:
    """Return a classification that is surer, or less sure; UNKNOWN under the threshold (C-20)."""
    confidence = round(min(max(classification.confidence + more, 0.0), 0.95), 2)
    changed = replaced(because(classification, reason), confidence=confidence)
    if confidence >= CONFIDENCE_THRESHOLD:
        return changed
    mode = RecoveryMode.INVESTIGATE
    unsure = (
        f"That is too unsure ({confidence:.2f} is under {CONFIDENCE_THRESHOLD}) to call it"
        f" {classification.subcategory}."
    )
    return replaced(
        because(changed, unsure),
        category=Category.UNKNOWN.value,
        subcategory=Subcategory.UNKNOWN_ROOT_CAUSE.value,
        best_guess=classification.subcategory,
        match_type="unknown",
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode),
    )


def because(classification: Classification, reason: str) -> Classification:
    """Return a classification with one more reason, after the first, which says what happened."""
    first, *others = classification.reasons or ("",)
    reasons = tuple(one for one in (first, reason, *others) if one)
    return replaced(classification, reasons=reasons, evidence=reason)
