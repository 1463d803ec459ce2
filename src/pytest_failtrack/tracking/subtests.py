"""Subtests that failed: they are the failures, and the report of their test says no more than that.

Asked by session.py and worker.py, which see reports. pytest reports each subtest when it ends, and
their test after them: as passed where nobody counted them yet, as failed where pytest did, and as
run again by pytest-rerunfailures.
"""

from __future__ import annotations

from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.from_pytest import Draft

COUNTED = lazily(r"contains [0-9]{1,9} failed subtests?$")

Place = tuple[str, int, str]


class Subtests:
    """The failed subtests of a run, by test, attempt and worker."""

    def __init__(self) -> None:
        self._failed: dict[Place, list[Draft]] = {}

    def saw(self, report: Any, draft: Draft) -> None:
        """Keep that a subtest failed; the report of anything else is left alone.

        Args:
            report: The report of the subtest.
            draft: What is kept of it.
        """
        if is_of_subtest(report):
            place = (report.nodeid, draft["attempt"], getattr(report, "worker_id", ""))
            self._failed.setdefault(place, []).append(draft)

    def say_all(self, report: Any) -> bool:
        """Return whether a report of a test tells nothing beside its failed subtests."""
        if not self._failed or getattr(report, "when", "") != "call" or is_of_subtest(report):
            return False
        if not self._failed.get(_place_of(report)):
            return False
        said = getattr(report, "longrepr", None)
        return said is None or (isinstance(said, str) and COUNTED.match(said) is not None)

    def tell_of(self, report: Any, draft: Draft) -> bool:
        """Return whether a test ended with what one of its subtests raised, as under `-x`.

        Args:
            report: The report of the test.
            draft: What would be kept of it.
        """
        if not self._failed or is_of_subtest(report) or not draft["exceptions"]:
            return False
        told = self._failed.get(_place_of(report), ())
        return any(one["exceptions"] == draft["exceptions"] for one in told)

    def are_run_again(self, report: Any) -> list[Draft]:
        """Return the failed subtests of an attempt that is no longer the last, once."""
        if not self._failed or report.outcome != "rerun":
            return []
        return self._failed.pop(_place_of(report), [])


def is_of_subtest(report: Any) -> bool:
    """Whether a report is one of a subtest: pytest's own, and pytest-subtests' before pytest 9."""
    return getattr(report, "context", None) is not None


def _place_of(report: Any) -> Place:
    again = getattr(report, "rerun", 0)
    attempt = again + 1 if isinstance(again, int) else 1
    return report.nodeid, attempt, getattr(report, "worker_id", "")
