"""What the commits under test changed, and what that says about a failing test; assessment.py asks.

A message seldom tells whether the code or the test is wrong. That one of them was changed and the
other was not does (C-31): it makes us surer, points at the test, or leaves both alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cached_property

from pytest_failtrack.classify.classify import CONFIDENCE_THRESHOLD, Classification
from pytest_failtrack.classify.recovery import suggestion_of
from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory, category_of
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.observation import Observation

OPEN_UP_TO = 0.75
"""What is surer than this is known by its message, and no change of files turns it elsewhere."""

CODE_TOUCHED = 0.3
"""Surer by this when the change touches the file that it failed in, and not the test."""
CODE_NEAR = 0.1
"""Surer by this when the change touches other code, and not the test."""
NOTHING_TOUCHED = -0.15
"""Less sure by this when the change touches neither code nor tests."""
ONLY_TEST = 0.6
"""How sure it is that the test is wrong when it was changed and no code was."""

FILES_MAX = 1_000
"""A range of more files than this says nothing: a first commit, a shallow clone, a big move."""

CODE = frozenset(
    {
        *(".py", ".pyi", ".pyx", ".c", ".cc", ".cpp", ".h", ".hpp", ".rs", ".go", ".java", ".kt"),
        *(".js", ".jsx", ".ts", ".tsx", ".sql", ".proto", ".graphql", ".toml", ".cfg", ".ini"),
        *(".yaml", ".yml", ".html", ".jinja", ".j2", ".lock"),
    }
)
"""Endings of files that a program is made of or configured by."""

TEST_FOLDERS = frozenset({"test", "tests", "testing", "testdata", "fixtures"})
TEST_SOURCES = frozenset({"pytest", "junit", "go-test"})
TEST_TYPES = frozenset(
    {"test_failure", "integration_test_failure", "database_test_failure", "build_error"}
)

_OF_CODE = frozenset(
    one.value
    for one in Subcategory
    if category_of(one) in (Category.ARCHITECTURE, Category.INTEGRATION)
)


@frozen
class Changes:
    """The files that differ from what was good before.

    Args:
        files: Paths relative to the root, with `/`; none when git cannot say.
        is_whole: They are all that differs; False when the failure may be older than they are.
    """

    files: frozenset[str] = frozenset()
    is_whole: bool = False

    @property
    def is_known(self) -> bool:
        """Whether they can tell anything."""
        return 0 < len(self.files) <= FILES_MAX

    @cached_property
    def has_code(self) -> bool:
        """Whether a file is code of the product, or configures it."""
        return any(is_code(one) and not is_test_file(one) for one in self.files)

    @cached_property
    def has_tests(self) -> bool:
        """Whether a file belongs to the tests: their code or their data."""
        return any(is_test_file(one) for one in self.files)


def is_code(path: str) -> bool:
    """Whether a program is made of a file, or configured by it."""
    return posixpath.splitext(path)[1].lower() in CODE or posixpath.basename(path) == "Makefile"


def is_test_file(path: str) -> bool:
    """Whether a file belongs to the tests, by its name and folders."""
    *folders, name = path.split("/")
    stem = name.partition(".")[0]
    return (
        stem == "conftest"
        or stem.startswith("test_")
        or stem.endswith("_test")
        or not TEST_FOLDERS.isdisjoint(folders)
    )


def weighed(
    classification: Classification, observation: Observation, look_up: Callable[[], Changes]
) -> Classification:
    """Return a classification after the change under test had its say.

    Args:
        classification: What the catalog says.
        observation: The failure.
        look_up: Returns the changes; called only for a failure that they can tell about.
    """
    if not is_open(classification, observation):
        return classification
    changes = look_up()
    if not changes.is_known:
        return classification
    test = observation.nodeid.partition("::")[0]
    frames = [one for raised in observation.exceptions for one in raised.frames]
    tests = {test, *(one.file for one in frames if one.is_test)}
    code = [one.file for one in frames if one.is_project and not one.is_test]
    touched = next((one for one in reversed(code) if one in changes.files), "")
    is_test_touched = not tests.isdisjoint(changes.files)
    if is_test_touched and not changes.has_code:
        return _blames_test(classification, test)
    if is_test_touched:
        return because(classification, "The change under test touches this test and code as well.")
    if touched and classification.subcategory in _OF_CODE:
        reason = f"The change under test touches {touched}, which it failed in, and not the test."
        return surer(classification, CODE_TOUCHED, reason)
    if changes.has_code and classification.subcategory in _OF_CODE:
        reason = "The change under test touches code, and not the test."
        return surer(classification, CODE_NEAR, reason)
    if changes.is_whole and not changes.has_code and not changes.has_tests:
        return surer(
            classification,
            NOTHING_TOUCHED,
            "The change under test touches neither code nor tests: this may be flaky, older, or"
            " from the surroundings.",
        )
    return classification


def is_open(classification: Classification, observation: Observation) -> bool:
    """Whether evidence beyond the message may move the classification of a failing test."""
    return (
        observation.source in TEST_SOURCES
        and observation.outcome in ("failed", "error")
        and bool(observation.nodeid)
        and classification.failure_type in TEST_TYPES
        and 0 < classification.confidence <= OPEN_UP_TO
        and (classification.subcategory in _OF_CODE or classification.category == "QA")
    )


def _blames_test(classification: Classification, test: str) -> Classification:
    """Return that the test is the first suspect: it was changed, and no code was."""
    reason = f"The change under test touches {test} or a helper of it, and no code."
    if classification.category == Category.QA.value:
        return surer(classification, CODE_TOUCHED, reason)
    mode = RecoveryMode.FIX_TEST
    return replaced(
        because(classification, reason),
        category=Category.QA.value,
        subcategory=Subcategory.QA_ASSERTION_INCORRECT.value,
        confidence=ONLY_TEST,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode),
        best_guess="",
    )


def surer(classification: Classification, more: float, reason: str) -> Classification:
    """Return a classification that is surer, or less sure; UNKNOWN under the threshold (C-20)."""
    confidence = round(min(max(classification.confidence + more, 0.0), 0.95), 2)
    changed = replaced(because(classification, reason), confidence=confidence)
    if confidence >= CONFIDENCE_THRESHOLD:
        return changed
    mode = RecoveryMode.INVESTIGATE
    unsure = (
        f"That is too unsure ({confidence:.2f} is under {CONFIDENCE_THRESHOLD}) to call it"
        f" {classification.subcategory}."
    )
    return replaced(
        because(changed, unsure),
        category=Category.UNKNOWN.value,
        subcategory=Subcategory.UNKNOWN_ROOT_CAUSE.value,
        best_guess=classification.subcategory,
        match_type="unknown",
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode),
    )


def because(classification: Classification, reason: str) -> Classification:
    """Return a classification with one more reason, after the first, which says what happened."""
    first, *others = classification.reasons or ("",)
    reasons = tuple(one for one in (first, reason, *others) if one)
    return replaced(classification, reasons=reasons, evidence=reason)
