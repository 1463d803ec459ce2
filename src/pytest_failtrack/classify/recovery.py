"""What to do about a failure, and whether trying again is allowed at all; `classify` asks it.

Retry is decided after classification, the more specific row wins, and a failing assertion is
never retried (C-14). How often and on what condition is the matrix's matter (S1-86..89).
"""

from __future__ import annotations

from pytest_failtrack.classify.taxonomy import FailureType, RecoveryMode

_T = FailureType

NEVER_RETRIED = frozenset(
    {
        _T.SECRET_DETECTED.value,
        _T.SECURITY_VULNERABILITY.value,
        _T.CRITICAL_VULNERABILITY.value,
        _T.AUTHENTICATION_CHANGE.value,
        _T.TEST_FAILURE.value,
        _T.INTEGRATION_TEST_FAILURE.value,
        _T.DATABASE_TEST_FAILURE.value,
        _T.GENERATOR_DRIFT.value,
        _T.BUILD_ERROR.value,
        _T.TEST_DEBT.value,
    }
)
"""Failure types whose failures are never tried again, whatever an entry says (S1-87, C-14)."""

RETRY_MODES: dict[str, RecoveryMode] = {
    _T.DATABASE_CONNECTIVITY.value: RecoveryMode.RETRY_LIMITED,
    _T.PERFORMANCE_REGRESSION.value: RecoveryMode.RETRY_LIMITED,
    _T.INFRASTRUCTURE.value: RecoveryMode.RETRY_EXPONENTIAL,
    _T.CI_RUNNER.value: RecoveryMode.RETRY_EXPONENTIAL,
}
"""How a retryable failure is tried again: the database's own row before the network's (C-14)."""

SUGGESTIONS: dict[RecoveryMode, str] = {
    RecoveryMode.RETRY_EXPONENTIAL: "Run it again, waiting longer each time.",
    RecoveryMode.RETRY_LIMITED: "Run it again, a few times at most.",
    RecoveryMode.FIX_CODE: "Fix the code that the traceback points at.",
    RecoveryMode.FIX_TEST: "Fix the test, and have somebody verify that it still proves its point.",
    RecoveryMode.FIX_ENVIRONMENT: "Repair the machine or container that the build runs on.",
    RecoveryMode.FIX_CONFIGURATION: "Correct the configuration or the command line.",
    RecoveryMode.INSTALL_DEPENDENCY: "Install the dependency, and declare it.",
    RecoveryMode.ROTATE_CREDENTIALS: "Renew the credentials that the build uses.",
    RecoveryMode.ROLLBACK: "Go back to the last good version.",
    RecoveryMode.ESCALATE: "Tell the owner now.",
    RecoveryMode.INVESTIGATE: "Find out what happened: nothing that was seen names the cause.",
    RecoveryMode.NONE: "Nothing has to be done.",
}
"""What is said when the catalog entry has no sentence of its own."""


def is_retryable(is_retryable_by_entry: bool, failure_type: str, *, is_assertion: bool) -> bool:
    """Return whether another attempt could be allowed.

    Args:
        is_retryable_by_entry: What the catalog entry says.
        failure_type: Failure type, after markers and phase have had their say.
        is_assertion: The failure is a failing assertion.
    """
    return is_retryable_by_entry and not is_assertion and failure_type not in NEVER_RETRIED


def recovery_of(mode: str, failure_type: str, *, retryable: bool) -> RecoveryMode:
    """Return the recovery mode that fits the retry decision.

    A retryable failure is retried the way of its failure type; one that may not be retried is
    never told to be.
    """
    chosen = RecoveryMode(mode)
    retries = (RecoveryMode.RETRY_EXPONENTIAL, RecoveryMode.RETRY_LIMITED)
    if retryable:
        return RETRY_MODES.get(failure_type, chosen) if chosen in retries else chosen
    return RecoveryMode.INVESTIGATE if chosen in retries else chosen


def suggestion_of(mode: RecoveryMode, suggestion: str = "") -> str:
    """Return the sentence that says what to do next: the entry's own, else the mode's."""
    return suggestion or SUGGESTIONS[mode]
