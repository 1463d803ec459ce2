"""Whether a file that is missing belongs to the package that looks for it; assessment.py asks.

A template beside the code that reads it is part of the project, and its absence no fault of the
machine that runs the tests.
"""

from __future__ import annotations

import posixpath

from pytest_failtrack.classify.changes import OPEN_UP_TO, because, missing_path
from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.recovery import suggestion_of
from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.observation import Observation

OF_PACKAGE = 0.5
"""How sure it is that the project lacks a file when its package looks for it in its own folder."""
SUGGESTION = "Is the file part of the commit and of the package, and is its name spelled the same?"


def weighed_by_package(classification: Classification, observation: Observation) -> Classification:
    """Return a classification that says that a file of the package is missing, if it is one.

    Args:
        classification: What the catalog says.
        observation: The failure.
    """
    path = missing_path(observation)
    if not path or not 0 < classification.confidence <= OPEN_UP_TO:
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
    mode = RecoveryMode.FIX_CODE
    return replaced(
        because(classification, reason),
        category=Category.ARCHITECTURE.value,
        subcategory=Subcategory.ARCHITECTURE_INCOMPLETE.value,
        failure_type="test_failure",
        confidence=OF_PACKAGE,
        is_retryable=False,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode, SUGGESTION),
        best_guess="",
    )
