"""Whether a command complained of the project after a network had failed; assessment.py asks.

A script may go on without what it could not fetch. What it fails of at last is then no matter of
the network alone: it is not excused, and trying again may not help.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.shown import brief
from pytest_failtrack.classify.taxonomy import Category, FailureType, RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import because
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.logs.error_lines import rank_of
from pytest_failtrack.observe.logs.line import cleaned
from pytest_failtrack.observe.logs.tools import complaint_of
from pytest_failtrack.observe.observation import Observation

SUGGESTION = "Mend what is said there first; then see whether the network still matters."
LINES_MAX = 400

_OUTSIDE = frozenset(
    one.value
    for one in (
        Subcategory.INFRA_NETWORK,
        Subcategory.OTHER_EXTERNAL,
        Subcategory.OTHER_TRANSIENT,
    )
)
_NOT_OURS = (Category.INFRA.value, Category.UNKNOWN.value)
# What Python itself says of a project's code.
_MISTAKE = lazily(
    r"(?:Key|Type|Attribute|Name|Index|ZeroDivision|Assertion|UnboundLocal|Syntax|Indentation)"
    r"Error(?::|$)"
)
# What a program ends with, in Python's words or in those of scripts.
_RAISED = lazily(
    r"(?:[\w.]{1,200}\.)?(?!Called|Connection|Timeout|Retry|Max)[A-Z]\w{0,100}(?:Error|Exception):"
    r"|(?:Uncaught )?Error: "
)
# A line that says of a failure that something is tried once more.
_AGAIN = lazily(
    r"\b(?:re-?trying|will retry|trying again|attempt \d{1,4} ?(?:/|of) ?\d{1,4})\b", re.IGNORECASE
)


def weighed_by_complaint(
    classification: Classification,
    observation: Observation,
    again: Callable[[Observation], Classification],
) -> Classification:
    """Return a classification that a complaint below the first error keeps in the build.

    Args:
        classification: What the catalog says of the first error.
        observation: The failure.
        again: Classifies another failure.
    """
    says = observation.when == "command" and observation.text
    if not says or classification.subcategory not in _OUTSIDE:
        return classification
    complaint = _complaint(observation, again)
    if not complaint:
        return classification
    return replaced(
        because(classification, f"Something else is wrong besides: `{brief(complaint)}`."),
        failure_type=FailureType.BUILD_ERROR.value,
        is_retryable=False,
        recovery_mode=RecoveryMode.FIX_CODE.value,
        recovery_suggestion=SUGGESTION,
    )


def _complaint(observation: Observation, again: Callable[[Observation], Classification]) -> str:
    """Return the error line, or one below it, that speaks of the project, `` when none does."""
    first = observation.text.partition("\n")[0]
    if _is_of_code(observation, first, again) or _is_of_program(observation, first, again):
        return first
    output = observation.captured.get("output", "")
    _, found, below = output.partition(observation.text)
    # Of a long output the end alone is kept, and all of that came after the error.
    lines = [cleaned(one)[0] for one in (below if found else output).split("\n")[-LINES_MAX:]]
    said = complaint_of("\n".join(lines))
    if said and again(_alone(observation, said)).subcategory not in _OUTSIDE:
        return said
    for line in dict.fromkeys(one.strip() for one in lines):
        if _is_of_code(observation, line, again):
            return line
        if rank_of(line) > 1 and _is_ours(again(_alone(observation, line))):
            return line
    return ""


def _is_of_code(
    observation: Observation, line: str, again: Callable[[Observation], Classification]
) -> bool:
    """Return whether a tool says a line of the project's code, not of what it fetches for it."""
    if not complaint_of(line) and _MISTAKE.match(line) is None:
        return False
    return again(_alone(observation, line)).subcategory not in _OUTSIDE


def _is_of_program(
    observation: Observation, line: str, again: Callable[[Observation], Classification]
) -> bool:
    """Return whether a program of the project ended with an error of its own.

    A network that was tried again may have answered. Only what installs packages is known to tell
    of it in those lines alone.
    """
    if _RAISED.match(line) is None or again(_alone(observation, line)).subcategory in _OUTSIDE:
        return False
    said = {name: _without_retries(text) for name, text in observation.captured.items()}
    return again(replaced(observation, captured=said)).subcategory not in _OUTSIDE


def _without_retries(text: str) -> str:
    return "\n".join(one for one in text.split("\n") if not _AGAIN.search(one))


def _alone(observation: Observation, line: str) -> Observation:
    return replaced(observation, text=line, captured={}, exceptions=(), file="", line=None)


def _is_ours(classification: Classification) -> bool:
    return classification.match_type == "regex" and classification.category not in _NOT_OURS
