"""Whether code failed on a value that it read from the environment; assessment.py asks.

The message says that a text is no number. Only the line that was being run says that a variable of
the environment held it, which no commit can mend.
"""

from __future__ import annotations

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.shown import brief, source_of
from pytest_failtrack.classify.taxonomy import RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import is_open, moved_to
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Frame, Observation

OF_ENVIRONMENT = 0.5
"""How sure it is that the environment is wrong when a value of it cannot be read."""
SUGGESTION = "Correct the variable where the build sets it, or have the code say what it takes."

_READS = lazily(r"\b(?:os\.)?(?:environ\b|getenv\()")
_GIVEN = lazily(r"\b(?:setenv|setitem|patch\.dict)\(|\benviron\[[^\]]{1,80}\] =")


def weighed_by_environment(
    classification: Classification, observation: Observation
) -> Classification:
    """Return a classification that blames the environment where a value of it was unreadable.

    A test that sets the variable itself is left alone.

    Args:
        classification: What the catalog says.
        observation: The failure.
    """
    if not observation.exceptions or not is_open(classification, observation):
        return classification
    raised = observation.exceptions[0]
    if raised.type != "ValueError":
        return classification
    own = [one for one in raised.frames if one.is_project or one.is_test]
    if not own or own[-1].is_test or own[-1].line < 1:
        return classification
    statement, _ = source_of(observation.text, own[-1])
    if not _READS.search(statement) or _is_given(observation, raised.frames):
        return classification
    place = f"{own[-1].file}:{own[-1].line}"
    reason = f"It was reading a variable of the environment: `{brief(statement)}` ({place})."
    kind, mode = Subcategory.INFRA_ENVIRONMENT, RecoveryMode.FIX_ENVIRONMENT
    moved = moved_to(kind, classification, mode, OF_ENVIRONMENT, reason, SUGGESTION)
    return replaced(moved, failure_type="infrastructure")


def _is_given(observation: Observation, frames: tuple[Frame, ...]) -> bool:
    """Whether the test sets the variable, or hands over an environment of its own."""
    tests = [source_of(observation.text, one)[0] for one in frames if one.is_test]
    return _GIVEN.search(observation.text) is not None or any("{" in one for one in tests)
