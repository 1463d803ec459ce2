"""Retry: whether a failure may be tried again without a change; nothing is re-run here."""

from __future__ import annotations

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.matrix import Matrix, Retry


@frozen
class RetryPolicy:
    """What the matrix says about trying again.

    Args:
        is_allowed: Another attempt may be made, if the conditions hold.
        max_attempts: Attempts at most; 0 when none is allowed.
        backoff: ``, `fixed`, `linear` or `exponential`.
        conditions: What must hold; for `automatic` one of them, for `conditional` all.
        words: The same for people, such as `3 attempts, exponential`; `` when none is allowed.
    """

    is_allowed: bool
    max_attempts: int = 0
    backoff: str = ""
    conditions: tuple[str, ...] = ()
    words: str = ""


def retry_policy(failure_type: str, matrix: Matrix) -> RetryPolicy:
    """Return the retry policy of a failure type.

    Retry is decided after classification, so the more specific type has ruled already: a lost
    database is `database_connectivity` and not `infrastructure` (C-14).

    Source: S1-86..89.
    """
    retry = matrix.policy(failure_type).retry
    if retry.kind == "never":
        return RetryPolicy(is_allowed=False)
    return RetryPolicy(
        is_allowed=True,
        max_attempts=retry.max_attempts,
        backoff=retry.backoff,
        conditions=retry.conditions,
        words=_in_words(retry),
    )


def _in_words(retry: Retry) -> str:
    attempts = "1 attempt" if retry.max_attempts == 1 else f"{retry.max_attempts} attempts"
    text = f"{attempts}, {retry.backoff}" if retry.backoff else attempts
    if retry.kind == "conditional" and retry.conditions:
        text += " if " + " and ".join(word.replace("_", " ") for word in retry.conditions)
    return text
