"""What a report says of the run as a whole, and shows of no test, as a failure; readers ask."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.observe.maker import Maker
from pytest_failtrack.observe.observation import Observation

NO_TESTS_COLLECTED = 5
FINE = frozenset({0, NO_TESTS_COLLECTED})
"""Exit statuses of pytest that are no failure: all passed, nothing was collected."""
FAILED, INTERNAL_ERROR = 1, 3
_MEANINGS = {
    FAILED: "tests failed",
    2: "interrupted",
    INTERNAL_ERROR: "internal error",
    4: "called in a wrong way",
}


def ended_failure(
    status: object, found: Sequence[Observation], maker: Maker, source: str, at: str = ""
) -> Observation | None:
    """Return the failure of a run that ended badly, None where the failures shown explain the end.

    Args:
        status: Exit status of pytest as the report tells it.
        found: The failures that the report shows.
        maker: Makes the observation.
        source: Kind of the report.
        at: When the run ended, ISO 8601; `` for now.
    """
    if not isinstance(status, int) or isinstance(status, bool) or status in FINE:
        return None
    is_shown = any(one.outcome not in ("flaky", "rerun") for one in found)
    if is_shown and status != INTERNAL_ERROR:
        return None
    meaning = f" ({_MEANINGS[status]})" if status in _MEANINGS else ""
    shown = "" if is_shown else ", and no failure is shown"
    text = f"the report says that pytest ended with exit status {status}{meaning}{shown}"
    return _failure(text, "pytest", maker, source, at, status)


def counted_failure(
    counted: int, name: str, maker: Maker, source: str, at: str = ""
) -> Observation:
    """Return the failure of a report that counts failures and shows none.

    Args:
        counted: How many it counts.
        name: What it counts them of.
        maker: Makes the observation.
        source: Kind of the report.
        at: When the run ended, ISO 8601; `` for now.
    """
    return _failure(counted_text(counted), name, maker, source, at)


def counted_text(counted: int) -> str:
    """Return the sentence on a report that counts failures and shows none."""
    return f"the report counts {counted} failure{'s' * (counted != 1)} and shows none"


def _failure(
    text: str, name: str, maker: Maker, source: str, at: str, status: int | None = None
) -> Observation:
    has_tests = status in (None, FAILED)
    return maker.failure(
        source=source,
        when="call" if has_tests else "session",
        nodeid=name,
        outcome="failed" if has_tests else "error",
        text=text,
        timestamp=at,
        exit_status=status,
    )
