"""Whether a file that is missing belongs to the package that looks for it; assessment.py asks.

A template beside the code that reads it is part of the project, and its absence no fault of the
machine that runs the tests.
"""

from __future__ import annotations

import posixpath

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.taxonomy import RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import is_failed_test, is_unsure, moved_to
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation

OF_PACKAGE = 0.5
"""How sure it is that the project lacks a file when its package looks for it in its own folder."""
SUGGESTION = "Is the file part of the commit and of the package, and is its name spelled the same?"

_NOT_FOUND = lazily(r"No such file or directory: ['\"]([^'\"]{1,400})['\"]")


def weighed_by_package(classification: Classification, observation: Observation) -> Classification:
    """Return a classification that says that a file of the package is missing, if it is one.

    Args:
        classification: What the catalog says.
        observation: The failure.
    """
    path = missing_path(observation)
    if not path or not is_unsure(classification):
        return classification
    own = [one for one in observation.exceptions[0].frames if one.is_project or one.is_test]
    if not own or own[-1].is_test:
        return classification
    folder = posixpath.dirname(own[-1].file)
    if not folder or f"/{folder}/" not in f"/{path}":
        return classification
    reason = (
        f"{posixpath.basename(path)} was looked for in {folder}, beside the code that reads it."
    )
    kind, mode = Subcategory.ARCHITECTURE_INCOMPLETE, RecoveryMode.FIX_CODE
    moved = moved_to(kind, classification, mode, OF_PACKAGE, reason, SUGGESTION)
    return replaced(moved, failure_type="test_failure", is_retryable=False)


def missing_path(observation: Observation) -> str:
    """Return the path that a failing test did not find, with `/`; `` for any other failure."""
    if not is_failed_test(observation) or not observation.exceptions:
        return ""
    raised = observation.exceptions[0]
    found = _NOT_FOUND.search(raised.message) if raised.type == "FileNotFoundError" else None
    return found[1].replace("\\\\", "/").replace("\\", "/") if found else ""
