"""What the fix of a failure tells about it: where only the test was changed, the test was wrong.

`doctor` asks it of records whose test has passed since (S0-15, S0-17).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pytest_failtrack.classify.changes import Changes
from pytest_failtrack.classify.taxonomy import Category, Subcategory
from pytest_failtrack.policy.git import NAMES, asked, but

TAG = "fixed-by-test"
OPEN = ("OPEN", "INVESTIGATING")
COMMIT_CHARS = 7
_KNOWN = frozenset(
    {
        Subcategory.QA_ASSERTION_INCORRECT.value,
        Subcategory.QA_FALSE_NEGATIVE.value,
        Subcategory.QA_FALSE_POSITIVE.value,
    }
)


def is_asked_about(record: Mapping[str, Any]) -> bool:
    """Return whether a fix could tell something new about a record: an open one of a test."""
    return (
        record["status"] in OPEN
        and record["subcategory"] not in _KNOWN
        and record["test"]["outcome"] in ("failed", "error")
        and "::" in record["test"]["nodeid"]
        and bool(record["environment"]["commit"])
        and TAG not in record["metadata"]["tags"]
    )


def fix_of(root: Path, failed: str, passed: str, own: Sequence[str] = ()) -> Changes:
    """Return what changed between the commit that failed and a later one that passed.

    Args:
        root: Folder that paths are relative to.
        failed: Commit that failed.
        passed: Commit that passed.
        own: Paths below the root that tracked runs write.

    Returns:
        No changes where git cannot say, or where one does not follow from the other.
    """
    if failed == passed or failed.startswith("-") or passed.startswith("-"):
        return Changes()
    if asked(root, "merge-base", "--is-ancestor", failed, passed) is None:
        return Changes()
    told = asked(root, "diff", *NAMES, failed, passed, "--", *but(own)) or ""
    return Changes(frozenset(one for one in told.split("\0") if one), is_whole=True)


def in_hindsight(record: Mapping[str, Any], fix: Changes) -> str:
    """Return the subcategory that a fix shows, `` when it shows nothing.

    A test that asserted the wrong thing is QA_ASSERTION_INCORRECT; one that could not do its
    work, and failed although it should have passed, is QA_FALSE_NEGATIVE.

    Args:
        record: The whole record.
        fix: What changed until it passed.
    """
    file = str(record["test"]["nodeid"]).partition("::")[0]
    if not fix.is_known or fix.has_code or not _touches(fix, file):
        return ""
    message = record["failure_description"]["error_message"] or ""
    has_asserted = record["test"]["when"] == "call" and message.startswith("AssertionError")
    kind = Subcategory.QA_ASSERTION_INCORRECT if has_asserted else Subcategory.QA_FALSE_NEGATIVE
    return kind.value


def annotated(record: Mapping[str, Any], subcategory: str, passed: str) -> dict[str, Any]:
    """Return a copy of a record that says what its fix showed; what was captured stays.

    Args:
        record: The whole record.
        subcategory: What `in_hindsight` said.
        passed: Commit that passed.
    """
    copied = copy.deepcopy(dict(record))
    was = copied["subcategory"]
    copied["category"], copied["subcategory"] = Category.QA.value, subcategory
    copied["root_cause"]["contributing_factors"].append(
        f"the test passed at {passed[:COMMIT_CHARS]} after a change of tests alone; it was taken "
        f"for {was}"
    )
    copied["metadata"]["tags"] = [*copied["metadata"]["tags"], TAG]
    return copied


def _touches(fix: Changes, file: str) -> bool:
    """Whether a fix touches a test's file, or a conftest.py above it."""
    above = {(folder / "conftest.py").as_posix() for folder in PurePosixPath(file).parents}
    return file in fix.files or not above.isdisjoint(fix.files)
