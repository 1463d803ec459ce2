"""Whether the code raised another exception than the test was waiting for; assessment.py asks.

Inside of `with pytest.raises(SlotTaken)` a database that refuses a row, or a key that is missing,
is not data that went wrong: the check that should have come before it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.shown import brief, source_of
from pytest_failtrack.classify.taxonomy import RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import is_open, moved_to
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation

RAISED_OTHERWISE = 0.5
"""How sure it is that the code has changed its ways when it raises what was not expected."""
SUGGESTION = "Does the code still check its input first, and raise what the test expects?"

_RAISES = lazily(r"\b(?:raises|assertRaises(?:Regex)?)\(")
_DATA = (
    Subcategory.INTEGRATION_DATA_MISMATCH.value,
    Subcategory.INTEGRATION_STATE_MISMATCH.value,
)


def weighed_by_expectation(
    classification: Classification, observation: Observation
) -> Classification:
    """Return a classification that blames the code where the test expected another exception.

    Args:
        classification: What the catalog says.
        observation: The failure.
    """
    if not observation.exceptions or not is_open(classification, observation):
        return classification
    raised = observation.exceptions[0]
    if classification.subcategory not in _DATA or raised.type == "AssertionError":
        return classification
    frame = next((one for one in reversed(raised.frames) if one.is_test), None)
    if frame is None or frame.line < 1:
        return classification
    statement, above = source_of(observation.text, frame)
    expected = statement if _RAISES.search(statement) else _enclosing(above)
    if not expected:
        return classification
    name = raised.type.rpartition(".")[2]
    reason = f"The test expected another exception than {name}: `{brief(expected)}`."
    kind, mode = Subcategory.ARCHITECTURE_DRIFT, RecoveryMode.FIX_CODE
    return moved_to(kind, classification, mode, RAISED_OTHERWISE, reason, SUGGESTION)


def _enclosing(above: Sequence[str]) -> str:
    """Return the `with` that expects an exception of the line below, `` for none.

    The line itself is not among those above: what was written last decides how deep it may lie.
    """
    for line in reversed(above):
        if not line.strip():
            continue
        opens = line.strip().startswith("with ") and line.rstrip().endswith(":")
        return line.strip() if opens and _RAISES.search(line) else ""
    return ""
