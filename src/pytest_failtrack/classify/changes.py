"""What the commits under test changed, and what that says about a failing test; assessment.py asks.

A message seldom tells whether the code or the test is wrong. That one of them was changed and the
other was not does (C-31): it makes us surer, points at the test, or leaves both alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from functools import cached_property

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.missing import missing_path
from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import (
    OF_CODE,
    because,
    is_open,
    is_unsure,
    moved_to,
    surer,
)
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.observation import Observation

CODE_TOUCHED = 0.3
"""Surer by this when the change touches the file that it failed in, and not the test."""
CODE_NEAR = 0.1
"""Surer by this when the change touches other code, and not the test."""
NOTHING_TOUCHED = -0.15
"""Less sure by this when the change touches neither code nor tests."""
ONLY_TEST = 0.6
"""How sure it is that the test is wrong when it was changed and no code was."""
ONLY_SUPPORT = 0.55
"""How sure it is when only what tests share was changed: their data, a helper, a conftest.py."""
FILE_GONE = 0.6
"""How sure it is that a file is missing because the change moved or removed it."""
ONLY_CODE = 0.4
"""How sure it is that the code is wrong when it was changed, and only the place blames the test."""
BY_PLACE = frozenset({"exception-in-test", "fixture-data-refused"})
"""Entries that blame a test or fixture for nothing but the place in which it failed."""

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

PROSE = frozenset({".md", ".rst", ".adoc", ".log"})
"""Endings of files that nobody reads while a test runs."""
TEST_FOLDERS = frozenset({"test", "tests", "testing", "testdata", "fixtures"})


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

    @property
    def named_code(self) -> str:
        """The files of code or configuration in words: `src/a.py and 3 more files`, ``."""
        files = sorted(one for one in self.files if is_code(one) and not is_test_file(one))
        if len(files) < 2:
            return "".join(files)
        more = f"{len(files) - 1:,} more files" if len(files) > 2 else files[1]
        return f"{files[0]} and {more}"

    @property
    def is_code_alone(self) -> bool:
        """Whether code was changed, and nothing that belongs to the tests."""
        return self.is_known and self.has_code and not self.has_tests

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
    missing = missing_path(observation)
    is_movable = is_open(classification, observation)
    if not is_movable and not (missing and is_unsure(classification)):
        return classification
    changes = look_up()
    if not changes.is_known:
        return classification
    gone = next((one for one in sorted(changes.files) if _is_path(missing, one)), "")
    if gone:
        return _blames_missing(classification, gone)
    if not is_movable:
        return classification
    test = observation.nodeid.partition("::")[0]
    frames = [one for raised in observation.exceptions for one in raised.frames]
    tests = {test, *(one.file for one in frames if one.is_test)}
    code = [one.file for one in frames if one.is_project and not one.is_test]
    touched = next((one for one in reversed(code) if one in changes.files), "")
    beside = "" if touched else _beside(code, changes.files)
    is_test_touched = not tests.isdisjoint(changes.files)
    is_code_touched = changes.has_code or bool(beside)
    if is_test_touched and not is_code_touched:
        reason = f"The change under test touches {test} or a helper of it, and no code."
        return _blames_test(classification, reason, ONLY_TEST)
    if is_test_touched:
        return because(classification, "The change under test touches this test and code as well.")
    support = "" if is_code_touched else _support(test, changes.files)
    if support:
        reason = f"The change under test touches {support}, which tests share, and no code."
        return _blames_test(classification, reason, ONLY_SUPPORT)
    if is_code_touched and not changes.has_tests and classification.catalog_entry_id in BY_PLACE:
        return _blames_code(classification, changes.named_code)
    if beside and classification.subcategory in OF_CODE:
        reason = f"The change under test touches {beside}, beside the code that it failed in."
        return surer(classification, CODE_NEAR, reason)
    if touched and classification.subcategory in OF_CODE:
        reason = f"The change under test touches {touched}, which it failed in, and not the test."
        return surer(classification, CODE_TOUCHED, reason)
    if changes.has_code and classification.subcategory in OF_CODE:
        reason = f"The change under test touches {changes.named_code}, and not the test."
        return surer(classification, CODE_NEAR, reason)
    if changes.is_whole and not is_code_touched and not changes.has_tests:
        return surer(
            classification,
            NOTHING_TOUCHED,
            "The change under test touches neither code nor tests: this may be flaky, older, or"
            " from the surroundings.",
        )
    return classification


def _is_path(path: str, file: str) -> bool:
    """Whether a path, absolute or not, is that of a file of the project."""
    return path == file or path.endswith(f"/{file}")


def _beside(code: Sequence[str], files: frozenset[str]) -> str:
    """Return a changed file that lies in the folder of code that failed: data of its package."""
    folders = [posixpath.dirname(one) for one in code]
    near = (
        one
        for one in sorted(files)
        if not is_code(one) and not is_test_file(one)
        if not _is_beside_the_point(one)
        if any(folder and one.startswith(f"{folder}/") for folder in folders)
    )
    return next(near, "")


def _support(test: str, files: frozenset[str]) -> str:
    """Return a changed file that a test may share with others: no test module, in its tree."""
    top = test.partition("/")[0]
    near = (
        one
        for one in sorted(files)
        if is_test_file(one) and one.startswith(f"{top}/")
        if not _is_beside_the_point(one)
        if not _is_test_module(one) and _is_over(one, test)
    )
    return next(near, "")


def _is_beside_the_point(path: str) -> bool:
    """Whether nobody reads a file while a test runs: prose, and what tools leave behind."""
    is_left = any(one == "__pycache__" or one.startswith(".") for one in path.split("/"))
    return is_left or posixpath.splitext(path)[1].lower() in PROSE


def _is_over(file: str, test: str) -> bool:
    """Whether a conftest.py counts for a test; any other file does."""
    folder, name = posixpath.split(file)
    return name != "conftest.py" or not folder or test.startswith(f"{folder}/")


def _is_test_module(path: str) -> bool:
    stem, ending = posixpath.splitext(posixpath.basename(path))
    return ending == ".py" and (stem.startswith("test_") or stem.endswith("_test"))


def _blames_test(classification: Classification, reason: str, confidence: float) -> Classification:
    """Return that the test is the first suspect: it was changed, and no code was."""
    if classification.category == Category.QA.value:
        return surer(classification, CODE_TOUCHED, reason)
    kind = Subcategory.QA_ASSERTION_INCORRECT
    return _turned(classification, kind, RecoveryMode.FIX_TEST, confidence, reason)


def _blames_code(classification: Classification, code: str) -> Classification:
    """Return that the code is the first suspect: it was changed, and no test was."""
    reason = f"The change under test touches {code or 'code'}, and no test."
    kind = Subcategory.ARCHITECTURE_DRIFT
    return _turned(classification, kind, RecoveryMode.FIX_CODE, ONLY_CODE, reason)


def _blames_missing(classification: Classification, file: str) -> Classification:
    """Return that a file is missing because of the change, which names it."""
    reason = f"The change under test touches {file}, which is not there now."
    if is_test_file(file):
        return _blames_test(classification, reason, FILE_GONE)
    kind = Subcategory.ARCHITECTURE_INCOMPLETE
    return _turned(classification, kind, RecoveryMode.FIX_CODE, FILE_GONE, reason)


def _turned(
    classification: Classification,
    kind: Subcategory,
    mode: RecoveryMode,
    confidence: float,
    reason: str,
) -> Classification:
    """Return a classification of another kind, because the change says so."""
    is_infra = classification.category == Category.INFRA.value
    kept = "test_failure" if is_infra else classification.failure_type
    moved = moved_to(kind, classification, mode, confidence, reason)
    return replaced(moved, failure_type=kept, is_retryable=False)
