"""Whether a compiler complained after a network had failed; assessment.py asks.

A script may go on without what it could not fetch. What it fails of at last is then no matter of
the network alone: it is not excused, and trying again may not help.
"""

from __future__ import annotations

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.shown import brief
from pytest_failtrack.classify.taxonomy import FailureType, RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import because
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.log_line import cleaned
from pytest_failtrack.observe.observation import Observation

SUGGESTION = "Mend what the compiler says first; then see whether the network still matters."

_OUTSIDE = frozenset(
    one.value
    for one in (
        Subcategory.INFRA_NETWORK,
        Subcategory.OTHER_EXTERNAL,
        Subcategory.OTHER_TRANSIENT,
    )
)
_COMPLAINT = lazily(
    r"[^\s:]{1,300}:\d{1,7}(?::\d{1,5})?: (?:fatal )?error\b"
    r"|[^\s:]{1,300}\.go:\d{1,7}:\d{1,5}: "
    r"|[^\s(]{1,300}\(\d{1,7},\d{1,5}\): error "
    r"|[^\s:]{1,300}:\d{1,7}:\d{1,5} - error TS\d"
    r"|error\[E\d{4}\]: "
)


def weighed_by_compiler(classification: Classification, observation: Observation) -> Classification:
    """Return a classification that a compiler's complaint below the first error keeps in the build.

    Args:
        classification: What the catalog says of the first error.
        observation: The failure.
    """
    says = observation.when == "command" and observation.text
    if not says or classification.subcategory not in _OUTSIDE:
        return classification
    _, found, below = observation.captured.get("output", "").partition(observation.text)
    lines = (cleaned(line)[0] for line in below.split("\n")) if found else ()
    complaint = next((line for line in lines if _COMPLAINT.match(line)), "")
    if not complaint:
        return classification
    return replaced(
        because(classification, f"Below it a compiler complains: `{brief(complaint)}`."),
        failure_type=FailureType.BUILD_ERROR.value,
        is_retryable=False,
        recovery_mode=RecoveryMode.FIX_CODE.value,
        recovery_suggestion=SUGGESTION,
    )
