"""Retry: whether a failure may be tried again without a change; nothing is re-run here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.matrix import Matrix, Retry

# S1-88, S1-89: what only somebody outside of the failed run can know.
OTHER_JOBS_OK = "other_jobs_succeeding"
INFRA_NORMAL = "infrastructure_metrics_normal"
# S1-86: the conditions that a failure fulfils by its kind. What the catalog calls retryable
# without being the network or another system is what the job stands on: its container or machine.
CONDITIONS_BY_KIND = {
    "INFRA_NETWORK": "network_connectivity",
    "OTHER_EXTERNAL": "external_api_timeout",
    "OTHER_TRANSIENT": "external_api_timeout",
    "INFRA_ENVIRONMENT": "container_startup",
    "INFRA_DEPENDENCY": "container_startup",
    "INFRA_RESOURCE": "container_startup",
    "INFRA_TOOLING": "container_startup",
}
NOT_FAILED = ("debt", "expired", "flaky")
BACKOFF = {
    "linear": lambda number: number,
    "exponential": lambda number: 2 ** (number - 1),
}
DOUBLINGS_MAX = 60
HEADLINE_MAX_CHARS = 100


@frozen
class RetryPolicy:
    """What the matrix says about trying again.

    Args:
        is_allowed: Another attempt may be made, if the conditions hold.
        max_attempts: Attempts after the first one, at most; 0 when none is allowed.
        backoff: ``, `fixed`, `linear` or `exponential`.
        conditions: What must hold; for `automatic` one of them, for `conditional` all.
        words: The same for people, such as `3 attempts, exponential`; `` when none is allowed.
    """

    is_allowed: bool
    max_attempts: int = 0
    backoff: str = ""
    conditions: tuple[str, ...] = ()
    words: str = ""


@frozen
class Failed:
    """One failure, as far as its retry asks.

    Args:
        cause_id: The cause that it belongs to.
        headline: One line for people.
        subcategory: Subcategory.
        failure_type: Failure type.
        is_retryable: The classification allows it: no assertion, and an entry that says so.
    """

    cause_id: str
    headline: str
    subcategory: str
    failure_type: str
    is_retryable: bool


@frozen
class RetryDecision:
    """Whether what failed in one attempt may be tried again.

    Args:
        is_allowed: Every failure of the attempt may be.
        max_attempts: Attempts after the first one: the smallest number that a policy allows.
        backoffs: How each policy wants the pause to grow.
        reason: Why, in words: what failed, or what forbids another attempt.
    """

    is_allowed: bool
    max_attempts: int = 0
    backoffs: tuple[str, ...] = ()
    reason: str = ""

    def pause_seconds(self, number: int, base: float, longest: float) -> float:
        """Return how long to wait before a retry; of several policies the longest pause rules.

        Args:
            number: Which retry it is, from 1.
            base: Pause before the first retry.
            longest: No pause is longer.
        """
        number = min(number, DOUBLINGS_MAX)
        factors = [BACKOFF[one](number) for one in self.backoffs if one in BACKOFF]
        return float(min(base * max(factors, default=1), longest))


def failed_of(record: Mapping[str, Any]) -> Failed | None:
    """Return what a record tells of a failure, None for debt and for tests that passed later."""
    kind, test = record["classification"], record["test"]
    if test["outcome"] in NOT_FAILED:
        return None
    description = record["failure_description"]
    return Failed(
        cause_id=test["cause_id"],
        headline=description["error_message"] or description["summary"],
        subcategory=record["subcategory"],
        failure_type=kind["failure_type"],
        is_retryable=kind["is_retryable"] and test["outcome"] != "interrupted",
    )


def decide_retry(
    failures: Iterable[Failed], matrix: Matrix, conditions: Collection[str] = ()
) -> RetryDecision:
    """Return whether an attempt may be repeated: only when every one of its failures may.

    Args:
        failures: All failures of the attempt; without any nothing is known, and nothing repeated.
        matrix: The matrix.
        conditions: Conditions that are known to hold besides those that a kind fulfils itself.

    Source: S1-86..89, C-14.
    """
    causes = {(one.cause_id, _against(one, matrix, conditions)): one for one in failures}
    if not causes:
        return RetryDecision(is_allowed=False, reason="nothing says what failed")
    refused = [(why, one) for (_, why), one in causes.items() if why]
    if refused:
        first = refused[0][0]
        alike = [one for why, one in refused if why == first]
        number = f"{len(alike)} cause is" if len(alike) == 1 else f"{len(alike)} causes are"
        return RetryDecision(is_allowed=False, reason=f"{number} {first} ({_brief(alike[0])})")
    policies = [retry_policy(one.failure_type, matrix) for one in causes.values()]
    return RetryDecision(
        is_allowed=True,
        max_attempts=min(one.max_attempts for one in policies),
        backoffs=tuple(dict.fromkeys(one.backoff for one in policies)),
        reason=_reason(list(causes.values())),
    )


def _against(one: Failed, matrix: Matrix, conditions: Collection[str]) -> str:
    """Return what forbids to try a failure again, as the end of "1 cause is ...", `` if nothing."""
    kind = one.failure_type
    policy = retry_policy(kind, matrix)
    if not policy.is_allowed:
        return f"{kind}, which is never retried"
    if not one.is_retryable:
        return f"{kind} of a kind that another attempt cannot help: {one.subcategory}"
    held = {*conditions, CONDITIONS_BY_KIND.get(one.subcategory, "")}
    wanted = policy.conditions
    is_met = any if matrix.policy(kind).retry.kind == "automatic" else all
    if wanted and not is_met(word in held for word in wanted):
        missing = " or ".join(word for word in wanted if word not in held)
        return f"{kind}, retried only on the condition {missing}"
    return ""


def _brief(one: Failed) -> str:
    text = " ".join(one.headline.split())
    return text if len(text) <= HEADLINE_MAX_CHARS else f"{text[: HEADLINE_MAX_CHARS - 3]}..."


def _reason(causes: Sequence[Failed]) -> str:
    first = causes[0]
    text = f"{_brief(first)} is {first.failure_type} ({first.subcategory})"
    more = len({one.cause_id for one in causes}) - 1
    return text if more <= 0 else f"{text}, and {more} more"


def may_retry(failures: Iterable[tuple[bool, str]], matrix: Matrix) -> bool:
    """Return whether a cause may be tried again: only when every one of its failures may.

    Args:
        failures: Of each, whether its class allows another attempt, and its failure type.
        matrix: The matrix, which has its own say.
    """
    return all(
        is_retryable and retry_policy(failure_type, matrix).is_allowed
        for is_retryable, failure_type in frozenset(failures)
    )


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
